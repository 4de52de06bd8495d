package chat

// MaxImportedUsers bounds the records of one command, so that its decision does not keep others waiting.
const MaxImportedUsers = 200

// UserImportArgs add users and change them, from a table as spreadsheets write it: all its records, or none. Columns are name, display
// name, role, group, teams (separated by ;), title and password, in any order; only name must be there. Who signs in by the name is
// changed in what the columns say that are there; a name that nobody has makes a new user, who needs a role and a password. An empty
// display name, role or password changes nothing, nor an empty group of an agent, who is always in one: a new agent enters the default
// group. An empty title or list of teams is taken as that. Groups and teams that are not there are
// made, if an administrator imports. A password ends all sessions of the user whom it is for.
//
// A longer file is given in parts, each with the header line. Passwords are hashed one after the other, about 30 ms each: a table with
// passwords is better given in smaller parts.
type UserImportArgs struct {
	// CSV is the header line and at most MaxImportedUsers records, separated by commas or semicolons, as the header line is.
	CSV string `json:"csv"`
	// FirstLine is the number that the line below the header has in the whole file; 0: in CSV.
	FirstLine int64 `json:"firstLine,omitempty"`
	// DryRun only says what would happen.
	DryRun bool `json:"dryRun,omitempty"`
	// Revisions are those of the users as a dry run told them, in the order of the records; 0 for a user who is not there. A record that
	// changes a user of another revision is refused: somebody changed them since. Absent, they are all 0, so users are only added.
	Revisions []int64 `json:"revisions,omitempty"`
}

// ImportOutcome is what a record does.
type ImportOutcome string

// The outcomes.
const (
	ImportCreated   ImportOutcome = "created"
	ImportChanged   ImportOutcome = "changed"
	ImportUnchanged ImportOutcome = "unchanged"
	ImportRefused   ImportOutcome = "refused"
)

// ImportedUser says what a record does, or would do.
type ImportedUser struct {
	// Line is where the record begins in the file.
	Line int64 `json:"line"`
	// Name is the sign-in name; of a refused record it may be empty or shortened.
	Name    string        `json:"name"`
	Outcome ImportOutcome `json:"outcome"`
	// Changes are what is changed of a user who was there.
	Changes []AuditChange `json:"changes,omitempty"`
	// Revision is that of a user who was there, before the record changed anything; 0 if nobody was, or if the record is refused.
	Revision int64 `json:"revision,omitempty"`
	// Text says in English, for people, why the record is refused; Faults say it for programs.
	Text   string        `json:"text,omitempty"`
	Faults []ImportFault `json:"faults,omitempty"`
}

// FaultKind says what is wrong with a record. User interfaces translate it.
type FaultKind string

// The kinds.
const (
	FaultCells           FaultKind = "cells"           // it has N cells, and the header line Of
	FaultName            FaultKind = "name"            // Value is no name to sign in with
	FaultDouble          FaultKind = "double"          // the name Value stands in line N already
	FaultText            FaultKind = "text"            // what stands in the column Column is empty, too long, or holds signs that no name has
	FaultRole            FaultKind = "role"            // Value is no role
	FaultPassword        FaultKind = "password"        // the password has too few characters, or too many bytes
	FaultRoleMissing     FaultKind = "roleMissing"     // a new user needs a role
	FaultPasswordMissing FaultKind = "passwordMissing" // a new user needs a password
	FaultOnlyAgents      FaultKind = "onlyAgents"      // only agents are in a group
	FaultChanged         FaultKind = "changed"         // somebody changed this user since the table was checked
	FaultOwnPassword     FaultKind = "ownPassword"     // one's own password is changed with the old one
	FaultTaken           FaultKind = "taken"           // there is an account of this name already
	FaultRefused         FaultKind = "refused"         // a rule refuses it, which Rule names
	FaultUnknown         FaultKind = "unknown"         // it is about something that is not there, or not the importer's to see
	FaultOther           FaultKind = "other"           // anything else: the record's Text says it
)

// ImportFault is one thing that is wrong with a record. Exactly the fields that belong to Kind are there.
type ImportFault struct {
	Kind FaultKind `json:"kind"`
	// Value is what was written, shortened; never a password.
	Value  string `json:"value,omitempty"`
	Column string `json:"column,omitempty"`
	N      int64  `json:"n,omitempty"`
	Of     int64  `json:"of,omitempty"`
	Rule   Rule   `json:"rule,omitempty"`
}

// UserImportAnswer says what each record does, in the order of the table.
type UserImportAnswer struct {
	Users []ImportedUser `json:"users"`
	// Done is true if that has been done. It is false for a dry run, and if a record is refused: then nothing has been changed.
	Done bool `json:"done"`
}
