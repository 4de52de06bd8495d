package hub

import (
	"slices"

	"parley/backend/chat"
)

// updateOrganisation replaces what is true for everybody, at once.
func updateOrganisation(b *batch, _ *user, by Actor, args chat.OrganisationUpdateArgs) (any, error) {
	o := args.Organisation
	var err error
	if o.Name, err = chat.CleanName("the organisation's name", o.Name); err != nil {
		return nil, err
	}
	switch o.Mode {
	case chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart:
	default:
		return nil, chat.Invalid("%.40q is not a mode of messaging", string(o.Mode))
	}
	if o.ReplyWindowMs <= 0 || o.ReplyWindowMs > maxReplyWindow {
		return nil, chat.Invalid("the reply window is between 1 ms and 10 years")
	}
	if o.Reminder, err = chat.CleanReminder(o.Reminder); err != nil {
		return nil, err
	}
	if o.SecondFactor, err = cleanRoles(o.SecondFactor); err != nil {
		return nil, err
	}
	next := &b.facts.organisation
	if o.Revision != next.Revision {
		return nil, errRevision
	}
	changes := organisationChanges(&next.Organisation, &o)
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: o.Revision}, nil
	}
	b.audit(by, chat.OrganisationUpdate, chat.AuditSubject{Kind: chat.SubjectOrganisation, Name: next.Name}, changes)
	o.Revision++
	next.Organisation = o
	next.ChangedBy, next.ChangedAt = string(by.UserID), b.at
	row := *next
	b.changes.Organisation = &row
	b.log(chat.Event{Type: chat.OrganisationChanged, Organisation: &o}, entry{}, by)
	b.changeRules()
	return chat.RevisionAnswer{Revision: next.Revision}, nil
}

// cleanRoles returns the roles in the order of chat.Roles, each once.
func cleanRoles(roles []chat.Role) ([]chat.Role, error) {
	for _, r := range roles {
		if !r.Valid() {
			return nil, chat.Invalid("%.40q is not a role", string(r))
		}
	}
	var clean []chat.Role
	for _, r := range chat.Roles {
		if slices.Contains(roles, r) {
			clean = append(clean, r)
		}
	}
	return clean, nil
}

const maxReplyWindow chat.Millis = 10 * 366 * 24 * 3600 * 1000

// updateSettings replaces a user's Replies and Start (IM-10..19): pending until that user's next sign-in, or at once. What is in
// force already waits for nothing: such an update takes back what waited, and changes nothing where nothing did.
func updateSettings(b *batch, me *user, by Actor, args chat.SettingsUpdateArgs) (any, error) {
	u := b.facts.user(args.UserID)
	if u == nil {
		return nil, chat.ErrUnknown
	}
	if err := b.mayChangeSettings(me, u); err != nil {
		return nil, err
	}
	if u.row.Revision != args.Revision {
		return nil, errRevision
	}
	settings, err := b.facts.cleanSettings(args.Settings)
	if err != nil {
		return nil, err
	}
	inForce := sameSettings(settings, u.row.Settings)
	if inForce && u.row.Pending == nil {
		return chat.RevisionAnswer{Revision: u.row.Revision}, nil
	}
	next := *u
	next.row.Revision++
	next.row.SettingsBy, next.row.SettingsAt = string(by.UserID), b.at
	if args.ApplyNow || inForce {
		b.applySettings(&next, settings, by)
		b.audit(by, chat.SettingsUpdate, aboutUser(u), b.facts.userChanges(u, b.facts.user(u.id())))
		return chat.RevisionAnswer{Revision: next.row.Revision}, nil
	}
	next.row.Pending = &settings
	b.setUser(&next)
	b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(&next)}, entry{user: u.id()}, by)
	b.audit(by, chat.SettingsUpdate, aboutUser(u), b.facts.userChanges(u, &next))
	return chat.RevisionAnswer{Revision: next.row.Revision}, nil
}

// mayChangeSettings asks whether the settings of u may be changed: nobody changes an administrator's (IM-9), the server's
// command line neither.
func (b *batch) mayChangeSettings(me, u *user) error {
	if me == nil {
		me = consoleUser
	}
	if err := b.facts.may(chat.ActConfigure, me, u, b.at).Err(); err != nil {
		return err
	}
	return nil
}

// consoleUser is the server's command line as the policy meets it: an administrator.
var consoleUser = func() *user {
	u := &user{}
	u.row.User = chat.User{ID: Console.UserID, Role: chat.RoleAdministrator, Active: true}
	u.row.Settings = chat.DefaultSettings(chat.RoleAdministrator)
	u.person = (&facts{}).personOf(&u.row)
	return u
}()

// applySettings puts settings in force for all of u's sessions.
func (b *batch) applySettings(u *user, settings chat.MessagingSettings, by Actor) {
	next := *u
	next.row.Settings, next.row.Pending = settings, nil
	next.person = b.facts.personOf(&next.row)
	b.setUser(&next)
	b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(&next)}, entry{user: u.id()}, by)
	b.changeRules(u.id())
}

// cleanSettings checks settings: targets must be of the kind the scope says, and exist (IM-14..16).
func (f *facts) cleanSettings(s chat.MessagingSettings) (chat.MessagingSettings, error) {
	targets := slices.Clone(s.Targets)
	slices.Sort(targets)
	s.Targets = append([]string{}, slices.Compact(targets)...)
	if n := len(s.Targets); n > chat.MaxStartTargets {
		return s, chat.Invalid("Start names at most %d targets, not %d; name teams or roles, or allow everyone", chat.MaxStartTargets, n)
	}
	for _, t := range s.Targets {
		var known bool
		switch s.Scope {
		case chat.StartUsers:
			known = f.user(chat.UserID(t)) != nil
		case chat.StartTeams:
			_, known = f.teams.get(chat.TeamID(t))
		case chat.StartRoles:
			known = chat.Role(t).Valid()
		}
		if !known {
			return s, chat.Invalid("%.40q is none of the %s one may start with", t, string(s.Scope))
		}
	}
	switch s.Scope {
	case chat.StartEveryone, chat.StartUsers, chat.StartTeams, chat.StartRoles:
		return s, nil
	}
	return s, chat.Invalid("%.40q is not a scope of Start", string(s.Scope))
}

func sameSettings(a, b chat.MessagingSettings) bool {
	return a.Replies == b.Replies && a.Start == b.Start && a.Scope == b.Scope && slices.Equal(a.Targets, b.Targets)
}
