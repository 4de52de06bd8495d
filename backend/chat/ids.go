package chat

import (
	"strings"

	"github.com/google/uuid"
)

// Ids are opaque words. Order and time are never read from them.
type (
	// UserID names a person with an account.
	UserID string
	// GroupID names a group: the wall around agents.
	GroupID string
	// PermissionSetID names a permission set.
	PermissionSetID string
	// TeamID names a team of users.
	TeamID string
	// QueueID names a queue.
	QueueID string
	// ConversationID names a conversation; see DirectID and NewRoomID.
	ConversationID string
	// MessageID is a UUIDv7 made by the client that wrote the message. It is primary key, idempotency key and list key in
	// one, and unique for ever.
	MessageID string
	// SessionID names one sign-in of a user on one device. It is not a secret (the token is).
	SessionID string
	// DeviceID names one installation (a desktop profile, a browser). It is made by the client and kept there.
	DeviceID string
	// Cursor is a place in the hub's log, sealed for its user. Only the hub reads it; everybody else compares for equality.
	Cursor string
)

// NewUUID returns a new UUIDv7 in its canonical form. It is the only place where ids are made, but for those that follow
// from others (CopyOf).
func NewUUID() string { return uuid.Must(uuid.NewV7()).String() }

// NewMessageID returns the id for a message that is about to be written.
func NewMessageID() MessageID { return MessageID(NewUUID()) }

// CopyOf returns the id of the copy that the message has of a file which is another's: the same for every try to post it.
func (m MessageID) CopyOf(from FileID) FileID {
	space, err := uuid.Parse(string(m))
	if err != nil { // no message is called so
		return ""
	}
	return FileID(uuid.NewSHA1(space, []byte(from)).String())
}

// ValidUUID tells whether s is a UUID in the canonical form of 36 lower-case characters.
func ValidUUID(s string) bool {
	if len(s) != 36 || strings.ToLower(s) != s {
		return false
	}
	_, err := uuid.Parse(s)
	return err == nil
}

const directPrefix = "d."

// DirectID returns the id of the one conversation between two users. It can be computed by both sides, also offline, so a
// first message needs no round trip. The order of the arguments does not matter.
func DirectID(a, b UserID) ConversationID {
	if b < a {
		a, b = b, a
	}
	return ConversationID(directPrefix + string(a) + "." + string(b))
}

// DirectPair returns the two users of a direct conversation's id, the lower id first, and whether c is such an id at all.
// Whether the users exist is another question. A user has no conversation with themself.
func (c ConversationID) DirectPair() (a, b UserID, ok bool) {
	rest, found := strings.CutPrefix(string(c), directPrefix)
	if !found {
		return "", "", false
	}
	left, right, found := strings.Cut(rest, ".")
	if !found || left >= right || !ValidUUID(left) || !ValidUUID(right) {
		return "", "", false
	}
	return UserID(left), UserID(right), true
}

const roomPrefix = "r."

// NewRoomID returns the id for a room that is about to be made.
func NewRoomID() ConversationID { return ConversationID(roomPrefix + NewUUID()) }

// IsRoom tells whether c has the form of a room's id: "r." and a UUID in its canonical form.
func (c ConversationID) IsRoom() bool {
	rest, found := strings.CutPrefix(string(c), roomPrefix)
	return found && ValidUUID(rest)
}

// OtherThan returns the other user of a direct conversation, and false if c is not a direct conversation of user.
func (c ConversationID) OtherThan(user UserID) (UserID, bool) {
	a, b, ok := c.DirectPair()
	switch {
	case ok && a == user:
		return b, true
	case ok && b == user:
		return a, true
	}
	return "", false
}
