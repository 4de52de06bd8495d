package hub

import (
	"testing"
	"time"

	"parley/backend/chat"
)

// update changes a user of the cast by the console.
func (r *rig) update(name string, change func(*chat.UserUpdateArgs)) {
	r.t.Helper()
	args := chat.UserUpdateArgs{UserID: r.users[name], Revision: r.record(name).Revision}
	change(&args)
	r.must(Console, chat.UserUpdate, args, nil)
}

func (r *rig) record(name string) chat.UserRecord {
	r.t.Helper()
	var list chat.UserListAnswer
	r.must(Console, chat.UserList, nil, &list)
	for _, u := range list.Users {
		if u.User.ID == r.users[name] {
			return u
		}
	}
	r.t.Fatalf("%s is not in the list", name)
	return chat.UserRecord{}
}

func (r *rig) moveTo(name, group string) {
	r.t.Helper()
	r.update(name, func(a *chat.UserUpdateArgs) { a.Group = &group })
}

// settings replaces somebody's Replies and Start at once.
func (r *rig) settings(name string, s chat.MessagingSettings) {
	r.t.Helper()
	r.must(Console, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users[name], Revision: r.record(name).Revision, Settings: s, ApplyNow: true}, nil)
}

func (r *rig) organisation(change func(*chat.Organisation)) {
	r.t.Helper()
	o := r.hub.facts.Load().organisation.Organisation
	change(&o)
	r.must(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil)
}

// startsAll lets an agent start with everybody.
func (r *rig) startsAll(name string) {
	r.t.Helper()
	r.settings(name, chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone})
}

func TestRights_windowOpensWithAMessage(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	id := r.direct("max", "ana")
	max.mustPost("ana", "hello")
	ana.barrier()
	ana.barrier() // rights come right after the events they belong to
	can := ana.state.Rights.Post[id]
	if want := r.hub.now() + chat.DefaultReplyWindowMs; !can.Allowed || can.UntilAt != want || can.ThenRule != chat.RuleStartOff {
		t.Errorf("ana may post: %+v, want until %d", can, want)
	}
	if can := max.state.Rights.Post[id]; !can.Allowed || can.UntilAt != 0 {
		t.Errorf("max may post: %+v", can)
	}
	frames := len(ana.rights)
	max.mustPost("ana", "and again")
	ana.barrier()
	if len(ana.rights) != frames {
		t.Error("a window that is not noticeably longer is told")
	}
	r.clock.turn(2 * time.Hour)
	max.mustPost("ana", "later")
	ana.barrier()
	if got, want := ana.state.Rights.Post[id].UntilAt, r.hub.now()+chat.DefaultReplyWindowMs; got != want {
		t.Errorf("the window ends at %d, want %d", got, want)
	}
	r.clock.turn(time.Duration(chat.DefaultReplyWindowMs) * time.Millisecond)
	max.mustPost("ana", "when it was over")
	ana.barrier()
	ana.barrier()
	if got, want := ana.state.Rights.Post[id].UntilAt, r.hub.now()+chat.DefaultReplyWindowMs; got != want {
		t.Errorf("the window that opened again ends at %d, want %d", got, want)
	}
	ana.same()
	max.same()
}

func TestRights_settingsAreToldAtOnce(t *testing.T) {
	r := newRig(t)
	ana := r.connect("ana")
	if can := ana.state.Rights.Start[r.users["max"]]; can.Allowed || can.Rule != chat.RuleStartOff {
		t.Errorf("IM-5: %+v", can)
	}
	r.settings("ana", chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"expert"}})
	ana.barrier()
	if !ana.state.Rights.Start[r.users["max"]].Allowed || ana.state.Rights.Start[r.users["sue"]].Rule != chat.RuleStartNotIncluded {
		t.Errorf("IM-16: %+v", ana.state.Rights.Start)
	}
	if !ana.state.Me.Settings.Start {
		t.Error("ana was not told her settings")
	}
	ana.mustPost("max", "I may")
	if _, err := ana.post("sue", "I may not"); err == nil || err.Refusal.Rule != chat.RuleStartNotIncluded {
		t.Errorf("to sue: %v", err)
	}
	ana.same()
	r.organisation(func(o *chat.Organisation) { o.Messaging = false })
	ana.barrier()
	if can := ana.state.Rights.Post[r.direct("ana", "max")]; can.Allowed || can.Rule != chat.RuleMessagingOff {
		t.Errorf("IM-2: %+v", can)
	}
	if ana.texts("max") != "1:I may" {
		t.Error("IM-2: history went with the switch")
	}
	ana.same()
}

// TestRights_wallRisesAndFalls is EXP-20: when a wall rises between two agents their conversation disappears for both, at
// once, and comes back whole when it falls.
func TestRights_wallRisesAndFalls(t *testing.T) {
	r := newRig(t)
	r.startsAll("ana")
	ana, ben, sue := r.connect("ana"), r.connect("ben"), r.connect("sue")
	ana.mustPost("ben", "one")
	ben.barrier()
	ben.mustPost("ana", "two")
	r.moveTo("ben", "South")
	for _, c := range []*client{ana, ben} {
		other := map[string]string{"ana": "ben", "ben": "ana"}[c.name]
		c.barrier()
		if _, sees := c.people[r.users[other]]; sees || c.texts(other) != "(none)" || len(c.rights[len(c.rights)-1].ConversationsLost) != 1 {
			t.Errorf("%s still knows %s: %q, rights %+v", c.name, other, c.texts(other), c.rights)
		}
		if _, err := c.post(other, "still there?"); err != chat.ErrUnknown && (err == nil || err.Code != chat.CodeUnknown) {
			t.Errorf("%s posts through the wall: %v", c.name, err)
		}
		c.same()
	}
	if _, sees := ben.people[r.users["eve"]]; !sees {
		t.Error("ben does not see his new group")
	}
	frames := len(ana.frames)
	ben.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak}, nil)
	ana.barrier()
	if len(ana.frames) != frames {
		t.Error("ana was told of what happens behind the wall")
	}
	r.moveTo("ben", "North")
	ana.barrier()
	if ana.texts("ben") != "1:one 2:two" {
		t.Errorf("the conversation came back as %q", ana.texts("ben"))
	}
	ana.until("ben's presence came back with him", func() bool { return ana.presence[r.users["ben"]].Availability == chat.Away })
	ana.mustPost("ben", "three")
	ben.barrier()
	if ben.texts("ana") != "1:one 2:two 3:three" {
		t.Errorf("ben has %q", ben.texts("ana"))
	}
	for _, c := range []*client{ana, ben, sue} {
		c.same()
	}
}

func TestRights_resumeTellsWhatWasLostAndGained(t *testing.T) {
	r := newRig(t)
	r.startsAll("ana")
	r.startsAll("eve")
	ana, eve := r.connect("ana"), r.connect("eve")
	ana.mustPost("ben", "north")
	ana.barrier()
	ana.feed.Close()
	r.moveTo("ana", "South")
	eve.barrier()
	eve.mustPost("ana", "welcome")
	resets := len(ana.resets)
	ana.attach()
	if len(ana.resets) != resets {
		t.Error("a change of rights led to a reset")
	}
	if ana.texts("ben") != "(none)" || ana.texts("eve") != "1:welcome" {
		t.Errorf("ana has ben %q, eve %q", ana.texts("ben"), ana.texts("eve"))
	}
	ana.same()

	// Back and forth while away: what was lost in between comes back whole.
	eve.mustPost("ana", "again")
	ana.barrier()
	ana.feed.Close()
	r.moveTo("ana", "North")
	r.moveTo("ana", "South")
	eve.barrier()
	eve.mustPost("ana", "there you are")
	ana.attach()
	if ana.texts("eve") != "1:welcome 2:again 3:there you are" {
		t.Errorf("ana has %q", ana.texts("eve"))
	}
	ana.same()
	eve.same()
}

// TestRights_lostBetweenEventsAndRights cuts a resuming connection after its events and before its rights: the next one
// must still tell what was lost.
func TestRights_lostBetweenEventsAndRights(t *testing.T) {
	r := newRig(t)
	r.startsAll("ana")
	ana, max := r.connect("ana"), r.connect("max")
	ana.mustPost("ben", "north")
	ana.barrier()
	ana.feed.Close()
	r.moveTo("ana", "South")
	max.mustPost("ana", "seen")
	feed, err := r.hub.Connect(t.Context(), ana.actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: ana.cursor})
	if err != nil {
		t.Fatal(err)
	}
	ana.feed = feed
	ana.answers = map[int64]*Answer{}
	ana.until("events came", func() bool { return ana.texts("max") == "1:seen" })
	feed.Close()
	if ana.texts("ben") == "(none)" {
		t.Fatal("the rights came already; the test shows nothing")
	}
	ana.attach()
	if ana.texts("ben") != "(none)" {
		t.Error("what was lost was never told")
	}
	ana.same()
}

func TestRights_newAndDeactivatedUsers(t *testing.T) {
	r := newRig(t)
	ana, max := r.connect("ana"), r.connect("max")
	var added chat.UserAddAnswer
	r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "Nia", DisplayName: "Nia", Role: chat.RoleAgent, Group: "north", Teams: []string{"Returns"}, Password: password}, &added)
	r.users["nia"] = added.UserID
	r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "noa", DisplayName: "Noa", Role: chat.RoleAgent, Password: password}, &added)
	for _, c := range []*client{ana, max} {
		c.barrier()
		if c.people[r.users["nia"]].DisplayName != "Nia" || len(c.teams) != 2 {
			t.Errorf("%s has people %v, teams %v", c.name, c.people, c.teams)
		}
		if _, sees := c.people[added.UserID]; sees != (c == max) {
			t.Errorf("%s sees the new agent of the default group: %v", c.name, sees)
		}
		c.same()
	}
	max.mustPost("nia", "welcome")
	no := false
	r.update("nia", func(a *chat.UserUpdateArgs) { a.Active = &no })
	max.barrier()
	if can := max.state.Rights.Post[r.direct("max", "nia")]; can.Allowed || can.Rule != chat.RuleOtherInactive {
		t.Errorf("max may post to a deactivated account: %+v", can)
	}
	if max.people[r.users["nia"]].Active || max.texts("nia") != "1:welcome" {
		t.Error("history lost the name")
	}
	max.same()
}
