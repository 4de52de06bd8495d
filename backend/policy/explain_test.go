package policy_test

import (
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/policy"
)

// An explanation decides as May does: its one gate that refuses is May's, those before it passed with a reason, those after it
// were not asked.
func TestProperty_explanationIsTheDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		f.Room = rapid.IntRange(0, 4).Draw(t, "room") == 0
		if rapid.IntRange(0, 9).Draw(t, "nobody") == 0 || f.Room {
			f.Other = nil
		}
		for _, act := range acts {
			d, e := policy.May(act, f), policy.Explain(act, f)
			if e.Decision != d {
				t.Fatalf("%s: explained %+v, decided %+v", act, e.Decision, d)
			}
			want := chat.GatePassed
			for i, step := range e.Gates {
				if step.Gate != chat.Gates[i] {
					t.Fatalf("gate %d is %s", i, step.Gate)
				}
				if step.Gate == d.Gate {
					want = chat.GateRefused
				}
				if step.Verdict != want || (step.Rule != "") != (want == chat.GateRefused) || (step.Because != "") != (want == chat.GatePassed) {
					t.Fatalf("%s, decided by %q: %+v, want %s", act, d.Gate, step, want)
				}
				if want == chat.GateRefused {
					want = chat.GateNotAsked
				}
			}
			if d.Allowed != (want == chat.GatePassed) {
				t.Fatalf("%s: allowed %t, but the last gate is %s", act, d.Allowed, want)
			}
		}
	})
}

func TestExplain_because(t *testing.T) {
	superiors := facts(person(ana, startsEveryone), person(sue), false)
	superiors.Organisation = organisation(chat.ModeSuperiorsOnly)
	answers := facts(person(max), person(sue), true)
	answers.Organisation = organisation(chat.ModeAdministratorsStart)
	for name, c := range map[string]struct {
		act  chat.Act
		f    policy.Facts
		want [7]chat.Because
	}{
		"a reply": {chat.ActPost, facts(person(ana), person(ben), true), [7]chat.Because{chat.BecauseActive, chat.BecauseOn, chat.BecauseSameGroup,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseReplies, chat.BecauseParticipant}},
		"a start": {chat.ActStart, facts(person(max), person(ana), false), [7]chat.Because{chat.BecauseActive, chat.BecauseOn, chat.BecauseNoWall,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseStart, chat.BecauseNotNeeded}},
		"superiors only": {chat.ActPost, superiors, [7]chat.Because{chat.BecauseActive, chat.BecauseSuperior, chat.BecauseNoWall,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseStart, chat.BecauseParticipant}},
		"administrators start": {chat.ActPost, answers, [7]chat.Because{chat.BecauseActive, chat.BecauseModeAllows, chat.BecauseNoWall,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseReplies, chat.BecauseParticipant}},
		"in a room": {chat.ActPost, inRoom(sue, true), [7]chat.Because{chat.BecauseActive, chat.BecauseOn, chat.BecauseNotNeeded,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseNotNeeded, chat.BecauseParticipant}},
		"connect": {chat.ActConnect, facts(person(ana), nil, false), [7]chat.Because{chat.BecauseActive, chat.BecauseNotNeeded, chat.BecauseNotNeeded,
			chat.BecauseNotNeeded, chat.BecauseRole, chat.BecauseNotNeeded, chat.BecauseNotNeeded}},
	} {
		c.f.Participant = c.act == chat.ActPost
		for i, step := range policy.Explain(c.act, c.f).Gates {
			if step.Because != c.want[i] {
				t.Errorf("%s: %s passed because %s, want %s", name, step.Gate, step.Because, c.want[i])
			}
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	for name, f := range map[string]policy.Facts{
		"allowed": facts(person(ana), person(ben), true),
		"refused": facts(person(ana), person(max), false),
		"wall":    facts(person(ana, startsEveryone), person(eva), true),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if policy.Explain(chat.ActPost, f).Act == "" {
					b.Fatal("no decision")
				}
			}
		})
	}
}
