package store

import (
	"strconv"

	"parley/backend/chat"
)

// Keys are small numbers for users and conversations inside the server. They never leave it.
type (
	UserKey         int64
	ConversationKey int64
)

// Audience says whom an event is for.
type Audience string

// The audiences that are not a user's or a conversation's.
const (
	Everybody Audience = "everybody"
	// Directory is for those who may see the event's subject.
	Directory Audience = "directory"
	// Administrators is for those who may configure.
	Administrators Audience = "administrators"
)

// UserAudience is the user's own devices.
func UserAudience(k UserKey) Audience {
	return Audience("user." + strconv.FormatInt(int64(k), 10))
}

// ConversationAudience is the conversation's participants.
func ConversationAudience(k ConversationKey) Audience {
	return Audience("conversation." + strconv.FormatInt(int64(k), 10))
}

// Log describes the log.
type Log struct {
	// Epoch tells logs apart: a log restored from a backup is another one.
	Epoch []byte
	// Secret is what cursors are sealed with.
	Secret []byte
	// PushKey is the private key by which push services know this server; a backup has the same.
	PushKey []byte
	// Floor is the newest seq that may have been forgotten, Head the newest there is.
	Floor, Head int64
}

// Organisation is the row of the organisation.
type Organisation struct {
	chat.Organisation
	// WatchingShown is true if those whose conversations are followed are told of it.
	WatchingShown bool
	// DefaultGroup is the group of agents who were given none; empty as long as nobody needed one.
	DefaultGroup chat.GroupID
	ChangedBy    string
	ChangedAt    chat.Millis
}

// Made says who made a row and who changed it last.
type Made struct {
	CreatedBy string
	CreatedAt chat.Millis
	Revision  int64
	ChangedBy string
	ChangedAt chat.Millis
}

// Group is a group's row.
type Group struct {
	chat.Group
	Kind chat.GroupKind
	Made
}

// Team is a team's row.
type Team struct {
	chat.Team
	Made
}

// Queue is a queue's row.
type Queue struct {
	ID      chat.QueueID
	Name    string
	TeamIDs []chat.TeamID
	Made
}

// Licensing is the row of the edition.
type Licensing struct {
	Edition   chat.Edition
	Revision  int64
	ChangedBy string
	ChangedAt chat.Millis
}

// PermissionSet is a permission set's row.
type PermissionSet struct {
	chat.PermissionSet
	ChangedBy string
	ChangedAt chat.Millis
}

// User is all that is kept of a user.
type User struct {
	Key  UserKey
	User chat.User
	// Name signs in; lower case.
	Name     string
	GroupID  chat.GroupID
	Password string
	Settings chat.MessagingSettings
	Pending  *chat.MessagingSettings
	// License is empty for none.
	License    chat.License
	SetIDs     []chat.PermissionSetID
	SettingsBy string
	SettingsAt chat.Millis
	Status     chat.Status
	Attention  chat.Attention
	Factor     Factor
	Revision   int64
	ChangedBy  string
	ChangedAt  chat.Millis
}

// Factor is a user's second factor.
type Factor struct {
	// Secret is shared with the user's authenticator; empty as long as the factor is off.
	Secret []byte `json:"secret,omitempty"`
	// OnAt is since when it is on.
	OnAt chat.Millis `json:"onAt,omitempty"`
	// Step is the newest time step whose code was used: no code is good twice.
	Step int64 `json:"step,omitempty"`
	// Recovery are the hashes of the recovery codes that are left.
	Recovery [][]byte `json:"recovery,omitempty"`
	// Next is a secret that is being set up and not confirmed yet.
	Next []byte `json:"next,omitempty"`
}

// On tells whether the factor is asked for.
func (f *Factor) On() bool { return len(f.Secret) > 0 }

// Standing is what decides from Seq on who may know of the user.
type Standing struct {
	UserKey   UserKey
	Seq       int64
	Role      chat.Role
	GroupID   chat.GroupID
	Active    bool
	ChangedBy string
	ChangedAt chat.Millis
}

// Session is one sign-in.
type Session struct {
	ID        chat.SessionID
	UserKey   UserKey
	TokenHash []byte
	Device    chat.Device
	Address   string
	CreatedAt chat.Millis
	ExpiresAt chat.Millis
	SeenAt    chat.Millis
	// Push is where the session's browser is told of messages while no page is open; its endpoint is empty if it is not.
	Push chat.PushSubscribeArgs
}

// Conversation is a conversation's row. When it is loaded, LastN and Head are those of its newest message and EventHead
// the seq of its newest event that is no message; they are not written.
type Conversation struct {
	Key  ConversationKey
	ID   chat.ConversationID
	Kind chat.ConversationKind
	// Name, Room and Hash are a room's; Room is without its owners, and Hash of the command that made it.
	Name            string
	Room            chat.Room
	Hash            []byte
	CreatedAt       chat.Millis
	LastN           int64
	Head, EventHead int64
}

// Participant is a user's place in a conversation. As a change it says what the user has read and written there, and whether it
// is muted; the rest stays.
type Participant struct {
	ConversationKey ConversationKey
	UserKey         UserKey
	ReadN           int64
	WroteAt         chat.Millis
	Muted           bool
	// SinceSeq is when a membership of a room began, LeftSeq when it ended: zero while it lasts. Owner is true of who owns the room.
	// They are written by Members.
	SinceSeq, LeftSeq int64
	Owner             bool
}

// Message is a message's row and entry in the log.
type Message struct {
	Seq             int64
	ID              chat.MessageID
	ConversationKey ConversationKey
	N               int64
	UserKey         UserKey
	At              chat.Millis
	Text            string
	// Document is JSON, nil for plain text.
	Document []byte
	// Attachments is JSON, a list of chat.Attachment; nil for none.
	Attachments []byte
	// Hash is of the command that posted it.
	Hash []byte
	// Revision counts its changes since; EditedAt and DeletedAt are zero for never.
	Revision            int64
	EditedAt, DeletedAt chat.Millis
	// ReplyToID and ReplyToN are of the message that it quotes, if any.
	ReplyToID chat.MessageID
	ReplyToN  int64
	Mentions  []UserKey
	Reactions []Reaction
}

// Reaction is an emoji under a message, with those who gave it.
type Reaction struct {
	Emoji string    `json:"e"`
	Users []UserKey `json:"u"`
}

// Version is what a message was before a change.
type Version struct {
	ConversationKey ConversationKey
	N, Revision     int64
	// At is when it was written so.
	At                    chat.Millis
	Text                  string
	Document, Attachments []byte
}

// Version returns the message as it stands as what it was before the next change.
func (m *Message) Version() Version {
	return Version{ConversationKey: m.ConversationKey, N: m.N, Revision: m.Revision, At: max(m.At, m.EditedAt), Text: m.Text, Document: m.Document,
		Attachments: m.Attachments}
}

// Event is an entry in the log that is no message.
type Event struct {
	Seq      int64
	Audience Audience
	// Subject is what the event speaks of and its reader must be able to see: a user's id, or a room's; empty if nothing. Of a
	// change of a message it is the message's id.
	Subject string
	Type    chat.EventType
	// Body is the event's JSON as it is told; empty for a change of a message, which is told as it stands: what was deleted
	// must be nowhere else.
	Body []byte
	By   string
	At   chat.Millis
}

// Draft is a user's draft. An empty Text removes it.
type Draft struct {
	UserKey UserKey
	Draft   chat.Draft
}

// Changes are what one transaction writes: rows absolutely, by their key, and entries of the log.
type Changes struct {
	Organisation  *Organisation
	Groups        []Group
	Teams         []Team
	Licensing     *Licensing
	Sets          []PermissionSet
	DeletedSets   []chat.PermissionSetID
	Queues        []Queue
	GoneGroups    []chat.GroupID
	GoneTeams     []chat.TeamID
	GoneQueues    []chat.QueueID
	Templates     []Template
	GoneTemplates []chat.TemplateID
	Users         []User
	Standings     []Standing
	Sessions      []Session
	Ended         []chat.SessionID
	Conversations []Conversation
	Participants  []Participant
	Members       []Participant // whole rows of those whose membership has begun, ended, or become another
	Messages      []Message
	Files         []File        // of these messages, and of templates
	Amended       []Message     // whole rows of messages that were posted before, in the order of their changes
	Versions      []Version     // what those were
	FilesGone     []chat.FileID // of messages and templates that have lost them
	Events        []Event
	Drafts        []Draft
	Requests      []Request
	Audit         []chat.AuditEntry
	Monitoring    []Monitoring
	// Touch writes something that means nothing, to see whether writing works.
	Touch bool
}

// Empty tells whether there is nothing to write.
func (c *Changes) Empty() bool {
	return !c.Touch && c.Organisation == nil && len(c.Groups) == 0 && len(c.Teams) == 0 && len(c.Queues) == 0 &&
		len(c.GoneGroups) == 0 && len(c.GoneTeams) == 0 && len(c.GoneQueues) == 0 && len(c.Users) == 0 && len(c.Standings) == 0 &&
		len(c.Templates) == 0 && len(c.GoneTemplates) == 0 && c.Licensing == nil && len(c.Sets) == 0 && len(c.DeletedSets) == 0 &&
		len(c.Sessions) == 0 && len(c.Ended) == 0 && len(c.Conversations) == 0 && len(c.Participants) == 0 && len(c.Members) == 0 &&
		len(c.Messages) == 0 && len(c.Amended) == 0 && len(c.Events) == 0 && len(c.Drafts) == 0 && len(c.Requests) == 0 && len(c.Audit) == 0 && len(c.Monitoring) == 0
}

// AuditHead is the newest entry of the audit log, zero if there is none.
type AuditHead struct {
	N    int64
	Hash string
}

// State is what the hub's facts are made of.
type State struct {
	Log           Log
	Audit         AuditHead
	Organisation  Organisation
	Groups        []Group
	Teams         []Team
	Licensing     Licensing
	Sets          []PermissionSet
	Queues        []Queue
	Templates     []Template
	Users         []User
	Standings     []Standing // by user, then seq ascending
	Sessions      []Session
	Conversations []Conversation
	Participants  []Participant
	Requests      []Request // those that are open, and the last of the others
	Monitoring    []Monitoring
}

// Posted is what is known for ever of a message that was posted.
type Posted struct {
	ConversationKey ConversationKey
	UserKey         UserKey
	N               int64
	At              chat.Millis
	Hash            []byte
}
