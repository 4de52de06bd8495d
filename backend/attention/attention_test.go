package attention

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // whatever the system knows of time zones

	"parley/backend/chat"
)

// story is one of testdata/stories.json, which the page's tests read, too. After each step Due is asked.
type story struct {
	Name     string
	Settings told
	Steps    []struct {
		At     string // by the clock of the place
		Posted *struct {
			Conversation chat.ConversationID
			ID           chat.MessageID
			Text         string
			Muted        bool
			Mentioned    bool
		}
		// Deleted is a message of the conversation; Cleared whether its toast goes away.
		Deleted *struct {
			Conversation chat.ConversationID
			ID           chat.MessageID
			Cleared      bool
		}
		Look *struct {
			Viewer       Viewer
			Conversation chat.ConversationID
		}
		Read     chat.ConversationID
		Foremost *bool
		Settings *told

		Toasts []struct {
			Conversation            chat.ConversationID
			Text                    string
			Messages, Conversations int
		}
		Sound chat.ConversationID
		Again int64 // ms
	}
}

// told are settings with times as people write them.
type told struct {
	Reminder     chat.Reminder
	QuietHours   []chat.QuietHours
	DoNotDisturb struct {
		On    bool
		Until string
	}
	Organisation chat.Reminder
}

func (s *told) settings(t *testing.T, at *time.Location) Settings {
	set := Settings{Attention: chat.Attention{Reminder: s.Reminder, QuietHours: s.QuietHours}, Organisation: s.Organisation}
	set.DoNotDisturb.On = s.DoNotDisturb.On
	if s.DoNotDisturb.Until != "" {
		set.DoNotDisturb.UntilAt = chat.MillisOf(clock(t, s.DoNotDisturb.Until, at))
	}
	return set
}

func clock(t *testing.T, text string, at *time.Location) time.Time {
	t.Helper()
	now, err := time.ParseInLocation("2006-01-02T15:04:05", text, at)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// TestStories plays every story by the clocks of several places: quiet hours count by the local one.
func TestStories(t *testing.T) {
	raw, err := os.ReadFile("testdata/stories.json")
	if err != nil {
		t.Fatal(err)
	}
	var stories []story
	if err := json.Unmarshal(raw, &stories); err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		for _, place := range []*time.Location{time.UTC, time.FixedZone("west", -10*3600), time.FixedZone("east", 12*3600+2700)} {
			t.Run(s.Name+", "+place.String(), func(t *testing.T) { s.play(t, place) })
		}
	}
}

func (s *story) play(t *testing.T, place *time.Location) {
	r := New()
	r.Configure(s.Settings.settings(t, place))
	for _, step := range s.Steps {
		now := clock(t, step.At, place)
		switch {
		case step.Posted != nil:
			p := step.Posted
			r.Posted(now, Message{ID: p.ID, ConversationID: p.Conversation, From: "Ana Novak", Text: p.Text, Muted: p.Muted, Mentioned: p.Mentioned})
		case step.Deleted != nil:
			if got := r.Deleted(step.Deleted.Conversation, step.Deleted.ID); got != step.Deleted.Cleared {
				t.Errorf("at %s: the toast of what was deleted goes away: %t, want %t", step.At, got, step.Deleted.Cleared)
			}
		case step.Look != nil:
			r.Look(step.Look.Viewer, step.Look.Conversation)
		case step.Read != "":
			r.Read(step.Read)
		case step.Foremost != nil:
			r.Foremost(*step.Foremost)
		case step.Settings != nil:
			r.Configure(step.Settings.settings(t, place))
		}
		want := Alerts{Sound: step.Sound, Again: time.Duration(step.Again) * time.Millisecond, Flash: step.Sound != "" || len(step.Toasts) > 0}
		for _, e := range step.Toasts {
			toast := Toast{ConversationID: e.Conversation, Text: e.Text, Messages: e.Messages, Conversations: e.Conversations}
			if e.Conversation != "" {
				toast.From, toast.Conversations = "Ana Novak", 1
			}
			want.Toasts = append(want.Toasts, toast)
		}
		if got := r.Due(now); !reflect.DeepEqual(got, want) {
			t.Errorf("at %s: %+v, want %+v", step.At, got, want)
		}
	}
}

func TestToast_words(t *testing.T) {
	for _, c := range []struct {
		toast       Toast
		title, body string
	}{
		{Toast{ConversationID: "a", From: "Ana", Text: "hello", Messages: 1, Conversations: 1}, "Ana", "hello"},
		{Toast{ConversationID: "a", From: "Ana", Text: "hello", Messages: 2, Conversations: 1}, "Ana", "2 new messages: hello"},
		{Toast{Messages: 5, Conversations: 3}, "Parley", "5 new messages in 3 conversations"},
	} {
		if c.toast.Title() != c.title || c.toast.Body() != c.body {
			t.Errorf("%+v reads %q, %q", c.toast, c.toast.Title(), c.toast.Body())
		}
	}
}

func TestRead_tellsWhetherAToastMayStand(t *testing.T) {
	r, now := New(), time.Date(2030, 1, 2, 9, 0, 0, 0, time.UTC)
	r.Posted(now, Message{ConversationID: "a"})
	r.Posted(now, Message{ConversationID: "b"})
	r.Due(now)
	if got := r.Waiting(); len(got) != 2 {
		t.Errorf("waiting are %v", got)
	}
	if !r.Read("a") || r.Read("a") {
		t.Error("a toast is cleared once")
	}
	if !r.Look(1, "b") || r.Look(1, "b") {
		t.Error("looking clears a toast once")
	}
	r.Leave(1)
	r.Posted(now, Message{ConversationID: "b"})
	if got := r.Waiting(); !slices.Equal(got, []chat.ConversationID{"b"}) {
		t.Errorf("after the page has gone %v disturb", got)
	}
}

// TestQuiet_overAChangeOfTheClock: when the clock is put back or forward in between, quiet ends at the minute that was chosen.
func TestQuiet_overAChangeOfTheClock(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Attention: chat.Attention{QuietHours: []chat.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, FromMinute: 22 * 60, ToMinute: 7 * 60}}}}
	for _, day := range []int{30, 31} { // in the night to 31 March 2030 an hour is missing
		now := time.Date(2030, 3, day, 23, 0, 0, 0, berlin)
		want := time.Date(2030, 3, day+1, 7, 0, 0, 0, berlin)
		if quiet, until := s.Quiet(now); !quiet || !until.Equal(want) {
			t.Errorf("at %s: %v until %s, want %s", now, quiet, until, want)
		}
	}
}
