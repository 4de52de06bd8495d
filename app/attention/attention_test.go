package attention

import (
	"slices"
	"testing"
	"time"

	"parley/backend/chat"
)

var start = time.Date(2030, 1, 2, 9, 0, 0, 0, time.UTC)

func message(id chat.ConversationID, text string) Message {
	return Message{ConversationID: id, From: "Ana Novak", Text: text}
}

func expectToasts(t *testing.T, r *Rule, now time.Time, want []Toast, again time.Duration) {
	t.Helper()
	got, next := r.Due(now)
	if !slices.Equal(got, want) {
		t.Errorf("toasts: got %v, want %v", got, want)
	}
	if next != again {
		t.Errorf("ask again after %v, want %v", next, again)
	}
}

func TestPosted_toastAndSoundAtOnce(t *testing.T) {
	r := New()
	if !r.Posted(start, message("a", "hello")) {
		t.Error("no sound")
	}
	expectToasts(t, r, start, []Toast{{"a", "Ana Novak", "hello"}}, 0)
}

func TestPosted_nothingWhileLookedAt(t *testing.T) {
	r := New()
	r.Look(1, "a")
	if r.Posted(start, message("a", "hello")) {
		t.Error("a sound for what is being looked at")
	}
	expectToasts(t, r, start, nil, 0)
	r.Leave(1)
	if !r.Posted(start, message("a", "again")) {
		t.Error("no sound after the page has gone")
	}
}

func TestPosted_onlyTheConversationLookedAtIsQuiet(t *testing.T) {
	r := New()
	r.Look(1, "a")
	r.Posted(start, message("b", "hello"))
	expectToasts(t, r, start, []Toast{{"b", "Ana Novak", "hello"}}, 0)
	r.Look(1, "")
	r.Posted(start, message("a", "hello"))
	expectToasts(t, r, start, []Toast{{"a", "Ana Novak", "hello"}}, 0)
}

func TestDue_countsWhatComesMeanwhile(t *testing.T) {
	r := New()
	r.Posted(start, message("a", "one"))
	expectToasts(t, r, start, []Toast{{"a", "Ana Novak", "one"}}, 0)
	now := start.Add(2 * time.Second)
	r.Posted(now, message("a", "two"))
	r.Posted(now, message("a", "three"))
	expectToasts(t, r, now, nil, 3*time.Second)
	now = start.Add(5 * time.Second)
	expectToasts(t, r, now, []Toast{{"a", "Ana Novak", "2 new messages: three"}}, 0)
	expectToasts(t, r, now.Add(5*time.Second), nil, 0)
}

func TestDue_manyConversationsGiveOneToast(t *testing.T) {
	r := New()
	for _, id := range []chat.ConversationID{"a", "b", "c", "d"} {
		r.Posted(start, message(id, "hello"))
		r.Posted(start, message(id, "hello?"))
	}
	expectToasts(t, r, start, []Toast{{"", "Parley", "8 new messages in 4 conversations"}}, 0)
}

func TestDue_neverMoreThanMaxToasts(t *testing.T) {
	r := New()
	shown := 0
	for i := range 20 {
		now := start.Add(time.Duration(i) * 100 * time.Millisecond)
		r.Posted(now, message(chat.ConversationID('a'+rune(i)), "hello"))
		toasts, again := r.Due(now)
		shown += len(toasts)
		if shown == MaxToasts && i > MaxToasts && again <= 0 {
			t.Fatal("what waits would never be shown")
		}
	}
	if shown != MaxToasts {
		t.Errorf("%d toasts within two seconds, want %d", shown, MaxToasts)
	}
	expectToasts(t, r, start.Add(ToastEvery), []Toast{{"", "Parley", "17 new messages in 17 conversations"}}, 0)
}

func TestRead_elsewhereClearsAndForgets(t *testing.T) {
	r := New()
	r.Posted(start, message("a", "one"))
	r.Due(start)
	r.Posted(start.Add(time.Second), message("a", "two"))
	if !r.Read("a") {
		t.Error("the toast that stands was not cleared")
	}
	expectToasts(t, r, start.Add(ToastEvery), nil, 0)
	if r.Read("a") {
		t.Error("cleared twice")
	}
}

func TestLook_clearsTheToast(t *testing.T) {
	r := New()
	r.Posted(start, message("a", "one"))
	r.Due(start)
	if !r.Look(1, "a") {
		t.Error("looking at the conversation did not clear its toast")
	}
}

func TestPosted_soundsKeepTheirPace(t *testing.T) {
	r := New()
	sounds := 0
	for i := range 10 {
		if r.Posted(start.Add(time.Duration(i)*500*time.Millisecond), message("a", "x")) {
			sounds++
		}
	}
	if sounds != 3 {
		t.Errorf("%d sounds in 4.5 s, want 3", sounds)
	}
}
