package hub

import (
	"fmt"
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/store"
)

// makes has somebody make a room of the named and returns its id.
func (c *client) makes(name string, with ...string) chat.ConversationID {
	c.t.Helper()
	args := c.room(name, with...)
	c.mustAsk(chat.RoomCreate, args, nil)
	return args.ID
}

func (c *client) room(name string, with ...string) chat.RoomCreateArgs {
	args := chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: name, Participants: []chat.UserID{}}
	for _, w := range with {
		args.Participants = append(args.Participants, c.users[w])
	}
	return args
}

func (c *client) postIn(id chat.ConversationID, text string) *chat.Error {
	c.t.Helper()
	return c.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: text}, nil)
}

func (c *client) invites(id chat.ConversationID, who ...string) *chat.Error {
	c.t.Helper()
	return c.ask(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: c.room("", who...).Participants}, nil)
}

// mustNotReach fails the test unless the room is unknown to the client on every way, and nothing of it is left.
func (c *client) mustNotReach(id chat.ConversationID) {
	c.t.Helper()
	for name, args := range map[chat.CommandName]any{
		chat.MessagePost: chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "may I?"},
		chat.HistoryLoad: chat.HistoryLoadArgs{ConversationID: id, Limit: 10},
		chat.ReadMark:    chat.ReadMarkArgs{ConversationID: id, N: 1},
		chat.DraftSet:    chat.DraftSetArgs{ConversationID: id, Text: "half a"},
		chat.RoomInvite:  chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{c.actor.UserID}},
		chat.RoomLeave:   chat.RoomLeaveArgs{ConversationID: id},
	} {
		if err := c.ask(name, args, nil); err == nil || err.Code != chat.CodeUnknown || err.Text != chat.ErrUnknown.Text {
			c.t.Errorf("%s: %s in a room that is not theirs: %v", c.name, name, err)
		}
	}
	if c.convs[id] != nil || c.state.Rights.Post[id] != (chat.Can{}) {
		c.t.Errorf("%s holds the room", c.name)
	}
}

func TestRoom_membersExchangeMessages(t *testing.T) {
	r := newRig(t)
	max, mia, sue, ada := r.connect("max"), r.connect("mia"), r.connect("sue"), r.connect("ada")
	id := max.makes("Furniture, quality", "mia", "sue")
	for _, c := range []*client{max, mia, sue} {
		c.barrier()
		conv := c.convs[id]
		if conv == nil || conv.Conversation.Kind != chat.KindRoom || conv.Conversation.Name != "Furniture, quality" || len(conv.Conversation.Participants) != 3 {
			t.Fatalf("%s is told of %+v", c.name, conv)
		}
		if err := c.postIn(id, "from "+c.name); err != nil {
			t.Errorf("%s posts: %v", c.name, err)
		}
		if can := c.state.Rights.Post[id]; !can.Allowed || can.UntilAt != 0 {
			t.Errorf("%s may post: %+v", c.name, can)
		}
	}
	max.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: true}, nil)
	for _, c := range []*client{max, mia, sue} {
		c.same()
		if got := c.convs[id].LastN; got != 3 {
			t.Errorf("%s has %d messages, want 3", c.name, got)
		}
	}
	mia.until("max types", func() bool { return len(mia.typing) > 0 })
	ada.barrier()
	ada.mustNotReach(id)
	if len(ada.got) != 0 {
		t.Errorf("who is no member is told %+v", ada.got)
	}
}

// TestRoom_create: a repeat is harmless, another use of the id is a conflict, and what may not be is not made at all.
func TestRoom_create(t *testing.T) {
	r := newRig(t)
	max, mia := r.connect("max"), r.connect("mia")
	args := max.room("One", "mia", "mia", "max")
	max.mustAsk(chat.RoomCreate, args, nil)
	args.Participants = []chat.UserID{r.users["mia"]}
	max.mustAsk(chat.RoomCreate, args, nil)
	other := args
	other.Name = "Two"
	if err := max.ask(chat.RoomCreate, other, nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("another room under the same id: %v", err)
	}
	if err := mia.ask(chat.RoomCreate, args, nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("somebody else's room under the same id: %v", err)
	}
	nobody, invalid := max.room("No", "mia"), max.room(" ", "mia")
	nobody.Participants = append(nobody.Participants, chat.UserID(chat.NewUUID()))
	tooMany, wrongID := max.room("Many"), max.room("Wrong", "mia")
	for range chat.MaxRoomMembers {
		tooMany.Participants = append(tooMany.Participants, chat.UserID(chat.NewUUID()))
	}
	wrongID.ID = r.direct("max", "mia")
	for want, refused := range map[chat.Code][]chat.RoomCreateArgs{
		chat.CodeUnknown: {nobody}, chat.CodeInvalid: {invalid, tooMany, wrongID}, chat.CodeDenied: {max.room("Agents", "mia", "ana")},
	} {
		for _, a := range refused {
			if err := max.ask(chat.RoomCreate, a, nil); err == nil || err.Code != want {
				t.Errorf("%s: %v, want %s", a.Name, err, want)
			}
			if a.ID.IsRoom() {
				max.mustNotReach(a.ID)
			}
		}
	}
	mia.barrier()
	if len(mia.convs) != 1 {
		t.Errorf("mia is in %d rooms, want 1", len(mia.convs))
	}
	r.restart()
	max.attach()
	max.mustAsk(chat.RoomCreate, args, nil)
	max.same()
}

// TestRoom_agents: EXP-19. An agent is refused the same, whoever is named, and cannot be invited; who becomes one is in no
// room any more.
func TestRoom_agents(t *testing.T) {
	r := newRig(t)
	ana, max, ada := r.connect("ana"), r.connect("max"), r.connect("ada")
	r.startsAll("ana")
	for _, args := range []chat.RoomCreateArgs{ana.room("With ben", "ben"), ana.room("With a stranger", "eve"), ana.room("With max", "max"), ana.room("Alone")} {
		if err := ana.ask(chat.RoomCreate, args, nil); err == nil || err.Refusal == nil || err.Refusal.Rule != chat.RuleDirectOnly {
			t.Errorf("an agent makes a room: %v", err)
		}
	}
	id := max.makes("Quality", "mia", "sue")
	max.postIn(id, "one")
	if err := max.invites(id, "ana"); err == nil || err.Refusal == nil || err.Refusal.Rule != chat.RuleDirectOnly {
		t.Errorf("an agent is invited: %v", err)
	}
	ana.mustNotReach(id)
	ana.same()
	sue, role := r.connect("sue"), chat.RoleAgent
	r.update("sue", func(a *chat.UserUpdateArgs) { a.Role = &role })
	sue.actor = r.signIn("sue")
	sue.attach()
	sue.mustNotReach(id)
	sue.same()
	max.barrier()
	if slices.Contains(max.convs[id].Conversation.Participants, r.users["sue"]) {
		t.Error("who became an agent is still shown as a member")
	}
	// An administrator who makes themself an agent goes on in the same session: there it ends at once.
	if err := max.invites(id, "ada"); err != nil {
		t.Fatal(err)
	}
	ada.barrier()
	if ada.convs[id] == nil {
		t.Fatal("ada is in no room before the change; the test shows nothing")
	}
	r.second()
	ada.mustAsk(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ada"], Revision: r.record("ada").Revision, Role: &role}, nil)
	ada.mustNotReach(id)
	ada.same()
}

func TestRoom_inviteAndLeave(t *testing.T) {
	r := newRig(t)
	max, mia, ada := r.connect("max"), r.connect("mia"), r.connect("ada")
	id := max.makes("Quality", "mia")
	for i := range 3 {
		max.postIn(id, fmt.Sprint("message ", i))
	}
	if err := mia.invites(id, "ada", "mia", "max"); err != nil {
		t.Fatalf("a member invites: %v", err)
	}
	ada.barrier()
	if conv := ada.convs[id]; conv == nil || len(conv.Tail) != 3 || conv.ReadN != 3 {
		t.Fatalf("who comes is told %+v", ada.convs[id])
	}
	ada.mustAsk(chat.DraftSet, chat.DraftSetArgs{ConversationID: id, Text: "half a"}, nil)
	max.postIn(id, "welcome")
	for _, c := range []*client{max, mia, ada} {
		c.same()
	}
	if err := mia.ask(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: r.direct("mia", "max")}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("leaving a conversation of two: %v", err)
	}
	ada.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	ada.mustNotReach(id)
	max.postIn(id, "she is gone")
	for _, c := range []*client{max, mia, ada} {
		c.same()
	}
	if err := max.invites(id, "ada"); err != nil {
		t.Fatal(err)
	}
	ada.same()
	if got := ada.convs[id].LastN; got != 5 {
		t.Errorf("who comes back has %d messages, want 5", got)
	}
	if ada.drafts[id].Text != "" {
		t.Error("a draft outlives the membership")
	}
	for _, c := range []*client{max, mia, ada} {
		c.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
		c.mustNotReach(id)
		c.same()
	}
}

// TestRoom_whileAway: what became of memberships while a client was away is told when it comes back, through a restart too.
func TestRoom_whileAway(t *testing.T) {
	r := newRig(t)
	max, mia, ada := r.connect("max"), r.connect("mia"), r.connect("ada")
	left, entered, both := max.makes("Left", "mia"), max.makes("Entered"), max.makes("Both", "mia")
	max.postIn(left, "one")
	mia.barrier()
	ada.barrier()
	mia.feed.Close()
	max.postIn(left, "two")
	max.postIn(both, "one")
	r.must(mia.actor, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: left}, nil)
	r.must(mia.actor, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: both}, nil)
	max.postIn(left, "three")
	max.postIn(both, "not for mia")
	max.invites(both, "mia")
	max.invites(entered, "mia")
	max.postIn(entered, "one")
	r.restart()
	mia.attach()
	mia.same()
	if mia.convs[left] != nil || mia.convs[both] == nil || mia.convs[entered] == nil {
		t.Errorf("mia holds %v", mia.convs)
	}
	ada.attach()
	ada.same()
	if len(ada.frames) != 0 || len(ada.rights) != 1 {
		t.Errorf("who was in no room is told %d frames and %d rights", len(ada.frames), len(ada.rights))
	}
}

// TestRoom_leftBeforeTheAnswer: what was read in a room is not told after it was left. The twin leaves another one.
func TestRoom_leftBeforeTheAnswer(t *testing.T) {
	r := newRig(t)
	max, mia := r.connect("max"), r.connect("mia")
	id, other := max.makes("Quality", "mia"), max.makes("Other", "mia")
	max.postIn(id, "among us")
	mia.barrier()
	for _, leave := range []chat.ConversationID{other, id} {
		re := mia.send(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: id, Limit: 10})
		r.must(mia.actor, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: leave}, nil)
		mia.until("the history is answered", func() bool { return mia.answers[re] != nil })
		if a := mia.answers[re]; (a.Err != nil) != (leave == id) {
			t.Errorf("after leaving %s the history of %s is answered %s, %v", leave, id, a.OK, a.Err)
		}
	}
	mia.mustNotReach(id)
}

// TestRoom_rules: the switch, the mode and Start hold in rooms; Replies does not: membership decides.
func TestRoom_rules(t *testing.T) {
	r := newRig(t)
	max, mia := r.connect("max"), r.connect("mia")
	id := max.makes("Quality", "mia")
	rule := func(err *chat.Error) chat.Rule {
		if err == nil || err.Refusal == nil {
			return ""
		}
		return err.Refusal.Rule
	}
	r.settings("max", chat.MessagingSettings{Start: true, Scope: chat.StartRoles, Targets: []string{"supervisor"}})
	if err := max.postIn(id, "membership decides"); err != nil {
		t.Errorf("posting without Replies: %v", err)
	}
	if got := rule(max.invites(id, "ada")); got != chat.RuleStartNotIncluded {
		t.Errorf("inviting whom Start does not cover: %s", got)
	}
	if err := max.invites(id, "sue"); err != nil {
		t.Errorf("inviting whom it covers: %v", err)
	}
	if got := rule(max.invites(id, "sue", "ada")); got != chat.RuleStartNotIncluded {
		t.Errorf("inviting both: %s", got)
	}
	r.settings("max", chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone})
	if got := rule(max.ask(chat.RoomCreate, max.room("Two", "mia"), nil)); got != chat.RuleStartOff {
		t.Errorf("making a room without Start: %s", got)
	}
	r.organisation(func(o *chat.Organisation) { o.Mode = chat.ModeAdministratorsStart })
	if got := rule(mia.invites(id, "ada")); got != chat.RuleAdministratorsStart {
		t.Errorf("inviting while administrators start: %s", got)
	}
	if err := mia.postIn(id, "still"); err != nil {
		t.Errorf("posting while administrators start: %v", err)
	}
	r.organisation(func(o *chat.Organisation) { o.Messaging = false })
	if got := rule(mia.postIn(id, "nothing commits")); got != chat.RuleMessagingOff {
		t.Errorf("posting while messages are off: %s", got)
	}
	mia.barrier()
	if can := mia.state.Rights.Post[id]; can.Allowed || can.Rule != chat.RuleMessagingOff {
		t.Errorf("mia may post: %+v", can)
	}
	var page chat.HistoryLoadAnswer
	mia.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: id, Limit: 10}, &page)
	if len(page.Messages) != 2 {
		t.Errorf("%d messages can be read, want 2", len(page.Messages))
	}
	mia.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	r.organisation(func(o *chat.Organisation) { o.Messaging = true })
	max.same()
	mia.same()
	active := false
	r.update("max", func(a *chat.UserUpdateArgs) { a.Active = &active })
	if err := r.do(max.actor, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: id, Limit: 10}, nil); chat.AsError(err).Code != chat.CodeSignedOut {
		t.Errorf("who is deactivated reads: %v", err)
	}
}

// TestRoom_postWritesOneRow: a post into a large room changes the author's place alone.
func TestRoom_postWritesOneRow(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	args := max.room("All")
	for i := range 99 {
		name := fmt.Sprint("expert", i)
		var added chat.UserAddAnswer
		r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleExpert, Password: password}, &added)
		args.Participants = append(args.Participants, added.UserID)
	}
	max.mustAsk(chat.RoomCreate, args, nil)
	b := newBatch(r.hub.facts.Load(), r.hub.now(), map[chat.MessageID]store.Posted{})
	p, err := preparePost(t.Context(), &call{actor: max.actor}, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: args.ID, Text: "to all"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postMessage(b, b.facts.user(max.actor.UserID), max.actor, p); err != nil {
		t.Fatal(err)
	}
	if c := b.collect(); len(c.Participants) != 1 || len(c.Members) != 0 || len(c.Messages) != 1 || len(c.Events) != 0 || len(c.Users) != 0 {
		t.Errorf("a post writes %d places, %d memberships, %d messages", len(c.Participants), len(c.Members), len(c.Messages))
	}
}
