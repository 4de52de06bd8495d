package proof

import (
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// oracle keeps what writers were told, and compares it in the end with what everybody has.
type oracle struct {
	mu sync.Mutex
	// told holds each message whose writer was told that it is kept: its number in the conversation, or 0 if it was only told
	// to be waiting.
	told map[chat.ConversationID]map[chat.MessageID]int64
}

func newOracle() *oracle { return &oracle{told: map[chat.ConversationID]map[chat.MessageID]int64{}} }

// keep notes what the writer of a message was told.
func (o *oracle) keep(args chat.MessagePostArgs, answer chat.MessagePostAnswer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.told[args.ConversationID] == nil {
		o.told[args.ConversationID] = map[chat.MessageID]int64{}
	}
	o.told[args.ConversationID][args.ID] = answer.N
}

// verdict counts what is wrong.
type verdict struct {
	told, kept                          int
	lost, doubled, reordered, different int
}

func (v *verdict) add(w verdict) {
	v.told += w.told
	v.kept += w.kept
	v.lost += w.lost
	v.doubled += w.doubled
	v.reordered += w.reordered
	v.different += w.different
}

// report reports the verdict with what was done first, and fails the test unless all is well.
func (v *verdict) report(t testing.TB, kind string, done ...any) {
	t.Helper()
	report(t, kind, append(done, v.told, "told", v.lost, "lost", v.doubled, "doubled", v.reordered, "reordered", v.different, "different")...)
	if v.lost+v.doubled+v.reordered+v.different > 0 {
		t.Errorf("%s: a promise is broken", kind)
	}
	if v.told == 0 {
		t.Errorf("%s: nothing was told, so nothing is shown", kind)
	}
}

// check compares a conversation's history with what its writers were told and with what readers have, named by who they are.
// Each author's texts ascend in the order written. Everything wrong is logged, up to a bound.
func (o *oracle) check(t testing.TB, id chat.ConversationID, history []chat.Message, readers map[string][]chat.Message) (v verdict) {
	t.Helper()
	o.mu.Lock()
	told := o.told[id]
	o.mu.Unlock()
	v.told, v.kept = len(told), len(history)
	logged := 0
	wrong := func(count *int, format string, args ...any) {
		*count++
		if logged++; logged <= 20 {
			t.Logf(format, args...)
		}
	}
	place := map[chat.MessageID]int64{}
	last := map[chat.UserID]string{}
	for i, m := range history {
		if m.N != int64(i+1) {
			wrong(&v.reordered, "message %d of %s has number %d", i+1, id, m.N)
		}
		if place[m.ID] != 0 {
			wrong(&v.doubled, "message %q is there as %d and as %d", m.Text, place[m.ID], m.N)
		}
		place[m.ID] = m.N
		if m.Text == last[m.AuthorID] {
			wrong(&v.doubled, "%.20q is there twice, under two ids", m.Text)
		} else if m.Text < last[m.AuthorID] {
			wrong(&v.reordered, "%.20q stands after %.20q", m.Text, last[m.AuthorID])
		}
		last[m.AuthorID] = m.Text
	}
	for message, n := range told {
		switch {
		case place[message] == 0:
			wrong(&v.lost, "message %s was told to be kept (%d) and is not there", message, n)
		case n != 0 && place[message] != n:
			wrong(&v.reordered, "message %s was told to be number %d and is number %d", message, n, place[message])
		}
	}
	for who, has := range readers {
		if len(has) != len(history) {
			wrong(&v.different, "%s has %d of %d messages of %s", who, len(has), len(history), id)
			continue
		}
		for i := range has {
			if has[i].ID != history[i].ID || has[i].N != history[i].N || has[i].Text != history[i].Text {
				wrong(&v.different, "%s has %q as message %d, the history %q", who, has[i].Text, i+1, history[i].Text)
				break
			}
		}
	}
	return v
}

// toldOf returns the messages of a conversation that an actor was told as events, in order, over all connections.
func toldOf(a *rig.Actor, id chat.ConversationID) []chat.Message {
	var all []chat.Message
	for _, e := range a.Events() {
		if e.Type == chat.MessagePosted && e.Message.ConversationID == id {
			all = append(all, *e.Message)
		}
	}
	return all
}
