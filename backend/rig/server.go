package rig

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/picture"
	"parley/backend/push"
	"parley/backend/server"
	"parley/backend/store"
	"parley/backend/wire"
)

// Option changes how Start starts a server.
type Option func(*start)

type start struct {
	clock   *Clock
	limits  server.Options
	dir     string
	network func(net.Listener) net.Listener
	empty   bool
	anew    bool // the cast is not copied
	quota   int64
	files   func(o *blob.Options)
	push    push.Options
}

// HandClock gives the server a clock that only the test turns; see Server.Clock.
func HandClock() Option { return func(s *start) { s.clock = NewClock() } }

// Limits gives the server other limits than the product's; of o only limits are taken.
func Limits(o server.Options) Option { return func(s *start) { s.limits = o } }

// InDir keeps the database in dir, so that another server can be started on it after this one was stopped.
func InDir(dir string) Option { return func(s *start) { s.dir = dir } }

// Empty leaves the cast out: nobody is there but whom the test adds by Console.
func Empty() Option { return func(s *start) { s.empty = true } }

// Push lets the server send notices to push services that a test runs: o.Allow and o.Roots are taken, and o.Backoff.
func Push(o push.Options) Option { return func(s *start) { s.push = o } }

// FileQuota bounds the bytes of each user's files.
func FileQuota(bytes int64) Option { return func(s *start) { s.quota = bytes } }

// Previews has small copies of pictures made, by the built program.
func Previews(t testing.TB) Option {
	shrinker := picture.NewShrinker(nil, Program(t), "preview")
	return func(s *start) { s.files = func(o *blob.Options) { o.Shrink = shrinker.Shrink } }
}

// Checked has files checked for viruses by the function; pass lets them pass while it fails.
func Checked(scan func(ctx context.Context, bytes io.Reader) (virus string, err error), pass bool) Option {
	return func(s *start) { s.files = func(o *blob.Options) { o.Scan, o.PassUnchecked = scan, pass } }
}

// Network puts something between the server and its listener, for example one that gives sockets small buffers.
func Network(wrap func(net.Listener) net.Listener) Option { return func(s *start) { s.network = wrap } }

// Start starts a server in this process, on a random port of the loopback address, with a real database in a temporary
// directory and the cast in it. It is stopped when the test ends, and then the database is checked.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	o := start{dir: t.TempDir(), network: func(l net.Listener) net.Listener { return l }}
	for _, option := range options {
		option(&o)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx := context.Background()
	if o.clock == nil && !o.empty && !o.anew {
		bringCast(t, filepath.Join(o.dir, databaseFile))
	}
	st, err := store.Open(ctx, filepath.Join(o.dir, databaseFile), store.Options{Log: log})
	if err != nil {
		t.Fatalf("rig: open the store: %v", err)
	}
	ho := hub.Options{Store: st, Log: log, Passwords: plainPasswords{}, Version: "rig", FileQuota: o.quota}
	ho.Push = func(key []byte) (hub.Pusher, error) {
		o.push.Key, o.push.Contact, o.push.Log = key, "mailto:rig@example.com", log
		return push.New(o.push)
	}
	if o.clock != nil {
		ho.Clock = o.clock.Now
	}
	fo := blob.Options{Dir: filepath.Join(o.dir, "files"), Named: st.NamedFiles, Clock: ho.Clock, Log: log}
	if o.files != nil {
		o.files(&fo)
	}
	files, err := blob.Open(fo)
	if err != nil {
		t.Fatalf("rig: open the folder of files: %v", err)
	}
	ho.Files = files
	h, err := hub.Open(ctx, ho)
	if err != nil {
		t.Fatalf("rig: open the hub: %v", err)
	}
	so := o.limits
	so.Hub, so.Files, so.Log, so.Clock = h, files, log, ho.Clock
	srv, err := server.New(so)
	if err != nil {
		t.Fatalf("rig: start the server: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("rig: listen: %v", err)
	}
	web := server.HTTPServer(srv.Handler(), log)
	served := make(chan error, 1)
	go func() { served <- web.Serve(o.network(l)) }()

	s := &Server{URL: "http://" + l.Addr().String(), t: t, clock: o.clock, tokens: map[string]wire.SignInAnswer{}}
	s.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_ = l.Close() // no more connections; Shutdown ends those there are
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("rig: stop the server: %v", err)
		}
		_ = web.Close()
		<-served
		if err := files.Close(); err != nil {
			t.Errorf("rig: close the folder of files: %v", err)
		}
		if damage, err := st.Check(ctx); err != nil || !damage.Sound() {
			t.Errorf("rig: the database is not sound after the test: %+v, %v", damage, err)
		}
		if err := st.Close(); err != nil {
			t.Errorf("rig: close the store: %v", err)
		}
	}
	t.Cleanup(s.Stop)
	s.console = func(ctx context.Context, name chat.CommandName, args any) (json.RawMessage, error) {
		return h.Do(ctx, hub.Console, name, args)
	}
	if !o.empty {
		s.people = settle(t, func(name chat.CommandName, args any) (json.RawMessage, error) { return s.console(ctx, name, args) })
	}
	return s
}

// databaseFile is the database's name in a server's directory.
const databaseFile = "parley.db"

// prepared is a database with the cast in it. It is made once: migrations and cast would be most of the time of many tests. With a hand
// clock the cast must be of that clock's time, so it is made anew.
var prepared struct {
	sync.Once
	database []byte
}

// bringCast puts a copy of the prepared database where there is none.
func bringCast(t testing.TB, path string) {
	t.Helper()
	prepared.Do(func() {
		dir := t.TempDir()
		Start(t, InDir(dir), func(s *start) { s.anew = true }).Stop()
		var err error
		if prepared.database, err = os.ReadFile(filepath.Join(dir, databaseFile)); err != nil {
			t.Fatalf("rig: prepare a database: %v", err)
		}
	})
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) { // the server is started again
		return
	}
	if err == nil {
		_, err = f.Write(prepared.database)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatalf("rig: bring the cast: %v", err)
	}
}

// Stop stops the server gracefully, before the test ends.
func (s *Server) Stop() { s.once.Do(s.stop) }

// do executes a command of package chat with the right to configure and returns its answer.
type do func(name chat.CommandName, args any) (json.RawMessage, error)

// settle brings the cast in where nobody is, and returns everybody's id.
func settle(t testing.TB, do do) map[string]chat.UserID {
	t.Helper()
	if len(listUsers(t, do).Users) == 0 {
		for _, m := range Cast {
			if _, err := do(chat.UserAdd, m.addArgs()); err != nil {
				t.Fatalf("rig: add %s: %v", m.Name, err)
			}
		}
		grant(t, do)
	}
	people := map[string]chat.UserID{}
	for _, r := range listUsers(t, do).Users {
		people[r.Name] = r.User.ID
	}
	return people
}

// grant gives those of the cast who differ from the default of their role their settings.
func grant(t testing.TB, do do) {
	t.Helper()
	people, revision := map[string]chat.UserID{}, map[string]int64{}
	for _, r := range listUsers(t, do).Users {
		people[r.Name], revision[r.Name] = r.User.ID, r.Revision
	}
	for _, m := range Cast {
		settings, special := m.settings(people)
		if !special {
			continue
		}
		args := chat.SettingsUpdateArgs{UserID: people[m.Name], Revision: revision[m.Name], Settings: settings, ApplyNow: true}
		if _, err := do(chat.SettingsUpdate, args); err != nil {
			t.Fatalf("rig: settings of %s: %v", m.Name, err)
		}
	}
}

func listUsers(t testing.TB, do do) chat.UserListAnswer {
	t.Helper()
	raw, err := do(chat.UserList, struct{}{})
	var list chat.UserListAnswer
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		t.Fatalf("rig: list the users: %v", err)
	}
	return list
}

// plainPasswords hashes cheaply: what passwords cost is measured elsewhere.
type plainPasswords struct{}

func (plainPasswords) Hash(_ context.Context, password string) (string, error) {
	sum := sha256.Sum256([]byte(password))
	return "rig:" + hex.EncodeToString(sum[:]), nil
}

func (p plainPasswords) Verify(ctx context.Context, encoded, password string) (bool, error) {
	again, err := p.Hash(ctx, password)
	return err == nil && encoded == again, err
}
