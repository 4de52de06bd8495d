package proof

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// goodPair are two clients of which one writes to the other at a steady rate.
type goodPair struct {
	from, to *wire.Client
	talk     chat.ConversationID

	mu      sync.Mutex
	changed *sync.Cond
	due     map[string]time.Time // when each message was to be written
	heard   []string
	took    []time.Duration // from when it was due until the other had it
	fault   error
}

// newGoodPair connects two users of a crowd.
func newGoodPair(c *crowd, a, b crowdUser) *goodPair {
	c.t.Helper()
	p := &goodPair{talk: chat.DirectID(a.id, b.id), due: map[string]time.Time{}}
	p.changed = sync.NewCond(&p.mu)
	dial := func(token string, handle func(wire.Frame) error) *wire.Client {
		client, err := wire.Dial(c.t.Context(), wire.DialOptions{URL: wire.SocketURL(c.p.URL), Token: token, Handle: handle,
			Hello: chat.HelloArgs{Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "good"}}})
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(client.Cut)
		return client
	}
	p.from = dial(a.token, nil)
	p.to = dial(b.token, p.take)
	return p
}

func (p *goodPair) take(f wire.Frame) error {
	now := time.Now()
	events, err := f.DecodeEvents()
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.changed.Broadcast()
	for _, e := range events {
		if e.Type == chat.MessagePosted && e.Message.ConversationID == p.talk {
			p.heard = append(p.heard, e.Message.Text)
			p.took = append(p.took, now.Sub(p.due[e.Message.Text]))
		}
	}
	return err
}

// write posts messages, one every so often whether or not the one before has been answered late. It waits until all are heard.
func (p *goodPair) write(what string, messages int, every time.Duration) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(messages)*every+rig.Patience)
	defer cancel()
	stop := context.AfterFunc(ctx, p.changed.Broadcast)
	defer stop()
	p.mu.Lock()
	before := len(p.heard)
	p.mu.Unlock()
	var posts []*wire.Call
	for i := range messages {
		text := fmt.Sprintf("%s %06d", what, i)
		due := began.Add(time.Duration(i) * every)
		<-time.After(time.Until(due))
		p.mu.Lock()
		p.due[text] = due
		p.mu.Unlock()
		call, err := p.from.Begin(ctx, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: p.talk, Text: text})
		if err != nil {
			p.fail(fmt.Errorf("write %s: %w", text, err))
			return
		}
		posts = append(posts, call)
	}
	for i, call := range posts {
		if err := call.Wait(ctx, nil); err != nil {
			p.fail(fmt.Errorf("message %d of %s: %w", i, what, err))
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.heard) < before+messages && ctx.Err() == nil && p.to.Err() == nil {
		p.changed.Wait()
	}
	for i, text := range p.heard[before:] {
		if want := fmt.Sprintf("%s %06d", what, i); text != want {
			p.fault = fmt.Errorf("instead of %q came %q", want, text)
			return
		}
	}
	if got := len(p.heard) - before; got != messages {
		p.fault = fmt.Errorf("%d of %d messages came", got, messages)
	}
}

func (p *goodPair) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = err
}

// goodTraffic has all pairs write at once, and returns the middle of how long messages took and what 99 of 100 stay below. Each
// message must have come once and in order, and no connection may have ended.
func goodTraffic(t *testing.T, pairs []*goodPair, what string, messages int, every time.Duration) (p50, p99 time.Duration) {
	t.Helper()
	var writing sync.WaitGroup
	for _, p := range pairs {
		p.took = nil
		writing.Go(func() { p.write(what, messages, every) })
	}
	writing.Wait()
	var all []time.Duration
	for i, p := range pairs {
		if p.fault != nil || p.from.Err() != nil || p.to.Err() != nil {
			t.Errorf("%s: pair %d: %v; the connections: %v, %v", what, i, p.fault, p.from.Err(), p.to.Err())
		}
		all = append(all, p.took...)
	}
	slices.Sort(all)
	if len(all) == 0 {
		t.Fatalf("%s: nothing arrived", what)
	}
	return all[len(all)/2], all[len(all)*99/100]
}

// TestHostile_load has a hundred bad clients do their worst while twenty pairs exchange messages (security.md C3, C7, B4). Nobody's
// connection is lost but theirs, every message comes once and in order, and the server's memory stays bounded.
func TestHostile_load(t *testing.T) {
	const each, goodPairs, every = 10, 20, 100 * time.Millisecond
	kinds := attacks()
	c := newCrowd(t, perUser*(len(kinds)+2*goodPairs))
	good, bad := c.users[:2*goodPairs], c.users[2*goodPairs:]
	var pairs []*goodPair
	for i := 0; i < len(good); i += 2 {
		pairs = append(pairs, newGoodPair(c, good[i], good[i+1]))
	}
	calm50, calm99 := goodTraffic(t, pairs, "in calm", size(20, 300), every)
	before := processorTime(t, c.p.PID())
	var tokens []string
	for _, u := range bad {
		tokens = append(tokens, u.token)
	}
	end := attackers(t, order{URL: c.p.URL, Tokens: tokens, Each: each})
	began := time.Now()
	p50, p99 := goodTraffic(t, pairs, "under attack", size(50, 3000), every)
	used, lasted := processorTime(t, c.p.PID())-before, time.Since(began)
	documented := end()
	peak := float64(peakMemory(t, c.p.PID())) / mega
	answers := 0
	for _, kind := range kinds {
		answers += documented[kind.name]
		t.Logf("%s: %d times answered as documented", kind.name, documented[kind.name])
		if documented[kind.name] == 0 {
			t.Errorf("%s: nobody was answered as documented", kind.name)
		}
	}
	report(t, "hostile load", each*len(kinds), "bad clients", answers, "answers to them as documented", len(pairs), "good pairs", ms(calm50), "ms at p50 in calm", ms(calm99), "ms at p99 in calm",
		ms(p50), "ms at p50 under attack", ms(p99), "ms at p99 under attack", peak, "MB at most", used.Seconds()/lasted.Seconds(), "processors busy", 0, "lost, doubled or out of order")
	const bound = 512
	if peak > bound {
		t.Errorf("the server took %v MB", peak)
	}
	goodTraffic(t, pairs, "after it", 10, every)
}
