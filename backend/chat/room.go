package chat

import "slices"

// Limits of rooms.
const (
	// MaxRoomMembers is the most members a room has.
	MaxRoomMembers = 1000
	// MaxRoomOwners is the most of them who own it.
	MaxRoomOwners = 20
	// MaxTopicLength bounds a room's topic, in characters.
	MaxTopicLength = 250
	// MaxRoomNotes is how many of the last changes of a room are kept with it.
	MaxRoomNotes = 100
	// MaxRemoved is the most members that one room.remove takes out.
	MaxRemoved = 50
	// MaxFoundRooms is the most rooms that one room.find answers.
	MaxFoundRooms = 100
)

// Room is what the owners of a room decide about it, beside its name.
type Room struct {
	// Topic says in one line of at most MaxTopicLength characters what the room is about; absent for none.
	Topic string `json:"topic,omitempty"`
	// Public is true if experts, supervisors and administrators find the room and join it by themselves. One that is not is entered
	// by invitation, and is unknown to everybody who is not in it.
	Public bool `json:"public,omitempty"`
	// OwnersInvite is true if only owners invite; else every member does. MembersTopic is true if every member sets the topic; else
	// owners do.
	OwnersInvite bool `json:"ownersInvite,omitempty"`
	MembersTopic bool `json:"membersTopic,omitempty"`
	// OwnerIDs are the members who own the room, in the order of their ids, at most MaxRoomOwners. As long as anybody is in a room,
	// somebody owns it.
	OwnerIDs []UserID `json:"ownerIds,omitempty"`
	// Notes are the last MaxRoomNotes changes of the room, the oldest first.
	Notes []RoomNote `json:"notes,omitempty"`
}

// Note adds what happened to the room to its notes; one that is there already is replaced. The notes that were there are not
// changed: others may hold them.
func (r *Room) Note(notes ...RoomNote) {
	kept := append([]RoomNote{}, r.Notes...)
	for _, n := range notes {
		for len(kept) > 0 && kept[len(kept)-1].N >= n.N {
			kept = kept[:len(kept)-1]
		}
		kept = append(kept, n)
	}
	r.Notes = kept[max(0, len(kept)-MaxRoomNotes):]
}

// RoomNoteKind says what happened to a room.
type RoomNoteKind string

// The kinds.
const (
	// NoteRenamed and NoteTopic carry Text: the new name, the new topic (empty: none any more).
	NoteRenamed RoomNoteKind = "renamed"
	NoteTopic   RoomNoteKind = "topic"
	// NotePublic: from then on the room is found and joined; NotePrivate: no longer.
	NotePublic  RoomNoteKind = "public"
	NotePrivate RoomNoteKind = "private"
	// Who invites, and who sets the topic, from then on.
	NoteOwnersInvite  RoomNoteKind = "ownersInvite"
	NoteMembersInvite RoomNoteKind = "membersInvite"
	NoteOwnersTopic   RoomNoteKind = "ownersTopic"
	NoteMembersTopic  RoomNoteKind = "membersTopic"
	// NoteOwner, NoteOwnerNoMore and NoteRemoved carry UserIDs: who became an owner, who is none any more, who was taken out.
	NoteOwner       RoomNoteKind = "owner"
	NoteOwnerNoMore RoomNoteKind = "ownerNoMore"
	NoteRemoved     RoomNoteKind = "removed"
)

// RoomNote is a change of a room, a line between its messages.
type RoomNote struct {
	// N counts the room's notes from 1, without gaps.
	N int64 `json:"n"`
	// AfterN is the number of the room's newest message at that time; the note stands behind it.
	AfterN int64  `json:"afterN"`
	At     Millis `json:"at"`
	// ByID is who did it; absent where it came about by itself: the last owner went, and another member became one.
	ByID    UserID       `json:"byId,omitempty"`
	Kind    RoomNoteKind `json:"kind"`
	UserIDs []UserID     `json:"userIds,omitempty"`
	Text    string       `json:"text,omitempty"`
}

// RoomMembers are users who have become members of a room, or are none any more. Only the difference is told: a room may
// have a thousand members.
type RoomMembers struct {
	ConversationID ConversationID `json:"conversationId"`
	UserIDs        []UserID       `json:"userIds"`
}

// Apply puts a coming or going in force in c. Who goes owns it no more.
func (r *RoomMembers) Apply(c *Conversation, joined bool) {
	others := func(ids []UserID) []UserID {
		return slices.DeleteFunc(slices.Clone(ids), func(id UserID) bool { return slices.Contains(r.UserIDs, id) })
	}
	c.Participants = others(c.Participants)
	if joined {
		c.Participants = append(c.Participants, r.UserIDs...)
		slices.Sort(c.Participants)
	} else if c.Room != nil {
		room := *c.Room
		room.OwnerIDs = others(room.OwnerIDs)
		c.Room = &room
	}
}

// RoomChange is a room as it is now. Of its notes it holds the new ones.
type RoomChange struct {
	ConversationID ConversationID `json:"conversationId"`
	Name           string         `json:"name"`
	Room           Room           `json:"room"`
}

// Apply puts the change in force in c, which keeps the notes that were there.
func (r *RoomChange) Apply(c *Conversation) {
	next := r.Room
	next.Notes = nil
	if c.Room != nil {
		next.Notes = c.Room.Notes
	}
	next.Note(r.Room.Notes...)
	c.Name, c.Room = r.Name, &next
}

// RoomCreateArgs make a room, of the asker and the participants named: any number up to MaxRoomMembers with the asker, who owns
// it. All must be people whom the asker may write to first, none of them agents, or nothing is made. Repeating them is harmless,
// for ever; the same id with anything different is CodeConflict. To all members the room is told as gained, in Rights.
type RoomCreateArgs struct {
	// ID is made by the client: see NewRoomID.
	ID           ConversationID `json:"id"`
	Name         string         `json:"name"`
	Topic        string         `json:"topic,omitempty"`
	Public       bool           `json:"public,omitempty"`
	Participants []UserID       `json:"participants"`
}

// RoomInviteArgs take users into a room that the asker is in; all of them, or nobody. They see the whole history. Who is a
// member already stays one.
type RoomInviteArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	UserIDs        []UserID       `json:"userIds"`
}

// RoomLeaveArgs end the asker's membership of a room: from then on it is unknown to them, or can be joined again if it is public.
// Where nobody is left who owns it, the one who has been in it longest becomes its owner.
type RoomLeaveArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	// SuccessorID is a member whom the asker, an owner, makes an owner in going; absent for none.
	SuccessorID UserID `json:"successorId,omitempty"`
}

// RoomFindArgs look for public rooms, those that the asker is in among them. Each word of Text must stand in the name or the topic;
// case does not count. An empty one finds all. Limit is 1..MaxFoundRooms.
type RoomFindArgs struct {
	Text  string `json:"text,omitempty"`
	Limit int    `json:"limit"`
}

// RoomFindAnswer lists rooms by their names. More is true if there are others: look for more words.
type RoomFindAnswer struct {
	Rooms []RoomInfo `json:"rooms"`
	More  bool       `json:"more"`
}

// RoomInfo is a public room as those see it who are not in it.
type RoomInfo struct {
	ID    ConversationID `json:"id"`
	Name  string         `json:"name"`
	Topic string         `json:"topic,omitempty"`
	// Members is how many are in it.
	Members int `json:"members"`
	// Member is true if the asker is.
	Member bool `json:"member,omitempty"`
}

// RoomJoinArgs make the asker a member of a public room; they see the whole history. Repeating them is harmless.
type RoomJoinArgs struct {
	ConversationID ConversationID `json:"conversationId"`
}

// RoomSetTopicArgs replace a room's topic; an empty one is none.
type RoomSetTopicArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	Topic          string         `json:"topic"`
}

// RoomUpdateArgs change what owners decide about a room. Fields that are absent stay.
type RoomUpdateArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	Name           *string        `json:"name,omitempty"`
	// Public opens the room, its whole history included, to all experts, supervisors and administrators, or closes it again to
	// those who are not in it.
	Public       *bool `json:"public,omitempty"`
	OwnersInvite *bool `json:"ownersInvite,omitempty"`
	MembersTopic *bool `json:"membersTopic,omitempty"`
}

// RoomSetOwnerArgs make a member an owner, or an owner a member like others. The last owner stays one.
type RoomSetOwnerArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	UserID         UserID         `json:"userId"`
	Owner          bool           `json:"owner"`
}

// RoomRemoveArgs take members out of a room, at most MaxRemoved: all of them, or nobody. Oneself one leaves.
type RoomRemoveArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	UserIDs        []UserID       `json:"userIds"`
}

// CleanTopic checks a room's topic and returns it without the white space around it: empty, or one line of at most MaxTopicLength
// characters, which does not turn the direction of what stands after it.
func CleanTopic(s string) (string, error) {
	if !visible(s) {
		return "", nil
	}
	return cleanLine("the topic", s, MaxTopicLength)
}
