package policy

import "parley/backend/chat"

// Can returns the decision as a client is told it, to grey its buttons by. Where the asker may not know of the other side
// it says no without a reason, in the same words for everybody hidden and for nobody at all.
func (d Decision) Can() chat.Can {
	switch {
	case d.Allowed:
		return chat.Can{Allowed: true, UntilAt: d.UntilAt, ThenGate: d.ThenGate, ThenRule: d.ThenRule}
	case d.silent():
		return chat.Can{}
	}
	return chat.Can{Gate: d.Gate, Rule: d.Rule}
}

// Err returns nil if the act is allowed, chat.ErrUnknown if the asker may not know of the thing, and otherwise an error of
// CodeDenied that names gate and rule. The errors are shared: they must not be changed.
func (d Decision) Err() *chat.Error {
	switch {
	case d.Allowed:
		return nil
	case d.silent():
		return chat.ErrUnknown
	}
	if err := denied[d.Rule]; err != nil {
		return err
	}
	return denied[chat.RuleNoGrant]
}

// silent tells whether the refusal must not say more than "unknown". An inactive account is told to its own user only, who
// learns nothing of others by it.
func (d Decision) silent() bool {
	return d.Rule != chat.RuleAccountInactive &&
		(d.hidden || d.Gate == chat.GateWall || d.Rule == chat.RuleNotParticipant)
}

// texts are the human words of each refusal that is told: what happened, what was kept, what to do.
var texts = []struct {
	gate chat.Gate
	rule chat.Rule
	text string
}{
	{chat.GateAccount, chat.RuleAccountInactive, "Your account is deactivated. Nothing was changed; ask an administrator to activate it."},
	{chat.GateAccount, chat.RuleOtherInactive, "This person's account is deactivated, so nothing new can be sent. The history stays readable; write to a colleague instead."},
	{chat.GateSwitch, chat.RuleMessagingOff, "Messages between users are switched off in this organisation. Nothing was sent; the history stays readable. An administrator can switch them on."},
	{chat.GateSwitch, chat.RuleSuperiorsOnly, "Agents exchange messages only with supervisors and administrators at present. Nothing was sent; write to a supervisor."},
	{chat.GateSwitch, chat.RuleAdministratorsStart, "Only administrators start conversations at present. Nothing was sent; you can answer once the other side has written."},
	{chat.GateLicense, chat.RuleNoLicense, "You hold no messaging license of this organisation's edition. Nothing was changed; ask an administrator for a license."},
	{chat.GateGrant, chat.RuleNotAdministrator, "Only administrators change this. Nothing was changed; ask an administrator."},
	{chat.GateGrant, chat.RuleAdministratorFixed, "The messaging settings of administrators are fixed and cannot be changed by anybody. Nothing was changed."},
	{chat.GateGrant, chat.RulePlainTextOnly, "Experts send plain text, without formatting. Nothing was sent; send it again as plain text."},
	{chat.GateGrant, chat.RuleDirectOnly, "Agents write to one person at a time; rooms are for experts, supervisors and administrators. Nothing was changed; write to each person directly."},
	{chat.GateGrant, chat.RuleBeyondOwn, "This concerns or gives rights that you lack yourself. Nothing was changed; ask an administrator."},
	{chat.GateGrant, chat.RuleLastAdministrator, "Nobody would be left who may change the rules. Nothing was changed; make somebody else an administrator first."},
	{chat.GateGrant, chat.RuleStatusNotAllowed, "None of your permission sets allows this status. Your status stays as it was; choose another one."},
	{chat.GateGrant, chat.RuleNoGrant, "Nothing grants you this. Nothing was changed; ask an administrator."},
	{chat.GatePersonal, chat.RuleRepliesOff, "Replying is switched off for you. Nothing was sent; you still receive messages. An administrator can switch replies on."},
	{chat.GatePersonal, chat.RuleStartOff, "You may answer, but not write first. Nothing was sent; you can write once the other side has written, or ask an administrator."},
	{chat.GatePlace, chat.RuleNotAuthor, "Only who wrote a message edits or deletes it. Nothing was changed."},
	{chat.GatePlace, chat.RuleNotOwner, "The owners of this room keep this to themselves. Nothing was changed; ask one of them."},
	{chat.GatePersonal, chat.RuleStartNotIncluded, "This person is not among those you may write to first. Nothing was sent; you can answer once they have written, or ask an administrator."},
}

var denied = func() map[chat.Rule]*chat.Error {
	m := make(map[chat.Rule]*chat.Error, len(texts))
	for _, t := range texts {
		m[t.rule] = &chat.Error{Code: chat.CodeDenied, Text: t.text, Refusal: &chat.Refusal{Gate: t.gate, Rule: t.rule}}
	}
	return m
}()
