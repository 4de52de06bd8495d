package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/wire"
)

// simState is what a client knows, kept in the plainest way: a snapshot, with events, rights and signals applied as the
// protocol says. It is a third applier beside the cache's and the page's, written apart from both.
type simState struct {
	// ofPage is set for a page of a replica, which may tell a message before, or beyond a hole of, a conversation that it then
	// tells whole.
	ofPage bool

	Cursor       chat.Cursor
	Me           chat.Me
	Organisation chat.Organisation
	Teams        map[chat.TeamID]chat.Team
	Templates    map[chat.TemplateID]chat.Template
	People       map[chat.UserID]chat.User
	Talks        map[chat.ConversationID]*simTalk
	Drafts       map[chat.ConversationID]chat.Draft
	Start        map[chat.UserID]chat.Can
	Post         map[chat.ConversationID]chat.Can
	Presence     map[chat.UserID]chat.Presence
	Outbox       map[chat.MessageID]chat.OutboxItem
}

// simTalk is a conversation that has begun.
type simTalk struct {
	Conversation chat.Conversation
	LastN, ReadN int64
	Muted        bool
	Tail         []chat.Message
}

// newSimState is the state of a client that was told nothing yet.
func newSimState(ofPage bool) simState {
	s := simState{ofPage: ofPage}
	s.reset(chat.Snapshot{})
	return s
}

// take applies one frame. An error is a frame that breaks the protocol.
func (s *simState) take(f *wire.Frame) error {
	switch {
	case f.Reset != nil:
		s.reset(f.Reset.Snapshot)
		s.Cursor = f.Reset.Cursor
	case f.MovesCursor() && s.ofPage && s.Cursor == "":
		return nil // before the first snapshot a page has nothing to show
	case f.MovesCursor():
		if f.Prev != s.Cursor {
			return fmt.Errorf("a frame goes on from %s, the client stands at %s", f.Prev, s.Cursor)
		}
		s.Cursor = f.Cursor
	case f.Rights != nil:
		s.takeRights(f.Rights)
	}
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	for i := range events {
		if err := s.takeEvent(&events[i]); err != nil {
			return err
		}
	}
	for i := range f.Signals {
		s.takeSignal(&f.Signals[i])
	}
	return nil
}

func (s *simState) reset(snapshot chat.Snapshot) {
	*s = simState{ofPage: s.ofPage, Me: snapshot.Me, Organisation: snapshot.Organisation, Teams: map[chat.TeamID]chat.Team{},
		Templates: map[chat.TemplateID]chat.Template{},
		People:    map[chat.UserID]chat.User{}, Talks: map[chat.ConversationID]*simTalk{},
		Drafts: map[chat.ConversationID]chat.Draft{}, Start: map[chat.UserID]chat.Can{},
		Post: map[chat.ConversationID]chat.Can{}, Presence: map[chat.UserID]chat.Presence{},
		Outbox: map[chat.MessageID]chat.OutboxItem{}}
	for _, t := range snapshot.Teams {
		s.Teams[t.ID] = t
	}
	for _, t := range snapshot.Templates {
		s.Templates[t.ID] = t
	}
	for _, u := range snapshot.People {
		s.People[u.ID] = u
	}
	for i := range snapshot.Conversations {
		s.takeWhole(&snapshot.Conversations[i])
	}
	for _, item := range snapshot.Outbox {
		s.Outbox[item.Message.ID] = item
	}
	s.takeRights(&snapshot.Rights)
	s.takeSignal(&chat.Signal{Type: chat.SignalPresenceAll, PresenceAll: snapshot.Presence})
}

// takeWhole takes a conversation that comes with its tail. One that was created never is there for its draft only.
func (s *simState) takeWhole(c *chat.ConversationState) {
	id := c.Conversation.ID
	delete(s.Drafts, id)
	if c.Draft != nil && c.Draft.Text != "" {
		s.Drafts[id] = *c.Draft
	}
	if c.Conversation.CreatedAt != 0 {
		s.Talks[id] = &simTalk{Conversation: c.Conversation, LastN: c.LastN, ReadN: c.ReadN, Muted: c.Muted, Tail: slices.Clone(c.Tail)}
	}
}

func (s *simState) takeRights(r *chat.Rights) {
	for _, id := range r.ConversationsLost {
		delete(s.Talks, id)
		delete(s.Drafts, id)
		delete(s.Post, id)
		maps.DeleteFunc(s.Outbox, func(_ chat.MessageID, item chat.OutboxItem) bool { return item.Message.ConversationID == id })
	}
	for _, id := range r.PeopleLost {
		delete(s.People, id)
		delete(s.Start, id)
		delete(s.Presence, id)
		delete(s.Drafts, chat.DirectID(s.Me.User.ID, id))
	}
	for _, u := range r.PeopleGained {
		s.People[u.ID] = u
	}
	for i := range r.ConversationsGained {
		s.takeWhole(&r.ConversationsGained[i])
	}
	if r.Teams != nil {
		clear(s.Teams)
		for _, t := range *r.Teams {
			s.Teams[t.ID] = t
		}
	}
	if news := r.Templates; news != nil {
		maps.DeleteFunc(s.Templates, func(id chat.TemplateID, _ chat.Template) bool { return news.Whole || slices.Contains(news.Gone, id) })
		for _, t := range news.Changed {
			s.Templates[t.ID] = t
		}
	}
	maps.Copy(s.Start, r.Start)
	maps.Copy(s.Post, r.Post)
}

func (s *simState) takeEvent(e *chat.Event) error {
	switch e.Type {
	case chat.ConversationOpened:
		if s.Talks[e.Conversation.ID] == nil {
			s.Talks[e.Conversation.ID] = &simTalk{Conversation: *e.Conversation}
		}
	case chat.MessagePosted:
		return s.takeMessage(e.Message)
	case chat.MessageEdited, chat.MessageDeleted:
		if talk := s.Talks[e.Message.ConversationID]; talk != nil {
			for i := range talk.Tail {
				if talk.Tail[i].ID == e.Message.ID {
					talk.Tail[i] = *e.Message
				}
			}
		}
	case chat.MessageReacted:
		if talk := s.Talks[e.Reactions.ConversationID]; talk != nil {
			for i := range talk.Tail {
				if talk.Tail[i].ID == e.Reactions.ID {
					talk.Tail[i].Reactions = append([]chat.Reaction(nil), e.Reactions.Reactions...)
				}
			}
		}
	case chat.RoomJoined, chat.RoomLeft:
		return s.takeMembers(e)
	case chat.RoomChanged:
		room := s.Talks[e.Room.ConversationID]
		if room == nil {
			return fmt.Errorf("%s of %s was told before the room", e.Type, e.Room.ConversationID)
		}
		e.Room.Apply(&room.Conversation)
	case chat.ReadMarked:
		if talk := s.Talks[e.Read.ConversationID]; talk != nil {
			talk.ReadN = max(talk.ReadN, e.Read.N)
		}
	case chat.ConversationMuted:
		if talk := s.Talks[e.Mute.ConversationID]; talk != nil {
			talk.Muted = e.Mute.Muted
		}
	case chat.DraftChanged:
		delete(s.Drafts, e.Draft.ConversationID)
		if e.Draft.Text != "" {
			s.Drafts[e.Draft.ConversationID] = *e.Draft
		}
	case chat.StatusChanged:
		s.Me.Status = *e.Status
	case chat.UserChanged:
		s.People[e.User.ID] = *e.User
	case chat.MeChanged:
		s.Me = *e.Me
	case chat.TeamChanged:
		s.Teams[e.Team.ID] = *e.Team
	case chat.TeamGone:
		delete(s.Teams, e.Team.ID)
	case chat.OrganisationChanged:
		s.Organisation = *e.Organisation
	case chat.RequestDecided:
	case chat.ConfigurationChanged:
		if s.Me.User.Role != chat.RoleAdministrator {
			return fmt.Errorf("somebody who is no administrator was told of the configuration")
		}
	default:
		return fmt.Errorf("an event of type %q", e.Type)
	}
	return nil
}

// takeMembers takes who came into a room, or went from it.
func (s *simState) takeMembers(e *chat.Event) error {
	room := s.Talks[e.Members.ConversationID]
	if room == nil {
		return fmt.Errorf("%s of %s was told before the room", e.Type, e.Members.ConversationID)
	}
	members := map[chat.UserID]bool{}
	for _, id := range room.Conversation.Participants {
		members[id] = true
	}
	for _, id := range e.Members.UserIDs {
		members[id] = e.Type == chat.RoomJoined
	}
	maps.DeleteFunc(members, func(_ chat.UserID, in bool) bool { return !in })
	room.Conversation.Participants = slices.Sorted(maps.Keys(members))
	if r := room.Conversation.Room; r != nil { // who has gone owns it no more
		rest := *r
		rest.OwnerIDs = slices.DeleteFunc(slices.Clone(r.OwnerIDs), func(id chat.UserID) bool { return !members[id] })
		room.Conversation.Room = &rest
	}
	return nil
}

func (s *simState) takeMessage(m *chat.Message) error {
	delete(s.Outbox, m.ID)
	talk := s.Talks[m.ConversationID]
	if s.ofPage && (talk == nil || m.N != talk.LastN+1) {
		return nil
	}
	if talk == nil {
		return fmt.Errorf("message %d of %s was told before its conversation", m.N, m.ConversationID)
	}
	if m.N != talk.LastN+1 {
		return fmt.Errorf("after message %d of %s came %d", talk.LastN, m.ConversationID, m.N)
	}
	talk.LastN = m.N
	talk.Tail = append(talk.Tail, *m)
	if m.AuthorID == s.Me.User.ID {
		talk.ReadN = m.N
	}
	return nil
}

func (s *simState) takeSignal(g *chat.Signal) {
	switch g.Type {
	case chat.SignalPresenceAll:
		clear(s.Presence)
		for _, p := range g.PresenceAll {
			s.Presence[p.UserID] = p
		}
	case chat.SignalPresence:
		s.Presence[g.Presence.UserID] = *g.Presence
		if g.Presence.Availability == chat.Offline {
			delete(s.Presence, g.Presence.UserID)
		}
	case chat.SignalOutbox:
		s.Outbox[g.Outbox.Message.ID] = *g.Outbox
	case chat.SignalOutboxGone:
		delete(s.Outbox, g.MessageID)
	}
}

// diff returns in what s differs from another state of the same user that was told from the beginning, at the time now of
// the hub; empty if in nothing. Of tails the shorter one counts: how far back a client keeps them is its own business.
func (s *simState) diff(fresh *simState, now chat.Millis) string {
	var b strings.Builder
	check := func(what string, got, want any) {
		g, w := simJSON(got), simJSON(want)
		if g != w {
			fmt.Fprintf(&b, "%s differ:\n  has  %s\n  hub  %s\n", what, g, w)
		}
	}
	check("me", s.Me, fresh.Me)
	check("organisation", s.Organisation, fresh.Organisation)
	diffMaps(&b, "teams", s.Teams, fresh.Teams)
	diffMaps(&b, "people", s.People, fresh.People)
	diffMaps(&b, "starts", s.Start, fresh.Start)
	diffMaps(&b, "posts", simPosts(s.Post, fresh.Post, now), simPosts(fresh.Post, fresh.Post, now))
	diffMaps(&b, "drafts", simDrafts(s.Drafts), simDrafts(fresh.Drafts))
	diffMaps(&b, "presences", simPresence(s.Presence), simPresence(fresh.Presence))
	check("conversations", slices.Sorted(maps.Keys(s.Talks)), slices.Sorted(maps.Keys(fresh.Talks)))
	for _, id := range slices.Sorted(maps.Keys(s.Talks)) {
		got, want := *s.Talks[id], fresh.Talks[id]
		if want == nil {
			continue
		}
		n := min(len(got.Tail), len(want.Tail))
		got.Tail = got.Tail[len(got.Tail)-n:]
		cut := *want
		cut.Tail = cut.Tail[len(cut.Tail)-n:]
		if len(got.Tail) == 0 {
			got.Tail, cut.Tail = nil, nil
		}
		check("conversation "+string(id), got, cut)
	}
	return b.String()
}

// diffMaps writes down the entries in which two maps differ.
func diffMaps[K ~string, V any](b *strings.Builder, what string, got, want map[K]V) {
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		text := func(m map[K]V) string {
			if v, ok := m[k]; ok {
				return simJSON(v)
			}
			return "nothing"
		}
		if g, w := text(got), text(want); g != w {
			fmt.Fprintf(b, "%s differ in %s:\n  has  %s\n  hub  %s\n", what, k, g, w)
		}
	}
}

// simPosts returns rights to post as they are at now: what ends by time a client ends by itself, and a window may be told up
// to an hour too short (the hub saves a frame with every message).
func simPosts(told, fresh map[chat.ConversationID]chat.Can, now chat.Millis) map[chat.ConversationID]chat.Can {
	posts := map[chat.ConversationID]chat.Can{}
	for id, can := range told {
		want := fresh[id]
		switch {
		case want.UntilAt-can.UntilAt > 0 && want.UntilAt-can.UntilAt <= 3600_000:
			can.UntilAt = want.UntilAt
		case can.UntilAt != 0 && can.UntilAt <= now:
			can = chat.Can{Gate: can.ThenGate, Rule: can.ThenRule}
		case can.Rule == chat.RuleRepliesOff && !want.Allowed:
			can.Rule = want.Rule // no is no; that it is no reply any more is not worth telling
		}
		posts[id] = can
	}
	return posts
}

// simDrafts leaves times out: a desktop keeps a draft with its own.
func simDrafts(drafts map[chat.ConversationID]chat.Draft) map[chat.ConversationID]string {
	texts := map[chat.ConversationID]string{}
	for id, d := range drafts {
		texts[id] = d.Text + string(d.Document)
	}
	return texts
}

// simPresence leaves times out.
func simPresence(presence map[chat.UserID]chat.Presence) map[chat.UserID]string {
	shown := map[chat.UserID]string{}
	for id, p := range presence {
		shown[id] = fmt.Sprint(p.Availability, p.Rule, p.Reason, p.Device, p.IdleSinceAt != 0)
	}
	return shown
}

// simJSON returns v as JSON; maps are sorted, so equal values give equal texts.
func simJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data
	}
	return string(raw)
}
