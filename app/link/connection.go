package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// connection is one client of the hub with a queue in front of it, so that asking never waits for the network.
type connection struct {
	client *wire.Client
	out    chan request
	// over is closed when the connection has ended.
	over <-chan struct{}

	mu sync.Mutex
	// ended is set when nothing may be added to out.
	ended bool
}

type request struct {
	do   chat.CommandName
	args json.RawMessage
	done func(json.RawMessage, *chat.Error)
}

// errTake marks an error of the handler or of what was told.
var errTake = errors.New("what the server told could not be taken")

// connect dials, says hello and takes frames until the connection ends; the error says why it did.
func (l *Link) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	online := make(chan struct{}) // closed when the handler knows that it is online; frames wait for that
	take := func(f wire.Frame) error {
		select {
		case <-online:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := l.Handler.TakeFrame(&f); err != nil {
			return fmt.Errorf("%w: %w", errTake, err)
		}
		l.applied()
		return nil
	}
	stop := l.Clock.AfterFunc(dialTimeout, cancel)
	client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(l.Server), Token: l.Token, HTTPClient: l.HTTP,
		Hello: chat.HelloArgs{Device: l.Device, Cursor: l.Handler.Cursor()}, Handle: take})
	stop()
	if err != nil {
		return err
	}
	c := &connection{client: client, out: make(chan request, queued), over: client.Done()}
	hello := client.Hello()
	since := l.Clock.Now()
	l.setLive(c)
	l.tell(State{State: chat.LinkOnline, Hello: &hello})
	close(online)
	written := make(chan struct{})
	go func() { defer close(written); c.write() }()

	select {
	case <-client.Done():
	case <-ctx.Done():
		client.Cut()
	}
	l.setLive(nil)
	<-written
	err = client.Err()
	l.ended(l.Clock.Now().Sub(since), errors.Is(err, wire.ErrGap) || errors.Is(err, errTake))
	return err
}

func (l *Link) setLive(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = c
}

// applied says that a frame was stored: the connection is good.
func (l *Link) applied() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = 0
}

// ended counts a connection that ended by a fault in what was told. One that lasted was good before.
func (l *Link) ended(lasted time.Duration, fault bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lasted > maxBackoff {
		l.faults = 0
	}
	if fault {
		l.faults++
	}
}

func (c *connection) send(do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	if refusal := c.enqueue(request{do, args, done}); refusal != nil {
		go done(nil, refusal)
	}
}

func (c *connection) enqueue(r request) *chat.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return ErrOffline
	}
	select {
	case c.out <- r:
		return nil
	default:
		return errFull
	}
}

// write sends requests in their order until the end, and then answers those that were not sent.
func (c *connection) write() {
	for {
		select {
		case r := <-c.out:
			c.ask(r)
		case <-c.over:
			c.mu.Lock()
			c.ended = true
			c.mu.Unlock()
			close(c.out) // nobody adds to it any more
			for r := range c.out {
				r.done(nil, ErrOffline)
			}
			return
		}
	}
}

// ask sends one request and hands its answer over when it comes.
func (c *connection) ask(r request) {
	call, err := c.client.Begin(context.Background(), r.do, r.args)
	var refusal *chat.Error
	switch {
	case errors.As(err, &refusal):
		r.done(nil, refusal)
		return
	case err != nil:
		r.done(nil, ErrOffline)
		return
	}
	go func() {
		var ok json.RawMessage
		err := call.Wait(context.Background(), &ok)
		var refusal *chat.Error
		switch {
		case err == nil:
			r.done(ok, nil)
		case errors.As(err, &refusal):
			r.done(nil, refusal)
		default:
			r.done(nil, ErrLost)
		}
	}()
}
