package policy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/policy"
)

// drawWorld is people of few kinds, so that there are classes of several.
func drawWorld(t *rapid.T, label string) []*policy.Person {
	people := make([]*policy.Person, rapid.IntRange(0, 9).Draw(t, label+" people"))
	kinds := rapid.IntRange(1, 4).Draw(t, label+" kinds")
	models := make([]*policy.Person, kinds)
	for i := range models {
		models[i] = drawPerson(t, fmt.Sprint(label, " kind ", i), "model")
	}
	for i := range people {
		m := models[rapid.IntRange(0, kinds-1).Draw(t, "kind")]
		people[i] = policy.NewPerson(worldID(i), m.Role, m.GroupID, m.TeamIDs, m.Active, m.Settings)
	}
	return people
}

// worldID names the people of drawWorld; the first are those whom drawSettings lists.
func worldID(i int) chat.UserID {
	if i < len(ids) {
		return ids[i]
	}
	return chat.UserID(fmt.Sprint("u", i))
}

// bruteForce asks about every pair.
func bruteForce(before, after *chat.Organisation, users []policy.Moved) (gained, lost map[policy.Pair]bool) {
	gained, lost = map[policy.Pair]bool{}, map[policy.Pair]bool{}
	id := func(m policy.Moved) chat.UserID {
		if m.After != nil {
			return m.After.ID
		}
		return m.Before.ID
	}
	for i, a := range users {
		for j, o := range users {
			if i == j {
				continue
			}
			p := policy.Pair{Actor: id(a), Other: id(o), Before: policy.ReachOf(before, a.Before, o.Before), After: policy.ReachOf(after, a.After, o.After)}
			switch {
			case p.After > p.Before:
				gained[p] = true
			case p.After < p.Before:
				lost[p] = true
			}
		}
	}
	return gained, lost
}

// roleIn returns the role that a user has after the change, or had.
func roleIn(users []policy.Moved, id chat.UserID) chat.Role {
	for _, m := range users {
		for _, p := range []*policy.Person{m.After, m.Before} {
			if p != nil && p.ID == id {
				return p.Role
			}
		}
	}
	return ""
}

// strandedOf asks every agent about every supervisor.
func strandedOf(before, after *chat.Organisation, users []policy.Moved) []chat.UserID {
	supervised := func(org *chat.Organisation, a *policy.Person, side func(policy.Moved) *policy.Person) bool {
		return slices.ContainsFunc(users, func(m policy.Moved) bool {
			s := side(m)
			return s != nil && s != a && s.Role == chat.RoleSupervisor && policy.ReachOf(org, a, s) != policy.ReachNone
		})
	}
	var stranded []chat.UserID
	for _, m := range users {
		if m.Before == nil || !m.Before.Active || m.After == nil || !m.After.Active || m.After.Role != chat.RoleAgent {
			continue
		}
		if supervised(before, m.Before, func(m policy.Moved) *policy.Person { return m.Before }) &&
			!supervised(after, m.After, func(m policy.Moved) *policy.Person { return m.After }) {
			stranded = append(stranded, m.After.ID)
		}
	}
	slices.Sort(stranded)
	return stranded
}

func TestProperty_differenceIsThatOfEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was, is := drawWorld(t, "before"), drawWorld(t, "after")
		var users []policy.Moved
		for i := range max2(len(was), len(is)) {
			var m policy.Moved
			if i < len(was) {
				m.Before = was[i]
			}
			if i < len(is) {
				m.After = is[i]
			}
			if m.Before != nil && rapid.Bool().Draw(t, "unchanged") {
				m.After = m.Before
			}
			users = append(users, m)
		}
		before := drawFacts(t).Organisation
		after := before
		if rapid.Bool().Draw(t, "organisation") {
			after = drawFacts(t).Organisation
		}
		before.ReplyWindowMs, after.ReplyWindowMs = 1, 1
		most := rapid.IntRange(0, 100).Draw(t, "most")
		d, err := policy.Compare(t.Context(), before, after, users, most)
		if err != nil {
			t.Fatal(err)
		}
		gained, lost := bruteForce(before, after, users)
		if want := strandedOf(before, after, users); !slices.Equal(d.Stranded, want) {
			t.Fatalf("stranded %v, want %v", d.Stranded, want)
		}
		growth := int64(0)
		for p := range gained {
			growth += int64(p.After - p.Before)
		}
		var byRole [2]int64
		for _, r := range d.Roles {
			byRole[0], byRole[1] = byRole[0]+r.Gained, byRole[1]+r.Lost
			for p := range gained {
				if roleIn(users, p.Actor) == r.Actor && roleIn(users, p.Other) == r.Other {
					r.Gained--
				}
			}
			if r.Gained != 0 {
				t.Fatalf("by role: %+v", d.Roles)
			}
		}
		if byRole != [2]int64{d.Gained, d.Lost} {
			t.Fatalf("by role %v, in all %d and %d", byRole, d.Gained, d.Lost)
		}
		if d.Growth != growth {
			t.Fatalf("grown by %d, want %d", d.Growth, growth)
		}
		for _, side := range []struct {
			n     int64
			pairs []policy.Pair
			want  map[policy.Pair]bool
		}{{d.Gained, d.GainedPairs, gained}, {d.Lost, d.LostPairs, lost}} {
			if int(side.n) != len(side.want) || len(side.pairs) != min(most, len(side.want)) {
				t.Fatalf("%d pairs, %d of them listed; want %v", side.n, len(side.pairs), side.want)
			}
			for _, p := range side.pairs {
				if !side.want[p] {
					t.Fatalf("%+v has not changed so", p)
				}
				delete(side.want, p) // so that none is listed twice
			}
		}
	})
}

func max2(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func TestCompare_givesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	users := []policy.Moved{{Before: person(ana), After: person(ana, startsEveryone)}, {Before: person(max), After: person(max)}}
	if _, err := policy.Compare(ctx, organisation(chat.ModeEveryone), organisation(chat.ModeEveryone), users, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := policy.Examine(ctx, organisation(chat.ModeEveryone), []*policy.Person{person(ana), person(max)}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestProperty_health compares what Examine finds with what every pair says.
func TestProperty_health(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var people []*policy.Person
		for _, p := range drawWorld(t, "world") {
			if p.Active {
				people = append(people, p)
			}
		}
		org := drawFacts(t).Organisation
		org.ReplyWindowMs = 1
		h, err := policy.Examine(t.Context(), org, people)
		if err != nil {
			t.Fatal(err)
		}
		var unreached, unsupervised []chat.UserID
		part := map[chat.UserID]chat.UserID{}
		for _, p := range people {
			part[p.ID] = p.ID
		}
		for _, o := range people {
			reached, supervised := false, o.Role != chat.RoleAgent
			for _, a := range people {
				if a == o {
					continue
				}
				supervised = supervised || a.Role == chat.RoleSupervisor && policy.ReachOf(org, o, a) != policy.ReachNone
				if policy.ReachOf(org, a, o) == policy.ReachStart {
					reached = true
					from, to := part[a.ID], part[o.ID]
					for id, in := range part {
						if in == from {
							part[id] = to
						}
					}
				}
			}
			if !reached {
				unreached = append(unreached, o.ID)
			}
			if !supervised {
				unsupervised = append(unsupervised, o.ID)
			}
		}
		if !slices.Equal(h.Unreached, unreached) || !slices.Equal(h.Unsupervised, unsupervised) {
			t.Fatalf("%+v, want unreached %v, unsupervised %v", h, unreached, unsupervised)
		}
		islands := map[chat.UserID]int{}
		for _, in := range part {
			islands[in]++
		}
		if len(h.Islands) != max2(0, len(islands)-1) {
			t.Fatalf("islands %v of %v", h.Islands, part)
		}
		for _, island := range h.Islands {
			for _, id := range island {
				if part[id] != part[island[0]] || islands[part[id]] != len(island) {
					t.Fatalf("%v is no island of %v", island, part)
				}
			}
		}
	})
}

// crowd is an organisation as it might be: agents in groups and teams, of whom half have settings of their own, and experts.
func crowd(n int) []*policy.Person {
	people := make([]*policy.Person, n)
	for i := range people {
		id := chat.UserID(fmt.Sprintf("user-%04d", i))
		switch {
		case i%50 == 0:
			people[i] = policy.NewPerson(id, chat.RoleAdministrator, "", nil, true, chat.DefaultSettings(chat.RoleAdministrator))
		case i%20 == 1:
			people[i] = policy.NewPerson(id, chat.RoleSupervisor, "", nil, true, chat.DefaultSettings(chat.RoleSupervisor))
		case i%10 == 2:
			people[i] = policy.NewPerson(id, chat.RoleExpert, "", []chat.TeamID{chat.TeamID(fmt.Sprint("team-", i%30))}, true, chat.DefaultSettings(chat.RoleExpert))
		default:
			s := chat.DefaultSettings(chat.RoleAgent)
			if i%2 == 0 { // nobody else's list
				s.Start, s.Scope = true, chat.StartUsers
				for k := range 20 {
					s.Targets = append(s.Targets, fmt.Sprintf("user-%04d", (i*7+k*13)%n))
				}
			}
			people[i] = policy.NewPerson(id, chat.RoleAgent, chat.GroupID(fmt.Sprint("group-", i%10)), []chat.TeamID{chat.TeamID(fmt.Sprint("team-", i%30))}, true, s)
		}
	}
	return people
}

// BenchmarkDifference: what a change for everybody does, and a change of the settings of one user.
func BenchmarkDifference(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		people := crowd(n)
		everyone, superiors := organisation(chat.ModeEveryone), organisation(chat.ModeSuperiorsOnly)
		still := make([]policy.Moved, n)
		for i, p := range people {
			still[i] = policy.Moved{Before: p, After: p}
		}
		one := slices.Clone(still)
		agent := people[3]
		s := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"expert"}}
		one[3].After = policy.NewPerson(agent.ID, agent.Role, agent.GroupID, agent.TeamIDs, true, s)
		run := func(name string, after *chat.Organisation, users []policy.Moved) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					d, err := policy.Compare(context.Background(), everyone, after, users, 300)
					if err != nil || d.Gained+d.Lost == 0 {
						b.Fatal(d, err)
					}
				}
			})
		}
		run("organisation", superiors, still)
		run("user", everyone, one)
	}
}
