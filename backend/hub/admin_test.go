package hub

import (
	"fmt"
	"strings"
	"testing"

	"parley/backend/chat"
)

func TestUserAdd_form(t *testing.T) {
	r := newRig(t)
	good := chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleAgent, Password: password}
	for what, change := range map[string]func(*chat.UserAddArgs){
		"no name":         func(a *chat.UserAddArgs) { a.Name = " " },
		"name with space": func(a *chat.UserAddArgs) { a.Name = "a b" },
		"no display name": func(a *chat.UserAddArgs) { a.DisplayName = "" },
		"two lines":       func(a *chat.UserAddArgs) { a.DisplayName = "a\nb" },
		"no role":         func(a *chat.UserAddArgs) { a.Role = "boss" },
		"short password":  func(a *chat.UserAddArgs) { a.Password = "short" },
		"nameless team":   func(a *chat.UserAddArgs) { a.Teams = []string{""} },
	} {
		a := good
		change(&a)
		if err := r.do(Console, chat.UserAdd, a, nil); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	r.must(Console, chat.UserAdd, good, nil)
	good.Name = "NEW"
	if err := r.do(Console, chat.UserAdd, good, nil); chat.AsError(err).Code != chat.CodeConflict {
		t.Errorf("the same name twice: %v", err)
	}
}

func TestUserUpdate_conflict(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	old := r.record("ana").Revision
	title := "Returns"
	var answer chat.RevisionAnswer
	r.must(ada, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ana"], Revision: old, Title: &title}, &answer)
	if answer.Revision != old+1 || r.record("ana").User.Title != title {
		t.Errorf("revision %d, record %+v", answer.Revision, r.record("ana"))
	}
	for name, args := range map[chat.CommandName]any{
		chat.UserUpdate:     chat.UserUpdateArgs{UserID: r.users["ana"], Revision: old, Title: &title},
		chat.SettingsUpdate: chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: old, Settings: chat.DefaultSettings(chat.RoleAgent)},
	} {
		if err := r.do(ada, name, args, nil); chat.AsError(err).Code != chat.CodeConflict {
			t.Errorf("%s of an older revision: %v", name, err)
		}
	}
	for name, args := range map[chat.CommandName]any{
		chat.UserUpdate:      chat.UserUpdateArgs{UserID: "nobody", Revision: 1},
		chat.SettingsUpdate:  chat.SettingsUpdateArgs{UserID: "nobody", Revision: 1},
		chat.UserSetPassword: chat.UserSetPasswordArgs{UserID: "nobody", Password: password},
		chat.UserResetFactor: chat.UserResetFactorArgs{UserID: "nobody"},
	} {
		if err := r.do(ada, name, args, nil); chat.AsError(err).Code != chat.CodeUnknown {
			t.Errorf("%s of nobody: %v", name, err)
		}
	}
}

func TestSettings_form(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	try := func(name string, s chat.MessagingSettings) error {
		return r.do(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users[name], Revision: r.record(name).Revision, Settings: s, ApplyNow: true}, nil)
	}
	for what, s := range map[string]chat.MessagingSettings{
		"no scope":         {Replies: true},
		"unknown user":     {Scope: chat.StartUsers, Targets: []string{"x"}},
		"unknown team":     {Scope: chat.StartTeams, Targets: []string{"x"}},
		"unknown role":     {Scope: chat.StartRoles, Targets: []string{"boss"}},
		"everyone but one": {Scope: chat.StartEveryone, Targets: []string{"x"}},
	} {
		if err := try("ana", s); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	many := make([]string, chat.MaxStartTargets+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	if err := chat.AsError(try("ana", chat.MessagingSettings{Scope: chat.StartUsers, Targets: many})); err.Code != chat.CodeInvalid || !strings.Contains(err.Text, "at most") {
		t.Errorf("too many users: %v", err)
	}
	if err := try("ana", chat.MessagingSettings{Start: true, Scope: chat.StartRoles, Targets: []string{"expert", "agent", "expert"}}); err != nil {
		t.Error(err)
	}
	if got := r.record("ana").Settings.Targets; len(got) != 2 {
		t.Errorf("targets %v", got)
	}
	for _, a := range []Actor{ada, Console} {
		err := chat.AsError(r.do(a, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ada"], Revision: 1, Settings: chat.DefaultSettings(chat.RoleAgent)}, nil))
		if err.Code != chat.CodeDenied || err.Refusal.Rule != chat.RuleAdministratorFixed {
			t.Errorf("IM-9: %v", err)
		}
	}
}

func TestOrganisation_form(t *testing.T) {
	r := newRig(t)
	good := r.hub.facts.Load().organisation.Organisation
	for what, change := range map[string]func(*chat.Organisation){
		"no name":   func(o *chat.Organisation) { o.Name = "" },
		"no mode":   func(o *chat.Organisation) { o.Mode = "quiet" },
		"no window": func(o *chat.Organisation) { o.ReplyWindowMs = 0 },
		"for ever":  func(o *chat.Organisation) { o.ReplyWindowMs = 1 << 60 },
	} {
		o := good
		change(&o)
		if err := r.do(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	c := r.connect("ana")
	r.organisation(func(o *chat.Organisation) { o.Name = "Other" })
	c.same()
	if c.state.Organisation.Name != "Other" {
		t.Errorf("ana has %+v", c.state.Organisation)
	}
}

// TestOrganisation_conflict: of two who change it at the same moment the second is told so, and nothing of theirs is done. No
// revision stands for "whatever there is".
func TestOrganisation_conflict(t *testing.T) {
	r := newRig(t)
	ada, ana := r.connect("ada"), r.connect("ana")
	first, second := ada.state.Organisation, ada.state.Organisation
	first.Mode, second.ReplyWindowMs = chat.ModeSuperiorsOnly, 3600_000
	var answer chat.RevisionAnswer
	ada.mustAsk(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: first}, &answer)
	if answer.Revision != first.Revision+1 {
		t.Fatalf("the first: %+v", answer)
	}
	for what, revision := range map[string]int64{"that was seen": second.Revision, "of nothing": 0, "to come": answer.Revision + 1} {
		second.Revision = revision
		if err := r.do(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: second}, nil); chat.AsError(err).Code != chat.CodeConflict {
			t.Errorf("the second, with the revision %s: %v", what, err)
		}
	}
	ana.same()
	if o := ana.state.Organisation; o.Mode != chat.ModeSuperiorsOnly || o.ReplyWindowMs != first.ReplyWindowMs || o.Revision != answer.Revision {
		t.Fatalf("ana has %+v", o)
	}
	// What the first was told, and looked at again, can be changed.
	second = ana.state.Organisation
	second.ReplyWindowMs = 3600_000
	r.must(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: second}, &answer)
	told := len(ana.got)
	ana.barrier()
	if len(ana.got) != told+1 {
		t.Errorf("ana was told %+v", ana.got[told:])
	}
	// To update it to what it is changes nothing and tells nobody.
	second.Revision = answer.Revision
	r.must(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: second}, &answer)
	told = len(ana.got)
	ana.barrier()
	if answer.Revision != second.Revision || len(ana.got) != told {
		t.Errorf("the same again: %+v, %+v", answer, ana.got[told:])
	}
}

// TestSettings_asInForce: an update to what is in force leaves nothing that waits, and takes back what did.
func TestSettings_asInForce(t *testing.T) {
	for _, now := range []bool{false, true} {
		r := newRig(t)
		ada, ana := r.signIn("ada"), r.connect("ana")
		about := chat.AuditListArgs{SubjectKind: chat.SubjectUser, SubjectID: string(r.users["ana"]), Command: chat.SettingsUpdate}
		update := func(s chat.MessagingSettings, applyNow bool) {
			t.Helper()
			r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: s, ApplyNow: applyNow}, nil)
		}
		was := r.record("ana")
		update(was.Settings, now)
		if is := r.record("ana"); is.Pending != nil || is.Revision != was.Revision {
			t.Errorf("as it is (at once: %v): %+v", now, is)
		}
		if log := r.auditLog(about); len(log) != 0 {
			t.Errorf("as it is (at once: %v) left %+v", now, log)
		}
		next := was.Settings
		next.Replies = !next.Replies
		update(next, false)
		ana.barrier()
		if r.record("ana").Pending == nil || ana.state.Me.Pending == nil {
			t.Fatalf("nothing waits: %+v, ana has %+v", r.record("ana"), ana.state.Me)
		}
		update(was.Settings, now)
		ana.same()
		if is := r.record("ana"); is.Pending != nil || !sameSettings(is.Settings, was.Settings) || ana.state.Me.Pending != nil {
			t.Errorf("taken back (at once: %v): %+v, ana has %+v", now, is, ana.state.Me)
		}
		log := r.auditLog(about)
		if len(log) != 2 || len(log[0].Changes) != 1 || log[0].Changes[0].Field != "pending" || log[0].Changes[0].To != nil || log[0].ByID != ada.UserID {
			t.Errorf("taken back (at once: %v): the audit log has %+v", now, log)
		}
		r.signIn("ana")
		if is := r.record("ana"); !sameSettings(is.Settings, was.Settings) {
			t.Errorf("after signing in again: %+v", is)
		}
	}
}

// TestAudit_whoAndWhen looks whether changes of rules keep who made them, over a restart.
func TestAudit_whoAndWhen(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: 1, Settings: chat.MessagingSettings{Scope: chat.StartUsers}}, nil)
	group := "South"
	r.must(ada, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ben"], Revision: 1, Group: &group}, nil)
	o := r.hub.facts.Load().organisation.Organisation
	o.Name = "Other"
	r.must(ada, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil)
	r.restart()
	st, err := r.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	by, at := string(ada.UserID), r.hub.now()
	if st.Organisation.ChangedBy != by || st.Organisation.ChangedAt != at {
		t.Errorf("organisation %+v", st.Organisation)
	}
	for _, u := range st.Users {
		switch u.Name {
		case "ana":
			if u.SettingsBy != by || u.SettingsAt != at {
				t.Errorf("ana %+v", u)
			}
		case "ben":
			if u.ChangedBy != by || u.ChangedAt != at {
				t.Errorf("ben %+v", u)
			}
		case "max":
			if u.ChangedBy != "console" {
				t.Errorf("max %+v", u)
			}
		}
	}
	last := st.Standings[len(st.Standings)-1]
	for _, s := range st.Standings {
		if s.Seq > last.Seq {
			last = s
		}
	}
	if last.ChangedBy != by {
		t.Errorf("standing %+v", last)
	}
}
