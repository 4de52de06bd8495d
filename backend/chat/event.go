package chat

// EventType names something that has happened: a thing and a past participle.
type EventType string

// The types of events. Clients keep and ignore types they do not know.
const (
	// MessagePosted carries Message. Audience: the conversation.
	MessagePosted EventType = "message.posted"
	// MessageEdited and MessageDeleted carry Message as it stands now, which may be later than the change that is told. Audience:
	// the conversation.
	MessageEdited  EventType = "message.edited"
	MessageDeleted EventType = "message.deleted"
	// MessageReacted carries Reactions: all that are under the message now. Audience: the conversation.
	MessageReacted EventType = "message.reacted"
	// ConversationOpened carries Conversation; it precedes the first message. Audience: the conversation.
	ConversationOpened EventType = "conversation.opened"
	// RoomJoined and RoomLeft carry Members. Audience: the room's other members; to those who come or go themselves the room
	// is gained or lost, in Rights.
	RoomJoined EventType = "room.joined"
	RoomLeft   EventType = "room.left"
	// RoomChanged carries Room. Audience: the room's members.
	RoomChanged EventType = "room.changed"
	// ReadMarked carries Read. Audience: the reader's own devices (EXP-16: no receipts to others).
	ReadMarked EventType = "read.marked"
	// ConversationMuted carries Mute. Audience: one's own devices.
	ConversationMuted EventType = "conversation.muted"
	// DraftChanged carries Draft. Audience: the writer's own devices.
	DraftChanged EventType = "draft.changed"
	// StatusChanged carries Status. Audience: one's own devices (others get presence, which is a signal).
	StatusChanged EventType = "status.changed"
	// RequestDecided carries Request. Audience: the asker's own devices.
	RequestDecided EventType = "request.decided"
	// UserChanged carries User: new, changed or deactivated. Audience: the directory, those who may see this user.
	UserChanged EventType = "user.changed"
	// MeChanged carries Me. Audience: the user's own devices.
	MeChanged EventType = "me.changed"
	// TeamChanged carries Team. Audience: those who may know of it. Who comes to know of a team later is told it in Rights.
	TeamChanged EventType = "team.changed"
	// TeamGone carries Team as it was last: there is none of its id any more. Audience: those who may know of a team in which
	// nobody is.
	TeamGone EventType = "team.gone"
	// OrganisationChanged carries Organisation. Audience: everybody.
	OrganisationChanged EventType = "organisation.changed"
	// ConfigurationChanged carries Audit. Audience: administrators.
	ConfigurationChanged EventType = "configuration.changed"
)

// EventTypes lists all types, with the act a reader needs for each delivery, towards what the event speaks of. It is asked by the
// rules of the moment in which the frame leaves. What is about nobody but the reader needs a live session alone (ActOwn,
// ActConnect), which ends with the account.
var EventTypes = map[EventType]Act{
	MessagePosted:       ActDeliver,
	MessageEdited:       ActDeliver,
	MessageDeleted:      ActDeliver,
	MessageReacted:      ActDeliver,
	ConversationOpened:  ActDeliver,
	RoomJoined:          ActDeliver,
	RoomLeft:            ActDeliver,
	RoomChanged:         ActDeliver,
	ReadMarked:          ActDeliver,
	ConversationMuted:   ActDeliver,
	DraftChanged:        ActDeliver,
	RequestDecided:      ActDeliver,
	StatusChanged:       ActOwn,
	MeChanged:           ActOwn,
	UserChanged:         ActSee,
	TeamChanged:         ActSee,
	TeamGone:            ActSee,
	OrganisationChanged: ActConnect,

	ConfigurationChanged: ActConfigure,
}

// Amends tells whether events of the type change a message that was posted before.
func (t EventType) Amends() bool {
	return t == MessageEdited || t == MessageDeleted || t == MessageReacted
}

// Audience says to whose feeds an event goes at all. Of those only who may do the act of the event's type is told it.
type Audience string

// The audiences.
const (
	AudienceConversation   Audience = "conversation"   // its two users, or the members of the room
	AudienceOwn            Audience = "own"            // the devices of one user
	AudienceDirectory      Audience = "directory"      // everybody; it speaks of one user
	AudienceEverybody      Audience = "everybody"      // everybody; it speaks of the organisation, or of a team
	AudienceAdministrators Audience = "administrators" // who may configure
)

// Audiences lists all types of events with their audience.
var Audiences = map[EventType]Audience{
	MessagePosted:        AudienceConversation,
	MessageEdited:        AudienceConversation,
	MessageDeleted:       AudienceConversation,
	MessageReacted:       AudienceConversation,
	ConversationOpened:   AudienceConversation,
	RoomJoined:           AudienceConversation,
	RoomLeft:             AudienceConversation,
	RoomChanged:          AudienceConversation,
	ReadMarked:           AudienceOwn,
	ConversationMuted:    AudienceOwn,
	DraftChanged:         AudienceOwn,
	RequestDecided:       AudienceOwn,
	StatusChanged:        AudienceOwn,
	MeChanged:            AudienceOwn,
	UserChanged:          AudienceDirectory,
	TeamChanged:          AudienceEverybody,
	TeamGone:             AudienceEverybody,
	OrganisationChanged:  AudienceEverybody,
	ConfigurationChanged: AudienceAdministrators,
}

// Event is one thing that happened, whole: it carries the object after the change, so applying is an upsert by id, and
// applying it twice is harmless. Exactly the field that belongs to Type is there.
type Event struct {
	Type         EventType             `json:"type"`
	Message      *Message              `json:"message,omitempty"`
	Reactions    *MessageReactions     `json:"reactions,omitempty"`
	Conversation *Conversation         `json:"conversation,omitempty"`
	Members      *RoomMembers          `json:"members,omitempty"`
	Room         *RoomChange           `json:"room,omitempty"`
	Read         *ReadMarkArgs         `json:"read,omitempty"`
	Mute         *ConversationMuteArgs `json:"mute,omitempty"`
	Draft        *Draft                `json:"draft,omitempty"`
	Status       *Status               `json:"status,omitempty"`
	Request      *RightsRequest        `json:"request,omitempty"`
	User         *User                 `json:"user,omitempty"`
	Me           *Me                   `json:"me,omitempty"`
	Team         *Team                 `json:"team,omitempty"`
	Organisation *Organisation         `json:"organisation,omitempty"`
	Audit        *AuditEntry           `json:"audit,omitempty"`
}

// Can says whether an act is open to the reader. It is advice for greying buttons: the hub decides again.
type Can struct {
	Allowed bool `json:"allowed"`
	// Gate and Rule say why not; empty when allowed.
	Gate Gate `json:"gate,omitempty"`
	Rule Rule `json:"rule,omitempty"`
	// UntilAt is when an allowance ends by itself (the reply window); zero for never. After it: ThenGate, ThenRule.
	UntilAt  Millis `json:"untilAt,omitempty"`
	ThenGate Gate   `json:"thenGate,omitempty"`
	ThenRule Rule   `json:"thenRule,omitempty"`
}

// Rights are what the reader's rights are, as a difference to what was last told (in a Snapshot: all of them). They are not
// in the log and do not move the cursor.
type Rights struct {
	// PeopleGained are users one may know of from now on; PeopleLost disappear, with all traces.
	PeopleGained []User   `json:"peopleGained,omitempty"`
	PeopleLost   []UserID `json:"peopleLost,omitempty"`
	// ConversationsGained come with their tail; ConversationsLost are purged, outbox included.
	ConversationsGained []ConversationState `json:"conversationsGained,omitempty"`
	ConversationsLost   []ConversationID    `json:"conversationsLost,omitempty"`
	// Teams are all that the reader may know of from now on: those of people they may know of, those that their own Start names,
	// and for who reads the setup all. Absent where they are the ones that were told.
	Teams *[]Team `json:"teams,omitempty"`
	// Templates are those that have changed for the reader. Absent where none has.
	Templates *TemplateNews `json:"templates,omitempty"`
	// Start says for people whether one may write to them first: to each person one may see there is an entry.
	Start map[UserID]Can `json:"start,omitempty"`
	// Post says for conversations whether one may write in them now.
	Post map[ConversationID]Can `json:"post,omitempty"`
}

// ConversationState is a conversation as one reader has it.
type ConversationState struct {
	Conversation Conversation `json:"conversation"`
	// LastN is the number of the newest message.
	LastN int64 `json:"lastN"`
	// ReadN is the reader's read mark. Unread is LastN-ReadN: posting marks as read.
	ReadN int64 `json:"readN"`
	// Muted is true if new messages do not disturb the reader.
	Muted bool `json:"muted,omitempty"`
	// Tail holds the newest messages, ascending and without a gap; More says whether older ones exist.
	Tail  []Message `json:"tail"`
	More  bool      `json:"more"`
	Draft *Draft    `json:"draft,omitempty"`
}

// Snapshot is everything a reader starts with. Snapshot now = snapshot then + events and rights in between.
type Snapshot struct {
	Me           Me           `json:"me"`
	Organisation Organisation `json:"organisation"`
	Teams        []Team       `json:"teams"`
	People       []User       `json:"people"`
	// Templates are those that one may use.
	Templates     []Template          `json:"templates"`
	Conversations []ConversationState `json:"conversations"`
	// Rights holds Start and Post in full; its gained and lost lists are empty here.
	Rights Rights `json:"rights"`
	// Presence of everybody in People who is not offline.
	Presence []Presence `json:"presence"`
	// Outbox and Link are given by a desktop's replica only.
	Outbox []OutboxItem `json:"outbox,omitempty"`
	Link   *Link        `json:"link,omitempty"`
}

// ResetReason says why a client must start from a snapshot.
type ResetReason string

// The reasons.
const (
	ResetFirst    ResetReason = "first"    // no cursor was given
	ResetExpired  ResetReason = "expired"  // the cursor is older than the log reaches, or ahead of it
	ResetRenewed  ResetReason = "renewed"  // the log is another one: a backup was restored
	ResetProtocol ResetReason = "protocol" // the vocabulary changed
)

// SignalType names a signal: something that is not in the log, has no cursor, may be merged or lost.
type SignalType string

// The signals.
const (
	// SignalTyping carries ConversationID, UserID and Typing. It lapses after 6 s.
	SignalTyping SignalType = "typing"
	// SignalPresence carries Presence.
	SignalPresence SignalType = "presence"
	// SignalPresenceAll carries PresenceAll: everybody not named is offline. Sent after hello.
	SignalPresenceAll SignalType = "presence.all"
	// SignalTranscript carries Message: somebody wrote in a conversation that this session follows, or changed what they wrote. SignalTranscriptEnded carries
	// ConversationID: it follows it no more, because the right has ended.
	SignalTranscript      SignalType = "transcript"
	SignalTranscriptEnded SignalType = "transcript.ended"
	// SignalWatched carries ConversationID and Watchers: who follows this conversation of one's own now; nobody if empty. It comes
	// only where the organisation has chosen that those who are watched know it.
	SignalWatched SignalType = "watched"
	// SignalMonitoring says that what one may watch has changed: ask for transcript.list again.
	SignalMonitoring SignalType = "monitoring"
	// SignalForemost carries Foremost: whether this connection is the one that is to disturb its user first. It is sent when that
	// changes; until then a connection is foremost.
	SignalForemost SignalType = "foremost"
	// SignalOutbox carries Outbox: an item of the replica's outbox, new or changed.
	SignalOutbox SignalType = "outbox"
	// SignalOutboxGone carries MessageID: the item left the outbox (posted, discarded, or its conversation was lost).
	SignalOutboxGone SignalType = "outbox.gone"
	// SignalLink carries Link: the replica's connection to the hub.
	SignalLink SignalType = "link"
	// SignalAlert carries Alert: the desktop's attention asks the page for its part (flash, sound, open).
	SignalAlert SignalType = "alert"
	// SignalSaving carries Saving: how far a file is that is being saved on this computer.
	SignalSaving SignalType = "saving"
)

// SignalTypes lists all types, with the act a reader needs for each delivery. Those of the replica concern its own user.
var SignalTypes = map[SignalType]Act{
	SignalTyping:          ActDeliver,
	SignalPresence:        ActSee,
	SignalPresenceAll:     ActSee,
	SignalTranscript:      ActMonitor,
	SignalTranscriptEnded: ActOwn,
	SignalWatched:         ActDeliver,
	SignalMonitoring:      ActOwn,
	SignalForemost:        ActOwn,
	SignalOutbox:          ActOwn,
	SignalOutboxGone:      ActOwn,
	SignalLink:            ActOwn,
	SignalAlert:           ActOwn,
	SignalSaving:          ActOwn,
}

// Signal is one of them; exactly the fields that belong to Type are there.
type Signal struct {
	Type           SignalType     `json:"type"`
	ConversationID ConversationID `json:"conversationId,omitempty"`
	UserID         UserID         `json:"userId,omitempty"`
	Typing         bool           `json:"typing,omitempty"`
	Message        *Message       `json:"message,omitempty"`
	Watchers       []UserID       `json:"watchers,omitempty"`
	Presence       *Presence      `json:"presence,omitempty"`
	PresenceAll    []Presence     `json:"presenceAll,omitempty"`
	Foremost       bool           `json:"foremost,omitempty"`
	Outbox         *OutboxItem    `json:"outbox,omitempty"`
	MessageID      MessageID      `json:"messageId,omitempty"`
	Link           *Link          `json:"link,omitempty"`
	Alert          *Alert         `json:"alert,omitempty"`
	Saving         *Saving        `json:"saving,omitempty"`
}

// OutboxState is the state of a message that has left the UI and is not known to be posted.
//
//	waiting -> sending -> (posted: the item is gone)
//	   ^          |  \--> refused (final, with the reason; kept until discarded)
//	   \----------/ link lost: result unknown, repeated with the same id
type OutboxState string

// The states.
const (
	OutboxWaiting OutboxState = "waiting"
	OutboxSending OutboxState = "sending"
	OutboxRefused OutboxState = "refused"
)

// OutboxItem is one message in the outbox.
type OutboxItem struct {
	Message MessagePostArgs `json:"message"`
	// Order is the place in the outbox: ascending in the order typed.
	Order int64       `json:"order"`
	At    Millis      `json:"at"`
	State OutboxState `json:"state"`
	// Files are those that the message names.
	Files []OutboxFile `json:"files,omitempty"`
	// Error is the reason of OutboxRefused.
	Error *Error `json:"error,omitempty"`
}

// LinkState is the state of a replica's connection to the hub.
type LinkState string

// The states.
const (
	LinkConnecting LinkState = "connecting"
	LinkOnline     LinkState = "online"
	LinkOffline    LinkState = "offline"
)

// Link describes that connection.
type Link struct {
	State LinkState `json:"state"`
	// SinceAt is when State began, by this computer's clock.
	SinceAt Millis `json:"sinceAt"`
	// NextTryAt is when the next try begins; with LinkOffline only.
	NextTryAt Millis `json:"nextTryAt,omitempty"`
	// Server is the address signed in to, for people.
	Server string `json:"server"`
	// Warning is for people, for example that the token lies in a file because there is no key store. May be empty.
	Warning string `json:"warning,omitempty"`
	// Filling is there while much older history is being loaded for use without a connection.
	Filling *Filling `json:"filling,omitempty"`
	// CatchUp is there while much that was missed is being told.
	CatchUp *CatchUp `json:"catchUp,omitempty"`
}

// CatchUp says from when to when messages were missed, and up to when they have been told. How many are still to come is not known:
// the hub does not tell how much others wrote.
type CatchUp struct {
	FromAt Millis `json:"fromAt"`
	At     Millis `json:"at"`
	ToAt   Millis `json:"toAt"`
}

// Filling says how many messages are kept on this computer, of how many that will be.
type Filling struct {
	Kept int64 `json:"kept"`
	Of   int64 `json:"of"`
}

// Alert is what attention asks of the page.
type Alert struct {
	ConversationID ConversationID `json:"conversationId"`
	// Sound asks to play the notification sound once; Open asks to show the conversation (a toast was clicked).
	Sound bool `json:"sound,omitempty"`
	Open  bool `json:"open,omitempty"`
}
