package hub

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parley/backend/chat"
)

// TestManyAtOnce lets everybody write, mark and leave at the same time, while rules change under them. Each client checks
// every frame as it comes (no gaps, numbers without holes, nothing of the unknown); in the end each holds what a fresh
// snapshot says, and the log is dense.
func TestManyAtOnce(t *testing.T) {
	r := newRig(t, func(o *Options) { o.QueueEvents, o.FrameBytes = 16, 4<<10 })
	for _, name := range []string{"ana", "ben", "eve"} {
		r.startsAll(name)
	}
	names := []string{"ana", "ben", "eve", "sue", "max", "mia"}
	var wg sync.WaitGroup
	clients := make([]*client, len(names))
	for i, name := range names {
		clients[i] = r.connect(name)
	}
	for i, c := range clients {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(i), 7))
			for n := range 60 {
				with := names[rnd.IntN(len(names))]
				switch rnd.IntN(12) {
				case 0:
					c.feed.Close()
					c.attach()
				case 1:
					c.ask(chat.DraftSet, chat.DraftSetArgs{ConversationID: c.direct(c.name, with), Text: fmt.Sprint("draft ", n)}, nil)
				case 2:
					c.ask(chat.ReadMark, chat.ReadMarkArgs{ConversationID: c.direct(c.name, with), N: 5}, nil)
				case 3:
					c.ask(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkWrapUp}, nil)
				case 4:
					c.barrier()
				default:
					_, err := c.post(with, fmt.Sprint(c.name, n))
					if err != nil && err.Code != chat.CodeUnknown {
						t.Errorf("%s to %s: %v", c.name, with, err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		for n := range 30 {
			r.moveTo([]string{"ana", "ben", "eve"}[n%3], []string{"North", "South"}[n/3%2])
			r.organisation(func(o *chat.Organisation) { o.Name = fmt.Sprint("Name ", n) })
		}
	})
	wg.Wait()
	for _, c := range clients {
		c.same()
	}
	r.close()
	r.open()
	r.dense()
}

// dense fails the test unless each place of the log is taken once.
func (r *rig) dense() {
	r.t.Helper()
	var entries, head int64
	r.queryRow("SELECT count(*), max(seq) FROM (SELECT seq FROM message UNION ALL SELECT seq FROM event)", &entries, &head)
	if entries != head || head != r.hub.facts.Load().head {
		r.t.Errorf("the log has %d entries up to %d, the facts know %d", entries, head, r.hub.facts.Load().head)
	}
}

// TestSessionEnds_whileInUse ends sessions while they are used: whatever was answered with ok is in the log, and nothing is
// answered afterwards.
func TestSessionEnds_whileInUse(t *testing.T) {
	r := newRig(t)
	var wg sync.WaitGroup
	for _, name := range []string{"max", "mia", "sue"} {
		c := r.connect(name)
		wg.Go(func() {
			for n := range int64(1000) {
				c.feed.Do(t.Context(), n+10, chat.MessagePost, mustEncode(chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct(name, "ana"), Text: "x"}))
				if _, err := c.tryRead(); err != nil {
					if !errors.Is(err, ErrSignedOut) {
						t.Errorf("%s: %v", name, err)
					}
					return
				}
			}
			t.Errorf("%s was never cut", name)
		})
		wg.Go(func() {
			for r.hub.Stats().Posts < 20 {
				r.must(Console, chat.Ping, nil, nil)
			}
			no := false
			r.update(name, func(a *chat.UserUpdateArgs) { a.Active = &no })
		})
	}
	wg.Wait()
	r.dense()
}
