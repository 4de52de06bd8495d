package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// Rooms (EXP-18). Who is in one is kept with each user's place: since which seq, and of those who left until which. To its
// other members a coming or going is an event; to those who come or go the room is gained whole, or lost, as rights are:
// a feed compares the seqs of its user's rooms with the place up to which rights were told.
//
// No wall runs through a room: walls stand between agents only, and agents are in none (EXP-19). So each member may know of
// every other by the directory, and a room needs no rule of its own for names.

// leftRoom is a room that a user has left, and when.
type leftRoom struct {
	id  chat.ConversationID
	seq int64
}

// leftSince tells whether the user has left a room after seq.
func (u *user) leftSince(seq int64) bool {
	n := len(u.left)
	return n > 0 && u.left[n-1].seq > seq
}

// mayInRoom asks the policy about an act in a room; c is nil if there is none so called.
func (f *facts) mayInRoom(act chat.Act, me *user, c *conversation) policy.Decision {
	return policy.May(act, f.inRoom(act, me, c))
}

// inRoom returns what an act in a room is decided on.
func (f *facts) inRoom(act chat.Act, me *user, c *conversation) policy.Facts {
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person, Room: true}
	if c == nil {
		return q
	}
	var p place
	p, q.Participant = c.place(me.id())
	q.Public, q.Owner = c.room.Public, p.owner
	switch act {
	case chat.ActInvite:
		q.OwnersOnly = c.room.OwnersInvite
	case chat.ActTopic:
		q.OwnersOnly = !c.room.MembersTopic
	}
	return q
}

// membership returns the row of a user's place in a room, which may be a place that was left.
func (f *facts) membership(k placeKey) store.Participant {
	c, u := f.conversation(k.conversation), f.user(k.user)
	row := store.Participant{ConversationKey: c.key, UserKey: u.row.Key}
	if p, in := c.place(k.user); in {
		row.ReadN, row.WroteAt, row.Muted, row.SinceSeq, row.Owner = p.readN, p.wroteAt, p.muted, p.since, p.owner
		return row
	}
	for _, l := range u.left {
		if l.id == c.id {
			row.LeftSeq = l.seq
		}
	}
	return row
}

// newRoom is a room.create ready for the writer.
type newRoom struct {
	args chat.RoomCreateArgs
	// hash is of the command: whoever repeats it repeats the hash, whatever became of the room.
	hash []byte
}

// errRoomConflict answers a room.create whose id stands for another room.
var errRoomConflict = &chat.Error{Code: chat.CodeConflict, Text: "This room's id was used for something else. No room was made; make it again under a new id."}

func prepareRoom(_ context.Context, c *call, args chat.RoomCreateArgs) (*newRoom, error) {
	if !args.ID.IsRoom() {
		return nil, chat.Invalid("a room's id is r. and a UUID in its canonical form")
	}
	var err error
	if args.Name, err = chat.CleanName("the room's name", args.Name); err != nil {
		return nil, err
	}
	if args.Topic, err = chat.CleanTopic(args.Topic); err != nil {
		return nil, err
	}
	args.Participants = distinct(args.Participants, c.actor.UserID)
	if n := len(args.Participants) + 1; n > chat.MaxRoomMembers {
		return nil, tooMany(n)
	}
	h := sha256.New()
	parts := append([]chat.UserID{c.actor.UserID, chat.UserID(args.Name)}, args.Participants...)
	if args.Topic != "" || args.Public { // without them the hash is what it was before there were any
		parts = append(parts, "topic", chat.UserID(args.Topic), chat.UserID(strconv.FormatBool(args.Public)))
	}
	for _, part := range parts {
		h.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(part))))
		h.Write([]byte(part))
	}
	return &newRoom{args: args, hash: h.Sum(nil)[:16]}, nil
}

// distinct returns the users without the one excepted, each once, in the order of their ids.
func distinct(users []chat.UserID, except chat.UserID) []chat.UserID {
	users = slices.DeleteFunc(slices.Clone(users), func(id chat.UserID) bool { return id == except })
	slices.Sort(users)
	return slices.Compact(users)
}

func tooMany(n int) error {
	return chat.Invalid("the room would have %d members; at most %d are allowed. Nothing was changed; invite fewer people", n, chat.MaxRoomMembers)
}

// createRoom makes a room with all its first members, or none. A repeat is answered before the policy is asked about them; that an id
// stands for another room is told only to whoever could make the room, so that nobody finds out by what they may not do.
func createRoom(b *batch, me *user, by Actor, n *newRoom) (any, error) {
	was := b.facts.conversation(n.args.ID)
	if was != nil && bytes.Equal(was.hash, n.hash) {
		return none{}, nil
	}
	members, err := b.invitable(me, n.args.Participants, nil)
	switch {
	case err != nil:
		return nil, err
	case was != nil:
		return nil, errRoomConflict
	}
	b.facts.lastConversation++
	c := &conversation{key: b.facts.lastConversation, id: n.args.ID, kind: chat.KindRoom, name: n.args.Name, hash: n.hash, createdAt: b.at,
		room: chat.Room{Topic: n.args.Topic, Public: n.args.Public}}
	c.places = c.places.with(me.id(), place{userID: me.id(), userKey: me.row.Key, owner: true})
	b.setRoom(c)
	b.enter(c, append(members, me), by)
	if c.room.Public {
		b.auditRoom(by, chat.RoomCreate, c, changed("public", nil, true))
	}
	return none{}, nil
}

// inviteToRoom takes users into a room of the asker: all, or nobody.
func inviteToRoom(b *batch, me *user, by Actor, args chat.RoomInviteArgs) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if r.other != nil {
		return nil, chat.Invalid("only rooms can be invited to; this is a conversation of two")
	}
	wanted := slices.DeleteFunc(distinct(args.UserIDs, me.id()), func(id chat.UserID) bool {
		_, in := r.c.place(id)
		return in
	})
	if n := r.c.places.size + len(wanted); n > chat.MaxRoomMembers {
		return nil, tooMany(n)
	}
	members, err := b.invitable(me, wanted, r.c)
	if err != nil {
		return nil, err
	}
	if len(members) > 0 {
		b.enter(r.c, members, by)
	}
	return none{}, nil
}

// invitable returns the users called so if me may take all of them into a room of theirs: c, or one that me is making.
func (b *batch) invitable(me *user, ids []chat.UserID, c *conversation) ([]*user, error) {
	users := make([]*user, 0, len(ids)+1)
	q := b.facts.inRoom(chat.ActInvite, me, c)
	q.Room, q.Participant = false, true
	for _, id := range ids {
		u := b.facts.user(id)
		q.Other = person(u)
		d := policy.May(chat.ActInvite, q)
		if err := d.Err(); err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	return users, nil
}

// enter makes users members of a room. What was said before counts as read: it is there for whoever scrolls back.
func (b *batch) enter(c *conversation, users []*user, by Actor) {
	next := *c
	ids := make([]chat.UserID, len(users))
	since := b.facts.head + 1 // the entry that is logged below
	for i, u := range users {
		ids[i] = u.id()
		was, _ := c.place(u.id()) // of who makes the room
		next.places = next.places.with(u.id(), place{userID: u.id(), userKey: u.row.Key, readN: c.lastN, since: since, owner: was.owner})
		joined := *u
		joined.conversations = append(slices.Clone(u.conversations), c.id)
		joined.left = without(u.left, c.id)
		b.facts.users = b.facts.users.with(u.id(), &joined)
		b.members[placeKey{c.id, u.id()}] = struct{}{}
	}
	slices.Sort(ids)
	b.setConversation(&next)
	b.logInRoom(&next, chat.Event{Type: chat.RoomJoined, Members: &chat.RoomMembers{ConversationID: c.id, UserIDs: ids}}, by)
}

// logInRoom appends an event to the log for the members of a room, as it stands in c.
func (b *batch) logInRoom(c *conversation, e chat.Event, by Actor) *conversation {
	logged := *c
	logged.eventHead = b.log(e, entry{conversation: c.id}, by)
	b.setConversation(&logged)
	return &logged
}

func without(left []leftRoom, id chat.ConversationID) []leftRoom {
	return slices.DeleteFunc(slices.Clone(left), func(l leftRoom) bool { return l.id == id })
}

// leaveRoom ends the asker's membership.
func leaveRoom(b *batch, me *user, by Actor, args chat.RoomLeaveArgs) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if r.other != nil {
		return nil, chat.Invalid("only rooms can be left; this is a conversation of two")
	}
	if args.SuccessorID != "" {
		if err := b.mayHandOver(me, r.c, args.SuccessorID); err != nil {
			return nil, err
		}
		r.c = b.setOwner(r.c, args.SuccessorID, true, by)
	}
	b.leave(r.c, me.id(), by)
	return none{}, nil
}

// leaveRooms ends all memberships of a user.
func (b *batch) leaveRooms(id chat.UserID, by Actor) {
	for _, in := range b.facts.user(id).conversations {
		if c := b.facts.conversation(in); c.kind == chat.KindRoom {
			b.leave(c, id, by)
		}
	}
}

// leave ends the membership of a user, and the draft that nobody will see any more. If it was the last owner's, another one takes
// their place. It returns the room as it is then.
func (b *batch) leave(c *conversation, id chat.UserID, by Actor) *conversation {
	next := *c
	next.places = c.places.without(id)
	b.setConversation(&next)
	logged := b.logInRoom(&next, chat.Event{Type: chat.RoomLeft, Members: &chat.RoomMembers{ConversationID: c.id, UserIDs: []chat.UserID{id}}}, by)
	gone := *b.facts.user(id)
	gone.conversations = slices.DeleteFunc(slices.Clone(gone.conversations), func(other chat.ConversationID) bool { return other == c.id })
	gone.left = append(without(gone.left, c.id), leftRoom{c.id, logged.eventHead})
	b.facts.users = b.facts.users.with(id, &gone)
	b.members[placeKey{c.id, id}] = struct{}{}
	b.drafts[draftKey{gone.row.Key, c.id}] = store.Draft{UserKey: gone.row.Key, Draft: chat.Draft{ConversationID: c.id, At: b.at}}
	return b.inherit(logged)
}

// deliversIn tells whether the reader may be told an entry that is about the room c: as a member, who was told of the room
// already, and not what came whole with it.
func (f *Feed) deliversIn(now *facts, me *user, e *entry, c *conversation) bool {
	if !now.mayInRoom(chat.ActDeliver, me, c).Allowed {
		return false
	}
	mine, _ := c.place(me.id())
	return mine.since <= f.toldSeq && e.seq > f.entered[c.id]
}

// crossRooms adds to r the rooms whose member the reader has become, or is no longer, since rights were last told. Who came
// back comes to a whole room: the client may have been told to purge it.
func (f *Feed) crossRooms(ctx context.Context, facts *facts, r *chat.Rights, me *user) error {
	for _, l := range me.left {
		if l.seq > f.toldSeq {
			r.ConversationsLost = append(r.ConversationsLost, l.id)
		}
	}
	for _, id := range me.conversations {
		c := facts.conversation(id)
		if mine, _ := c.place(me.id()); mine.since <= f.toldSeq || !facts.holds(me, c) {
			continue
		}
		state, err := f.h.conversationState(ctx, facts, me, c, tailLength)
		if err != nil {
			return err
		}
		if state.Draft, err = f.h.o.Store.Draft(ctx, me.row.Key, id); err != nil {
			return err
		}
		r.ConversationsGained = append(r.ConversationsGained, state)
		if f.entered == nil {
			f.entered = map[chat.ConversationID]int64{}
		}
		f.entered[id] = facts.head
	}
	return nil
}

// changedRooms adds what differs in the reader's rooms and rights to post in them.
func (f *Feed) changedRooms(ctx context.Context, facts *facts, me *user, r *chat.Rights) error {
	if err := f.crossRooms(ctx, facts, r, me); err != nil {
		return err
	}
	then := f.told.user(me.id())
	for _, id := range me.conversations {
		c := facts.conversation(id)
		if c.kind != chat.KindRoom {
			continue
		}
		post := facts.mayInRoom(chat.ActPost, me, c).Can()
		was := policy.May(chat.ActPost, policy.Facts{Organisation: &f.told.organisation.Organisation, Actor: then.person, Room: true, Participant: true}).Can()
		if mine, _ := c.place(me.id()); mine.since > f.toldSeq || post != was {
			r.Post[id] = post
		}
	}
	return nil
}
