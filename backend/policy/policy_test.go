package policy_test

import (
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

const (
	day = chat.Millis(24 * 3600 * 1000)
	now = 1000 * day
)

// The people of all tests: ana and ben are agents of group north and teams sales and service; eva is an agent of group
// south; sue supervises, ada administers, max is an expert of the team quality.
const (
	ana chat.UserID = "ana"
	ben chat.UserID = "ben"
	eva chat.UserID = "eva"
	sue chat.UserID = "sue"
	ada chat.UserID = "ada"
	max chat.UserID = "max"
)

type personOption func(*chat.MessagingSettings, *bool)

func inactive(_ *chat.MessagingSettings, active *bool)  { *active = false }
func repliesOff(s *chat.MessagingSettings, _ *bool)     { s.Replies = false }
func startOff(s *chat.MessagingSettings, _ *bool)       { s.Start = false }
func startsEveryone(s *chat.MessagingSettings, _ *bool) { s.Start = true }
func starts(scope chat.StartScope, to ...string) personOption {
	return func(s *chat.MessagingSettings, _ *bool) { s.Start, s.Scope, s.Targets = true, scope, to }
}

func person(id chat.UserID, options ...personOption) *policy.Person {
	world := map[chat.UserID]struct {
		role  chat.Role
		group chat.GroupID
		teams []chat.TeamID
	}{
		ana: {chat.RoleAgent, "north", []chat.TeamID{"sales"}},
		ben: {chat.RoleAgent, "north", []chat.TeamID{"service"}},
		eva: {chat.RoleAgent, "south", []chat.TeamID{"sales"}},
		sue: {chat.RoleSupervisor, "", nil},
		ada: {chat.RoleAdministrator, "", nil},
		max: {chat.RoleExpert, "", []chat.TeamID{"quality"}},
	}
	w := world[id]
	settings, active := chat.DefaultSettings(w.role), true
	for _, o := range options {
		o(&settings, &active)
	}
	return policy.NewPerson(id, w.role, w.group, w.teams, active, settings)
}

func organisation(mode chat.MessagingMode) *chat.Organisation {
	return &chat.Organisation{Messaging: true, Mode: mode, ReplyWindowMs: chat.DefaultReplyWindowMs}
}

// facts are those of a conversation between a and b in which b wrote yesterday if replied.
func facts(a, b *policy.Person, replied bool) policy.Facts {
	f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: a, Other: b, Participant: true, Now: now}
	if replied {
		f.OtherWroteAt = now - day
	}
	return f
}

// roomOf are those of a room, which is as f says.
func roomOf(actor chat.UserID, f policy.Facts) policy.Facts {
	f.Organisation, f.Actor, f.Room = organisation(chat.ModeEveryone), person(actor), true
	return f
}

// inRoom are those of a room.
func inRoom(actor chat.UserID, member bool) policy.Facts {
	return policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: person(actor), Room: true, Participant: member}
}

// TestMay_rules goes through the rules by their ids. Each refusal has a twin that differs only in what the rule is about
// and is allowed, so it fails for the right reason.
func TestMay_rules(t *testing.T) {
	in := func(mode chat.MessagingMode, f policy.Facts) policy.Facts {
		f.Organisation = organisation(mode)
		return f
	}
	off := func(f policy.Facts) policy.Facts {
		f.Organisation = organisation(chat.ModeEveryone)
		f.Organisation.Messaging = false
		return f
	}
	tests := []struct {
		id      string
		act     chat.Act
		refused policy.Facts
		rule    chat.Rule
		twin    policy.Facts
	}{
		{"account", chat.ActConnect, facts(person(sue, inactive), nil, false), chat.RuleAccountInactive, facts(person(sue), nil, false)},
		{"account: read", chat.ActRead, facts(person(sue, inactive), person(max), false), chat.RuleAccountInactive, facts(person(sue), person(max), false)},
		{"account: deactivated other", chat.ActPost, facts(person(sue), person(max, inactive), true), chat.RuleOtherInactive, facts(person(sue), person(max), true)},
		{"IM-2 start", chat.ActPost, off(facts(person(sue), person(max), false)), chat.RuleMessagingOff, facts(person(sue), person(max), false)},
		{"IM-2 reply", chat.ActPost, off(facts(person(ana), person(max), true)), chat.RuleMessagingOff, facts(person(ana), person(max), true)},
		{"IM-2 administrators too", chat.ActPost, off(facts(person(ada), person(max), true)), chat.RuleMessagingOff, facts(person(ada), person(max), true)},
		{"IM-3 agent to agent", chat.ActPost, in(chat.ModeSuperiorsOnly, facts(person(ana, startsEveryone), person(ben), true)), chat.RuleSuperiorsOnly,
			in(chat.ModeSuperiorsOnly, facts(person(ana, startsEveryone), person(sue), true))},
		{"IM-3 agent to expert", chat.ActPost, in(chat.ModeSuperiorsOnly, facts(person(ana), person(max), true)), chat.RuleSuperiorsOnly,
			in(chat.ModeSuperiorsOnly, facts(person(ana), person(ada), true))},
		{"IM-3 expert to agent", chat.ActPost, in(chat.ModeSuperiorsOnly, facts(person(max), person(ana), true)), chat.RuleSuperiorsOnly,
			in(chat.ModeSuperiorsOnly, facts(person(sue), person(ana), true))},
		{"IM-3 Start still applies", chat.ActPost, in(chat.ModeSuperiorsOnly, facts(person(ana), person(sue), false)), chat.RuleStartOff,
			in(chat.ModeSuperiorsOnly, facts(person(ana, startsEveryone), person(sue), false))},
		{"IM-4 supervisor starts", chat.ActPost, in(chat.ModeAdministratorsStart, facts(person(sue), person(max), false)), chat.RuleAdministratorsStart,
			in(chat.ModeAdministratorsStart, facts(person(ada), person(max), false))},
		{"IM-4 replying follows Replies", chat.ActPost, in(chat.ModeAdministratorsStart, facts(person(sue, repliesOff), person(max), true)), chat.RuleRepliesOff,
			in(chat.ModeAdministratorsStart, facts(person(sue), person(max), true))},
		{"IM-5 agents do not start", chat.ActPost, facts(person(ana), person(max), false), chat.RuleStartOff, facts(person(ana), person(max), true)},
		{"IM-6 experts do", chat.ActPost, facts(person(max, startOff), person(ana), false), chat.RuleStartOff, facts(person(max), person(ana), false)},
		{"IM-7 supervisor configures", chat.ActConfigure, facts(person(sue), nil, false), chat.RuleNotAdministrator, facts(person(ada), nil, false)},
		{"IM-7 supervisor changes settings", chat.ActConfigure, facts(person(sue), person(ana), false), chat.RuleNotAdministrator, facts(person(ada), person(ana), false)},
		{"IM-9 settings of administrators", chat.ActConfigure, facts(person(ada), person(ada), false), chat.RuleAdministratorFixed, facts(person(ada), person(sue), false)},
		{"IM-11 Replies off", chat.ActPost, facts(person(ana, repliesOff), person(max), true), chat.RuleRepliesOff, facts(person(ana), person(max), true)},
		{"IM-13 Start off", chat.ActStart, facts(person(max, startOff), person(ana), true), chat.RuleStartOff, facts(person(max), person(ana), true)},
		{"IM-14 users", chat.ActPost, facts(person(ana, starts(chat.StartUsers, "ben")), person(max), false), chat.RuleStartNotIncluded,
			facts(person(ana, starts(chat.StartUsers, "ben", "max")), person(max), false)},
		{"IM-15 teams", chat.ActPost, facts(person(ana, starts(chat.StartTeams, "service")), person(max), false), chat.RuleStartNotIncluded,
			facts(person(ana, starts(chat.StartTeams, "service", "quality")), person(max), false)},
		{"IM-16 roles", chat.ActPost, facts(person(ana, starts(chat.StartRoles, "agent")), person(max), false), chat.RuleStartNotIncluded,
			facts(person(ana, starts(chat.StartRoles, "expert")), person(max), false)},
		{"IM-16 an empty list", chat.ActPost, facts(person(ana, starts(chat.StartRoles)), person(max), false), chat.RuleStartNotIncluded,
			facts(person(ana, startsEveryone), person(max), false)},
		{"EXP-20 see", chat.ActSee, facts(person(ana), person(eva), false), chat.RuleWall, facts(person(ana), person(ben), false)},
		{"EXP-20 post", chat.ActPost, facts(person(ana, startsEveryone), person(eva), true), chat.RuleWall, facts(person(ana, startsEveryone), person(ben), true)},
		{"EXP-20 deliver", chat.ActDeliver, facts(person(ana), person(eva), true), chat.RuleWall, facts(person(ana), person(ben), true)},
		{"EXP-20 read", chat.ActRead, facts(person(ana), person(eva), true), chat.RuleWall, facts(person(ana), person(ben), true)},
		{"EXP-18 a room's members read", chat.ActRead, inRoom(max, false), chat.RuleNotParticipant, inRoom(max, true)},
		{"EXP-18 and post", chat.ActPost, inRoom(sue, false), chat.RuleNotParticipant, inRoom(sue, true)},
		{"EXP-18 invite as a member", chat.ActInvite, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: person(max), Other: person(sue)},
			chat.RuleNotParticipant, facts(person(max), person(sue), false)},
		{"EXP-18 whom Start covers", chat.ActInvite, facts(person(max, starts(chat.StartRoles, "expert")), person(sue), false), chat.RuleStartNotIncluded,
			facts(person(max, starts(chat.StartRoles, "supervisor")), person(sue), false)},
		{"EXP-18 join a public room", chat.ActJoin, roomOf(sue, policy.Facts{}), chat.RuleNotParticipant, roomOf(sue, policy.Facts{Public: true})},
		{"EXP-18 its owners moderate", chat.ActModerate, roomOf(max, policy.Facts{Participant: true}), chat.RuleNotOwner,
			roomOf(max, policy.Facts{Participant: true, Owner: true})},
		{"EXP-18 who sets the topic", chat.ActTopic, roomOf(max, policy.Facts{Participant: true, OwnersOnly: true}), chat.RuleNotOwner,
			roomOf(max, policy.Facts{Participant: true})},
		{"EXP-18 who invites", chat.ActInvite, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: person(max), Other: person(sue),
			Participant: true, OwnersOnly: true}, chat.RuleNotOwner, facts(person(max), person(sue), false)},
		{"EXP-19 agents join none", chat.ActJoin, roomOf(ana, policy.Facts{Public: true}), chat.RuleDirectOnly, roomOf(max, policy.Facts{Public: true})},
		{"EXP-19 nor find one", chat.ActFind, facts(person(ana), nil, false), chat.RuleDirectOnly, facts(person(max), nil, false)},
		{"IM-2 joining rooms", chat.ActJoin, off(roomOf(max, policy.Facts{Public: true})), chat.RuleMessagingOff, roomOf(max, policy.Facts{Public: true})},
		{"EXP-19 agents make no room", chat.ActGather, facts(person(ana, startsEveryone), nil, false), chat.RuleDirectOnly, facts(person(max), nil, false)},
		{"EXP-19 nor are invited", chat.ActInvite, facts(person(max), person(ana), false), chat.RuleDirectOnly, facts(person(max), person(ada), false)},
		{"EXP-19 nor read in one", chat.ActRead, inRoom(ana, true), chat.RuleDirectOnly, inRoom(max, true)},
		{"IM-2 rooms", chat.ActPost, off(inRoom(max, true)), chat.RuleMessagingOff, inRoom(max, true)},
		{"IM-2 making rooms", chat.ActGather, off(facts(person(max), nil, false)), chat.RuleMessagingOff, facts(person(max), nil, false)},
		{"IM-4 rooms", chat.ActGather, in(chat.ModeAdministratorsStart, facts(person(max), nil, false)), chat.RuleAdministratorsStart,
			in(chat.ModeAdministratorsStart, facts(person(ada), nil, false))},
		{"IM-13 rooms", chat.ActGather, facts(person(max, startOff), nil, false), chat.RuleStartOff, facts(person(max), nil, false)},
		{"EXP-20 nobody", chat.ActSee, facts(person(ana), nil, false), chat.RuleUnknown, facts(person(ana), person(ana), false)},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			if d := policy.May(tt.act, tt.refused); d.Allowed || d.Rule != tt.rule || d.Gate == "" {
				t.Errorf("got %+v, want refused by %s", d, tt.rule)
			}
			if d := policy.May(tt.act, tt.twin); !d.Allowed || d.Rule != "" || d.Err() != nil {
				t.Errorf("twin: got %+v, want allowed", d)
			}
		})
	}
}

// TestMay_historyStays is the other half of IM-2, IM-12 and of deactivation: what stops writing does not stop reading.
func TestMay_historyStays(t *testing.T) {
	for name, change := range map[string]func(*policy.Facts){
		"switch off":        func(f *policy.Facts) { f.Organisation.Messaging = false },
		"superiors only":    func(f *policy.Facts) { f.Organisation.Mode = chat.ModeSuperiorsOnly },
		"other deactivated": func(f *policy.Facts) { f.Other = person(max, inactive) },
		"replies off":       func(f *policy.Facts) { f.Actor = person(ana, repliesOff) },
	} {
		t.Run(name, func(t *testing.T) {
			f := facts(person(ana), person(max), true)
			if !policy.May(chat.ActPost, f).Allowed {
				t.Fatal("posting is refused before the change; the test shows nothing")
			}
			change(&f)
			for _, act := range []chat.Act{chat.ActSee, chat.ActRead, chat.ActDeliver} {
				if d := policy.May(act, f); !d.Allowed {
					t.Errorf("%s: %+v", act, d)
				}
			}
			if d := policy.May(chat.ActPost, f); d.Allowed {
				t.Error("posting is still allowed")
			}
		})
	}
}

func TestMay_replyWindow(t *testing.T) {
	agent, other := person(ana), person(max)
	at := func(wroteAgo chat.Millis) policy.Decision {
		f := facts(agent, other, false)
		f.OtherWroteAt = now - wroteAgo
		return policy.May(chat.ActPost, f)
	}
	open := at(7*day - 1)
	want := policy.Decision{Allowed: true, Act: chat.ActReply, UntilAt: now + 1, ThenGate: chat.GatePersonal, ThenRule: chat.RuleStartOff}
	if open != want {
		t.Errorf("last moment: got %+v, want %+v", open, want)
	}
	if d := at(7 * day); d.Allowed || d.Act != chat.ActStart || d.Rule != chat.RuleStartOff {
		t.Errorf("after the window: %+v", d)
	}
	if d := at(-day); !d.Allowed || d.UntilAt != now+8*day {
		t.Errorf("the other side wrote in what the clock now calls the future: %+v", d)
	}

	f := facts(person(ana, startsEveryone), other, true)
	if d := policy.May(chat.ActPost, f); !d.Allowed || d.Act != chat.ActReply || d.UntilAt != 0 {
		t.Errorf("Start covers the other: a reply without an end: %+v", d)
	}
	f.Actor = person(ana, startsEveryone, repliesOff)
	if d := policy.May(chat.ActPost, f); !d.Allowed || d.Act != chat.ActStart {
		t.Errorf("Replies off, Start covers: allowed as a start: %+v", d)
	}
	if d := policy.May(chat.ActReply, f); d.Allowed || d.Rule != chat.RuleRepliesOff {
		t.Errorf("as a reply only: %+v", d)
	}
	f.Organisation.ReplyWindowMs = 1<<63 - 1
	f.Actor = agent
	if d := policy.May(chat.ActPost, f); !d.Allowed || d.UntilAt < now {
		t.Errorf("a window without end: %+v", d)
	}
	f.Organisation.ReplyWindowMs = 0
	if d := policy.May(chat.ActPost, f); d.Allowed {
		t.Errorf("no window: %+v", d)
	}
}

// TestMay_hiddenLikeNobody: whatever the organisation's rules, a person behind the wall is answered exactly like one who
// does not exist.
func TestMay_hiddenLikeNobody(t *testing.T) {
	for _, mode := range []chat.MessagingMode{chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart} {
		for _, messaging := range []bool{true, false} {
			for _, act := range []chat.Act{chat.ActSee, chat.ActDeliver, chat.ActRead, chat.ActPost, chat.ActReply, chat.ActStart, chat.ActInvite, chat.ActMonitor} {
				for _, hidden := range []*policy.Person{person(eva), person(eva, inactive)} {
					behind := facts(person(ana, startsEveryone), hidden, true)
					behind.Organisation = organisation(mode)
					behind.Organisation.Messaging = messaging
					nobody := behind
					nobody.Other, nobody.OtherWroteAt, nobody.Participant = nil, 0, false
					a, b := policy.May(act, behind), policy.May(act, nobody)
					if a.Err() == nil || b.Err() == nil || a.Err() != b.Err() || a.Can() != b.Can() {
						t.Errorf("%s, %s, messaging %t: behind the wall %v %+v, nobody %v %+v", act, mode, messaging, a.Err(), a.Can(), b.Err(), b.Can())
					}
				}
			}
		}
	}
}

func TestMay_defaultDeny(t *testing.T) {
	stranger := policy.NewPerson("x", "owner", "", nil, true, chat.DefaultSettings(chat.RoleExpert))
	for name, d := range map[string]policy.Decision{
		"no facts":                  policy.May(chat.ActConnect, policy.Facts{}),
		"unknown act":               policy.May("fly", facts(person(ada), person(max), true)),
		"monitor a room":            policy.May(chat.ActMonitor, inRoom(sue, true)),
		"start in a room":           policy.May(chat.ActStart, inRoom(sue, true)),
		"monitor":                   policy.May(chat.ActMonitor, facts(person(sue), person(max), true)),
		"unknown role acts":         policy.May(chat.ActPost, facts(stranger, person(max), true)),
		"unknown role is looked at": policy.May(chat.ActSee, facts(person(ada), stranger, true)),
		"not a participant":         policy.May(chat.ActRead, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: person(sue), Other: person(max)}),
		"post, not a participant":   policy.May(chat.ActPost, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: person(sue), Other: person(max)}),
		"to oneself":                policy.May(chat.ActPost, facts(person(sue), person(sue), true)),
		"two agents of no group":    policy.May(chat.ActSee, facts(policy.NewPerson("a", chat.RoleAgent, "", nil, true, chat.MessagingSettings{}), policy.NewPerson("b", chat.RoleAgent, "", nil, true, chat.MessagingSettings{}), false)),
		"unknown scope":             policy.May(chat.ActPost, facts(person(max, starts("planets", "ana")), person(ana), false)),
	} {
		if d.Allowed || d.Gate == "" || d.Rule == "" || d.Err() == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	f := facts(person(sue), person(max), false)
	f.Organisation = organisation("free for all")
	if d := policy.May(chat.ActPost, f); d.Rule != chat.RuleAdministratorsStart {
		t.Errorf("an unknown mode is not the strictest one: %+v", d)
	}
}

// TestNewPerson_administratorIsFixed: IM-9 holds for what is stored from an earlier role too.
func TestNewPerson_administratorIsFixed(t *testing.T) {
	p := person(ada, repliesOff, startOff)
	if !policy.May(chat.ActPost, facts(p, person(ana), false)).Allowed {
		t.Error("an administrator is bound by stored settings")
	}
}

// TestErr_everyRuleHasWords: each refusal that is told has a text, its own gate and rule.
func TestErr_everyRuleHasWords(t *testing.T) {
	told := map[chat.Rule]bool{}
	for _, f := range everyFacts() {
		for _, act := range acts {
			d := policy.May(act, f)
			err := d.Err()
			if d.Allowed || err == chat.ErrUnknown {
				continue
			}
			told[d.Rule] = true
			if err.Code != chat.CodeDenied || err.Text == "" || err.Refusal == nil || err.Refusal.Rule != d.Rule || err.Refusal.Gate != d.Gate {
				t.Fatalf("%+v is told as %+v", d, err)
			}
			if can := d.Can(); can.Gate != d.Gate || can.Rule != d.Rule || can.Allowed {
				t.Fatalf("%+v is advised as %+v", d, can)
			}
		}
	}
	if len(told) < 9 {
		t.Errorf("only %d rules were met: %v", len(told), told)
	}
}

func BenchmarkMay(b *testing.B) {
	targets := make([]string, 200)
	for i := range targets {
		targets[i] = chat.NewUUID()
	}
	targets[100] = "ben"
	for name, f := range map[string]policy.Facts{
		"reply":      facts(person(ana), person(ben), true),
		"startUsers": facts(person(ana, starts(chat.StartUsers, targets...)), person(ben), false),
		"startTeams": facts(person(ana, starts(chat.StartTeams, append(targets, "service")...)), person(ben), false),
		"wall":       facts(person(ana, startsEveryone), person(eva), true),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d := policy.May(chat.ActPost, f)
				if d.Act == "" || d.Err() != nil && d.Allowed {
					b.Fatal("no decision")
				}
			}
		})
	}
}

func TestMay_allocatesNothing(t *testing.T) {
	f := facts(person(ana, starts(chat.StartTeams, "service", "quality")), person(max), true)
	if n := testing.AllocsPerRun(100, func() { policy.May(chat.ActPost, f).Err() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
