// Package rig is the test harness: a real server on a loopback port with the same few users every time, clients that let a
// test read as a story, transcripts, a proxy that does to a connection what networks do, and the server's program as a
// process that can be killed.
//
// It owns nothing of the product and is imported by tests only. Its own tests are the black-box tests of the server: they
// know the wire and PROTOCOL.md, not the insides.
package rig

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Patience bounds every wait for something that must happen. It is no measure: a test that waits this long has failed.
const Patience = 20 * time.Second

// Server is a running server with the cast in its directory, in this process or another.
type Server struct {
	// URL is its base address, http://127.0.0.1:PORT.
	URL string

	t       testing.TB
	people  map[string]chat.UserID // by sign-in name
	clock   *Clock                 // nil for a process
	console func(context.Context, chat.CommandName, any) (json.RawMessage, error)
	stop    func()
	once    sync.Once // of stop

	mu     sync.Mutex
	tokens map[string]wire.SignInAnswer
}

// ID returns the user id of one of the cast.
func (s *Server) ID(name string) chat.UserID {
	s.t.Helper()
	id, ok := s.people[name]
	if !ok {
		s.t.Fatalf("rig: nobody is called %q", name)
	}
	return id
}

// Direct returns the conversation of two of the cast.
func (s *Server) Direct(a, b string) chat.ConversationID {
	s.t.Helper()
	return chat.DirectID(s.ID(a), s.ID(b))
}

// Console executes a command with the right to configure, as the server's own command line does. A process has none: there
// the subcommands are to be run.
func (s *Server) Console(ctx context.Context, name chat.CommandName, args any) (json.RawMessage, error) {
	return s.console(ctx, name, args)
}

// Clock returns the hand-turned clock the server was started with.
func (s *Server) Clock() *Clock {
	s.t.Helper()
	if s.clock == nil {
		s.t.Fatal("rig: this server has the real clock; start it with HandClock")
	}
	return s.clock
}

// SignIn opens a new session of one of the cast. Sessions outlive connections; As takes one and the same for each name.
func (s *Server) SignIn(name string) wire.SignInAnswer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	answer, err := wire.SignIn(ctx, nil, s.URL, wire.SignInArgs{Name: name, Password: PasswordOf(name),
		Device: &chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "rig"}})
	if err != nil {
		s.t.Fatalf("rig: %s cannot sign in: %v", name, err)
	}
	return answer
}

// session returns the session that As uses for name.
func (s *Server) session(name string) wire.SignInAnswer {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if answer, ok := s.tokens[name]; ok {
		return answer
	}
	answer := s.SignIn(name)
	s.tokens[name] = answer
	return answer
}

// Clock is a clock that only a test turns. It starts at a fixed time.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock at a fixed moment of 2030.
func NewClock() *Clock { return &Clock{now: time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Turn moves the clock by d, which may be negative.
func (c *Clock) Turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
