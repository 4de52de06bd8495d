package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/store"
)

// rig is a real hub on a real database in a directory of the test, with a clock turned by hand.
type rig struct {
	t     testing.TB
	path  string
	store *store.Store
	hub   *Hub
	clock *clock
	// eve is a session of hers, opened before she had a second factor: see configuring.
	eve   Actor
	log   *bytes.Buffer
	users map[string]chat.UserID
}

// clock is turned by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// plain is passwords without hashing.
type plain struct{}

func (plain) Hash(_ context.Context, password string) (string, error) {
	return "plain:" + password, nil
}

func (plain) Verify(ctx context.Context, encoded, password string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return encoded == "plain:"+password, nil
}

// cast are the people of all tests. ana and ben are agents of one group, eve of another; sue is a supervisor, ada an
// administrator, max and mia are experts.
var cast = []chat.UserAddArgs{
	{Name: "ana", DisplayName: "Ana", Role: chat.RoleAgent, Group: "North", Teams: []string{"Furniture"}},
	{Name: "ben", DisplayName: "Ben", Role: chat.RoleAgent, Group: "North"},
	{Name: "eve", DisplayName: "Eve", Role: chat.RoleAgent, Group: "South", Teams: []string{"Furniture"}},
	{Name: "sue", DisplayName: "Sue", Role: chat.RoleSupervisor},
	{Name: "ada", DisplayName: "Ada", Role: chat.RoleAdministrator},
	{Name: "max", DisplayName: "Max", Role: chat.RoleExpert, Title: "Furniture, quality"},
	{Name: "mia", DisplayName: "Mia", Role: chat.RoleExpert},
}

const password = "correct horse"

// prepared is the database of a hub with the cast in it, and their ids. It is made once: its migrations would be most of the time of
// all tests together.
var prepared struct {
	sync.Once
	database []byte
	users    map[string]chat.UserID
}

func newRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "parley.db"), clock: &clock{now: time.UnixMilli(1_800_000_000_000)},
		log: &bytes.Buffer{}, users: map[string]chat.UserID{}}
	prepared.Do(r.prepare)
	if err := os.WriteFile(r.path, prepared.database, 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.users, prepared.users)
	r.open(change...)
	t.Cleanup(func() { r.close() })
	return r
}

// prepare fills prepared by commands, as a person would.
func (r *rig) prepare() {
	r.t.Helper()
	r.open()
	prepared.users = map[string]chat.UserID{}
	for _, u := range cast {
		u.Password = password
		var added chat.UserAddAnswer
		r.must(Console, chat.UserAdd, u, &added)
		prepared.users[u.Name] = added.UserID
	}
	r.close()
	var err error
	if prepared.database, err = os.ReadFile(r.path); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) open(change ...func(*Options)) {
	r.t.Helper()
	r.openWith(store.Options{}, change...)
}

func (r *rig) openWith(so store.Options, change ...func(*Options)) {
	r.t.Helper()
	s, err := store.Open(context.Background(), r.path, so)
	if err != nil {
		r.t.Fatal(err)
	}
	o := Options{Store: s, Clock: r.clock.Now, Log: slog.New(slog.NewTextHandler(&lockedBuffer{b: r.log}, nil)), Passwords: plain{}, Version: "test", PresenceEvery: time.Millisecond}
	for _, c := range change {
		c(&o)
	}
	h, err := Open(context.Background(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.store, r.hub = s, h
}

// close ends hub and store, and checks the database whenever it does.
func (r *rig) close() {
	r.t.Helper()
	if err := r.hub.Close(); err != nil {
		r.t.Error(err)
	}
	if d, err := r.store.Check(context.Background()); err != nil || !d.Sound() {
		if !errors.Is(err, store.ErrClosed) {
			r.t.Errorf("the database is damaged: %v %+v", err, d)
		}
	}
	r.store.Close()
}

// restart closes hub and store and opens them again.
func (r *rig) restart() {
	r.t.Helper()
	r.close()
	r.open()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// do executes a command without a feed.
func (r *rig) do(a Actor, name chat.CommandName, args, answer any) error {
	raw, err := r.hub.Do(context.Background(), a, name, args)
	if err == nil && answer != nil {
		err = json.Unmarshal(raw, answer)
	}
	return err
}

func (r *rig) must(a Actor, name chat.CommandName, args, answer any) {
	r.t.Helper()
	if err := r.do(a, name, args, answer); err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
}

// signIn signs somebody of the cast in.
func (r *rig) signIn(name string) Actor {
	r.t.Helper()
	in, err := r.hub.SignIn(context.Background(), SignInArgs{Name: name, Password: password, Address: "192.0.2.7"})
	if err != nil {
		r.t.Fatalf("sign %s in: %v", name, err)
	}
	a, err := r.hub.Authenticate(in.Token)
	if err != nil {
		r.t.Fatalf("authenticate %s: %v", name, err)
	}
	return a
}

// direct returns the id of the conversation of two of the cast.
func (r *rig) direct(a, b string) chat.ConversationID { return chat.DirectID(r.users[a], r.users[b]) }
