package replica

import (
	"fmt"
	"testing"

	"parley/backend/chat"
)

// TestCatchUp: who comes back and missed much is told up to when it has been told, until nothing is missing any more; of a little
// nothing is said.
func TestCatchUp(t *testing.T) {
	for what, tt := range map[string]struct{ missed, shown bool }{"much": {true, true}, "a little": {false, false}} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t)
			d.ready()
			d.stop()
			missed := catchUpShown - 1
			if tt.missed {
				missed++
			}
			from := d.hub.says(ben, "missed 1")
			for n := 2; n <= missed; n++ {
				d.hub.says(ben, fmt.Sprintf("missed %d", n))
			}
			d.hub.set(func() { d.hub.holdPresence = true })
			d.start()
			v := d.page()
			v.await("all of it is here", func() bool {
				texts := v.texts[withBen]
				return len(texts) > 0 && texts[len(texts)-1] == fmt.Sprintf("missed %d", missed)
			})
			var told *chat.CatchUp
			v.await("the signal that followed the events", func() bool { told = v.link.CatchUp; return !tt.shown || told != nil })
			if !tt.shown {
				if told != nil {
					t.Errorf("told %+v", told)
				}
				return
			}
			if told == nil || told.FromAt != from.At || told.At < told.FromAt || told.ToAt < told.At {
				t.Errorf("told %+v, missed from %d", told, from.At)
			}
			d.hub.tell(benIsPresent())
			v.await("it is over", func() bool { return v.link.CatchUp == nil })
		})
	}
}
