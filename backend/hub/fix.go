package hub

import (
	"cmp"
	"context"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// maxFixSteps bounds the changes of one fix: a refusal may hide another behind it.
const maxFixSteps = 3

// remedy is a change that might help, as a command and in words.
type remedy struct {
	changes []chat.Change
	step    chat.FixStep
}

// fix finds the smallest change by which the question would be answered with yes: of all sequences of remedies for the rules
// that refuse one after the other, tried on scratch facts, the one that opens the fewest pairs, opens them least far, closes
// the fewest and has the fewest steps, in this order. Nil if there is none.
//
// Whoever is no administrator is told what would help by what they see alone: only people they may know of are counted.
func (x *explaining) fix(ctx context.Context) (*chat.Fix, error) {
	s := &fixing{explaining: x, ctx: x.whileAsked(ctx)}
	if !x.all {
		s.only = func(u *user) bool { return x.facts.sees(x.me, u) }
	}
	if err := s.from(x.facts, nil); err != nil || s.best == nil {
		return nil, err
	}
	told := &chat.Fix{}
	for _, r := range s.best {
		if !x.all {
			r.step.SetID, r.step.Name = "", ""
		}
		told.Steps = append(told.Steps, r.step)
		if x.all {
			told.Changes = append(told.Changes, r.changes...)
			told.Gained = s.difference.Gained
		}
	}
	return told, nil
}

// fixing looks through remedies.
type fixing struct {
	*explaining
	ctx        context.Context
	only       func(*user) bool
	best       []remedy
	difference policy.Difference
}

// from tries what could follow on the remedies done, which made f.
func (s *fixing) from(f *facts, done []remedy) error {
	e := f.explain(s.q, s.now)
	if e.Allowed {
		return s.weigh(done)
	}
	// One set that helps is enough: they are tried by how little they grant.
	if s.best != nil && len(done) > 0 && done[len(done)-1].step.Kind == chat.FixSet {
		return nil
	}
	if len(done) == maxFixSteps || !s.all && e.Err() == chat.ErrUnknown {
		return nil
	}
	for _, r := range f.remedies(e.Rule, s.q) {
		next := append(slices.Clone(done), r)
		t, err := s.tryAll(next)
		if chat.AsError(err).Code == chat.CodeInternal && err != nil {
			return err
		}
		if err == nil {
			if err := s.from(t.after, next); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *fixing) tryAll(remedies []remedy) (*trial, error) {
	var changes []chat.Change
	for _, r := range remedies {
		changes = append(changes, r.changes...)
	}
	return s.console().try(s.ctx, changes)
}

// console returns the call as the server's command line would make it: what would help does not depend on who asks.
func (s *fixing) console() *call {
	c := *s.call
	c.actor, c.me = Console, nil
	return &c
}

// weigh keeps remedies that help if they do less than the best so far.
func (s *fixing) weigh(remedies []remedy) error {
	t, err := s.tryAll(remedies)
	if err != nil {
		return err
	}
	d, err := policy.Compare(s.ctx, &t.before.organisation.Organisation, &t.after.organisation.Organisation, t.moved(s.only), 0)
	if err != nil {
		return err
	}
	if b := s.difference; s.best == nil || cmp.Or(cmp.Compare(d.Gained, b.Gained), cmp.Compare(d.Growth, b.Growth), cmp.Compare(d.Lost, b.Lost),
		cmp.Compare(len(remedies), len(s.best))) < 0 {
		s.best, s.difference = remedies, d
	}
	return nil
}

// remedies are the changes that might end a rule's refusal.
func (f *facts) remedies(rule chat.Rule, q query) []remedy {
	actor, other := f.user(q.actor), f.user(q.other)
	switch rule {
	case chat.RuleAccountInactive:
		return []remedy{activate(actor)}
	case chat.RuleOtherInactive:
		return []remedy{activate(other)}
	case chat.RuleMessagingOff:
		return []remedy{f.organise(chat.FixStep{Kind: chat.FixMessagingOn}, func(o *chat.Organisation) { o.Messaging = true })}
	case chat.RuleSuperiorsOnly, chat.RuleAdministratorsStart:
		var all []remedy
		for _, mode := range []chat.MessagingMode{chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart, chat.ModeEveryone} {
			if mode != f.organisation.Mode {
				all = append(all, f.organise(chat.FixStep{Kind: chat.FixMode, Mode: mode}, func(o *chat.Organisation) { o.Mode = mode }))
			}
		}
		return all
	case chat.RuleWall:
		return []remedy{f.regroup(actor, other), f.regroup(other, actor)}
	case chat.RuleNoLicense:
		license := f.licensing.Edition.License()
		return []remedy{{one(chat.LicenseAssign, chat.LicenseAssignArgs{Users: revisionOf(actor), License: license}),
			chat.FixStep{Kind: chat.FixLicense, UserID: actor.id()}}}
	case chat.RuleNoGrant:
		return f.assignments(actor)
	case chat.RuleRepliesOff:
		return append(personal(actor, chat.FixStep{Kind: chat.FixRepliesOn}, func(s *chat.MessagingSettings) { s.Replies = true }), starts(actor, other)...)
	case chat.RuleStartOff, chat.RuleStartNotIncluded:
		return starts(actor, other)
	}
	return nil
}

func revisionOf(u *user) []chat.UserRevision {
	return []chat.UserRevision{{UserID: u.id(), Revision: u.row.Revision}}
}

// assignments are the permission sets that u does not hold, those that grant the least first: of sets that help, the first does.
func (f *facts) assignments(u *user) []remedy {
	var sets []*chat.PermissionSet
	for _, s := range f.sets.all() {
		if !slices.Contains(u.row.SetIDs, s.ID) {
			sets = append(sets, &s.PermissionSet)
		}
	}
	slices.SortFunc(sets, func(a, b *chat.PermissionSet) int {
		return cmp.Or(cmp.Compare(policy.RightsOf(a).Count(), policy.RightsOf(b).Count()), compare(a.ID, b.ID))
	})
	all := make([]remedy, len(sets))
	for i, s := range sets {
		all[i] = remedy{one(chat.SetAssign, chat.SetAssignArgs{Users: revisionOf(u), Enable: []chat.SetRevision{s.Seen()}}),
			chat.FixStep{Kind: chat.FixSet, UserID: u.id(), SetID: s.ID, Name: s.Label}}
	}
	return all
}

func activate(u *user) remedy {
	yes := true
	return remedy{one(chat.UserUpdate, chat.UserUpdateArgs{UserID: u.id(), Revision: u.row.Revision, Active: &yes}),
		chat.FixStep{Kind: chat.FixActivate, UserID: u.id()}}
}

// organise changes what is true for everybody.
func (f *facts) organise(step chat.FixStep, edit func(*chat.Organisation)) remedy {
	o := f.organisation.Organisation
	edit(&o)
	return remedy{one(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}), step}
}

// regroup moves a user into the group of another.
func (f *facts) regroup(u, to *user) remedy {
	name := ""
	if g := f.group(to); g != nil {
		name = g.Name
	}
	return remedy{one(chat.UserUpdate, chat.UserUpdateArgs{UserID: u.id(), Revision: u.row.Revision, Group: &name}),
		chat.FixStep{Kind: chat.FixGroup, UserID: u.id(), Group: name}}
}

// personal changes the settings of u at once, and those that wait for the next sign-in likewise: an update at once would take them back.
// If they list others than the present ones do (users, teams or roles), they stay what they are. No remedy if nothing changes now.
func personal(u *user, step chat.FixStep, edit func(*chat.MessagingSettings)) []remedy {
	edited := func(s chat.MessagingSettings) chat.MessagingSettings {
		s.Targets = slices.Clone(s.Targets)
		edit(&s)
		return s
	}
	now := edited(u.row.Settings)
	if sameSettings(now, u.row.Settings) {
		return nil
	}
	r := remedy{one(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: u.id(), Revision: u.row.Revision, Settings: now, ApplyNow: true}), step}
	if u.row.Pending != nil {
		later := *u.row.Pending
		if !later.Start || later.Scope == now.Scope {
			later = edited(later)
		}
		if !sameSettings(later, now) {
			r.changes = append(r.changes, change(chat.SettingsUpdate,
				chat.SettingsUpdateArgs{UserID: u.id(), Revision: u.row.Revision + 1, Settings: later}))
		}
	}
	return []remedy{r}
}

// one returns a command as the only change.
func one(do chat.CommandName, args any) []chat.Change { return []chat.Change{change(do, args)} }

// starts are the ways to let the Start of u cover another user, who is nil for making rooms. A Start that is on keeps the kind
// of its list, so nobody is lost; one that is off may get any.
func starts(u, other *user) []remedy {
	var all []remedy
	add := func(step chat.FixStep, edit func(*chat.MessagingSettings)) {
		all = append(all, personal(u, step, func(s *chat.MessagingSettings) {
			s.Start = true
			edit(s)
		})...)
	}
	if u.row.Pending != nil {
		pending := *u.row.Pending
		add(chat.FixStep{Kind: chat.FixApplyPending}, func(s *chat.MessagingSettings) { *s = pending })
	}
	add(chat.FixStep{Kind: chat.FixStart}, func(*chat.MessagingSettings) {})
	if other == nil {
		return all
	}
	list := func(step chat.FixStep, scope chat.StartScope, target string) {
		if u.row.Settings.Start && u.row.Settings.Scope != scope {
			return
		}
		add(step, func(s *chat.MessagingSettings) {
			if s.Scope != scope {
				s.Scope, s.Targets = scope, nil
			}
			s.Targets = append(s.Targets, target)
		})
	}
	list(chat.FixStep{Kind: chat.FixStartUser, UserID: other.id()}, chat.StartUsers, string(other.id()))
	for _, team := range other.row.User.TeamIDs {
		list(chat.FixStep{Kind: chat.FixStartTeam, TeamID: team}, chat.StartTeams, string(team))
	}
	role := other.row.User.Role
	list(chat.FixStep{Kind: chat.FixStartRole, Role: role}, chat.StartRoles, string(role))
	return all
}
