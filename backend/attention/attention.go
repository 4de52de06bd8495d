// Package attention is the rule when to disturb somebody about a message: toast, sound, flashing. It is pure and driven by the
// times it is given. In a browser the page decides by the same rule (frontend/src/state/disturb.ts); testdata/stories.json holds
// both to the same decisions.
//
// It owns the decision. That a tab flashes and how many messages are unread is derived by the page; showing a toast is package
// notify's and playing a sound the page's. It does not know who may read what: it is told only of messages that are here.
//
// The rule: a message that somebody else posted, in a conversation that is not muted and that nobody is looking at, disturbs. So does one in
// a muted conversation that mentions the user.
//
//   - It sounds and flashes at once, sounds at most once in SoundEvery.
//   - Toasts come as the user has chosen, or the organisation for those who have not (MSG-32). With every message: each
//     conversation shows at most one in ToastEvery; what comes meanwhile is counted and shown by one toast at the end. After a
//     time: one toast, that long after the first message that nobody has looked at. Or none.
//   - All conversations together show at most MaxToasts in ToastEvery; after that one toast tells of the rest: somebody who comes
//     back from a night away is not shown forty.
//   - In quiet hours and while the user does not want to be disturbed nothing of this happens. What is still unread when that ends
//     is told by toasts then, without a sound.
//   - One device of a user disturbs first, the foremost, as the hub says. The others do so OthersAfter later, if nobody has looked
//     anywhere by then.
//
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
	ToastEvery  = 5 * time.Second
	MaxToasts   = 3
	SoundEvery  = 2 * time.Second
	OthersAfter = 30 * time.Second
)

// Viewer is one page. A page looks at one conversation at most.
type Viewer int64

// Message is a message that has arrived.
type Message struct {
	ID             chat.MessageID
	ConversationID chat.ConversationID
	// From is the author's name, Text the plain text.
	From, Text string
	// Muted is true if its conversation is not to disturb, Mentioned if the message is meant for the user in particular: then it does.
	Muted, Mentioned bool
}

// Toast is one to be shown.
type Toast struct {
	// ConversationID is empty for one that tells of several conversations.
	ConversationID chat.ConversationID
	// From and Text are the newest message's; empty for several conversations.
	From, Text string
	// Messages and Conversations are how many it tells of.
	Messages, Conversations int
}

// Title is its first line.
func (t Toast) Title() string {
	if t.ConversationID == "" {
		return "Parley"
	}
	return t.From
}

// Body is what stands below the title.
func (t Toast) Body() string {
	switch {
	case t.ConversationID == "":
		return fmt.Sprintf("%d new messages in %d conversations", t.Messages, t.Conversations)
	case t.Messages > 1:
		return fmt.Sprintf("%d new messages: %s", t.Messages, t.Text)
	}
	return t.Text
}

// Alerts are what is to be done at one moment.
type Alerts struct {
	Toasts []Toast
	// Sound is the conversation for which to play a sound; empty for none.
	Sound chat.ConversationID
	// Flash asks for the window to be marked where the system shows its windows.
	Flash bool
	// Again is how long from then to ask again; zero if nothing waits.
	Again time.Duration
}

// Rule is the state of the rule. It is not safe for concurrent use.
type Rule struct {
	settings      Settings
	second        bool // another device of the user is foremost
	looking       map[Viewer]chat.ConversationID
	conversations map[chat.ConversationID]*disturbance
	toastedAt     []time.Time // of the toasts in the last ToastEvery
	soundedAt     time.Time
}

// disturbance is what a conversation's unread messages have done so far.
type disturbance struct {
	// firstAt is when the first message came that nobody has looked at, waitsAt when the first came that no toast has told of.
	firstAt, waitsAt time.Time
	toastedAt        time.Time
	// count and last are the messages since that toast that were not shown.
	count int
	last  Message
	// soundAt is when the message came that has not sounded yet; zero if none.
	soundAt time.Time
}

// New returns the rule before anything has happened: the only device of somebody who has chosen nothing.
func New() *Rule {
	return &Rule{looking: map[Viewer]chat.ConversationID{}, conversations: map[chat.ConversationID]*disturbance{}}
}

// Configure says how the user wants to be disturbed from now on.
func (r *Rule) Configure(s Settings) { r.settings = s }

// Foremost says whether this device is to disturb first. Until it is told otherwise it is.
func (r *Rule) Foremost(foremost bool) { r.second = !foremost }

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

// Read says that a conversation has no unread messages any more, was muted, or is no longer there. It tells whether a toast of it
// may be standing.
func (r *Rule) Read(id chat.ConversationID) (clear bool) {
	_, clear = r.conversations[id]
	delete(r.conversations, id)
	return clear
}

// Waiting lists the conversations about which somebody was disturbed, or is to be.
func (r *Rule) Waiting() []chat.ConversationID {
	ids := make([]chat.ConversationID, 0, len(r.conversations))
	for id := range r.conversations {
		ids = append(ids, id)
	}
	return ids
}

// Deleted says that a message was deleted by its author. It tells whether a toast may be standing that shows it, which goes away;
// one that waits is shown without it.
func (r *Rule) Deleted(id chat.ConversationID, message chat.MessageID) (clear bool) {
	d := r.conversations[id]
	if d == nil || d.last.ID != message {
		return false
	}
	shown := d.count == 0
	d.count = max(d.count-1, 0)
	d.last.Text = "New message"
	return shown
}

// Posted says that somebody else's message has arrived at now. What follows from it comes from Due, which is asked next.
func (r *Rule) Posted(now time.Time, m Message) {
	if m.Muted && !m.Mentioned {
		return
	}
	for _, id := range r.looking {
		if id == m.ConversationID {
			return
		}
	}
	d := r.conversations[m.ConversationID]
	if d == nil {
		d = &disturbance{firstAt: now}
		r.conversations[m.ConversationID] = d
	}
	if d.count == 0 {
		d.waitsAt = now
	}
	d.count++
	d.last = m
	if quiet, _ := r.settings.Quiet(now); !quiet && d.soundAt.IsZero() {
		d.soundAt = now
	}
}

// Due returns what is to be done at now, each thing once.
func (r *Rule) Due(now time.Time) (a Alerts) {
	for len(r.toastedAt) > 0 && now.Sub(r.toastedAt[0]) >= ToastEvery {
		r.toastedAt = r.toastedAt[1:]
	}
	quiet, _ := r.settings.Quiet(now)
	a.Sound = r.sound(now, quiet)
	if !quiet {
		a.Toasts = r.toasts(now)
	}
	a.Flash = a.Sound != "" || len(a.Toasts) > 0
	a.Again = r.next(now)
	return a
}

// sound returns the conversation for which to play a sound. What would have sounded too soon after another one, or in quiet, does
// not any more.
func (r *Rule) sound(now time.Time, quiet bool) (of chat.ConversationID) {
	for _, d := range r.sorted() {
		if d.soundAt.IsZero() || now.Before(d.soundAt.Add(r.hold())) {
			continue
		}
		d.soundAt = time.Time{}
		if !quiet && (r.soundedAt.IsZero() || now.Sub(r.soundedAt) >= SoundEvery) {
			of, r.soundedAt = d.last.ConversationID, now
		}
	}
	return of
}

// toasts returns those that may be shown.
func (r *Rule) toasts(now time.Time) (toasts []Toast) {
	var ready []*disturbance
	for _, d := range r.sorted() {
		if at, ever := r.toastAt(d); ever && !now.Before(at) {
			ready = append(ready, d)
		}
	}
	switch free := MaxToasts - len(r.toastedAt); {
	case len(ready) == 0 || free <= 0:
		return nil
	case len(ready) <= free:
		for _, d := range ready {
			toasts = append(toasts, d.toast())
		}
	default:
		toasts = append(toasts, summary(ready))
	}
	for _, d := range ready {
		d.toastedAt, d.count = now, 0
	}
	for range toasts {
		r.toastedAt = append(r.toastedAt, now)
	}
	return toasts
}

// toastAt is when a toast of a conversation may be shown, quiet and the other conversations left aside; ever is false if none is to
// be.
func (r *Rule) toastAt(d *disturbance) (at time.Time, ever bool) {
	if d.count == 0 {
		return at, false
	}
	reminder := r.settings.reminder()
	switch reminder.Mode {
	case chat.ReminderOff:
		return at, false
	case chat.ReminderAfter:
		return d.firstAt.Add(time.Duration(reminder.AfterMs)*time.Millisecond + r.hold()), d.toastedAt.IsZero()
	}
	at = d.waitsAt.Add(r.hold())
	if again := d.toastedAt.Add(ToastEvery); !d.toastedAt.IsZero() && again.After(at) {
		at = again
	}
	return at, true
}

// hold is how long this device waits for somebody to look on another one.
func (r *Rule) hold() time.Duration {
	if r.second {
		return OthersAfter
	}
	return 0
}

// next is how long from now until something that waits may be done; zero if nothing waits.
func (r *Rule) next(now time.Time) (next time.Duration) {
	quiet, until := r.settings.Quiet(now)
	sooner := func(at time.Time) {
		if wait := max(at.Sub(now), time.Millisecond); next == 0 || wait < next {
			next = wait
		}
	}
	for _, d := range r.conversations {
		if !d.soundAt.IsZero() {
			sooner(d.soundAt.Add(r.hold()))
		}
		at, ever := r.toastAt(d)
		if !ever || quiet && until.IsZero() {
			continue
		}
		if quiet && until.After(at) {
			at = until
		}
		if len(r.toastedAt) >= MaxToasts {
			if free := r.toastedAt[0].Add(ToastEvery); free.After(at) {
				at = free
			}
		}
		sooner(at)
	}
	return next
}

// sorted lists the conversations in a fixed order.
func (r *Rule) sorted() []*disturbance {
	all := make([]*disturbance, 0, len(r.conversations))
	for _, d := range r.conversations {
		all = append(all, d)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].last.ConversationID < all[j].last.ConversationID })
	return all
}

func (d *disturbance) toast() Toast {
	return Toast{ConversationID: d.last.ConversationID, From: d.last.From, Text: d.last.Text, Messages: d.count, Conversations: 1}
}

func summary(of []*disturbance) Toast {
	t := Toast{Conversations: len(of)}
	for _, d := range of {
		t.Messages += d.count
	}
	return t
}
