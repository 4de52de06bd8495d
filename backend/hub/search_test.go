package hub

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// finds returns the texts of what a client finds.
func (c *client) finds(args chat.MessageSearchArgs) []string {
	c.t.Helper()
	if args.Limit == 0 {
		args.Limit = 50
	}
	var answer chat.MessageSearchAnswer
	c.mustAsk(chat.MessageSearch, args, &answer)
	texts := []string{}
	for _, m := range answer.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

// TestSearch_readOnly: everybody finds what they may read, and nothing of what others wrote to each other.
func TestSearch_readOnly(t *testing.T) {
	r := newRig(t)
	r.talks()
	ana, max := r.connect("ana"), r.connect("max")
	for who, want := range map[string][]string{
		"ana": {"ana to ben", "sue to ana", "max to ana"},
		"ben": {"ana to ben"},
		"max": {"ada to max", "mia to max", "max to eve", "max to ana"},
		"sue": {"sue to ana"},
		"ada": {"ada to max"},
		"eve": {"max to eve"},
	} {
		if got := r.connect(who).finds(chat.MessageSearchArgs{Text: "to"}); !slices.Equal(got, want) {
			t.Errorf("%s finds %q, want %q", who, got, want)
		}
	}
	if got := max.finds(chat.MessageSearchArgs{Text: "to", ConversationID: r.direct("ana", "max")}); !slices.Equal(got, []string{"max to ana"}) {
		t.Errorf("in one conversation: %q", got)
	}
	if got := max.finds(chat.MessageSearchArgs{Text: "to", AuthorID: r.users["mia"]}); !slices.Equal(got, []string{"mia to max"}) {
		t.Errorf("of one author: %q", got)
	}
	for what, args := range map[string]chat.MessageSearchArgs{
		"a conversation of others":       {Text: "to", ConversationID: r.direct("eve", "max"), Limit: 5},
		"one behind the wall":            {Text: "to", ConversationID: r.direct("ana", "eve"), Limit: 5},
		"older than a message of others": {Text: "to", BeforeID: max.convs[r.direct("eve", "max")].Tail[0].ID, Limit: 5},
		"older than none":                {Text: "to", BeforeID: chat.NewMessageID(), Limit: 5},
	} {
		if err := ana.ask(chat.MessageSearch, args, nil); err == nil || *err != *chat.ErrUnknown {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := ana.finds(chat.MessageSearchArgs{Text: "to", AuthorID: r.users["eve"]}); len(got) > 0 {
		t.Errorf("of somebody behind the wall: %q", got)
	}
	if got := ana.finds(chat.MessageSearchArgs{Text: "to", ConversationID: r.direct("ana", "ada")}); len(got) > 0 {
		t.Errorf("in a conversation that has not begun: %q", got)
	}
}

// TestSearch_atOnce: what was posted is found by the next command, and what may no longer be read is not.
func TestSearch_atOnce(t *testing.T) {
	r := newRig(t)
	r.talks()
	ana, ben := r.connect("ana"), r.connect("ben")
	ana.mustPost("ben", "the window is broken")
	if got := ben.finds(chat.MessageSearchArgs{Text: "Window"}); !slices.Equal(got, []string{"the window is broken"}) {
		t.Errorf("found %q", got)
	}
	r.moveTo("ben", "South")
	for _, c := range []*client{ana, ben} {
		if got := c.finds(chat.MessageSearchArgs{Text: "window"}); len(got) > 0 {
			t.Errorf("%s finds across the wall: %q", c.name, got)
		}
	}
	r.moveTo("ben", "North")
	if got := ana.finds(chat.MessageSearchArgs{Text: "window"}); len(got) != 1 {
		t.Errorf("after the wall fell: %q", got)
	}
}

// TestSearch_rooms: members find the whole history; who left finds nothing of it.
func TestSearch_rooms(t *testing.T) {
	r := newRig(t)
	max, mia, sue := r.connect("max"), r.connect("mia"), r.connect("sue")
	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Quality", Participants: []chat.UserID{r.users["mia"]}}, nil)
	max.mustAsk(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Text: "the crate was open"}, nil)
	find := func(c *client, want int) {
		t.Helper()
		if got := c.finds(chat.MessageSearchArgs{Text: "crate"}); len(got) != want {
			t.Errorf("%s finds %q", c.name, got)
		}
	}
	find(mia, 1)
	find(sue, 0)
	max.mustAsk(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: room, UserIDs: []chat.UserID{r.users["sue"]}}, nil)
	find(sue, 1)
	mia.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room}, nil)
	find(mia, 0)
}

// TestSearch_pages: pages follow each other without a gap or a double, by time too.
func TestSearch_pages(t *testing.T) {
	r := newRig(t)
	r.talks()
	max := r.connect("max")
	var want []string
	from := r.clock.Now()
	for i := range 30 {
		r.clock.turn(7 * time.Hour)
		max.mustPost("ana", fmt.Sprintf("crate %d", i))
		want = append([]string{fmt.Sprintf("crate %d", i)}, want...)
	}
	var got []string
	args := chat.MessageSearchArgs{Text: "crate", Limit: 7}
	for {
		var page chat.MessageSearchAnswer
		max.mustAsk(chat.MessageSearch, args, &page)
		for _, m := range page.Messages {
			got, args.BeforeID = append(got, m.Text), m.ID
		}
		if !page.More {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("page by page %q", got)
	}
	span := chat.MessageSearchArgs{Text: "crate", FromAt: chat.MillisOf(from.Add(21 * time.Hour)), ToAt: chat.MillisOf(from.Add(42 * time.Hour))}
	if got := max.finds(span); !slices.Equal(got, []string{"crate 4", "crate 3", "crate 2"}) {
		t.Errorf("from the third to before the sixth: %q", got)
	}
	for text, limit := range map[string]int{"": 5, " \"*": 5, strings.Repeat("x", chat.MaxSearchLength+1): 5, "crate": 0, "crates": chat.MaxHistoryPage + 1} {
		if err := max.ask(chat.MessageSearch, chat.MessageSearchArgs{Text: text, Limit: limit}, nil); err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%.20q, %d: %v", text, limit, err)
		}
	}
}

// TestSearch_kept: the index is kept in a file, goes on after a restart, and is made anew when it is lost.
func TestSearch_kept(t *testing.T) {
	in := func(path string) func(*Options) {
		path = filepath.Join(t.TempDir(), path)
		return func(o *Options) { o.SearchPath = path }
	}
	first := in("search.db")
	r := newRig(t, first)
	again := func(index func(*Options)) {
		r.close()
		r.open(index)
	}
	r.talks()
	max := r.connect("max")
	want := []string{"ada to max", "mia to max", "max to eve", "max to ana"}
	if got := max.finds(chat.MessageSearchArgs{Text: "to"}); !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	again(first)
	max = r.connect("max")
	max.mustPost("ana", "one more to ana")
	if got := max.finds(chat.MessageSearchArgs{Text: "to"}); !slices.Equal(got, append([]string{"one more to ana"}, want...)) {
		t.Errorf("after a restart: %q", got)
	}
	again(in("other.db"))
	if got := r.connect("max").finds(chat.MessageSearchArgs{Text: "to"}); !slices.Equal(got, append([]string{"one more to ana"}, want...)) {
		t.Errorf("after it was lost: %q", got)
	}
}
