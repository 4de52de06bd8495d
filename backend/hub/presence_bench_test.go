//go:build unix

package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/presence"
)

// crowd is a contact centre with a connection each, of which everything told beside the log is counted.
type crowd struct {
	b      *testing.B
	r      *rig
	people []*crowdPerson
	bytes  atomic.Int64 // of signals, encoded
	frames atomic.Int64
	told   atomic.Int64 // presences
	// awaited counts those who have not been told yet that somebody is away; then allTold is closed.
	awaited atomic.Int64
	allTold chan struct{}

	mu      sync.Mutex
	changed *sync.Cond
	ready   int // connections that were told who is there
}

type crowdPerson struct {
	actor  Actor
	cursor chat.Cursor
	feed   *Feed
	done   chan struct{}
	// hears is set when this one was told that somebody is away; then it is not counted again.
	hears bool
}

// newCrowd signs in so many: nine of ten are agents in ten groups, one of ten is an expert whom all agents know.
func newCrowd(b *testing.B, users int) *crowd {
	b.Helper()
	c := &crowd{b: b, allTold: make(chan struct{}), r: newRig(b, func(o *Options) { o.PresenceEvery = 0 })}
	c.changed = sync.NewCond(&c.mu)
	for i := range users {
		name := fmt.Sprint("crowd", i)
		args := chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleAgent, Group: fmt.Sprint("Group ", i%10), Password: password}
		if i%10 == 9 {
			args.Role, args.Group = chat.RoleExpert, ""
		}
		c.r.must(Console, chat.UserAdd, args, nil)
		c.people = append(c.people, &crowdPerson{actor: c.r.signIn(name)})
	}
	return c
}

// connect connects everybody at once, and waits until all were told who is there.
func (c *crowd) connect() {
	c.mu.Lock()
	c.ready = 0
	c.mu.Unlock()
	for _, p := range c.people {
		go c.follow(p)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ready < len(c.people) {
		c.changed.Wait()
	}
}

// follow takes what a person is told until the connection ends.
func (c *crowd) follow(p *crowdPerson) {
	feed, err := c.r.hub.Connect(context.Background(), p.actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: p.cursor})
	if err != nil {
		c.b.Error(err)
		return
	}
	p.feed, p.done = feed, make(chan struct{})
	defer close(p.done)
	greeted := false
	for {
		d, err := feed.Next(context.Background())
		if err != nil {
			return
		}
		switch {
		case d.Reset != nil:
			p.cursor = d.Reset.Cursor
		case d.Events != nil:
			p.cursor = d.Events.Cursor
		}
		if d.Signals == nil {
			continue
		}
		raw, err := json.Marshal(d.Signals)
		if err != nil {
			c.b.Error(err)
		}
		c.bytes.Add(int64(len(raw)))
		c.frames.Add(1)
		for _, s := range d.Signals {
			switch s.Type {
			case chat.SignalPresenceAll:
				c.told.Add(int64(len(s.PresenceAll)))
				for _, one := range s.PresenceAll {
					c.hear(p, one)
				}
				// All are told once more to who is too far behind the changes.
				if !greeted {
					greeted = true
					c.greeted()
				}
			case chat.SignalPresence:
				c.told.Add(1)
				c.hear(p, *s.Presence)
			}
		}
	}
}

// greeted counts a connection that was told who is there.
func (c *crowd) greeted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready++
	c.changed.Broadcast()
}

// hear counts who was told that somebody is away, whichever way.
func (c *crowd) hear(p *crowdPerson, told chat.Presence) {
	if told.Availability != chat.Away || p.hears {
		return
	}
	p.hears = true
	if c.awaited.Add(-1) == 0 {
		close(c.allTold)
	}
}

// cut ends all connections, as a network does that goes away.
func (c *crowd) cut() {
	for _, p := range c.people {
		p.feed.Close()
	}
	for _, p := range c.people {
		<-p.done
	}
}

// spent reports what something cost under a name.
func (c *crowd) spent(what string, run func()) {
	c.bytes.Store(0)
	c.frames.Store(0)
	c.told.Store(0)
	cpu, began := cpuSeconds(), time.Now()
	run()
	n := float64(len(c.people))
	c.b.ReportMetric(time.Since(began).Seconds(), what+"-s")
	c.b.ReportMetric(cpuSeconds()-cpu, what+"-cpu-s")
	c.b.ReportMetric(float64(c.frames.Load())/n, what+"-frames/user")
	c.b.ReportMetric(float64(c.told.Load())/n, what+"-presences/user")
	c.b.ReportMetric(float64(c.bytes.Load())/n/1024, what+"-KB/user")
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for oneself
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// watchers are the people who may know of one.
func (c *crowd) watchers(of *crowdPerson) (those []*crowdPerson) {
	f := c.r.hub.facts.Load()
	for _, p := range c.people {
		if p != of && f.sees(f.user(p.actor.UserID), f.user(of.actor.UserID)) {
			those = append(those, p)
		}
	}
	return those
}

// BenchmarkPresence is 5,000 people: all sign in, one changes their status, all come back after a cut. PARLEY_CROWD is another
// number.
func BenchmarkPresence(b *testing.B) {
	users := 5000
	if n, err := strconv.Atoi(os.Getenv("PARLEY_CROWD")); err == nil {
		users = n
	}
	c := newCrowd(b, users)
	b.ResetTimer()
	c.spent("sign-in", c.connect)
	expert := c.people[9]
	expert.hears = true // of oneself one needs not be told
	watching := c.watchers(expert)
	c.spent("change", func() {
		c.awaited.Store(int64(len(watching)))
		c.r.must(expert.actor, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak}, nil)
		<-c.allTold
	})
	c.spent("come-back", func() { c.cut(); c.connect() })
	b.ReportMetric(float64(len(watching)), "watchers")
	c.cut()
}

// BenchmarkPresenceOf is the rule itself.
func BenchmarkPresenceOf(b *testing.B) {
	devices := []presence.Device{{Kind: chat.DeviceDesktop, SinceAt: 5, IdleSinceAt: 9}, {Kind: chat.DeviceBrowser, SinceAt: 7}}
	status := chat.Status{State: chat.WorkBreak, At: 3}
	for b.Loop() {
		presence.Of(chat.RoleAgent, status, devices)
	}
}
