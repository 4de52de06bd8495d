package proof

import (
	"fmt"
	"testing"
	"time"

	"parley/backend/chat"
)

// roomSecrets are what sue, a supervisor whom no wall stands before, must not notice of rooms that are not hers: of one she was
// never in, and of one that she has left.
var roomSecrets = []equalityStep{
	gathers("max", 8, "Theirs", "ada"), secretlyIn("max", 8, "among us"), secretlyIn("ada", 8, "indeed"), draftsIn("max", 8, "half a secret"),
	readsIn("max", 8, 2), {by: "max", do: chat.TypingSet, args: func(*equality) any {
		return chat.TypingSetArgs{ConversationID: equalityRoom(8), Typing: true}
	}},
	secretlyIn("max", 9, "she has left"), leaves("ada", 9), secretlyIn("max", 9, "both have"), invites("max", 9, "ada"), leaves("ada", 8),
	topics("max", 9, "what she must not know"), decides("max", 9, "another name", func(a *chat.RoomUpdateArgs) {
		name, yes := "Theirs alone", true
		a.Name, a.OwnersInvite = &name, &yes
	}), owns("max", 9, "ada", true), removes("ada", 9, "max"),
}

// playRooms returns what sue is told while the secrets happen, or do not.
func playRooms(t *testing.T, happens, member bool) []string {
	t.Helper()
	e := newEquality(t)
	begin := []equalityStep{gathers("max", 9, "Once hers", "sue", "ada"), saysIn("max", 9, "welcome"), saysIn("sue", 9, "thanks")}
	if !member {
		begin = append(begin, leaves("sue", 9))
	}
	for i := range begin {
		e.do(&begin[i])
	}
	sue := e.of("sue")
	sue.heard = nil
	for i := range roomSecrets {
		if happens {
			e.do(&roomSecrets[i])
		}
		e.clock = e.clock.Add(time.Second)
		visible := says("max", "sue", fmt.Sprint("in sight ", i))
		e.do(&visible)
		if i%4 == 3 { // an absence ends
			sue.feed.Close()
			sue.connect()
			e.settle()
		}
	}
	for _, n := range []int{8, 9} {
		id := equalityRoom(n)
		for _, p := range []equalityStep{
			{by: "sue", do: chat.MessagePost, args: func(*equality) any {
				return chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000003", ConversationID: id, Text: "may I?"}
			}},
			{by: "sue", do: chat.HistoryLoad, args: func(*equality) any { return chat.HistoryLoadArgs{ConversationID: id, Limit: 10} }},
			{by: "sue", do: chat.TypingSet, args: func(*equality) any { return chat.TypingSetArgs{ConversationID: id, Typing: true} }},
			readsIn("sue", n, 1), draftsIn("sue", n, "dear all"), invites("sue", n, "sue"), leaves("sue", n), joins("sue", n), topics("sue", n, "mine"),
			decides("sue", n, "mine", func(a *chat.RoomUpdateArgs) {}), owns("sue", n, "sue", true), removes("sue", n, "max"), looks("sue", ""),
			{by: "sue", do: chat.ExplainAsk, args: func(*equality) any { return chat.ExplainAskArgs{Act: chat.ActJoin, ConversationID: id} }},
		} {
			e.try(&p)
			e.settle()
		}
	}
	sue.feed.Close() // and what somebody new is told
	sue.cursor = ""
	sue.connect()
	e.settle()
	return plainWords(sue.heard)
}

// TestTwoWorlds_rooms: a room leaves no trace for whoever is not in it. The control: a member does notice.
func TestTwoWorlds_rooms(t *testing.T) {
	one, two := playRooms(t, true, false), playRooms(t, false, false)
	if diff := firstDifference(one, two); diff != "" {
		t.Errorf("sue can tell the worlds apart: %s", diff)
	}
	if firstDifference(playRooms(t, true, true), two) == "" {
		t.Error("a member is told the same as somebody who has left")
	}
}

// roomProbes ask, as an agent, for a public room of the story's.
func roomProbes(of string) []probe {
	steps := []equalityStep{looks("ana", ""), looks("ana", "open"), joins("ana", 11), topics("ana", 11, "mine"),
		decides("ana", 11, "mine", func(*chat.RoomUpdateArgs) {}), owns("ana", 11, "ana", true), removes("ana", 11, of), leaves("ana", 11), invites("ana", 11, "ana")}
	probes := []probe{{chat.ExplainAsk, func(*equality) any { return chat.ExplainAskArgs{Act: chat.ActJoin, ConversationID: equalityRoom(11)} }},
		{chat.RequestMake, func(*equality) any { return chat.RequestMakeArgs{Act: chat.ActJoin, ConversationID: equalityRoom(11)} }},
		{chat.MessageSearch, func(*equality) any {
			return chat.MessageSearchArgs{Text: "open", ConversationID: equalityRoom(11), Limit: 5}
		}},
		{chat.HistoryLoad, func(*equality) any { return chat.HistoryLoadArgs{ConversationID: equalityRoom(11), Limit: 5} }}}
	for _, s := range steps {
		probes = append(probes, probe{s.do, s.args})
	}
	return probes
}

// Public rooms are hidden from agents whatever happens in them.
func init() {
	secrets = append(secrets,
		inOrder("a public room", chat.RoomCreate, opens("max", 11, "Open", "for all of us"), secretlyIn("max", 11, "an open word")),
		silently(looks("ada", "open"), "it only reads"),
		inOrder("somebody joins", chat.RoomJoin, opens("max", 12, "Joined", ""), joins("sue", 12), joins("ada", 12), secretlyIn("sue", 12, "here I am")),
		inOrder("a topic", chat.RoomSetTopic, gathers("max", 13, "Topics", "sue"), topics("max", 13, "of the day"), topics("max", 13, "")),
		inOrder("a room is opened, and closed", chat.RoomUpdate, gathers("max", 14, "Doors", "sue"), decides("max", 14, "public", func(a *chat.RoomUpdateArgs) {
			yes := true
			a.Public = &yes
		}), joins("ada", 14), decides("max", 14, "private", func(a *chat.RoomUpdateArgs) { a.Public = new(bool) })),
		inOrder("an owner more", chat.RoomSetOwner, opens("max", 15, "Owners", "", "sue"), owns("max", 15, "sue", true), owns("sue", 15, "max", false)),
		inOrder("a member is taken out", chat.RoomRemove, opens("max", 16, "Out", "", "sue", "ada"), removes("max", 16, "sue")))
}

// playReceipts returns what ana, an agent, and max, an expert, are told while max reads what she wrote, or does not.
func playReceipts(t *testing.T, reading bool) (agent, expert []string) {
	t.Helper()
	e := newEquality(t)
	ana, max := e.of("ana"), e.of("max")
	for i := range 6 {
		for _, s := range []equalityStep{says("max", "ana", fmt.Sprint("well? ", i)), says("ana", "max", fmt.Sprint("so ", i))} {
			e.do(&s)
		}
		if reading {
			mark := reads("max", "ana", int64(2*i+2))
			e.do(&mark)
		}
		e.clock = e.clock.Add(time.Second)
		if i%3 == 2 { // an absence ends
			ana.feed.Close()
			ana.connect()
			e.settle()
		}
	}
	history := equalityStep{by: "ana", do: chat.HistoryLoad, args: func(*equality) any {
		return chat.HistoryLoadArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), Limit: 20}
	}}
	e.do(&history)
	ana.feed.Close() // and what somebody new is told
	ana.cursor = ""
	ana.connect()
	e.settle()
	return plainWords(ana.heard), plainWords(max.heard)
}

// TestTwoWorlds_receipts: an agent cannot tell whether an expert has read (EXP-16). The control: the expert's own devices can.
func TestTwoWorlds_receipts(t *testing.T) {
	read, own := playReceipts(t, true)
	unread, ownUnread := playReceipts(t, false)
	if diff := firstDifference(read, unread); diff != "" {
		t.Errorf("ana can tell the worlds apart: %s", diff)
	}
	if firstDifference(own, ownUnread) == "" {
		t.Error("max is told the same whether or not he has read")
	}
}
