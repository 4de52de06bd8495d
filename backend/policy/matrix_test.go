package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

var acts = []chat.Act{chat.ActConnect, chat.ActOwn, chat.ActSee, chat.ActDeliver, chat.ActRead, chat.ActPost, chat.ActReply, chat.ActStart,
	chat.ActGather, chat.ActInvite, chat.ActFind, chat.ActJoin, chat.ActTopic, chat.ActModerate, chat.ActMonitor, chat.ActTranscript, chat.ActConfigure, chat.ActViewSetup, chat.ActManageUsers, chat.ActEditUsers, chat.ActManageSets,
	chat.ActAssignSets, chat.ActConfigureMessaging, chat.ActConfigureChannels, chat.ActEngage, chat.ActSupervise, chat.ActInitiate, chat.ActInitialSMS,
	chat.ActReadEntries, chat.ActRunFlow, chat.ActUseMobile, chat.ActSeeSession, chat.ActEditSession, chat.ActSeeContact, chat.ActEditContact}

var modes = []chat.MessagingMode{chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart}

// relations are the pairs of the matrix: each role towards each, agents in the same and in another group.
var relations = []struct{ actor, other chat.UserID }{
	{ana, ben}, {ana, eva}, {ana, sue}, {ana, ada}, {ana, max},
	{sue, ana}, {sue, "sun"}, {sue, ada}, {sue, max},
	{ada, ana}, {ada, sue}, {ada, "ali"}, {ada, max},
	{max, ana}, {max, sue}, {max, ada}, {max, "mia"},
}

// member is person, and second ones of the roles that have only one in the world.
func member(id chat.UserID, options ...personOption) *policy.Person {
	twin := map[chat.UserID]chat.UserID{"sun": sue, "ali": ada, "mia": max}
	if of, ok := twin[id]; ok {
		p := person(of, options...)
		return policy.NewPerson(id, p.Role, p.GroupID, p.TeamIDs, p.Active, p.Settings)
	}
	return person(id, options...)
}

// everyFacts enumerates a small world whole.
func everyFacts() []policy.Facts {
	settings := map[string][]personOption{
		"default": nil, "replies off": {repliesOff}, "start off": {startOff}, "start all": {startsEveryone},
		"start roles": {starts(chat.StartRoles, "supervisor")}, "inactive": {inactive},
	}
	var all []policy.Facts
	for _, r := range relations {
		for _, mode := range modes {
			for _, messaging := range []bool{true, false} {
				for _, replied := range []bool{true, false} {
					for _, s := range settings {
						for _, otherActive := range []personOption{func(*chat.MessagingSettings, *bool) {}, inactive} {
							f := facts(member(r.actor, s...), member(r.other, otherActive), replied)
							f.Organisation = organisation(mode)
							f.Organisation.Messaging = messaging
							all = append(all, f)
						}
					}
				}
			}
		}
	}
	return all
}

func verdict(d policy.Decision) string {
	switch {
	case d.Allowed && d.UntilAt != 0:
		return "yes, in the window"
	case d.Allowed:
		return "yes"
	case d.Err() == chat.ErrUnknown:
		return "unknown (" + string(d.Rule) + ")"
	}
	return string(d.Rule)
}

// TestMatrix_golden keeps the whole matrix of default rights as a text that people review.
func TestMatrix_golden(t *testing.T) {
	var b strings.Builder
	b.WriteString("Who may do what to whom with default settings. \"new\": the other side has not written; \"answer\": it wrote\n")
	b.WriteString("within the reply window. Where both say the same there is one line. A rule's name is the reason of the refusal.\n")
	org := func(mode chat.MessagingMode, messaging bool) *chat.Organisation {
		o := organisation(mode)
		o.Messaging = messaging
		return o
	}
	sections := []struct {
		title string
		org   *chat.Organisation
	}{
		{"Messaging on, mode everyone", org(chat.ModeEveryone, true)},
		{"Messaging on, mode superiorsOnly (IM-3)", org(chat.ModeSuperiorsOnly, true)},
		{"Messaging on, mode administratorsStart (IM-4)", org(chat.ModeAdministratorsStart, true)},
		{"Messaging off (IM-2)", org(chat.ModeEveryone, false)},
	}
	for _, s := range sections {
		fmt.Fprintf(&b, "\n== %s\n%-14s %-26s %-9s %-10s %s\n", s.title, "actor", "other", "act", "", "verdict")
		for _, r := range relations {
			actor, other := member(r.actor), member(r.other)
			whom := string(other.Role)
			if actor.Role == chat.RoleAgent && other.Role == chat.RoleAgent {
				whom += map[bool]string{true: ", same group", false: ", other group"}[actor.GroupID == other.GroupID]
			}
			for _, act := range []chat.Act{chat.ActSee, chat.ActRead, chat.ActDeliver, chat.ActPost, chat.ActMonitor, chat.ActConfigure} {
				fresh, answer := facts(actor, other, false), facts(actor, other, true)
				fresh.Organisation, answer.Organisation = s.org, s.org
				v, w := verdict(policy.May(act, fresh)), verdict(policy.May(act, answer))
				if v == w {
					fmt.Fprintf(&b, "%-14s %-26s %-9s %-10s %s\n", actor.Role, whom, act, "", v)
					continue
				}
				fmt.Fprintf(&b, "%-14s %-26s %-9s %-10s %s\n", actor.Role, whom, act, "new", v)
				fmt.Fprintf(&b, "%-14s %-26s %-9s %-10s %s\n", actor.Role, whom, act, "answer", w)
			}
		}
	}
	for _, s := range sections {
		roomMatrix(&b, s.title, s.org)
	}
	golden(t, "matrix.txt", b.String())
}

// golden compares a text with the one under testdata. PARLEY_GOLDEN=write rewrites it.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("PARLEY_GOLDEN") == "write" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s has changed; review it with PARLEY_GOLDEN=write and git diff.\n%s", name, firstDifference(text, string(want)))
	}
}

// roomMatrix writes who may do what in rooms: as a member and as none, and whom a member invites.
func roomMatrix(b *strings.Builder, title string, org *chat.Organisation) {
	fmt.Fprintf(b, "\n== Rooms (EXP-18, EXP-19). %s\n%-14s %-26s %-9s %-10s %s\n", title, "actor", "other", "act", "", "verdict")
	for _, id := range []chat.UserID{ana, sue, ada, max} {
		actor := member(id)
		line := func(whom string, act chat.Act, how string, f policy.Facts) {
			f.Organisation, f.Actor = org, actor
			fmt.Fprintf(b, "%-14s %-26s %-9s %-10s %s\n", actor.Role, whom, act, how, verdict(policy.May(act, f)))
		}
		line("", chat.ActGather, "", policy.Facts{})
		line("", chat.ActFind, "", policy.Facts{})
		line("public", chat.ActJoin, "no member", policy.Facts{Room: true, Public: true})
		line("private", chat.ActJoin, "no member", policy.Facts{Room: true})
		line("public", chat.ActRead, "no member", policy.Facts{Room: true, Public: true})
		for _, act := range []chat.Act{chat.ActTopic, chat.ActModerate} {
			line("", act, "owner", policy.Facts{Room: true, Participant: true, Owner: true, OwnersOnly: true})
			line("", act, "member", policy.Facts{Room: true, Participant: true, OwnersOnly: true})
			line("public", act, "no member", policy.Facts{Room: true, Public: true})
		}
		line("", chat.ActTopic, "members'", policy.Facts{Room: true, Participant: true})
		line("owners invite", chat.ActInvite, "member", policy.Facts{Other: member("mia"), Participant: true, OwnersOnly: true})
		for _, act := range []chat.Act{chat.ActRead, chat.ActDeliver, chat.ActPost, chat.ActMonitor} {
			line("", act, "member", policy.Facts{Room: true, Participant: true})
			line("", act, "no member", policy.Facts{Room: true})
		}
		for _, other := range []chat.UserID{ben, "sun", "ali", "mia"} {
			line(string(member(other).Role), chat.ActInvite, "member", policy.Facts{Other: member(other), Participant: true})
		}
		line("expert", chat.ActInvite, "no member", policy.Facts{Other: member("mia")})
		line("nobody", chat.ActInvite, "member", policy.Facts{Participant: true})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d is now: %s", i+1, g[i])
		}
	}
	return "lines are gone at the end"
}
