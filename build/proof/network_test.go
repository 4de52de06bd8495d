package proof

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
)

// script is what a network does in a round, while everybody writes. It returns when it is over; in between it may wait for
// steps, which are messages that were told to be kept.
type script struct {
	what string
	run  func(p *rig.Proxy, random *rand.Rand, steps func(n int))
}

// scripts are the ways of networks.
var scripts = []script{
	{"cut", func(p *rig.Proxy, _ *rand.Rand, _ func(int)) { p.Cut() }},
	{"cut after bytes up", func(p *rig.Proxy, r *rand.Rand, steps func(int)) { p.CutAfter(rig.Up, r.IntN(2000)); steps(5) }},
	{"cut after bytes down", func(p *rig.Proxy, r *rand.Rand, steps func(int)) { p.CutAfter(rig.Down, r.IntN(4000)); steps(5) }},
	{"cut in the handshake", func(p *rig.Proxy, r *rand.Rand, _ func(int)) {
		p.Cut()
		p.CutAfter(rig.Way(r.IntN(2)), r.IntN(300))
	}},
	{"refused for a while", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Refuse(); steps(10) }},
	{"one byte at a time up", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Dribble(rig.Up); steps(10) }},
	{"one byte at a time down", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Dribble(rig.Down); steps(10) }},
	{"one byte at a time both ways, then cut", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		p.Dribble(rig.Up)
		p.Dribble(rig.Down)
		steps(5)
		p.Cut()
	}},
	{"answers held, then cut", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Hold(rig.Down); steps(3); p.Cut() }},
	{"questions held, then cut", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Hold(rig.Up); steps(3); p.Cut() }},
	{"answers held, then released", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Hold(rig.Down); steps(3); p.Release(rig.Down) }},
	{"answers vanish: half-open", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Swallow(rig.Down); steps(3) }},
	{"questions vanish: half-open", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) { p.Swallow(rig.Up); steps(3) }},
	{"everything vanishes: half-open", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		p.Swallow(rig.Up)
		p.Swallow(rig.Down)
		steps(3)
	}},
	{"slow close", func(p *rig.Proxy, r *rand.Rand, steps func(int)) {
		p.Dribble(rig.Down)
		p.CutAfter(rig.Down, 50+r.IntN(500))
		steps(3)
	}},
	{"cut again and again", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		for range 5 {
			p.Cut()
			steps(1)
		}
	}},
	{"refused, healed, cut", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		p.Refuse()
		steps(3)
		p.Heal()
		p.Cut()
	}},
	{"a cut each 700 bytes", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		for range 4 {
			p.CutAfter(rig.Down, 700)
			steps(2)
		}
	}},
	{"both ways held, then cut", func(p *rig.Proxy, _ *rand.Rand, steps func(int)) {
		p.Hold(rig.Up)
		p.Hold(rig.Down)
		steps(3)
		p.Cut()
	}},
	{"nothing", func(_ *rig.Proxy, _ *rand.Rand, steps func(int)) { steps(5) }},
}

// TestNetwork_scripts does to a desktop's network what networks do, while its page, another desktop's page and a third person
// write (F10, F11). The steps are those of the others, who have a network of their own, so that a round ends whatever happens.
func TestNetwork_scripts(t *testing.T) {
	rounds := size(1, 10)
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	c, other := newCore(t, "mira", proxy.URL), newCore(t, "liam", s.URL)
	mira, liam, renata := newPage(c), newPage(other), s.As("renata")
	o, count, stop := newOracle(), &steps{}, make(chan struct{})
	mirasPace, liamsPace, renatasPace := newPace(), newPace(), newPace()
	var writers sync.WaitGroup
	writers.Go(func() { pageWriting(mira, s, "liam", o, &steps{}, mirasPace, stop) })
	writers.Go(func() { pageWriting(liam, s, "mira", o, &steps{}, liamsPace, stop) })
	writers.Go(func() { writing(renata, "mira", o, count, func() {}, renatasPace, stop) })
	random := rand.New(rand.NewPCG(4, 1))
	for range rounds {
		for _, script := range scripts {
			script.run(proxy, random, func(n int) {
				done := count.in(n)
				mirasPace.life()
				liamsPace.life()
				renatasPace.life()
				within(t, "the others, while the network does: "+script.what, done)
			})
			proxy.Heal()
			if err := mira.request(chat.ReplicaRetry, struct{}{}, nil); err != nil { // not to wait for the back-off
				t.Error(err)
			}
		}
	}
	close(stop)
	writers.Wait()
	v := settleAll(t, s, o, mira, liam)
	v.report(t, "network", rounds*len(scripts), "scripts")
}

// settleAll lets two pages write a last message to each other, waits until everybody has everything, and checks both
// conversations: theirs, and renata's with the first.
func settleAll(t *testing.T, s *rig.Server, o *oracle, mira, liam *page) (v verdict) {
	t.Helper()
	with := s.Direct("mira", "liam")
	for _, p := range []*page{mira, liam} {
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: "the last"}
		answer, err := p.post(args)
		if err != nil {
			t.Fatal(err)
		}
		o.keep(args, answer)
		if err := p.request(chat.ReplicaRetry, struct{}{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	witness, renata := s.As("mira"), s.As("renata")
	witness.Until("the last of both", func(w *rig.World) bool {
		last := 0
		for _, m := range w.Conversations[with].Tail {
			if m.Text == "the last" {
				last++
			}
		}
		return last == 2
	})
	history := witness.History("liam")
	mira.settle(with, int64(len(history)))
	liam.settle(with, int64(len(history)))
	v = o.check(t, with, history, map[string][]chat.Message{"mira's page": mira.history(with), "liam's page": liam.history(with)})
	hers := s.Direct("renata", "mira")
	history = renata.History("mira")
	mira.settle(hers, int64(len(history)))
	v.add(o.check(t, hers, history, map[string][]chat.Message{"mira's page": mira.history(hers)}))
	return v
}

// TestNetwork_halfOpen lets everything vanish on a desktop's connection, with nobody told (F10): both sides give it up by their
// heartbeats, and the desktop comes back by itself. It takes as long as heartbeats do, so it is for the soak.
func TestNetwork_halfOpen(t *testing.T) {
	if !soak {
		t.Skip("takes as long as heartbeats do; rig has a test with short ones")
	}
	const heartbeats = time.Minute
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	c, liam := newCore(t, "mira", proxy.URL), s.As("liam")
	mira := newPage(c)
	with := s.Direct("mira", "liam")
	liam.Post("mira", "before")
	mira.settle(with, 1)
	began := time.Now()
	proxy.Swallow(rig.Up)
	proxy.Swallow(rig.Down)
	liam.Post("mira", "into the void")
	proxy.Revive() // new connections are well, the old one stays dead
	freed, back := make(chan time.Duration, 1), make(chan time.Duration, 1)
	go func() {
		for time.Since(began) < heartbeats {
			w := liam.World()
			if _, here := w.Presence[s.ID("mira")]; !here {
				freed <- time.Since(began)
				return
			}
			<-time.After(50 * time.Millisecond)
		}
	}()
	go func() {
		for time.Since(began) < heartbeats {
			mira.mu.Lock()
			n := len(mira.shown[with])
			mira.mu.Unlock()
			if n == 2 {
				back <- time.Since(began)
				return
			}
			<-time.After(50 * time.Millisecond)
		}
	}()
	late := time.After(heartbeats)
	var freedAfter, backAfter time.Duration
	for range 2 {
		select {
		case freedAfter = <-freed:
		case backAfter = <-back:
		case <-late:
			t.Fatalf("after a minute: the server gave up after %v, the desktop was back after %v", freedAfter, backAfter)
		}
	}
	report(t, "half-open connection", freedAfter.Seconds(), "s until the server gave it up", backAfter.Seconds(), "s until the desktop was current")
}

// TestPause stops the server and then the core with SIGSTOP, as a machine that is suspended or swaps does, while all write (F22).
func TestPause(t *testing.T) {
	rounds := size(3, 30)
	p := rig.NewProcess(t)
	c, other := newCore(t, "mira", p.URL), newCore(t, "liam", p.URL)
	mira, liam, renata := newPage(c), newPage(other), p.As("renata")
	o, count, stop := newOracle(), &steps{}, make(chan struct{})
	miras := &steps{}
	var writers sync.WaitGroup
	writers.Go(func() { pageWriting(mira, p.Server, "liam", o, miras, unpaced(), stop) })
	writers.Go(func() { pageWriting(liam, p.Server, "mira", o, &steps{}, unpaced(), stop) })
	writers.Go(func() { writing(renata, "mira", o, count, p.AwaitUp, unpaced(), stop) })
	signal := func(pid int, s os.Signal) {
		t.Helper()
		process, err := os.FindProcess(pid)
		if err == nil {
			err = process.Signal(s)
		}
		if err != nil {
			t.Error(err)
		}
	}
	for i := range rounds {
		within(t, fmt.Sprint("messages before pause ", i), count.in(5))
		signal(p.PID(), syscall.SIGSTOP)
		within(t, "messages into the outbox while the server stands still", miras.in(20))
		signal(p.PID(), syscall.SIGCONT)
		within(t, "the server again", count.in(5))
		signal(c.pid(), syscall.SIGSTOP)
		within(t, "others while one core stands still", count.in(20))
		signal(c.pid(), syscall.SIGCONT)
		within(t, "the core again", miras.in(5))
	}
	close(stop)
	writers.Wait()
	v := settleAll(t, p.Server, o, mira, liam)
	v.report(t, "pause of server and core", 2*rounds, "pauses")
}
