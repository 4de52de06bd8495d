package rig

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/wire"
)

// World is what a client knows: a snapshot and what was told since, applied as PROTOCOL.md says. Two of them can be compared,
// because what is told must amount to what a fresh snapshot says.
type World struct {
	Me            chat.Me
	Organisation  chat.Organisation
	Teams         map[chat.TeamID]chat.Team
	People        map[chat.UserID]chat.User
	Conversations map[chat.ConversationID]chat.ConversationState
	Start         map[chat.UserID]chat.Can
	Post          map[chat.ConversationID]chat.Can
	// Presence holds everybody who is not offline.
	Presence map[chat.UserID]chat.Presence
}

// apply takes in one frame. An error tells of a frame that breaks the protocol's rules.
func (w *World) apply(f wire.Frame) error {
	switch {
	case f.Reset != nil:
		w.reset(f.Reset.Snapshot)
	case f.Rights != nil:
		w.applyRights(*f.Rights)
	case len(f.Signals) > 0:
		w.applySignals(f.Signals)
	}
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := w.applyEvent(e); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) reset(s chat.Snapshot) {
	*w = World{Me: s.Me, Organisation: s.Organisation, Teams: map[chat.TeamID]chat.Team{}, People: map[chat.UserID]chat.User{},
		Conversations: map[chat.ConversationID]chat.ConversationState{}, Start: map[chat.UserID]chat.Can{},
		Post: map[chat.ConversationID]chat.Can{}, Presence: map[chat.UserID]chat.Presence{}}
	for _, t := range s.Teams {
		w.Teams[t.ID] = t
	}
	for _, u := range s.People {
		w.People[u.ID] = u
	}
	for _, c := range s.Conversations {
		w.Conversations[c.Conversation.ID] = c
	}
	w.applyRights(s.Rights)
	w.applySignals([]chat.Signal{{Type: chat.SignalPresenceAll, PresenceAll: s.Presence}})
}

func (w *World) applyRights(r chat.Rights) {
	for _, u := range r.PeopleGained {
		w.People[u.ID] = u
	}
	for _, id := range r.PeopleLost {
		delete(w.People, id)
		delete(w.Start, id)
		delete(w.Presence, id)
	}
	for _, c := range r.ConversationsGained {
		w.Conversations[c.Conversation.ID] = c
	}
	for _, id := range r.ConversationsLost {
		delete(w.Conversations, id)
		delete(w.Post, id)
	}
	if r.Teams != nil {
		w.Teams = map[chat.TeamID]chat.Team{}
		for _, t := range *r.Teams {
			w.Teams[t.ID] = t
		}
	}
	maps.Copy(w.Start, r.Start)
	maps.Copy(w.Post, r.Post)
}

func (w *World) applySignals(signals []chat.Signal) {
	for _, s := range signals {
		switch s.Type {
		case chat.SignalPresenceAll:
			w.Presence = map[chat.UserID]chat.Presence{}
			for _, p := range s.PresenceAll {
				w.Presence[p.UserID] = p
			}
		case chat.SignalPresence:
			if s.Presence.Availability == chat.Offline {
				delete(w.Presence, s.Presence.UserID)
			} else {
				w.Presence[s.Presence.UserID] = *s.Presence
			}
		}
	}
}

func (w *World) applyEvent(e chat.Event) error {
	switch e.Type {
	case chat.ConversationOpened:
		if _, have := w.Conversations[e.Conversation.ID]; !have {
			w.Conversations[e.Conversation.ID] = chat.ConversationState{Conversation: *e.Conversation, Tail: []chat.Message{}}
		}
	case chat.MessagePosted:
		return w.applyMessage(*e.Message)
	case chat.MessageEdited, chat.MessageDeleted:
		c := w.Conversations[e.Message.ConversationID]
		if i := slices.IndexFunc(c.Tail, func(m chat.Message) bool { return m.ID == e.Message.ID }); i >= 0 {
			c.Tail = slices.Clone(c.Tail)
			c.Tail[i] = *e.Message
			w.Conversations[e.Message.ConversationID] = c
		}
	case chat.MessageReacted:
		c := w.Conversations[e.Reactions.ConversationID]
		if i := slices.IndexFunc(c.Tail, func(m chat.Message) bool { return m.ID == e.Reactions.ID }); i >= 0 {
			c.Tail = slices.Clone(c.Tail)
			c.Tail[i].Reactions = append([]chat.Reaction(nil), e.Reactions.Reactions...)
			w.Conversations[e.Reactions.ConversationID] = c
		}
	case chat.ReadMarked:
		c := w.Conversations[e.Read.ConversationID]
		c.ReadN = max(c.ReadN, e.Read.N)
		w.Conversations[e.Read.ConversationID] = c
	case chat.DraftChanged:
		c := w.Conversations[e.Draft.ConversationID]
		c.Draft = e.Draft
		if e.Draft.Text == "" {
			c.Draft = nil
		}
		if c.Conversation.ID != "" {
			w.Conversations[e.Draft.ConversationID] = c
		}
	case chat.RoomJoined, chat.RoomLeft:
		c, known := w.Conversations[e.Members.ConversationID]
		if !known {
			return fmt.Errorf("%s of %s was told before the room", e.Type, e.Members.ConversationID)
		}
		e.Members.Apply(&c.Conversation, e.Type == chat.RoomJoined)
		w.Conversations[e.Members.ConversationID] = c
	case chat.RoomChanged:
		c, known := w.Conversations[e.Room.ConversationID]
		if !known {
			return fmt.Errorf("%s of %s was told before the room", e.Type, e.Room.ConversationID)
		}
		e.Room.Apply(&c.Conversation)
		w.Conversations[e.Room.ConversationID] = c
	case chat.UserChanged:
		w.People[e.User.ID] = *e.User
	case chat.MeChanged:
		w.Me = *e.Me
	case chat.StatusChanged:
		w.Me.Status = *e.Status
	case chat.TeamChanged:
		w.Teams[e.Team.ID] = *e.Team
	case chat.TeamGone:
		delete(w.Teams, e.Team.ID)
	case chat.OrganisationChanged:
		w.Organisation = *e.Organisation
	case chat.ConfigurationChanged:
		if w.Me.User.Role != chat.RoleAdministrator {
			return fmt.Errorf("entry %d of the audit log was told to somebody who is no administrator", e.Audit.N)
		}
	}
	return nil
}

func (w *World) applyMessage(m chat.Message) error {
	c, known := w.Conversations[m.ConversationID]
	if !known {
		return fmt.Errorf("message %d of %s was told before its conversation", m.N, m.ConversationID)
	}
	if m.N <= c.LastN {
		// A conversation gained by rights came with its tail, which may have overtaken its events.
		return nil
	}
	if m.N != c.LastN+1 {
		return fmt.Errorf("after message %d of %s came %d", c.LastN, m.ConversationID, m.N)
	}
	c.LastN = m.N
	c.Tail = append(slices.Clone(c.Tail), m)
	if m.AuthorID == w.Me.User.ID {
		c.ReadN = m.N
	}
	w.Conversations[m.ConversationID] = c
	return nil
}

// clone returns a copy that later frames do not change.
func (w *World) clone() World {
	raw, err := json.Marshal(w)
	if err != nil {
		panic(err) // plain data
	}
	var c World
	if err := json.Unmarshal(raw, &c); err != nil {
		panic(err)
	}
	return c
}

// Render returns w as text, the same for equal worlds. Presence is left out, see RenderPresence; and when a right ends by
// time is only told from never, because a hub may save the frames that move it a little.
func (w *World) Render() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("me %s %+v, pending %+v, %s", w.Me.Name, w.Me.Settings, w.Me.Pending, w.Me.Status.State)
	line("organisation %+v", w.Organisation)
	for _, id := range slices.Sorted(maps.Keys(w.Teams)) {
		line("team %s %s", id, w.Teams[id].Name)
	}
	for _, id := range slices.Sorted(maps.Keys(w.People)) {
		line("person %s: %+v, start %s", id, w.People[id], renderCan(w.Start[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(w.Conversations)) {
		c := w.Conversations[id]
		line("conversation %s %q of %v: last %d, read %d, draft %v, post %s", id, c.Conversation.Name, c.Conversation.Participants, c.LastN, c.ReadN, c.Draft != nil, renderCan(w.Post[id]))
		for _, m := range c.Tail {
			line("  %d %s %s: %s", m.N, m.ID, m.AuthorID, m.Text)
		}
	}
	return b.String()
}

func renderCan(c chat.Can) string {
	return fmt.Sprintf("%v %s, ends %v then %s", c.Allowed, c.Rule, c.UntilAt != 0, c.ThenRule)
}

// RenderPresence returns who is there and how, as text; times are left out.
func (w *World) RenderPresence() string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(w.Presence)) {
		p := w.Presence[id]
		fmt.Fprintf(&b, "%s %s %s %q %s\n", id, p.Availability, p.Rule, p.Reason, p.Device)
	}
	return b.String()
}
