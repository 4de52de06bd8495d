package rig_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// answered returns the bytes of an answer, or of the refusal.
func answered(t *testing.T, a *rig.Actor, name chat.CommandName, args any) string {
	t.Helper()
	var ok json.RawMessage
	err := a.Try(name, args, &ok)
	var refusal *chat.Error
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("%s: %s: %v", a.Name, name, err)
	}
	text, err := json.Marshal([]any{ok, refusal})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hiddenPlaces makes, behind mira's wall, a team that una alone is in and a queue that it serves, and returns their ids.
func hiddenPlaces(ines *rig.Actor) (chat.TeamID, chat.QueueID) {
	updateUser(ines, "una", func(u *chat.UserUpdateArgs) { u.Teams = &[]string{"Moonlight"} })
	team := teamID(ines, "Moonlight")
	var queue chat.QueueCreateAnswer
	ines.Do(chat.QueueCreate, chat.QueueCreateArgs{Name: "Lunar", TeamIDs: []chat.TeamID{team}}, &queue)
	return team, queue.QueueID
}

// probe asks the same about something behind the wall, and about something that is not there.
type probe struct {
	name         chat.CommandName
	hidden, none any
}

func (p probe) String() string { return string(p.name) }

// wallProbes is every command of administration that names a user, a team or a queue.
func wallProbes(una chat.UserID, team chat.TeamID, queue chat.QueueID) []probe {
	nobody, noTeam, noQueue := chat.UserID(chat.NewUUID()), nowhere, chat.QueueID(chat.NewUUID())
	title, north := "x", rig.North
	of := func(name chat.CommandName, about func(chat.UserID) any) probe {
		return probe{name, about(una), about(nobody)}
	}
	users := func(id chat.UserID) []chat.UserRevision { return []chat.UserRevision{{UserID: id, Revision: 1}} }
	named := func(name string) any {
		return chat.UserAddArgs{Name: "newcomer", DisplayName: "New", Role: chat.RoleAgent, Teams: []string{name}, Password: "a long password"}
	}
	table := func(csv string) any { return chat.UserImportArgs{CSV: csv, DryRun: true} }
	served := func(id chat.TeamID) any { return chat.QueueCreateArgs{Name: "Mine", TeamIDs: []chat.TeamID{id}} }
	return []probe{
		of(chat.UserUpdate, func(id chat.UserID) any { return chat.UserUpdateArgs{UserID: id, Revision: 1, Title: &title} }),
		of(chat.UserUpdate, func(id chat.UserID) any { return chat.UserUpdateArgs{UserID: id, Revision: 99, Group: &north} }),
		of(chat.UserUpdateMany, func(id chat.UserID) any {
			return chat.UserUpdateManyArgs{Users: users(id), Fields: chat.UserFields{Title: &title}}
		}),
		of(chat.UserSetPassword, func(id chat.UserID) any { return chat.UserSetPasswordArgs{UserID: id, Password: "a long password"} }),
		of(chat.UserResetFactor, func(id chat.UserID) any { return chat.UserResetFactorArgs{UserID: id} }),
		of(chat.LicenseAssign, func(id chat.UserID) any {
			return chat.LicenseAssignArgs{Users: users(id), License: chat.LicenseMessagingUser}
		}),
		of(chat.SetAssign, func(id chat.UserID) any { return chat.SetAssignArgs{Users: users(id)} }),
		of(chat.ExplainAsk, func(id chat.UserID) any { return chat.ExplainAskArgs{Act: chat.ActEditUsers, OtherID: id} }),
		of(chat.ExplainAsk, func(id chat.UserID) any { return chat.ExplainAskArgs{ActorID: id, Act: chat.ActPost, OtherID: id} }),
		of(chat.RequestMake, func(id chat.UserID) any { return chat.RequestMakeArgs{Act: chat.ActPost, OtherID: id} }),
		of(chat.TranscriptLoad, func(id chat.UserID) any {
			return chat.HistoryLoadArgs{ConversationID: chat.DirectID(id, nobody), Limit: 5}
		}),
		{chat.UserAdd, named("Moonlight"), named("Sunlight")},
		{chat.UserImport, table("name,title\nuna,x\n"), table("name,title\numa,x\n")},
		{chat.UserImport, table("name,teams\ntomas,Moonlight\n"), table("name,teams\ntomas,Sunlight\n")},
		{chat.QueueCreate, served(team), served(noTeam)},
		{chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: queue, Revision: 1}, chat.QueueUpdateArgs{QueueID: noQueue, Revision: 1}},
		{chat.QueueDelete, chat.QueueDeleteArgs{QueueID: queue, Revision: 1}, chat.QueueDeleteArgs{QueueID: noQueue, Revision: 1}},
	}
}

// nowhere is a team that is not there.
const nowhere chat.TeamID = "0190a6c2-0000-7000-8000-00000000000f"

// single are the permissions that let somebody administer who is no administrator.
var single = []chat.Permission{chat.PermissionViewSetup, chat.PermissionManageInternalUsers, chat.PermissionManageUsers,
	chat.PermissionManagePermissionSets, chat.PermissionAssignPermissionSets, chat.PermissionConfigureMessaging}

// TestWall_noPermissionLooksOver (A7): whatever single permission an agent is given, and with all of them together, what stands
// behind the wall stays as if it were not there: in lists, in each refusal to the byte, in all that is told. The twin is a supervisor
// with the same permission, before whom no wall stands.
func TestWall_noPermissionLooksOver(t *testing.T) {
	s := rig.Start(t)
	ines := s.As("ines")
	team, queue := hiddenPlaces(ines)
	una := s.ID("una")
	sameWords := strings.NewReplacer(string(team), "T", string(nowhere), "T", `"name":"una"`, "N", `"name":"uma"`, "N") // what a refusal repeats
	secrets := map[string]string{"una": string(una), "her name": "Una Westerly", "yuki": string(s.ID("yuki")), "the group": rig.South,
		"the team's name": "Moonlight", "the team": string(team), "the queue's name": "Lunar", "the queue": string(queue)}
	mira, renata := s.As("mira"), s.As("renata")
	ask := func(a *rig.Actor) string {
		var all strings.Builder
		for _, list := range []chat.CommandName{chat.UserList, chat.SetList, chat.RequestList} {
			all.WriteString(answered(t, a, list, nil))
		}
		return all.String()
	}
	for i := range len(single) + 1 {
		what := "all of them"
		if i < len(single) {
			what = string(single[i])
			give(ines, "mira", single[i])
			give(ines, "renata", single[i])
		}
		mira.Barrier()
		told := ask(mira)
		for _, p := range wallProbes(una, team, queue) {
			hidden, none := answered(t, mira, p.name, p.hidden), answered(t, mira, p.name, p.none)
			if sameWords.Replace(hidden) != sameWords.Replace(none) {
				t.Errorf("with %s %s answers %s for what is hidden, %s for what is not there", what, p, hidden, none)
			}
		}
		mira.Barrier()
		for name, secret := range secrets {
			if strings.Contains(told, secret) || strings.Contains(mira.Heard(), secret) {
				t.Errorf("with %s mira is told %s", what, name)
			}
		}
	}
	if told := ask(renata); !strings.Contains(told, "Moonlight") || !strings.Contains(told, string(una)) || !strings.Contains(told, "Lunar") {
		t.Error("a supervisor who reads the setup is not told what no wall hides from her")
	}
}

// TestTeams_toldToWhoSeesAMember (A7): a team is known to who may know of somebody in it, to whose own Start names it, and to who
// reads the setup; live, after an absence, and at a new start.
func TestTeams_toldToWhoSeesAMember(t *testing.T) {
	s := rig.Start(t)
	ines, mira, una, renata, liam := s.As("ines"), s.As("mira"), s.As("una"), s.As("renata"), s.As("liam")
	absent := s.Absent("mira", s.URL)
	absent.Connect()
	absent.Disconnect()
	team, _ := hiddenPlaces(ines)
	knows := func(a *rig.Actor, want bool, when string) {
		t.Helper()
		a.Barrier()
		for how, w := range map[string]rig.World{"live": a.World(), "at a new start": a.Fresh()} {
			if _, is := w.Teams[team]; is != want {
				t.Errorf("%s: %s, %s, knows the team: %t, want %t", when, a.Name, how, is, want)
			}
		}
	}
	for _, a := range []*rig.Actor{ines, una, renata, liam} {
		knows(a, true, "una is in it")
	}
	knows(mira, false, "una is in it")

	rename := func(to string) {
		t.Helper()
		var list chat.UserListAnswer
		ines.Do(chat.UserList, nil, &list)
		for _, r := range list.Teams {
			if r.ID == team {
				ines.Do(chat.TeamRename, chat.TeamRenameArgs{TeamID: team, Revision: r.Revision, Name: to}, nil)
			}
		}
	}
	rename("Midnight")
	una.Until("the new name", func(w *rig.World) bool { return w.Teams[team].Name == "Midnight" })
	mira.Barrier()
	absent.Connect() // catches up over all this
	for _, a := range []*rig.Actor{mira, absent} {
		if heard := a.Heard(); strings.Contains(heard, string(team)) || strings.Contains(heard, "Moonlight") || strings.Contains(heard, "Midnight") {
			t.Error("mira was told of a team behind the wall")
		}
	}
	absent.Disconnect()

	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Teams = &[]string{"Midnight"} }) // the twin: a colleague is in it
	knows(mira, true, "ruben is in it")
	absent.Connect()
	knows(absent, true, "after an absence")
	absent.Disconnect()
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.South) })
	knows(mira, false, "ruben is behind the wall")
	absent.Connect()
	knows(absent, false, "after an absence in which he went there")
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.North) })
	knows(mira, true, "ruben is back")
	updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Teams = &[]string{} })
	knows(mira, false, "ruben has left it")
	updateSettings(ines, "mira", true, func(m *chat.MessagingSettings) { m.Scope, m.Targets = chat.StartTeams, []string{string(team)} })
	knows(mira, true, "her own Start names it")
}

// TestPlaces_madeByAdministratorsAlone: who may edit accounts makes neither groups nor teams by naming them. The twins name what is
// there.
func TestPlaces_madeByAdministratorsAlone(t *testing.T) {
	s := rig.Start(t)
	ines, renata, mira := s.As("ines"), s.As("renata"), s.As("mira")
	give(ines, "renata", chat.PermissionManageInternalUsers)
	give(ines, "mira", chat.PermissionManageInternalUsers)
	hiddenPlaces(ines)
	add := func(name, group string, teams ...string) chat.UserAddArgs {
		return chat.UserAddArgs{Name: name, DisplayName: "New", Role: chat.RoleAgent, Group: group, Teams: teams, Password: "a long password"}
	}
	many := func(team string) chat.UserUpdateManyArgs {
		return chat.UserUpdateManyArgs{Users: []chat.UserRevision{seen(ines, "tomas")}, Fields: chat.UserFields{AddTeams: []string{team}}}
	}
	update := func(team string) chat.UserUpdateArgs {
		u := seen(ines, "tomas")
		return chat.UserUpdateArgs{UserID: u.UserID, Revision: u.Revision, Teams: &[]string{team}}
	}
	for _, tt := range []struct {
		by      *rig.Actor
		name    chat.CommandName
		refused any
		twin    func() any
	}{
		{renata, chat.UserAdd, add("one", "East"), func() any { return add("one", rig.South) }},
		{renata, chat.UserAdd, add("two", "", "Dusk"), func() any { return add("two", "", "Moonlight") }},
		{mira, chat.UserAdd, add("three", "", "Moonlight"), func() any { return add("three", "", rig.Sales) }},
		{mira, chat.UserUpdateMany, many("Moonlight"), func() any { return many(rig.Sales) }},
		{renata, chat.UserUpdate, update("Dusk"), func() any { return update(rig.Sales) }},
	} {
		refusedBy(t, tt.by.Refused(tt.name, tt.refused), chat.GateGrant, chat.RuleBeyondOwn)
		tt.by.Do(tt.name, tt.twin(), nil)
	}
	var list chat.UserListAnswer
	ines.Do(chat.UserList, nil, &list)
	if slices.ContainsFunc(list.Groups, func(g chat.GroupRecord) bool { return g.Name == "East" }) || teamID(ines, "Dusk") != "" {
		t.Errorf("there are the groups %+v and the teams %+v", list.Groups, list.Teams)
	}
	ines.Do(chat.UserAdd, add("four", "East", "Dusk"), nil) // an administrator does
}
