package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"parley/backend/chat"
	"parley/backend/sheet"
)

// importing imports a table and returns the answer.
func (r *rig) importing(a Actor, csv string) chat.UserImportAnswer {
	r.t.Helper()
	var answer chat.UserImportAnswer
	r.must(a, chat.UserImport, r.checked(csv), &answer)
	return answer
}

// checked returns the import of a table by somebody who has looked at what it does.
func (r *rig) checked(csv string) chat.UserImportArgs {
	r.t.Helper()
	var dry chat.UserImportAnswer
	r.must(Console, chat.UserImport, chat.UserImportArgs{CSV: csv, DryRun: true}, &dry)
	args := chat.UserImportArgs{CSV: csv}
	for _, u := range dry.Users {
		args.Revisions = append(args.Revisions, u.Revision)
	}
	return args
}

// outcomes says what each record did, in one line.
func outcomes(answer chat.UserImportAnswer) string {
	var all []string
	for _, u := range answer.Users {
		s := fmt.Sprintf("%d %s %s", u.Line, u.Name, u.Outcome)
		for _, c := range u.Changes {
			s += " " + c.Field
		}
		if u.Text != "" {
			s += ": " + u.Text
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

// account returns somebody whom an import may have made.
func (r *rig) account(name string) chat.UserRecord {
	r.t.Helper()
	return named(r, r.list().Users, name, func(u chat.UserRecord) string { return u.Name })
}

// state is all that an import could change: accounts, places, the audit log.
func (r *rig) state() string {
	r.t.Helper()
	return string(mustEncode(r.list())) + string(mustEncode(r.auditLog(chat.AuditListArgs{})))
}

// TestImport_outcomes: a dry run says what each record would do and does nothing; the import does just that, and once more it does
// nothing.
func TestImport_outcomes(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	const table = "Name;Display Name;Role;Group;Teams;Title\n" +
		"ana;Ana Castillo;agent;West;Furniture;Returns\n" + // everything that may be another one is
		"BEN;;;north;;\n" + // what is so already, in whatever case
		"sue;;expert;;Night;\n" +
		"mia;Mia;expert;;;\n"
	const want = "2 ana changed displayName title group | 3 ben unchanged | 4 sue changed role teams | 5 mia unchanged"
	before := r.state()
	var dry chat.UserImportAnswer
	r.must(ada, chat.UserImport, chat.UserImportArgs{CSV: table, DryRun: true}, &dry)
	if got := outcomes(dry); got != want || dry.Done {
		t.Errorf("the dry run says %v\n%s, want\n%s", dry.Done, got, want)
	}
	if r.state() != before {
		t.Error("the dry run has changed something")
	}
	entries := len(r.auditLog(chat.AuditListArgs{}))
	if done := r.importing(ada, table); outcomes(done) != want || !done.Done {
		t.Errorf("the import says %v\n%s", done.Done, outcomes(done))
	}
	log := r.auditLog(chat.AuditListArgs{Command: chat.UserImport})[:2]
	if now := len(r.auditLog(chat.AuditListArgs{})); now != entries+4 || // a group and a team are made log[1].Subject.Name != "Ana" || log[0].Subject.Name != "Sue" ||
		log[0].Command != chat.UserImport || log[0].ByID != ada.UserID || log[0].Address == "" {
		t.Errorf("%d entries became %d: %+v", entries, now, log)
	}
	r.restart()
	ana, sue := r.record("ana"), r.record("sue")
	if ana.User.DisplayName != "Ana Castillo" || ana.Group.Name != "West" || ana.User.Title != "Returns" || sue.User.Role != chat.RoleExpert || len(sue.User.TeamIDs) != 1 {
		t.Errorf("imported as %+v, %+v", ana, sue)
	}
	before = r.state()
	if again := r.importing(Console, table); strings.Contains(outcomes(again), " changed") || !again.Done {
		t.Errorf("once more it says %s", outcomes(again))
	}
	if r.state() != before {
		t.Error("once more it has changed something")
	}
}

// TestImport_passwords: a new user needs one, and signs in with it; one who was there is signed out everywhere, and uses the new one.
func TestImport_passwords(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	done := r.importing(r.signIn("ada"), "name,role,password\nnew,agent,a first secret\nmax,,another secret\nmia,,\n")
	if got := outcomes(done); got != "2 new created | 3 max changed password | 4 mia unchanged" || !done.Done {
		t.Fatalf("it says %s", got)
	}
	var ended error
	for ended == nil {
		_, ended = max.tryRead()
	}
	if !errors.Is(ended, ErrSignedOut) {
		t.Errorf("max's session: %v", ended)
	}
	for name, password := range map[string]string{"new": "a first secret", "max": "another secret", "mia": password} {
		if _, err := r.hub.SignIn(t.Context(), SignInArgs{Name: name, Password: password}); err != nil {
			t.Errorf("%s signs in: %v", name, err)
		}
	}
	if _, err := r.hub.SignIn(t.Context(), SignInArgs{Name: "max", Password: password}); err == nil {
		t.Error("the old password still signs in")
	}
	if u := r.account("new"); u.Group == nil || u.Group.Name != firstGroup || u.User.DisplayName != "new" {
		t.Errorf("the new agent is %+v", u)
	}
	if strings.Contains(r.state(), "secret") {
		t.Error("a password can be read")
	}
	if log := r.auditLog(chat.AuditListArgs{SubjectID: string(r.users["max"])}); log[0].Command != chat.UserImport || len(log[0].Changes) != 1 || log[0].Changes[0].Field != "password" {
		t.Errorf("the audit log says %+v", log[0])
	}
}

// TestImport_refused: whatever is wrong with one record, nothing of the others is done, and each says what is wrong with it.
func TestImport_refused(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	const good = "ana,Ana Castillo,,,,,\nnew,New,agent,West,Night,,long enough\n"
	for name, c := range map[string]struct{ record, want string }{
		"a role nobody has":          {"ben,,boss,,,,", `the role "boss" is none of agent, supervisor, administrator, expert`},
		"a new user without a role":  {"zoe,Zoe,,,,,long enough", "a new user needs a role"},
		"and without a password":     {"zoe,Zoe,agent,,,,", "a new user needs a password"},
		"a short password":           {"ben,,,,,,short", "the password must have at least 8 characters and at most 256 bytes"},
		"a group for a supervisor":   {"sue,,,West,,,", sheet.OnlyAgents.Text},
		"for who becomes one":        {"ben,,supervisor,West,,,", sheet.OnlyAgents.Text},
		"for a new expert":           {"zoe,,expert,West,,,long enough", sheet.OnlyAgents.Text},
		"a name of two words":        {"two words,,agent,,,,long enough", "the sign-in name contains white space"},
		"no name":                    {",Zoe,agent,,,,long enough", "the sign-in name is empty"},
		"a name twice":               {"ANA,,,,,,", `the name "ana" stands in line 2 already`},
		"a title that turns around":  {"ben,,,,,\u202egnp,", "the title contains a character that turns the direction of the text"},
		"a team of too long a name":  {"ben,,,," + strings.Repeat("n", chat.MaxNameLength+1) + ",,", "the team has 101 characters; at most 100 are allowed"},
		"too few cells":              {"ben,Ben", "it has 2 cells, the header has 7"},
		"two things wrong with it":   {"ben,,boss,,,,short", `the role "boss" is none of agent, supervisor, administrator, expert; the password must have at least 8 characters and at most 256 bytes`},
		"what steers a terminal too": {"ben,\x1b[31m,,,,,", "the display name contains a control character (U+001B)"},
	} {
		t.Run(name, func(t *testing.T) {
			before := r.state()
			answer := r.importing(ada, "name,display name,role,group,teams,title,password\n"+good+c.record+"\n")
			last := answer.Users[len(answer.Users)-1]
			if answer.Done || last.Outcome != chat.ImportRefused || last.Text != c.want || last.Line != 4 {
				t.Errorf("done %v, %+v, want %q", answer.Done, last, c.want)
			}
			if first := answer.Users[0]; first.Outcome != chat.ImportChanged || answer.Users[1].Outcome != chat.ImportCreated {
				t.Errorf("the others are told as %+v", answer.Users[:2])
			}
			if r.state() != before {
				t.Error("something has changed")
			}
		})
	}
}

// TestImport_noTable: what is no table of users at all is refused as a whole.
func TestImport_noTable(t *testing.T) {
	r := newRig(t)
	many := "name\n" + strings.Repeat("ana\n", chat.MaxImportedUsers+1)
	for name, c := range map[string]struct {
		args chat.UserImportArgs
		want string
	}{
		"nothing":             {chat.UserImportArgs{}, "there is no header line"},
		"no header":           {chat.UserImportArgs{CSV: "ana,Ana,agent,North,,,secret word\n"}, "there is no header line"},
		"an unknown column":   {chat.UserImportArgs{CSV: "name,tilte\nana,x\n"}, `the column "tilte" is not known`},
		"a column twice":      {chat.UserImportArgs{CSV: "name,title,Title\nana,x,x\n"}, `the column "Title" stands twice`},
		"no record":           {chat.UserImportArgs{CSV: "name\n"}, "there is no user below the header line"},
		"too many":            {chat.UserImportArgs{CSV: many}, "at most 200 users are imported at once, not 201"},
		"open quotes":         {chat.UserImportArgs{CSV: "name,title\nana,a\n\"ben,b\n", FirstLine: 12}, "line 13: the quotes of this line do not fit"},
		"a line before all":   {chat.UserImportArgs{CSV: "name\nana\n", FirstLine: -1}, "the first line"},
		"a line after all":    {chat.UserImportArgs{CSV: "name\nana\n", FirstLine: 1 << 50}, "the first line"},
		"dry, it is the same": {chat.UserImportArgs{CSV: "name\n", DryRun: true}, "there is no user below the header line"},
	} {
		t.Run(name, func(t *testing.T) {
			err := chat.AsError(r.do(Console, chat.UserImport, c.args, nil))
			if err.Code != chat.CodeInvalid || !strings.Contains(err.Text, c.want) || strings.Contains(err.Text, "secret") {
				t.Errorf("refused with %+v, want %q", err, c.want)
			}
		})
	}
}

// TestImport_lines: in a part of a longer file, records have its lines.
func TestImport_lines(t *testing.T) {
	r := newRig(t)
	var answer chat.UserImportAnswer
	r.must(Console, chat.UserImport, chat.UserImportArgs{CSV: "name,title\r\nana,\"a \"\"b\"\"\"\r\n\r\nben,x\r\n", FirstLine: 402, DryRun: true}, &answer)
	if got := outcomes(answer); got != "402 ana changed title | 404 ben changed title" {
		t.Errorf("it says %s", got)
	}
}

// TestImport_formerAgent: whoever was an agent may still be in a group; a table that says so changes nothing, and one that says none
// takes them out of it.
func TestImport_formerAgent(t *testing.T) {
	r := newRig(t)
	expert := chat.RoleExpert
	r.update("ben", func(a *chat.UserUpdateArgs) { a.Role = &expert })
	for _, c := range []struct{ group, want string }{
		{"North", "2 ben unchanged"}, {"South", "2 ben refused: " + sheet.OnlyAgents.Text}, {"", "2 ben changed group"}, {"North", "2 ben refused: " + sheet.OnlyAgents.Text},
	} {
		if got := outcomes(r.importing(Console, "name,group\nben,"+c.group+"\n")); got != c.want {
			t.Errorf("in %q: %s, want %s", c.group, got, c.want)
		}
	}
	if got := outcomes(r.importing(Console, "name,role,group\nana,expert,\neve,agent,\nben,agent,\n")); got != "2 ana changed role group settings | 3 eve unchanged | 4 ben changed role group settings" {
		t.Errorf("whoever becomes an agent, stays one or is one no more: %s", got)
	}
	if ana, eve, ben := r.record("ana").Group, r.record("eve").Group, r.record("ben").Group; ana != nil || eve.Name != "South" || ben.Name != firstGroup {
		t.Errorf("they are in %+v, %+v, %+v", ana, eve, ben)
	}
}

// TestImport_atOnce: live sessions feel what a table changes, and hold what a fresh snapshot says.
func TestImport_atOnce(t *testing.T) {
	r := newRig(t)
	ana, ben, sue := r.connect("ana"), r.connect("ben"), r.connect("sue")
	r.importing(r.signIn("ada"), "name,display name,group,teams\nana,Ana Castillo,South,Night\n")
	for _, c := range []*client{ana, ben, sue} {
		c.same()
	}
	if _, known := ben.people[r.users["ana"]]; known || ana.state.Me.Group.Name != "South" || sue.people[r.users["ana"]].DisplayName != "Ana Castillo" {
		t.Errorf("ana is %+v; ben knows of her: %v", ana.state.Me, known)
	}
}

// TestImport_escalation tries each way to more than one has oneself. Each refusal has a twin that differs in the right alone.
func TestImport_escalation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by, record, twin string
	}{
		"a supervisor makes no administrator": {"sue", "zoe,,administrator,,long enough", "zoe,,supervisor,,long enough"},
		"nor lets anybody become one":         {"sue", "ben,,administrator,,", "ben,,supervisor,,"},
		"nor changes one":                     {"sue", "ada,Ada Lovelace,,,", "max,Max Weber,,,"},
		"nor takes over the account of one":   {"sue", "ada,,,,long enough", "max,,,,long enough"},
		"nor makes a group by naming it":      {"sue", "ben,,,West,", "ben,,,South,"},
		"nor for a new account":               {"sue", "zoe,,agent,West,long enough", "zoe,,agent,South,long enough"},
		"an agent makes agents alone":         {"ana", "zoe,,expert,,long enough", "zoe,,agent,,long enough"},
		"an agent moves nobody":               {"ana", "ben,,,South,", "ben,Ben Bold,,North,"},
		"nor adds anybody elsewhere":          {"ana", "zoe,,agent,South,long enough", "zoe,,agent,North,long enough"},
		"nor is it told of other groups":      {"ana", "zoe,,agent,Nowhere,long enough", "zoe,,agent,north,long enough"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.grant([]string{c.by}, chat.PermissionManageInternalUsers)
			by := r.signIn(c.by)
			const head = "name,display name,role,group,password\n"
			before := r.state()
			refused := r.importing(by, head+c.record+"\n")
			if refused.Done || refused.Users[0].Outcome != chat.ImportRefused || r.state() != before {
				t.Errorf("%s imports %q: %s", c.by, c.record, outcomes(refused))
			}
			if err := r.beyond(c.by); err.Refusal == nil || err.Refusal.Rule != chat.RuleBeyondOwn || err.Text != refused.Users[0].Text {
				t.Errorf("refused with %q, user.add says %+v", refused.Users[0].Text, err)
			}
			if done := r.importing(by, head+c.twin+"\n"); !done.Done {
				t.Errorf("the twin %q: %s", c.twin, outcomes(done))
			}
		})
	}
}

// beyond returns how user.add refuses to make an administrator, which nobody but one may.
func (r *rig) beyond(by string) *chat.Error {
	return chat.AsError(r.do(r.signIn(by), chat.UserAdd, chat.UserAddArgs{Name: "other", DisplayName: "Other", Role: chat.RoleAdministrator, Password: password}, nil))
}

// TestImport_right: without the right nothing is imported, dry or not; what is so already may stand in the table of who may not change
// it, as in their export.
func TestImport_right(t *testing.T) {
	r := newRig(t)
	r.grant([]string{"mia"}, chat.PermissionViewSetup)
	for _, by := range []string{"ana", "sue", "mia"} {
		for _, dry := range []bool{false, true} {
			err := chat.AsError(r.do(r.signIn(by), chat.UserImport, chat.UserImportArgs{CSV: "name,title\nben,x\n", DryRun: dry}, nil))
			if err.Code != chat.CodeDenied || err.Refusal == nil || err.Refusal.Rule != chat.RuleNoGrant {
				t.Errorf("%s imports (dry: %v): %+v", by, dry, err)
			}
		}
	}
	r.grant([]string{"sue"}, chat.PermissionManageInternalUsers)
	if got := outcomes(r.importing(r.signIn("sue"), "name,display name,role\nada,Ada,administrator\nben,Ben,agent\n")); got != "2 ada unchanged | 3 ben unchanged" {
		t.Errorf("sue: %s", got)
	}
}

// TestImport_wall: to an agent who edits accounts, whoever stands behind the wall is as nobody: without what a new account needs the
// words are the same; with it, they are those of user.add. And no group shows of who is in one that the agent is not in.
func TestImport_wall(t *testing.T) {
	r := newRig(t)
	r.grant([]string{"ana"}, chat.PermissionManageInternalUsers)
	expert := chat.RoleExpert
	r.importing(Console, "name,role,group,password\ntom,agent,South,long enough\n")
	r.users["tom"] = r.account("tom").User.ID
	r.update("tom", func(a *chat.UserUpdateArgs) { a.Role = &expert }) // an expert, whose group is South
	ana := r.signIn("ana")
	text := func(record string) string {
		t.Helper()
		answer := r.importing(ana, "name,title,role,password\n"+record+"\n")
		if answer.Done || answer.Users[0].Outcome != chat.ImportRefused {
			t.Fatalf("%q: %s", record, outcomes(answer))
		}
		return answer.Users[0].Text
	}
	for _, rest := range []string{",x,,", ",,agent,", ",,,long enough"} {
		if hidden, nobody := text("eve"+rest), text("nobody"+rest); hidden != nobody {
			t.Errorf("%q: eve %q, nobody %q", rest, hidden, nobody)
		}
	}
	add := chat.AsError(r.do(ana, chat.UserAdd, chat.UserAddArgs{Name: "eve", DisplayName: "Eve", Role: chat.RoleAgent, Password: password}, nil))
	if got := text("eve,,agent,long enough"); got != add.Text || strings.Contains(got, "South") {
		t.Errorf("a taken name: %q, user.add says %q", got, add.Text)
	}
	if got := outcomes(r.importing(ana, "name,group\ntom,\nben,North\n")); got != "2 tom unchanged | 3 ben unchanged" {
		t.Errorf("what ana is told: %s", got)
	}
	if u := r.record("eve"); u.User.Title != "" || u.User.DisplayName != "Eve" {
		t.Errorf("eve is %+v", u)
	}
}

// TestImport_ownAccount: an importer's own new role takes effect after the table, and who did it is known all the same.
func TestImport_ownAccount(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	r.second()
	if done := r.importing(ada, "name,title,role\nada,Head,expert\nben,Second,\n"); !done.Done {
		t.Fatalf("it says %s", outcomes(done))
	}
	for _, e := range r.auditLog(chat.AuditListArgs{})[:2] {
		if e.ByID != ada.UserID || e.Address == "" {
			t.Errorf("the entry is %+v", e)
		}
	}
	if err := chat.AsError(r.do(ada, chat.UserList, nil, nil)); err.Code != chat.CodeDenied {
		t.Errorf("she still administers: %v", err)
	}
}

// TestImport_timeMachine: before an import those whom it made were not there.
func TestImport_timeMachine(t *testing.T) {
	r := newRig(t)
	before := r.hub.now()
	r.clock.turn(1_000_000_000)
	r.importing(Console, "name,role,password\nnew,expert,long enough\nben,supervisor,\n")
	then, err := (&call{h: r.hub, facts: r.hub.facts.Load()}).factsAt(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	if then.user(r.account("new").User.ID) != nil || then.user(r.users["ben"]).row.User.Role != chat.RoleAgent {
		t.Errorf("then there were %d users, ben was %s", then.users.size, then.user(r.users["ben"]).row.User.Role)
	}
}

// gated is passwords whose hashing can be counted and held up.
type gated struct {
	plain
	hashed  atomic.Int32
	entered chan struct{} // nil: nothing is held up
	release chan struct{}
}

func (g *gated) Hash(ctx context.Context, password string) (string, error) {
	g.hashed.Add(1)
	if g.entered != nil {
		g.entered <- struct{}{}
		<-g.release
	}
	return g.plain.Hash(ctx, password)
}

// TestImport_hashing keeps nobody waiting, and is not done for what is refused, or only looked at.
func TestImport_hashing(t *testing.T) {
	passwords := &gated{}
	r := newRig(t, func(o *Options) { o.Passwords = passwords })
	ada := r.signIn("ada")
	passwords.hashed.Store(0)
	const table = "name,title,role,password\nnew,,agent,long enough\nmia,x,,\nmax,,,long enough\n"
	r.must(ada, chat.UserImport, chat.UserImportArgs{CSV: table, DryRun: true}, nil)
	r.importing(ada, table+"ben,,boss,\n")
	change := chat.Change{Do: chat.UserImport, Args: mustEncode(r.checked(table))}
	var preview chat.ChangePreviewAnswer
	r.must(ada, chat.ChangePreview, chat.ChangePreviewArgs{Changes: []chat.Change{change}}, &preview)
	if n := passwords.hashed.Load(); n != 0 || preview.Gained == 0 {
		t.Errorf("%d passwords were hashed for nothing; the preview says %+v", n, preview)
	}
	passwords.entered, passwords.release = make(chan struct{}), make(chan struct{})
	done, args := make(chan error), r.checked(table)
	go func() { done <- r.do(ada, chat.UserImport, args, nil) }()
	for range 2 {
		<-passwords.entered
		r.must(Console, chat.TeamCreate, chat.TeamCreateArgs{Name: chat.NewUUID()}, nil) // the writer is free
		passwords.release <- struct{}{}
	}
	if err := <-done; err != nil || passwords.hashed.Load() != 2 || r.record("mia").User.Title != "x" {
		t.Errorf("%v, %d hashed, mia is %+v", err, passwords.hashed.Load(), r.record("mia").User)
	}
}

// TestImport_moved: what could not be imported when it was looked at, and can be when its turn comes, was not prepared.
func TestImport_moved(t *testing.T) {
	r := newRig(t)
	b := r.hub.facts.Load().scratch(r.hub.now())
	users, _ := sheet.Users("name,title\nana,x\n", 0, sheet.ColumnName)
	if _, _, err := b.importUsers(nil, Console, importTable{users: users}); chat.AsError(err).Code != chat.CodeConflict || !slices.Equal(b.facts.ids, r.hub.facts.Load().ids) {
		t.Errorf("it answers %v", err)
	}
}
