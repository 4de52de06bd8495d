// Package link is the desktop's connection to the hub: one WebSocket that is dialled, says hello with the cache's cursor, is
// watched by a heartbeat, and comes back by itself with back-off, at once when the computer wakes up.
//
// It owns when to connect and the order of requests. One connection, with its gap check and heartbeat, is package wire's Client.
// What frames mean, and what is repeated after a lost connection, is left to its handler: a request whose connection broke
// fails with ErrLost and its result is unknown.
//
//	       +--------------- back-off, cut short by Retry and by waking -----+
//	       v                                                                |
//	connecting --dial, hello--> online --lost, gap, silent, restart--> offline
//	       \------------------------------------------------------------/ ^
//	the server ended the session (4100), or speaks another protocol (4101): Run returns
package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Times of the link that are not part of the protocol.
const (
	dialTimeout = 15 * time.Second // hello included
	// wakeEvery is how often the wall clock is compared with the steady one, wakeJump the difference that means the computer
	// slept, and wakeTimeout how long an old connection may take to prove that it survived that.
	wakeEvery   = 2 * time.Second
	wakeJump    = 20 * time.Second
	wakeTimeout = 3 * time.Second
	// queued is how many requests may wait to be written.
	queued = 512
)

// ErrSignedOut says that there is no session any more.
var ErrSignedOut = errors.New("the session has ended")

// ErrOutdated says that server and program speak different protocols.
var ErrOutdated = errors.New("the server speaks another version of Parley's protocol; update Parley")

// What a request is answered when the hub did not answer it.
var (
	// ErrOffline: the request was not sent.
	ErrOffline = &chat.Error{Code: chat.CodeOffline, Text: "There is no connection to the server. Nothing was changed; try again when it is back."}
	// ErrLost: the request was sent, and the connection broke before its answer.
	ErrLost = &chat.Error{Code: chat.CodeOffline, Text: "The connection to the server broke before it answered. Look whether it was done, and try again if not."}
	errFull = &chat.Error{Code: chat.CodeBusy, Text: "Too much is being asked at once. Nothing was changed; try again in a moment.", RetryAfterMs: 1000}
)

// State is what the link tells about itself.
type State struct {
	State chat.LinkState
	// SinceAt is when State began; NextTryAt when the next try begins, with LinkOffline unless the link has ended.
	SinceAt, NextTryAt time.Time
	// Hello is what the hub answered; with LinkOnline only.
	Hello *chat.HelloAnswer
	// Cause says why the link is offline.
	Cause error
}

// Handler takes what comes from the hub. Its methods are called by one goroutine, in order, and the link waits for them.
type Handler interface {
	// Cursor is where the client stands; asked before each hello.
	Cursor() chat.Cursor
	// LinkChanged is told each new state.
	LinkChanged(State)
	// TakeFrame stores and tells events, a reset, rights or signals. An error drops the connection; the frame will come again.
	TakeFrame(*wire.Frame) error
}

// Config is what a link needs.
type Config struct {
	// Server is the base address, Token the session's.
	Server, Token string
	Device        chat.Device
	Handler       Handler
	Clock         Clock
	// Random gives [0, 1).
	Random func() float64
	// HTTP dials; nil for http.DefaultClient.
	HTTP *http.Client
	Log  *slog.Logger
}

// Link is one session's connection to the hub.
type Link struct {
	Config
	// wake cuts a wait short; it holds one signal and no data.
	wake chan struct{}

	mu sync.Mutex
	// live is the connection that has been answered hello; nil when offline.
	live *connection
	// failures are failed tries in a row. faults are connections in a row that ended because of what was told (a gap, a frame
	// that could not be stored): it may come again, so a frame that went well does not prove that all is well.
	failures, faults int
}

// New returns a link that does nothing until Run.
func New(config Config) *Link {
	return &Link{Config: config, wake: make(chan struct{}, 1)}
}

// Run keeps the connection until ctx ends, the server ends the session (ErrSignedOut) or turns out to speak another protocol
// (ErrOutdated).
func (l *Link) Run(ctx context.Context) error {
	stop := l.watchClock(l.Clock.Now())
	defer stop()
	for {
		l.tell(State{State: chat.LinkConnecting})
		err := l.connect(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = terminal(err)
		if errors.Is(err, ErrSignedOut) || errors.Is(err, ErrOutdated) {
			l.tell(State{State: chat.LinkOffline, Cause: err})
			return err
		}
		wait, again := l.nextWait()
		level := slog.LevelInfo
		if again { // once is enough for a night without a network
			level = slog.LevelDebug
		}
		l.Log.Log(ctx, level, "no connection to the server", "cause", err, "retryIn", wait)
		l.tell(State{State: chat.LinkOffline, NextTryAt: l.Clock.Now().Add(wait), Cause: err})
		l.sleep(ctx, wait)
	}
}

// terminal translates what forbids to return by itself.
func terminal(err error) error {
	var refused *wire.RefusedError
	var closed *wire.CloseError
	var answer *chat.Error
	switch {
	case errors.As(err, &refused):
		if refused.Status == http.StatusUnauthorized {
			return ErrSignedOut
		}
	case errors.As(err, &closed):
		if closed.Code == wire.CloseSignedOut {
			return ErrSignedOut
		}
		if !closed.MayReturn() {
			return fmt.Errorf("%w (%w)", ErrOutdated, err)
		}
	case errors.As(err, &answer) && answer.Code == chat.CodeSignedOut:
		return ErrSignedOut
	}
	return err
}

func (l *Link) tell(s State) {
	s.SinceAt = l.Clock.Now()
	l.Handler.LinkChanged(s)
}

// Retry cuts the wait for the next try short.
func (l *Link) Retry() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// nextWait returns how long to wait after one more failure, and whether there was one before it.
func (l *Link) nextWait() (wait time.Duration, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures++
	return Backoff(max(l.failures, 2*l.faults), l.Random), l.failures > 1
}

// sleep waits for d, for a wake-up or for the end of ctx.
func (l *Link) sleep(ctx context.Context, d time.Duration) {
	over := make(chan struct{})
	stop := l.Clock.AfterFunc(d, func() { close(over) })
	defer stop()
	select {
	case <-over:
	case <-l.wake:
	case <-ctx.Done():
	}
}

// watchClock compares the clocks every wakeEvery: if much more wall time has passed than that, the computer slept. Then a wait
// ends at once and a connection must prove that it is still there. The returned function ends the watch.
func (l *Link) watchClock(last time.Time) (stop func()) {
	var mu sync.Mutex
	ended := false
	var cancel func()
	var tick func()
	arm := func() { cancel = l.Clock.AfterFunc(wakeEvery, tick) }
	tick = func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		now := l.Clock.Now()
		if now.Sub(last) > wakeEvery+wakeJump {
			l.woken()
		}
		last = now
		arm()
	}
	mu.Lock()
	defer mu.Unlock()
	arm()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
		cancel()
	}
}

func (l *Link) woken() {
	l.mu.Lock()
	live := l.live
	l.failures = 0
	l.mu.Unlock()
	l.Log.Info("the computer was asleep")
	if live == nil {
		l.Retry()
		return
	}
	// A live connection answers this at once; one that died in the sleep would keep everybody waiting for the heartbeat.
	stop := l.Clock.AfterFunc(wakeTimeout, live.client.Cut)
	live.send(chat.Ping, json.RawMessage("{}"), func(json.RawMessage, *chat.Error) { stop() })
}

// Send asks the hub. done is called once, soon or late, never on the caller's goroutine: with the answer, with the hub's error,
// or with ErrOffline or ErrLost. Requests leave in the order of the calls. Send does not wait.
func (l *Link) Send(do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	l.mu.Lock()
	live := l.live
	l.mu.Unlock()
	if live == nil {
		go done(nil, ErrOffline)
		return
	}
	live.send(do, args, done)
}
