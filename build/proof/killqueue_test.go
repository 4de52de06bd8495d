package proof

import (
	"fmt"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
)

// TestKill_fullOutbox kills the core with a full outbox, and again while it is being sent (F3, P2): each message arrives once, in
// the order written.
func TestKill_fullOutbox(t *testing.T) {
	queued := size(300, 1000)
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	c, liam := newCore(t, "mira", proxy.URL), s.As("liam")
	mira := newPage(c)
	with := s.Direct("mira", "liam")
	o := newOracle()
	write := func(text string) {
		t.Helper()
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: text}
		answer, err := mira.post(args)
		if err != nil {
			t.Fatal(err)
		}
		o.keep(args, answer)
	}
	proxy.Refuse()
	for i := range queued {
		write(fmt.Sprintf("%06d while offline", i))
	}
	c.kill()
	proxy.Heal()
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	liam.ExpectText(fmt.Sprintf("%06d while offline", queued/3))
	c.kill()
	began := time.Now()
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	liam.ExpectText(fmt.Sprintf("%06d while offline", queued-1))
	took := time.Since(began)
	write("the last")
	liam.ExpectText("the last")
	history := liam.History("mira")
	mira.settle(with, int64(len(history)))
	v := o.check(t, with, history, map[string][]chat.Message{"liam": toldOf(liam, with), "mira's page": mira.history(with)})
	v.report(t, "kill core with a full outbox", queued, "queued", took.Seconds(), "s from the second start until all were delivered")
}
