// Package server is the way in to the hub: HTTP routes and WebSocket connections, sign-in with its throttle, the web user
// interface, health and metrics.
//
// It owns connections and everything that can be wrong with them: who may open one, how much it may send, how long it may
// take. What a command means, who may give it and what is told to whom is the hub's. What the frames look like is package
// wire's; PROTOCOL.md is the contract that this package keeps.
//
// A connection has two goroutines. One always reads, hands commands to its feed of the hub and answers what is malformed.
// The other takes deliveries from the feed and writes frames. Nothing is shared between connections but the hub and
// counters, so no client can block another.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"parley/backend/auth"
	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// Options are what a server is given. Zero values of the limits mean the defaults named beside them.
type Options struct {
	Hub *hub.Hub
	// Files keeps the bytes of files; nil if there are none.
	Files *blob.Store
	// Log takes what operators should know; slog.Default if nil. No token, password or message is ever written to it.
	Log *slog.Logger
	// Assets is the built web interface with index.html at its root; nil serves none.
	Assets fs.FS
	// Clock tells the time to the throttle; time.Now if nil.
	Clock func() time.Time
	// PublicURL is the address people use, for example "https://parley.example.com", where it differs from what requests say
	// (behind a proxy). Empty: each request's own Host and scheme.
	PublicURL string
	// TrustProxy takes scheme, host and client address from X-Forwarded-*. Only behind a proxy that sets them itself.
	TrustProxy bool
	// SSO is single sign-on; nil if people sign in by password only.
	SSO *SSO

	MaxSockets        int // 20,000 connections in all
	MaxSocketsPerUser int // 32 connections of one user
	AcceptPerSecond   int // 500 new connections a second, with bursts of twice as many
	AcceptPerUser     int // 20 of them of one user, with bursts of four times MaxSocketsPerUser
	MaxSignIns        int // 64 sign-ins that wait for their password to be hashed

	HelloTimeout time.Duration // wire.HelloTimeout
	PingEvery    time.Duration // wire.PingEvery
	PingTimeout  time.Duration // wire.PingTimeout
	WriteTimeout time.Duration // wire.WriteTimeout
}

// Server serves one hub. Its handlers may be mounted on any number of listeners.
type Server struct {
	o        Options
	log      *slog.Logger
	public   *url.URL
	throttle *auth.Throttle
	signIns  chan struct{}
	accepts  *rate.Limiter
	assets   *assets
	sso      *ssoState
	metrics  *metrics
	handler  http.Handler
	draining atomic.Bool
	live     sync.WaitGroup // goroutines of sockets

	mu      sync.Mutex
	open    int // admitted, in the handshake or past it
	sockets map[*socket]struct{}
	perUser map[chat.UserID]int
	// connects paces each user's connections. Only who has an account is in it.
	connects map[chat.UserID]*rate.Limiter
}

// New returns a server for o.Hub. It opens no listener: see Handler, MetricsHandler and AdminHandler.
func New(o Options) (*Server, error) {
	o.setDefaults()
	s := &Server{
		o: o, log: o.Log,
		throttle: auth.NewThrottle(o.Clock),
		signIns:  make(chan struct{}, o.MaxSignIns),
		accepts:  rate.NewLimiter(rate.Limit(o.AcceptPerSecond), 2*o.AcceptPerSecond),
		sockets:  map[*socket]struct{}{},
		perUser:  map[chat.UserID]int{},
		connects: map[chat.UserID]*rate.Limiter{},
	}
	if o.Hub == nil {
		return nil, errors.New("server: no hub")
	}
	if o.PublicURL != "" {
		base, err := wire.ServerURL(o.PublicURL)
		if err != nil {
			return nil, fmt.Errorf("server: the public address %q: %w", o.PublicURL, err)
		}
		if s.public, err = url.Parse(base); err != nil {
			return nil, fmt.Errorf("server: the public address %q: %w", o.PublicURL, err)
		}
	}
	var err error
	if s.assets, err = loadAssets(o.Assets); err != nil {
		return nil, err
	}
	if s.sso, err = newSSOState(); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.handler = s.mux(s.Routes())
	return s, nil
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	for _, limit := range []struct {
		value *int
		fall  int
	}{{&o.MaxSockets, 20_000}, {&o.MaxSocketsPerUser, 32}, {&o.AcceptPerSecond, 500}, {&o.AcceptPerUser, 20}, {&o.MaxSignIns, 64}} {
		if *limit.value <= 0 {
			*limit.value = limit.fall
		}
	}
	for _, limit := range []struct {
		value *time.Duration
		fall  time.Duration
	}{{&o.HelloTimeout, wire.HelloTimeout}, {&o.PingEvery, wire.PingEvery}, {&o.PingTimeout, wire.PingTimeout}, {&o.WriteTimeout, wire.WriteTimeout}} {
		if *limit.value <= 0 {
			*limit.value = limit.fall
		}
	}
}

// Handler returns the public routes.
func (s *Server) Handler() http.Handler { return s.handler }

// ParallelHashes is how many passwords a server should hash at once: half of the cores, so that messages go on.
func ParallelHashes() int { return max(1, runtime.NumCPU()/2) }

// HTTPServer returns an http.Server around h with the limits every listener of this program has: slow or huge requests
// end, and what net/http complains of goes to the log.
func HTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// Shutdown ends the service gracefully: no connection is admitted any more, the hub commits and answers what it was handed
// and is closed, and every socket is closed with wire.CloseRestart once its last answer is written. What is left when ctx
// ends is cut, and ctx's error returned. Close the listeners' HTTP servers first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining.Store(true) // under the lock: whoever was admitted before is waited for below
	s.mu.Unlock()
	for _, k := range s.snapshot() {
		k.stop()
	}
	hubErr := s.o.Hub.Close()
	done := make(chan struct{})
	go func() {
		s.live.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		for _, k := range s.snapshot() {
			k.cut()
		}
		<-done
		return errors.Join(hubErr, fmt.Errorf("stop the server: %w", ctx.Err()))
	}
	if hubErr != nil {
		return fmt.Errorf("close the hub: %w", hubErr)
	}
	return nil
}

func (s *Server) snapshot() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*socket, 0, len(s.sockets))
	for k := range s.sockets {
		all = append(all, k)
	}
	return all
}
