package hub

import (
	"testing"
	"time"

	"parley/backend/chat"
)

// TestChanges_areOneByOne: a command that takes changes, or waits for a trial, is none of the changes of another one: such would stop all
// trials, or the writer, for a time that doubles with each level.
func TestChanges_areOneByOne(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	inner := change(chat.TeamCreate, chat.TeamCreateArgs{Name: "Night"})
	for _, do := range []chat.CommandName{chat.ChangePreview, chat.RequestDecide, chat.HealthCheck, chat.EditionPreview, chat.UserList, chat.AuditVerify} {
		nested := change(do, chat.ChangePreviewArgs{Changes: []chat.Change{inner}})
		err := chat.AsError(r.do(ada, chat.ChangePreview, chat.ChangePreviewArgs{Changes: []chat.Change{nested}}, nil))
		if err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%s inside of a preview: %v", do, err)
		}
	}
	r.must(ada, chat.ChangePreview, chat.ChangePreviewArgs{Changes: []chat.Change{inner}}, nil)
	r.must(ada, chat.HealthCheck, nil, nil)
}

// TestSearch_hiddenAuthor: somebody behind the wall is looked for as nobody is, whatever else is asked.
func TestSearch_hiddenAuthor(t *testing.T) {
	r := newRig(t)
	r.talks()
	ana := r.signIn("ana")
	for _, before := range []chat.MessageID{"", chat.NewMessageID()} {
		for what, author := range map[string]chat.UserID{"behind the wall": r.users["eve"], "nobody": chat.UserID(chat.NewUUID())} {
			var found chat.MessageSearchAnswer
			r.must(ana, chat.MessageSearch, chat.MessageSearchArgs{Text: "to", AuthorID: author, BeforeID: before, Limit: 5}, &found)
			if len(found.Messages) > 0 {
				t.Errorf("%s: %+v", what, found)
			}
		}
	}
}

// TestRole_leavesSettings: whoever is no administrator gives roles, and neither gives nor takes Replies and Start by it (IM-7).
func TestRole_leavesSettings(t *testing.T) {
	r := newRig(t)
	off := chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone, Targets: []string{}}
	r.must(Console, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["max"], Revision: r.record("max").Revision, Settings: off, ApplyNow: true}, nil)
	r.grant([]string{"sue"}, chat.PermissionManageInternalUsers)
	sue := r.signIn("sue")
	to := func(by Actor, role chat.Role) chat.MessagingSettings {
		t.Helper()
		r.must(by, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["max"], Revision: r.record("max").Revision, Role: &role}, nil)
		return r.record("max").Settings
	}
	for _, role := range []chat.Role{chat.RoleAgent, chat.RoleExpert} {
		if is := to(sue, role); !sameSettings(is, off) {
			t.Errorf("as %s the settings are %+v", role, is)
		}
	}
	ada := r.signIn("ada")
	to(ada, chat.RoleAgent)
	if is := to(ada, chat.RoleExpert); !sameSettings(is, chat.DefaultSettings(chat.RoleExpert)) {
		t.Errorf("an administrator gives a role with its defaults; they are %+v", is)
	}
}

// TestSets_ofTheMightier: a set is changed and deleted only by whoever could administer all who hold it, and nobody but administrators lifts
// a limit of their own statuses.
func TestSets_ofTheMightier(t *testing.T) {
	r := newRig(t)
	limit := r.set(chat.PermissionSet{Label: "Limit", Statuses: []chat.WorkState{chat.WorkAvailable}})
	r.grant([]string{"ana"}, chat.PermissionManagePermissionSets)
	ana := r.signIn("ana")
	assign := func(who string) {
		t.Helper()
		r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(who), Enable: []chat.PermissionSetID{limit.ID}}, nil)
	}
	refused := func(what string) {
		t.Helper()
		wider := limit
		wider.Statuses = nil
		for name, args := range map[chat.CommandName]any{chat.SetUpdate: chat.SetUpdateArgs{Set: wider},
			chat.SetDelete: chat.SetDeleteArgs{SetID: limit.ID, Revision: limit.Revision}} {
			if err := chat.AsError(r.do(ana, name, args, nil)); err == nil || err.Code != chat.CodeDenied || err.Refusal.Rule != chat.RuleBeyondOwn {
				t.Errorf("%s: %s is answered %v", what, name, err)
			}
		}
	}
	for _, who := range []string{"sue", "eve", "ana"} { // above, behind the wall, oneself
		assign(who)
		refused(who)
		r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(who), Disable: []chat.PermissionSetID{limit.ID}}, nil)
	}
	assign("ben")
	r.must(ana, chat.SetDelete, chat.SetDeleteArgs{SetID: limit.ID, Revision: limit.Revision}, nil)
}

// TestRefusals_ofASessionThatEnds: what a session was refused is noted, though it ends before that is written, and so is an import whose
// records are refused.
func TestRefusals_ofASessionThatEnds(t *testing.T) {
	r := newRig(t)
	ana := r.connect("ana")
	r.must(Console, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision}, nil)
	var list chat.SessionListAnswer
	ana.mustAsk(chat.SessionList, nil, &list)
	ana.send(chat.SessionEnd, chat.SessionEndArgs{SessionID: list.Sessions[0].ID})
	ana.send(chat.UserList, nil)
	again := r.signIn("ana")
	if err := r.do(again, chat.UserList, nil, nil); err == nil {
		t.Fatal("not refused")
	}
	if log := r.refused(); len(log) != 1 || log[0] != `ana: user.list denied "grant.none" 1` {
		t.Errorf("noted are %q", log)
	}
	r.grant([]string{"sue"}, chat.PermissionManageInternalUsers)
	sue := r.signIn("sue")
	for _, dry := range []bool{true, false} {
		r.clock.turn(2 * time.Hour)
		r.must(sue, chat.UserImport, chat.UserImportArgs{CSV: "name,role\nben,administrator\n", DryRun: dry}, nil)
	}
	if log := r.refused(); len(log) != 3 || log[1] != `sue: user.import denied "grant.beyondOwn" 1` || log[2] != log[1] {
		t.Errorf("noted are %q", log)
	}
}

// TestRefusals_restedAreNoted: how often something was refused after it was noted is written without a further one.
func TestRefusals_restedAreNoted(t *testing.T) {
	r := newRig(t)
	ana := r.signIn("ana")
	for range 5 {
		if err := r.do(ana, chat.UserList, nil, nil); err == nil {
			t.Fatal("not refused")
		}
	}
	r.hub.noteRested(t.Context())
	r.clock.turn(refusalRest)
	r.hub.noteRested(t.Context())
	r.hub.noteRested(t.Context())
	r.must(r.signIn("ada"), chat.Ping, nil, nil) // behind what was handed to the writer
	if log := r.refused(); len(log) != 2 || log[1] != `ana: user.list denied "grant.none" 4` {
		t.Errorf("noted are %q", log)
	}
}

// TestRequest_keepsWhatWaits: granting a request takes nothing back that waits for the asker's next sign-in.
func TestRequest_keepsWhatWaits(t *testing.T) {
	r := newRig(t)
	list := func(names ...string) chat.MessagingSettings {
		s := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers}
		for _, name := range names {
			s.Targets = append(s.Targets, string(r.users[name]))
		}
		return s
	}
	set := func(s chat.MessagingSettings, now bool) {
		t.Helper()
		args := chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: s, ApplyNow: now}
		r.must(Console, chat.SettingsUpdate, args, nil)
	}
	ada, asker := r.signIn("ada"), r.connect("ana")
	set(list("sue"), true)
	set(list("sue", "ben"), false)
	var asked chat.RequestMakeAnswer
	asker.mustAsk(chat.RequestMake, chat.RequestMakeArgs{Act: chat.ActPost, OtherID: r.users["max"]}, &asked)
	var why chat.Explanation
	r.must(ada, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users["ana"], Act: chat.ActPost, OtherID: r.users["max"]}, &why)
	if why.Fix == nil {
		t.Fatalf("nothing would grant it: %+v", why)
	}
	r.must(ada, chat.RequestDecide, chat.RequestDecideArgs{ID: asked.Request.ID, Apply: true, Changes: why.Fix.Changes}, nil)
	is := r.record("ana")
	if is.Pending == nil || len(is.Settings.Targets) != 2 || len(is.Pending.Targets) != 3 {
		t.Errorf("in force is %+v, and what waits %+v", is.Settings, is.Pending)
	}
}
