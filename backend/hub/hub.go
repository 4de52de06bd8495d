// Package hub is the authority: it takes commands, decides them with package policy on facts kept in memory, writes them to
// the log through package store, and only after the commit answers and tells the sessions concerned.
//
// It owns who is signed in (sessions and their feeds), the order of everything that happens (one writer goroutine), what
// each reader is told (audiences, cursors, rights, signals) and the handler of every command in chat.Commands. It leaves SQL
// to store, the shape of words to chat, decisions to policy, presence to presence, hashing of passwords to whoever
// implements Passwords, and sockets to the server, which turns a Delivery into a frame.
//
// # The way of a command
//
// Feed.Do or Hub.Do → authorise (is there a session, may it do such a thing at all) → the handler's preparation, in the
// asker's goroutine → the writer: decided on the batch's facts, which contain all that came before → one transaction for
// the whole batch → facts published → feeds told → answers. Commands that only read never see the writer.
//
// # Who owns what
//
//   - facts: made by the writer, published behind an atomic pointer, never changed afterwards.
//   - Feed: its queue is filled by the writer under the feed's lock; all else in it belongs to the goroutine in Next.
//   - presences and registry: behind locks of their own. Order of locks: presences, then registry, then a feed's. That of the watches is held alone.
package hub

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
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

// Store is what the hub needs of a *store.Store, which says what each of these promises.
type Store interface {
	Load(ctx context.Context) (*store.State, error)
	Reopen(ctx context.Context) error
	Commit(c *store.Changes) error
	Posted(ids []chat.MessageID) (map[chat.MessageID]store.Posted, error)
	MessagesBefore(ctx context.Context, c store.ConversationKey, beforeN int64, limit int) ([]store.Message, error)
	MessagesAfter(ctx context.Context, c store.ConversationKey, afterN int64, limit int) ([]store.Message, error)
	MessagesSince(ctx context.Context, seq, through int64, limit int) ([]store.Message, error)
	MessageAt(ctx context.Context, seq int64) (*store.Message, error)
	MessageOf(ctx context.Context, id chat.MessageID) (*store.Message, error)
	ConversationOf(ctx context.Context, key store.ConversationKey) (chat.ConversationID, error)
	MessageOfFile(ctx context.Context, id chat.FileID) (*store.Message, chat.ConversationID, error)
	NamedFiles(ctx context.Context, ids []chat.FileID) (map[chat.FileID]struct{}, error)
	FileBytes(ctx context.Context, u store.UserKey) (int64, error)
	Amended(ctx context.Context, seq, through int64) ([]store.Message, error)
	Versions(ctx context.Context, c store.ConversationKey, n int64) ([]store.Version, error)
	LastNAt(ctx context.Context, c store.ConversationKey, seq int64) (int64, error)
	EventsAfter(ctx context.Context, a store.Audience, seq int64, limit int) ([]store.Event, error)
	Drafts(ctx context.Context, u store.UserKey) ([]chat.Draft, error)
	Draft(ctx context.Context, u store.UserKey, c chat.ConversationID) (*chat.Draft, error)
	WroteAt(ctx context.Context, c store.ConversationKey, u store.UserKey, at chat.Millis) (chat.Millis, error)
	AuditEntries(ctx context.Context, a chat.AuditListArgs) ([]chat.AuditEntry, error)
	VerifyAudit(ctx context.Context) (chat.AuditVerifyAnswer, error)
}

var _ Store = (*store.Store)(nil)

// Options are what a hub is given from outside.
type Options struct {
	// Store keeps the log. The hub uses it alone until Close, and does not close it.
	Store Store
	// Clock tells the time; time.Now if nil.
	Clock func() time.Time
	// Rand gives random bytes for tokens and cursors, one caller at a time; crypto/rand if nil.
	Rand io.Reader
	// Log takes what operators should know; slog.Default if nil.
	Log *slog.Logger
	// Passwords must be given.
	Passwords Passwords
	// Files keeps the bytes of files; nil if there are none.
	Files Files
	// Push makes, of the server's private key, what sends notices to browsers; nil if none are sent.
	Push func(key []byte) (Pusher, error)
	// FileQuota bounds the bytes of all files of one user's messages; no bound if zero.
	FileQuota int64
	// SearchPath is the file of the search index; in memory if empty.
	SearchPath string
	// Version is the server's version, told in hello.
	Version string
	// QueueEvents and QueueBytes bound the events that wait for one feed; beyond them it reads the log. 256 and 256 KB if
	// zero.
	QueueEvents, QueueBytes int
	// InFlight bounds the commands of one feed whose answers were not taken yet; 64 if zero.
	InFlight int
	// FrameBytes is the size at which a delivery of events takes no more; 64 KB if zero.
	FrameBytes int
	// SessionLife is how long a sign-in lasts; 30 days if zero (IM-19).
	SessionLife time.Duration
	// SweepEvery is how often sessions whose time is over are ended; a minute if zero.
	SweepEvery time.Duration
	// PresenceEvery is how often, at most, feeds are woken for changes of presence; 100 ms if zero. The first change after
	// a rest is told at once.
	PresenceEvery time.Duration
}

func (o *Options) setDefaults() {
	setDefault(&o.QueueEvents, 256)
	setDefault(&o.QueueBytes, 256<<10)
	setDefault(&o.InFlight, 64)
	setDefault(&o.FrameBytes, 64<<10)
	setDefault(&o.SessionLife, 30*24*time.Hour)
	setDefault(&o.SweepEvery, time.Minute)
	setDefault(&o.PresenceEvery, 100*time.Millisecond)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v <= 0 {
		*v = to
	}
}

// Errors that end a feed.
var (
	// ErrSignedOut: the feed's session has ended. The client must not come back by itself.
	ErrSignedOut = errors.New("hub: the session has ended")
	// ErrClosed: the feed or the hub is closed. The client may come back.
	ErrClosed = errors.New("hub: closed")
)

// Hub is the authority over one store.
type Hub struct {
	o     Options
	facts atomic.Pointer[facts]
	log   store.Log // its epoch and secret; the head is in the facts

	jobs    chan *job
	broken  bool // the writer's: the store must be opened again before anything else
	stepped bool // the writer does nothing by itself: see OpenStepped
	stopped chan struct{}
	compute chan struct{} // holds whoever computes something long; one at a time

	// closing is held for reading while something is handed to the writer, and for writing to close it.
	closing sync.RWMutex
	closed  bool

	feeds     registry
	presences presences
	watches   watches
	indexing  *indexing
	pushes    *pushes // nil if no notices are sent
	refusals  refusals
	rest      context.CancelFunc // ends what the hub does by itself from time to time

	random sync.Mutex // guards o.Rand
	dummy  string     // the hash that passwords of unknown names are checked against
	count  counters
}

type counters struct {
	posts, events, delivered, batches, commands, failed, lastBatch, lastCommit, behind atomic.Int64
}

// Open loads the facts and starts the writer.
func Open(ctx context.Context, o Options) (*Hub, error) {
	h, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	go h.write()
	going, stop := context.WithCancel(context.Background())
	h.rest = stop
	if h.pushes != nil {
		go h.pushes.run(going)
	}
	go h.sweepOften(going)
	if o.SearchPath != "" {
		go h.indexing.fillOften(going)
	}
	return h, nil
}

// load makes a hub that does nothing yet.
func load(ctx context.Context, o Options) (*Hub, error) {
	o.setDefaults()
	st, err := o.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("open hub: %w", err)
	}
	h := &Hub{o: o, log: st.Log, jobs: make(chan *job, 2*maxBatch), stopped: make(chan struct{}), compute: make(chan struct{}, 1),
		refusals: refusals{known: map[refusal]refused{}}}
	h.facts.Store(newFacts(st))
	h.indexing = newIndexing(h)
	h.presences.init(h)
	secret, err := h.secret(32)
	if err != nil {
		return nil, err
	}
	if h.dummy, err = o.Passwords.Hash(ctx, fmt.Sprintf("%x", secret)); err != nil {
		return nil, fmt.Errorf("open hub: hash: %w", err)
	}
	if o.Push != nil {
		if h.pushes, err = newPushes(h, o.Push); err != nil {
			return nil, fmt.Errorf("open hub: %w", err)
		}
	}
	return h, nil
}

// Close answers what has been handed in, stops the writer and ends all feeds with ErrClosed, each once it has delivered
// what it holds.
func (h *Hub) Close() error {
	h.closing.Lock()
	already := h.closed
	h.closed = true
	h.closing.Unlock()
	if !already {
		close(h.jobs)
		if h.stepped {
			h.write()
		} else {
			h.rest()
		}
	}
	<-h.stopped
	h.feeds.each(func(f *Feed) { f.finishAfter(ErrClosed) })
	h.presences.stop()
	if already {
		return nil
	}
	h.pushes.close()
	return h.indexing.close()
}

func (h *Hub) now() chat.Millis { return chat.MillisOf(h.o.Clock()) }

// secret returns n random bytes.
func (h *Hub) secret(n int) ([]byte, error) {
	h.random.Lock()
	defer h.random.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(h.o.Rand, b); err != nil {
		return nil, fmt.Errorf("take random bytes: %w", err)
	}
	return b, nil
}

// sealer returns the sealer of a user's cursors.
func (h *Hub) sealer(user chat.UserID) (*sealer, error) {
	salt, err := h.secret(4)
	if err != nil {
		return nil, err
	}
	return newSealer(h.log.Secret, h.log.Epoch, user, binary.LittleEndian.Uint32(salt))
}

// Ready returns nil if the hub can commit now: it writes something that means nothing.
func (h *Hub) Ready(ctx context.Context) error {
	touch := task{write: func(b *batch, _ *user) (any, error) {
		b.changes.Touch = true
		return none{}, nil
	}}
	_, err := h.perform(ctx, Console, chat.ActConnect, touch)
	return err
}

// Stats are figures for operators. Those that only grow are counted since Open.
type Stats struct {
	Feeds       int64 // feeds connected now
	Sessions    int64 // sessions signed in now, connected or not
	Behind      int64 // feeds that read the log now because their queue overflowed or they have just come
	Posts       int64 // messages committed
	Events      int64 // events committed, messages included
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
func (h *Hub) Stats() Stats {
	f, c := h.facts.Load(), &h.count
	return Stats{
		Feeds: int64(h.feeds.count()), Sessions: int64(f.sessions.size), Behind: c.behind.Load(),
		Posts: c.posts.Load(), Events: c.events.Load(), Delivered: c.delivered.Load(), Batches: c.batches.Load(),
		Commands: c.commands.Load(), Failed: c.failed.Load(), WriterQueue: int64(len(h.jobs)),
		LastBatch: c.lastBatch.Load(), LastCommit: time.Duration(c.lastCommit.Load()), Head: f.head,
	}
}
