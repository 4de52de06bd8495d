package server

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// socket is one connection. Its life:
//
//	accepted --hello--> fed --(signed out, hub closed, broken, misbehaved)--> closed
//	    \------(no hello in time, wrong first command)-----------------------^
//
// The reading goroutine owns it; feed is set once, before the writing goroutine begins.
type socket struct {
	s       *Server
	conn    *websocket.Conn
	wire    *gatherConn // what conn writes to
	actor   hub.Actor
	ctx     context.Context // ends with the socket
	cancel  context.CancelFunc
	limiter *rate.Limiter
	extras  *pace // of pings, and of requests that limiter refuses
	hello   *time.Timer
	ping    *time.Timer
	fed     atomic.Bool
	feed    *hub.Feed
	ended   atomic.Bool // close or cut has begun: nothing more is taken
	closing sync.Once
}

func isUpgrade(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

// socket answers GET /v1/socket. Everything that can be refused is refused before the upgrade.
func (s *Server) socket(w http.ResponseWriter, r *http.Request, a hub.Actor) {
	if !isUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		refuse(w, http.StatusUpgradeRequired, chat.Invalid("this address is a WebSocket"))
		return
	}
	if s.draining.Load() {
		refuse(w, http.StatusServiceUnavailable, restarting)
		return
	}
	if !s.mayConnect(a.UserID) {
		s.metrics.refusedSocket("rate")
		refuse(w, http.StatusServiceUnavailable, &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 1000, Text: "Very many programs connect just now. Try again in a moment."})
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &socket{s: s, actor: a, ctx: ctx, cancel: cancel, limiter: rate.NewLimiter(wire.RequestsPerSecond, wire.RequestBurst),
		extras: newPace(extrasPerSecond, extraBurst)}
	if reason, err := s.admit(k); err != nil {
		cancel()
		s.metrics.refusedSocket(reason)
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	// The origin has been compared exactly; the library's own check, which is looser, must only not stand in the way where
	// the public address differs from Host.
	pattern := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(s.origin(r).Host)
	up := &upgrade{ResponseWriter: w}
	conn, err := websocket.Accept(up, r, &websocket.AcceptOptions{
		Subprotocols: []string{wire.SubprotocolName}, OriginPatterns: []string{pattern}, CompressionMode: websocket.CompressionDisabled,
		OnPingReceived: func(context.Context, []byte) bool {
			k.extras.take(1)
			return true
		},
	})
	if err != nil {
		s.leave(k)
		cancel()
		s.metrics.refusedSocket("handshake")
		return
	}
	conn.SetReadLimit(wire.MaxRequestBytes)
	k.start(conn, up.conn)
}

// mayConnect tells whether one more connection may be opened now. A user who opens too many is refused first, and takes
// nothing from what all others share.
func (s *Server) mayConnect(user chat.UserID) bool {
	s.mu.Lock()
	mine := s.connects[user]
	if mine == nil {
		mine = rate.NewLimiter(rate.Limit(s.o.AcceptPerUser), 4*s.o.MaxSocketsPerUser)
		s.connects[user] = mine
	}
	s.mu.Unlock()
	return mine.Allow() && s.accepts.Allow()
}

// admit counts k in, within the bounds. The name of the bound that refuses is for metrics.
func (s *Server) admit(k *socket) (string, *chat.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining.Load():
		return "draining", restarting
	case s.open >= s.o.MaxSockets:
		return "full", &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 10_000, Text: "The server has all the connections it can take. Try again later."}
	case s.perUser[k.actor.UserID] >= s.o.MaxSocketsPerUser:
		return "user", &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 10_000, Text: "You have too many open connections. Close some of your windows or devices and try again."}
	}
	s.open++
	s.perUser[k.actor.UserID]++
	s.live.Add(1)
	return "", nil
}

// leave counts k out.
func (s *Server) leave(k *socket) {
	s.mu.Lock()
	s.open--
	delete(s.sockets, k)
	if s.perUser[k.actor.UserID]--; s.perUser[k.actor.UserID] <= 0 {
		delete(s.perUser, k.actor.UserID)
	}
	s.mu.Unlock()
	s.live.Done()
}

// start lets the socket live on its own, so that the HTTP request and its buffers can go.
func (k *socket) start(conn *websocket.Conn, under *gatherConn) {
	k.conn, k.wire = conn, under
	k.s.metrics.accepted.Inc()
	// Set first, then started: the functions use the timers themselves.
	k.hello = time.AfterFunc(time.Hour, func() { k.close(wire.CloseProtocol, "no hello in time") })
	k.ping = time.AfterFunc(time.Hour, k.beat)
	k.hello.Reset(k.s.o.HelloTimeout)
	k.ping.Reset(k.s.o.PingEvery)
	k.s.mu.Lock()
	k.s.sockets[k] = struct{}{}
	k.s.mu.Unlock()
	if k.s.draining.Load() { // it began after k was admitted
		k.stop()
	}
	go func() {
		k.guard("read", k.read)
		k.hello.Stop()
		k.ping.Stop()
		k.cancel()
		k.cut()
		if k.feed != nil {
			k.feed.Close()
		}
		k.s.leave(k)
	}()
}

// guard runs f; a fault in it ends this socket and not the server.
func (k *socket) guard(what string, f func()) {
	defer func() {
		if fault := recover(); fault != nil {
			k.s.log.Error("socket failed", "part", what, "session", k.actor.SessionID, "fault", fault, "stack", string(debug.Stack()))
			k.close(websocket.StatusInternalError, "the server failed")
		}
	}()
	f()
}

// beat pings, and cuts a peer that is silent. It runs on a goroutine of the timer, never on one of the socket's own.
func (k *socket) beat() {
	ctx, cancel := context.WithTimeout(k.ctx, k.s.o.PingTimeout)
	defer cancel()
	if err := k.conn.Ping(ctx); err != nil {
		if k.ctx.Err() == nil {
			k.s.metrics.closed("silent")
		}
		k.cut()
		return
	}
	k.ping.Reset(k.s.o.PingEvery)
}

// close says farewell with code, waiting at most some seconds for the peer's.
func (k *socket) close(code websocket.StatusCode, reason string) {
	k.ended.Store(true)
	k.closing.Do(func() {
		k.s.metrics.closedWith(code)
		_ = k.conn.Close(code, reason) // the peer may be gone already
	})
}

// cut ends the connection at once; the goroutines notice.
func (k *socket) cut() {
	k.ended.Store(true)
	k.closing.Do(func() { _ = k.conn.CloseNow() })
}

// stop begins the end of the socket because the server stops. One that is fed is closed by its writer, when the hub has
// given its last answers.
func (k *socket) stop() {
	if !k.fed.Load() {
		go k.close(wire.CloseRestart, "the server restarts")
	}
}

// read is the reading goroutine: it ends when the connection does.
func (k *socket) read() {
	for {
		kind, data, err := k.conn.Read(context.Background()) // no deadline: beat ends a silent connection
		if err != nil {
			k.s.metrics.readEnded(err)
			return
		}
		switch {
		case k.ended.Load():
			continue // only the peer's farewell is still waited for
		case kind != websocket.MessageText:
			k.close(websocket.StatusUnsupportedData, "frames are text")
			return
		case !utf8.Valid(data):
			k.close(websocket.StatusInvalidFramePayloadData, "the frame is not valid UTF-8")
			return
		}
		req, err := wire.ParseRequest(data)
		if !k.limiter.Allow() {
			k.s.metrics.request("", "busy")
			k.answer(req.ID, tooFast)
			k.extras.take(1)
			continue
		}
		if err != nil {
			k.s.metrics.request("", "malformed")
			k.answer(req.ID, chat.AsError(err))
			continue
		}
		if !k.take(req) {
			return
		}
	}
}

var tooFast = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 100, Text: "Too many requests at once. Nothing was done; send this one again in a moment."}

// take handles one well-formed request and tells whether the socket goes on.
func (k *socket) take(req wire.Request) bool {
	fed := k.fed.Load()
	switch {
	case req.Do == chat.Hello && fed:
		k.close(wire.CloseProtocol, "hello was said already")
		return false
	case req.Do == chat.Hello:
		return k.begin(req)
	case !fed:
		k.answer(req.ID, chat.Invalid("the first request must be hello"))
		k.close(wire.CloseProtocol, "the first request must be hello")
		return false
	case guesses[req.Do] && !k.mayGuess(req.ID, req.Do):
		return true
	}
	k.s.metrics.request(req.Do, "taken")
	k.feed.Do(k.ctx, req.ID, req.Do, req.Args)
	return true
}

// guesses are the commands by which one's own password or second factor could be guessed at.
var guesses = map[chat.CommandName]bool{
	chat.PasswordChange: true, chat.FactorBegin: true, chat.FactorConfirm: true, chat.FactorRenew: true, chat.FactorDisable: true,
}

// mayGuess asks the throttle before one's own password or code is tried, so that a session somebody left open is no place to
// guess at it, nor to keep those who sign in from having theirs hashed. Every try counts, the right ones too. A refusal is
// answered.
func (k *socket) mayGuess(id int64, do chat.CommandName) bool {
	user := string(k.actor.UserID)
	what := "password.change "
	if do != chat.PasswordChange {
		what = "factor "
	}
	attempt, wait := k.s.throttle.Begin(what+user, user, "")
	if attempt != nil {
		return true
	}
	k.s.metrics.request(do, "busy")
	k.answer(id, &chat.Error{Code: chat.CodeBusy, RetryAfterMs: chat.Millis(wait.Milliseconds() + 1),
		Text: "Too many tries with a password or a code. Nothing was changed; wait a moment and try again."})
	return false
}

// begin takes hello: it opens the feed and lets the writing goroutine begin.
func (k *socket) begin(req wire.Request) bool {
	var args chat.HelloArgs
	if err := wire.DecodeArgs(req.Args, &args); err != nil {
		k.answer(req.ID, chat.AsError(err))
		return true
	}
	if args.Protocol != chat.ProtocolVersion {
		k.answer(req.ID, chat.Invalid("this server speaks protocol %d; update your program", chat.ProtocolVersion))
		k.close(wire.CloseProtocol, "another protocol")
		return false
	}
	if k.s.draining.Load() {
		k.close(wire.CloseRestart, "the server restarts")
		return false
	}
	k.hello.Stop() // it has been said in time, however long the snapshot takes
	feed, err := k.s.o.Hub.Connect(k.ctx, k.actor, req.ID, args)
	var known *chat.Error
	switch {
	case err == nil:
	case errors.As(err, &known) && known.Code == chat.CodeSignedOut:
		k.close(wire.CloseSignedOut, "signed out")
		return false
	case errors.Is(err, hub.ErrClosed):
		k.close(wire.CloseRestart, "the server restarts")
		return false
	default:
		if known == nil {
			k.s.log.Error("hello failed", "session", k.actor.SessionID, "err", err)
		}
		k.hello.Reset(k.s.o.HelloTimeout)
		k.answer(req.ID, chat.AsError(err))
		return true
	}
	k.s.metrics.request(chat.Hello, "taken")
	k.feed = feed
	k.fed.Store(true)
	k.s.live.Add(1)
	go k.guard("write", func() {
		defer k.s.live.Done()
		defer k.cancel() // the reader may wait in the feed for room that nobody makes any more
		k.write()
	})
	return true
}

// answer refuses one request from the reading goroutine, past the feed: for what never reaches the hub.
func (k *socket) answer(id int64, e *chat.Error) {
	frame, err := wire.EncodeAnswer(id, nil, e)
	if err != nil {
		k.s.log.Error("encode a refusal", "err", err)
		return
	}
	timeout := time.AfterFunc(k.s.o.WriteTimeout, k.slow)
	defer timeout.Stop()
	_ = k.conn.Write(context.Background(), websocket.MessageText, frame) // the next read meets the same end
}

// slow ends a connection that takes no bytes. No farewell can reach it, so it is cut; its client comes back.
func (k *socket) slow() {
	k.s.metrics.closed("slow")
	k.cut()
}

// write is the writing goroutine: it turns deliveries into frames until the feed ends. Frames that are due at the same time
// leave together.
func (k *socket) write() {
	timeout := time.AfterFunc(time.Hour, k.slow)
	timeout.Stop()
	defer timeout.Stop()
	within := func(write func() error) bool {
		timeout.Reset(k.s.o.WriteTimeout)
		defer timeout.Stop()
		return write() == nil
	}
	for {
		d, err := k.feed.Poll(k.ctx)
		if d != nil {
			if within(func() error { return k.writeFrame(d) }) {
				continue
			}
			within(k.wire.flush) // a farewell may be among what was gathered
			k.cut()
			return
		}
		if !within(k.wire.flush) {
			k.cut()
			return
		}
		if err == nil {
			err = k.feed.Wait(k.ctx)
		}
		if err != nil { // the last answers before it have left
			k.endFeed(err)
			return
		}
	}
}

// endFeed ends the socket of a feed that has ended with err.
func (k *socket) endFeed(err error) {
	switch {
	case errors.Is(err, hub.ErrSignedOut):
		k.close(wire.CloseSignedOut, "signed out")
	case k.ctx.Err() != nil: // the socket has ended, and the feed with it
	case errors.Is(err, hub.ErrClosed):
		k.close(wire.CloseRestart, "the server restarts")
	default:
		k.s.log.Error("feed failed", "session", k.actor.SessionID, "err", err)
		k.close(websocket.StatusInternalError, "the server failed")
	}
}

// writeFrame writes the frame of d, to be flushed.
func (k *socket) writeFrame(d *hub.Delivery) error {
	buf := frames.Get().(*[]byte)
	frame, err := appendFrame((*buf)[:0], d)
	if err != nil {
		k.s.log.Error("encode a frame", "session", k.actor.SessionID, "err", err)
		_ = k.wire.flush() // what was due before; if that fails, so does the farewell
		k.close(websocket.StatusInternalError, "the server failed")
		return err
	}
	k.wire.gather()
	err = k.conn.Write(context.Background(), websocket.MessageText, frame)
	k.s.metrics.frame(len(frame))
	if cap(frame) <= 2*wire.MaxFrameBytes { // snapshots are rare and large; keep none
		*buf = frame
		frames.Put(buf)
	}
	return err
}

// frames are buffers to build frames in, so that idle connections hold none.
var frames = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// appendFrame appends the frame of d to b. The bytes of events and answers are copied as they are, never decoded again.
func appendFrame(b []byte, d *hub.Delivery) ([]byte, error) {
	switch {
	case d.Events != nil:
		b = append(b, `{"prev":`...)
		b = appendString(b, string(d.Events.Prev))
		b = append(b, `,"cursor":`...)
		b = appendString(b, string(d.Events.Cursor))
		b = append(b, `,"events":[`...)
		for i, e := range d.Events.Events {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, e...)
		}
		return append(b, "]}"...), nil
	case d.Answer != nil && d.Answer.Err == nil:
		ok := d.Answer.OK
		if len(ok) == 0 {
			ok = []byte("{}")
		}
		b = append(b, `{"re":`...)
		b = appendInt(b, d.Answer.Re)
		b = append(b, `,"ok":`...)
		b = append(b, ok...)
		return append(b, '}'), nil
	}
	f := wire.Frame{Rights: d.Rights, Signals: d.Signals}
	if d.Answer != nil {
		f.Re, f.Error = d.Answer.Re, d.Answer.Err
	}
	if d.Reset != nil {
		f.Reset = &wire.Reset{Reason: d.Reset.Reason, Cursor: d.Reset.Cursor, Snapshot: d.Reset.Snapshot}
	}
	encoded, err := chat.Encode(f)
	return append(b, encoded...), err
}
