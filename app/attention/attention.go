// Package attention is the rule when to disturb somebody about a message: toast, sound, badge. It is pure and driven by the
// times it is given.
//
// It owns the decision. That a tab flashes is derived from unread messages by the page; showing a toast is package notify's and
// playing a sound the page's. It does not know who may read what: it is told only of messages that are here.
//
// The rule: a message that somebody else posted, in a conversation that nobody is looking at, disturbs. Each conversation shows
// at most one toast in ToastEvery; what comes meanwhile is counted and shown by one toast at the end. All together show at most
// MaxToasts in that time, after that one toast tells of the rest: somebody who comes back from a night away is not shown forty.
// What is read, here or on another device, disturbs no more and its toast goes away.
package attention

import (
	"fmt"
	"sort"
	"time"

	"parley/backend/chat"
)

// The paces of the rule.
const (
	ToastEvery = 5 * time.Second
	MaxToasts  = 3
	SoundEvery = 2 * time.Second
)

// Viewer is one page. A page looks at one conversation at most.
type Viewer int64

// Message is a message that has arrived.
type Message struct {
	ConversationID chat.ConversationID
	// From is the author's name, Text the plain text.
	From, Text string
}

// Toast is one to be shown. An empty ConversationID tells of several conversations.
type Toast struct {
	ConversationID chat.ConversationID
	Title, Body    string
}

// Rule is the state of the rule. It is not safe for concurrent use.
type Rule struct {
	looking       map[Viewer]chat.ConversationID
	conversations map[chat.ConversationID]*disturbance
	toastedAt     []time.Time // of the toasts in the last ToastEvery
	soundedAt     time.Time
}

// disturbance is what a conversation's unread messages have done so far.
type disturbance struct {
	toastedAt time.Time
	// count and last are the messages since that toast that were not shown.
	count int
	last  Message
}

// New returns the rule before anything has happened.
func New() *Rule {
	return &Rule{looking: map[Viewer]chat.ConversationID{}, conversations: map[chat.ConversationID]*disturbance{}}
}

// Look says what a page's user is looking at; an empty id for nothing. It tells whether a toast of that conversation may be
// standing, which goes away.
func (r *Rule) Look(viewer Viewer, id chat.ConversationID) (clear bool) {
	if id == "" {
		delete(r.looking, viewer)
		return false
	}
	r.looking[viewer] = id
	return r.Read(id)
}

// Leave says that a page has gone.
func (r *Rule) Leave(viewer Viewer) { delete(r.looking, viewer) }

// Read says that a conversation has no unread messages any more, or is no longer there. It tells whether a toast of it may be
// standing.
func (r *Rule) Read(id chat.ConversationID) (clear bool) {
	_, clear = r.conversations[id]
	delete(r.conversations, id)
	return clear
}

// Posted says that somebody else's message has arrived at now. It tells whether to play the sound; toasts come from Due, which
// is asked next.
func (r *Rule) Posted(now time.Time, m Message) (sound bool) {
	for _, id := range r.looking {
		if id == m.ConversationID {
			return false
		}
	}
	d := r.conversations[m.ConversationID]
	if d == nil {
		d = &disturbance{}
		r.conversations[m.ConversationID] = d
	}
	d.count++
	d.last = m
	if now.Sub(r.soundedAt) < SoundEvery {
		return false
	}
	r.soundedAt = now
	return true
}

// Due returns the toasts that may be shown at now, and how long after now to ask again; zero if nothing waits.
func (r *Rule) Due(now time.Time) (toasts []Toast, again time.Duration) {
	for len(r.toastedAt) > 0 && now.Sub(r.toastedAt[0]) >= ToastEvery {
		r.toastedAt = r.toastedAt[1:]
	}
	ready := r.ready(now)
	switch free := MaxToasts - len(r.toastedAt); {
	case len(ready) == 0:
	case len(ready) <= free:
		for _, d := range ready {
			toasts = append(toasts, d.toast())
		}
	case free > 0:
		toasts = append(toasts, summary(ready))
	}
	if len(toasts) > 0 {
		for _, d := range ready {
			d.toastedAt, d.count = now, 0
		}
		for range toasts {
			r.toastedAt = append(r.toastedAt, now)
		}
	}
	return toasts, r.next(now)
}

// ready lists the conversations with something to show whose time has come, in a fixed order.
func (r *Rule) ready(now time.Time) []*disturbance {
	var ready []*disturbance
	for _, d := range r.conversations {
		if d.count > 0 && now.Sub(d.toastedAt) >= ToastEvery {
			ready = append(ready, d)
		}
	}
	sort.Slice(ready, func(i, j int) bool { return ready[i].last.ConversationID < ready[j].last.ConversationID })
	return ready
}

// next is how long from now until something that waits may be shown.
func (r *Rule) next(now time.Time) time.Duration {
	var next time.Duration
	for _, d := range r.conversations {
		if d.count == 0 {
			continue
		}
		wait := max(ToastEvery-now.Sub(d.toastedAt), 0)
		if len(r.toastedAt) >= MaxToasts {
			wait = max(wait, ToastEvery-now.Sub(r.toastedAt[0]))
		}
		if next == 0 || wait < next {
			next = max(wait, time.Millisecond)
		}
	}
	return next
}

func (d *disturbance) toast() Toast {
	t := Toast{ConversationID: d.last.ConversationID, Title: d.last.From, Body: d.last.Text}
	if d.count > 1 {
		t.Body = fmt.Sprintf("%d new messages: %s", d.count, d.last.Text)
	}
	return t
}

func summary(of []*disturbance) Toast {
	messages := 0
	for _, d := range of {
		messages += d.count
	}
	return Toast{Title: "Parley", Body: fmt.Sprintf("%d new messages in %d conversations", messages, len(of))}
}
