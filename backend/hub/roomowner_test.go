package hub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/store"
)

// opens has somebody make a public room of the named and returns its id.
func (c *client) opens(name, topic string, with ...string) chat.ConversationID {
	c.t.Helper()
	args := c.room(name, with...)
	args.Topic, args.Public = topic, true
	c.mustAsk(chat.RoomCreate, args, nil)
	return args.ID
}

func (c *client) joins(id chat.ConversationID) *chat.Error {
	c.t.Helper()
	return c.ask(chat.RoomJoin, chat.RoomJoinArgs{ConversationID: id}, nil)
}

// findsRooms returns the names of the public rooms in which text stands.
func (c *client) findsRooms(text string) []chat.RoomInfo {
	c.t.Helper()
	var found chat.RoomFindAnswer
	c.mustAsk(chat.RoomFind, chat.RoomFindArgs{Text: text, Limit: chat.MaxFoundRooms}, &found)
	return found.Rooms
}

func (c *client) owns(id chat.ConversationID, who string, owner bool) *chat.Error {
	c.t.Helper()
	return c.ask(chat.RoomSetOwner, chat.RoomSetOwnerArgs{ConversationID: id, UserID: c.users[who], Owner: owner}, nil)
}

func (c *client) updates(id chat.ConversationID, change func(*chat.RoomUpdateArgs)) *chat.Error {
	c.t.Helper()
	args := chat.RoomUpdateArgs{ConversationID: id}
	change(&args)
	return c.ask(chat.RoomUpdate, args, nil)
}

// inRoom returns the room as the client holds it.
func (c *client) inRoom(id chat.ConversationID) chat.Conversation {
	c.t.Helper()
	c.same()
	held := c.convs[id]
	if held == nil || held.Conversation.Room == nil {
		c.t.Fatalf("%s does not hold the room", c.name)
	}
	return held.Conversation
}

// ownersOf names the owners of a room as the client holds it.
func (c *client) ownersOf(id chat.ConversationID) []string {
	c.t.Helper()
	var names []string
	for _, owner := range c.inRoom(id).Room.OwnerIDs {
		for name, user := range c.users {
			if user == owner {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func ruleOf(err *chat.Error) chat.Rule {
	if err == nil || err.Refusal == nil {
		return ""
	}
	return err.Refusal.Rule
}

// TestPublicRoom_foundAndJoined: whoever is no agent finds it and comes in by themselves, to all that was said.
func TestPublicRoom_foundAndJoined(t *testing.T) {
	r := newRig(t)
	max, sue, ada, ana := r.connect("max"), r.connect("sue"), r.connect("ada"), r.connect("ana")
	id := max.opens("Glass", "What breaks on the way")
	max.makes("Glass, private")
	max.postIn(id, "the first word")
	if got := sue.findsRooms("WAY gla"); len(got) != 1 || got[0] != (chat.RoomInfo{ID: id, Name: "Glass", Topic: "What breaks on the way", Members: 1}) {
		t.Errorf("sue finds %+v", got)
	}
	if got := sue.findsRooms("glass steel"); len(got) != 0 {
		t.Errorf("sue finds %+v", got)
	}
	for _, c := range []*client{sue, ada, sue} { // joining again is harmless
		if err := c.joins(id); err != nil {
			t.Fatalf("%s joins: %v", c.name, err)
		}
	}
	if got := ada.inRoom(id); len(got.Participants) != 3 || !got.Room.Public || got.Room.Topic != "What breaks on the way" {
		t.Errorf("ada holds %+v", got)
	}
	if tail := sue.convs[id].Tail; len(tail) != 1 || tail[0].Text != "the first word" || sue.convs[id].ReadN != 1 {
		t.Errorf("sue is told %+v", sue.convs[id])
	}
	if got := sue.findsRooms(""); len(got) != 1 || !got[0].Member || got[0].Members != 3 {
		t.Errorf("sue finds %+v", got)
	}
	if got := max.ownersOf(id); !slices.Equal(got, []string{"max"}) {
		t.Errorf("the room is owned by %v", got)
	}
	sue.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	sue.barrier()
	sue.mustNotReach(id) // as every room one is not in, found or not
	if err := sue.joins(id); err != nil {
		t.Errorf("sue joins again: %v", err)
	}
	for name, args := range map[chat.CommandName]any{
		chat.RoomFind: chat.RoomFindArgs{Text: "glass", Limit: 5}, chat.RoomJoin: chat.RoomJoinArgs{ConversationID: id},
		chat.RoomSetTopic: chat.RoomSetTopicArgs{ConversationID: id}, chat.RoomUpdate: chat.RoomUpdateArgs{ConversationID: id},
	} {
		if err := ana.ask(name, args, nil); err == nil || err.Code != chat.CodeUnknown || err.Text != chat.ErrUnknown.Text {
			t.Errorf("%s of an agent: %v", name, err)
		}
	}
	ana.mustNotReach(id)
}

// TestPublicRoom_openedAndClosed: only an owner does either; both are notes, and whoever is not in the room finds it or does not.
func TestPublicRoom_openedAndClosed(t *testing.T) {
	r := newRig(t)
	max, mia, sue := r.connect("max"), r.connect("mia"), r.connect("sue")
	id := max.makes("Glass", "mia")
	yes, no := true, false
	if err := mia.updates(id, func(a *chat.RoomUpdateArgs) { a.Public = &yes }); ruleOf(err) != chat.RuleNotOwner {
		t.Errorf("a member opens the room: %v", err)
	}
	if err := sue.joins(id); err == nil || err.Code != chat.CodeUnknown || len(sue.findsRooms("")) != 0 {
		t.Errorf("sue joins a private room: %v", err)
	}
	if err := max.updates(id, func(a *chat.RoomUpdateArgs) { a.Public = &yes }); err != nil {
		t.Fatal(err)
	}
	if got := sue.findsRooms("Glass"); len(got) != 1 || got[0].Member {
		t.Errorf("sue finds %+v", got)
	}
	if err := max.updates(id, func(a *chat.RoomUpdateArgs) { a.Public = &no }); err != nil {
		t.Fatal(err)
	}
	if err := sue.joins(id); err == nil || err.Code != chat.CodeUnknown || len(sue.findsRooms("")) != 0 {
		t.Errorf("sue joins it after it was closed: %v", err)
	}
	var kinds []chat.RoomNoteKind
	for _, n := range mia.inRoom(id).Room.Notes {
		kinds = append(kinds, n.Kind)
	}
	if !slices.Equal(kinds, []chat.RoomNoteKind{chat.NotePublic, chat.NotePrivate}) {
		t.Errorf("the notes are %v", kinds)
	}
}

// TestPublicRoom_answerOutlivesIt: a list of rooms that waited while one was closed is made again.
func TestPublicRoom_answerOutlivesIt(t *testing.T) {
	r := newRig(t)
	max, sue := r.connect("max"), r.connect("sue")
	id := max.opens("Glass", "")
	no := false
	re := sue.send(chat.RoomFind, chat.RoomFindArgs{Limit: 5})
	r.must(max.actor, chat.RoomUpdate, chat.RoomUpdateArgs{ConversationID: id, Public: &no}, nil)
	sue.until("the rooms are listed", func() bool { return sue.answers[re] != nil })
	if a := sue.answers[re]; a.Err != nil || strings.Contains(string(a.OK), string(id)) {
		t.Errorf("sue is answered %s, %v", a.OK, a.Err)
	}
}

// TestRoom_owners: who may what, and what each change is told as.
func TestRoom_owners(t *testing.T) {
	r := newRig(t)
	max, mia, sue := r.connect("max"), r.connect("mia"), r.connect("sue")
	id := max.makes("Glass", "mia", "sue")
	yes, name := true, "Broken glass"
	topic := func(c *client, text string) *chat.Error {
		return c.ask(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: id, Topic: text}, nil)
	}
	for what, err := range map[string]*chat.Error{
		"rename": mia.updates(id, func(a *chat.RoomUpdateArgs) { a.Name = &name }), "set the topic": topic(mia, "Mine"), "make an owner": mia.owns(id, "mia", true),
		"remove":    mia.ask(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["sue"]}}, nil),
		"hand over": mia.ask(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id, SuccessorID: r.users["sue"]}, nil),
	} {
		if ruleOf(err) != chat.RuleNotOwner {
			t.Errorf("a member may %s: %v", what, err)
		}
	}
	if err := mia.invites(id, "ada"); err != nil {
		t.Errorf("a member invites: %v", err)
	}
	if err := max.updates(id, func(a *chat.RoomUpdateArgs) { a.Name, a.OwnersInvite, a.MembersTopic = &name, &yes, &yes }); err != nil {
		t.Fatal(err)
	}
	if err := mia.ask(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["pam"]}}, nil); ruleOf(err) != chat.RuleNotOwner && r.users["pam"] != "" {
		t.Errorf("a member invites where owners do: %v", err)
	}
	if err := topic(mia, "  What breaks  "); err != nil {
		t.Errorf("a member sets the topic where members do: %v", err)
	}
	if err := max.owns(id, "mia", true); err != nil {
		t.Fatal(err)
	}
	if err := mia.owns(id, "max", false); err != nil {
		t.Fatal(err)
	}
	if err := max.owns(id, "max", true); ruleOf(err) != chat.RuleNotOwner {
		t.Errorf("who is no owner any more makes an owner: %v", err)
	}
	if err := mia.owns(id, "mia", false); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("the last owner stops being one: %v", err)
	}
	if err := mia.ask(chat.RoomSetOwner, chat.RoomSetOwnerArgs{ConversationID: id, UserID: r.users["ana"], Owner: true}, nil); err == nil || err.Code != chat.CodeUnknown {
		t.Errorf("who is not in it becomes an owner: %v", err)
	}
	mia.mustAsk(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["sue"], r.users["max"]}}, nil)
	got := mia.inRoom(id)
	var told []string
	for i, n := range got.Room.Notes {
		if n.N != int64(i)+1 || n.AfterN != 0 || n.At == 0 {
			t.Errorf("note %d is %+v", i, n)
		}
		told = append(told, fmt.Sprint(n.Kind, " ", n.Text, " ", len(n.UserIDs)))
	}
	want := []string{"renamed Broken glass 0", "ownersInvite  0", "membersTopic  0", "topic What breaks 0", "owner  1", "ownerNoMore  1", "removed  2"}
	if !slices.Equal(told, want) || got.Name != name || got.Room.Topic != "What breaks" || len(got.Participants) != 2 {
		t.Errorf("mia holds %+v with the notes %q", got, told)
	}
	for _, c := range []*client{max, sue} {
		c.barrier()
		c.mustNotReach(id)
	}
}

// TestRoom_lastOwnerGoes: as long as anybody is in a room, somebody owns it who is active: whoever the last owner names, else who has
// been in it longest.
func TestRoom_lastOwnerGoes(t *testing.T) {
	r := newRig(t)
	max, mia, sue := r.connect("max"), r.connect("mia"), r.connect("sue")
	id := max.makes("Glass", "sue")
	max.invites(id, "mia")
	max.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	if got := mia.ownersOf(id); !slices.Equal(got, []string{"sue"}) {
		t.Errorf("after max went the room is owned by %v", got)
	}
	if notes := mia.inRoom(id).Room.Notes; len(notes) != 1 || notes[0].Kind != chat.NoteOwner || notes[0].ByID != "" {
		t.Errorf("the notes are %+v", notes)
	}
	sue.mustAsk(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["max"], r.users["ada"]}}, nil)
	for _, who := range []string{"ana", "sue"} { // nobody who is not in it, nor oneself
		if err := sue.ask(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id, SuccessorID: r.users[who]}, nil); err == nil || err.Code != chat.CodeUnknown {
			t.Errorf("%s succeeds: %v", who, err)
		}
	}
	sue.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id, SuccessorID: r.users["max"]}, nil)
	if got := mia.ownersOf(id); !slices.Equal(got, []string{"max"}) {
		t.Errorf("after sue handed over the room is owned by %v", got)
	}
	no, yes := false, true
	r.update("max", func(a *chat.UserUpdateArgs) { a.Active = &no })
	if got := mia.ownersOf(id); !slices.Equal(got, []string{"max", "mia"}) {
		t.Errorf("after max was deactivated the room is owned by %v", got)
	}
	r.update("max", func(a *chat.UserUpdateArgs) { a.Active = &yes })
	mia.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	ada := r.connect("ada")
	agent := chat.RoleAgent
	r.update("max", func(a *chat.UserUpdateArgs) { a.Role = &agent }) // who becomes an agent leaves (EXP-19)
	if got := ada.ownersOf(id); !slices.Equal(got, []string{"ada"}) {
		t.Errorf("after all others went the room is owned by %v", got)
	}
}

// TestRoom_emptyAndFull: a public room that everybody has left belongs to whoever joins it next; one that is full takes nobody in.
func TestRoom_emptyAndFull(t *testing.T) {
	r := newRig(t)
	max, sue := r.connect("max"), r.connect("sue")
	id := max.opens("Glass", "")
	max.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	if got := sue.findsRooms(""); len(got) != 1 || got[0].Members != 0 {
		t.Errorf("sue finds %+v", got)
	}
	if err := sue.joins(id); err != nil {
		t.Fatal(err)
	}
	if got := sue.ownersOf(id); !slices.Equal(got, []string{"sue"}) {
		t.Errorf("the room is owned by %v", got)
	}
	b := newBatch(r.hub.facts.Load(), r.hub.now(), map[chat.MessageID]store.Posted{})
	c := b.facts.conversation(id)
	full := *c
	for i := range chat.MaxRoomMembers - 1 {
		full.places = full.places.with(chat.UserID(fmt.Sprint("u", i)), place{})
	}
	b.setConversation(&full)
	_, err := joinRoom(b, b.facts.user(r.users["max"]), max.actor, chat.RoomJoinArgs{ConversationID: id})
	if chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("joining a room of %d: %v", chat.MaxRoomMembers, err)
	}
}

// TestRoom_limits: what is beyond a limit, or of another form, changes nothing.
func TestRoom_limits(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	id := max.makes("Glass", "mia")
	long, lines, blank := strings.Repeat("t", chat.MaxTopicLength+1), "one\ntwo", " "
	crowd := make([]chat.UserID, chat.MaxRemoved+1)
	for i := range crowd {
		crowd[i] = chat.UserID(chat.NewUUID())
	}
	for what, err := range map[string]*chat.Error{
		"a long topic":     max.ask(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: id, Topic: long}, nil),
		"a topic of lines": max.ask(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: id, Topic: lines}, nil),
		"no name":          max.updates(id, func(a *chat.RoomUpdateArgs) { a.Name = &blank }),
		"oneself":          max.ask(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["max"]}}, nil),
		"too many":         max.ask(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: crowd}, nil),
		"no limit":         max.ask(chat.RoomFind, chat.RoomFindArgs{}, nil),
		"a high limit":     max.ask(chat.RoomFind, chat.RoomFindArgs{Limit: chat.MaxFoundRooms + 1}, nil),
	} {
		if err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range chat.MaxRoomNotes + 5 {
		max.mustAsk(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: id, Topic: fmt.Sprint("topic ", i)}, nil)
	}
	if notes := max.inRoom(id).Room.Notes; len(notes) != chat.MaxRoomNotes || notes[0].N != 6 {
		t.Errorf("%d notes are kept, from %d on", len(notes), notes[0].N)
	}
	max.mustAsk(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: id, Topic: blank}, nil)
	if room := max.inRoom(id).Room; room.Topic != "" {
		t.Errorf("the topic is %q", room.Topic)
	}
}

// TestRoom_auditOfPublicOnes: the audit log, which administrators read, has the changes of rooms they may find, and no others.
func TestRoom_auditOfPublicOnes(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	before := len(r.auditLog(chat.AuditListArgs{}))
	yes := true
	private, public := max.makes("Theirs", "mia"), max.opens("Everybody's", "", "mia", "sue")
	name := "Another"
	for _, id := range []chat.ConversationID{private, public} {
		if err := max.updates(id, func(a *chat.RoomUpdateArgs) { a.Name = &name }); err != nil {
			t.Fatal(err)
		}
		if err := max.owns(id, "mia", true); err != nil {
			t.Fatal(err)
		}
		max.mustAsk(chat.RoomRemove, chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{r.users["mia"]}}, nil)
	}
	entries := r.auditLog(chat.AuditListArgs{})
	raw, err := json.Marshal(entries[:len(entries)-before])
	if err != nil || len(entries)-before != 4 || strings.Contains(string(raw), string(private)) {
		t.Errorf("the audit log has %d entries more: %s, %v", len(entries)-before, raw, err)
	}
	if err := max.updates(private, func(a *chat.RoomUpdateArgs) { a.Public = &yes }); err != nil {
		t.Fatal(err)
	}
	if e := r.auditLog(chat.AuditListArgs{})[0]; e.Command != chat.RoomUpdate || e.Subject.ID != string(private) || e.Changes[0].Field != "public" {
		t.Errorf("opening a room is noted as %+v", e)
	}
}

// TestRoom_kept: what was decided about rooms is there after a restart, public ones found.
func TestRoom_kept(t *testing.T) {
	r := newRig(t)
	max, sue := r.connect("max"), r.connect("sue")
	id := max.opens("Glass", "What breaks", "mia")
	if err := max.owns(id, "mia", true); err != nil {
		t.Fatal(err)
	}
	st, err := r.hub.o.Store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, now := newFacts(st).conversation(id).told(), r.hub.facts.Load().conversation(id).told()
	a, b := mustEncode(again), mustEncode(now)
	if string(a) != string(b) || len(again.Room.OwnerIDs) != 2 || len(again.Room.Notes) != 1 {
		t.Errorf("after a restart the room is %s, before it was %s", a, b)
	}
	if f := newFacts(st); f.publicRooms.size != 1 {
		t.Errorf("%d rooms are found after a restart", f.publicRooms.size)
	}
	if len(sue.findsRooms("glass")) != 1 {
		t.Error("sue does not find the room")
	}
}
