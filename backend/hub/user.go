package hub

import (
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// errRevision answers an update of something that was changed since it was looked at.
var errRevision = &chat.Error{Code: chat.CodeConflict, Text: "Somebody changed this meanwhile. Nothing was changed by you; look at it again and repeat what is still needed."}

// newUser is a user.add ready for the writer.
type newUser struct {
	args    chat.UserAddArgs
	encoded string
}

func prepareUser(ctx context.Context, c *call, args chat.UserAddArgs) (newUser, error) {
	var err error
	if args.Name, err = chat.CleanSignInName(args.Name); err != nil {
		return newUser{}, err
	}
	if args.DisplayName, err = chat.CleanName("the display name", args.DisplayName); err != nil {
		return newUser{}, err
	}
	if args.Title, args.Group, args.Teams, err = cleanPlace(args.Title, args.Group, args.Teams); err != nil {
		return newUser{}, err
	}
	if !args.Role.Valid() {
		return newUser{}, chat.Invalid("%.40q is not a role", string(args.Role))
	}
	if err := checkPassword(args.Password); err != nil {
		return newUser{}, err
	}
	encoded, err := c.h.o.Passwords.Hash(ctx, args.Password)
	args.Password = ""
	return newUser{args: args, encoded: encoded}, err
}

// cleanPlace checks a title and the names of a group and of teams; title and group may be empty.
func cleanPlace(title, group string, teams []string) (string, string, []string, error) {
	var err error
	if title = strings.TrimSpace(title); title != "" {
		if title, err = chat.CleanName("the title", title); err != nil {
			return "", "", nil, err
		}
	}
	if group = strings.TrimSpace(group); group != "" {
		if group, err = chat.CleanName("the group's name", group); err != nil {
			return "", "", nil, err
		}
	}
	clean := make([]string, len(teams))
	for i, t := range teams {
		if clean[i], err = chat.CleanName("the team's name", t); err != nil {
			return "", "", nil, err
		}
	}
	return title, group, clean, nil
}

// addUser creates an account.
func addUser(b *batch, me *user, by Actor, n newUser) (any, error) {
	u, err := b.createUser(me, by, n)
	if err != nil {
		return nil, err
	}
	b.audit(by, chat.UserAdd, aboutUser(u), b.facts.userChanges(nil, u))
	return chat.UserAddAnswer{UserID: u.id()}, nil
}

// errNameTaken answers a sign-in name that somebody has.
var errNameTaken = &chat.Error{Code: chat.CodeConflict, Text: "There is an account of this name already. Nothing was changed; choose another name."}

// createUser carries out what addUser says, but for the audit log.
func (b *batch) createUser(me *user, by Actor, n newUser) (*user, error) {
	gift := policy.Gift{Role: n.args.Role}
	if me != nil && me.row.User.Role == chat.RoleAgent { // who stands behind the wall adds agents on their own side only
		gift.Group = n.args.Group != "" && !b.facts.isGroupOf(me, n.args.Group)
		n.args.Group = b.facts.groupName(me)
	}
	gift.Makes = b.facts.makes(me, n.args.Group, n.args.Teams)
	if err := b.facts.administer(chat.ActEditUsers, me, nil, gift); err != nil {
		return nil, err
	}
	if _, taken := b.facts.names.get(n.args.Name); taken {
		return nil, errNameTaken
	}
	role := n.args.Role
	row := store.User{
		Key:  store.UserKey(max(1, len(b.facts.ids))),
		User: chat.User{ID: chat.UserID(chat.NewUUID()), DisplayName: n.args.DisplayName, Role: role, Title: n.args.Title, TeamIDs: b.teams(n.args.Teams, by), Active: true},
		Name: n.args.Name, GroupID: b.group(n.args.Group, role, by), Password: n.encoded,
		Settings: chat.DefaultSettings(role), SettingsBy: string(by.UserID), SettingsAt: b.at,
		Status: chat.Status{State: chat.WorkAvailable, At: b.at}, Revision: 1, ChangedBy: string(by.UserID), ChangedAt: b.at,
	}
	u := &user{row: row, person: b.facts.personOf(&row)}
	b.facts.setID(row.Key, u.id())
	b.facts.names = b.facts.names.with(row.Name, u.id())
	b.log(chat.Event{Type: chat.UserChanged, User: &u.row.User}, entry{subject: u.id()}, by)
	b.setStanding(u, string(by.UserID))
	b.setUser(u)
	b.changeRules(u.id())
	return u, nil
}

// isGroupOf tells whether name is that of the user's group; no name means to stay in it, or in none.
func (f *facts) isGroupOf(u *user, name string) bool {
	return strings.EqualFold(strings.TrimSpace(name), f.groupName(u))
}

// groupName returns the name of the user's group, "" if in none.
func (f *facts) groupName(u *user) string {
	if g := f.group(u); g != nil {
		return g.Name
	}
	return ""
}

// makes tells whether a group and teams so called would be made by naming them, or are such as me may not know of. me is nil for the
// server's command line.
func (f *facts) makes(me *user, group string, teams []string) bool {
	if _, ok := f.groupNamed(strings.TrimSpace(group)); group != "" && !ok {
		return true
	}
	return slices.ContainsFunc(teams, func(name string) bool {
		t, ok := f.teamNamed(strings.TrimSpace(name))
		return !ok || !f.seesTeam(me, t.ID)
	})
}

// listUsers lists all accounts; to an agent who may see the setup those whom the wall does not hide, no other group, and of teams
// and queues those that tell of nobody behind the wall.
func listUsers(_ context.Context, c *call, _ none) (any, error) {
	f := c.facts
	walled := c.me != nil && c.me.row.User.Role == chat.RoleAgent
	answer := chat.UserListAnswer{Users: make([]chat.UserRecord, 0, f.users.size), Groups: make([]chat.GroupRecord, 0, f.groups.size),
		Teams: make([]chat.TeamRecord, 0, f.teams.size), Queues: make([]chat.QueueRecord, 0, f.queues.size), Edition: f.licensing.Edition}
	for _, u := range f.sorted() {
		if walled && !f.sees(c.me, u) {
			continue
		}
		record := chat.UserRecord{User: u.row.User, Name: u.row.Name, Group: f.group(u), Settings: u.person.Settings, Pending: u.row.Pending,
			License: u.row.License, SetIDs: u.row.SetIDs, SecondFactor: u.row.Factor.On(), Revision: u.row.Revision}
		if walled {
			if u.row.GroupID != c.me.row.GroupID {
				record.Group = nil
			}
			record.Settings = f.settingsTold(c.me, record.Settings)
			if record.Pending != nil {
				pending := f.settingsTold(c.me, *record.Pending)
				record.Pending = &pending
			}
		}
		answer.Users = append(answer.Users, record)
	}
	for id, g := range f.groups.all() {
		if !walled || id == c.me.row.GroupID {
			answer.Groups = append(answer.Groups,
				chat.GroupRecord{ID: id, Name: g.Name, Kind: g.Kind, Default: id == f.organisation.DefaultGroup, Revision: g.Revision})
		}
	}
	for id, t := range f.teams.all() {
		if f.seesTeam(c.me, id) {
			answer.Teams = append(answer.Teams, chat.TeamRecord{ID: id, Name: t.Name, Revision: t.Revision})
		}
	}
	for id, q := range f.queues.all() {
		if f.seesQueue(c.me, q.TeamIDs) {
			answer.Queues = append(answer.Queues, chat.QueueRecord{ID: id, Name: q.Name, TeamIDs: q.TeamIDs, Revision: q.Revision})
		}
	}
	slices.SortFunc(answer.Groups, func(a, b chat.GroupRecord) int { return compare(a.Name, b.Name) })
	slices.SortFunc(answer.Teams, func(a, b chat.TeamRecord) int { return compare(a.Name, b.Name) })
	slices.SortFunc(answer.Queues, func(a, b chat.QueueRecord) int { return compare(a.Name, b.Name) })
	return answer, nil
}

// settingsTold returns somebody's settings as an agent who may read the setup is told them: without users, some of whom may stand
// behind the wall, and without teams that the agent may not know of.
func (f *facts) settingsTold(me *user, s chat.MessagingSettings) chat.MessagingSettings {
	s = ownSettings(s)
	if s.Scope == chat.StartTeams {
		s.Targets = slices.DeleteFunc(slices.Clone(s.Targets), func(id string) bool { return !f.seesTeam(me, chat.TeamID(id)) })
	}
	return s
}

// updateUser changes what is given of an account. Who is somebody else for the wall afterwards, or deactivated, is so at
// once; a change of role or deactivation ends the user's sessions.
func updateUser(b *batch, me *user, by Actor, args chat.UserUpdateArgs) (any, error) {
	u := b.facts.user(args.UserID)
	if u == nil {
		return nil, chat.ErrUnknown
	}
	if err := b.facts.mayEdit(me, u, args, deref(args.Teams)); err != nil {
		return nil, err
	}
	if u.row.Revision != args.Revision {
		return nil, errRevision
	}
	if err := b.facts.keepsAdministrator([]*user{u}, args.Role, args.Active); err != nil {
		return nil, err
	}
	next, err := b.changeUser(u, args, by, chat.UserUpdate)
	if err != nil {
		return nil, err
	}
	return chat.RevisionAnswer{Revision: next.row.Revision}, nil
}

// mayEdit asks whether me may change the account of u so; teams are the names of those it is put into.
func (f *facts) mayEdit(me, u *user, args chat.UserUpdateArgs, teams []string) error {
	gift := policy.Gift{Makes: f.makes(me, deref(args.Group), teams), Watch: f.wouldWatch(me, u, args)}
	if args.Role != nil && *args.Role != u.row.User.Role {
		gift.Role = *args.Role
	}
	gift.Group = args.Group != nil && !f.isGroupOf(u, *args.Group)
	return f.administer(chat.ActEditUsers, me, u, gift)
}

// keepsAdministrator refuses to give users a role, or to deactivate them, if nobody would be left who may change the rules: then only the
// server's command line could help, which whoever administers may not have. It is refused to the command line as well.
func (f *facts) keepsAdministrator(users []*user, role *chat.Role, active *bool) error {
	if (role == nil || *role == chat.RoleAdministrator) && (active == nil || *active) {
		return nil
	}
	takes := false
	for _, u := range f.users.all() {
		if !u.row.User.Active || u.row.User.Role != chat.RoleAdministrator {
			continue
		}
		if !slices.Contains(users, u) {
			return nil
		}
		takes = true
	}
	if !takes {
		return nil // none of them is an administrator, and there is none
	}
	return errLastAdministrator
}

// errLastAdministrator refuses what would leave nobody who may change the rules.
var errLastAdministrator = policy.Decision{Gate: chat.GateGrant, Rule: chat.RuleLastAdministrator}.Err()

// deref returns what a field says that may be absent.
func deref[T any](field *T) T {
	if field == nil {
		var none T
		return none
	}
	return *field
}

// wouldWatch tells whether a change of u brings them under a rule that names me, who may not watch them now: what is written in
// u's conversations follows the group that u is in.
func (f *facts) wouldWatch(me, u *user, args chat.UserUpdateArgs) bool {
	if me == nil {
		return false
	}
	role, group := u.row.User.Role, u.row.GroupID
	if args.Role != nil {
		role = *args.Role
	}
	if args.Group != nil {
		g, _ := f.groupNamed(strings.TrimSpace(*args.Group))
		group = g.ID
	}
	if group == "" {
		group = f.organisation.DefaultGroup
	}
	for _, act := range []chat.Act{chat.ActTranscript, chat.ActMonitor} {
		is := u.row.User.Role == chat.RoleAgent && f.watchers.Names(act, u.row.GroupID, me.id())
		if !is && role == chat.RoleAgent && f.watchers.Names(act, group, me.id()) {
			return true
		}
	}
	return false
}

// changeUser carries out what updateUser says.
func (b *batch) changeUser(u *user, args chat.UserUpdateArgs, by Actor, command chat.CommandName) (*user, error) {
	next, err := b.alterUser(u, args, by)
	if err != nil {
		return nil, err
	}
	b.audit(by, command, aboutUser(u), b.facts.userChanges(u, next))
	b.endAltered(u, next, by)
	return next, nil
}

// alterUser puts the changed account in force, but for the audit log and the end of sessions. It returns u itself if nothing changes:
// then nobody is told anything, and whoever looks at u has seen what is.
func (b *batch) alterUser(u *user, args chat.UserUpdateArgs, by Actor) (*user, error) {
	next := *u
	if err := b.editUser(&next, args, by); err != nil {
		return nil, err
	}
	if len(b.facts.userChanges(u, &next)) == 0 {
		return u, nil
	}
	next.row.Revision++
	next.row.ChangedBy, next.row.ChangedAt = string(by.UserID), b.at
	next.person = b.facts.personOf(&next.row)
	b.log(chat.Event{Type: chat.UserChanged, User: &next.row.User}, entry{subject: u.id()}, by)
	b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(&next)}, entry{user: u.id()}, by)
	roleChanged := next.row.User.Role != u.row.User.Role
	if roleChanged || next.row.User.Active != u.row.User.Active || next.row.GroupID != u.row.GroupID {
		b.setStanding(&next, string(by.UserID))
	}
	b.setUser(&next)
	if roleChanged && next.row.User.Role == chat.RoleAgent {
		b.leaveRooms(next.id(), by) // EXP-19
	}
	if u.row.User.Active && !next.row.User.Active {
		b.inheritRooms(b.facts.user(next.id()))
	}
	b.changeRules(u.id())
	b.present = append(b.present, u.id())
	return &next, nil
}

// endAltered ends the sessions that an account loses by what was changed of it: all when it is deactivated, all but the one that
// changed it when it has another role.
func (b *batch) endAltered(was, is *user, by Actor) {
	switch {
	case !is.row.User.Active:
		b.endSessions(is, "")
	case is.row.User.Role != was.row.User.Role:
		b.endSessions(is, by.SessionID)
	}
}

// updateUsers changes many users alike, or nobody.
func updateUsers(b *batch, me *user, by Actor, args chat.UserUpdateManyArgs) (any, error) {
	if n := len(args.Users); n == 0 || n > chat.MaxUpdatedUsers {
		return nil, chat.Invalid("from 1 to %d users are changed at once, not %d", chat.MaxUpdatedUsers, n)
	}
	f := args.Fields
	if err := b.facts.mayEditAll(me, args); err != nil {
		return nil, err
	}
	_, _, add, err := cleanPlace("", "", f.AddTeams)
	if err != nil {
		return nil, err
	}
	_, _, remove, err := cleanPlace("", "", f.RemoveTeams)
	if err != nil {
		return nil, err
	}
	if err := b.facts.keepsAdministrator(b.facts.usersOf(args.Users), f.Role, f.Active); err != nil {
		return nil, err
	}
	answer := chat.UserUpdateManyAnswer{Revisions: make([]int64, len(args.Users))}
	for i, r := range args.Users { // a fault in the fields is one with the first user already, before anything is changed
		u := b.facts.user(r.UserID)
		change := f.Of(r)
		if len(add)+len(remove) > 0 {
			change.Teams = b.facts.teamNames(u, add, remove)
		}
		next, err := b.changeUser(u, change, by, chat.UserUpdateMany)
		if err != nil {
			return nil, err
		}
		answer.Revisions[i] = next.row.Revision
	}
	return answer, nil
}

// usersOf returns the users of revisions, who all exist.
func (f *facts) usersOf(seen []chat.UserRevision) []*user {
	users := make([]*user, len(seen))
	for i, s := range seen {
		users[i] = f.user(s.UserID)
	}
	return users
}

// mayEditAll asks whether me may change all these accounts so; each must be named once, as it is now.
func (f *facts) mayEditAll(me *user, args chat.UserUpdateManyArgs) error {
	seen := map[chat.UserID]bool{}
	for _, r := range args.Users {
		u := f.user(r.UserID)
		if u == nil {
			return chat.ErrUnknown
		}
		if err := f.mayEdit(me, u, args.Fields.Of(r), args.Fields.AddTeams); err != nil {
			return err
		}
		if u.row.Revision != r.Revision {
			return errRevision
		}
		if seen[r.UserID] {
			return chat.Invalid("%s is named twice", u.row.User.DisplayName)
		}
		seen[r.UserID] = true
	}
	return nil
}

// teamNames returns the names of the teams that a user is in after some are added and some removed.
func (f *facts) teamNames(u *user, add, remove []string) *[]string {
	names := slices.Clone(add)
	for _, id := range u.row.User.TeamIDs {
		if t, ok := f.teams.get(id); ok && !slices.ContainsFunc(remove, func(name string) bool { return strings.EqualFold(name, t.Name) }) {
			names = append(names, t.Name)
		}
	}
	return &names
}

// editUser puts the given fields into u. Nothing of the batch changes before all are found good.
func (b *batch) editUser(u *user, args chat.UserUpdateArgs, by Actor) error {
	row := &u.row
	title, group, teams := row.User.Title, "", []string(nil)
	if args.Title != nil {
		title = *args.Title
	}
	if args.Group != nil {
		group = *args.Group
	}
	if args.Teams != nil {
		teams = *args.Teams
	}
	title, group, teams, err := cleanPlace(title, group, teams)
	if err != nil {
		return err
	}
	if args.DisplayName != nil {
		if row.User.DisplayName, err = chat.CleanName("the display name", *args.DisplayName); err != nil {
			return err
		}
	}
	if args.Role != nil && !args.Role.Valid() {
		return chat.Invalid("%.40q is not a role", string(*args.Role))
	}
	row.User.Title = title
	if args.Role != nil && *args.Role != row.User.Role {
		// Replies and Start are administrators' to change (IM-7). Whoever else gives a role leaves them as they are, or they would be had by
		// giving one role and then another.
		administers := by == Console || b.facts.configures(b.facts.user(by.UserID))
		if administers && sameSettings(row.Settings, chat.DefaultSettings(row.User.Role)) {
			row.Settings = chat.DefaultSettings(*args.Role)
		}
		if row.User.Role == chat.RoleAdministrator || *args.Role == chat.RoleAdministrator {
			row.Pending = nil // an administrator's are nobody's to change (IM-9): none wait for the day they are none any more
		}
		row.User.Role = *args.Role
	}
	if args.Group != nil {
		row.GroupID = b.group(group, row.User.Role, by)
	}
	if row.User.Role == chat.RoleAgent && row.GroupID == "" {
		row.GroupID = b.group("", row.User.Role, by)
	}
	if args.Teams != nil {
		row.User.TeamIDs = b.teams(teams, by)
	}
	if args.Active != nil {
		row.User.Active = *args.Active
	}
	return nil
}

func preparePassword(ctx context.Context, c *call, args chat.UserSetPasswordArgs) (newPassword, error) {
	p := newPassword{userID: args.UserID}
	if err := checkPassword(args.Password); err != nil {
		return p, err
	}
	var err error
	p.encoded, err = c.h.o.Passwords.Hash(ctx, args.Password)
	return p, err
}

// errSetOwnPassword refuses to replace one's own password without the old one: a session that somebody left open would be enough to take over
// the account.
var errSetOwnPassword = &chat.Error{Code: chat.CodeInvalid,
	Text: "Your own password is changed with your old one, where you change your own settings. Nothing was changed."}

// setPassword replaces somebody else's password and ends all their sessions.
func setPassword(b *batch, me *user, by Actor, p newPassword) (any, error) {
	u := b.facts.user(p.userID)
	if u == nil {
		return nil, chat.ErrUnknown
	}
	if err := b.facts.administer(chat.ActEditUsers, me, u, policy.Gift{}); err != nil {
		return nil, err
	}
	if u == me {
		return nil, errSetOwnPassword
	}
	b.replacePassword(u, p.encoded, by)
	b.audit(by, chat.UserSetPassword, aboutUser(u), []chat.AuditChange{{Field: "password"}})
	b.endSessions(u, "")
	return none{}, nil
}
