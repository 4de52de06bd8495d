package policy_test

import (
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/policy"
)

var (
	groups = []chat.GroupID{"north", "south"}
	teams  = []chat.TeamID{"sales", "service", "quality"}
	ids    = []chat.UserID{ana, ben, eva, sue, ada, max}
)

func drawSettings(t *rapid.T, label string) chat.MessagingSettings {
	s := chat.MessagingSettings{
		Replies: rapid.Bool().Draw(t, label+" replies"),
		Start:   rapid.Bool().Draw(t, label+" start"),
		Scope:   rapid.SampledFrom([]chat.StartScope{chat.StartEveryone, chat.StartUsers, chat.StartTeams, chat.StartRoles}).Draw(t, label+" scope"),
	}
	s.Targets = rapid.SliceOfNDistinct(rapid.SampledFrom(targetsOf(s.Scope)), 0, -1, rapid.ID[string]).Draw(t, label+" targets")
	return s
}

func targetsOf(scope chat.StartScope) []string {
	var all []string
	switch scope {
	case chat.StartUsers:
		for _, id := range ids {
			all = append(all, string(id))
		}
	case chat.StartTeams:
		for _, id := range teams {
			all = append(all, string(id))
		}
	default:
		for _, r := range chat.Roles {
			all = append(all, string(r))
		}
	}
	return all
}

func drawPerson(t *rapid.T, label string, id chat.UserID) *policy.Person {
	return policy.NewPerson(id,
		rapid.SampledFrom(chat.Roles).Draw(t, label+" role"),
		rapid.SampledFrom(groups).Draw(t, label+" group"),
		rapid.SliceOfDistinct(rapid.SampledFrom(teams), rapid.ID[chat.TeamID]).Draw(t, label+" teams"),
		rapid.IntRange(0, 9).Draw(t, label+" active") > 0,
		drawSettings(t, label))
}

func drawFacts(t *rapid.T) policy.Facts {
	return policy.Facts{
		Organisation: &chat.Organisation{
			Messaging:     rapid.IntRange(0, 9).Draw(t, "messaging") > 0,
			Mode:          rapid.SampledFrom(modes).Draw(t, "mode"),
			ReplyWindowMs: chat.Millis(rapid.Int64Range(0, int64(8*day)).Draw(t, "window")),
		},
		Actor:        drawPerson(t, "actor", "actor"),
		Other:        drawPerson(t, "other", rapid.SampledFrom(ids).Draw(t, "other")),
		OtherWroteAt: chat.Millis(rapid.Int64Range(0, 9).Draw(t, "wrote")) * (now / 9),
		Participant:  rapid.IntRange(0, 9).Draw(t, "participant") > 0,
		Now:          now,
	}
}

func with(p *policy.Person, s chat.MessagingSettings) *policy.Person {
	return policy.NewPerson(p.ID, p.Role, p.GroupID, p.TeamIDs, p.Active, s)
}

// Whoever is given more targets, or Start, or Replies, loses nobody: grants are a union.
func TestProperty_wideningLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		before := policy.May(chat.ActPost, f)
		wider := f.Actor.Settings
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			wider.Targets = append(append([]string{}, wider.Targets...), rapid.SampledFrom(targetsOf(wider.Scope)).Draw(t, "added"))
		case 1:
			wider.Start = true
		case 2:
			wider.Replies = true
		case 3:
			wider.Scope, wider.Targets = chat.StartEveryone, nil
		}
		f.Actor = with(f.Actor, wider)
		if after := policy.May(chat.ActPost, f); before.Allowed && !after.Allowed {
			t.Fatalf("widening refuses: %+v", after)
		}
	})
}

// A reply window only ever adds: what may be started may be posted, and an allowance without end outlives the window.
func TestProperty_windowOnlyAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		f.Participant = true
		start, now := policy.May(chat.ActStart, f), policy.May(chat.ActPost, f)
		if start.Allowed && !now.Allowed {
			t.Fatalf("may start but not post: %+v", now)
		}
		if !now.Allowed {
			return
		}
		late := f
		late.OtherWroteAt = 0
		then := policy.May(chat.ActPost, late)
		if now.UntilAt == 0 && !then.Allowed {
			t.Fatalf("allowed without an end, refused later by %s", then.Rule)
		}
		if now.UntilAt != 0 {
			late = f
			late.Now = now.UntilAt
			then = policy.May(chat.ActPost, late)
			if then.Allowed || then.Gate != now.ThenGate || then.Rule != now.ThenRule {
				t.Fatalf("foretold %s/%s, got %+v", now.ThenGate, now.ThenRule, then)
			}
			late.Now--
			if !policy.May(chat.ActPost, late).Allowed {
				t.Fatal("refused before its end")
			}
		}
	})
}

// The wall is symmetric, and nothing at all is told across it.
func TestProperty_wall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		back := f
		back.Actor, back.Other = f.Other, f.Actor
		if !f.Actor.Active || !f.Other.Active {
			return
		}
		there, here := policy.May(chat.ActSee, f).Allowed, policy.May(chat.ActSee, back).Allowed
		if there != here {
			t.Fatal("one sees the other, but not the other way round")
		}
		walled := f.Actor.Role == chat.RoleAgent && f.Other.Role == chat.RoleAgent && f.Actor.GroupID != f.Other.GroupID
		if there == walled {
			t.Fatalf("agents of two groups: %t, seen: %t", walled, there)
		}
		if !there {
			for _, act := range []chat.Act{chat.ActDeliver, chat.ActRead, chat.ActPost, chat.ActReply, chat.ActStart} {
				if d := policy.May(act, f); d.Err() != chat.ErrUnknown || d.Can() != (chat.Can{}) {
					t.Fatalf("%s across the wall: %v", act, d.Err())
				}
			}
		}
	})
}

// Every refusal names one of the seven gates; every allowance names none; what is told is never more than allowed or not.
func TestProperty_reasons(t *testing.T) {
	gates := map[chat.Gate]bool{}
	for _, g := range chat.Gates {
		gates[g] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		for _, act := range acts {
			d := policy.May(act, f)
			if d.Allowed != (d.Gate == "") || d.Allowed != (d.Rule == "") || !d.Allowed && !gates[d.Gate] {
				t.Fatalf("%s: %+v", act, d)
			}
			if d.Allowed != (d.Err() == nil) || d.Allowed != d.Can().Allowed {
				t.Fatalf("%s: %+v is told as %v, %+v", act, d, d.Err(), d.Can())
			}
		}
	})
}
