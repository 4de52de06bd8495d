package link

import (
	"sync"
	"time"
)

// HandClock is a Clock for tests: it stands still until Advance or Jump.
type HandClock struct {
	mu      sync.Mutex
	changed *sync.Cond
	now     time.Time     // wall
	steady  time.Duration // monotonic
	timers  map[*handTimer]bool
}

type handTimer struct {
	at time.Duration
	f  func()
}

// NewHandClock returns a clock that shows now.
func NewHandClock(now time.Time) *HandClock {
	c := &HandClock{now: now.Round(0), timers: map[*handTimer]bool{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Now implements Clock.
func (c *HandClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc implements Clock.
func (c *HandClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &handTimer{at: c.steady + d, f: f}
	c.timers[t] = true
	c.changed.Broadcast()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, t)
		c.changed.Broadcast()
	}
}

// Advance moves both clocks forward and runs, in their order and on the caller's goroutine, the timers that fall due.
func (c *HandClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.steady + d
	for {
		var next *handTimer
		for t := range c.timers {
			if t.at <= end && (next == nil || t.at < next.at) {
				next = t
			}
		}
		if next == nil {
			break
		}
		delete(c.timers, next)
		if next.at > c.steady {
			c.now = c.now.Add(next.at - c.steady)
			c.steady = next.at
		}
		c.mu.Unlock()
		next.f()
		c.mu.Lock()
	}
	c.now = c.now.Add(end - c.steady)
	c.steady = end
	c.mu.Unlock()
}

// Jump moves the wall clock alone, as a sleep of the computer does.
func (c *HandClock) Jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// AwaitTimer waits until a timer is due within d from now, so that a test advances only when there is something to wait for.
func (c *HandClock) AwaitTimer(d time.Duration) {
	c.await(func() bool { return c.dueWithin(d) > 0 })
}

// AwaitLastTimer waits until exactly one timer is due within d from now: what else had a time limit, a write say, has ended, and
// advancing does not cut it short.
func (c *HandClock) AwaitLastTimer(d time.Duration) {
	c.await(func() bool { return c.dueWithin(d) == 1 })
}

func (c *HandClock) await(is func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !is() {
		c.changed.Wait()
	}
}

func (c *HandClock) dueWithin(d time.Duration) int {
	due := 0
	for t := range c.timers {
		if t.at <= c.steady+d {
			due++
		}
	}
	return due
}
