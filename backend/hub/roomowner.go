package hub

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
)

// Public rooms and the owners of rooms (EXP-18). Whoever makes a room owns it, and owners make others owners. As long as anybody
// is in a room somebody owns it: whoever has been in it longest follows the last owner who went or was deactivated. What is decided
// about a room is a row of its own, so that a post, which changes none of it, costs what it costs without; each change is a note
// that stands between the messages, told to the members whole.
//
// Rooms are not rules of the organisation, and nobody but its members knows of a private one. So the audit log, which
// administrators read, has the changes of public rooms alone.

// toldRoom returns what is decided about a room as its members are told it.
func (c *conversation) toldRoom() chat.Room {
	r := c.room
	for id, p := range c.places.all() {
		if p.owner {
			r.OwnerIDs = append(r.OwnerIDs, id)
		}
	}
	slices.Sort(r.OwnerIDs)
	return r
}

// setRoom puts a room in force that is new, or about which something else is decided.
func (b *batch) setRoom(c *conversation) {
	b.setConversation(c)
	b.rooms[c.id] = struct{}{}
	_, was := b.facts.publicRooms.get(c.id)
	switch {
	case c.room.Public && !was:
		b.facts.publicRooms = b.facts.publicRooms.with(c.id, struct{}{})
	case !c.room.Public && was:
		b.facts.publicRooms = b.facts.publicRooms.without(c.id)
		b.facts.closedSeq = b.facts.head + 1 // the entry that says so
	}
}

// changeRoom puts c in force, notes what was changed and tells the members. by is the zero Actor for what comes about by itself.
func (b *batch) changeRoom(c *conversation, by Actor, notes ...chat.RoomNote) *conversation {
	next := *c
	n := int64(0)
	if last := len(c.room.Notes); last > 0 {
		n = c.room.Notes[last-1].N
	}
	for i := range notes {
		notes[i].N, notes[i].AfterN, notes[i].At, notes[i].ByID = n+int64(i)+1, c.lastN, b.at, by.UserID
	}
	next.room.Note(notes...)
	b.setRoom(&next)
	told := next.toldRoom()
	told.Notes = notes
	return b.logInRoom(&next, chat.Event{Type: chat.RoomChanged, Room: &chat.RoomChange{ConversationID: c.id, Name: c.name, Room: told}}, by)
}

// auditRoom notes a change of a room that everybody may know of who reads the audit log.
func (b *batch) auditRoom(by Actor, command chat.CommandName, c *conversation, changes []chat.AuditChange) {
	b.audit(by, command, chat.AuditSubject{Kind: chat.SubjectConversation, ID: string(c.id), Name: c.name}, changes)
}

// inRoomAs returns a room of the asker's, in which they may do the act.
func (b *batch) inRoomAs(act chat.Act, me *user, id chat.ConversationID) (*conversation, error) {
	if !id.IsRoom() {
		return nil, chat.ErrUnknown
	}
	c := b.facts.conversation(id)
	if err := b.facts.mayInRoom(act, me, c).Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// findRooms lists the public rooms in which all words looked for stand.
func findRooms(_ context.Context, c *call, args chat.RoomFindArgs) (any, error) {
	if args.Limit < 1 || args.Limit > chat.MaxFoundRooms || len(args.Text) > maxSearch {
		return nil, chat.Invalid("at most %d rooms are listed at once, at least 1, and at most %d bytes looked for", chat.MaxFoundRooms, maxSearch)
	}
	words := strings.Fields(strings.ToLower(args.Text))
	answer := chat.RoomFindAnswer{Rooms: []chat.RoomInfo{}}
	for id := range c.facts.publicRooms.all() {
		room := c.facts.conversation(id)
		stands := strings.ToLower(room.name + "\n" + room.room.Topic)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(stands, w) }) {
			continue
		}
		_, in := room.place(c.me.id())
		answer.Rooms = append(answer.Rooms, chat.RoomInfo{ID: id, Name: room.name, Topic: room.room.Topic, Members: room.places.size, Member: in})
	}
	slices.SortFunc(answer.Rooms, func(a, b chat.RoomInfo) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	answer.More = len(answer.Rooms) > args.Limit
	answer.Rooms = answer.Rooms[:min(len(answer.Rooms), args.Limit)]
	return answer, nil
}

// joinRoom makes the asker a member of a public room.
func joinRoom(b *batch, me *user, by Actor, args chat.RoomJoinArgs) (any, error) {
	c, err := b.inRoomAs(chat.ActJoin, me, args.ConversationID)
	if err != nil {
		return nil, err
	}
	if _, in := c.place(me.id()); in {
		return none{}, nil
	}
	if c.places.size >= chat.MaxRoomMembers {
		return nil, chat.Invalid("this room is full: it has %d members. Nothing was changed; ask one of its owners", chat.MaxRoomMembers)
	}
	b.enter(c, []*user{me}, by)
	b.inherit(b.facts.conversation(c.id))
	return none{}, nil
}

// prepareTopic checks a topic's form.
func prepareTopic(_ context.Context, _ *call, args chat.RoomSetTopicArgs) (chat.RoomSetTopicArgs, error) {
	var err error
	args.Topic, err = chat.CleanTopic(args.Topic)
	return args, err
}

func setTopic(b *batch, me *user, by Actor, args chat.RoomSetTopicArgs) (any, error) {
	c, err := b.inRoomAs(chat.ActTopic, me, args.ConversationID)
	if err != nil || c.room.Topic == args.Topic {
		return none{}, err
	}
	next := *c
	next.room.Topic = args.Topic
	b.changeRoom(&next, by, chat.RoomNote{Kind: chat.NoteTopic, Text: args.Topic})
	return none{}, nil
}

// prepareRoomUpdate checks a name's form.
func prepareRoomUpdate(_ context.Context, _ *call, args chat.RoomUpdateArgs) (chat.RoomUpdateArgs, error) {
	if args.Name == nil {
		return args, nil
	}
	name, err := chat.CleanName("the room's name", *args.Name)
	args.Name = &name
	return args, err
}

// updateRoom changes what owners decide. Each field that becomes another is a note of its own.
func updateRoom(b *batch, me *user, by Actor, args chat.RoomUpdateArgs) (any, error) {
	c, err := b.inRoomAs(chat.ActModerate, me, args.ConversationID)
	if err != nil {
		return nil, err
	}
	next := *c
	var notes []chat.RoomNote
	var changes []chat.AuditChange
	if args.Name != nil && *args.Name != c.name {
		next.name = *args.Name
		notes = append(notes, chat.RoomNote{Kind: chat.NoteRenamed, Text: next.name})
		changes = append(changes, changed("name", c.name, next.name)...)
	}
	for _, s := range []struct {
		field   string
		to      *bool
		value   *bool
		on, off chat.RoomNoteKind
	}{
		{"public", args.Public, &next.room.Public, chat.NotePublic, chat.NotePrivate},
		{"ownersInvite", args.OwnersInvite, &next.room.OwnersInvite, chat.NoteOwnersInvite, chat.NoteMembersInvite},
		{"membersTopic", args.MembersTopic, &next.room.MembersTopic, chat.NoteMembersTopic, chat.NoteOwnersTopic},
	} {
		if s.to == nil || *s.to == *s.value {
			continue
		}
		kind := s.off
		if *s.to {
			kind = s.on
		}
		changes = append(changes, changed(s.field, *s.value, *s.to)...)
		notes = append(notes, chat.RoomNote{Kind: kind})
		*s.value = *s.to
	}
	if len(notes) == 0 {
		return none{}, nil
	}
	b.changeRoom(&next, by, notes...)
	if c.room.Public || next.room.Public {
		b.auditRoom(by, chat.RoomUpdate, c, changes)
	}
	return none{}, nil
}

// Refusals about owners.
var (
	errManyOwners = chat.Invalid("a room has at most %d owners. Nothing was changed; let one of them be a member like others first", chat.MaxRoomOwners)
	errLastOwner  = chat.Invalid("a room has an owner, and this is the last one. Nothing was changed; make somebody else an owner first")
	errRemoveSelf = chat.Invalid("who wants to go leaves the room. Nobody was taken out of it")
)

// mayHandOver tells whether me may make a member of a room its owner.
func (b *batch) mayHandOver(me *user, c *conversation, id chat.UserID) error {
	if err := b.facts.mayInRoom(chat.ActModerate, me, c).Err(); err != nil {
		return err
	}
	p, in := c.place(id)
	switch {
	case !in || id == me.id():
		return chat.ErrUnknown
	case !p.owner && len(c.toldRoom().OwnerIDs) >= chat.MaxRoomOwners:
		return errManyOwners
	}
	return nil
}

// setRoomOwner makes a member an owner, or no owner any more.
func setRoomOwner(b *batch, me *user, by Actor, args chat.RoomSetOwnerArgs) (any, error) {
	c, err := b.inRoomAs(chat.ActModerate, me, args.ConversationID)
	if err != nil {
		return nil, err
	}
	p, in := c.place(args.UserID)
	owners := c.toldRoom().OwnerIDs
	switch {
	case !in:
		return nil, chat.ErrUnknown
	case p.owner == args.Owner:
		return none{}, nil
	case args.Owner && len(owners) >= chat.MaxRoomOwners:
		return nil, errManyOwners
	case !args.Owner && len(owners) == 1:
		return nil, errLastOwner
	}
	next := b.setOwner(c, args.UserID, args.Owner, by)
	if c.room.Public {
		b.auditRoom(by, chat.RoomSetOwner, c, changed("owners", b.facts.nameAll(owners), b.facts.nameAll(next.toldRoom().OwnerIDs)))
	}
	return none{}, nil
}

// setOwner changes whether a member owns a room, and returns the room as it is then.
func (b *batch) setOwner(c *conversation, id chat.UserID, owner bool, by Actor) *conversation {
	p, _ := c.place(id)
	if p.owner == owner {
		return c
	}
	p.owner = owner
	b.members[placeKey{c.id, id}] = struct{}{}
	kind := chat.NoteOwner
	if !owner {
		kind = chat.NoteOwnerNoMore
	}
	return b.changeRoom(c.withPlace(p), by, chat.RoomNote{Kind: kind, UserIDs: []chat.UserID{id}})
}

// inherit gives a room an owner that has none who is active: the active member who has been in it longest, of several the one whose
// account is oldest. It returns the room as it is then.
func (b *batch) inherit(c *conversation) *conversation {
	active := func(p place) bool { return b.facts.user(p.userID).row.User.Active }
	var heir place // nobody yet
	owned := false
	for _, p := range c.places.all() {
		if p.owner && active(p) {
			return c
		}
		owned = owned || p.owner
		switch {
		case heir.userID == "", active(p) && !active(heir):
			heir = p
		case active(p) == active(heir) && cmp.Or(cmp.Compare(p.since, heir.since), cmp.Compare(p.userKey, heir.userKey)) < 0:
			heir = p
		}
	}
	if heir.userID == "" || owned && !active(heir) { // nobody is there, or nobody who could do more than its owner
		return c
	}
	return b.setOwner(c, heir.userID, true, Actor{})
}

// inheritRooms gives owners to the rooms whose owner has become inactive.
func (b *batch) inheritRooms(u *user) {
	for _, id := range u.conversations {
		if c := b.facts.conversation(id); c.kind == chat.KindRoom {
			b.inherit(c)
		}
	}
}

// auditName is a user as the audit log keeps them.
type auditName struct {
	ID   chat.UserID `json:"id"`
	Name string      `json:"name"`
}

// nameAll names users for the audit log.
func (f *facts) nameAll(ids []chat.UserID) []auditName {
	all := make([]auditName, len(ids))
	for i, id := range ids {
		all[i] = auditName{id, f.nameOf(id)}
	}
	return all
}

// prepareRemoval checks how many are to go.
func prepareRemoval(_ context.Context, _ *call, args chat.RoomRemoveArgs) (chat.RoomRemoveArgs, error) {
	args.UserIDs = distinct(args.UserIDs, "")
	if len(args.UserIDs) > chat.MaxRemoved {
		return args, chat.Invalid("at most %d members are taken out of a room at once. Nobody was; take out fewer", chat.MaxRemoved)
	}
	return args, nil
}

// removeFromRoom takes members out: all, or nobody.
func removeFromRoom(b *batch, me *user, by Actor, args chat.RoomRemoveArgs) (any, error) {
	c, err := b.inRoomAs(chat.ActModerate, me, args.ConversationID)
	if err != nil {
		return nil, err
	}
	ids := args.UserIDs
	for _, id := range ids {
		if _, in := c.place(id); !in {
			return nil, chat.ErrUnknown
		}
		if id == me.id() {
			return nil, errRemoveSelf
		}
	}
	if len(ids) == 0 {
		return none{}, nil
	}
	next := c
	for _, id := range ids {
		next = b.leave(next, id, by)
	}
	b.changeRoom(next, by, chat.RoomNote{Kind: chat.NoteRemoved, UserIDs: ids})
	if c.room.Public {
		b.auditRoom(by, chat.RoomRemove, c, changed("members", b.facts.nameAll(ids), nil))
	}
	return none{}, nil
}
