package chat

import "encoding/json"

// GateVerdict is what a gate answered when an act was decided.
type GateVerdict string

// The verdicts of a gate. The first that refuses decides, and those after it are not asked.
const (
	GatePassed   GateVerdict = "passed"
	GateRefused  GateVerdict = "refused"
	GateNotAsked GateVerdict = "notAsked"
)

// Because says why a gate let an act pass. User interfaces translate it.
type Because string

// The reasons.
const (
	BecauseActive      Because = "active"      // the accounts concerned are active
	BecauseOn          Because = "on"          // messages between users are on, without restriction
	BecauseSuperior    Because = "superior"    // superiors only (IM-3), and no agent without a superior is concerned
	BecauseModeAllows  Because = "modeAllows"  // administrators start (IM-4), and an administrator starts or somebody answers
	BecauseSameGroup   Because = "sameGroup"   // both are agents of one group
	BecauseNoWall      Because = "noWall"      // a wall stands between agents only (EXP-20)
	BecauseLicense     Because = "license"     // the actor holds the license of the organisation's edition
	BecauseRole        Because = "role"        // the role grants the act
	BecauseSet         Because = "set"         // a permission set grants the act
	BecauseReplies     Because = "replies"     // Replies is on, and the other side wrote within the reply window
	BecauseStart       Because = "start"       // Start is on and covers the other side
	BecauseParticipant Because = "participant" // the actor takes part in the conversation
	BecauseNotNeeded   Because = "notNeeded"   // the act needs nothing of this gate
)

// GateStep is one gate's part of an Explanation.
type GateStep struct {
	Gate    Gate        `json:"gate"`
	Verdict GateVerdict `json:"verdict"`
	// Rule is what refused; with GateRefused only.
	Rule Rule `json:"rule,omitempty"`
	// Because is why it passed; with GatePassed only.
	Because Because `json:"because,omitempty"`
}

// Reach is how far one user's right to write to another goes. Each contains the one before it.
type Reach string

// The reaches.
const (
	ReachNone  Reach = "none"
	ReachReply Reach = "reply" // once the other side has written, for as long as the reply window is open
	ReachStart Reach = "start" // at any time
)

// ExplainAskArgs ask why somebody may do an act or may not (WHY-1). Administrators ask about anybody; everybody else about
// themselves, and is told no more than they may know: about a target they may not know of the answer is CodeUnknown.
type ExplainAskArgs struct {
	// ActorID is who would act; empty: the asker.
	ActorID UserID `json:"actorId,omitempty"`
	Act     Act    `json:"act"`
	// OtherID is the person it would be done to, ConversationID the conversation it would be done in; at most one of them.
	OtherID        UserID         `json:"otherId,omitempty"`
	ConversationID ConversationID `json:"conversationId,omitempty"`
	// At asks by the rules of an earlier moment (WHY-3), for administrators; 0 is now.
	At Millis `json:"at,omitempty"`
}

// Explanation answers explain.ask.
type Explanation struct {
	ActorID UserID `json:"actorId"`
	OtherID UserID `json:"otherId,omitempty"`
	// Act is what was decided on: of ActPost the kind of writing that it would be.
	Act     Act  `json:"act"`
	Allowed bool `json:"allowed"`
	// Gate and Rule are what decided; empty if it is allowed.
	Gate Gate `json:"gate,omitempty"`
	Rule Rule `json:"rule,omitempty"`
	// UntilAt is when an allowance ends by itself; zero for never.
	UntilAt Millis `json:"untilAt,omitempty"`
	// Gates are all seven in their order.
	Gates []GateStep `json:"gates"`
	// SetBy is who made it so that the rule refuses; absent where nobody did, or it is not the asker's to know.
	SetBy *SetBy `json:"setBy,omitempty"`
	// Fix is the smallest change by which it would be allowed; absent where there is none, and for earlier moments.
	Fix *Fix `json:"fix,omitempty"`
	// At is the moment that the answer speaks of.
	At Millis `json:"at"`
	// KeptSinceAt is from when on the history of rules is kept, for administrators: earlier moments cannot be asked about.
	KeptSinceAt Millis `json:"keptSinceAt,omitempty"`
}

// SetBy is who set something, and when.
type SetBy struct {
	// UserID is empty where it was not a user: the server's command line.
	UserID UserID `json:"userId,omitempty"`
	Name   string `json:"name,omitempty"`
	At     Millis `json:"at"`
}

// Change is a command that configures, as it would be given.
type Change struct {
	Do   CommandName     `json:"do"`
	Args json.RawMessage `json:"args" tstype:"unknown"`
}

// Fix is a change by which a refused act would be allowed: of all that are known the one by which the fewest further pairs of
// users may write to each other.
type Fix struct {
	// Steps say in codes what would be changed.
	Steps []FixStep `json:"steps"`
	// Changes are the commands that do it and Gained the ordered pairs it would open, for administrators only.
	Changes []Change `json:"changes,omitempty"`
	Gained  int64    `json:"gained,omitempty"`
}

// FixKind says what a step of a Fix changes. User interfaces translate it.
type FixKind string

// The kinds.
const (
	FixActivate     FixKind = "account.activate"      // the account of UserID
	FixMessagingOn  FixKind = "switch.on"             // messages between users, for everybody
	FixMode         FixKind = "switch.mode"           // to Mode, for everybody
	FixGroup        FixKind = "wall.group"            // UserID moves into Group
	FixLicense      FixKind = "license.assign"        // UserID gets the license of the edition
	FixSet          FixKind = "grant.set"             // UserID gets the permission set SetID, called Name
	FixRepliesOn    FixKind = "personal.repliesOn"    // Replies of the actor
	FixStart        FixKind = "personal.start"        // Start of the actor, on with what it includes already
	FixStartUser    FixKind = "personal.startUser"    // Start of the actor includes UserID
	FixStartTeam    FixKind = "personal.startTeam"    // Start of the actor includes TeamID
	FixStartRole    FixKind = "personal.startRole"    // Start of the actor includes Role
	FixApplyPending FixKind = "personal.applyPending" // what waits for the actor's next sign-in takes effect now
)

// FixStep is one change of a Fix. Exactly the fields that belong to Kind are there.
type FixStep struct {
	Kind   FixKind       `json:"kind"`
	UserID UserID        `json:"userId,omitempty"`
	TeamID TeamID        `json:"teamId,omitempty"`
	Role   Role          `json:"role,omitempty"`
	Mode   MessagingMode `json:"mode,omitempty"`
	// Group is a group's name, SetID and Name a permission set, told to administrators only.
	Group string          `json:"group,omitempty"`
	SetID PermissionSetID `json:"setId,omitempty"`
	Name  string          `json:"name,omitempty"`
}

// MaxPreviewChanges bounds the commands of one preview, which must fit into a request.
const MaxPreviewChanges = 1000

// ChangePreviewArgs ask what commands that configure would do, without doing it (WHY-2). They are the commands as they would be
// given, in their order, and fail as they would.
type ChangePreviewArgs struct {
	Changes []Change `json:"changes"`
}

// ChangePreviewAnswer is what they would do. Lists are cut off where they are long; the counts are whole.
type ChangePreviewAnswer struct {
	// Gained and Lost count the ordered pairs of users of whom the one may write to the other further than before, and less
	// far.
	Gained      int64      `json:"gained"`
	Lost        int64      `json:"lost"`
	GainedPairs []PairMove `json:"gainedPairs"`
	LostPairs   []PairMove `json:"lostPairs"`
	// Roles counts the same pairs by the roles of both; those without a change are absent.
	Roles []RoleMove `json:"roles"`
	// Cut are conversations that have begun in which somebody may no longer write who may now.
	Cut      []CutConversation `json:"cut"`
	CutCount int               `json:"cutCount"`
	// Stranded are agents who may afterwards write to no supervisor, not even to answer, and now may to some.
	Stranded []UserID `json:"stranded"`
	// Queues are those that afterwards nobody who is active serves, and now somebody does.
	Queues []QueueID `json:"queues"`
	// Blocked are people, or members of teams, whom somebody's Start names from now on and who cannot be written to first all the same,
	// because another rule than Start refuses it; BlockedCount is how many.
	Blocked      []BlockedStart `json:"blocked"`
	BlockedCount int            `json:"blockedCount"`
	// Later are users for whom it takes effect at their next sign-in only (IM-19); it is counted as if they had signed in.
	Later []UserID `json:"later"`
	// SignedOut are users whose sessions end.
	SignedOut []UserID `json:"signedOut"`
}

// RoleMove is how many pairs, of an actor and another of these roles, gained and lost.
type RoleMove struct {
	Actor  Role  `json:"actor"`
	Other  Role  `json:"other"`
	Gained int64 `json:"gained,omitempty"`
	Lost   int64 `json:"lost,omitempty"`
}

// PairMove is how far Actor may write to Other, before and after a change.
type PairMove struct {
	ActorID UserID `json:"actorId"`
	OtherID UserID `json:"otherId"`
	Before  Reach  `json:"before"`
	After   Reach  `json:"after"`
}

// BlockedStart is somebody whom a Start names without effect: Gate and Rule refuse to Actor what Start would allow.
type BlockedStart struct {
	ActorID UserID `json:"actorId"`
	OtherID UserID `json:"otherId"`
	Gate    Gate   `json:"gate"`
	Rule    Rule   `json:"rule"`
}

// CutKind says how a conversation is cut.
type CutKind string

// The kinds.
const (
	CutHidden CutKind = "hidden" // a wall rises: it disappears for both
	CutSilent CutKind = "silent" // it can be read, and nobody may write in it
	CutOneWay CutKind = "oneWay" // one of both may still write
	CutLeft   CutKind = "left"   // a room that the users leave
)

// CutConversation is one of them, with the users whom it takes away from: of a conversation of two both.
type CutConversation struct {
	ConversationID ConversationID `json:"conversationId"`
	Kind           CutKind        `json:"kind"`
	UserIDs        []UserID       `json:"userIds"`
}

// FindingKind says what is odd (WHY-4). User interfaces translate it.
type FindingKind string

// The kinds, the graver first.
const (
	// FindNoAdministrator: nobody is left who may change the rules.
	FindNoAdministrator FindingKind = "noAdministrator"
	// FindMessagingOff: messages between users are off (IM-2); who could write to whom is not looked at then.
	FindMessagingOff FindingKind = "messagingOff"
	// FindUnsupervised: UserIDs are agents who may write to no supervisor, not even to answer.
	FindUnsupervised FindingKind = "unsupervised"
	// FindUnreached: nobody may write to UserIDs first.
	FindUnreached FindingKind = "unreached"
	// FindIsland: nobody of UserIDs may begin with anybody else, nor the other way round, over however many others.
	FindIsland FindingKind = "island"
	// FindStartNobody: the Start of UserIDs is on and includes nobody who is active.
	FindStartNobody FindingKind = "startNobody"
	// FindUnlicensed: UserIDs hold permission sets for messages with customers without the license of the edition, so these give
	// nothing (SET-4).
	FindUnlicensed FindingKind = "unlicensed"
	// FindOneAdministrator: UserIDs is the only one who may change the rules.
	FindOneAdministrator FindingKind = "oneAdministrator"
	// FindEmptyTeam: nobody who is active is in the team TeamID.
	FindEmptyTeam FindingKind = "emptyTeam"
	// FindEmptySet: the permission set SetID grants nothing to whoever holds it.
	FindEmptySet FindingKind = "emptySet"
	// FindEmptyQueue: nobody who is active serves the queue QueueID: what customers write there is read by nobody.
	FindEmptyQueue FindingKind = "emptyQueue"
)

// Finding is one thing that is odd in how the organisation is set up.
type Finding struct {
	Kind FindingKind `json:"kind"`
	// Count is how many users it is about; UserIDs the first of them.
	Count   int             `json:"count,omitempty"`
	UserIDs []UserID        `json:"userIds,omitempty"`
	TeamID  TeamID          `json:"teamId,omitempty"`
	SetID   PermissionSetID `json:"setId,omitempty"`
	QueueID QueueID         `json:"queueId,omitempty"`
	// Name is the set's label, or the queue's name.
	Name string `json:"name,omitempty"`
}

// HealthCheckAnswer lists what is odd, the graver first; nothing if all is well.
type HealthCheckAnswer struct {
	Findings []Finding `json:"findings"`
	// Users is how many active users were looked at.
	Users int `json:"users"`
}
