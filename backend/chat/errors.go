package chat

import (
	"errors"
	"fmt"
)

// Code is the class of an error: what a program does about it. There are few, and what went wrong in detail is human text.
type Code string

// The codes.
const (
	// CodeDenied: you know of it, but a rule does not let you. Final; Refusal says which rule.
	CodeDenied Code = "denied"
	// CodeUnknown: there is no such thing, or you may not know of it: the same words for both.
	CodeUnknown Code = "unknown"
	// CodeInvalid: what was sent is not of the required form. Final.
	CodeInvalid Code = "invalid"
	// CodeConflict: the id stands for something else already, or the thing was changed meanwhile.
	CodeConflict Code = "conflict"
	// CodeOffline: the replica has no connection to the hub, and this command needs it.
	CodeOffline Code = "offline"
	// CodeBusy: not now; nothing is known to be changed; repeat the same command later.
	CodeBusy Code = "busy"
	// CodeInternal: a fault of the server; it is in its log under the given reference.
	CodeInternal Code = "internal"
	// CodeSignedOut: there is no session (any more): sign in first. Its own code because every client must react by showing
	// the sign-in page rather than the error.
	CodeSignedOut Code = "signedOut"
	// CodeSecondFactor: the password was right, and a code of the second factor is needed beside it, or another one. At sign-in only.
	CodeSecondFactor Code = "secondFactor"
	// CodeEnrol: the same, but the user has no second factor yet and needs one: Enrolment sets it up, and a code confirms it.
	CodeEnrol Code = "enrol"
)

// Final tells whether repeating the same command can never succeed by itself, so an outbox must stop trying.
func (c Code) Final() bool {
	switch c {
	case CodeDenied, CodeUnknown, CodeInvalid, CodeConflict:
		return true
	}
	return false
}

// Gate is one of the seven questions of the permission model (SPEC 1). The first that fails is the reason given.
type Gate string

// The gates in the order in which they are asked.
const (
	GateAccount  Gate = "account"
	GateSwitch   Gate = "switch"
	GateWall     Gate = "wall"
	GateLicense  Gate = "license"
	GateGrant    Gate = "grant"
	GatePersonal Gate = "personal"
	GatePlace    Gate = "place"
)

// Gates lists the gates in order.
var Gates = []Gate{GateAccount, GateSwitch, GateWall, GateLicense, GateGrant, GatePersonal, GatePlace}

// Rule names the rule inside a gate that decided. User interfaces translate it.
type Rule string

// The rules that refuse. A refusal by the wall is never told: it is CodeUnknown.
const (
	RuleAccountInactive     Rule = "account.inactive"          // the actor's account is deactivated
	RuleOtherInactive       Rule = "account.otherInactive"     // the other side's account is deactivated
	RuleMessagingOff        Rule = "switch.off"                // IM-2
	RuleSuperiorsOnly       Rule = "switch.superiorsOnly"      // IM-3
	RuleAdministratorsStart Rule = "switch.adminsStart"        // IM-4
	RuleWall                Rule = "wall.group"                // EXP-20; inside the server only
	RuleUnknown             Rule = "wall.unknown"              // no such thing; inside the server only
	RuleNoLicense           Rule = "license.none"              // SET-4: no messaging license of the organisation's edition
	RuleNotAdministrator    Rule = "grant.notAdministrator"    // IM-7
	RuleAdministratorFixed  Rule = "grant.administratorFixed"  // IM-9
	RulePlainTextOnly       Rule = "grant.plainTextOnly"       // EXP-11
	RuleDirectOnly          Rule = "grant.directOnly"          // EXP-19: agents take no part in rooms
	RuleBeyondOwn           Rule = "grant.beyondOwn"           // SET-23: it concerns or gives a right that the actor lacks
	RuleLastAdministrator   Rule = "grant.lastAdministrator"   // nobody would be left who may change the rules
	RuleStatusNotAllowed    Rule = "grant.statusNotAllowed"    // SET-10
	RuleNoGrant             Rule = "grant.none"                // default deny: no role or set grants the act
	RuleRepliesOff          Rule = "personal.repliesOff"       // IM-11
	RuleStartOff            Rule = "personal.startOff"         // IM-13
	RuleStartNotIncluded    Rule = "personal.startNotIncluded" // IM-14..16
	RuleNotParticipant      Rule = "place.notParticipant"
	RuleNotAuthor           Rule = "place.notAuthor" // only who wrote a message edits or deletes it
	RuleNotOwner            Rule = "place.notOwner"  // what the owners of a room keep to themselves
)

// Refusal is the deciding gate and rule of a refused act, as far as the asker may know it (WHY-1).
type Refusal struct {
	Gate Gate `json:"gate"`
	Rule Rule `json:"rule"`
}

// Error is what a refused or failed command answers. It never carries an inner cause: that stays in the log.
type Error struct {
	Code Code `json:"code"`
	// Text says in English what happened, what was kept and what to do. Interfaces may translate by Code and Refusal.Rule.
	Text    string   `json:"text"`
	Refusal *Refusal `json:"refusal,omitempty"`
	// RetryAfterMs asks to wait this long before the next try; with CodeBusy only.
	RetryAfterMs Millis `json:"retryAfterMs,omitempty"`
	// Enrolment comes with CodeEnrol only.
	Enrolment *Enrolment `json:"enrolment,omitempty"`
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Text }

// Invalid returns an error of CodeInvalid with the formatted text.
func Invalid(format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Text: fmt.Sprintf(format, args...)}
}

// ErrUnknown is the one answer for what does not exist and for what the asker may not know of.
var ErrUnknown = &Error{Code: CodeUnknown, Text: "There is no such thing, or it is not yours to see. Nothing was changed."}

// AsError returns the *Error in err's chain, or one of CodeInternal that says nothing of the cause.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: CodeInternal, Text: "The server failed. Nothing is known to be lost; try again, and tell an administrator if it stays."}
}
