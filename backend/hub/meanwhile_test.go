package hub

import (
	"strings"
	"testing"

	"parley/backend/chat"
)

// unchanged gives a command that must be refused, and must leave everything as it is.
func (r *rig) unchanged(by Actor, what string, name chat.CommandName, args any) *chat.Error {
	r.t.Helper()
	before := r.state()
	err := chat.AsError(r.do(by, name, args, nil))
	if err == nil {
		r.t.Fatalf("%s was not refused", what)
	}
	if r.state() != before {
		r.t.Errorf("%s was refused, and changed something", what)
	}
	return err
}

// conflict gives a command that must be answered by a conflict.
func (r *rig) conflict(by Actor, what string, name chat.CommandName, args any) {
	r.t.Helper()
	if err := r.unchanged(by, what, name, args); err.Code != chat.CodeConflict {
		r.t.Errorf("%s: %v, want a conflict", what, err)
	}
}

// lastAdministrator gives a command that must be refused since nobody would be left who may change the rules.
func (r *rig) lastAdministrator(by Actor, what string, name chat.CommandName, args any) {
	r.t.Helper()
	if err := r.unchanged(by, what, name, args); err.Refusal == nil || err.Refusal.Rule != chat.RuleLastAdministrator {
		r.t.Errorf("%s: %v", what, err)
	}
}

// TestMeanwhile_default: of two administrators who make two groups the default one the second is told that somebody was faster.
func TestMeanwhile_default(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	give := func(name string, insteadOf chat.GroupID) chat.GroupSetDefaultArgs {
		g := r.groupRecord(name)
		return chat.GroupSetDefaultArgs{GroupID: g.ID, Revision: g.Revision, InsteadOfID: insteadOf}
	}
	second := give("South", "") // looked at while there was none
	r.must(Console, chat.GroupSetDefault, give("North", ""), nil)
	r.conflict(ada, "instead of none", chat.GroupSetDefault, second)
	r.conflict(ada, "instead of another", chat.GroupSetDefault, give("South", second.GroupID))
	r.must(ada, chat.GroupSetDefault, give("South", r.groupRecord("North").ID), nil)
	if !r.groupRecord("South").Default || r.groupRecord("North").Default {
		t.Errorf("the groups are %+v", r.list().Groups)
	}
}

// TestMeanwhile_sets: what a set grants, and who holds it, must be what was seen when it is assigned, taken away or deleted.
func TestMeanwhile_sets(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	seen := r.set(chat.PermissionSet{Label: "Readers", Permissions: []chat.Permission{chat.PermissionViewSetup}})
	wider := seen
	wider.Permissions = append(wider.Permissions, chat.PermissionModifyAllData)
	var now chat.SetAnswer
	r.must(Console, chat.SetUpdate, chat.SetUpdateArgs{Set: wider}, &now)
	for what, args := range map[string]chat.SetAssignArgs{
		"a wider set is enabled":  {Users: r.seen("ben"), Enable: []chat.SetRevision{seen.Seen()}},
		"a wider set is disabled": {Users: r.seen("ben"), Disable: []chat.SetRevision{seen.Seen()}},
	} {
		r.conflict(ada, what, chat.SetAssign, args)
	}
	r.must(ada, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("ben"), Enable: []chat.SetRevision{now.Set.Seen()}}, nil)
	delete := chat.SetDeleteArgs{SetID: now.Set.ID, Revision: now.Set.Revision, Holders: 1}
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("sue"), Enable: []chat.SetRevision{now.Set.Seen()}}, nil)
	r.conflict(ada, "a set that somebody else got meanwhile is deleted", chat.SetDelete, delete)
	delete.Holders = 2
	r.must(ada, chat.SetDelete, delete, nil)
}

// TestMeanwhile_import: a record changes nobody who was changed since the table was checked, and nobody at all if it was not. The same
// table may be given again.
func TestMeanwhile_import(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	const table = "name,title,password\nmax,By a table,\nmia,,\nben,By a table," + password + "\n"
	stale := r.checked(table)
	title := "By hand"
	r.update("max", func(a *chat.UserUpdateArgs) { a.Title = &title })
	for what, args := range map[string]chat.UserImportArgs{"changed since": stale, "never checked": {CSV: table}} {
		before := r.state()
		var answer chat.UserImportAnswer
		r.must(ada, chat.UserImport, args, &answer)
		first := answer.Users[0]
		if answer.Done || r.state() != before || first.Outcome != chat.ImportRefused || len(first.Faults) != 1 || first.Faults[0].Kind != chat.FaultChanged {
			t.Errorf("%s: %+v", what, answer)
		}
	}
	fresh := r.checked(table)
	for range 2 { // the second time everything is so already
		var answer chat.UserImportAnswer
		if r.must(ada, chat.UserImport, fresh, &answer); !answer.Done || r.record("max").User.Title != "By a table" {
			t.Errorf("checked and imported: %+v", answer)
		}
	}
	fresh.Revisions = fresh.Revisions[1:]
	if err := chat.AsError(r.do(ada, chat.UserImport, fresh, nil)); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("fewer revisions than users: %v", err)
	}
}

// TestNamed_hasItsOwnEntry: a group or a team that comes into being by being named has an entry of its own, by whoever named it.
func TestNamed_hasItsOwnEntry(t *testing.T) {
	new := func(args chat.UserAddArgs) (chat.CommandName, func(*rig) any) {
		args.Name, args.DisplayName, args.Role, args.Password = "new", "New", chat.RoleAgent, password
		return chat.UserAdd, func(*rig) any { return args }
	}
	west, agent := "West", chat.RoleAgent
	for what, c := range map[string]struct {
		do   func() (chat.CommandName, func(*rig) any)
		want []string // the oldest first
	}{
		"a new agent, teams": {func() (chat.CommandName, func(*rig) any) {
			return new(chat.UserAddArgs{Group: "North", Teams: []string{"Night", "Furniture"}})
		}, []string{"team.create Night", "user.add New"}},
		"a new agent, the first default group": {func() (chat.CommandName, func(*rig) any) { return new(chat.UserAddArgs{}) },
			[]string{"group.create Agents", "group.setDefault Agents", "user.add New"}},
		"a group": {func() (chat.CommandName, func(*rig) any) {
			return chat.UserUpdate, func(r *rig) any {
				return chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Group: &west}
			}
		}, []string{"group.create West", "user.update Ben"}},
		"who becomes an agent": {func() (chat.CommandName, func(*rig) any) {
			return chat.UserUpdateMany, func(r *rig) any {
				return chat.UserUpdateManyArgs{Users: r.seen("max"), Fields: chat.UserFields{Role: &agent}}
			}
		}, []string{"group.create Agents", "group.setDefault Agents", "user.updateMany Max"}},
		"a table": {func() (chat.CommandName, func(*rig) any) {
			return chat.UserImport, func(r *rig) any { return r.checked("name,group,teams\nben,West,Night\n") }
		}, []string{"group.create West", "team.create Night", "user.import Ben"}},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			ada := r.signIn("ada")
			before := len(r.auditLog(chat.AuditListArgs{}))
			name, args := c.do()
			r.must(ada, name, args(r), nil)
			log := r.auditLog(chat.AuditListArgs{})
			log = log[:len(log)-before]
			var got []string
			for i := range log {
				e := log[len(log)-1-i]
				got = append(got, string(e.Command)+" "+e.Subject.Name)
				if e.ByID != ada.UserID || e.Address == "" {
					t.Errorf("an entry by %q from %q", e.ByName, e.Address)
				}
			}
			if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
				t.Errorf("the audit log says %q, want %q", got, c.want)
			}
		})
	}
}

// TestWithoutEffect: a command that sets what is so already raises no revision and leaves no entry, so nobody else meets a conflict by it.
func TestWithoutEffect(t *testing.T) {
	r := newRig(t)
	r.places()
	set := r.set(chat.PermissionSet{Label: "Readers", Permissions: []chat.Permission{chat.PermissionViewSetup}})
	r.watchers("ana", []string{"sue"}, nil)
	rule := chat.MonitoringRule{GroupID: r.record("ana").Group.ID, Transcripts: []chat.UserID{r.users["sue"]}, Live: []chat.UserID{}, Revision: 1}
	title, licensing := "", r.hub.facts.Load().licensing
	for name, args := range map[chat.CommandName]any{
		chat.UserUpdate:       chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Title: &title},
		chat.UserUpdateMany:   chat.UserUpdateManyArgs{Users: r.seen("ana", "ben"), Fields: chat.UserFields{RemoveTeams: []string{"No such team"}}},
		chat.SetUpdate:        chat.SetUpdateArgs{Set: set},
		chat.SetAssign:        chat.SetAssignArgs{Users: r.seen("ben"), Disable: []chat.SetRevision{set.Seen()}},
		chat.LicenseAssign:    chat.LicenseAssignArgs{Users: r.seen("ben")},
		chat.EditionUpdate:    chat.EditionUpdateArgs{Edition: licensing.Edition, Revision: licensing.Revision},
		chat.MonitoringUpdate: chat.MonitoringUpdateArgs{Rule: rule},
	} {
		before, head := r.state(), r.hub.facts.Load().head
		r.must(Console, name, args, nil)
		now := r.hub.facts.Load()
		if m, _ := now.monitoring.get(rule.GroupID); r.state() != before || now.head != head || now.licensing != licensing || m.Revision != 1 || r.set(set).Revision != set.Revision {
			t.Errorf("%s changed something", name)
		}
	}
}

// TestLastAdministrator: no command takes the rules out of everybody's hands, by nobody, the server's command line included.
func TestLastAdministrator(t *testing.T) {
	agent, administrator, no := chat.RoleAgent, chat.RoleAdministrator, false
	r := newRig(t)
	many := func(fields chat.UserFields, names ...string) chat.UserUpdateManyArgs {
		return chat.UserUpdateManyArgs{Users: r.seen(names...), Fields: fields}
	}
	one := func(name string, change chat.UserUpdateArgs) chat.UserUpdateArgs {
		change.UserID, change.Revision = r.users[name], r.record(name).Revision
		return change
	}
	tries := func(by Actor, names ...string) {
		t.Helper()
		who := names[len(names)-1]
		r.lastAdministrator(by, "demoted", chat.UserUpdate, one(who, chat.UserUpdateArgs{Role: &agent}))
		r.lastAdministrator(by, "deactivated", chat.UserUpdate, one(who, chat.UserUpdateArgs{Active: &no}))
		r.lastAdministrator(by, "demoted with others", chat.UserUpdateMany, many(chat.UserFields{Role: &agent}, names...))
		r.lastAdministrator(by, "deactivated with others", chat.UserUpdateMany, many(chat.UserFields{Active: &no}, names...))
		r.lastAdministrator(by, "foretold", chat.ChangePreview, chat.ChangePreviewArgs{
			Changes: []chat.Change{change(chat.UserUpdate, one(who, chat.UserUpdateArgs{Active: &no}))}})
		var answer chat.UserImportAnswer
		before := r.state()
		r.must(by, chat.UserImport, chat.UserImportArgs{CSV: "name,role\n" + who + ",expert\n", Revisions: []int64{r.record(who).Revision}}, &answer)
		if u := answer.Users[0]; answer.Done || u.Outcome != chat.ImportRefused || u.Faults[0].Rule != chat.RuleLastAdministrator || r.state() != before {
			t.Errorf("by a table: %+v", answer)
		}
	}
	for _, by := range []Actor{r.signIn("ada"), Console} {
		tries(by, "ben", "ada")
	}
	// A second administrator who is deactivated is none; one who is active sets the first free, but not both at once.
	r.must(Console, chat.UserUpdate, one("sue", chat.UserUpdateArgs{Role: &administrator, Active: &no}), nil)
	tries(Console, "sue", "ada")
	yes := true
	r.must(Console, chat.UserUpdate, one("sue", chat.UserUpdateArgs{Active: &yes}), nil)
	r.lastAdministrator(Console, "both", chat.UserUpdateMany, many(chat.UserFields{Active: &no}, "ada", "sue"))
	r.must(Console, chat.UserUpdate, one("ada", chat.UserUpdateArgs{Role: &agent}), nil)
	tries(Console, "ben", "sue")
}

// TestPreview_blocked: a preview says whom a Start names without effect, and which rule refuses it: of those alone who are named by it anew.
func TestPreview_blocked(t *testing.T) {
	users := func(names ...string) func(*rig) chat.MessagingSettings {
		return func(r *rig) chat.MessagingSettings {
			s := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers}
			for _, name := range names {
				s.Targets = append(s.Targets, string(r.users[name]))
			}
			return s
		}
	}
	is := func(s chat.MessagingSettings) func(*rig) chat.MessagingSettings {
		return func(*rig) chat.MessagingSettings { return s }
	}
	no := false
	for what, c := range map[string]struct {
		before func(*rig)
		to     func(*rig) chat.MessagingSettings
		want   string
	}{
		"behind the wall": {nil, users("eve", "ben", "max"), "Eve wall.group"},
		"by a team": {nil, func(r *rig) chat.MessagingSettings {
			return chat.MessagingSettings{Start: true, Scope: chat.StartTeams, Targets: []string{string(r.teamRecord("Furniture").ID)}}
		}, "Eve wall.group"},
		"everyone":              {nil, is(chat.DefaultSettings(chat.RoleExpert)), ""},
		"Start off":             {nil, is(chat.MessagingSettings{Scope: chat.StartUsers}), ""},
		"who was named already": {func(r *rig) { r.settings("ana", users("eve")(r)) }, users("eve", "ben"), ""},
		"superiors only": {func(r *rig) { r.organisation(func(o *chat.Organisation) { o.Mode = chat.ModeSuperiorsOnly }) },
			users("max", "sue"), "Max switch.superiorsOnly"},
		"who is deactivated": {func(r *rig) { r.update("eve", func(a *chat.UserUpdateArgs) { a.Active = &no }) }, users("eve"), ""},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			if c.before != nil {
				c.before(r)
			}
			args := chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: c.to(r)}
			var p chat.ChangePreviewAnswer
			r.must(r.signIn("ada"), chat.ChangePreview, chat.ChangePreviewArgs{Changes: []chat.Change{change(chat.SettingsUpdate, args)}}, &p)
			var got []string
			for _, b := range p.Blocked {
				if b.ActorID != r.users["ana"] {
					t.Errorf("of %s's Start", b.ActorID)
				}
				got = append(got, r.hub.facts.Load().nameOf(b.OtherID)+" "+string(b.Rule))
			}
			if strings.Join(got, ", ") != c.want || p.BlockedCount != len(got) {
				t.Errorf("%q and %d, want %q", got, p.BlockedCount, c.want)
			}
		})
	}
}

// TestPending_withdrawn: what waits for the next sign-in is taken back by an update to what is in force: both sides see it at once, and the
// audit log says who did it.
func TestPending_withdrawn(t *testing.T) {
	r := newRig(t)
	ana, ada := r.connect("ana"), r.signIn("ada")
	is := r.record("ana").Settings
	wider := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone}
	update := func(s chat.MessagingSettings) {
		t.Helper()
		r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: s}, nil)
	}
	update(wider)
	if ana.same(); ana.state.Me.Pending == nil {
		t.Fatal("nothing waits")
	}
	update(is)
	if ana.same(); ana.state.Me.Pending != nil || r.record("ana").Pending != nil {
		t.Error("it still waits")
	}
	e := r.auditLog(chat.AuditListArgs{})[0]
	if e.ByID != ada.UserID || e.Command != chat.SettingsUpdate || len(e.Changes) != 1 || e.Changes[0].Field != "pending" || len(e.Changes[0].To) != 0 {
		t.Errorf("the audit log says %+v", e)
	}
	r.signIn("ana")
	if now := r.record("ana").Settings; !sameSettings(now, is) {
		t.Errorf("after signing in again: %+v", now)
	}
}
