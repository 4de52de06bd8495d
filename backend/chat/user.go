package chat

// Role is what a user is in the organisation. Each user has exactly one.
type Role string

// The roles (SPEC section 0).
const (
	RoleAgent         Role = "agent"
	RoleSupervisor    Role = "supervisor"
	RoleAdministrator Role = "administrator"
	RoleExpert        Role = "expert"
)

// Roles lists all roles in the order in which they are shown.
var Roles = []Role{RoleAgent, RoleSupervisor, RoleAdministrator, RoleExpert}

// Valid tells whether r is one of the four roles.
func (r Role) Valid() bool {
	switch r {
	case RoleAgent, RoleSupervisor, RoleAdministrator, RoleExpert:
		return true
	}
	return false
}

// Rich tells whether the role writes rich text: experts write plain text only (EXP-11, EXP-12).
func (r Role) Rich() bool { return r != RoleExpert }

// User is a person as colleagues who may know of them see them. It says the same to every reader: what differs between
// readers (what they may do with this person) stands in Rights, and groups are named to nobody but oneself and
// administrators (EXP-20).
type User struct {
	ID UserID `json:"id"`
	// DisplayName is what people read, 1 to MaxNameLength characters.
	DisplayName string `json:"displayName"`
	Role        Role   `json:"role"`
	// Title says what the person does or knows about, for example "Furniture, quality". May be empty.
	Title   string   `json:"title"`
	TeamIDs []TeamID `json:"teamIds"`
	// Active is false once an administrator has deactivated the account. History keeps the name.
	Active bool `json:"active"`
}

// Team is a set of users who share work; a target of "may start with" (IM-15).
type Team struct {
	ID   TeamID `json:"id"`
	Name string `json:"name"`
}

// Group is the wall: an agent is in exactly one and sees no other (EXP-20).
type Group struct {
	ID   GroupID `json:"id"`
	Name string  `json:"name"`
}

// StartScope is the kind of target a user's Start setting lists: exactly one kind at a time (IM-14..16).
type StartScope string

// The scopes of Start.
const (
	// StartEveryone is the default of supervisors, administrators and experts (IM-6); it lists nothing.
	StartEveryone StartScope = "everyone"
	StartUsers    StartScope = "users"
	StartTeams    StartScope = "teams"
	StartRoles    StartScope = "roles"
)

// MessagingSettings are a user's personal Replies and Start (IM-11..16).
type MessagingSettings struct {
	// Replies allows answering. A user whose Replies are off still receives (IM-12).
	Replies bool `json:"replies"`
	// Start allows writing first, to those whom Scope and its list name.
	Start bool       `json:"start"`
	Scope StartScope `json:"scope"`
	// Targets are user ids, team ids or roles, as Scope says, at most MaxStartTargets; empty for StartEveryone.
	Targets []string `json:"targets"`
}

// MaxStartTargets bounds the targets of Start, which must fit into a request.
const MaxStartTargets = 2000

// DefaultSettings returns what a new user of the role may do: agents answer but do not start (IM-5), all others do both
// (IM-6).
func DefaultSettings(r Role) MessagingSettings {
	return MessagingSettings{Replies: true, Start: r != RoleAgent, Scope: StartEveryone, Targets: []string{}}
}

// MessagingMode restricts internal messages in the whole organisation.
type MessagingMode string

// The modes.
const (
	// ModeEveryone restricts nothing beyond the other gates.
	ModeEveryone MessagingMode = "everyone"
	// ModeSuperiorsOnly: agents exchange internal messages only with supervisors and administrators, both ways (IM-3).
	ModeSuperiorsOnly MessagingMode = "superiorsOnly"
	// ModeAdministratorsStart: only administrators start; replying follows Replies (IM-4).
	ModeAdministratorsStart MessagingMode = "administratorsStart"
)

// Organisation holds what is true for everybody. Everyone may read it.
type Organisation struct {
	Name string `json:"name"`
	// Messaging is the switch for all messages between users (IM-1, IM-2).
	Messaging bool          `json:"messaging"`
	Mode      MessagingMode `json:"mode"`
	// ReplyWindowMs is how long after the other side's last message an answer counts as a reply. Default 7 days.
	ReplyWindowMs Millis `json:"replyWindowMs"`
	// Reminder counts for all users who have not chosen otherwise.
	Reminder Reminder `json:"reminder,omitzero"`
	// SecondFactor are the roles whose users sign in with a second factor, in the order of Roles; none if absent. Who has none yet sets
	// it up at the next sign-in; sessions that are open go on.
	SecondFactor []Role `json:"secondFactor,omitempty"`
	// PushText says whether notices to browsers show what a message says, rather than only who wrote.
	PushText bool `json:"pushText,omitempty"`
	// Revision is raised by every change, as in UserRecord.
	Revision int64 `json:"revision"`
}

// DefaultReplyWindowMs is 7 days (SPEC 1.1).
const DefaultReplyWindowMs Millis = 7 * 24 * 3600 * 1000

// Me is what a user is told about themself.
type Me struct {
	User User `json:"user"`
	// Name is the sign-in name.
	Name  string `json:"name"`
	Group *Group `json:"group,omitempty"`
	// Settings are those in force. The list of a Scope of users is left empty: it may name people one may not know of.
	Settings MessagingSettings `json:"settings"`
	// Pending is what takes effect at the next sign-in (IM-19); nil when nothing is pending.
	Pending *MessagingSettings `json:"pending,omitempty"`
	// License and Permissions are what the user's license and permission sets give; of an administrator, who has all of the
	// latter, none are named.
	License     License      `json:"license,omitempty"`
	Permissions []Permission `json:"permissions,omitempty"`
	// Statuses are those the user may choose (SET-10); absent: all.
	Statuses []WorkState `json:"statuses,omitempty"`
	// Status is the declared status, kept over restarts.
	Status Status `json:"status"`
	// Attention is how the user wants to be disturbed.
	Attention Attention `json:"attention,omitzero"`
}
