package proof

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// A point is a place in the program's life where it is killed: the n-th call of a kind that one of its threads makes. strace
// counts the calls of each thread, and the one thread that first comes to its n-th ends the program.
type point struct {
	calls string
	n     int
}

// killers are what a program can be killed at. Opening a database makes about 16 writes of its shared memory; small numbers
// thus fall into the start, where what was left by the kill before is recovered.
var killers = []struct {
	calls  string
	within int
}{
	{"pwrite64", 60}, {"pwrite64", 60}, {"pwrite64", 120}, {"fsync,fdatasync", 6}, {"fsync,fdatasync", 20}, {"ftruncate,unlink", 4},
}

func randomPoint(random *rand.Rand) point {
	k := killers[random.IntN(len(killers))]
	return point{k.calls, 1 + random.IntN(k.within)}
}

// under returns the command that lets a program run until it comes to the point. Not with --seccomp-bpf: strace 6.1 then
// forgets the signal.
func (p point) under() []string {
	return []string{"strace", "-D", "-f", "-qq", "-o", "/dev/null",
		"-e", "trace=" + p.calls, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", p.calls, p.n)}
}

// perLife is how many messages are written in one life of a program at most; one that has not come to its point by then is
// killed wherever it is.
const perLife = 150

// steps counts what clients do, so that a test acts at a step rather than at a time.
type steps struct {
	mu sync.Mutex
	n  int
	// at is closed when n reaches until.
	until int
	at    chan struct{}
}

func (s *steps) step() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if s.at != nil && s.n >= s.until {
		close(s.at)
		s.at = nil
	}
}

// so tells how many steps were done so far.
func (s *steps) so() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// in returns a channel that is closed after n more steps.
func (s *steps) in(n int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until, s.at = s.n+n, make(chan struct{})
	return s.at
}

// pace lets a writer write so many messages in each life of the program, so that those who are not killed do not write a
// thousand times as much as the one who is.
type pace chan struct{}

const perPace = 10

func newPace() pace { return make(pace, perPace) }

// life allows another perPace messages.
func (p pace) life() {
	for range perPace {
		select {
		case p <- struct{}{}:
		default:
		}
	}
}

// unpaced is the pace of the writers who are killed or wait for who is.
func unpaced() pace {
	p := make(pace)
	close(p)
	return p
}

// writing lets an actor write to another until stop is closed, and notes what it was told.
func writing(a *rig.Actor, to string, o *oracle, count *steps, up func(), at pace, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-at:
		}
		args := a.Message(to, fmt.Sprintf("%06d from %s", i, a.Name))
		answer, err := a.Insist(args, up)
		if err != nil {
			a.Fail("message %d: %v", i, err)
			return
		}
		o.keep(args, answer)
		count.step()
	}
}

// killing runs kill in lots of points, some lots at once, and returns the sum. Each lot has a database of its own, so that its
// beginning is among the points now and then.
func killing(t *testing.T, seed uint64, points int, kill func(t *testing.T, points int, random *rand.Rand) (verdict, int)) (all verdict, struck int) {
	const lot = 50
	var mu sync.Mutex
	t.Run("points", func(t *testing.T) {
		for first := 0; first < points; first += lot {
			t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
				t.Parallel()
				v, hit := kill(t, min(lot, points-first), rand.New(rand.NewPCG(seed, uint64(first))))
				mu.Lock()
				defer mu.Unlock()
				all.add(v)
				struck += hit
			})
		}
	})
	return all, struck
}

// reportKills reports kills and fails unless most of them struck where they were aimed.
func (v *verdict) reportKills(t *testing.T, kind string, points, struck int) {
	t.Helper()
	v.report(t, kind, points, "points", struck, "of them at the very call")
	if struck < points/2 {
		t.Errorf("%s: only %d of %d kills struck at the call they were aimed at", kind, struck, points)
	}
}

// TestKill_server kills the server's program at its n-th write or sync, again and again, while three clients write (F1).
func TestKill_server(t *testing.T) {
	points := size(200, 1200)
	all, struck := killing(t, 1, points, killServer)
	all.reportKills(t, "kill server", points, struck)
}

// killServer kills one server at a number of points. struck counts those where it died by itself, at the call.
func killServer(t *testing.T, points int, random *rand.Rand) (v verdict, struck int) {
	p := rig.NewProcess(t)
	liam, mira, renata := p.As("liam"), p.As("mira"), p.As("renata")
	o, count, stop := newOracle(), &steps{}, make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() { writing(liam, "mira", o, count, p.AwaitUp, unpaced(), stop) })
	writers.Go(func() { writing(mira, "liam", o, count, p.AwaitUp, unpaced(), stop) })
	writers.Go(func() { writing(renata, "mira", o, count, p.AwaitUp, unpaced(), stop) })
	p.Kill()
	for range points {
		at := randomPoint(random)
		if p.StartUnder(at.under()...) == nil {
			select {
			case <-p.Ended():
				struck++
			case <-count.in(perLife):
			}
		} else {
			struck++
		}
		p.Kill()
	}
	p.Start()
	close(stop)
	writers.Wait()
	p.Interrupt() // the last checkpoint, and a start from the database alone
	p.Start()
	for _, a := range []*rig.Actor{liam, mira, renata} {
		a.Disconnect()
		a.Connect()
	}
	for _, pair := range [][2]*rig.Actor{{liam, mira}, {renata, mira}} {
		id := p.Direct(pair[0].Name, pair[1].Name)
		v.add(o.check(t, id, pair[0].History(pair[1].Name), map[string][]chat.Message{
			pair[0].Name: toldOf(pair[0], id), pair[1].Name: toldOf(pair[1], id), "a new device": pair[1].History(pair[0].Name)}))
	}
	return v, struck
}

// TestKill_core kills the desktop's core in the same way, while its page, another desktop's page and a third person write (F1,
// F3). The page repeats what it was not told to be waiting, as people's windows do.
func TestKill_core(t *testing.T) {
	points := size(100, 1200)
	all, struck := killing(t, 2, points, killCore)
	all.reportKills(t, "kill core", points, struck)
}

// pageWriting lets a page write to somebody until stop is closed, and notes what it was told.
func pageWriting(p *page, s *rig.Server, to string, o *oracle, count *steps, at pace, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-at:
		}
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct(p.c.name, to), Text: fmt.Sprintf("%06d from %s", i, p.c.name)}
		answer, err := p.post(args)
		if err != nil {
			p.c.t.Errorf("%s: message %d: %v", p.c.name, i, err)
			return
		}
		o.keep(args, answer)
		count.step()
	}
}

func killCore(t *testing.T, points int, random *rand.Rand) (v verdict, struck int) {
	s := rig.Start(t)
	c, other := newCore(t, "mira", s.URL), newCore(t, "liam", s.URL)
	mira, liam, renata := newPage(c), newPage(other), s.As("renata")
	o, count, stop := newOracle(), &steps{}, make(chan struct{})
	var writers sync.WaitGroup
	liams, renatas := newPace(), newPace()
	writers.Go(func() { pageWriting(mira, s, "liam", o, count, unpaced(), stop) })
	writers.Go(func() { pageWriting(liam, s, "mira", o, &steps{}, liams, stop) })
	writers.Go(func() { writing(renata, "mira", o, &steps{}, func() {}, renatas, stop) })
	c.kill()
	for range points {
		liams.life()
		renatas.life()
		if c.start(randomPoint(random).under()...) == nil {
			select {
			case <-c.gone():
				struck++
			case <-count.in(perLife):
			}
		} else {
			struck++
		}
		c.kill()
	}
	err := c.start()
	close(stop)
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[*page]string{mira: "liam", liam: "mira"} { // what waited before it has gone out when this has
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct(from.c.name, to), Text: "the last"}
		answer, err := from.post(args)
		if err != nil {
			t.Fatal(err)
		}
		o.keep(args, answer)
	}
	witness := s.As("mira")
	for from, reader := range map[string]*rig.Actor{"mira": witness, "liam": witness} {
		reader.Until("the last of "+from, func(w *rig.World) bool {
			for _, m := range w.Conversations[s.Direct("mira", "liam")].Tail {
				if m.Text == "the last" && m.AuthorID == s.ID(from) {
					return true
				}
			}
			return false
		})
	}
	with := s.Direct("mira", "liam")
	history := witness.History("liam")
	mira.settle(with, int64(len(history)))
	liam.settle(with, int64(len(history)))
	v.add(o.check(t, with, history, map[string][]chat.Message{"mira's page": mira.history(with), "liam's page": liam.history(with)}))
	hers := s.Direct("renata", "mira")
	history = renata.History("mira")
	mira.settle(hers, int64(len(history)))
	v.add(o.check(t, hers, history, map[string][]chat.Message{"renata": toldOf(renata, hers), "mira's page": mira.history(hers)}))
	return v, struck
}
