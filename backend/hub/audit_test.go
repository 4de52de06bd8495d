package hub

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

// configuring are commands that configure, each with arguments by which it changes something. Those that only read are named too.
func (r *rig) configuring() map[chat.CommandName]any {
	title, o := "Returns", r.hub.facts.Load().organisation.Organisation
	o.Mode = chat.ModeSuperiorsOnly
	var asked chat.RequestMakeAnswer
	r.must(r.signIn("ana"), chat.RequestMake, chat.RequestMakeArgs{Act: chat.ActPost, OtherID: r.users["max"]}, &asked)
	set := r.set(chat.PermissionSet{Label: "Viewers", Permissions: []chat.Permission{chat.PermissionViewSetup}})
	if r.eve == (Actor{}) {
		r.eve = r.signIn("eve")
		r.enrolled(r.eve)
	}
	renamed := set
	renamed.Label = "Readers"
	return map[chat.CommandName]any{
		chat.UserAdd:         chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleAgent, Group: "South", Teams: []string{"Furniture"}, Password: password},
		chat.UserUpdate:      chat.UserUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Title: &title},
		chat.UserSetPassword: chat.UserSetPasswordArgs{UserID: r.users["ben"], Password: password + "!"},
		chat.UserResetFactor: chat.UserResetFactorArgs{UserID: r.users["eve"]},
		chat.UserUpdateMany: chat.UserUpdateManyArgs{Users: []chat.UserRevision{{UserID: r.users["eve"], Revision: r.record("eve").Revision}},
			Fields: chat.UserFields{Title: &title}},
		chat.UserImport:      r.checked("name,title\nmia,Returns\nben,\n"),
		chat.GroupCreate:     chat.GroupCreateArgs{Name: "West", Kind: chat.GroupOrganisational},
		chat.GroupUpdate:     chat.GroupUpdateArgs{GroupID: r.groupRecord("South").ID, Revision: 1, Name: &title},
		chat.GroupSetDefault: chat.GroupSetDefaultArgs{GroupID: r.groupRecord("South").ID, Revision: 1},
		chat.GroupDelete:     chat.GroupRevisionArgs{GroupID: r.groupRecord("Empty").ID, Revision: 1},
		chat.TeamCreate:      chat.TeamCreateArgs{Name: "Night"},
		chat.TeamRename:      chat.TeamRenameArgs{TeamID: r.teamRecord("Furniture").ID, Revision: 1, Name: "Beds"},
		chat.TeamDelete:      chat.TeamDeleteArgs{TeamID: r.teamRecord("Idle").ID, Revision: 1},
		chat.QueueCreate:     chat.QueueCreateArgs{Name: "Returns", TeamIDs: []chat.TeamID{r.teamRecord("Furniture").ID}},
		chat.QueueUpdate:     chat.QueueUpdateArgs{QueueID: r.queueRecord("Orders").ID, Revision: 1, Name: &title},
		chat.QueueDelete:     chat.QueueDeleteArgs{QueueID: r.queueRecord("Orders").ID, Revision: 1},
		chat.TemplateList:    nil,
		chat.TemplateCreate:  chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()), Content: chat.TemplateContent{Name: "Farewell", Text: "Bye"}},
		chat.TemplateUpdate:  chat.TemplateUpdateArgs{ID: r.template("Greeting").Template.ID, Revision: 1, Content: chat.TemplateContent{Name: "Greeting", Text: "Hi"}},
		chat.TemplateDelete:  chat.TemplateDeleteArgs{ID: r.template("Greeting").Template.ID, Revision: 1},
		chat.SettingsUpdate: chat.SettingsUpdateArgs{UserID: r.users["eve"], Revision: r.record("eve").Revision, ApplyNow: true,
			Settings: chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"expert"}}},
		chat.OrganisationUpdate: chat.OrganisationUpdateArgs{Organisation: o},
		chat.RequestDecide:      chat.RequestDecideArgs{ID: asked.Request.ID, Note: "Ask your supervisor"},
		chat.SetCreate:          chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Another"}},
		chat.SetUpdate:          chat.SetUpdateArgs{Set: renamed},
		chat.SetClone:           chat.SetCloneArgs{SetID: set.ID, Label: "Clone"},
		chat.SetDelete:          chat.SetDeleteArgs{SetID: set.ID, Revision: set.Revision},
		chat.SetAssign:          chat.SetAssignArgs{Users: []chat.UserRevision{{UserID: r.users["ben"], Revision: r.record("ben").Revision}}, Enable: []chat.SetRevision{set.Seen()}},
		chat.LicenseAssign: chat.LicenseAssignArgs{Users: []chat.UserRevision{{UserID: r.users["ben"], Revision: r.record("ben").Revision}},
			License: chat.LicenseMessagingUser},
		chat.EditionUpdate: chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: r.hub.facts.Load().licensing.Revision},
		chat.SetList:       nil, chat.EditionPreview: nil,
		chat.MonitoringUpdate: chat.MonitoringUpdateArgs{Rule: chat.MonitoringRule{GroupID: r.record("ana").Group.ID, Live: []chat.UserID{r.users["sue"]}}},
		chat.MonitoringShow:   chat.MonitoringShowArgs{Shown: true},

		chat.UserList: nil, chat.HealthCheck: nil, chat.MonitoringList: nil, chat.AuditList: nil, chat.AuditVerify: nil, chat.ChangePreview: nil,
	}
}

func (r *rig) auditLog(args chat.AuditListArgs) []chat.AuditEntry {
	r.t.Helper()
	var answer chat.AuditListAnswer
	args.Limit = chat.MaxHistoryPage
	r.must(Console, chat.AuditList, args, &answer)
	return answer.Entries
}

// told returns the entries of the audit log that a client was told.
func (c *client) told() []chat.AuditEntry {
	var entries []chat.AuditEntry
	for _, e := range c.got {
		if e.Type == chat.ConfigurationChanged {
			entries = append(entries, *e.Audit)
		}
	}
	return entries
}

// TestAudit_everyCommandThatConfigures leaves one entry when it changes something and none when it is refused, and tells it to
// administrators alone, live and when they come back.
func TestAudit_everyCommandThatConfigures(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.places()
	for name, act := range chat.Commands {
		if _, known := r.configuring()[name]; act.Administers() && !known {
			t.Errorf("%s configures, and is not tried here", name)
		}
	}
	for name := range r.configuring() {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.places()
			args := r.configuring()[name]
			if args == nil {
				return
			}
			ada, ana := r.connect("ada"), r.connect("ana")
			away := r.connect("ada")
			away.feed.Close()
			before := r.auditLog(chat.AuditListArgs{})
			if err := ana.ask(name, args, nil); err == nil || err.Code != chat.CodeDenied {
				t.Fatalf("an agent: %v", err)
			}
			if now := r.auditLog(chat.AuditListArgs{}); len(now) != len(before) {
				t.Fatalf("a refusal left %+v", now[0])
			}
			ada.mustAsk(name, args, nil)
			now := r.auditLog(chat.AuditListArgs{})
			if len(now) != len(before)+1 {
				t.Fatalf("%d entries more, want 1", len(now)-len(before))
			}
			e := now[0]
			if e.ByID != r.users["ada"] || e.ByName != r.record("ada").User.DisplayName || e.Address == "" || e.Command != name || len(e.Changes) == 0 || e.At == 0 {
				t.Errorf("the entry is %+v", e)
			}
			if raw, err := json.Marshal(now); err != nil || strings.Contains(string(raw), password) {
				t.Errorf("a password is in %s, %v", raw, err)
			}
			ada.barrier()
			ana.barrier()
			if told := ada.told(); len(told) != 1 || told[0].Hash != e.Hash {
				t.Errorf("the administrator was told %+v", told)
			}
			if told := ana.told(); len(told) != 0 {
				t.Errorf("the agent was told %+v", told)
			}
			away.attach()
			if told := away.told(); len(told) != 1 || told[0].Hash != e.Hash {
				t.Errorf("coming back the administrator was told %+v", told)
			}
		})
	}
}

// TestAudit_nothingChanged: a command that sets what is so already leaves no entry.
func TestAudit_nothingChanged(t *testing.T) {
	r := newRig(t)
	before := len(r.auditLog(chat.AuditListArgs{}))
	r.must(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: r.hub.facts.Load().organisation.Organisation}, nil)
	if now := r.auditLog(chat.AuditListArgs{}); len(now) != before {
		t.Errorf("an entry: %+v", now[0])
	}
}

// TestAudit_pending: what waits for the next sign-in is one change, its taking effect another, by whoever ordered it.
func TestAudit_pending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ada := r.signIn("ada")
	want := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone, Targets: []string{}}
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: want}, nil)
	about := chat.AuditListArgs{SubjectKind: chat.SubjectUser, SubjectID: string(r.users["ana"]), Command: chat.SettingsUpdate}
	if log := r.auditLog(about); len(log) != 1 || len(log[0].Changes) != 1 || log[0].Changes[0].Field != "pending" || log[0].Changes[0].From != nil {
		t.Fatalf("ordered: %+v", log)
	}
	r.signIn("ana")
	log := r.auditLog(about)
	fields := func(e chat.AuditEntry) (names []string) {
		for _, c := range e.Changes {
			names = append(names, c.Field)
		}
		return names
	}
	if len(log) != 2 || log[0].ByID != ada.UserID || log[0].Address != "" || !slices.Equal(fields(log[0]), []string{"settings", "pending"}) {
		t.Errorf("in force: %+v", log)
	}
}

func TestAudit_list(t *testing.T) {
	r := newRig(t)
	all := r.auditLog(chat.AuditListArgs{})
	for i, e := range all {
		if e.N != all[0].N-int64(i) {
			t.Fatalf("entry %d comes after %d", e.N, all[0].N)
		}
	}
	first := all[len(all)-1]
	for what, args := range map[string]chat.AuditListArgs{
		"by whom":   {ByID: "console"},
		"text":      {Text: strings.ToUpper(first.Subject.Name)},
		"subject":   {SubjectKind: first.Subject.Kind, SubjectID: first.Subject.ID},
		"command":   {Command: first.Command},
		"times":     {FromAt: first.At, ToAt: first.At + 1},
		"beginning": {BeforeN: first.N + 1},
	} {
		if found := r.auditLog(args); len(found) == 0 || found[len(found)-1].Hash != first.Hash {
			t.Errorf("%s: %+v", what, found)
		}
	}
	for what, args := range map[string]chat.AuditListArgs{
		"by nobody": {ByID: "nobody"}, "text": {Text: "no such words"}, "subject": {SubjectID: "nobody"}, "command": {Command: chat.Ping},
		"later": {FromAt: all[0].At + 1}, "earlier": {ToAt: first.At}, "before all": {BeforeN: first.N},
	} {
		if found := r.auditLog(args); len(found) != 0 {
			t.Errorf("%s: found %+v", what, found)
		}
	}
	var page chat.AuditListAnswer
	if r.must(Console, chat.AuditList, chat.AuditListArgs{Limit: 1}, &page); len(page.Entries) != 1 || !page.More {
		t.Errorf("a page of one: %+v", page)
	}
	for what, args := range map[string]chat.AuditListArgs{
		"no limit": {}, "too many": {Limit: chat.MaxHistoryPage + 1}, "negative place": {Limit: 1, BeforeN: -1}, "negative time": {Limit: 1, FromAt: -1},
		"a long text": {Limit: 1, Text: strings.Repeat("x", maxAuditText+1)},
	} {
		if err := r.do(Console, chat.AuditList, args, nil); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestAudit_chain: what is done to the file behind the server's back is refused by the file, or found.
func TestAudit_chain(t *testing.T) {
	r := newRig(t)
	verify := func() (v chat.AuditVerifyAnswer) {
		t.Helper()
		r.must(Console, chat.AuditVerify, nil, &v)
		return v
	}
	whole := verify()
	if whole.Entries < 3 || whole.BrokenN != 0 {
		t.Fatalf("at first: %+v", whole)
	}
	r.restart()
	r.must(Console, chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: r.users["ben"], Password: password + "!"}, nil)
	if v := verify(); v.Entries != whole.Entries+1 || v.BrokenN != 0 {
		t.Fatalf("after a new start: %+v", v)
	}
	for _, query := range []string{"UPDATE audit SET by_name = 'nobody' WHERE n = 2", "DELETE FROM audit WHERE n = 2"} {
		if err := r.tryOutside(query); err == nil || !strings.Contains(err.Error(), "audit log") {
			t.Errorf("%s: %v", query, err)
		}
	}
	r.outside("DROP TRIGGER audit_stays")
	r.outside("DROP TRIGGER audit_grows")
	r.outside("UPDATE audit SET by_name = 'nobody' WHERE n = 3")
	if v := verify(); v.BrokenN != 3 {
		t.Errorf("a changed entry: %+v", v)
	}
	r.outside("UPDATE audit SET changes = 'no JSON' WHERE n = 2")
	if v := verify(); v.BrokenN != 2 {
		t.Errorf("an entry that cannot be read: %+v", v)
	}
	r.outside("DELETE FROM audit WHERE n = 2")
	if v := verify(); v.BrokenN != 2 {
		t.Errorf("a missing entry: %+v", v)
	}
	if err := r.store.EachAudit(context.Background(), func(e chat.AuditEntry) error { return context.Canceled }); err == nil {
		t.Error("the reader's error is lost")
	}
}
