package policy_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/policy"
)

// betweenUsers are the acts of messages between users.
var betweenUsers = []chat.Act{chat.ActConnect, chat.ActOwn, chat.ActSee, chat.ActDeliver, chat.ActRead, chat.ActPost, chat.ActReply, chat.ActStart,
	chat.ActGather, chat.ActInvite, chat.ActFind, chat.ActJoin, chat.ActTopic, chat.ActModerate, chat.ActTranscript, chat.ActMonitor, chat.ActConfigure}

// ofRooms are those of them that concern rooms alone.
var ofRooms = []chat.Act{chat.ActInvite, chat.ActFind, chat.ActJoin, chat.ActTopic, chat.ActModerate}

// agreeSize returns how many of something to compare: sample in every run, long when PARLEY_SOAK is 1.
func agreeSize(sample, long int) int {
	if os.Getenv("PARLEY_SOAK") == "1" {
		return long
	}
	return sample
}

// inWords is May's decision as byTable writes it.
func inWords(d policy.Decision) string {
	switch {
	case d.Allowed:
		return "yes"
	case gateOf(d.Rule) != d.Gate:
		return string(d.Rule) + " by the gate " + string(d.Gate)
	case d.Err() == chat.ErrUnknown:
		return string(d.Rule) + " silent"
	}
	return string(d.Rule) + " told"
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func randomPerson(r *rand.Rand, id chat.UserID) *policy.Person {
	role := pick(r, chat.Roles...)
	s := chat.MessagingSettings{Replies: r.IntN(3) > 0, Start: r.IntN(3) > 0,
		Scope: pick(r, chat.StartEveryone, chat.StartUsers, chat.StartTeams, chat.StartRoles, "no scope")}
	for _, target := range targetsOf(s.Scope) {
		if r.IntN(2) == 0 {
			s.Targets = append(s.Targets, target)
		}
	}
	var in []chat.TeamID
	for _, team := range teams {
		if r.IntN(3) == 0 {
			in = append(in, team)
		}
	}
	return policy.NewPerson(id, role, pick(r, "north", "south", chat.GroupID("")), in, r.IntN(10) > 0, s)
}

func randomFacts(r *rand.Rand) policy.Facts {
	f := policy.Facts{
		Organisation: &chat.Organisation{Messaging: r.IntN(8) > 0, Mode: pick(r, append(modes, "no mode")...), ReplyWindowMs: pick(r, 0, 1, day, 7*day)},
		Actor:        randomPerson(r, pick(r, ids...)),
		OtherWroteAt: pick(r, 0, now, now-1, now-day, now-day+1, now-7*day, 1),
		Room:         r.IntN(5) == 0,
		Public:       r.IntN(2) == 0,
		Owner:        r.IntN(2) == 0,
		OwnersOnly:   r.IntN(2) == 0,
		Participant:  r.IntN(4) > 0,
		Now:          now,
	}
	if !f.Room && r.IntN(12) > 0 {
		f.Other = randomPerson(r, pick(r, ids...))
		if f.Other.ID == f.Actor.ID {
			f.Other = f.Actor
		}
	}
	if r.IntN(2) == 0 {
		f.Watched = randomWatched(r)
	}
	return f
}

// randomWatched is a conversation of others, and rules of both groups, and of none.
func randomWatched(r *rand.Rand) policy.Watched {
	set := func() map[chat.UserID]struct{} {
		named := map[chat.UserID]struct{}{}
		for _, id := range ids {
			if r.IntN(3) > 0 {
				named[id] = struct{}{}
			}
		}
		return named
	}
	w := policy.Watched{Monitoring: policy.Monitoring{}}
	for _, group := range []chat.GroupID{"north", "south", ""} {
		if r.IntN(3) > 0 {
			w.Monitoring[group] = policy.Watchers{Transcripts: set(), Live: set()}
		}
	}
	for i := range w.Pair {
		if r.IntN(10) > 0 {
			w.Pair[i] = randomPerson(r, pick(r, ids...))
		}
	}
	return w
}

// Three evaluators, written apart from one another, decide the same (WHY-5): May, the decision table, and Cedar.
func TestAgree_random(t *testing.T) {
	const seed = 20260101
	r := rand.New(rand.NewPCG(seed, 1))
	world := newCedarWorld(t)
	n, allowed, met := agreeSize(25_000, 1_000_000), 0, map[string]bool{}
	began := time.Now()
	for i := range n {
		act := pick(r, append(acts, "no act")...)
		s := randomScene(r, act)
		d := policy.May(act, s.Facts)
		if diff := disagreement(t, world, act, s, d); diff != "" {
			t.Fatalf("decision %d of seed %d: %s", i, seed, diff)
		}
		met[inWords(d)] = true
		met[fmt.Sprint(act, d.Allowed)] = true
		if d.Allowed {
			allowed++
		}
	}
	t.Logf("%d random decisions, %d allowed, no disagreement of three evaluators, in %.1f s", n, allowed, time.Since(began).Seconds())
	// Worlds in which a rule never decides, or an act is never allowed or never refused, would show nothing about it.
	for _, act := range acts {
		if !met[string(act)+"true"] || !met[string(act)+"false"] {
			t.Errorf("%s was never allowed, or never refused", act)
		}
	}
	for _, row := range verdictRows {
		if row.answer != "yes" && !met[row.answer+" told"] && !met[row.answer+" silent"] {
			t.Errorf("%q was never the answer", row.answer)
		}
	}
}

// disagreement says in what the decision differs from the table's and from Cedar's; empty if in nothing.
func disagreement(t *testing.T, world cedarWorld, act chat.Act, s scene, d policy.Decision) string {
	t.Helper()
	if want := byTable(act, s); inWords(d) != want {
		return fmt.Sprintf("%s: decided %q, the table says %q\n%s", act, inWords(d), want, sceneInWords(s))
	}
	if v := world.may(t, act, s); !v.says(d) {
		return fmt.Sprintf("%s: decided %q, Cedar says %+v\n%s", act, inWords(d), v, sceneInWords(s))
	}
	return ""
}

func sceneInWords(s scene) string {
	var b strings.Builder
	one := func(name string, p *policy.Person, k kit) {
		if p == nil {
			b.WriteString(name + ": nobody\n")
			return
		}
		b.WriteString(name + ": " + fmt.Sprintln(p.ID, p.Role, p.GroupID, p.TeamIDs, p.Active, p.Settings, slices.Sorted(maps.Keys(k.words(p.Role)))))
	}
	one("actor", s.Actor, s.actor)
	one("other", s.Other, s.other)
	b.WriteString(fmt.Sprintln(*s.Organisation, "wrote", s.Now-s.OtherWroteAt, "ago, room", s.Room, "participant", s.Participant, "public", s.Public, "owner", s.Owner, s.OwnersOnly, "relation", s.Relation,
		"gift", s.Gift, slices.Sorted(maps.Keys(s.gift.given()))))
	return b.String()
}

// TestAgree_smallWorld goes through a small world whole: each role towards each, in one group and in two, each mode, each
// setting, each kind of conversation, each act between users. In the sample Cedar is asked about one in forty.
func TestAgree_smallWorld(t *testing.T) {
	compareWorld(t, betweenUsers, 40, func(do func(scene) bool) {
		eachSmall(func(f policy.Facts) bool { return do(scene{Facts: f}) })
	})
}

// TestAgree_smallWorldOfSets does the same for what license and sets grant: each permission and each access alone, none and all of
// them, with and without each license, in both editions, in sets that are tied to a license and in free ones.
func TestAgree_smallWorldOfSets(t *testing.T) {
	compareWorld(t, append(slices.Clone(administrative), onCustomers...), 10, eachKit)
}

// TestAgree_smallWorldOfAdministration goes through whom an act of administration concerns and what it would give.
func TestAgree_smallWorldOfAdministration(t *testing.T) {
	compareWorld(t, administrative, 10, eachGift)
}

// compareWorld compares the evaluators on all scenes; in the sample Cedar is asked about one in so many.
func compareWorld(t *testing.T, of []chat.Act, oneIn int, each func(do func(scene) bool)) {
	t.Helper()
	world := newCedarWorld(t)
	n, asked, every := 0, 0, agreeSize(oneIn, 1)
	each(func(s scene) bool {
		for _, act := range of {
			d := policy.May(act, s.Facts)
			if want := byTable(act, s); inWords(d) != want {
				t.Errorf("%s: decided %q, the table says %q\n%s", act, inWords(d), want, sceneInWords(s))
			}
			if n++; n%every == 0 {
				asked++
				if v := world.may(t, act, s); !v.says(d) {
					t.Errorf("%s: decided %q, Cedar says %+v\n%s", act, inWords(d), v, sceneInWords(s))
				}
			}
		}
		return !t.Failed()
	})
	t.Logf("%d decisions of a small world compared with the table, %d of them with Cedar", n, asked)
}

// eachSmall calls do with all facts of the small world until it returns false.
func eachSmall(do func(policy.Facts) bool) {
	scopes := []chat.MessagingSettings{
		{Start: true, Scope: chat.StartEveryone},
		{Start: true, Scope: chat.StartUsers, Targets: []string{string(ben)}},
		{Start: true, Scope: chat.StartTeams, Targets: []string{"sales"}},
		{Start: true, Scope: chat.StartRoles, Targets: []string{"agent", "expert"}},
		{Start: true, Scope: chat.StartRoles},
		{Scope: chat.StartEveryone},
	}
	var others []*policy.Person
	for _, role := range chat.Roles {
		for _, active := range []bool{true, false} {
			others = append(others, policy.NewPerson(ben, role, "north", []chat.TeamID{"sales"}, active, chat.DefaultSettings(role)))
		}
	}
	others = append(others, nil, policy.NewPerson(eva, chat.RoleAgent, "south", nil, true, chat.DefaultSettings(chat.RoleAgent)))
	both := []bool{true, false}
	for _, role := range chat.Roles {
		for _, s := range scopes {
			for _, s.Replies = range both {
				for _, active := range both {
					actor := policy.NewPerson(ana, role, "north", nil, active, s)
					for _, mode := range modes {
						for _, on := range both {
							org := &chat.Organisation{Messaging: on, Mode: mode, ReplyWindowMs: day}
							for _, member := range both {
								f := policy.Facts{Organisation: org, Actor: actor, Participant: member, Now: now}
								if !eachOther(f, others, do) {
									return
								}
							}
						}
					}
				}
			}
		}
	}
}

// eachOther goes through the other sides, and rooms of each kind.
func eachOther(f policy.Facts, others []*policy.Person, do func(policy.Facts) bool) bool {
	for _, f.Other = range others {
		for _, f.OtherWroteAt = range []chat.Millis{0, now - day, now - day + 1} {
			if !do(f) {
				return false
			}
		}
	}
	f.Other, f.Room = nil, true
	both := []bool{true, false}
	for _, f.Public = range both {
		for _, f.Owner = range both {
			for _, f.OwnersOnly = range both {
				if !do(f) {
					return false
				}
			}
		}
	}
	return true
}
