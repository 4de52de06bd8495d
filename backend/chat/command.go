package chat

import "encoding/json"

// Act is what somebody does to something; the permission model knows nothing finer. Deliver, read, reply, start, monitor
// and configure are separate (SPEC 1).
type Act string

// The acts.
const (
	// ActConnect needs a live session only.
	ActConnect Act = "connect"
	// ActOwn concerns nobody but oneself: status, drafts, sessions, password.
	ActOwn Act = "own"
	// ActSee is to know of a user: directory, presence, names.
	ActSee Act = "see"
	// ActDeliver is to be told an event of a conversation, or about one, begun or not.
	ActDeliver Act = "deliver"
	// ActRead is to read a conversation's history.
	ActRead Act = "read"
	// ActPost is to write: a reply or a start, whichever the facts make it (SPEC 1.1).
	ActPost Act = "post"
	// ActReply and ActStart are the two kinds of ActPost.
	ActReply Act = "reply"
	ActStart Act = "start"
	// ActGather is to make a room. Who may not has nothing to do with rooms at all (EXP-18, EXP-19).
	ActGather Act = "gather"
	// ActInvite is to take another user into a room that one is in, or is making.
	ActInvite Act = "invite"
	// ActFind is to look for public rooms, ActJoin to come into one by oneself (EXP-18).
	ActFind Act = "find"
	ActJoin Act = "join"
	// ActTopic is to set a room's topic. ActModerate is what the owners of a room do: its name, its rules, who may find it, who is in
	// it and who owns it.
	ActTopic    Act = "setTopic"
	ActModerate Act = "moderate"
	// ActMonitor is to follow a conversation one takes no part in; ActTranscript is to read what was written there.
	ActMonitor    Act = "monitor"
	ActTranscript Act = "transcript"
	// ActConfigure is to change what only administrators change: the organisation, users' Replies and Start, and who watches
	// whom (IM-7).
	ActConfigure Act = "configure"
	// The acts of administration that permission sets grant too (SET-3, SET-20, SET-21): to read what is configured, to assign
	// licenses, to edit accounts, to write permission sets and to assign them, to configure queues, and channels.
	ActViewSetup          Act = "viewSetup"
	ActManageUsers        Act = "manageUsers"
	ActEditUsers          Act = "editUsers"
	ActManageSets         Act = "manageSets"
	ActAssignSets         Act = "assignSets"
	ActConfigureMessaging Act = "configureMessaging"
	ActConfigureChannels  Act = "configureChannels"
	// The acts on messages with customers, all of which need a license (SET-4): to take part, to supervise, to write first, to
	// write a first SMS, to read entries, to run a flow, to use a phone (SET-13..18), and to see and edit messaging sessions and
	// messaging users (SET-11, SET-12).
	ActEngage      Act = "engage"
	ActSupervise   Act = "supervise"
	ActInitiate    Act = "initiate"
	ActInitialSMS  Act = "initialSms"
	ActReadEntries Act = "readEntries"
	ActRunFlow     Act = "runFlow"
	ActUseMobile   Act = "useMobile"
	ActSeeSession  Act = "seeSession"
	ActEditSession Act = "editSession"
	ActSeeContact  Act = "seeContact"
	ActEditContact Act = "editContact"
)

// Administers tells whether the act is one of administration: what configures, and what reads what is configured.
func (a Act) Administers() bool {
	switch a {
	case ActConfigure, ActViewSetup, ActManageUsers, ActEditUsers, ActManageSets, ActAssignSets, ActConfigureMessaging, ActConfigureChannels:
		return true
	}
	return false
}

// CommandName names a command: a thing and a verb.
type CommandName string

// The commands.
const (
	Hello              CommandName = "hello"
	Ping               CommandName = "ping"
	MessagePost        CommandName = "message.post"
	MessageEdit        CommandName = "message.edit"
	MessageDelete      CommandName = "message.delete"
	MessageVersions    CommandName = "message.versions"
	MessageReact       CommandName = "message.react"
	HistoryLoad        CommandName = "history.load"
	MessageSearch      CommandName = "message.search"
	ReadMark           CommandName = "read.mark"
	DraftSet           CommandName = "draft.set"
	TypingSet          CommandName = "typing.set"
	RoomCreate         CommandName = "room.create"
	RoomInvite         CommandName = "room.invite"
	RoomLeave          CommandName = "room.leave"
	RoomFind           CommandName = "room.find"
	RoomJoin           CommandName = "room.join"
	RoomSetTopic       CommandName = "room.setTopic"
	RoomUpdate         CommandName = "room.update"
	RoomSetOwner       CommandName = "room.setOwner"
	RoomRemove         CommandName = "room.remove"
	StatusSet          CommandName = "status.set"
	IdleSet            CommandName = "idle.set"
	AttentionUpdate    CommandName = "attention.update"
	ConversationMute   CommandName = "conversation.mute"
	PushSubscribe      CommandName = "push.subscribe"
	PushUnsubscribe    CommandName = "push.unsubscribe"
	SessionList        CommandName = "session.list"
	SessionEnd         CommandName = "session.end"
	PasswordChange     CommandName = "password.change"
	FactorShow         CommandName = "factor.show"
	FactorBegin        CommandName = "factor.begin"
	FactorConfirm      CommandName = "factor.confirm"
	FactorRenew        CommandName = "factor.renew"
	FactorDisable      CommandName = "factor.disable"
	UserAdd            CommandName = "user.add"
	UserList           CommandName = "user.list"
	UserUpdate         CommandName = "user.update"
	UserSetPassword    CommandName = "user.setPassword"
	UserResetFactor    CommandName = "user.resetFactor"
	UserUpdateMany     CommandName = "user.updateMany"
	UserImport         CommandName = "user.import"
	GroupCreate        CommandName = "group.create"
	GroupUpdate        CommandName = "group.update"
	GroupSetDefault    CommandName = "group.setDefault"
	GroupDelete        CommandName = "group.delete"
	TeamCreate         CommandName = "team.create"
	TeamRename         CommandName = "team.rename"
	TeamDelete         CommandName = "team.delete"
	QueueCreate        CommandName = "queue.create"
	QueueUpdate        CommandName = "queue.update"
	QueueDelete        CommandName = "queue.delete"
	TemplateList       CommandName = "template.list"
	TemplateCreate     CommandName = "template.create"
	TemplateUpdate     CommandName = "template.update"
	TemplateDelete     CommandName = "template.delete"
	SettingsUpdate     CommandName = "settings.update"
	OrganisationUpdate CommandName = "organisation.update"
	SetList            CommandName = "set.list"
	SetCreate          CommandName = "set.create"
	SetUpdate          CommandName = "set.update"
	SetClone           CommandName = "set.clone"
	SetDelete          CommandName = "set.delete"
	SetAssign          CommandName = "set.assign"
	LicenseAssign      CommandName = "license.assign"
	EditionPreview     CommandName = "edition.preview"
	EditionUpdate      CommandName = "edition.update"
	ExplainAsk         CommandName = "explain.ask"
	ChangePreview      CommandName = "change.preview"
	HealthCheck        CommandName = "health.check"
	RequestMake        CommandName = "request.make"
	RequestList        CommandName = "request.list"
	RequestDecide      CommandName = "request.decide"
	AuditList          CommandName = "audit.list"
	AuditVerify        CommandName = "audit.verify"
	MonitoringList     CommandName = "monitoring.list"
	MonitoringUpdate   CommandName = "monitoring.update"
	MonitoringShow     CommandName = "monitoring.show"
	TranscriptList     CommandName = "transcript.list"
	TranscriptLoad     CommandName = "transcript.load"
	TranscriptWatch    CommandName = "transcript.watch"
	TranscriptUnwatch  CommandName = "transcript.unwatch"
	TranscriptVersions CommandName = "transcript.versions"
)

// Commands is the one table of commands with the act each needs. The hub has a handler for each and nothing else; a test
// compares. Replica-only commands stand in ReplicaCommands.
var Commands = map[CommandName]Act{
	Hello:              ActConnect,
	Ping:               ActConnect,
	MessagePost:        ActPost,
	MessageEdit:        ActPost,
	MessageDelete:      ActRead,
	MessageVersions:    ActRead,
	MessageReact:       ActPost,
	HistoryLoad:        ActRead,
	MessageSearch:      ActRead,
	ReadMark:           ActRead,
	DraftSet:           ActRead,
	TypingSet:          ActPost,
	RoomCreate:         ActGather,
	RoomInvite:         ActInvite,
	RoomLeave:          ActRead,
	RoomFind:           ActFind,
	RoomJoin:           ActJoin,
	RoomSetTopic:       ActTopic,
	RoomUpdate:         ActModerate,
	RoomSetOwner:       ActModerate,
	RoomRemove:         ActModerate,
	StatusSet:          ActOwn,
	IdleSet:            ActOwn,
	AttentionUpdate:    ActOwn,
	ConversationMute:   ActRead,
	PushSubscribe:      ActOwn,
	PushUnsubscribe:    ActOwn,
	SessionList:        ActOwn,
	SessionEnd:         ActOwn,
	PasswordChange:     ActOwn,
	FactorShow:         ActOwn,
	FactorBegin:        ActOwn,
	FactorConfirm:      ActOwn,
	FactorRenew:        ActOwn,
	FactorDisable:      ActOwn,
	UserAdd:            ActEditUsers,
	UserList:           ActViewSetup,
	UserUpdate:         ActEditUsers,
	UserSetPassword:    ActEditUsers,
	UserResetFactor:    ActEditUsers,
	UserUpdateMany:     ActEditUsers,
	UserImport:         ActEditUsers,
	GroupCreate:        ActConfigure,
	GroupUpdate:        ActConfigure,
	GroupSetDefault:    ActConfigure,
	GroupDelete:        ActConfigure,
	TeamCreate:         ActConfigure,
	TeamRename:         ActConfigure,
	TeamDelete:         ActConfigure,
	QueueCreate:        ActConfigureMessaging,
	QueueUpdate:        ActConfigureMessaging,
	QueueDelete:        ActConfigureMessaging,
	TemplateList:       ActConfigureMessaging,
	TemplateCreate:     ActConfigureMessaging,
	TemplateUpdate:     ActConfigureMessaging,
	TemplateDelete:     ActConfigureMessaging,
	SettingsUpdate:     ActConfigure,
	OrganisationUpdate: ActConfigure,
	SetList:            ActViewSetup,
	SetCreate:          ActManageSets,
	SetUpdate:          ActManageSets,
	SetClone:           ActManageSets,
	SetDelete:          ActManageSets,
	SetAssign:          ActAssignSets,
	LicenseAssign:      ActManageUsers,
	EditionPreview:     ActConfigure,
	EditionUpdate:      ActConfigure,
	ExplainAsk:         ActOwn,
	ChangePreview:      ActConfigure,
	HealthCheck:        ActConfigure,
	RequestMake:        ActOwn,
	RequestList:        ActOwn,
	RequestDecide:      ActConfigure,
	AuditList:          ActConfigure,
	AuditVerify:        ActConfigure,
	MonitoringList:     ActConfigure,
	MonitoringUpdate:   ActConfigure,
	MonitoringShow:     ActConfigure,
	TranscriptList:     ActOwn,
	TranscriptLoad:     ActTranscript,
	TranscriptWatch:    ActMonitor,
	TranscriptUnwatch:  ActOwn,
	TranscriptVersions: ActTranscript,
}

// ReplicaCommands are answered by the desktop's replica itself and unknown to the hub: they concern this device.
const (
	ReplicaSignIn  CommandName = "replica.signIn"
	ReplicaSignOut CommandName = "replica.signOut"
	// ReplicaSSOName asks a server what its single sign-on is called, ReplicaSSOBegin begins one, and ReplicaSSOAwait waits for its end.
	ReplicaSSOName  CommandName = "replica.ssoName"
	ReplicaSSOBegin CommandName = "replica.ssoBegin"
	ReplicaSSOAwait CommandName = "replica.ssoAwait"
	// ReplicaRetry cuts the waiting time to the next connection try short.
	ReplicaRetry CommandName = "replica.retry"
	// OutboxDiscard removes a refused message from the outbox.
	OutboxDiscard CommandName = "outbox.discard"
	// FileTicket asks for a word with which the page's own elements, which can show no token, may read one file for a while.
	FileTicket CommandName = "file.ticket"
	// AttentionLook says which conversation the page's user is looking at, so that nothing disturbs them about it.
	AttentionLook CommandName = "attention.look"
)

// HelloArgs open a session. Must be the first command on a socket.
type HelloArgs struct {
	// Protocol is the version of this vocabulary, ProtocolVersion.
	Protocol int    `json:"protocol"`
	Device   Device `json:"device"`
	// Cursor is where the client stands; empty at first start. The answer continues from it, or resets.
	Cursor Cursor `json:"cursor,omitempty"`
}

// ProtocolVersion is raised when an older client can no longer understand; unknown commands, events and fields do not count.
const ProtocolVersion = 1

// Device describes the program that connects.
type Device struct {
	ID   DeviceID   `json:"id"`
	Kind DeviceKind `json:"kind"`
	// Name is shown in the list of sessions, for example "Firefox on Linux"; at most MaxNameLength characters.
	Name string `json:"name"`
}

// HelloAnswer answers hello. Then follow frames: a reset, or the events since the cursor; then rights and presence.
type HelloAnswer struct {
	UserID    UserID    `json:"userId"`
	SessionID SessionID `json:"sessionId"`
	// ServerAt is the server's time, so clients can show true relative times with a wrong clock.
	ServerAt Millis `json:"serverAt"`
	// Version is the server's version, for people.
	Version string `json:"version"`
	// Replica is true when a desktop's replica answers rather than the hub.
	Replica bool `json:"replica"`
	// PushKey is what a browser subscribes with to be told of messages while no page is open (push.subscribe), a point of P-256 in
	// base64url; absent where the server does not do that.
	PushKey string `json:"pushKey,omitempty"`
}

// MessagePostArgs post a message. Repeating them with the same content is harmless, for ever; the same id with anything
// different is CodeConflict.
type MessagePostArgs struct {
	ID             MessageID       `json:"id"`
	ConversationID ConversationID  `json:"conversationId"`
	Text           string          `json:"text,omitempty"`
	Document       json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	// FileIDs name files of the author's own, sent for this conversation and of no message yet; at most MaxAttachments. With them
	// the text may be empty.
	FileIDs []FileID `json:"fileIds,omitempty"`
	// TemplateFileIDs name files of templates that the author may use. The message gets them under ids of its own, after FileIDs,
	// and both together are at most MaxAttachments.
	TemplateFileIDs []FileID `json:"templateFileIds,omitempty"`
	// ReplyToID is the message of the same conversation that this one quotes, if any.
	ReplyToID MessageID `json:"replyToId,omitempty"`
	// Mentions are users of the conversation whom the message is meant for in particular, at most MaxMentions.
	Mentions []UserID `json:"mentions,omitempty"`
}

// MessagePostAnswer says what became of it. The hub answers with N and At: posted. The replica answers with Waiting: the
// message is on this computer's disk and posted later; the outbox signals tell.
type MessagePostAnswer struct {
	N       int64  `json:"n,omitempty"`
	At      Millis `json:"at,omitempty"`
	Waiting bool   `json:"waiting,omitempty"`
}

// MessageEditArgs replace the content of one of the asker's own messages, within the same limits as a new one. Revision is the one
// that was seen; if the message was changed since, the answer is CodeConflict. Repeating them is harmless.
type MessageEditArgs struct {
	ConversationID ConversationID  `json:"conversationId"`
	ID             MessageID       `json:"id"`
	Revision       int64           `json:"revision"`
	Text           string          `json:"text,omitempty"`
	Document       json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	// Mentions are those of the new content.
	Mentions []UserID `json:"mentions,omitempty"`
}

// MessageDeleteArgs take away the content of one of the asker's own messages. Its place stays, with author and time. Repeating them
// is harmless.
type MessageDeleteArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	ID             MessageID      `json:"id"`
}

// MessageReactArgs put the asker's reaction under a message, or take it away. Repeating them is harmless.
type MessageReactArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	ID             MessageID      `json:"id"`
	// Emoji is one emoji as it is drawn, for example with its colour of skin.
	Emoji string `json:"emoji"`
	On    bool   `json:"on"`
}

// MessageVersionsArgs ask for what a message was before.
type MessageVersionsArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	ID             MessageID      `json:"id"`
}

// MessageVersion is what a message was before it was edited or deleted.
type MessageVersion struct {
	Revision int64 `json:"revision"`
	// At is when it was written so.
	At       Millis          `json:"at"`
	Text     string          `json:"text"`
	Document json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
}

// MessageVersionsAnswer holds the earlier versions, the oldest first; none if the message is as it was posted. To those who take
// part in the conversation a deleted message has none: what was deleted is told to those alone who may read its transcript.
type MessageVersionsAnswer struct {
	Versions []MessageVersion `json:"versions"`
}

// HistoryLoadArgs ask for the messages just before number BeforeN (0: the newest), at most Limit
// (1..MaxHistoryPage); fewer if they are very large.
type HistoryLoadArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	BeforeN        int64          `json:"beforeN"`
	Limit          int            `json:"limit"`
}

// HistoryLoadAnswer holds messages in ascending order of N.
type HistoryLoadAnswer struct {
	Messages []Message `json:"messages"`
	// More is true if there are older ones.
	More bool `json:"more"`
}

// ReadMarkArgs say that everything up to N has been seen. A mark never goes back.
type ReadMarkArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	N              int64          `json:"n"`
}

// DraftSetArgs keep a draft; an empty text removes it.
type DraftSetArgs struct {
	ConversationID ConversationID  `json:"conversationId"`
	Text           string          `json:"text"`
	Document       json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
}

// TypingSetArgs tell the others of a conversation that one is typing (repeat every 4 s while typing) or has stopped.
type TypingSetArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	Typing         bool           `json:"typing"`
}

// StatusSetArgs declare a work state.
type StatusSetArgs struct {
	State  WorkState `json:"state"`
	Reason string    `json:"reason"`
}

// SessionInfo describes one sign-in of the asking user.
type SessionInfo struct {
	ID         SessionID  `json:"id"`
	DeviceKind DeviceKind `json:"deviceKind"`
	DeviceName string     `json:"deviceName"`
	CreatedAt  Millis     `json:"createdAt"`
	LastSeenAt Millis     `json:"lastSeenAt"`
	// Live is true while a socket is open.
	Live bool `json:"live"`
	// IdleSinceAt is since when nobody has been at it; zero while somebody is, and of one that is not live.
	IdleSinceAt Millis `json:"idleSinceAt,omitempty"`
	// Current is true for the session that asks.
	Current bool `json:"current"`
}

// SessionListAnswer lists the asker's sessions, newest first.
type SessionListAnswer struct {
	Sessions []SessionInfo `json:"sessions"`
}

// SessionEndArgs end one of the asker's own sessions; its sockets are cut within 1 s.
type SessionEndArgs struct {
	SessionID SessionID `json:"sessionId"`
}

// PasswordChangeArgs change one's own password; all one's other sessions end.
type PasswordChangeArgs struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// UserAddArgs create a user. Group and teams are given by name; for administrators they are created when there are none so called.
// An agent without a group enters the default group (EXP-20).
type UserAddArgs struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	Role        Role     `json:"role"`
	Title       string   `json:"title,omitempty"`
	Group       string   `json:"group,omitempty"`
	Teams       []string `json:"teams,omitempty"`
	Password    string   `json:"password"`
}

// UserAddAnswer names the new user.
type UserAddAnswer struct {
	UserID UserID `json:"userId"`
}

// UserRecord is a user as administrators see them, and who may see the setup. An agent who may is told of people as the wall
// allows.
type UserRecord struct {
	User     User               `json:"user"`
	Name     string             `json:"name"`
	Group    *Group             `json:"group,omitempty"`
	Settings MessagingSettings  `json:"settings"`
	Pending  *MessagingSettings `json:"pending,omitempty"`
	// License is empty for none.
	License License `json:"license,omitempty"`
	// SetIDs are the permission sets in the order in which they were assigned.
	SetIDs []PermissionSetID `json:"setIds,omitempty"`
	// SecondFactor is true if the user has one.
	SecondFactor bool `json:"secondFactor,omitempty"`
	// Revision is raised by every change; updates name the one they saw and get CodeConflict if it is older.
	Revision int64 `json:"revision"`
}

// UserListAnswer lists all users, groups, teams and queues.
type UserListAnswer struct {
	Users  []UserRecord  `json:"users"`
	Groups []GroupRecord `json:"groups"`
	Teams  []TeamRecord  `json:"teams"`
	Queues []QueueRecord `json:"queues"`
	// Edition says which license counts.
	Edition Edition `json:"edition"`
}

// UserUpdateArgs change a user absolutely: what is given replaces what was. Fields that are absent stay.
type UserUpdateArgs struct {
	UserID      UserID    `json:"userId"`
	Revision    int64     `json:"revision"`
	DisplayName *string   `json:"displayName,omitempty"`
	Title       *string   `json:"title,omitempty"`
	Role        *Role     `json:"role,omitempty"`
	Group       *string   `json:"group,omitempty"`
	Teams       *[]string `json:"teams,omitempty"`
	// Active false deactivates: all sessions end at once.
	Active *bool `json:"active,omitempty"`
}

// UserSetPasswordArgs replace another user's password; all their sessions end.
type UserSetPasswordArgs struct {
	UserID   UserID `json:"userId"`
	Password string `json:"password"`
}

// SettingsUpdateArgs replace a user's Replies and Start (IM-10..19). They take effect at that user's next sign-in unless
// ApplyNow.
type SettingsUpdateArgs struct {
	UserID   UserID            `json:"userId"`
	Revision int64             `json:"revision"`
	Settings MessagingSettings `json:"settings"`
	ApplyNow bool              `json:"applyNow"`
}

// OrganisationUpdateArgs replace what is true for everybody. Revision in it is the one that was seen.
type OrganisationUpdateArgs struct {
	Organisation Organisation `json:"organisation"`
}

// RevisionAnswer answers updates with the thing's new revision.
type RevisionAnswer struct {
	Revision int64 `json:"revision"`
}

// ReplicaSignInArgs sign the desktop in at a server.
type ReplicaSignInArgs struct {
	// Server is the address people type, for example "parley.example.com" or "http://127.0.0.1:8080".
	Server   string `json:"server"`
	Name     string `json:"name"`
	Password string `json:"password"`
	// Code is of the second factor, in a second try after CodeSecondFactor or CodeEnrol.
	Code string `json:"code,omitempty"`
}

// OutboxDiscardArgs name a refused message.
type OutboxDiscardArgs struct {
	ID MessageID `json:"id"`
}

// FileTicketArgs name a file of a message.
type FileTicketArgs struct {
	ID FileID `json:"id"`
}

// FileTicketAnswer holds the ticket. It ends some minutes after its last use, and with the session.
type FileTicketAnswer struct {
	Ticket string `json:"ticket"`
}

// AttentionLookArgs name the conversation that is open in a window that has the focus; empty when there is none.
type AttentionLookArgs struct {
	ConversationID ConversationID `json:"conversationId"`
}
