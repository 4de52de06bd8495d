package rig_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// The attacks of this file are rows of the checklist in docs/permissions.md. Each refusal has a twin that differs only in the
// right, and succeeds: else it might be refused for another reason.

// give assigns a permission set of these permissions to one of the cast, and returns it.
func give(admin *rig.Actor, name string, permissions ...chat.Permission) chat.PermissionSet {
	var made chat.SetAnswer
	admin.Do(chat.SetCreate, chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Of " + name + " " + chat.NewUUID(), Permissions: permissions}}, &made)
	admin.Do(chat.SetAssign, chat.SetAssignArgs{Users: []chat.UserRevision{seen(admin, name)}, Enable: []chat.SetRevision{made.Set.Seen()}}, nil)
	return made.Set
}

// seen names one of the cast in their present revision.
func seen(admin *rig.Actor, name string) chat.UserRevision {
	r := record(admin, name)
	return chat.UserRevision{UserID: r.User.ID, Revision: r.Revision}
}

// watchedBy lets supervisors read and follow the agents of somebody's group, or nobody.
func watchedBy(admin *rig.Actor, agent string, supervisors ...chat.UserID) {
	group := record(admin, agent).Group.ID
	var list chat.MonitoringListAnswer
	admin.Do(chat.MonitoringList, nil, &list)
	rule := chat.MonitoringRule{GroupID: group, Transcripts: supervisors, Live: supervisors}
	for _, known := range list.Rules {
		if known.GroupID == group {
			rule.Revision = known.Revision
		}
	}
	admin.Do(chat.MonitoringUpdate, chat.MonitoringUpdateArgs{Rule: rule}, nil)
}

// attack is something that one of the cast tries: it is refused, then the right is given, and it succeeds.
type attack struct {
	row, what string
	by        string
	// prepare is what is there before; nil for nothing.
	prepare func(s *rig.Server, ines *rig.Actor)
	try     func(s *rig.Server, ines *rig.Actor) (chat.CommandName, any)
	// rule refuses; "" is answered unknown.
	gate chat.Gate
	rule chat.Rule
	give func(s *rig.Server, ines *rig.Actor)
}

// posts writes to one of the cast.
func posts(from, to string) func(*rig.Server, *rig.Actor) (chat.CommandName, any) {
	return func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
		return chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct(from, to), Text: "may I?"}
	}
}

// starts lets somebody start with targets of one kind.
func starts(name string, scope chat.StartScope, targets func(s *rig.Server, ines *rig.Actor) []string) func(*rig.Server, *rig.Actor) {
	return func(s *rig.Server, ines *rig.Actor) {
		list := targets(s, ines)
		updateSettings(ines, name, true, func(m *chat.MessagingSettings) { m.Start, m.Scope, m.Targets = true, scope, list })
	}
}

// teamID returns the id of a team of that name.
func teamID(admin *rig.Actor, name string) chat.TeamID {
	for id, t := range admin.World().Teams {
		if t.Name == name {
			return id
		}
	}
	return ""
}

// startAttacks are A1 for each kind of target, and each kind of list.
func startAttacks() []attack {
	var all []attack
	for to, role := range map[string]chat.Role{"ruben": chat.RoleAgent, "renata": chat.RoleSupervisor, "ines": chat.RoleAdministrator, "liam": chat.RoleExpert} {
		ways := map[string]func(*rig.Server, *rig.Actor){
			"by user": starts("tomas", chat.StartUsers, func(s *rig.Server, _ *rig.Actor) []string { return []string{string(s.ID(to))} }),
			"by role": starts("tomas", chat.StartRoles, func(*rig.Server, *rig.Actor) []string { return []string{string(role)} }),
		}
		if to == "ruben" || to == "renata" {
			ways["by team"] = starts("tomas", chat.StartTeams, func(_ *rig.Server, ines *rig.Actor) []string { return []string{string(teamID(ines, rig.Sales))} })
		}
		for way, give := range ways {
			all = append(all, attack{row: "A1", what: "an agent starts with " + to + ", " + way, by: "tomas", try: posts("tomas", to),
				gate: chat.GatePersonal, rule: chat.RuleStartOff, give: give})
		}
	}
	return all
}

// settled are the attacks on what settings, rooms and modes refuse.
func settled() []attack {
	room := chat.NewRoomID()
	roomWith := func(with ...string) func(*rig.Server, *rig.Actor) (chat.CommandName, any) {
		return func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
			args := chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: "Glass"}
			for _, name := range with {
				args.Participants = append(args.Participants, s.ID(name))
			}
			return chat.RoomCreate, args
		}
	}
	allStart := func(name string, on bool) func(*rig.Server, *rig.Actor) {
		return func(_ *rig.Server, ines *rig.Actor) {
			updateSettings(ines, name, true, func(m *chat.MessagingSettings) { m.Start = on })
		}
	}
	team := func(names ...string) func(*rig.Server, *rig.Actor) {
		return func(_ *rig.Server, ines *rig.Actor) {
			updateUser(ines, "ruben", func(u *chat.UserUpdateArgs) { u.Teams = &names })
		}
	}
	return []attack{
		{row: "A1", what: "a room is made by who may start with nobody", by: "liam", prepare: allStart("liam", false), try: roomWith("amparo"),
			gate: chat.GatePersonal, rule: chat.RuleStartOff, give: allStart("liam", true)},
		{row: "A1", what: "somebody is invited by who may not start with them", by: "liam",
			prepare: func(s *rig.Server, ines *rig.Actor) {
				liam := s.As("liam")
				liam.Do(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Glass", Participants: []chat.UserID{s.ID("amparo")}}, nil)
				starts("liam", chat.StartRoles, func(*rig.Server, *rig.Actor) []string { return []string{string(chat.RoleExpert)} })(s, ines)
			},
			try: func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
				return chat.RoomInvite, chat.RoomInviteArgs{ConversationID: room, UserIDs: []chat.UserID{s.ID("renata")}}
			},
			gate: chat.GatePersonal, rule: chat.RuleStartNotIncluded,
			give: starts("liam", chat.StartRoles, func(*rig.Server, *rig.Actor) []string {
				return []string{string(chat.RoleExpert), string(chat.RoleSupervisor)}
			})},
		{row: "A2", what: "an answer with Replies off", by: "tomas",
			prepare: func(s *rig.Server, ines *rig.Actor) {
				s.As("liam").Post("tomas", "any news?")
				updateSettings(ines, "tomas", true, func(m *chat.MessagingSettings) { m.Replies = false })
			},
			try: posts("tomas", "liam"), gate: chat.GatePersonal, rule: chat.RuleRepliesOff,
			give: func(_ *rig.Server, ines *rig.Actor) {
				updateSettings(ines, "tomas", true, func(m *chat.MessagingSettings) { m.Replies = true })
			}},
		{row: "A3", what: "the target has left the team that one may start with", by: "tomas",
			prepare: func(s *rig.Server, ines *rig.Actor) {
				starts("tomas", chat.StartTeams, func(*rig.Server, *rig.Actor) []string { return []string{string(teamID(ines, rig.Night))} })(s, ines)
				team(rig.Sales)(s, ines)
			},
			try: posts("tomas", "ruben"), gate: chat.GatePersonal, rule: chat.RuleStartNotIncluded, give: team(rig.Sales, rig.Night)},
		{row: "A4", what: "allowed by the role, not on the list of users", by: "tomas",
			prepare: starts("tomas", chat.StartUsers, func(s *rig.Server, _ *rig.Actor) []string { return []string{string(s.ID("amparo"))} }),
			try:     posts("tomas", "liam"), gate: chat.GatePersonal, rule: chat.RuleStartNotIncluded,
			give: starts("tomas", chat.StartRoles, func(*rig.Server, *rig.Actor) []string { return []string{string(chat.RoleExpert)} })},
		{row: "A16", what: "a room of one who may be invited and one who may not", by: "liam",
			prepare: starts("liam", chat.StartUsers, func(s *rig.Server, _ *rig.Actor) []string { return []string{string(s.ID("amparo"))} }),
			try:     roomWith("amparo", "renata"), gate: chat.GatePersonal, rule: chat.RuleStartNotIncluded,
			give: starts("liam", chat.StartUsers, func(s *rig.Server, _ *rig.Actor) []string {
				return []string{string(s.ID("amparo")), string(s.ID("renata"))}
			})},
	}
}

// watching are the attacks on what only rules of monitoring and permission sets open.
func watching() []attack {
	talk := func(s *rig.Server, _ *rig.Actor) { s.As("liam").Post("mira", "among two") }
	watched := func(s *rig.Server, ines *rig.Actor) { watchedBy(ines, "mira", s.ID("renata")) }
	has := func(name string, permissions ...chat.Permission) func(*rig.Server, *rig.Actor) {
		return func(_ *rig.Server, ines *rig.Actor) { give(ines, name, permissions...) }
	}
	title := "Helped"
	many := func(names ...string) func(*rig.Server, *rig.Actor) (chat.CommandName, any) {
		return func(_ *rig.Server, ines *rig.Actor) (chat.CommandName, any) {
			args := chat.UserUpdateManyArgs{Fields: chat.UserFields{Title: &title}}
			for _, name := range names {
				args.Users = append(args.Users, seen(ines, name))
			}
			return chat.UserUpdateMany, args
		}
	}
	return []attack{
		{row: "A10", what: "a transcript of a group that one is not named for", by: "renata", prepare: talk,
			try: func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
				return chat.TranscriptLoad, chat.HistoryLoadArgs{ConversationID: s.Direct("mira", "liam"), Limit: 5}
			}, give: watched},
		{row: "A10", what: "following such a conversation", by: "renata", prepare: talk,
			try: func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
				return chat.TranscriptWatch, chat.TranscriptWatchArgs{ConversationID: s.Direct("mira", "liam")}
			}, give: watched},
		{row: "A10", what: "an agent is moved to where one watches", by: "renata",
			prepare: func(s *rig.Server, ines *rig.Actor) {
				watched(s, ines)
				has("renata", chat.PermissionManageInternalUsers)(s, ines)
			},
			try: func(_ *rig.Server, ines *rig.Actor) (chat.CommandName, any) {
				u, group := seen(ines, "una"), rig.North
				return chat.UserUpdate, chat.UserUpdateArgs{UserID: u.UserID, Revision: u.Revision, Group: &group}
			},
			gate: chat.GateGrant, rule: chat.RuleBeyondOwn, give: func(_ *rig.Server, ines *rig.Actor) { watchedBy(ines, "mira") }},
		{row: "A10", what: "the password of somebody who may watch more", by: "renata",
			prepare: func(s *rig.Server, ines *rig.Actor) {
				watchedBy(ines, "mira", s.ID("stellan"))
				has("renata", chat.PermissionManageInternalUsers)(s, ines)
			},
			try: func(s *rig.Server, _ *rig.Actor) (chat.CommandName, any) {
				return chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: s.ID("stellan"), Password: "a password of hers"}
			},
			gate: chat.GateGrant, rule: chat.RuleBeyondOwn,
			give: func(s *rig.Server, ines *rig.Actor) { watchedBy(ines, "mira", s.ID("stellan"), s.ID("renata")) }},
		{row: "A13", what: "the setup is read without a set", by: "renata",
			try:  func(*rig.Server, *rig.Actor) (chat.CommandName, any) { return chat.UserList, nil },
			gate: chat.GateGrant, rule: chat.RuleNoGrant, give: has("renata", chat.PermissionViewSetup)},
		{row: "A16", what: "many users are changed, one of them behind the wall", by: "mira", prepare: has("mira", chat.PermissionManageInternalUsers),
			try: many("tomas", "una"), give: func(_ *rig.Server, ines *rig.Actor) {
				updateUser(ines, "una", func(u *chat.UserUpdateArgs) { u.Group = ptr(rig.North) })
			}},
		{row: "A16", what: "many users are changed, one of them mightier", by: "renata", prepare: has("renata", chat.PermissionManageInternalUsers),
			try: many("tomas", "odile"), gate: chat.GateGrant, rule: chat.RuleBeyondOwn, give: func(_ *rig.Server, ines *rig.Actor) {
				updateUser(ines, "odile", func(u *chat.UserUpdateArgs) { u.Role = ptr(chat.RoleSupervisor) })
			}},
	}
}

// TestAttacks_refusedThenAllowed plays the rows that are one command each, over the socket. What is refused changes nothing and is
// told to nobody.
func TestAttacks_refusedThenAllowed(t *testing.T) {
	for _, a := range slices.Concat(startAttacks(), settled(), watching()) {
		t.Run(a.row+" "+a.what, func(t *testing.T) {
			s := rig.Start(t)
			ines, by := s.As("ines"), s.As(a.by)
			if a.prepare != nil {
				a.prepare(s, ines)
			}
			victims := []*rig.Actor{s.As("liam"), s.As("amparo"), s.As("renata"), s.As("ruben"), s.As("una"), s.As("odile")}
			by.Barrier()
			var heard []string
			for _, v := range victims {
				v.Barrier()
				heard = append(heard, heardEvents(v))
			}
			name, args := a.try(s, ines)
			got := by.Refused(name, args)
			if a.rule == "" {
				if got != *chat.ErrUnknown {
					t.Errorf("refused with %+v, want unknown", got)
				}
			} else {
				refusedBy(t, got, a.gate, a.rule)
			}
			for i, v := range victims {
				if v.Barrier(); heardEvents(v) != heard[i] {
					t.Errorf("%s was told: %s", v.Name, heardEvents(v)[len(heard[i]):])
				}
			}
			a.give(s, ines)
			name, args = a.try(s, ines)
			by.Do(name, args, nil)
		})
	}
}

// heardEvents returns the events that somebody was told, as text.
func heardEvents(a *rig.Actor) string {
	raw, err := json.Marshal(a.Events())
	if err != nil {
		panic(err) // plain data
	}
	return string(raw[:len(raw)-1])
}

// TestTyping_needsTheRightToPost (A2, A6): typing shows to nobody while one may not write; it is answered as if nothing were wrong.
func TestTyping_needsTheRightToPost(t *testing.T) {
	s := rig.Start(t)
	ines, liam, tomas := s.As("ines"), s.As("liam"), s.As("tomas")
	liam.Post("tomas", "any news?")
	types := chat.TypingSetArgs{ConversationID: s.Direct("tomas", "liam"), Typing: true}
	shown := func() bool {
		return slices.ContainsFunc(liam.Signals(), func(g chat.Signal) bool { return g.Type == chat.SignalTyping && g.UserID == tomas.ID })
	}
	for what, refuse := range map[string]func(off bool){
		"replies": func(off bool) {
			updateSettings(ines, "tomas", true, func(m *chat.MessagingSettings) { m.Replies = !off })
		},
		"organisation": func(off bool) { setOrganisation(ines, func(o *chat.Organisation) { o.Messaging = !off }) },
	} {
		refuse(true)
		tomas.Do(chat.TypingSet, types, nil)
		if liam.Barrier(); shown() {
			t.Errorf("%s off: liam is told that tomas types", what)
		}
		refuse(false)
	}
	tomas.Do(chat.TypingSet, types, nil) // the twin
	liam.ExpectSignal("tomas types", func(g chat.Signal) bool { return g.Type == chat.SignalTyping && g.UserID == tomas.ID })
}

// unknown tells whether an error is the answer for what is not there.
func unknown(err error) bool {
	var refusal *chat.Error
	return errors.As(err, &refusal) && *refusal == *chat.ErrUnknown
}
