package hub

import (
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// seat stands for all members of a team who are alike for the wall: the agents of one group, or all who are no agents. So who may
// know of a team is answered without looking at its members.
type seat struct {
	// one stands for them. It is nobody's: it has no id.
	one   *policy.Person
	count int
}

func seatOf(u *user) *policy.Person {
	role, group := chat.RoleSupervisor, chat.GroupID("")
	if u.row.User.Role == chat.RoleAgent {
		role, group = chat.RoleAgent, u.row.GroupID
	}
	return policy.NewPerson("", role, group, nil, true, chat.DefaultSettings(role))
}

// reseat notes that a user is in other teams than before, or another one for the wall; was is nil for somebody new. For whoever is
// making these facts.
func (f *facts) reseat(was, is *user) {
	if was != nil && was.row.GroupID == is.row.GroupID && was.row.User.Role == is.row.User.Role && slices.Equal(was.row.User.TeamIDs, is.row.User.TeamIDs) {
		return
	}
	if was != nil {
		f.seat(was, -1)
	}
	f.seat(is, 1)
}

// seat adds a user to the seats of their teams, or takes them away.
func (f *facts) seat(u *user, by int) {
	one := seatOf(u)
	for _, id := range u.row.User.TeamIDs {
		seats, _ := f.staff.get(id)
		seats = slices.Clone(seats)
		i := slices.IndexFunc(seats, func(s seat) bool { return s.one.Role == one.Role && s.one.GroupID == one.GroupID })
		if i < 0 {
			i, seats = len(seats), append(seats, seat{one: one})
		}
		if seats[i].count += by; seats[i].count == 0 {
			seats = slices.Delete(seats, i, i+1)
		}
		f.staff = f.staff.with(id, seats)
	}
}

// surveys tells whether me may read the whole setup: who may read it at all, but for agents, who are told of their side of the
// wall. me is nil for the server's command line.
func (f *facts) surveys(me *user) bool {
	return me == nil || me.row.User.Role != chat.RoleAgent && f.may(chat.ActViewSetup, me, nil, 0).Allowed
}

// seesTeam tells whether me may know of a team: whoever may know of one of its members, whose own Start names it, and who reads the
// setup.
func (f *facts) seesTeam(me *user, id chat.TeamID) bool {
	if f.surveys(me) || slices.Contains(me.row.User.TeamIDs, id) {
		return true
	}
	if s := me.person.Settings; s.Scope == chat.StartTeams && slices.Contains(s.Targets, string(id)) {
		return true
	}
	seats, _ := f.staff.get(id)
	return slices.ContainsFunc(seats, func(s seat) bool {
		return policy.May(chat.ActSee, policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person, Other: s.one}).Allowed
	})
}

// teamsSeen returns the teams that me may know of, in the order of their names.
func (f *facts) teamsSeen(me *user) []chat.Team {
	teams := []chat.Team{}
	for id, t := range f.teams.all() {
		if f.seesTeam(me, id) {
			teams = append(teams, t.Team)
		}
	}
	slices.SortFunc(teams, func(a, b chat.Team) int { return compare(a.Name, b.Name) })
	return teams
}

// seesQueue tells whether me may know of a queue: unless me reads the whole setup, of one whose teams they may all know of.
func (f *facts) seesQueue(me *user, teams []chat.TeamID) bool {
	return f.surveys(me) || !slices.ContainsFunc(teams, func(id chat.TeamID) bool { return !f.seesTeam(me, id) })
}

// changedTeams adds the teams that me may know of, if they are others than were told.
func (f *Feed) changedTeams(facts *facts, me *user, r *chat.Rights) {
	then := f.told.user(me.id())
	if then == me && f.told.staff == facts.staff && f.told.teams == facts.teams {
		return
	}
	differs := false
	for id := range facts.teams.all() {
		_, was := f.told.teams.get(id)
		differs = differs || facts.seesTeam(me, id) != (was && f.told.seesTeam(then, id))
	}
	for id := range f.told.teams.all() {
		_, is := facts.teams.get(id)
		differs = differs || !is && f.told.seesTeam(then, id)
	}
	if differs {
		teams := facts.teamsSeen(me)
		r.Teams = &teams
	}
}
