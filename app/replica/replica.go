// Package replica is the desktop's local peer: it repeats what the hub said, keeps it for offline use, and holds what is still
// to be sent. To its pages it speaks the hub's own protocol over a socket on this computer (backend/PROTOCOL.md section 5).
//
// It owns the outbox's run, the sign-in of this computer, the pages' sessions and what they are told. It decides nothing about
// rights: refusals come from the hub, and a command it does not know is passed on unopened. What is on the disk is package
// cache's, the connection package link's, the rule when to disturb package attention's.
//
// One goroutine, the owner, changes all state; pages and the link hand it functions to run (see do and call) and it never waits
// for either. What is told was on the disk before:
//
//	frame of the hub -> cache (one transaction: rows, cursor, outbox) -> pages
//	message of a page -> cache (synced) -> answer "waiting" -> link -> hub's answer -> cache
//
// Accounts: a session that the server ended (or a lost token) leaves the cache as it is; the pages show sign-in, and the same
// user continues where they were, outbox included. When another user signs in, everything the first was shown is purged, while
// what they had not sent yet stays in the file, invisible, and goes out when they sign in again here. Signing out oneself
// removes everything of that account, unsent messages and drafts included.
package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"parley/app/cache"
	"parley/app/link"
	"parley/backend/attention"
	"parley/backend/blob"
	"parley/backend/chat"
)

// Notifier shows what the page cannot. Its methods must not wait.
type Notifier interface {
	// Toast shows a toast; an empty conversation tells of several. The texts are as people wrote them, not filtered.
	Toast(id chat.ConversationID, title, body string)
	// Clear takes the conversation's toast away.
	Clear(id chat.ConversationID)
	// Badge shows how many messages are unread.
	Badge(unread int)
	// Flash marks the window where the system shows its windows, until somebody looks at it. It does nothing while they do.
	Flash()
}

// Config is what a replica is opened with.
type Config struct {
	// Profile is the folder of this user's data; it is made if it is not there.
	Profile string
	// Listen is the loopback address of the pages' socket; empty for 127.0.0.1 and any port.
	Listen string
	// Origins are the page origins admitted besides the listener's own, for example "wails://wails".
	Origins []string
	// Assets is the built interface, served at the listener's root; nil serves none, and then the listener's own origin is not
	// admitted either.
	Assets fs.FS
	// Notifier may be nil.
	Notifier Notifier
	// Keys keeps the session's token; nil for the system's key store.
	Keys KeyStore
	// DeviceName is shown in the list of sessions; empty for "Desktop".
	DeviceName string
	// Version is this program's, told to pages as long as the server's is not known.
	Version string
	// Keep is how many messages are kept for use without a connection, as far as older ones are loaded for it; 0 loads none. What was
	// shown, and what came live, is kept in any case.
	Keep int
	Log  *slog.Logger
	// Usage asks the system whether somebody is at this computer; it may take a while. Nil: what the pages say counts.
	Usage func() (Usage, error)

	// The rest is for tests; zero values are the real world.
	Clock  link.Clock
	Random func() float64
	HTTP   *http.Client
}

// Replica is an open profile with its pages' socket and, when signed in, its link.
type Replica struct {
	Config
	lock  *cache.Lock
	cache *cache.Cache
	// stage keeps the files of messages that are not posted; nil where there are none, as in simulations.
	stage   *blob.Store
	tickets tickets
	listen  *listener
	steps   *Stepped // nil in the real world

	jobs    chan func()
	ended   chan struct{} // closed when the owner runs no more jobs
	ctx     context.Context
	stop    context.CancelFunc
	workers sync.WaitGroup
	// forgetting counts removals from the key store that are under way.
	forgetting sync.WaitGroup

	// What follows belongs to the owner.

	session      *session // nil while signed out
	secret       *Secret  // of session
	signingIn    bool
	single       *single // the sign-in that goes on in the browser
	whySignedOut string  // what hello answers while signed out
	keysWarning  string
	damage       string // what was lost when a damaged cache was replaced; for people

	linkState chat.Link
	serverLag time.Duration // server's clock minus this computer's
	version   string        // the server's; empty until it was reached
	presence  map[chat.UserID]chat.Presence

	pages     []*page
	lastPage  int64
	cursor    int64 // of the last frame told to pages
	attention *attention.Rule
	rouse     func() // stops the timer for toasts that wait
	badge     int
	idling    idling

	sending map[chat.ConversationID]*sending
	tries   map[chat.ConversationID]int
	own     map[ownKey]bool // read marks and drafts on their way
	// loads are the messages whose files are on their way, reloaded those whose files were sent once more.
	loads    map[chat.MessageID]*loading
	reloaded map[chat.MessageID]bool
	saves    map[chat.FileID]*saving
	filling  filling
	catching catching
	// era counts the connections: an answer to something sent on an earlier one may come late.
	era int64
}

var errClosed = errors.New("the replica is closed")

// Open opens a profile, begins to serve pages and, if the profile is signed in, connects. If another process has the profile,
// the error is a *cache.InUseError.
func Open(ctx context.Context, config Config) (_ *Replica, err error) {
	r := newReplica(config)
	defer func() {
		if err != nil {
			r.stop()
		}
	}()
	if r.lock, err = cache.LockProfile(config.Profile); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.lock.Close())
		}
	}()
	if r.cache, err = cache.Open(ctx, config.Profile, r.Log); err != nil {
		return nil, err
	}
	r.noteDamage()
	if err = r.openStage(); err != nil {
		r.stop()
		close(r.ended)
		return nil, errors.Join(err, r.cache.Close())
	}
	if r.Keys == nil {
		r.Keys = SystemKeys(config.Profile, r.Log)
	}
	r.resume(ctx)
	if r.listen, err = r.openListener(); err != nil {
		r.stop()
		r.run() // it ends at once, and whoever asked it something hears so, before the cache is closed
		return nil, errors.Join(err, r.stage.Close(), r.cache.Close())
	}
	r.workers.Go(r.run)
	r.listen.serve(&r.workers)
	if r.Usage != nil {
		r.watchUsage()
	}
	r.do(r.tidy)
	return r, nil
}

// newReplica makes a replica that has nothing open.
func newReplica(config Config) *Replica {
	r := &Replica{Config: config, jobs: make(chan func(), 64), ended: make(chan struct{}),
		presence: map[chat.UserID]chat.Presence{}, attention: attention.New(), rouse: func() {}, sending: map[chat.ConversationID]*sending{},
		tries: map[chat.ConversationID]int{}, own: map[ownKey]bool{}, loads: map[chat.MessageID]*loading{}, reloaded: map[chat.MessageID]bool{},
		saves: map[chat.FileID]*saving{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	r.fillConfig()
	return r
}

func (r *Replica) fillConfig() {
	if r.Clock == nil {
		r.Clock = link.SystemClock{}
	}
	if r.Random == nil {
		r.Random = rand.Float64
	}
	if r.Log == nil {
		r.Log = slog.Default()
	}
	if r.Notifier == nil {
		r.Notifier = noNotifier{}
	}
	if r.DeviceName == "" {
		r.DeviceName = "Desktop"
	}
	if r.HTTP == nil {
		r.HTTP = plainHTTP()
	}
	r.Listen = orElse(r.Listen, "127.0.0.1:0")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Close stops sending and serving and closes the profile. What waits in the outbox stays there.
func (r *Replica) Close() error {
	r.stop()
	err := r.listen.close()
	r.workers.Wait()
	return errors.Join(err, r.stage.Close(), r.cache.Close(), r.lock.Close())
}

// Done is closed when the replica has stopped: by Close, or because its data can be used no more.
func (r *Replica) Done() <-chan struct{} { return r.ctx.Done() }

// Endpoint is where pages find the replica: the socket's address, and the token of this launch.
func (r *Replica) Endpoint() (url, token string) {
	return "ws://" + r.listen.host + socketPath, r.listen.token
}

// Address is where a browser finds the page, token included; empty if no page is served.
func (r *Replica) Address() string { return r.listen.address() }

// Server is the address that this computer is signed in to; empty while it is not.
func (r *Replica) Server() (server string) {
	_ = r.call(func() error { // an error means closed
		if r.secret != nil {
			server = r.secret.Server
		}
		return nil
	})
	return server
}

// OpenConversation asks a page to show a conversation: its toast was clicked.
func (r *Replica) OpenConversation(id chat.ConversationID) {
	if id == "" {
		return
	}
	r.do(func() { r.alert(chat.Alert{ConversationID: id, Open: true}) })
}

// Ask gives a command of the user's own that no page asked for. What becomes of it shows in what the hub tells; without a connection
// nothing does.
func (r *Replica) Ask(do chat.CommandName, args any) {
	r.do(func() {
		if !r.online() {
			return
		}
		r.session.link.Send(do, r.encode(args), func(_ json.RawMessage, refusal *chat.Error) {
			if refusal != nil {
				r.Log.Warn("what was chosen outside of the window was refused", "command", do, "error", refusal)
			}
		})
	})
}

// run is the owner: it runs what others hand it until the replica is closed.
func (r *Replica) run() {
	defer close(r.ended)
	for {
		select {
		case job := <-r.jobs:
			job()
		case <-r.ctx.Done():
			r.endSession()
			return
		}
	}
}

// do has the owner run job, after all that was handed to it before. After Close it does nothing.
func (r *Replica) do(job func()) {
	if r.steps != nil {
		r.steps.do(job)
		return
	}
	select {
	case r.jobs <- job:
	case <-r.ctx.Done():
	}
}

// call has the owner run job and waits for its result. Never called by the owner.
func (r *Replica) call(job func() error) error {
	if r.steps != nil {
		return job() // whoever steps is the owner
	}
	result := make(chan error, 1)
	r.do(func() { result <- job() })
	select {
	case err := <-result:
		return err
	case <-r.ended: // only now: what the job writes for its caller is not written while the caller goes on
	}
	select {
	case err := <-result:
		return err
	default:
		return errClosed
	}
}

// aside runs work that may take a while beside the owner.
func (r *Replica) aside(work func()) {
	if r.steps != nil {
		work()
		return
	}
	r.workers.Go(work)
}

// after has the owner run job when d has passed.
func (r *Replica) after(d time.Duration, job func()) (stop func()) {
	return r.Clock.AfterFunc(d, func() { r.do(job) })
}

func (r *Replica) now() chat.Millis { return chat.MillisOf(r.Clock.Now()) }

// --- what pages are told ---

// tell sends a frame to every page that has said hello.
func (r *Replica) tell(frame any) {
	var bytes []byte
	for _, p := range r.pages {
		if !p.helloed {
			continue
		}
		if bytes == nil {
			bytes = r.encode(frame)
		}
		p.push(bytes)
	}
}

func (r *Replica) tellSignals(signals ...chat.Signal) {
	if len(signals) > 0 {
		r.tell(signalsFrame{signals})
	}
}

// nextCursor returns the pages' cursor before and after one more frame.
func (r *Replica) nextCursor() (prev, next chat.Cursor) {
	prev = r.pageCursor()
	r.cursor++
	return prev, r.pageCursor()
}

// pageCursor is where all pages stand. It counts the frames of this launch; a page of another launch is reset anyway.
func (r *Replica) pageCursor() chat.Cursor {
	return chat.Cursor("local." + strconv.FormatInt(r.cursor, 10))
}

// failed is called with every error of the cache in the owner's own work: a damaged file is replaced at once, anything else is
// logged. What the error kept from happening is repeated by the next connection or the next start.
func (r *Replica) failed(what string, err error) {
	if r.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return // the program ends in the middle of it
	}
	r.Log.Error(what, "error", err)
	if cache.IsDamage(err) {
		r.replaceCache()
	}
}

// replaceCache puts a new file with outbox and drafts in place of the damaged one, and has everything told again.
func (r *Replica) replaceCache() {
	if err := r.cache.Rebuild(r.ctx); err != nil {
		// Without a cache nothing can be promised any more; the next start tries again.
		r.Log.Error("the local data cannot be used; stopping", "error", err)
		r.stop()
		return
	}
	r.noteDamage()
	if r.secret != nil {
		r.startSession(r.secret)
	}
	r.closePages(nil)
}

// noteDamage remembers for people what was saved out of a damaged cache.
func (r *Replica) noteDamage() {
	s := r.cache.Salvaged()
	if s == nil {
		return
	}
	r.damage = fmt.Sprintf("The data on this computer was damaged and is loaded again from the server. %d unsent messages and drafts were saved.",
		s.Messages+s.Drafts)
	if s.Refused > 0 {
		r.damage += fmt.Sprintf(" %d of them were damaged; check them.", s.Refused)
	}
	if s.Lost {
		r.damage += " Others may be missing: look whether what you wrote last was sent."
	}
}

type noNotifier struct{}

func (noNotifier) Toast(chat.ConversationID, string, string) {}
func (noNotifier) Clear(chat.ConversationID)                 {}
func (noNotifier) Badge(int)                                 {}
func (noNotifier) Flash()                                    {}
