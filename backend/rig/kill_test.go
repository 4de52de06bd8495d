package rig_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// steps counts what clients do, so that a test can act at the n-th step rather than at a time.
type steps struct {
	mu      sync.Mutex
	changed *sync.Cond
	n       int
}

func newSteps() *steps {
	s := &steps{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *steps) step() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	s.changed.Broadcast()
}

// await waits for n more steps.
func (s *steps) await(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for until := s.n + n; s.n < until; {
		s.changed.Wait()
	}
}

// TestKill_nothingPostedIsLost kills the server's program again and again, at steps drawn by a seed, while three clients
// write, and looks at what is there in the end.
func TestKill_nothingPostedIsLost(t *testing.T) {
	const rounds = 20
	p := rig.NewProcess(t)
	clients := map[string]*rig.Actor{"liam": p.As("liam"), "mira": p.As("mira"), "renata": p.As("renata")}
	count := newSteps()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	answered := map[string]map[chat.MessageID]int64{}
	for from, to := range map[string]string{"liam": "mira", "mira": "liam", "renata": "mira"} {
		a, posted := clients[from], map[chat.MessageID]int64{}
		answered[from] = posted
		writing.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				args := a.Message(to, fmt.Sprintf("message %06d", i))
				count.step() // about to write
				answer, err := a.Insist(args, p.AwaitUp)
				if err != nil {
					a.Fail("message %d: %v", i, err)
					return
				}
				posted[args.ID] = answer.N
				count.step() // answered
			}
		})
	}
	random := rand.New(rand.NewPCG(2026, 2))
	for range rounds {
		count.await(1 + random.IntN(60))
		p.Kill()
		p.Start()
	}
	close(stop)
	writing.Wait()

	both := map[chat.MessageID]int64{}
	for _, from := range []string{"liam", "mira"} {
		for id, n := range answered[from] {
			both[id] = n
		}
	}
	checkConversation(t, p.Server, "liam", "mira", both, clients["liam"], clients["mira"])
	checkConversation(t, p.Server, "renata", "mira", answered["renata"], clients["renata"], clients["mira"])
	t.Logf("%d messages answered over %d kills", len(both)+len(answered["renata"]), rounds)
}

// TestRestart_sessionsAndStatusStay stops the program gracefully and starts it again.
func TestRestart_sessionsAndStatusStay(t *testing.T) {
	p := rig.NewProcess(t)
	mira, liam := p.As("mira"), p.As("liam")
	liam.Post("mira", "before the restart")
	mira.Do(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: "Lunch"}, nil)
	mira.Barrier()
	p.Interrupt()
	if end := mira.Ended(); !end.MayReturn() {
		t.Errorf("a restart ended the client with %v", end)
	}
	p.Start()
	for _, a := range []*rig.Actor{mira, liam} {
		a.Disconnect()
		a.Connect() // the same token, the same cursor
		if resets := a.Resets(); len(resets) != 1 {
			t.Errorf("%s was reset: %v", a.Name, resets)
		}
	}
	liam.Until("the break goes on", func(w *rig.World) bool { return w.Presence[mira.ID].Availability == chat.Away })
	mira.Post("liam", "after the restart")
	liam.ExpectText("after the restart")
}
