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
	// Text says, for people, why the record is refused.
	Text string `json:"text,omitempty"`
}

// UserImportAnswer says what each record does, in the order of the table.
type UserImportAnswer struct {
	Users []ImportedUser `json:"users"`
	// Done is true if that has been done. It is false for a dry run, and if a record is refused: then nothing has been changed.
	Done bool `json:"done"`
}
