package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/backend/chat"
)

// auditFile is where the page's tests read what entries of the audit log there are.
const auditFile = "../chat/testdata/audit.json"

// TestAudit_examples keeps entries of every command that leaves some, with every field that there is, as a file: the page's tests
// hold the interface to having words for all of them. PARLEY_UPDATE=1 writes it anew.
func TestAudit_examples(t *testing.T) {
	sent := &infected{}
	r := newRig(t, func(o *Options) { o.Files = sent })
	all := chat.AuditListArgs{Refusals: true}
	before := len(r.auditLog(all))
	r.auditStory()
	r.auditFiles(sent)
	log := r.auditLog(all)
	if len(log) == chat.MaxHistoryPage {
		t.Fatal("the story fills more than a page")
	}
	log = log[:len(log)-before]
	slices.Reverse(log)

	left := map[chat.CommandName]bool{}
	fields := map[string]bool{}
	for _, e := range log {
		left[e.Command] = true
		for _, c := range e.Changes {
			fields[c.Field] = true
		}
	}
	other := newRig(t)
	other.places()
	want := other.configuring()
	for _, watching := range []chat.CommandName{chat.RequestMake, chat.TranscriptLoad, chat.TranscriptWatch} {
		want[watching] = true
	}
	for name, args := range want {
		if args != nil && !left[name] {
			t.Errorf("no entry of %s", name)
		}
	}
	for _, field := range fieldsInSource(t) {
		if !fields[field] {
			t.Errorf("no entry with the field %s", field)
		}
	}
	compareExamples(t, log)
}

// compareExamples fails if the file of examples does not hold the entries, one in each line.
func compareExamples(t *testing.T, log []chat.AuditEntry) {
	t.Helper()
	type example struct {
		Command chat.CommandName   `json:"command"`
		Subject chat.AuditSubject  `json:"subject"`
		Changes []chat.AuditChange `json:"changes"`
	}
	lines := make([]string, len(log))
	for i, e := range log {
		raw, err := json.Marshal(example{e.Command, e.Subject, e.Changes})
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(raw)
	}
	ids := map[string]string{}
	text := madeIDs.ReplaceAllStringFunc("[\n  "+strings.Join(lines, ",\n  ")+"\n]\n", func(id string) string {
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("id-%d", len(ids)+1)
		}
		return ids[id]
	})
	file := filepath.FromSlash(auditFile)
	if os.Getenv("PARLEY_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != text {
		t.Errorf("%s is not what the audit log says now (%v): PARLEY_UPDATE=1 go test -run TestAudit_examples ./backend/hub writes it anew", auditFile, err)
	}
}

// madeIDs are ids that are new in each run.
var madeIDs = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// fieldsInSource lists the fields that the hub's source names for the audit log: in calls of changed, in lists of auditField, and as
// AuditChange.Field.
func fieldsInSource(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			field, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			fields = append(fields, field)
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "changed" {
					add(n.Args[0])
				}
			case *ast.CompositeLit:
				if list, ok := n.Type.(*ast.ArrayType); ok {
					if of, ok := list.Elt.(*ast.Ident); ok && of.Name == "auditField" {
						for _, e := range n.Elts {
							add(e.(*ast.CompositeLit).Elts[0])
						}
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Field" {
					add(n.Value)
				}
			}
			return true
		})
	}
	if len(fields) < 30 {
		t.Fatalf("only %d fields are found in the source: %v", len(fields), fields)
	}
	return fields
}

// auditStory gives every command that leaves an entry in the audit log, so that every field changes.
func (r *rig) auditStory() {
	ada := r.signIn("ada")
	do := func(name chat.CommandName, args any) {
		r.t.Helper()
		r.must(ada, name, args, nil)
	}
	r.auditRooms(do)
	r.auditPlaces(do)
	r.auditPeople(do)
	r.auditSets(do)
	r.auditWatching(do)
	r.auditRefusals()
}

// auditRooms is the part of public rooms.
func (r *rig) auditRooms(do func(chat.CommandName, any)) {
	id, yes, name := chat.NewRoomID(), true, "Broken glass"
	sue, mia := r.users["sue"], r.users["mia"]
	do(chat.RoomCreate, chat.RoomCreateArgs{ID: id, Name: "Glass", Public: true, Participants: []chat.UserID{sue, mia}})
	do(chat.RoomUpdate, chat.RoomUpdateArgs{ConversationID: id, Name: &name, OwnersInvite: &yes, MembersTopic: &yes})
	do(chat.RoomSetOwner, chat.RoomSetOwnerArgs{ConversationID: id, UserID: sue, Owner: true})
	do(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{mia}})
}

// auditRefusals is the part of what is refused: by a rule that is told, and as if it were not there.
func (r *rig) auditRefusals() {
	max := r.signIn("max")
	for _, refused := range []struct {
		name chat.CommandName
		args any
	}{{chat.UserList, nil}, {chat.TeamCreate, chat.TeamCreateArgs{Name: "Mine"}},
		{chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ben"]}}, {chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("ana", "ben"), Limit: 5}},
		{chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: chat.NewRoomID(), Text: "x"}}} {
		if err := r.do(max, refused.name, refused.args, nil); err == nil {
			r.t.Errorf("%s was not refused", refused.name)
		}
	}
}

// infected is a store of files that has one with a virus.
type infected struct{ upload *chat.Upload }

// Finished implements Files.
func (f *infected) Finished(context.Context, chat.FileID) (*chat.Upload, error) { return f.upload, nil }

// Claim implements Files.
func (f *infected) Claim(chat.FileID) bool { return true }

// Keep implements Files.
func (f *infected) Keep([]chat.FileID) {}

// Copy implements Files.
func (f *infected) Copy(context.Context, chat.FileID, chat.Upload) error { return nil }

// Release implements Files.
func (f *infected) Release([]chat.FileID) {}

// auditFiles is the part of files that are withheld.
func (r *rig) auditFiles(sent *infected) {
	talk := r.direct("max", "ana")
	sent.upload = &chat.Upload{UserID: r.users["max"], ConversationID: talk, Virus: "Test.Virus",
		Attachment: chat.Attachment{ID: chat.NewFileID(), Name: "invoice.pdf", Size: 68, Type: "application/pdf", Withheld: true}}
	r.must(r.signIn("max"), chat.MessagePost,
		chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: talk, FileIDs: []chat.FileID{sent.upload.ID}}, nil)
}

type doing func(name chat.CommandName, args any)

// auditPlaces is the part of groups, teams and queues.
func (r *rig) auditPlaces(do doing) {
	kind, farWest, returns, none := chat.GroupFunctional, "Far west", "Returns", []chat.TeamID{}
	do(chat.GroupCreate, chat.GroupCreateArgs{Name: "West", Kind: chat.GroupOrganisational})
	do(chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: r.groupRecord("West").ID, Revision: 1, Name: &farWest, Kind: &kind})
	for _, name := range []string{"South", "North"} {
		do(chat.GroupSetDefault, chat.GroupSetDefaultArgs{GroupID: r.groupRecord(name).ID, Revision: r.groupRecord(name).Revision,
			InsteadOfID: r.hub.facts.Load().organisation.DefaultGroup})
	}
	do(chat.GroupDelete, chat.GroupRevisionArgs{GroupID: r.groupRecord(farWest).ID, Revision: r.groupRecord(farWest).Revision})
	do(chat.TeamCreate, chat.TeamCreateArgs{Name: "Night"})
	do(chat.TeamCreate, chat.TeamCreateArgs{Name: "Idle"})
	do(chat.TeamDelete, chat.TeamDeleteArgs{TeamID: r.teamRecord("Idle").ID, Revision: 1})
	do(chat.TeamRename, chat.TeamRenameArgs{TeamID: r.teamRecord("Furniture").ID, Revision: r.teamRecord("Furniture").Revision, Name: "Beds"})
	do(chat.QueueCreate, chat.QueueCreateArgs{Name: "Orders", TeamIDs: []chat.TeamID{r.teamRecord("Night").ID}})
	do(chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: r.queueRecord("Orders").ID, Revision: 1, Name: &returns, TeamIDs: &none})
	r.auditTemplates(do)
	do(chat.QueueDelete, chat.QueueDeleteArgs{QueueID: r.queueRecord(returns).ID, Revision: 2})
}

// auditTemplates is the part of templates; that of their files is shown where there are any (backend/rig).
func (r *rig) auditTemplates(do doing) {
	const bold = `{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Good day","marks":[{"type":"bold"}]}]}]}`
	id, content := chat.TemplateID(chat.NewUUID()), chat.TemplateContent{Name: "Greeting", Shortcut: "hi", Text: "Hello", TeamIDs: []chat.TeamID{r.teamRecord("Night").ID}}
	do(chat.TemplateCreate, chat.TemplateCreateArgs{ID: id, Content: content})
	content = chat.TemplateContent{Name: "Welcome", Text: "Good day", QueueIDs: []chat.QueueID{r.queueRecord("Returns").ID}}
	do(chat.TemplateUpdate, chat.TemplateUpdateArgs{ID: id, Revision: 1, Content: content})
	content.Text, content.Document = "", []byte(bold)
	do(chat.TemplateUpdate, chat.TemplateUpdateArgs{ID: id, Revision: 2, Content: content})
	do(chat.TemplateDelete, chat.TemplateDeleteArgs{ID: id, Revision: 3})
}

// auditPeople is the part of accounts, their settings, and the organisation.
func (r *rig) auditPeople(do doing) {
	name, title, role, group, teams, off := "Anna", "Returns", chat.RoleSupervisor, "South", []string{"Night"}, false
	of := func(name string, change chat.UserUpdateArgs) chat.UserUpdateArgs {
		change.UserID, change.Revision = r.users[name], r.record(name).Revision
		return change
	}
	do(chat.UserAdd, chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleAgent, Title: title, Group: group, Teams: teams, Password: password})
	do(chat.UserUpdate, of("ana", chat.UserUpdateArgs{DisplayName: &name, Title: &title, Group: &group, Teams: &teams}))
	do(chat.UserUpdate, of("mia", chat.UserUpdateArgs{Role: &role, Active: &off}))
	do(chat.UserUpdateMany, chat.UserUpdateManyArgs{Users: r.seen("ben", "eve"), Fields: chat.UserFields{Title: &title}})
	do(chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: r.users["ben"], Password: password + "!"})
	r.enrolled(r.signIn("eve"))
	do(chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users["eve"]})
	do(chat.UserImport, r.checked("name,title,role,password\nmia,From a table,,"+password+"\nlea,,agent,"+password+"\n"))
	for i, s := range []chat.MessagingSettings{
		{Scope: chat.StartEveryone}, {Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(r.users["max"])}},
		{Start: true, Scope: chat.StartTeams, Targets: []string{string(r.teamRecord("Night").ID)}},
		{Start: true, Scope: chat.StartRoles, Targets: []string{string(chat.RoleExpert), string(chat.RoleAgent)}},
	} {
		do(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Settings: s, ApplyNow: i == 1})
	}
	o := r.hub.facts.Load().organisation.Organisation
	o.SecondFactor = []chat.Role{chat.RoleAdministrator}
	o.Reminder, o.PushText = chat.Reminder{Mode: chat.ReminderAfter, AfterMs: 120_000}, true
	for _, mode := range []chat.MessagingMode{chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart, chat.ModeEveryone} {
		o.Name, o.Messaging, o.Mode, o.ReplyWindowMs = o.Name+"!", mode == chat.ModeEveryone, mode, o.ReplyWindowMs*2
		do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o})
		o.Revision++
	}
}

// auditSets is the part of permission sets, licenses and the edition.
func (r *rig) auditSets(do doing) {
	set := r.set(chat.PermissionSet{Label: "Viewers", Permissions: []chat.Permission{chat.PermissionViewSetup}, Sessions: chat.AccessOwn,
		Contacts: chat.AccessViewAll, Statuses: []chat.WorkState{chat.WorkAvailable}})
	do(chat.SetAssign, chat.SetAssignArgs{Users: r.seen("ben"), Enable: []chat.SetRevision{set.Seen()}})
	do(chat.LicenseAssign, chat.LicenseAssignArgs{Users: r.seen("ben"), License: chat.LicenseMessagingUser})
	do(chat.SetClone, chat.SetCloneArgs{SetID: set.ID, Label: "Viewers of the night"})
	set.Label, set.License, set.Permissions = "Readers", chat.LicenseMessagingUser, []chat.Permission{chat.PermissionManageUsers}
	set.Sessions, set.Contacts, set.Statuses = chat.AccessEdit, chat.AccessNone, []chat.WorkState{chat.WorkBreak, chat.WorkWrapUp}
	do(chat.SetUpdate, chat.SetUpdateArgs{Set: set})
	do(chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: r.hub.facts.Load().licensing.Revision})
	do(chat.SetDelete, chat.SetDeleteArgs{SetID: set.ID, Revision: r.set(set).Revision, Holders: 1})
}

// auditWatching is the part of requests and of monitoring.
func (r *rig) auditWatching(do doing) {
	sue := r.connect("sue")
	var asked chat.RequestMakeAnswer
	r.must(r.signIn("max"), chat.RequestMake, chat.RequestMakeArgs{Act: chat.ActConfigure, Text: "I look after the rules"}, &asked)
	do(chat.RequestDecide, chat.RequestDecideArgs{ID: asked.Request.ID, Note: "Ask Ada"})
	rule := chat.MonitoringRule{GroupID: r.record("ana").Group.ID, Transcripts: []chat.UserID{r.users["sue"]}, Live: []chat.UserID{r.users["sue"]}}
	do(chat.MonitoringUpdate, chat.MonitoringUpdateArgs{Rule: rule})
	do(chat.MonitoringShow, chat.MonitoringShowArgs{Shown: true})
	r.connect("max").mustPost("ana", "Hello")
	if _, err := sue.readTranscript("ana", "max"); err != nil {
		r.t.Fatal(err)
	}
	if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
		r.t.Fatal(err)
	}
}
