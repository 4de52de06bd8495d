package hub

import (
	"cmp"
	"fmt"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// batch is the writer's work between two commits: the next facts, and what makes them true on disk. Commands decide on its
// facts, so each sees what the ones before it did; nobody else does until the batch is published. A batch whose commit
// fails is dropped whole.
//
// A handler refuses before its first change: after that it must not fail.
type batch struct {
	facts facts
	at    chat.Millis
	// posted are the messages among this batch's that were posted before.
	posted map[chat.MessageID]store.Posted
	// named are the files among this batch's that a message names; nil if the batch has none.
	named map[chat.FileID]struct{}
	// messages are those that commands of this batch are about, as they stand.
	messages map[chat.MessageID]*store.Message

	changes   store.Changes
	users     map[store.UserKey]chat.UserID // rows to write
	groups    map[chat.GroupID]struct{}
	teamRows  map[chat.TeamID]struct{}
	queueRows map[chat.QueueID]struct{}
	// templateRows are those of templates.
	templateRows map[chat.TemplateID]struct{}
	places       map[placeKey]struct{}
	members      map[placeKey]struct{}
	rooms        map[chat.ConversationID]struct{} // that are new, or decided otherwise about
	sessions     map[chat.SessionID]struct{}
	sets         map[chat.PermissionSetID]struct{}
	drafts       map[draftKey]store.Draft

	entries []*entry
	rules   ruleChange
	ended   []chat.SessionID
	// watching are the beginnings and ends of following a conversation, showing says that whether it is shown has changed, and
	// supervising whose rights to watch have.
	watching    []watchChange
	showing     bool
	supervising []chat.UserID
	// refused are the refusals that the batch notes in the audit log.
	refused []refusal
	// present are users whose presence may have changed.
	present []chat.UserID
}

type placeKey struct {
	conversation chat.ConversationID
	user         chat.UserID
}

type draftKey struct {
	user         store.UserKey
	conversation chat.ConversationID
}

// entry is an entry of the log on its way to feeds. It never changes.
type entry struct {
	seq int64
	// conversation, user or configuring says whom it is for: its participants, the user's own devices, or those who may
	// configure. None of them: everybody.
	conversation chat.ConversationID
	user         chat.UserID
	configuring  bool
	// subject, if any, narrows it to those who may know of this user; room to the members of this room; team to those who may know
	// of this team.
	subject chat.UserID
	room    chat.ConversationID
	team    chat.TeamID
	// author and n are a message's; conversation.opened has an author only.
	author chat.UserID
	n      int64
	// amends is the message that it changes, of those that were posted before.
	amends chat.MessageID
	// wasAt is when the author of a message had written in the conversation before; wroteUnknown if it was read from the log.
	wasAt chat.Millis
	// bytes is the event's JSON, shared by all who get it.
	bytes []byte
}

// wroteUnknown is a time nobody can have written at.
const wroteUnknown chat.Millis = -1

// ruleChange says whose rights may have changed.
type ruleChange struct {
	all   bool
	users []chat.UserID
	// rooms says that the feed's own user has come into rooms or gone from them. For a feed only.
	rooms bool
	// templates says that which templates there are, what they say or whom they are for has changed.
	templates bool
	// through is the rules (facts.rules) up to which this says all.
	through int64
}

func (r *ruleChange) none() bool { return !r.all && !r.rooms && !r.templates && len(r.users) == 0 }

func newBatch(f *facts, at chat.Millis, posted map[chat.MessageID]store.Posted) *batch {
	return &batch{
		facts: *f, at: at, posted: posted, messages: map[chat.MessageID]*store.Message{},
		groups: map[chat.GroupID]struct{}{}, teamRows: map[chat.TeamID]struct{}{}, queueRows: map[chat.QueueID]struct{}{}, templateRows: map[chat.TemplateID]struct{}{},
		users: map[store.UserKey]chat.UserID{}, places: map[placeKey]struct{}{}, members: map[placeKey]struct{}{},
		rooms:    map[chat.ConversationID]struct{}{},
		sessions: map[chat.SessionID]struct{}{}, sets: map[chat.PermissionSetID]struct{}{}, drafts: map[draftKey]store.Draft{},
	}
}

// collect returns what is to be written: of each row the last state only.
func (b *batch) collect() *store.Changes {
	c := &b.changes
	c.Groups, c.GoneGroups = rows(b.groups, b.facts.groups)
	c.Teams, c.GoneTeams = rows(b.teamRows, b.facts.teams)
	c.Queues, c.GoneQueues = rows(b.queueRows, b.facts.queues)
	templates, gone := rows(b.templateRows, b.facts.templates)
	for _, t := range templates {
		c.Templates = append(c.Templates, *t)
	}
	c.GoneTemplates = gone
	for _, id := range b.users {
		c.Users = append(c.Users, b.facts.user(id).row)
	}
	for k := range b.places {
		conv := b.facts.conversation(k.conversation)
		p, in := conv.place(k.user)
		if !in {
			continue // left in this batch: see members
		}
		c.Participants = append(c.Participants, store.Participant{ConversationKey: conv.key, UserKey: p.userKey, ReadN: p.readN, WroteAt: p.wroteAt, Muted: p.muted})
	}
	for id := range b.rooms {
		r := b.facts.conversation(id)
		c.Conversations = append(c.Conversations,
			store.Conversation{Key: r.key, ID: r.id, Kind: r.kind, Name: r.name, Room: r.room, Hash: r.hash, CreatedAt: r.createdAt})
	}
	for k := range b.members {
		c.Members = append(c.Members, b.facts.membership(k))
	}
	for id := range b.sessions {
		if s, ok := b.facts.sessions.get(id); ok {
			c.Sessions = append(c.Sessions, *s)
		}
	}
	for id := range b.sets {
		s, _ := b.facts.sets.get(id)
		c.Sets = append(c.Sets, *s)
	}
	for _, d := range b.drafts {
		c.Drafts = append(c.Drafts, d)
	}
	return c
}

// rows returns the rows to write of the ids, and the ids of which there is no row any more.
func rows[K cmp.Ordered, R any](ids map[K]struct{}, t table[K, R]) (rows []R, gone []K) {
	for id := range ids {
		if row, ok := t.get(id); ok {
			rows = append(rows, row)
		} else {
			gone = append(gone, id)
		}
	}
	return rows, gone
}

// setUser puts a user's new row in force.
func (b *batch) setUser(u *user) {
	b.facts.reseat(b.facts.user(u.id()), u)
	b.facts.users = b.facts.users.with(u.id(), u)
	b.users[u.row.Key] = u.id()
}

// setConversation puts a conversation in force; places names users whose place in it has changed.
func (b *batch) setConversation(c *conversation, places ...chat.UserID) {
	b.facts.conversations = b.facts.conversations.with(c.id, c)
	for _, id := range places {
		b.places[placeKey{c.id, id}] = struct{}{}
	}
}

// setStanding notes that u is another one for the wall from the event logged last on.
func (b *batch) setStanding(u *user, by string) {
	seq := b.facts.head
	row := &u.row
	u.past = append(u.past[:len(u.past):len(u.past)], standing{seq, policy.NewPerson(u.id(), row.User.Role, row.GroupID, nil, row.User.Active, row.Settings)})
	b.changes.Standings = append(b.changes.Standings,
		store.Standing{UserKey: row.Key, Seq: seq, Role: row.User.Role, GroupID: row.GroupID, Active: row.User.Active, ChangedBy: by, ChangedAt: b.at})
}

// changeRules notes whose rights may have changed: with no users, everybody's.
func (b *batch) changeRules(users ...chat.UserID) {
	b.facts.rules++
	b.rules.through = b.facts.rules
	b.rules.all = b.rules.all || len(users) == 0
	b.rules.users = append(b.rules.users, users...)
}

// endSession ends a session: its row, its token, its feeds.
func (b *batch) endSession(id chat.SessionID) {
	s, ok := b.facts.sessions.get(id)
	if !ok {
		return
	}
	b.facts.sessions = b.facts.sessions.without(id)
	b.facts.tokens = b.facts.tokens.without(tokenHash(s.TokenHash))
	b.changes.Ended = append(b.changes.Ended, id)
	b.ended = append(b.ended, id)
}

// endSessions ends all sessions of a user but the one excepted.
func (b *batch) endSessions(u *user, except chat.SessionID) {
	for id, s := range b.facts.sessions.all() {
		if s.UserKey == u.row.Key && id != except {
			b.endSession(id)
		}
	}
}

// logPosted appends a message to the log. wasAt is when its author had written in the conversation before.
func (b *batch) logPosted(c *conversation, m *store.Message, wasAt chat.Millis) {
	b.changes.Messages = append(b.changes.Messages, *m)
	b.entries = append(b.entries, b.facts.messageEntry(c, m, wasAt))
}

// log appends an event to the log and returns its seq.
func (b *batch) log(e chat.Event, to entry, by Actor) int64 {
	b.facts.head++
	to.seq = b.facts.head
	to.bytes = mustEncode(e)
	audience, about := store.Everybody, string(to.subject)
	switch {
	case to.room != "":
		about = string(to.room)
	case to.team != "":
		about = string(to.team)
	}
	switch {
	case to.conversation != "":
		audience = store.ConversationAudience(b.facts.conversation(to.conversation).key)
	case to.user != "":
		audience = store.UserAudience(b.facts.user(to.user).row.Key)
	case to.configuring:
		audience = store.Administrators
	case to.subject != "":
		audience = store.Directory
	}
	b.changes.Events = append(b.changes.Events, store.Event{
		Seq: to.seq, Audience: audience, Subject: about, Type: e.Type, Body: to.bytes, By: string(by.UserID), At: b.at,
	})
	b.entries = append(b.entries, &to)
	return to.seq
}

// mustEncode encodes words of package chat, which cannot fail: they hold no floats, channels or cycles, and what is raw
// JSON in them was checked when it came in.
func mustEncode(v any) []byte {
	raw, err := chat.Encode(v)
	if err != nil {
		panic(fmt.Sprintf("hub: encode %T: %v", v, err))
	}
	return raw
}
