package replica

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"parley/backend/attention"
	"parley/backend/chat"
)

// attend lets attention judge what has arrived.
func (r *Replica) attend(posted []chat.Message, events []json.RawMessage) {
	now := r.Clock.Now()
	me := r.cache.Account().UserID
	for i := range posted {
		m := &posted[i]
		if m.AuthorID == me { // answered on another device: read
			r.quiet(m.ConversationID)
			continue
		}
		if m.Deleted() {
			continue
		}
		name, err := r.cache.DisplayName(r.ctx, m.AuthorID)
		if err != nil {
			r.failed("read a name", err)
			return
		}
		from, err := r.nameIn(m.ConversationID, orElse(name, "Parley"))
		if err != nil {
			r.failed("read a room's name", err)
			return
		}
		muted, err := r.cache.Muted(r.ctx, m.ConversationID)
		if err != nil {
			r.failed("read whether a conversation is muted", err)
			return
		}
		r.attention.Posted(now, attention.Message{ID: m.ID, ConversationID: m.ConversationID, From: from, Text: saidIn(m),
			Muted: muted, Mentioned: slices.Contains(m.Mentions, me)})
	}
	r.heed(events)
	r.disturb()
	r.showBadge()
}

// saidIn is what a message says in one line: its words, or else the names of its files.
func saidIn(m *chat.Message) string {
	if m.Text != "" || len(m.Attachments) == 0 {
		return m.Text
	}
	names := make([]string, len(m.Attachments))
	for i, a := range m.Attachments {
		names[i] = a.Name
	}
	return strings.Join(names, ", ")
}

// nameIn is how an author is called above a message of a conversation: in a room, with its name.
func (r *Replica) nameIn(id chat.ConversationID, author string) (string, error) {
	if !id.IsRoom() {
		return author, nil
	}
	room, err := r.cache.Conversation(r.ctx, id, 0)
	if err != nil {
		return "", err
	}
	return author + ", " + room.Conversation.Name, nil
}

// heed takes from events what they mean for attention: conversations were read or muted, here or elsewhere, messages were deleted, and
// how the user wants to be disturbed has changed.
func (r *Replica) heed(events []json.RawMessage) {
	for _, raw := range events {
		var e chat.Event
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		switch {
		case e.Type == chat.MessageDeleted && e.Message != nil:
			if m := e.Message; r.attention.Deleted(m.ConversationID, m.ID) {
				r.Notifier.Clear(m.ConversationID)
			}
		case e.Read != nil:
			r.quietIfRead(e.Read.ConversationID)
		case e.Mute != nil && e.Mute.Muted:
			r.quiet(e.Mute.ConversationID)
		case e.Me != nil, e.Organisation != nil:
			r.tune()
		}
	}
}

// tune has attention go by what the user and the organisation have chosen.
func (r *Replica) tune() {
	own, organisation, found, err := r.cache.Attention(r.ctx)
	if err != nil {
		r.failed("read how the user wants to be disturbed", err)
		return
	}
	if found {
		r.attention.Configure(attention.Settings{Attention: own, Organisation: organisation})
	}
}

// quietIfRead ends disturbance about a conversation of which nothing is unread, or which is no longer here.
func (r *Replica) quietIfRead(id chat.ConversationID) {
	state, err := r.cache.Conversation(r.ctx, id, 0)
	if errors.Is(err, chat.ErrUnknown) || err == nil && (state.ReadN >= state.LastN || state.Muted) {
		r.quiet(id)
	}
}

// lookAgain follows a fresh start: everything may have changed since.
func (r *Replica) lookAgain() {
	for _, id := range r.attention.Waiting() {
		r.quietIfRead(id)
	}
	r.tune()
	r.disturb()
	r.showBadge()
}

// quiet ends disturbance about one conversation.
func (r *Replica) quiet(id chat.ConversationID) {
	if r.attention.Read(id) {
		r.Notifier.Clear(id)
	}
}

// calm ends all disturbance: somebody else will sign in.
func (r *Replica) calm() {
	for _, id := range r.attention.Waiting() {
		r.quiet(id)
	}
	r.attention = attention.New()
	r.rouse()
	r.badge = 0
	r.Notifier.Badge(0)
}

// look is what a page tells about its user's eyes.
func (r *Replica) look(p *page, id chat.ConversationID) {
	if r.attention.Look(p.viewer, id) {
		r.Notifier.Clear(id)
	}
}

// disturb does what attention allows now and comes back for what must wait.
func (r *Replica) disturb() {
	due := r.attention.Due(r.Clock.Now())
	if due.Sound != "" {
		r.alert(chat.Alert{ConversationID: due.Sound, Sound: true})
	}
	if due.Flash {
		r.Notifier.Flash()
	}
	for _, t := range due.Toasts {
		r.Notifier.Toast(t.ConversationID, t.Title(), t.Body())
	}
	r.rouse()
	if due.Again > 0 {
		r.rouse = r.after(due.Again, r.disturb)
	}
}

// showBadge shows the number of unread messages when it has changed.
func (r *Replica) showBadge() {
	unread, err := r.cache.Unread(r.ctx)
	if err != nil {
		r.failed("count unread messages", err)
		return
	}
	if unread != r.badge {
		r.badge = unread
		r.Notifier.Badge(unread)
	}
}

// alert asks one page for its part, the one that has been there longest: two windows must not ring twice.
func (r *Replica) alert(a chat.Alert) {
	for _, p := range r.pages {
		if p.helloed {
			p.push(r.encode(signalsFrame{[]chat.Signal{{Type: chat.SignalAlert, ConversationID: a.ConversationID, Alert: &a}}}))
			return
		}
	}
}
