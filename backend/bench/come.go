package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// idle opens n connections, several for each user, and looks at what they take while nothing is said: after three times the
// usual time, when what the server needed to greet them is given back.
func (b *bed) idle(ctx context.Context, n int) (Result, error) {
	before := b.p.memory("VmRSS")
	clients := make([]*wire.Client, n)
	if err := inParallel(n, 8, func(i int) error {
		c, err := b.dial(ctx, i%len(b.sessions), wire.DialOptions{})
		clients[i] = c
		return err
	}); err != nil {
		return Result{}, err
	}
	pause(ctx, b.o.Warmup)
	cpu, start := b.p.cpu(), time.Now()
	pause(ctx, 3*b.o.Duration)
	r := Result{Seconds: time.Since(start).Seconds()}
	r.PerConnectionKB = float64(b.p.memory("VmRSS")-before) / 1024 / float64(n)
	fmt.Fprintf(b.o.Progress, "idle: %d connections, server processor time %.3f s in %.1f s\n", n, b.p.cpu()-cpu, r.Seconds)
	for i, c := range clients {
		if err := c.Err(); err != nil {
			return Result{}, fmt.Errorf("idle connection %d ended: %w", i, err)
		}
	}
	return r, inParallel(n, 8, func(i int) error { clients[i].Close(); return nil })
}

// comers is how many clients of the scenario signins dial at once. More would only wait in this program.
const comers = 100

// signIns lets everybody come at once and waits until each has its snapshot. A result's messages are snapshots here.
func (b *bed) signIns(ctx context.Context) (Result, error) {
	n := len(b.sessions)
	times := make([]int64, n)
	clients := make([]*wire.Client, n)
	cpu, start := b.p.cpu(), time.Now()
	err := inParallel(n, comers, func(i int) error {
		begun := time.Now()
		there := make(chan struct{})
		var people int
		c, err := b.dial(ctx, i, wire.DialOptions{Handle: func(f wire.Frame) error {
			if f.Reset != nil {
				people = len(f.Reset.Snapshot.People)
				close(there)
			}
			return nil
		}})
		if err != nil {
			return err
		}
		clients[i] = c
		select {
		case <-there:
		case <-c.Done():
			return fmt.Errorf("client %d has no snapshot: %w", i, c.Err())
		}
		times[i] = int64(time.Since(begun))
		if people == 0 {
			return errors.New("a snapshot without people")
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	r := Result{Seconds: time.Since(start).Seconds(), Delivered: n, P50Ms: quantileMs(times, 0.50), P99Ms: quantileMs(times, 0.99)}
	r.PerSecond, r.CPUPer1000 = float64(n)/r.Seconds, (b.p.cpu()-cpu)/float64(n)*1000
	return r, inParallel(n, 8, func(i int) error { clients[i].Close(); return nil })
}

// returns is how often somebody comes back in the scenario catchup.
const returns = 5

// catchUp has user 1 leave, writes what is missed and much else into the log, and measures how long it takes from dialling
// until all that was missed has come, in order. The server is started again for it, so nothing of it is in a cache.
func (b *bed) catchUp(ctx context.Context) (Result, error) {
	writers, err := b.pairUp(ctx) // so that all conversations have begun
	if err != nil {
		return Result{}, err
	}
	if err := b.drain(ctx); err != nil {
		return Result{}, err
	}
	for _, w := range writers {
		w.c.Close()
	}
	cursor, err := b.leave(ctx)
	if err != nil {
		return Result{}, err
	}
	b.p.stop()
	if err := fill(ctx, b.data, b.sessions, b.o.Missed, b.o.Others); err != nil {
		return Result{}, fmt.Errorf("write what is missed: %w", err)
	}
	if b.p, err = startServer(ctx, b.o.Program, b.data, b.args...); err != nil {
		return Result{}, err
	}
	r := Result{Delivered: returns * b.o.Missed}
	var times []int64
	cpu := b.p.cpu()
	for range returns {
		took, err := b.comeBack(ctx, cursor)
		if err != nil {
			return Result{}, err
		}
		times = append(times, int64(took))
		r.Seconds += took.Seconds()
	}
	r.PerSecond, r.CPUPer1000 = float64(r.Delivered)/r.Seconds, (b.p.cpu()-cpu)/float64(r.Delivered)*1000
	r.P50Ms, r.P99Ms = quantileMs(times, 0.50), quantileMs(times, 0.99)
	return r, nil
}

// leave has user 1 come once more, and go, and returns where they stand then.
func (b *bed) leave(ctx context.Context) (chat.Cursor, error) {
	c, err := b.dial(ctx, 1, wire.DialOptions{Handle: func(f wire.Frame) error {
		if f.Signals != nil { // what comes last at the beginning
			return wire.ErrClosed
		}
		return nil
	}})
	if err != nil {
		return "", err
	}
	if <-c.Done(); c.Cursor() == "" {
		return "", fmt.Errorf("the connection ended before its snapshot came: %w", c.Err())
	}
	return c.Cursor(), nil
}

// comeBack connects user 1 with a cursor and waits for all that was missed.
func (b *bed) comeBack(ctx context.Context, cursor chat.Cursor) (time.Duration, error) {
	begun := time.Now()
	all := make(chan struct{})
	missed := 0
	c, err := b.dial(ctx, 1, wire.DialOptions{Hello: chat.HelloArgs{Cursor: cursor}, Handle: func(f wire.Frame) error {
		if f.Reset != nil {
			return fmt.Errorf("a reset (%s) instead of what was missed", f.Reset.Reason)
		}
		before := missed
		missed += len(f.Events)
		if before < b.o.Missed && missed >= b.o.Missed {
			close(all)
		}
		return nil
	}})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	select {
	case <-all:
		return time.Since(begun), nil
	case <-c.Done():
		return 0, fmt.Errorf("the connection ended before all was there: %w", c.Err())
	}
}
