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
			readsIn("sue", n, 1), draftsIn("sue", n, "dear all"), invites("sue", n, "sue"), leaves("sue", n),
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
