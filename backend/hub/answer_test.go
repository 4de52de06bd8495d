package hub

import (
	"testing"

	"parley/backend/chat"
)

// TestAnswer_followsRulesOfItsDelivery: an answer that waits in the queue of a slow client is not told by the rules of when
// it was asked. The twin, where other rules changed, has its answer.
func TestAnswer_followsRulesOfItsDelivery(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*rig)
		refused bool
	}{
		"the wall rises":       {func(r *rig) { r.moveTo("ben", "South") }, true},
		"somebody else moves":  {func(r *rig) { r.moveTo("eve", "North") }, false},
		"the other one starts": {func(r *rig) { r.startsAll("ben") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.startsAll("ana")
			ana := r.connect("ana")
			ana.mustPost("ben", "between us")
			ana.barrier()
			re := ana.send(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("ana", "ben"), BeforeN: 2, Limit: 10})
			c.change(r)
			ana.until("the history is told", func() bool { return ana.answers[re] != nil })
			a := ana.answers[re]
			if refused := a.Err != nil; refused != c.refused {
				t.Fatalf("answered %s, %v; refused should be %t", a.OK, a.Err, c.refused)
			}
			if never := ana.ask(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: "d.nobody", BeforeN: 2, Limit: 10}, nil); c.refused && *a.Err != *never {
				t.Errorf("refused with %v, and what is not there with %v", a.Err, never)
			}
		})
	}
}
