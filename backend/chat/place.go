package chat

// GroupKind says what a group is for, in management and reports; the wall is the same for both (EXP-21).
type GroupKind string

// The kinds.
const (
	// GroupFunctional is of agents who do the same work.
	GroupFunctional GroupKind = "functional"
	// GroupOrganisational is of agents of the same part of the organisation, for example a site or a company.
	GroupOrganisational GroupKind = "organisational"
)

// Valid tells whether k is one of the two kinds.
func (k GroupKind) Valid() bool { return k == GroupFunctional || k == GroupOrganisational }

// GroupRecord is a group as administrators see it.
type GroupRecord struct {
	ID   GroupID   `json:"id"`
	Name string    `json:"name"`
	Kind GroupKind `json:"kind"`
	// Default is true for the group that agents enter who are given none (EXP-20). It cannot be deleted.
	Default bool `json:"default"`
	// Revision is raised by every change of this record, as in UserRecord.
	Revision int64 `json:"revision"`
}

// TeamRecord is a team as administrators see it.
type TeamRecord struct {
	ID       TeamID `json:"id"`
	Name     string `json:"name"`
	Revision int64  `json:"revision"`
}

// QueueRecord is a queue: a name under which customers wait, and the teams whose members serve it.
type QueueRecord struct {
	ID       QueueID  `json:"id"`
	Name     string   `json:"name"`
	TeamIDs  []TeamID `json:"teamIds"`
	Revision int64    `json:"revision"`
}

// GroupCreateArgs make a group. Names are unique, whatever their case; so are those of teams and of queues.
type GroupCreateArgs struct {
	Name string    `json:"name"`
	Kind GroupKind `json:"kind"`
}

// GroupCreateAnswer names the new group.
type GroupCreateAnswer struct {
	GroupID GroupID `json:"groupId"`
}

// GroupUpdateArgs change a group. Fields that are absent stay.
type GroupUpdateArgs struct {
	GroupID  GroupID    `json:"groupId"`
	Revision int64      `json:"revision"`
	Name     *string    `json:"name,omitempty"`
	Kind     *GroupKind `json:"kind,omitempty"`
}

// GroupSetDefaultArgs make a group the one that agents enter who are given none, in the place of the one that was it when somebody looked:
// if another one is by now, the answer is CodeConflict.
type GroupSetDefaultArgs struct {
	GroupID  GroupID `json:"groupId"`
	Revision int64   `json:"revision"`
	// InsteadOfID is the group that was the default one; empty if none was.
	InsteadOfID GroupID `json:"insteadOfId,omitempty"`
}

// GroupRevisionArgs name a group as it was seen, to delete it: refused while somebody is in it, or if it is the default one.
type GroupRevisionArgs struct {
	GroupID  GroupID `json:"groupId"`
	Revision int64   `json:"revision"`
}

// TeamCreateArgs make a team.
type TeamCreateArgs struct {
	Name string `json:"name"`
}

// TeamCreateAnswer names the new team.
type TeamCreateAnswer struct {
	TeamID TeamID `json:"teamId"`
}

// TeamRenameArgs give a team another name.
type TeamRenameArgs struct {
	TeamID   TeamID `json:"teamId"`
	Revision int64  `json:"revision"`
	Name     string `json:"name"`
}

// TeamDeleteArgs delete a team; refused while somebody is in it, may start with it (IM-15), or while it serves a queue.
type TeamDeleteArgs struct {
	TeamID   TeamID `json:"teamId"`
	Revision int64  `json:"revision"`
}

// MaxQueueTeams bounds the teams that serve one queue.
const MaxQueueTeams = 100

// QueueCreateArgs make a queue, served by at most MaxQueueTeams teams; none is allowed.
type QueueCreateArgs struct {
	Name    string   `json:"name"`
	TeamIDs []TeamID `json:"teamIds"`
}

// QueueCreateAnswer names the new queue.
type QueueCreateAnswer struct {
	QueueID QueueID `json:"queueId"`
}

// QueueUpdateArgs change a queue. Fields that are absent stay.
type QueueUpdateArgs struct {
	QueueID  QueueID   `json:"queueId"`
	Revision int64     `json:"revision"`
	Name     *string   `json:"name,omitempty"`
	TeamIDs  *[]TeamID `json:"teamIds,omitempty"`
}

// QueueDeleteArgs delete a queue.
type QueueDeleteArgs struct {
	QueueID  QueueID `json:"queueId"`
	Revision int64   `json:"revision"`
}

// MaxUpdatedUsers bounds the users of one command that changes many, which must fit into a request.
const MaxUpdatedUsers = 1000

// UserUpdateManyArgs change many users alike: all of them, or none. Each change has its entry in the audit log.
type UserUpdateManyArgs struct {
	Users  []UserRevision `json:"users"`
	Fields UserFields     `json:"fields"`
}

// UserFields are what many users get alike. Fields that are absent stay. Group and teams are given by name, as in UserAddArgs.
type UserFields struct {
	Title *string `json:"title,omitempty"`
	Role  *Role   `json:"role,omitempty"`
	Group *string `json:"group,omitempty"`
	// AddTeams and RemoveTeams change the teams that each user is in by these; the others stay.
	AddTeams    []string `json:"addTeams,omitempty"`
	RemoveTeams []string `json:"removeTeams,omitempty"`
	Active      *bool    `json:"active,omitempty"`
}

// Of returns the change of one user, without that of the teams, which depends on those the user is in.
func (f UserFields) Of(u UserRevision) UserUpdateArgs {
	return UserUpdateArgs{UserID: u.UserID, Revision: u.Revision, Title: f.Title, Role: f.Role, Group: f.Group, Active: f.Active}
}

// UserUpdateManyAnswer gives the new revisions, in the order of the arguments.
type UserUpdateManyAnswer struct {
	Revisions []int64 `json:"revisions"`
}
