// Package hub is the authority: it takes commands, decides them with package policy on facts kept in memory, writes them to
// the log through package store, and only after the commit answers and tells the sessions concerned.
//
// It owns who is signed in (sessions and their feeds), the order of everything that happens (one writer goroutine), what
// each reader is told (audiences, cursors, rights, signals) and the handler of every command in chat.Commands. It leaves SQL
// to store, the shape of words to chat, decisions to policy, presence to presence, hashing of passwords to whoever
// implements Passwords, and sockets to the server, which turns a Delivery into a frame.
package hub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"parley/backend/chat"
	"parley/backend/store"
)

// Actor is who acts: a user in a session, or Console.
type Actor struct {
	UserID    chat.UserID
	SessionID chat.SessionID
}

// Console is the server's own command line: it may configure, and nothing else. Audit fields name it "console".
var Console = Actor{UserID: "console"}

// Passwords hashes and checks passwords. It is never called inside the writer.
type Passwords interface {
	// Hash returns an encoded hash with its parameters.
	Hash(ctx context.Context, password string) (string, error)
	// Verify tells whether password is the one that encoded was made of.
	Verify(ctx context.Context, encoded, password string) (bool, error)
}

// Options are what a hub is given from outside.
type Options struct {
	// Store keeps the log. The hub uses it alone until Close, and does not close it.
	Store *store.Store
	// Clock tells the time; time.Now if nil.
	Clock func() time.Time
	// Rand gives random bytes for tokens and cursors; crypto/rand if nil.
	Rand io.Reader
	// Log takes what operators should know; slog.Default if nil.
	Log *slog.Logger
	// Passwords must be given.
	Passwords Passwords
	// Version is the server's version, told in hello.
	Version string
}

// SignInArgs are what somebody signs in with.
type SignInArgs struct {
	Name, Password string
	Device         chat.Device
	// Address is where the request came from, for the list of sessions' audit; not used to decide.
	Address string
}

// SignedIn is a new session. The token is told once and kept only as a hash.
type SignedIn struct {
	Token     string
	UserID    chat.UserID
	SessionID chat.SessionID
	ExpiresAt time.Time
}

// Errors that end a feed.
var (
	// ErrSignedOut: the feed's session has ended. The client must not come back by itself.
	ErrSignedOut = errors.New("hub: the session has ended")
	// ErrClosed: the feed or the hub is closed. The client may come back.
	ErrClosed = errors.New("hub: closed")
)

// Hub is the authority over one store.
type Hub struct{}

// Open loads the facts and starts the writer.
func Open(ctx context.Context, o Options) (*Hub, error) { return nil, errors.New("hub: not built yet") }

// Close answers what has been handed in, ends all feeds with ErrClosed and stops the writer.
func (h *Hub) Close() error { return nil }

// SignIn opens a session: a new authentication, which applies settings that are pending (IM-19). Unknown names, wrong
// passwords and deactivated accounts get one and the same *chat.Error, after the same work. Throttling is the server's.
func (h *Hub) SignIn(ctx context.Context, args SignInArgs) (SignedIn, error) {
	return SignedIn{}, ErrClosed
}

// Authenticate returns who the token stands for, from memory; a *chat.Error of CodeSignedOut if nobody.
func (h *Hub) Authenticate(token string) (Actor, error) { return Actor{}, ErrClosed }

// SignOut ends the actor's session and cuts its feeds.
func (h *Hub) SignOut(ctx context.Context, a Actor) error { return ErrClosed }

// Connect opens a feed for the session of a. re is the id of the request that said hello; its answer is the feed's first
// delivery. A *chat.Error refuses.
func (h *Hub) Connect(ctx context.Context, a Actor, re int64, args chat.HelloArgs) (*Feed, error) {
	return nil, ErrClosed
}

// Do executes a command without a feed, for the console and for tests, and returns its answer. args is the command's
// argument struct of package chat, or its JSON as json.RawMessage. Errors meant for the asker are *chat.Error.
func (h *Hub) Do(ctx context.Context, a Actor, name chat.CommandName, args any) (json.RawMessage, error) {
	return nil, ErrClosed
}

// Ready returns nil if the hub can commit now.
func (h *Hub) Ready(ctx context.Context) error { return ErrClosed }

// Stats are figures for operators. Those that only grow are counted since Open.
type Stats struct {
	Feeds       int64 // feeds connected now
	Sessions    int64 // sessions signed in now, connected or not
	Behind      int64 // feeds that read the log now because their queue overflowed
	Posts       int64 // messages committed
	Events      int64 // events committed
	Delivered   int64 // events handed to feeds, counted once for each feed
	Batches     int64 // transactions committed
	Commands    int64 // commands handed to the writer
	Failed      int64 // batches that could not be committed
	WriterQueue int64 // commands waiting for the writer now
	// LastBatch is the number of commands in the last transaction, LastCommit how long its commit took.
	LastBatch  int64
	LastCommit time.Duration
	Head       int64 // the log's newest number
}

// Stats returns the figures of this moment.
func (h *Hub) Stats() Stats { return Stats{} }
