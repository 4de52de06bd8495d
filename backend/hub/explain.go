package hub

import (
	"context"

	"parley/backend/chat"
	"parley/backend/policy"
)

// query is a question of explain.ask on facts of some moment.
type query struct {
	act   chat.Act
	actor chat.UserID
	other chat.UserID         // of a person, or of a conversation of two
	room  chat.ConversationID // or
}

// askExplain says why somebody may do an act or may not (WHY-1). What is computed for administrators and for everybody else is
// the same; the latter are told what they may know.
func askExplain(ctx context.Context, c *call, args chat.ExplainAskArgs) (any, error) {
	if args.ActorID == "" {
		args.ActorID = c.me.id()
	}
	all := c.facts.may(chat.ActConfigure, c.me, nil, c.now)
	if (args.ActorID != c.me.id() || args.At != 0) && !all.Allowed {
		return nil, all.Err()
	}
	q, err := newQuery(args)
	if err != nil {
		return nil, err
	}
	if c.facts.hides(c.me, q) || !all.Allowed && c.facts.hidesRoom(c.me, q) {
		return nil, chat.ErrUnknown
	}
	x := &explaining{call: c, facts: c.facts, q: q, all: all.Allowed, now: c.now}
	if x.all {
		if x.keptSince, err = c.keptSince(ctx); err != nil {
			return nil, err
		}
	}
	if args.At != 0 {
		if err := x.goBack(ctx, args.At); err != nil {
			return nil, err
		}
	}
	return x.answer(ctx)
}

// newQuery checks the form of what is asked.
func newQuery(args chat.ExplainAskArgs) (query, error) {
	q := query{act: args.Act, actor: args.ActorID, other: args.OtherID}
	switch {
	case !explainable[args.Act]:
		return q, chat.Invalid("%.40q is no act that can be explained", string(args.Act))
	case args.OtherID != "" && args.ConversationID != "":
		return q, chat.Invalid("ask about a person or about a conversation, not about both")
	case args.ConversationID.IsRoom():
		q.room = args.ConversationID
	case args.ConversationID != "":
		var mine bool
		if q.other, mine = args.ConversationID.OtherThan(args.ActorID); !mine {
			q.other = chat.UserID(args.ConversationID) // nobody's id: unknown as every conversation of others
		}
	}
	return q, nil
}

// hides tells whether a question is about somebody of whom the asker may not know, or about nobody: whatever the act, both are answered
// alike, also where the act asks for no wall.
func (f *facts) hides(me *user, q query) bool {
	if q.other == "" || q.other == me.id() {
		return false
	}
	other := f.user(q.other)
	return other == nil || !f.sees(me, other)
}

// hidesRoom tells whether a question is about a room that the asker is not in and does not find, or about none: whatever the act, both
// are answered alike.
func (f *facts) hidesRoom(me *user, q query) bool {
	return q.room != "" && f.mayInRoom(chat.ActJoin, me, f.conversation(q.room)).Err() == chat.ErrUnknown
}

// onCustomers are the acts on messages with customers.
var onCustomers = map[chat.Act]bool{chat.ActEngage: true, chat.ActSupervise: true, chat.ActInitiate: true, chat.ActInitialSMS: true,
	chat.ActReadEntries: true, chat.ActRunFlow: true, chat.ActUseMobile: true, chat.ActSeeSession: true, chat.ActEditSession: true,
	chat.ActSeeContact: true, chat.ActEditContact: true}

// explainable are the acts one may ask about: all there are.
var explainable = func() map[chat.Act]bool {
	acts := map[chat.Act]bool{chat.ActReply: true, chat.ActStart: true, chat.ActMonitor: true, chat.ActConfigureMessaging: true,
		chat.ActConfigureChannels: true}
	for act := range onCustomers {
		acts[act] = true
	}
	for _, act := range chat.Commands {
		acts[act] = true
	}
	for _, act := range chat.EventTypes {
		acts[act] = true
	}
	return acts
}()

// explain decides a question on facts.
func (f *facts) explain(q query, now chat.Millis) policy.Explanation {
	actor, other := f.user(q.actor), f.user(q.other)
	p := policy.Facts{Organisation: &f.organisation.Organisation, Actor: person(actor), Other: person(other), Now: now}
	switch {
	case q.room != "":
		if actor != nil {
			p = f.inRoom(q.act, actor, f.conversation(q.room))
			p.Now = now
		}
		p.Room = true
	case q.act != chat.ActConfigure:
		p.Participant = true
		if c := f.conversation(chat.DirectID(q.actor, q.other)); c != nil {
			at, _ := c.place(q.other)
			p.OtherWroteAt = at.wroteAt
		}
	}
	if p.Other == nil && q.other != "" && q.act != chat.ActConfigure {
		p.Other = nobody // administration may concern nobody; here it concerns somebody who is not there
	}
	return policy.Explain(q.act, p)
}

// nobody is whom one asks about who does not exist.
var nobody = &policy.Person{}

// explaining answers one question.
type explaining struct {
	*call
	facts *facts // of the moment asked about
	q     query
	// all is true for administrators, who are told everything.
	all bool
	now chat.Millis
	// keptSince is from when on the history of rules is kept.
	keptSince chat.Millis
}

func (x *explaining) answer(ctx context.Context) (any, error) {
	e := x.facts.explain(x.q, x.now)
	if !x.all && e.Err() == chat.ErrUnknown || x.facts.user(x.q.actor) == nil || x.all && x.q.other != "" && x.facts.user(x.q.other) == nil {
		return nil, chat.ErrUnknown
	}
	told := &chat.Explanation{ActorID: x.q.actor, OtherID: x.q.other, Act: e.Act, Allowed: e.Allowed, Gate: e.Gate, Rule: e.Rule, UntilAt: e.UntilAt,
		Gates: e.Gates[:], At: x.now, KeptSinceAt: x.keptSince}
	if e.Allowed {
		return told, nil
	}
	var err error
	if told.SetBy, err = x.setBy(ctx, &e); err != nil {
		return nil, err
	}
	if x.facts != x.call.facts {
		return told, nil
	}
	if told.Fix, err = x.fix(ctx); err != nil {
		return nil, err
	}
	return told, nil
}

// setBy returns who made it so that the rule refuses, and when. Who may not know of them is told the time alone.
func (x *explaining) setBy(ctx context.Context, e *policy.Explanation) (*chat.SetBy, error) {
	var last *chat.AuditEntry
	for _, o := range x.origins(e.Rule) {
		if o.others && !x.all {
			return nil, nil
		}
		entry, err := x.lastChange(ctx, o)
		if err != nil {
			return nil, err
		}
		if entry != nil && (last == nil || entry.N > last.N) {
			last = entry
		}
	}
	if last == nil {
		return nil, nil
	}
	set := &chat.SetBy{At: last.At}
	if u := x.call.facts.user(last.ByID); u != nil && (x.all || x.call.facts.sees(x.me, u)) {
		set.UserID, set.Name = u.id(), u.row.User.DisplayName
	}
	return set, nil
}

// origin is where what a rule refuses by was set: a field of a thing in the audit log.
type origin struct {
	kind  chat.SubjectKind
	id    string
	field string
	// others is true for things of the other side, which are for administrators to know.
	others bool
}

// origins lists what a rule refuses by.
func (x *explaining) origins(rule chat.Rule) []origin {
	actor := func(field string) origin { return origin{chat.SubjectUser, string(x.q.actor), field, false} }
	other := func(field string) origin { return origin{chat.SubjectUser, string(x.q.other), field, true} }
	switch rule {
	case chat.RuleAccountInactive:
		return []origin{actor("active")}
	case chat.RuleOtherInactive:
		return []origin{other("active")}
	case chat.RuleMessagingOff:
		return []origin{{kind: chat.SubjectOrganisation, field: "messaging"}}
	case chat.RuleSuperiorsOnly, chat.RuleAdministratorsStart:
		return []origin{{kind: chat.SubjectOrganisation, field: "mode"}}
	case chat.RuleWall:
		return []origin{actor("group"), other("group")}
	case chat.RuleRepliesOff, chat.RuleStartOff, chat.RuleStartNotIncluded:
		return []origin{actor("settings")}
	case chat.RuleNotAdministrator, chat.RuleDirectOnly:
		return []origin{actor("role")}
	}
	return nil
}
