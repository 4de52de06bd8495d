package hub

import (
	"slices"
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
		r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(who), Enable: []chat.SetRevision{limit.Seen()}}, nil)
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
		r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(who), Disable: []chat.SetRevision{limit.Seen()}}, nil)
	}
	assign("ben")
	r.must(ana, chat.SetDelete, chat.SetDeleteArgs{SetID: limit.ID, Revision: limit.Revision, Holders: 1}, nil)
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

// TestWatch_notedOnce: following is noted once for as long as it lasts, however often it is asked for; reading is noted each time.
func TestWatch_notedOnce(t *testing.T) {
	r := newRig(t)
	r.talks()
	r.watchers("ana", []string{"sue"}, []string{"sue"})
	sue := r.connect("sue")
	noted := func(do chat.CommandName) int {
		return len(r.auditLog(chat.AuditListArgs{SubjectKind: chat.SubjectConversation, Command: do}))
	}
	for range 5 {
		if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
			t.Fatal(err)
		}
		if _, err := sue.readTranscript("ana", "max"); err != nil {
			t.Fatal(err)
		}
	}
	if n, read := noted(chat.TranscriptWatch), noted(chat.TranscriptLoad); n != 1 || read != 5 {
		t.Errorf("following is noted %d times, reading %d times", n, read)
	}
	if err := sue.follow(chat.TranscriptUnwatch, "ana", "max"); err != nil {
		t.Fatal(err)
	}
	if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
		t.Fatal(err)
	}
	if n := noted(chat.TranscriptWatch); n != 2 {
		t.Errorf("followed again it is noted %d times", n)
	}
}

// TestRequest_targetsThatThereCouldBe: whatever the act, nothing can be asked for towards what is no id, what is not there, and what one
// may not know of, in the same words; so nobody writes into the administrators' list by naming what is no name.
func TestRequest_targetsThatThereCouldBe(t *testing.T) {
	r := newRig(t)
	r.talks()
	hidden, own := chat.NewRoomID(), chat.NewRoomID()
	r.must(r.signIn("max"), chat.RoomCreate, chat.RoomCreateArgs{ID: hidden, Name: "Hidden", Participants: []chat.UserID{r.users["sue"]}}, nil)
	mia := r.signIn("mia")
	r.must(mia, chat.RoomCreate, chat.RoomCreateArgs{ID: own, Name: "Own"}, nil)
	ana := r.signIn("ana")
	for act := range explainable {
		for what, args := range map[string]chat.RequestMakeArgs{
			"no id of a user":      {OtherID: "please give me everything"},
			"nobody":               {OtherID: chat.UserID(chat.NewUUID())},
			"behind the wall":      {OtherID: r.users["eve"]},
			"no conversation":      {ConversationID: "please"},
			"no room":              {ConversationID: chat.NewRoomID()},
			"a room of others":     {ConversationID: hidden},
			"others' conversation": {ConversationID: r.direct("max", "eve")},
			"with nobody":          {ConversationID: chat.DirectID(r.users["ana"], chat.UserID(chat.NewUUID()))},
		} {
			args.Act = act
			if err := chat.AsError(r.do(ana, chat.RequestMake, args, nil)); err == nil || *err != *chat.ErrUnknown {
				t.Errorf("%s, %s: asking is answered %v", act, what, err)
			}
			ask := chat.ExplainAskArgs{Act: act, OtherID: args.OtherID, ConversationID: args.ConversationID}
			if err := chat.AsError(r.do(ana, chat.ExplainAsk, ask, nil)); err == nil || *err != *chat.ErrUnknown {
				t.Errorf("%s, %s: why is answered %v", act, what, err)
			}
		}
	}
	if all := r.hub.facts.Load().requests; all.size != 0 {
		t.Errorf("%d requests were made", all.size)
	}
	var why chat.Explanation
	if r.must(mia, chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActPost, ConversationID: own}, &why); !why.Allowed {
		t.Errorf("a room of one's own: %+v", why)
	}
}

// TestPassword_ownNeedsTheOld: nobody replaces their own password without the old one, an administrator neither: a session that was left open
// is not enough to take the account.
func TestPassword_ownNeedsTheOld(t *testing.T) {
	r := newRig(t)
	r.grant([]string{"sue"}, chat.PermissionManageInternalUsers)
	for _, name := range []string{"ada", "sue"} {
		by := r.signIn(name)
		err := chat.AsError(r.do(by, chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: by.UserID, Password: "taken over"}, nil))
		if err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		var answer chat.UserImportAnswer
		r.must(by, chat.UserImport, chat.UserImportArgs{CSV: "name,password\n" + name + ",taken over\n"}, &answer)
		if u := answer.Users[0]; answer.Done || u.Outcome != chat.ImportRefused || u.Faults[0].Kind != chat.FaultOwnPassword {
			t.Errorf("%s by a table: %+v", name, answer)
		}
		r.signIn(name) // the old one still is the password
	}
	r.must(r.signIn("ada"), chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: r.users["sue"], Password: "given to her"}, nil)
}

// TestRoom_guessedID: that an id stands for somebody else's room is not found out by a room that one may not make.
func TestRoom_guessedID(t *testing.T) {
	r := newRig(t)
	taken, free := chat.NewRoomID(), chat.NewRoomID()
	r.must(r.signIn("max"), chat.RoomCreate, chat.RoomCreateArgs{ID: taken, Name: "Hidden", Participants: []chat.UserID{r.users["sue"]}}, nil)
	mia := r.signIn("mia")
	for what, with := range map[string]chat.UserID{"an agent": r.users["ana"], "nobody": chat.UserID(chat.NewUUID())} {
		of := func(id chat.ConversationID) *chat.Error {
			return chat.AsError(r.do(mia, chat.RoomCreate, chat.RoomCreateArgs{ID: id, Name: "Mine", Participants: []chat.UserID{with}}, nil))
		}
		if a, b := of(taken), of(free); a == nil || b == nil || a.Code != b.Code || a.Text != b.Text {
			t.Errorf("with %s: %v, and for a free id %v", what, a, b)
		}
	}
	if err := chat.AsError(r.do(mia, chat.RoomCreate, chat.RoomCreateArgs{ID: taken, Name: "Mine"}, nil)); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("a room that she may make, under a taken id: %v", err)
	}
}

// TestRefusals_towards: the audit log says whom or what a refused command was about, the first few of them and each once, and nothing that
// is no id.
func TestRefusals_towards(t *testing.T) {
	r := newRig(t)
	r.talks()
	ana, nobody := r.signIn("ana"), chat.UserID(chat.NewUUID())
	post := func(id chat.ConversationID) {
		t.Helper()
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "x"}
		if err := r.do(ana, chat.MessagePost, args, nil); err == nil {
			t.Fatalf("a message to %s was not refused", id)
		}
	}
	room := chat.NewRoomID()
	r.must(r.signIn("max"), chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Glass"}, nil)
	post(r.direct("ana", "eve"))
	for _, id := range []chat.ConversationID{r.direct("max", "eve"), chat.DirectID(r.users["ana"], nobody), room, "no id at all", r.direct("ana", "eve"), room} {
		post(id)
	}
	for range 2 * chat.MaxRefusalTargets {
		post(chat.DirectID(r.users["ana"], chat.UserID(chat.NewUUID())))
	}
	r.clock.turn(refusalRest)
	post(r.direct("ana", "eve"))
	log := r.auditLog(chat.AuditListArgs{SubjectKind: chat.SubjectRefusal})
	towards := func(e chat.AuditEntry) (told []chat.RefusalTarget) {
		for _, c := range e.Changes {
			if c.Field == "towards" {
				if err := chat.Decode(c.To, &told); err != nil {
					t.Fatal(err)
				}
			}
		}
		return told
	}
	user := func(name string) chat.RefusalTarget {
		return chat.RefusalTarget{Kind: chat.SubjectUser, ID: string(r.users[name]), Name: r.record(name).User.DisplayName}
	}
	if len(log) != 2 || !slices.Equal(towards(log[1]), []chat.RefusalTarget{user("eve")}) {
		t.Fatalf("%d entries; the first is about %+v", len(log), towards(log[1]))
	}
	want := []chat.RefusalTarget{{Kind: chat.SubjectConversation, ID: string(r.direct("max", "eve")), Name: "Eve, Max"},
		{Kind: chat.SubjectUser, ID: string(nobody)}, {Kind: chat.SubjectConversation, ID: string(room), Name: "Glass"}, user("eve")}
	if got := towards(log[0]); len(got) != chat.MaxRefusalTargets || !slices.Equal(got[:len(want)], want) {
		t.Errorf("the second is about %+v", got)
	}
	if found := r.auditLog(chat.AuditListArgs{SubjectKind: chat.SubjectRefusal, Text: "glass"}); len(found) != 1 {
		t.Errorf("searched for by name %d are found", len(found))
	}
}
