package hub

import (
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

// list returns what administrators see.
func (r *rig) list() chat.UserListAnswer {
	r.t.Helper()
	var answer chat.UserListAnswer
	r.must(Console, chat.UserList, nil, &answer)
	return answer
}

// named returns the one that is so called.
func named[T any](r *rig, all []T, name string, nameOf func(T) string) T {
	r.t.Helper()
	i := slices.IndexFunc(all, func(x T) bool { return nameOf(x) == name })
	if i < 0 {
		r.t.Fatalf("nothing is called %s: %+v", name, all)
	}
	return all[i]
}

func (r *rig) groupRecord(name string) chat.GroupRecord {
	r.t.Helper()
	return named(r, r.list().Groups, name, func(g chat.GroupRecord) string { return g.Name })
}

func (r *rig) teamRecord(name string) chat.TeamRecord {
	r.t.Helper()
	return named(r, r.list().Teams, name, func(t chat.TeamRecord) string { return t.Name })
}

func (r *rig) queueRecord(name string) chat.QueueRecord {
	r.t.Helper()
	return named(r, r.list().Queues, name, func(q chat.QueueRecord) string { return q.Name })
}

// places makes a group and a team that nobody is in, and a queue.
func (r *rig) places() {
	r.t.Helper()
	r.must(Console, chat.GroupCreate, chat.GroupCreateArgs{Name: "Empty", Kind: chat.GroupFunctional}, nil)
	r.must(Console, chat.TeamCreate, chat.TeamCreateArgs{Name: "Idle"}, nil)
	r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Orders"}, nil)
	r.newTemplate(chat.TemplateContent{Name: "Greeting", Text: "Hello"})
}

// refusedWith fails unless the command is refused with the code, in words that say what is given.
func (r *rig) refusedWith(code chat.Code, words string, do chat.CommandName, args any) {
	r.t.Helper()
	before := r.auditLog(chat.AuditListArgs{})
	err := chat.AsError(r.do(Console, do, args, nil))
	if err == nil || err.Code != code || !strings.Contains(err.Text, words) {
		r.t.Errorf("%s of %+v is answered %+v, want %s, %q", do, args, err, code, words)
	}
	if now := r.auditLog(chat.AuditListArgs{}); len(now) != len(before) {
		r.t.Errorf("%s was refused and left %+v", do, now[0])
	}
}

// TestGroup_life: a group is made, renamed, made the default, and deleted once it is none and empty (EXP-20, EXP-21).
func TestGroup_life(t *testing.T) {
	r := newRig(t)
	ana, ada := r.connect("ana"), r.connect("ada")
	var made chat.GroupCreateAnswer
	r.must(Console, chat.GroupCreate, chat.GroupCreateArgs{Name: " West ", Kind: chat.GroupOrganisational}, &made)
	if g := r.groupRecord("West"); g.ID != made.GroupID || g.Kind != chat.GroupOrganisational || g.Default || g.Revision != 1 {
		t.Fatalf("made as %+v", g)
	}
	north := r.groupRecord("North")
	name, kind := "Far north", chat.GroupOrganisational
	r.must(Console, chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: north.ID, Revision: north.Revision, Name: &name, Kind: &kind}, nil)
	ana.same()
	if ana.state.Me.Group.Name != name {
		t.Errorf("ana is in %+v", ana.state.Me.Group)
	}
	for _, raw := range ada.transcript {
		if strings.Contains(raw, string(r.users["ana"])) && strings.Contains(raw, "me.changed") {
			t.Errorf("ada was told what is for ana alone: %s", raw)
		}
	}
	west := r.groupRecord("West")
	r.must(Console, chat.GroupSetDefault, chat.GroupSetDefaultArgs{GroupID: west.ID, Revision: west.Revision}, nil)
	r.addAgent("new")
	r.restart()
	if g := r.record("new").Group; g == nil || g.ID != west.ID {
		t.Errorf("a new agent is in %+v", g)
	}
	if west = r.groupRecord("West"); !west.Default || r.groupRecord(name).Default {
		t.Errorf("after a new start: %+v", r.list().Groups)
	}
	r.refusedWith(chat.CodeConflict, "new agents enter", chat.GroupDelete, chat.GroupRevisionArgs{GroupID: west.ID, Revision: west.Revision})
	far := r.groupRecord(name)
	r.refusedWith(chat.CodeConflict, "Ana and Ben are still in Far north", chat.GroupDelete, chat.GroupRevisionArgs{GroupID: far.ID, Revision: far.Revision})
	r.must(Console, chat.UserUpdateMany, chat.UserUpdateManyArgs{Users: r.revisions("ana", "ben"), Fields: chat.UserFields{Group: &west.Name}}, nil)
	r.must(Console, chat.GroupDelete, chat.GroupRevisionArgs{GroupID: far.ID, Revision: far.Revision}, nil)
	r.restart()
	if groups := r.list().Groups; slices.ContainsFunc(groups, func(g chat.GroupRecord) bool { return g.ID == far.ID }) {
		t.Errorf("deleted, and there: %+v", groups)
	}
}

// TestGroup_default: the first agent who is given no group makes the default one; others follow, and so does who becomes an agent.
func TestGroup_default(t *testing.T) {
	r := newRig(t)
	r.addAgent("one")
	g := r.groupRecord(firstGroup)
	if !g.Default {
		t.Errorf("made as %+v", g)
	}
	name := "Everybody"
	r.must(Console, chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: g.ID, Revision: g.Revision, Name: &name}, nil)
	r.addAgent("two")
	agent := chat.RoleAgent
	r.update("max", func(a *chat.UserUpdateArgs) { a.Role = &agent })
	nowhere := ""
	r.update("ana", func(a *chat.UserUpdateArgs) { a.Group = &nowhere })
	for _, who := range []string{"one", "two", "max", "ana"} {
		if in := r.record(who).Group; in == nil || in.ID != g.ID || in.Name != name {
			t.Errorf("%s is in %+v", who, in)
		}
	}
}

// TestTeam_life: what happens to a team that nobody is in is told to administrators, and a team that anything stands on stays.
func TestTeam_life(t *testing.T) {
	r := newRig(t)
	r.places()
	ada, ana := r.connect("ada"), r.connect("ana")
	idle, furniture := r.teamRecord("Idle"), r.teamRecord("Furniture")
	r.must(Console, chat.TeamRename, chat.TeamRenameArgs{TeamID: idle.ID, Revision: idle.Revision, Name: "Night"}, nil)
	ada.same()
	if ada.teams[idle.ID].Name != "Night" {
		t.Errorf("ada holds %+v", ada.teams)
	}
	if ana.same(); len(ana.teams) != 1 {
		t.Errorf("ana, who knows nobody in it, holds %+v", ana.teams)
	}
	remove := func(team chat.TeamRecord) chat.TeamDeleteArgs {
		return chat.TeamDeleteArgs{TeamID: team.ID, Revision: team.Revision}
	}
	r.refusedWith(chat.CodeConflict, "Ana and Eve are still in Furniture", chat.TeamDelete, remove(furniture))
	idle = r.teamRecord("Night")
	start := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartTeams, Targets: []string{string(idle.ID)}}
	r.must(Console, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Settings: start}, nil)
	r.refusedWith(chat.CodeConflict, "Ben is allowed to write first to Night", chat.TeamDelete, remove(idle))
	start.Scope, start.Targets = chat.StartEveryone, nil
	r.must(Console, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Settings: start, ApplyNow: true}, nil)
	orders, teams := r.queueRecord("Orders"), []chat.TeamID{idle.ID}
	r.must(Console, chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: orders.ID, Revision: orders.Revision, TeamIDs: &teams}, nil)
	r.refusedWith(chat.CodeConflict, "serves the queue Orders", chat.TeamDelete, remove(idle))
	orders = r.queueRecord("Orders")
	r.must(Console, chat.QueueDelete, chat.QueueDeleteArgs{QueueID: orders.ID, Revision: orders.Revision}, nil)
	away := r.connect("ada")
	away.feed.Close()
	r.must(Console, chat.TeamDelete, remove(idle), nil)
	away.attach()
	for _, c := range []*client{ana, ada, away} {
		if c.same(); len(c.teams) != 1 {
			t.Errorf("%s holds %+v", c.name, c.teams)
		}
	}
	r.restart()
	if l := r.list(); len(l.Teams) != 1 || len(l.Queues) != 0 {
		t.Errorf("after a new start: %+v, %+v", l.Teams, l.Queues)
	}
}

// TestPlaces_refused: names are unique whatever their case, what is old or not there is said to be.
func TestPlaces_refused(t *testing.T) {
	r := newRig(t)
	r.places()
	long, south, bad := strings.Repeat("n", chat.MaxNameLength+1), "south", chat.GroupKind("round")
	group, team, queue := r.groupRecord("Empty"), r.teamRecord("Idle"), r.queueRecord("Orders")
	r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Other"}, nil)
	taken, strangers, crowd := "OTHER", []chat.TeamID{"t"}, make([]chat.TeamID, chat.MaxQueueTeams+1)
	for _, c := range []struct {
		code  chat.Code
		words string
		do    chat.CommandName
		args  any
	}{
		{chat.CodeConflict, "South", chat.GroupCreate, chat.GroupCreateArgs{Name: south, Kind: chat.GroupFunctional}},
		{chat.CodeInvalid, "kind", chat.GroupCreate, chat.GroupCreateArgs{Name: "X", Kind: bad}},
		{chat.CodeInvalid, "name", chat.GroupCreate, chat.GroupCreateArgs{Name: long, Kind: chat.GroupFunctional}},
		{chat.CodeConflict, "South", chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: group.ID, Revision: 1, Name: &south}},
		{chat.CodeInvalid, "kind", chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: group.ID, Revision: 1, Kind: &bad}},
		{chat.CodeConflict, "meanwhile", chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: group.ID, Revision: 2}},
		{chat.CodeUnknown, "", chat.GroupUpdate, chat.GroupUpdateArgs{GroupID: "g", Revision: 1}},
		{chat.CodeConflict, "meanwhile", chat.GroupDelete, chat.GroupRevisionArgs{GroupID: group.ID, Revision: 2}},
		{chat.CodeConflict, "meanwhile", chat.GroupSetDefault, chat.GroupSetDefaultArgs{GroupID: group.ID}},
		{chat.CodeConflict, "Furniture", chat.TeamCreate, chat.TeamCreateArgs{Name: "furniture"}},
		{chat.CodeInvalid, "name", chat.TeamCreate, chat.TeamCreateArgs{}},
		{chat.CodeConflict, "Furniture", chat.TeamRename, chat.TeamRenameArgs{TeamID: team.ID, Revision: 1, Name: "FURNITURE"}},
		{chat.CodeConflict, "meanwhile", chat.TeamRename, chat.TeamRenameArgs{TeamID: team.ID, Revision: 2, Name: "Y"}},
		{chat.CodeUnknown, "", chat.TeamDelete, chat.TeamDeleteArgs{TeamID: "t"}},
		{chat.CodeConflict, "Other", chat.QueueCreate, chat.QueueCreateArgs{Name: taken}},
		{chat.CodeInvalid, "team", chat.QueueCreate, chat.QueueCreateArgs{Name: "Z", TeamIDs: strangers}},
		{chat.CodeInvalid, "at most", chat.QueueCreate, chat.QueueCreateArgs{Name: "Z", TeamIDs: crowd}},
		{chat.CodeConflict, "Other", chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: queue.ID, Revision: 1, Name: &taken}},
		{chat.CodeConflict, "meanwhile", chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: queue.ID, Revision: 2}},
		{chat.CodeUnknown, "", chat.QueueDelete, chat.QueueDeleteArgs{QueueID: "q"}},
	} {
		r.refusedWith(c.code, c.words, c.do, c.args)
	}
}

// TestPlaces_namesSwap: two teams change names and one is made anew, all in one moment; the database takes it.
func TestPlaces_namesSwap(t *testing.T) {
	r := newRig(t)
	r.places()
	idle, furniture := r.teamRecord("Idle"), r.teamRecord("Furniture")
	ada := r.connect("ada")
	var numbers []int64
	for _, a := range []chat.TeamRenameArgs{{TeamID: idle.ID, Revision: 1, Name: "Third"}, {TeamID: furniture.ID, Revision: 1, Name: "Idle"},
		{TeamID: idle.ID, Revision: 2, Name: "Furniture"}} {
		numbers = append(numbers, ada.send(chat.TeamRename, a))
	}
	numbers = append(numbers, ada.send(chat.TeamDelete, chat.TeamDeleteArgs{TeamID: idle.ID, Revision: 3}), ada.send(chat.TeamCreate, chat.TeamCreateArgs{Name: "Furniture"}))
	ada.barrier()
	for _, n := range numbers {
		if a := ada.answers[n]; a.Err != nil {
			t.Errorf("request %d: %v", n, a.Err)
		}
	}
	ada.same()
	r.restart()
	if again := r.teamRecord("Furniture"); again.ID == idle.ID || r.teamRecord("Idle").ID != furniture.ID || len(r.list().Teams) != 2 {
		t.Errorf("after a new start: %+v", r.list().Teams)
	}
}

// addAgent adds an agent without a group.
func (r *rig) addAgent(name string) {
	r.t.Helper()
	var added chat.UserAddAnswer
	r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleAgent, Password: password}, &added)
	r.users[name] = added.UserID
}

// second adds an administrator, so that ada need not stay one.
func (r *rig) second() {
	r.t.Helper()
	r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "second", DisplayName: "Second", Role: chat.RoleAdministrator, Password: password}, nil)
}

// revisions names users as they are now.
func (r *rig) revisions(names ...string) []chat.UserRevision {
	r.t.Helper()
	var all []chat.UserRevision
	for _, name := range names {
		all = append(all, chat.UserRevision{UserID: r.users[name], Revision: r.record(name).Revision})
	}
	return all
}

// TestUserUpdateMany changes all who are named, with an entry for each, or nobody.
func TestUserUpdateMany(t *testing.T) {
	r := newRig(t)
	ben := r.connect("ben")
	title, group, role := "Returns", "South", chat.Role("king")
	users := r.revisions("ana", "ben", "max")
	r.must(Console, chat.TeamCreate, chat.TeamCreateArgs{Name: "Night"}, nil)
	before := r.auditLog(chat.AuditListArgs{})
	var answer chat.UserUpdateManyAnswer
	r.must(r.signIn("ada"), chat.UserUpdateMany, chat.UserUpdateManyArgs{Users: users,
		Fields: chat.UserFields{Title: &title, Group: &group, AddTeams: []string{"Night"}, RemoveTeams: []string{"furniture"}}}, &answer)
	night := r.teamRecord("Night").ID
	for i, name := range []string{"ana", "ben", "max"} {
		u := r.record(name)
		if u.User.Title != title || u.Group == nil || u.Group.Name != group || !slices.Equal(u.User.TeamIDs, []chat.TeamID{night}) || answer.Revisions[i] != u.Revision {
			t.Errorf("%s is %+v, revision %d", name, u, answer.Revisions[i])
		}
	}
	if eve := r.record("eve"); len(eve.User.TeamIDs) != 1 || eve.User.TeamIDs[0] == night {
		t.Errorf("eve, who was not named, is %+v", eve)
	}
	ben.same()
	if now := r.auditLog(chat.AuditListArgs{}); len(now) != len(before)+3 || now[0].Command != chat.UserUpdateMany || now[0].Subject.ID == now[1].Subject.ID {
		t.Errorf("the audit log has %+v", now[:len(now)-len(before)])
	}
	now := r.revisions("ana", "ben")
	fields := chat.UserFields{AddTeams: []string{"Never made"}}
	for what, c := range map[string]struct {
		users  []chat.UserRevision
		fields chat.UserFields
		code   chat.Code
	}{
		"nobody":         {nil, fields, chat.CodeInvalid},
		"too many":       {make([]chat.UserRevision, chat.MaxUpdatedUsers+1), fields, chat.CodeInvalid},
		"one is old":     {[]chat.UserRevision{now[0], users[1]}, fields, chat.CodeConflict},
		"one is unknown": {append(slices.Clone(now), chat.UserRevision{UserID: "u"}), fields, chat.CodeUnknown},
		"one twice":      {append(slices.Clone(now), now[0]), fields, chat.CodeInvalid},
		"a bad role":     {now, chat.UserFields{AddTeams: fields.AddTeams, Role: &role}, chat.CodeInvalid},
		"a bad team":     {now, chat.UserFields{AddTeams: []string{"Never made", ""}}, chat.CodeInvalid},
	} {
		t.Run(what, func(t *testing.T) {
			r.refusedWith(c.code, "", chat.UserUpdateMany, chat.UserUpdateManyArgs{Users: c.users, Fields: c.fields})
			if got := r.revisions("ana", "ben"); !slices.Equal(got, now) || len(r.list().Teams) != 2 {
				t.Errorf("refused, and now %+v, %+v", got, r.list().Teams)
			}
		})
	}
}
