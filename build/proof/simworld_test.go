package proof

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"parley/app/link"
	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/store"
	"parley/backend/wire"
)

// The people of the simulation. ana and ben are agents of one group, eve of another; max is an expert, sue a supervisor,
// ada an administrator.
// Their ids are the same in every run, so that a seed replays: nothing else that is random decides an order.
var simCast = []struct {
	name  string
	role  chat.Role
	group chat.GroupID
}{
	{"ana", chat.RoleAgent, simNorth},
	{"ben", chat.RoleAgent, simNorth},
	{"eve", chat.RoleAgent, simSouth},
	{"max", chat.RoleExpert, ""},
	{"sue", chat.RoleSupervisor, ""},
	{"ada", chat.RoleAdministrator, ""},
}

const (
	simNorth    chat.GroupID = "01800000-0000-7000-8000-00000000aaaa"
	simSouth    chat.GroupID = "01800000-0000-7000-8000-00000000bbbb"
	simPassword              = "correct horse"
	simServer                = "http://127.0.0.1:1"
	simEpoch                 = 1_800_000_000_000
)

func simUser(name string) chat.UserID {
	i := slices.IndexFunc(simCast, func(c struct {
		name  string
		role  chat.Role
		group chat.GroupID
	}) bool {
		return c.name == name
	})
	return chat.UserID(fmt.Sprintf("01800000-0000-7000-8000-%012d", i+1))
}

func simName(id chat.UserID) string { return simCast[id[len(id)-1]-'1'].name }

// simClock is a clock that only the scheduler turns. Timers run in the order of their time, then of their making.
type simClock struct {
	now    time.Time
	steady time.Duration
	timers []simTimer
	made   int
}

type simTimer struct {
	at   time.Duration
	made int
	f    func()
}

// Now implements link.Clock.
func (c *simClock) Now() time.Time { return c.now }

// AfterFunc implements link.Clock.
func (c *simClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.made++
	t := simTimer{c.steady + d, c.made, f}
	c.timers = append(c.timers, t)
	return func() { c.timers = slices.DeleteFunc(c.timers, func(o simTimer) bool { return o.made == t.made }) }
}

// advance lets time pass.
func (c *simClock) advance(d time.Duration) {
	c.now, c.steady = c.now.Add(d), c.steady+d
	for {
		due := -1
		for i, t := range c.timers {
			if t.at <= c.steady && (due < 0 || t.at < c.timers[due].at) {
				due = i
			}
		}
		if due < 0 {
			return
		}
		f := c.timers[due].f
		c.timers = slices.Delete(c.timers, due, due+1)
		f()
	}
}

// simWorld is one run: a hub, some desktops, the network between them, and all the faults, driven by one random source.
type simWorld struct {
	t     testing.TB
	dir   string
	rand  *rand.Rand
	trace *simTrace
	m     simMutant

	clock   time.Time
	store   *simStore
	files   simFiles
	hub     *hub.Hub  // nil while it is down
	admin   *hub.Feed // the administrator's, while there is one
	devices []*simDevice
	conns   []*simConn // that the hub has not closed yet
	// organisation is what the administrator was told of it last.
	organisation chat.Organisation
	people       map[chat.UserID]*chat.UserRecord
	stale        bool                     // people may have changed
	told         map[chat.MessageID]int64 // numbers that left the hub in answers
	intents      []*simIntent
	broken       []string // violated invariants
}

// simIntent is a message that somebody has written.
type simIntent struct {
	d     *simDevice
	id    chat.MessageID
	conv  chat.ConversationID
	text  string
	kept  bool // the page was told that it waits: it must not be lost
	loose bool // its conversation was lost for the writer, so it may be gone
}

func (w *simWorld) violate(format string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
	w.trace.add("!! " + w.broken[len(w.broken)-1])
}

func (w *simWorld) chance(percent int) bool { return w.rand.IntN(100) < percent }

// simPlain is passwords without hashing.
type simPlain struct{}

// Hash implements hub.Passwords.
func (simPlain) Hash(_ context.Context, password string) (string, error) {
	return "plain:" + password, nil
}

// Verify implements hub.Passwords.
func (simPlain) Verify(_ context.Context, encoded, password string) (bool, error) {
	return encoded == "plain:"+password, nil
}

var simSilent = slog.New(slog.DiscardHandler)

// simTemplate makes, once, the files every run begins with: a database with the cast and an empty profile.
var simTemplate = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp(simRoot(), "parley-sim-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(dir, "hub.db"), store.Options{Readers: 1, Now: simEpoch, Rand: rand.NewChaCha8([32]byte{1}), Log: simSilent})
	if err != nil {
		return nil, err
	}
	c := &store.Changes{Groups: []store.Group{{Group: chat.Group{ID: simNorth, Name: "North"}}, {Group: chat.Group{ID: simSouth, Name: "South"}}}}
	for i, m := range simCast {
		row := store.User{Key: store.UserKey(i + 1), Name: m.name, GroupID: m.group, Password: "plain:" + simPassword, Revision: 1,
			User:     chat.User{ID: simUser(m.name), DisplayName: m.name, Role: m.role, TeamIDs: []chat.TeamID{}, Active: true},
			Settings: chat.DefaultSettings(m.role), Status: chat.Status{State: chat.WorkAvailable, At: simEpoch}}
		row.Settings.Start = true // so that there is much to say
		c.Users = append(c.Users, row)
		c.Standings = append(c.Standings, store.Standing{UserKey: row.Key, Role: m.role, GroupID: m.group, Active: true})
	}
	if err := errors.Join(st.Commit(c), st.Close()); err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(dir, "desk"), 0o700); err != nil {
		return nil, err
	}
	r, err := replica.OpenStepped(ctx, replica.Config{Profile: filepath.Join(dir, "desk"), Keys: &simKeys{}, Log: simSilent}, nil)
	if err != nil {
		return nil, err
	}
	if err := r.Crash(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{"hub.db", "desk/cache.db"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// simRoot is a file system in memory where there is one: durability is proved elsewhere.
func simRoot() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

// newSimWorld begins a run: a hub, and a desktop for each name, signed in.
func newSimWorld(t testing.TB, seed uint64, m simMutant, trace *simTrace, names ...string) *simWorld {
	t.Helper()
	files, err := simTemplate()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(simRoot(), "parley-sim-")
	if err != nil {
		t.Fatal(err)
	}
	w := &simWorld{t: t, dir: dir, rand: rand.New(rand.NewPCG(seed, 1)), trace: trace, m: m,
		clock: time.UnixMilli(simEpoch), told: map[chat.MessageID]int64{}}
	w.write("hub.db", files["hub.db"])
	w.openHub()
	for i, name := range names {
		d := &simDevice{w: w, name: name, id: simUser(name), dir: fmt.Sprint("desk", i), keys: &simKeys{},
			clock: &simClock{now: w.clock}}
		w.write(d.dir+"/cache.db", files["desk/cache.db"])
		w.devices = append(w.devices, d)
		d.open()
		d.signIn()
	}
	return w
}

func (w *simWorld) write(name string, data []byte) {
	path := filepath.Join(w.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
		w.t.Fatal(err)
	}
}

// close ends the run and removes its files.
func (w *simWorld) close() {
	for _, d := range w.devices {
		d.crash()
	}
	w.crashHub()
	if err := os.RemoveAll(w.dir); err != nil {
		w.t.Error(err)
	}
}

func (w *simWorld) now() chat.Millis { return chat.MillisOf(w.clock) }

// openHub starts the hub on what is on its disk.
func (w *simWorld) openHub() {
	ctx := context.Background()
	st, err := store.Open(ctx, filepath.Join(w.dir, "hub.db"), store.Options{Readers: 1, Log: simSilent})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = &simStore{Store: st, w: w}
	var random [32]byte
	binary.LittleEndian.PutUint64(random[:], w.rand.Uint64()) // no launch makes the secrets of another
	w.hub, err = hub.OpenStepped(ctx, hub.Options{Store: w.m.store(w.store), Clock: func() time.Time { return w.clock }, Log: simSilent, Passwords: simPlain{},
		Rand: rand.NewChaCha8(random), Version: "sim", InFlight: 4096, QueueEvents: 12, FrameBytes: 1 << 10,
		PresenceEvery: time.Hour, Files: &w.files})
	if err != nil {
		w.t.Fatal(err)
	}
	w.stale = true
	w.learn()
}

// crashHub ends the hub as a killed process does.
func (w *simWorld) crashHub() {
	if w.hub == nil {
		return
	}
	w.hub, w.admin = nil, nil
	for _, c := range w.conns {
		c.feed = nil
		c.down = append(c.down, nil) // what is in flight may still arrive; then the connection is broken
	}
	w.conns = nil
	if err := w.store.Store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.m.crashed(w)
}

// learn asks the hub who is what, for the wall as the checks see it.
func (w *simWorld) learn() {
	if !w.stale {
		return
	}
	w.stale = false
	raw, err := w.hub.Do(context.Background(), hub.Console, chat.UserList, struct{}{})
	var list chat.UserListAnswer
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.people = map[chat.UserID]*chat.UserRecord{}
	for i := range list.Users {
		w.people[list.Users[i].User.ID] = &list.Users[i]
	}
}

// knows is the wall as SPEC says it: an agent knows of no agent of another group.
func (w *simWorld) knows(a, b chat.UserID) bool {
	u, v := w.people[a], w.people[b]
	if u == nil || v == nil {
		return false
	}
	if a == b || u.User.Role != chat.RoleAgent || v.User.Role != chat.RoleAgent {
		return true
	}
	return u.Group != nil && v.Group != nil && u.Group.ID == v.Group.ID
}

// simStore is the real store with failures now and then.
type simStore struct {
	*store.Store
	w *simWorld
	// fail is how the next commits fail.
	fail simFailure
	// last is what was committed last.
	last *store.Changes
}

type simFailure int

const (
	simSound      simFailure = iota
	simNotWritten            // an error, and nothing was written
	simWritten               // an error, and all was written: the unknown result
)

var errSimDisk = errors.New("the disk has failed")

// Commit implements hub.Store.
func (s *simStore) Commit(c *store.Changes) error {
	fail := s.fail
	s.fail = simSound
	s.w.stale = s.w.stale || len(c.Users) > 0
	if fail == simNotWritten {
		return errSimDisk
	}
	if err := s.Store.Commit(c); err != nil {
		return err
	}
	s.last = c
	if fail == simWritten {
		return errSimDisk
	}
	return nil
}

// simMessage is a message as it is on the hub's disk.
type simMessage struct {
	id   string
	n    int64
	text string
}

// messages reads all conversations off the hub's disk, past the hub.
func (w *simWorld) messages() map[chat.ConversationID][]simMessage {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "hub.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT c.conversation_id, lower(hex(m.message_id)), m.n, m.text FROM message m
		JOIN conversation c ON c.conversation_key = m.conversation_key ORDER BY m.conversation_key, m.n`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	all := map[chat.ConversationID][]simMessage{}
	for rows.Next() {
		var id chat.ConversationID
		var m simMessage
		if err := rows.Scan(&id, &m.id, &m.n, &m.text); err != nil {
			w.t.Fatal(err)
		}
		h := m.id
		m.id = h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
		all[id] = append(all[id], m)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// simDevice is one desktop of somebody: the real replica on a real profile, its page, and its end of the network.
type simDevice struct {
	w     *simWorld
	name  string
	id    chat.UserID
	dir   string
	keys  *simKeys
	clock *simClock

	r       *replica.Stepped // nil while it is crashed
	page    *replica.SteppedPage
	asked   int64 // requests of the page
	asks    map[int64]*simIntent
	view    simState
	link    *simLink // of the session; nil while signed out
	conn    *simConn // nil while offline
	pending []func() // answers that have arrived and were not handed over yet
}

// open starts the replica on what is on its disk, and a page.
func (d *simDevice) open() {
	config := replica.Config{Profile: filepath.Join(d.w.dir, d.dir), Keys: d.keys, Clock: d.clock, Random: d.w.rand.Float64,
		HTTP: &http.Client{Transport: simTransport{d.w}}, Log: simSilent, DeviceName: "sim"}
	r, err := replica.OpenStepped(context.Background(), config, d.connect)
	if err != nil {
		d.w.t.Fatal(err)
	}
	d.r = r
	d.openPage()
}

func (d *simDevice) connect(config link.Config, ended func(error)) replica.Link {
	d.lose()
	d.link = &simLink{d: d, handler: config.Handler, token: config.Token, ended: ended}
	return d.link
}

func (d *simDevice) openPage() {
	d.page, d.view, d.asks = d.r.OpenPage(), newSimState(true), map[int64]*simIntent{}
	d.ask(chat.Hello, chat.HelloArgs{Protocol: chat.ProtocolVersion, Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser}})
}

// crash ends the replica as a killed process does.
func (d *simDevice) crash() {
	if d.r == nil {
		return
	}
	if err := d.r.Crash(); err != nil {
		d.w.t.Fatal(err)
	}
	d.r, d.page, d.link, d.pending = nil, nil, nil, nil
	d.clock.timers = nil
	if d.conn != nil {
		d.conn.left = true
		d.conn = nil
	}
}

// signIn signs the device's user in, as the sign-in page does.
func (d *simDevice) signIn() {
	err := d.r.SignIn(context.Background(), chat.ReplicaSignInArgs{Server: simServer, Name: d.name, Password: simPassword})
	d.w.trace.add(d.dir, "signs in", errText(err))
	if d.w.hub != nil {
		d.w.learn() // settings that were pending are in force
	}
	d.look()
}

func errText(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

// ask hands a request of the page in and takes what it is told.
func (d *simDevice) ask(do chat.CommandName, args any) {
	d.asked++
	raw, err := json.Marshal(args)
	if err != nil {
		d.w.t.Fatal(err)
	}
	d.page.Ask(wire.Request{ID: d.asked, Do: do, Args: raw})
	d.look()
}

// look takes what the page was told.
func (d *simDevice) look() {
	if d.page == nil {
		return
	}
	frames, err := d.page.Told()
	for _, raw := range frames {
		f, derr := wire.DecodeFrame(raw)
		if derr == nil && f.Re != 0 {
			d.answered(&f)
			continue
		}
		if derr == nil {
			derr = d.view.take(&f)
		}
		if derr != nil {
			d.w.violate("%s: the page was told what breaks the protocol: %v", d.dir, derr)
		}
	}
	if errors.Is(err, replica.ErrPageClosed) {
		d.openPage()
	}
}

// answered takes an answer to the page.
func (d *simDevice) answered(f *wire.Frame) {
	in := d.asks[f.Re]
	if in == nil {
		return
	}
	delete(d.asks, f.Re)
	if f.Error == nil {
		in.kept = true
	}
}

// simKeys is a key store that survives crashes.
type simKeys struct{ secret *replica.Secret }

// Load implements replica.KeyStore.
func (k *simKeys) Load() (replica.Secret, string, error) {
	if k.secret == nil {
		return replica.Secret{}, "", replica.ErrNoSecret
	}
	return *k.secret, "", nil
}

// Store implements replica.KeyStore.
func (k *simKeys) Store(s replica.Secret) (string, error) {
	k.secret = &s
	return "", nil
}

// Delete implements replica.KeyStore.
func (k *simKeys) Delete() error {
	k.secret = nil
	return nil
}

// simTransport answers sign-ins as the server does.
type simTransport struct{ w *simWorld }

// RoundTrip implements http.RoundTripper.
func (s simTransport) RoundTrip(q *http.Request) (*http.Response, error) {
	if s.w.hub == nil {
		return nil, fmt.Errorf("dial: %w", fs.ErrNotExist)
	}
	if q.URL.Path != wire.PathSignIn {
		return nil, errors.New("no such route in the simulation")
	}
	var args wire.SignInArgs
	if err := json.NewDecoder(q.Body).Decode(&args); err != nil {
		return nil, err
	}
	in, err := s.w.hub.SignIn(q.Context(), hub.SignInArgs{Name: args.Name, Password: args.Password, Device: *args.Device})
	status, body := http.StatusOK, any(wire.SignInAnswer{Token: in.Token, UserID: in.UserID, SessionID: in.SessionID})
	if err != nil {
		status, body = http.StatusUnauthorized, map[string]any{"error": chat.AsError(err)}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(simJSON(body)))), Request: q}, nil
}
