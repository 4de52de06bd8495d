package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

var noon = time.Date(2030, 5, 6, 12, 0, 0, 0, time.UTC)

// patience bounds every wait for something that must happen.
const patience = 20 * time.Second

// server is a scripted hub: each connection is handed to the test.
type server struct {
	t     *testing.T
	web   *httptest.Server
	conns chan *serverConn
	// status refuses the upgrade when it is not zero.
	mu     sync.Mutex
	status int
}

type serverConn struct {
	t  *testing.T
	ws *websocket.Conn
}

func newServer(t *testing.T) *server {
	s := &server{t: t, conns: make(chan *serverConn, 16)}
	s.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.mu.Lock()
		status := s.status
		s.mu.Unlock()
		if status != 0 {
			w.WriteHeader(status)
			return
		}
		if q.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("the token is %q", q.Header.Get("Authorization"))
		}
		ws, err := websocket.Accept(w, q, &websocket.AcceptOptions{Subprotocols: []string{wire.SubprotocolName}})
		if err != nil {
			return
		}
		s.conns <- &serverConn{t, ws}
	}))
	t.Cleanup(s.web.Close)
	return s
}

func (s *server) refuse(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// accept takes the next connection and answers its hello; it returns the cursor said.
func (s *server) accept() (*serverConn, chat.Cursor) {
	s.t.Helper()
	select {
	case c := <-s.conns:
		q := c.read()
		var args chat.HelloArgs
		if err := json.Unmarshal(q.Args, &args); err != nil || q.Do != chat.Hello {
			s.t.Fatalf("the first request is %s %s", q.Do, q.Args)
		}
		c.write(fmt.Sprintf(`{"re":%d,"ok":{"userId":"u","sessionId":"s","serverAt":1,"version":"v","replica":false}}`, q.ID))
		return c, args.Cursor
	case <-time.After(patience):
		s.t.Fatal("nobody connects")
		return nil, ""
	}
}

func (c *serverConn) read() wire.Request {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, data, err := c.ws.Read(ctx)
	if err != nil {
		c.t.Fatalf("read a request: %v", err)
	}
	q, err := wire.ParseRequest(data)
	if err != nil {
		c.t.Fatalf("parse %s: %v", data, err)
	}
	return q
}

// drain reads what comes until the end, so that the client's farewell is heard.
func (c *serverConn) drain() {
	go func() {
		for {
			if _, _, err := c.ws.Read(context.Background()); err != nil {
				return
			}
		}
	}()
}

func (c *serverConn) write(frame string) {
	c.t.Helper()
	if err := c.ws.Write(context.Background(), websocket.MessageText, []byte(frame)); err != nil {
		c.t.Fatalf("write a frame: %v", err)
	}
}

// handler remembers what it is told.
type handler struct {
	mu      sync.Mutex
	changed *sync.Cond
	cursor  chat.Cursor
	states  []State
	frames  int
	fail    error
}

func newHandler() *handler {
	h := &handler{}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *handler) Cursor() chat.Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cursor
}

func (h *handler) LinkChanged(s State) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.states = append(h.states, s)
	h.changed.Broadcast()
}

func (h *handler) TakeFrame(f *wire.Frame) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frames++
	h.changed.Broadcast()
	if h.fail == nil && f.Cursor != "" {
		h.cursor = f.Cursor
	}
	if h.fail == nil && f.Reset != nil {
		h.cursor = f.Reset.Cursor
	}
	return h.fail
}

func (h *handler) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		late = true
		h.changed.Broadcast()
	})
	defer timer.Stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for !ok() {
		if late {
			t.Fatalf("waited in vain until %s", what)
		}
		h.changed.Wait()
	}
}

// became waits for the n-th state of all.
func (h *handler) became(t *testing.T, n int, want chat.LinkState) State {
	t.Helper()
	h.await(t, fmt.Sprintf("state %d", n), func() bool { return len(h.states) >= n })
	h.mu.Lock()
	defer h.mu.Unlock()
	got := h.states[n-1]
	if got.State != want {
		t.Fatalf("state %d is %s, want %s", n, got.State, want)
	}
	return got
}

type rig struct {
	*server
	h     *handler
	clock *HandClock
	link  *Link
	ended chan error
}

func start(t *testing.T) *rig {
	r := &rig{server: newServer(t), h: newHandler(), clock: NewHandClock(noon), ended: make(chan error, 1)}
	r.link = New(Config{Server: r.web.URL, Token: "secret", Handler: r.h, Clock: r.clock, Random: func() float64 { return 0.5 },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { r.ended <- r.link.Run(ctx); close(r.ended) }()
	t.Cleanup(func() { cancel(); <-r.ended })
	return r
}

func (r *rig) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		t.Fatal("the link goes on")
		return nil
	}
}

func TestBackoff_growsToThirtySecondsWithFullJitter(t *testing.T) {
	var bounds []time.Duration
	for failures := range 9 {
		bounds = append(bounds, Backoff(failures, func() float64 { return 1 }))
		if d := Backoff(failures, func() float64 { return 0 }); d != 0 {
			t.Errorf("after %d failures the least wait is %v", failures, d)
		}
	}
	want := []time.Duration{500e6, 500e6, 1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}
	if !slices.Equal(bounds, want) {
		t.Errorf("the bounds are %v", bounds)
	}
}

func TestRun_comesBackFromItsCursorAfterTheWait(t *testing.T) {
	r := start(t)
	c, cursor := r.accept()
	if cursor != "" {
		t.Errorf("the first cursor is %q", cursor)
	}
	r.h.became(t, 1, chat.LinkConnecting)
	if s := r.h.became(t, 2, chat.LinkOnline); s.Hello == nil || s.Hello.UserID != "u" {
		t.Errorf("online without hello: %+v", s)
	}
	c.write(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`)
	c.write(`{"prev":"a","cursor":"b","events":[]}`)
	r.h.await(t, "two frames", func() bool { return r.h.frames == 2 })
	c.ws.CloseNow()
	s := r.h.became(t, 3, chat.LinkOffline)
	if want := noon.Add(250 * time.Millisecond); !s.NextTryAt.Equal(want) {
		t.Errorf("the next try is at %v, want %v", s.NextTryAt, want)
	}
	r.clock.AwaitTimer(250 * time.Millisecond)
	r.clock.Advance(250 * time.Millisecond)
	if _, cursor := r.accept(); cursor != "b" {
		t.Errorf("came back from %q", cursor)
	}
}

func TestRun_waitsLongerEachTime(t *testing.T) {
	r := &rig{server: newServer(t)}
	r.refuse(http.StatusServiceUnavailable)
	r.h, r.clock = newHandler(), NewHandClock(noon)
	l := New(Config{Server: r.web.URL, Token: "secret", Handler: r.h, Clock: r.clock, Random: func() float64 { return 0.5 },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	for i, want := range []time.Duration{250e6, 500e6, 1e9} {
		s := r.h.became(t, 2*i+2, chat.LinkOffline)
		if got := s.NextTryAt.Sub(s.SinceAt); got != want {
			t.Errorf("wait %d is %v, want %v", i, got, want)
		}
		l.Retry()
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestRun_gapConnectsAgainFromTheOwnCursor(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	c.write(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`)
	c.drain()
	c.write(`{"prev":"x","cursor":"y","events":[]}`)
	r.h.became(t, 3, chat.LinkOffline)
	if r.h.frames != 1 {
		t.Error("the frame behind the gap was taken")
	}
	r.link.Retry()
	if _, cursor := r.accept(); cursor != "a" {
		t.Errorf("came back from %q", cursor)
	}
}

func TestRun_faultsBackOffAlthoughFramesGoWell(t *testing.T) {
	r := start(t)
	var waits []time.Duration
	for i := range 3 {
		c, cursor := r.accept()
		if cursor == "" {
			c.write(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`)
		} else {
			c.write(`{"signals":[{"type":"typing"}]}`)
		}
		c.drain()
		c.write(`{"prev":"x","cursor":"y","events":[]}`)
		s := r.h.became(t, 3*i+3, chat.LinkOffline)
		waits = append(waits, s.NextTryAt.Sub(s.SinceAt))
		r.link.Retry()
	}
	if !slices.Equal(waits, []time.Duration{500e6, 2e9, 8e9}) {
		t.Errorf("the waits are %v", waits)
	}
}

func TestRun_frameThatCannotBeStoredComesAgain(t *testing.T) {
	r := start(t)
	r.h.mu.Lock()
	r.h.fail = errors.New("the disk is full")
	r.h.mu.Unlock()
	c, _ := r.accept()
	c.drain()
	c.write(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`)
	r.h.became(t, 3, chat.LinkOffline)
	r.link.Retry()
	if _, cursor := r.accept(); cursor != "" {
		t.Errorf("came back from %q although nothing was stored", cursor)
	}
}

func TestRun_endsWhenTheSessionEnded(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	c.ws.Close(wire.CloseSignedOut, "")
	if err := r.end(t); !errors.Is(err, ErrSignedOut) {
		t.Errorf("ended with %v", err)
	}
	if s := r.h.became(t, 3, chat.LinkOffline); !s.NextTryAt.IsZero() {
		t.Error("a next try is told of")
	}
}

func TestRun_endsWhenTheTokenIsUnknown(t *testing.T) {
	s := newServer(t)
	s.refuse(http.StatusUnauthorized)
	l := New(Config{Server: s.web.URL, Token: "secret", Handler: newHandler(), Clock: NewHandClock(noon), Random: func() float64 { return 0 },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := l.Run(t.Context()); !errors.Is(err, ErrSignedOut) {
		t.Errorf("ended with %v", err)
	}
}

func TestRun_endsWhenTheProtocolIsAnother(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	c.ws.Close(wire.CloseProtocol, "")
	if err := r.end(t); !errors.Is(err, ErrOutdated) {
		t.Errorf("ended with %v", err)
	}
}

func TestRun_restartComesBack(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	c.ws.Close(wire.CloseRestart, "")
	r.h.became(t, 3, chat.LinkOffline)
	r.link.Retry()
	r.accept()
}

func TestWake_cutsTheWaitShort(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	r.refuse(http.StatusServiceUnavailable)
	c.ws.CloseNow()
	for i := range 8 { // a long outage: the wait is 15 s
		r.h.became(t, 3+2*i, chat.LinkOffline)
		if i < 7 {
			r.link.Retry()
		}
	}
	r.refuse(0)
	r.clock.AwaitTimer(15 * time.Second)
	r.clock.Jump(8 * time.Hour)
	r.clock.Advance(wakeEvery)
	r.accept()
}

func TestWake_steadyTimeAloneDoesNot(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	r.h.became(t, 2, chat.LinkOnline)
	for range 5 {
		r.clock.Advance(wakeEvery)
	}
	// Nothing was asked of the server: what it is sent next is what we send now.
	r.link.Send("status.set", json.RawMessage(`{}`), func(json.RawMessage, *chat.Error) {})
	if q := c.read(); q.Do != "status.set" {
		t.Errorf("the server was asked %s", q.Do)
	}
}

func TestWake_deadConnectionIsGivenUpQuickly(t *testing.T) {
	r := start(t)
	c, _ := r.accept() // and from now on it does not answer
	r.h.became(t, 2, chat.LinkOnline)
	r.clock.Jump(8 * time.Hour)
	r.clock.Advance(wakeEvery)
	if q := c.read(); q.Do != chat.Ping {
		t.Fatalf("asked %s", q.Do)
	}
	r.clock.Advance(wakeTimeout)
	r.h.became(t, 3, chat.LinkOffline)
}

func TestSend_answersErrorsAndLoss(t *testing.T) {
	r := start(t)
	type result struct {
		ok  string
		err *chat.Error
	}
	results := make(chan result, 8)
	done := func(ok json.RawMessage, err *chat.Error) { results <- result{string(ok), err} }
	next := func() result {
		select {
		case got := <-results:
			return got
		case <-time.After(patience):
			t.Fatal("no answer")
			return result{}
		}
	}
	c, _ := r.accept()
	r.h.became(t, 2, chat.LinkOnline)
	r.link.Send("a", json.RawMessage(`{"x":1}`), done)
	q := c.read()
	if q.Do != "a" || string(q.Args) != `{"x":1}` {
		t.Errorf("the server was asked %s %s", q.Do, q.Args)
	}
	c.write(fmt.Sprintf(`{"re":%d,"ok":{"y":2}}`, q.ID))
	if got := next(); got.ok != `{"y":2}` || got.err != nil {
		t.Errorf("answered %+v", got)
	}
	r.link.Send("b", nil, done)
	c.write(fmt.Sprintf(`{"re":%d,"error":{"code":"denied","text":"no"}}`, c.read().ID))
	if got := next(); got.err == nil || got.err.Code != chat.CodeDenied {
		t.Errorf("answered %+v", got)
	}
	r.link.Send("c", nil, done)
	c.read()
	c.ws.CloseNow()
	if got := next(); got.err != ErrLost {
		t.Errorf("a broken connection answered %+v", got)
	}
	r.h.became(t, 3, chat.LinkOffline)
	r.link.Send("d", nil, done)
	if got := next(); got.err != ErrOffline {
		t.Errorf("offline answered %+v", got)
	}
}

func TestSend_keepsTheOrder(t *testing.T) {
	r := start(t)
	c, _ := r.accept()
	r.h.became(t, 2, chat.LinkOnline)
	for i := range 50 {
		r.link.Send(chat.CommandName(fmt.Sprint("n", i)), nil, func(json.RawMessage, *chat.Error) {})
	}
	for i := range 50 {
		if q := c.read(); q.Do != chat.CommandName(fmt.Sprint("n", i)) {
			t.Fatalf("request %d is %s", i, q.Do)
		}
	}
}
