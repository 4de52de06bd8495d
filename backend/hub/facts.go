package hub

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// facts are what decisions are made on: everything that is true at one place of the log. A value of facts never changes.
// The writer makes the next one beside it and publishes it after the commit; readers take the present one without a lock
// and may keep it as long as they need one moment to stay the same.
type facts struct {
	// head is the log's newest seq that these facts contain.
	head int64
	// rules counts the changes of rules: two facts with equal rules decide alike, but for what was written and when.
	rules int64

	audit         store.AuditHead
	organisation  store.Organisation
	licensing     store.Licensing
	sets          table[chat.PermissionSetID, *store.PermissionSet]
	groups        table[chat.GroupID, store.Group]
	teams         table[chat.TeamID, store.Team]
	staff         table[chat.TeamID, []seat] // who is in a team, as far as the wall goes
	monitoring    table[chat.GroupID, store.Monitoring]
	watchers      policy.Monitoring // monitoring as the policy needs it
	queues        table[chat.QueueID, store.Queue]
	templates     table[chat.TemplateID, *store.Template]
	users         table[chat.UserID, *user]
	names         table[string, chat.UserID] // by sign-in name
	conversations table[chat.ConversationID, *conversation]
	publicRooms   table[chat.ConversationID, struct{}]
	closedSeq     int64 // at which a public room last became a private one
	sessions      table[chat.SessionID, *store.Session]
	tokens        table[tokenHash, chat.SessionID]
	requests      table[chat.RequestID, *chat.RightsRequest] // those that are open, and the last of the others

	// ids gives a user's id by key. It only ever grows at its end.
	ids              []chat.UserID
	lastConversation store.ConversationKey
}

// tokenHash is the SHA-256 of a session's token.
type tokenHash [sha256.Size]byte

// user is a user's row with what is derived from it. It never changes.
type user struct {
	row    store.User
	person *policy.Person
	// past is who the user was for the wall, oldest first; the last is the present.
	past []standing
	// conversations are those the user takes part in, in the order in which that began.
	conversations []chat.ConversationID
	// left are the rooms whose member the user is no longer, in the order in which that ended.
	left []leftRoom
}

func (u *user) id() chat.UserID { return u.row.User.ID }

// standing is who a user was from seq on, as far as the wall is concerned.
type standing struct {
	seq    int64
	person *policy.Person
}

// at returns who the user was at seq; nil if there was no such user.
func (u *user) at(seq int64) *policy.Person {
	for _, s := range slices.Backward(u.past) {
		if s.seq <= seq {
			return s.person
		}
	}
	return nil
}

// conversation is a conversation as it stands. It never changes.
type conversation struct {
	key       store.ConversationKey
	id        chat.ConversationID
	kind      chat.ConversationKind
	name      string    // a room's, as
	room      chat.Room // this, but for its owners: see place; and
	hash      []byte    // that of the command that made it
	createdAt chat.Millis
	lastN     int64
	// head is the seq of the newest message, eventHead that of the newest other event.
	head, eventHead int64
	// pair are the users of a direct conversation: whom one finds without looking through the places.
	pair   [2]chat.UserID
	places table[chat.UserID, place]
}

// place is a user's place in a conversation.
type place struct {
	userID  chat.UserID
	userKey store.UserKey
	readN   int64
	wroteAt chat.Millis
	muted   bool
	since   int64 // the seq at which the membership of a room began
	owner   bool  // of the room
}

func (c *conversation) place(id chat.UserID) (place, bool) { return c.places.get(id) }

// withPlace returns the conversation with p as the place of its user.
func (c *conversation) withPlace(p place) *conversation {
	next := *c
	next.places = c.places.with(p.userID, p)
	return &next
}

// told returns the conversation as clients know it.
func (c *conversation) told() chat.Conversation {
	t := chat.Conversation{ID: c.id, Kind: c.kind, Name: c.name, CreatedAt: c.createdAt, Participants: make([]chat.UserID, 0, c.places.size)}
	for id := range c.places.all() {
		t.Participants = append(t.Participants, id)
	}
	slices.Sort(t.Participants)
	if c.kind == chat.KindRoom {
		room := c.toldRoom()
		t.Room = &room
	}
	return t
}

// newFacts makes facts of what is kept.
func newFacts(st *store.State) *facts {
	f := &facts{head: st.Log.Head, audit: st.Audit, organisation: st.Organisation, licensing: st.Licensing}
	for i := range st.Sets {
		f.sets = f.sets.with(st.Sets[i].ID, &st.Sets[i])
	}
	for _, g := range st.Groups {
		f.groups = f.groups.with(g.ID, g)
	}
	for _, t := range st.Teams {
		f.teams = f.teams.with(t.ID, t)
	}
	for _, m := range st.Monitoring {
		f.setMonitoring(m)
	}
	for _, q := range st.Queues {
		f.queues = f.queues.with(q.ID, q)
	}
	users := map[store.UserKey]*user{}
	for i := range st.Templates {
		f.templates = f.templates.with(st.Templates[i].ID, &st.Templates[i])
	}
	for _, row := range st.Users {
		users[row.Key] = &user{row: row, person: f.personOf(&row)}
		f.setID(row.Key, row.User.ID)
	}
	for _, s := range st.Standings {
		u := users[s.UserKey]
		u.past = append(u.past, standing{s.Seq, policy.NewPerson(u.id(), s.Role, s.GroupID, nil, s.Active, u.row.Settings)})
	}
	conversations := map[store.ConversationKey]*conversation{}
	for _, c := range st.Conversations {
		conversations[c.Key] = &conversation{key: c.Key, id: c.ID, kind: c.Kind, name: c.Name, room: c.Room, hash: c.Hash, createdAt: c.CreatedAt,
			lastN: c.LastN, head: c.Head, eventHead: c.EventHead}
		conversations[c.Key].pair[0], conversations[c.Key].pair[1], _ = c.ID.DirectPair()
		f.lastConversation = max(f.lastConversation, c.Key)
	}
	for _, p := range st.Participants {
		c, u := conversations[p.ConversationKey], users[p.UserKey]
		if p.LeftSeq != 0 {
			u.left = append(u.left, leftRoom{c.id, p.LeftSeq})
			continue
		}
		c.places = c.places.with(u.id(), place{userID: u.id(), userKey: p.UserKey, readN: p.ReadN, wroteAt: p.WroteAt, muted: p.Muted, since: p.SinceSeq, owner: p.Owner})
		u.conversations = append(u.conversations, c.id)
	}
	for _, u := range users {
		slices.SortFunc(u.left, func(a, b leftRoom) int { return cmp.Compare(a.seq, b.seq) })
		f.users = f.users.with(u.id(), u)
		f.reseat(nil, u)
		f.names = f.names.with(u.row.Name, u.id())
	}
	for _, c := range conversations {
		f.conversations = f.conversations.with(c.id, c)
		if c.room.Public {
			f.publicRooms = f.publicRooms.with(c.id, struct{}{})
		}
	}
	for i := range st.Requests {
		r := &st.Requests[i].RightsRequest
		r.ByID = f.ids[st.Requests[i].UserKey]
		f.requests = f.requests.with(r.ID, r)
	}
	for i := range st.Sessions {
		s := &st.Sessions[i]
		f.sessions = f.sessions.with(s.ID, s)
		f.tokens = f.tokens.with(tokenHash(s.TokenHash), s.ID)
	}
	return f
}

// setID notes the id of a key. For whoever is making these facts.
func (f *facts) setID(key store.UserKey, id chat.UserID) {
	for int(key) >= len(f.ids) {
		f.ids = append(f.ids, "")
	}
	f.ids[key] = id
}

func (f *facts) user(id chat.UserID) *user {
	u, _ := f.users.get(id)
	return u
}

func (f *facts) conversation(id chat.ConversationID) *conversation {
	c, _ := f.conversations.get(id)
	return c
}

// userOf returns the user with the key.
func (f *facts) userOf(key store.UserKey) *user { return f.user(f.ids[key]) }

// person returns u's person, nil if u is nil.
func person(u *user) *policy.Person {
	if u == nil {
		return nil
	}
	return u.person
}

// may asks the policy about an act that has no object, or whose object is the other user.
func (f *facts) may(act chat.Act, me, other *user, now chat.Millis) policy.Decision {
	return policy.May(act, policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person, Other: person(other), Now: now})
}

// sees tells whether me may know of the other user.
func (f *facts) sees(me, other *user) bool { return f.may(chat.ActSee, me, other, 0).Allowed }

// configures tells whether somebody is an administrator, to whom changes of the configuration are told.
func (f *facts) configures(me *user) bool { return f.may(chat.ActConfigure, me, nil, 0).Allowed }

// mayIn asks the policy about an act in a conversation: the room c, or the direct one with other; c is nil before its first
// message.
func (f *facts) mayIn(act chat.Act, me, other *user, c *conversation, now chat.Millis) policy.Decision {
	if c != nil && c.kind == chat.KindRoom {
		return f.mayInRoom(act, me, c)
	}
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person, Other: person(other), Participant: true, Now: now}
	if c != nil && other != nil {
		p, _ := c.place(other.id())
		q.OtherWroteAt = p.wroteAt
	}
	return policy.May(act, q)
}

// reach is a conversation as somebody reaches for it.
type reach struct {
	id       chat.ConversationID
	other    *user         // of a direct conversation
	c        *conversation // nil: not begun
	decision policy.Decision
}

// about is whom or what events speak of that are told to one's own devices about this conversation.
func (r *reach) about(e entry) entry {
	if r.other == nil {
		e.room = r.id
	} else {
		e.subject = r.other.id()
	}
	return e
}

// reach asks whether me may act in the conversation called id, which need not have begun. What is no conversation of me is
// unknown; the decision is made in any case, so that all answers take the same way.
func (f *facts) reach(act chat.Act, me *user, id chat.ConversationID, now chat.Millis) (reach, *chat.Error) {
	r := reach{id: id}
	if id.IsRoom() {
		r.c = f.conversation(id)
		if r.decision = f.mayInRoom(act, me, r.c); r.decision.Err() != nil {
			return r, r.decision.Err()
		}
		return r, nil
	}
	otherID, mine := id.OtherThan(me.id())
	if mine {
		r.other = f.user(otherID)
		r.c = f.conversation(id)
	}
	r.decision = f.mayIn(act, me, r.other, r.c, now)
	if err := r.decision.Err(); err != nil {
		return r, err
	}
	return r, nil
}

// other returns the other participant of a direct conversation; nil if it is a room.
func (f *facts) other(c *conversation, me *user) *user {
	switch {
	case c.kind == chat.KindRoom:
		return nil
	case c.pair[0] == me.id():
		return f.user(c.pair[1])
	}
	return f.user(c.pair[0])
}

// holds tells whether me may know of a conversation that me takes part in.
func (f *facts) holds(me *user, c *conversation) bool {
	if c.kind == chat.KindRoom {
		return f.mayInRoom(chat.ActRead, me, c).Allowed
	}
	return f.sees(me, f.other(c, me))
}

// group returns the user's group, nil if in none.
func (f *facts) group(u *user) *chat.Group {
	g, ok := f.groups.get(u.row.GroupID)
	if !ok {
		return nil
	}
	return &g.Group
}

// me returns what a user is told about themself.
func (f *facts) me(u *user) *chat.Me {
	me := &chat.Me{User: u.row.User, Name: u.row.Name, Group: f.group(u), Settings: ownSettings(u.person.Settings), Status: u.row.Status, License: u.row.License, Attention: u.row.Attention}
	if rights := u.person.Rights(); u.row.User.Role != chat.RoleAdministrator {
		me.Permissions = rights.Permissions()
		if me.Statuses = rights.Statuses(); len(me.Statuses) == len(chat.WorkStates) {
			me.Statuses = nil
		}
	}
	if u.row.Pending != nil {
		pending := ownSettings(*u.row.Pending)
		me.Pending = &pending
	}
	return me
}

// ownSettings returns settings as their own user is told them: without the ids of users, some of whom may stand behind the
// wall (EXP-20). Whom one may write to is told per person, in Rights.
func ownSettings(s chat.MessagingSettings) chat.MessagingSettings {
	if s.Scope == chat.StartUsers {
		s.Targets = []string{}
	}
	return s
}

// session returns the live session, nil if there is none (any more) at now.
func (f *facts) session(id chat.SessionID, now chat.Millis) *store.Session {
	s, _ := f.sessions.get(id)
	if s == nil || s.ExpiresAt <= now {
		return nil
	}
	return s
}
