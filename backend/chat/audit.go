package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// AuditEntry says who changed the rules, or somebody's account, from what to what, when and from where. Entries are never
// changed or removed; each is chained to the one before it by its hash. The same entry is told to administrators as the event
// configuration.changed, so a screen knows when what it shows is old.
type AuditEntry struct {
	// N counts the entries from 1, without gaps.
	N  int64  `json:"n"`
	At Millis `json:"at"`
	// ByID is who did it, or "console" for the server's own command line; ByName how they were called then.
	ByID   UserID `json:"byId"`
	ByName string `json:"byName"`
	// Address is the network address of the session it was done in; empty for the console, and for what took effect by itself.
	Address string        `json:"address,omitempty"`
	Command CommandName   `json:"command"`
	Subject AuditSubject  `json:"subject"`
	Changes []AuditChange `json:"changes"`
	// Hash is SHA-256, in hexadecimal, of the hash before it and of this entry's JSON without it.
	Hash string `json:"hash"`
}

// SubjectKind is a kind of thing that is configured.
type SubjectKind string

// The kinds.
const (
	SubjectUser         SubjectKind = "user"
	SubjectOrganisation SubjectKind = "organisation"
	SubjectRequest      SubjectKind = "request"
	// SubjectPermissionSet is a permission set, SubjectEdition the edition of the organisation.
	SubjectPermissionSet SubjectKind = "permissionSet"
	SubjectEdition       SubjectKind = "edition"
	// SubjectGroup is a group; SubjectConversation a conversation that somebody read or followed who takes no part in it.
	SubjectGroup        SubjectKind = "group"
	SubjectConversation SubjectKind = "conversation"
	SubjectTeam         SubjectKind = "team"
	SubjectQueue        SubjectKind = "queue"
	SubjectTemplate     SubjectKind = "template"
	// SubjectRefusal is a command that was refused: ID is the error's code, Name the act that the command needs. The same refusal of the
	// same user is noted once an hour at most, with how many times it came since and towards whom: the first few of them.
	SubjectRefusal SubjectKind = "refusal"
)

// MaxRefusalTargets bounds the targets that one entry of a refusal names.
const MaxRefusalTargets = 10

// RefusalTarget is whom or what a refused command was about, in the change "towards" of the refusal's entry: a user, or a conversation that the
// refused user takes no part in or that is a room. Name is how it was called then, of a conversation who is in it; empty if it was not there.
type RefusalTarget struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
	Name string      `json:"name"`
}

// AuditSubject is what was changed; Name is how it was called then.
type AuditSubject struct {
	Kind SubjectKind `json:"kind"`
	ID   string      `json:"id"`
	Name string      `json:"name"`
}

// AuditChange is one field before and after, as JSON; absent where there was nothing, and both where it is a secret.
type AuditChange struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from,omitempty" tstype:"unknown"`
	To    json.RawMessage `json:"to,omitempty" tstype:"unknown"`
}

// Chain returns the hash of the entry after the one whose hash is before; "" for the first.
func (e AuditEntry) Chain(before string) (string, error) {
	e.Hash = ""
	raw, err := Encode(e)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(before), raw...))
	return hex.EncodeToString(sum[:]), nil
}

// AuditListArgs ask for entries, newest first: those before BeforeN (0: the newest), at most Limit (1..MaxHistoryPage). What is
// given narrows them; what is empty does not.
type AuditListArgs struct {
	BeforeN int64 `json:"beforeN,omitempty"`
	Limit   int   `json:"limit"`
	// Text is looked for in names and values.
	Text        string      `json:"text,omitempty"`
	ByID        UserID      `json:"byId,omitempty"`
	SubjectKind SubjectKind `json:"subjectKind,omitempty"`
	SubjectID   string      `json:"subjectId,omitempty"`
	Command     CommandName `json:"command,omitempty"`
	// FromAt and ToAt bound the time: not before FromAt, before ToAt.
	FromAt Millis `json:"fromAt,omitempty"`
	ToAt   Millis `json:"toAt,omitempty"`
	// Refusals are listed with the others if this is true; by themselves if SubjectKind asks for them.
	Refusals bool `json:"refusals,omitempty"`
}

// AuditListAnswer holds entries in descending order of N.
type AuditListAnswer struct {
	Entries []AuditEntry `json:"entries"`
	// More is true if there are older ones that match.
	More bool `json:"more"`
}

// AuditVerifyAnswer says whether the chain is whole.
type AuditVerifyAnswer struct {
	Entries int64 `json:"entries"`
	// BrokenN is the first entry that is missing or not as it was written; 0 if there is none.
	BrokenN int64 `json:"brokenN,omitempty"`
}
