package rig_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// gather has somebody make a room and returns its id.
func gather(by *rig.Actor, name string, with ...*rig.Actor) chat.ConversationID {
	args := chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: name, Participants: []chat.UserID{}}
	for _, a := range with {
		args.Participants = append(args.Participants, a.ID)
	}
	by.Do(chat.RoomCreate, args, nil)
	return args.ID
}

// roomCommands is every command that names a room.
func roomCommands(id chat.ConversationID, other chat.UserID) map[chat.CommandName]any {
	return map[chat.CommandName]any{
		chat.MessagePost: chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "may I?"},
		chat.HistoryLoad: chat.HistoryLoadArgs{ConversationID: id, Limit: 10},
		chat.ReadMark:    chat.ReadMarkArgs{ConversationID: id, N: 1},
		chat.TypingSet:   chat.TypingSetArgs{ConversationID: id, Typing: true},
		chat.DraftSet:    chat.DraftSetArgs{ConversationID: id, Text: "half a"},
		chat.RoomInvite:  chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{other}},
		chat.RoomLeave:   chat.RoomLeaveArgs{ConversationID: id},

		chat.RoomJoin:     chat.RoomJoinArgs{ConversationID: id},
		chat.RoomSetTopic: chat.RoomSetTopicArgs{ConversationID: id, Topic: "mine"},
		chat.RoomUpdate:   chat.RoomUpdateArgs{ConversationID: id, Public: new(bool)},
		chat.RoomSetOwner: chat.RoomSetOwnerArgs{ConversationID: id, UserID: other, Owner: true},
		chat.RoomRemove:   chat.RoomRemoveArgs{ConversationID: id, UserIDs: []chat.UserID{other}},
	}
}

// TestRoom_sameAnswerAsForNone: to who is no member, to who has left, and to an agent a room is answered like one that is not
// there, to the byte. The twin, a member, may do it all.
func TestRoom_sameAnswerAsForNone(t *testing.T) {
	s := rig.Start(t)
	liam, amparo, renata, stellan, mira := s.As("liam"), s.As("amparo"), s.As("renata"), s.As("stellan"), s.As("mira")
	id := gather(liam, "A secret room", amparo, renata)
	liam.Do(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "among us"}, nil)
	renata.ExpectText("among us")
	renata.Do(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	for _, who := range []*rig.Actor{renata, stellan, mira} {
		answer := func(name chat.CommandName, args any) string {
			var ok json.RawMessage
			err := who.Try(name, args, &ok)
			var refusal *chat.Error
			if err != nil && !errors.As(err, &refusal) {
				t.Fatalf("%s: %s: %v", who.Name, name, err)
			}
			text, err := json.Marshal([]any{ok, refusal})
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		there, none := roomCommands(id, amparo.ID), roomCommands(chat.NewRoomID(), amparo.ID)
		for name := range there {
			got, want := answer(name, there[name]), answer(name, none[name])
			if got != want {
				t.Errorf("%s: %s answers %s for a room of others and %s for none", who.Name, name, got, want)
			}
			if name != chat.TypingSet && !strings.Contains(got, string(chat.CodeUnknown)) {
				t.Errorf("%s: %s answers %s", who.Name, name, got)
			}
		}
		if _, has := who.Fresh().Conversations[id]; has {
			t.Errorf("%s finds the room at a new start", who.Name)
		}
	}
	for _, who := range []*rig.Actor{stellan, mira} {
		if strings.Contains(who.Heard(), string(id)) || strings.Contains(who.Heard(), "secret") || strings.Contains(who.Heard(), "among us") {
			t.Errorf("%s was told of the room", who.Name)
		}
	}
	for _, name := range []chat.CommandName{chat.MessagePost, chat.HistoryLoad, chat.ReadMark, chat.TypingSet, chat.DraftSet, chat.RoomInvite, chat.RoomLeave} {
		amparo.Do(name, roomCommands(id, stellan.ID)[name], nil)
	}
	liam.ExpectSignal("amparo types", func(g chat.Signal) bool { return g.Type == chat.SignalTyping && g.UserID == amparo.ID })
	for _, g := range liam.Signals() {
		if g.Type == chat.SignalTyping && g.UserID != amparo.ID {
			t.Errorf("%s, who is no member, is shown as typing", g.UserID)
		}
	}
	liam.Barrier()
	if world, fresh := liam.World(), liam.Fresh(); world.Render() != fresh.Render() {
		t.Errorf("liam holds\n%s\nand a new device is told\n%s", world.Render(), fresh.Render())
	}
}

// TestRoom_refusedWithItsReason: each refusal has a twin that is allowed.
func TestRoom_refusedWithItsReason(t *testing.T) {
	s := rig.Start(t)
	liam, amparo, mira, ines := s.As("liam"), s.As("amparo"), s.As("mira"), s.As("ines")
	with := func(who ...chat.UserID) chat.RoomCreateArgs {
		return chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: "Quality", Participants: who}
	}
	refusedBy(t, mira.Refused(chat.RoomCreate, with(liam.ID)), chat.GateGrant, chat.RuleDirectOnly)
	refusedBy(t, mira.Refused(chat.RoomCreate, with(s.ID("una"))), chat.GateGrant, chat.RuleDirectOnly) // behind the wall: no other words
	refusedBy(t, liam.Refused(chat.RoomCreate, with(amparo.ID, mira.ID)), chat.GateGrant, chat.RuleDirectOnly)
	args := with(amparo.ID)
	liam.Do(chat.RoomCreate, args, nil)
	refusedBy(t, amparo.Refused(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: args.ID, UserIDs: []chat.UserID{mira.ID}}), chat.GateGrant, chat.RuleDirectOnly)
	amparo.Do(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: args.ID, UserIDs: []chat.UserID{ines.ID}}, nil)
	if e := liam.Refused(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: args.ID, UserIDs: []chat.UserID{chat.UserID(chat.NewUUID())}}); e.Code != chat.CodeUnknown {
		t.Errorf("inviting nobody: %+v", e)
	}
	mode := ines.World().Organisation
	mode.Mode = chat.ModeAdministratorsStart
	ines.Do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: mode}, nil)
	refusedBy(t, liam.Refused(chat.RoomCreate, with(amparo.ID)), chat.GateSwitch, chat.RuleAdministratorsStart)
	ines.Do(chat.RoomCreate, with(amparo.ID), nil)
	mode = ines.World().Organisation
	mode.Messaging = false
	ines.Do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: mode}, nil)
	refusedBy(t, ines.Refused(chat.RoomCreate, with(amparo.ID)), chat.GateSwitch, chat.RuleMessagingOff)
	refusedBy(t, amparo.Refused(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: args.ID, Text: "off"}), chat.GateSwitch, chat.RuleMessagingOff)
}

// TestRoom_resume: what became of rooms while a client was away is told when it comes back.
func TestRoom_resume(t *testing.T) {
	s := rig.Start(t)
	liam, amparo := s.As("liam"), s.As("amparo")
	left, kept := gather(liam, "Left", amparo), gather(liam, "Kept", amparo)
	amparo.Barrier()
	amparo.Disconnect()
	there := s.Absent("amparo", s.URL)
	there.Connect()
	there.Do(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: left}, nil)
	entered := gather(liam, "Entered", amparo)
	for _, id := range []chat.ConversationID{left, kept, entered} {
		liam.Do(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "in " + string(id)}, nil)
	}
	amparo.Connect()
	amparo.Barrier()
	world, fresh := amparo.World(), amparo.Fresh()
	if world.Render() != fresh.Render() {
		t.Errorf("amparo holds\n%s\nand a new device is told\n%s", world.Render(), fresh.Render())
	}
	if strings.Contains(amparo.Heard(), "in "+string(left)) || len(amparo.Resets()) != 1 {
		t.Errorf("resets: %v, or the room that was left goes on", amparo.Resets())
	}
	if _, has := world.Conversations[entered]; !has || world.Conversations[kept].LastN != 1 {
		t.Errorf("amparo holds %v", world.Conversations)
	}
}
