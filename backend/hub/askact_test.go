package hub

import (
	"fmt"
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

// TestCommands_administrationAsksItsAct: whoever holds one permission alone may give those commands, and no others, whose act in
// chat.Commands that permission opens; without any, with all of them, and as an administrator.
func TestCommands_administrationAsksItsAct(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := []chat.Permission{chat.PermissionViewSetup, chat.PermissionManageUsers, chat.PermissionManageInternalUsers,
		chat.PermissionManagePermissionSets, chat.PermissionAssignPermissionSets, chat.PermissionConfigureMessaging}
	kits := [][]chat.Permission{nil, all}
	for _, p := range all {
		kits = append(kits, []chat.Permission{p})
	}
	people := []string{"ada"}
	for i, kit := range kits {
		name := fmt.Sprint("sun", i)
		var added chat.UserAddAnswer
		r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleSupervisor, Password: password}, &added)
		r.users[name] = added.UserID
		people = append(people, name)
		set := r.set(chat.PermissionSet{Label: "Of " + name, Permissions: kit})
		r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(name), Enable: []chat.SetRevision{set.Seen()}}, nil)
	}
	opened := map[chat.CommandName]bool{}
	for i, name := range people {
		a := r.signIn(name)
		f := r.hub.facts.Load()
		for command, act := range chat.Commands {
			if !act.Administers() {
				continue
			}
			err := r.do(a, command, struct{}{}, nil) // of no use, but for its refusal
			refused := err != nil && chat.AsError(err).Code == chat.CodeDenied
			may := policy.May(act, policy.Facts{Organisation: &f.organisation.Organisation, Actor: f.user(a.UserID).person}).Allowed
			if refused == may {
				t.Errorf("%s by %s (%v), who may %s: %t, is answered %v", command, name, append([][]chat.Permission{nil}, kits...)[i], act, may, err)
			}
			opened[command] = opened[command] || may && name != "ada"
		}
	}
	for command, act := range chat.Commands {
		if act.Administers() && opened[command] == (act == chat.ActConfigure) {
			t.Errorf("%s needs %s and is opened by a permission: %t", command, act, opened[command])
		}
	}
}

// inConversation are the commands on a conversation that exists or might.
func inConversation(id chat.ConversationID, other chat.UserID) map[chat.CommandName]any {
	return map[chat.CommandName]any{
		chat.MessagePost:     chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "may I?"},
		chat.HistoryLoad:     chat.HistoryLoadArgs{ConversationID: id, Limit: 5},
		chat.MessageSearch:   chat.MessageSearchArgs{Text: "to", ConversationID: id, Limit: 5},
		chat.ReadMark:        chat.ReadMarkArgs{ConversationID: id, N: 1},
		chat.DraftSet:        chat.DraftSetArgs{ConversationID: id, Text: "half"},
		chat.RoomInvite:      chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{other}},
		chat.TranscriptLoad:  chat.HistoryLoadArgs{ConversationID: id, Limit: 5},
		chat.TranscriptWatch: chat.TranscriptWatchArgs{ConversationID: id},
	}
}

// TestCommands_onConversationsAskTheirAct: everybody may give the commands on each conversation of each two, and on a room, whose act
// in chat.Commands the policy allows them there, and no others; also after rights were taken.
func TestCommands_onConversationsAskTheirAct(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	room := r.everyType()
	r.watchers("ana", []string{"sue"}, nil)
	r.watchers("eve", nil, []string{"sue"})
	seen := map[string]bool{}
	look := func(by string, pair [2]string, id chat.ConversationID) {
		t.Helper()
		a := r.signIn(by)
		for command, args := range inConversation(id, r.users["mia"]) {
			act := chat.Commands[command]
			if command == chat.RoomInvite && !id.IsRoom() {
				continue // a conversation of two has no members to invite: unknown to everybody
			}
			may := policy.May(act, r.questionOn(act, a.UserID, pair, id)).Allowed
			err := r.do(a, command, args, nil)
			code := chat.Code("")
			if err != nil {
				code = chat.AsError(err).Code
			}
			if refused := code == chat.CodeDenied || code == chat.CodeUnknown; refused == may {
				t.Errorf("%s of %s and %s, %s, by %s, who may %s there: %t, is answered %v", command, pair[0], pair[1], id, by, act, may, err)
			}
			seen[fmt.Sprint(act, may)] = true
		}
	}
	everywhere := func() {
		t.Helper()
		for _, by := range cast {
			look(by.Name, [2]string{}, room)
			for i, one := range cast {
				for _, two := range cast[i+1:] {
					look(by.Name, [2]string{one.Name, two.Name}, r.direct(one.Name, two.Name))
				}
			}
		}
	}
	everywhere()
	r.takeRights(room)
	everywhere()
	for _, act := range []chat.Act{chat.ActPost, chat.ActRead, chat.ActInvite, chat.ActTranscript, chat.ActMonitor} {
		if !seen[string(act)+"true"] || !seen[string(act)+"false"] {
			t.Errorf("%s was never allowed, or never refused", act)
		}
	}
}

// questionOn asks about a conversation of two, or a room if pair is empty.
func (r *rig) questionOn(act chat.Act, by chat.UserID, pair [2]string, id chat.ConversationID) policy.Facts {
	f := r.hub.facts.Load()
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: f.user(by).person, Now: r.hub.now()}
	c := f.conversation(id)
	if id.IsRoom() {
		_, q.Participant = c.place(by)
		if act != chat.ActInvite { // which is about a person
			q.Room = true
			return q
		}
		q.Other = f.user(r.users["mia"]).person
		return q
	}
	other, mine := id.OtherThan(by)
	if q.Participant = mine; mine {
		q.Other = f.user(other).person
		if c != nil {
			p, _ := c.place(other)
			q.OtherWroteAt = p.wroteAt
		}
	}
	if c != nil && slices.Contains([]chat.Act{chat.ActTranscript, chat.ActMonitor}, act) {
		q.Watched = policy.Watched{Monitoring: f.watchers}
		for i, name := range pair {
			q.Watched.Pair[i] = f.user(r.users[name]).person
		}
	}
	return q
}
