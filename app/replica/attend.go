package replica

import (
	"encoding/json"
	"strings"

	"parley/app/attention"
	"parley/backend/chat"
)

// attend lets attention judge what has arrived.
func (r *Replica) attend(posted []chat.Message, events []json.RawMessage) {
	now := r.Clock.Now()
	me := r.cache.Account().UserID
	sound := chat.ConversationID("")
	for i := range posted {
		m := &posted[i]
		if m.AuthorID == me { // answered on another device: read
			r.quiet(m.ConversationID)
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
		if r.attention.Posted(now, attention.Message{ConversationID: m.ConversationID, From: from, Text: saidIn(m)}) {
			sound = m.ConversationID
		}
	}
	r.quietRead(events)
	if sound != "" {
		r.alert(chat.Alert{ConversationID: sound, Sound: true})
	}
	r.showToasts()
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

// quietRead ends disturbance about conversations that were read, here or elsewhere.
func (r *Replica) quietRead(events []json.RawMessage) {
	for _, raw := range events {
		var e chat.Event
		if json.Unmarshal(raw, &e) != nil || e.Type != chat.ReadMarked || e.Read == nil {
			continue
		}
		state, err := r.cache.Conversation(r.ctx, e.Read.ConversationID, 0)
		if err == nil && state.ReadN >= state.LastN {
			r.quiet(e.Read.ConversationID)
		}
	}
}

// quiet ends disturbance about one conversation.
func (r *Replica) quiet(id chat.ConversationID) {
	if r.attention.Read(id) {
		r.Notifier.Clear(id)
	}
}

// calm ends all disturbance: somebody else will sign in.
func (r *Replica) calm() {
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

// showToasts shows what attention allows now and comes back for what must wait.
func (r *Replica) showToasts() {
	toasts, again := r.attention.Due(r.Clock.Now())
	for _, t := range toasts {
		r.Notifier.Toast(t.ConversationID, t.Title, t.Body)
	}
	r.rouse()
	if again > 0 {
		r.rouse = r.after(again, r.showToasts)
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
