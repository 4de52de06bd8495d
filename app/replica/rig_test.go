package replica

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/wire"
)

var noon = time.Date(2030, 5, 6, 12, 0, 0, 0, time.UTC)

// patience bounds every wait for something that must happen. It is no measure: a test that waits this long has failed.
const patience = 20 * time.Second

// awaitCond waits until ok, which is asked with the cond's lock held.
func awaitCond(t *testing.T, cond *sync.Cond, what string, ok func() bool) {
	t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		cond.L.Lock()
		defer cond.L.Unlock()
		late = true
		cond.Broadcast()
	})
	defer timer.Stop()
	cond.L.Lock()
	defer cond.L.Unlock()
	for !ok() {
		if late {
			t.Fatalf("waited in vain until %s", what)
		}
		cond.Wait()
	}
}

// memoryKeys is a KeyStore that survives restarts of the replica within a test.
type memoryKeys struct {
	mu     sync.Mutex
	secret *Secret
	fail   error
}

func (k *memoryKeys) Load() (Secret, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.secret == nil {
		return Secret{}, "", ErrNoSecret
	}
	return *k.secret, "", nil
}

func (k *memoryKeys) Store(s Secret) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		return "", k.fail
	}
	k.secret = &s
	return "", nil
}

func (k *memoryKeys) Delete() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secret = nil
	return nil
}

// shown is a Notifier that remembers.
type shown struct {
	mu      sync.Mutex
	changed *sync.Cond
	toasts  []string
	cleared []chat.ConversationID
	flashes int
	badge   int
}

func newShown() *shown {
	s := &shown{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *shown) Toast(_ chat.ConversationID, title, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.toasts = append(s.toasts, title+": "+body)
	s.changed.Broadcast()
}

func (s *shown) Clear(id chat.ConversationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleared = append(s.cleared, id)
	s.changed.Broadcast()
}

func (s *shown) Flash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flashes++
	s.changed.Broadcast()
}

func (s *shown) Badge(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.badge = n
	s.changed.Broadcast()
}

// desk is Ana's computer: a profile that can be started again, with a hand-turned clock.
type desk struct {
	t     *testing.T
	hub   *fakeHub
	dir   string
	keys  *memoryKeys
	clock *link.HandClock
	shown *shown
	keep  int // Config.Keep
	r     *Replica
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, hub: newFakeHub(t), dir: t.TempDir(), keys: &memoryKeys{}, clock: link.NewHandClock(noon), shown: newShown()}
	d.start()
	t.Cleanup(func() { d.stop() })
	return d
}

func (d *desk) config() Config {
	return Config{Profile: d.dir, Keys: d.keys, Clock: d.clock, Random: func() float64 { return 0.5 }, Notifier: d.shown,
		Assets:  fstest.MapFS{"index.html": {Data: []byte("<title>Parley</title>")}, "assets/app.js": {Data: []byte("go()")}},
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		Version: "test", Keep: d.keep}
}

func (d *desk) start() {
	d.t.Helper()
	r, err := Open(context.Background(), d.config())
	if err != nil {
		d.t.Fatalf("open the replica: %v", err)
	}
	d.r = r
}

func (d *desk) stop() {
	d.t.Helper()
	if d.r == nil {
		return
	}
	if err := d.r.Close(); err != nil {
		d.t.Errorf("close the replica: %v", err)
	}
	d.r = nil
}

func (d *desk) restart() {
	d.t.Helper()
	d.stop()
	d.start()
}

func (d *desk) signIn(name string) {
	d.t.Helper()
	err := d.r.SignIn(context.Background(), chat.ReplicaSignInArgs{Server: d.hub.web.URL, Name: name, Password: "secret " + name})
	if err != nil {
		d.t.Fatalf("sign in: %v", err)
	}
}

// comeBack cuts the wait for the next connection short; a wait that has not begun yet is cut, too.
func (d *desk) comeBack() {
	d.t.Helper()
	if err := d.r.call(func() error { d.r.session.link.Retry(); return nil }); err != nil {
		d.t.Fatal(err)
	}
}

// view is a page with what it was told.
type view struct {
	t      *testing.T
	client *wire.Client

	mu      sync.Mutex
	changed *sync.Cond
	resets  int
	snap    chat.Snapshot // the last reset's
	texts   map[chat.ConversationID][]string
	outbox  map[chat.MessageID]chat.OutboxItem
	history []chat.OutboxState // of every outbox signal
	link    chat.Link
	rights  []chat.Rights
	signals []chat.Signal
	events  []chat.Event
}

// originOf adds the header that a browser sends.
type originOf struct{ origin string }

func (o originOf) RoundTrip(q *http.Request) (*http.Response, error) {
	q.Header.Set("Origin", o.origin)
	return http.DefaultTransport.RoundTrip(q)
}

// tryPage opens a page and says hello.
func (d *desk) tryPage() (*view, error) {
	v := &view{t: d.t, texts: map[chat.ConversationID][]string{}, outbox: map[chat.MessageID]chat.OutboxItem{}}
	v.changed = sync.NewCond(&v.mu)
	url, token := d.r.Endpoint()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: url, Token: token, Handle: v.take,
		HTTPClient: &http.Client{Transport: originOf{"http://" + d.r.listen.host}},
		Hello:      chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}}})
	if err != nil {
		return nil, err
	}
	v.client = client
	d.t.Cleanup(client.Cut)
	return v, nil
}

// page opens a page that must be admitted, and waits for its first reset.
func (d *desk) page() *view {
	d.t.Helper()
	v, err := d.tryPage()
	if err != nil {
		d.t.Fatalf("open a page: %v", err)
	}
	v.await("it was reset", func() bool { return v.resets > 0 })
	return v
}

// ready signs Ana in, and returns a page that is online.
func (d *desk) ready() *view {
	d.t.Helper()
	d.signIn("ana")
	v := d.page()
	v.online()
	return v
}

func (v *view) take(f wire.Frame) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.changed.Broadcast()
	if f.Reset != nil {
		v.resets++
		v.snap = f.Reset.Snapshot
		clear(v.texts)
		clear(v.outbox)
		for _, c := range v.snap.Conversations {
			v.hold(c)
		}
		for _, item := range v.snap.Outbox {
			v.outbox[item.Message.ID] = item
		}
		v.link = *v.snap.Link
	}
	events, err := f.DecodeEvents()
	for _, e := range events {
		v.events = append(v.events, e)
		if e.Type == chat.MessagePosted {
			v.texts[e.Message.ConversationID] = append(v.texts[e.Message.ConversationID], e.Message.Text)
			delete(v.outbox, e.Message.ID)
		}
	}
	if f.Rights != nil {
		v.rights = append(v.rights, *f.Rights)
		for _, c := range f.Rights.ConversationsGained {
			v.hold(c)
		}
		for _, id := range f.Rights.ConversationsLost {
			delete(v.texts, id)
		}
	}
	for _, s := range f.Signals {
		v.signals = append(v.signals, s)
		switch s.Type {
		case chat.SignalLink:
			v.link = *s.Link
		case chat.SignalOutbox:
			v.outbox[s.Outbox.Message.ID] = *s.Outbox
			v.history = append(v.history, s.Outbox.State)
		case chat.SignalOutboxGone:
			delete(v.outbox, s.MessageID)
		}
	}
	return err
}

func (v *view) hold(c chat.ConversationState) {
	v.texts[c.Conversation.ID] = nil
	for _, m := range c.Tail {
		v.texts[c.Conversation.ID] = append(v.texts[c.Conversation.ID], m.Text)
	}
}

func (v *view) await(what string, ok func() bool) {
	v.t.Helper()
	awaitCond(v.t, v.changed, what, ok)
}

func (v *view) online() {
	v.t.Helper()
	v.await("the link is online", func() bool { return v.link.State == chat.LinkOnline })
}

func (v *view) offline() {
	v.t.Helper()
	v.await("the link is offline", func() bool { return v.link.State == chat.LinkOffline })
}

func (v *view) shows(id chat.ConversationID, texts ...string) {
	v.t.Helper()
	v.await("the page shows "+string(id), func() bool { return slices.Equal(v.texts[id], texts) })
}

func (v *view) noOutbox() {
	v.t.Helper()
	v.await("the outbox is empty", func() bool { return len(v.outbox) == 0 })
}

func (v *view) try(do chat.CommandName, args, answer any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return v.client.Request(ctx, do, args, answer)
}

func (v *view) do(do chat.CommandName, args, answer any) {
	v.t.Helper()
	if err := v.try(do, args, answer); err != nil {
		v.t.Fatalf("%s: %v", do, err)
	}
}

// refused sends a command that must be refused with code.
func (v *view) refused(code chat.Code, do chat.CommandName, args any) {
	v.t.Helper()
	err := v.try(do, args, nil)
	var refusal *chat.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		v.t.Fatalf("%s: got %v, want %s", do, err, code)
	}
}

// post writes and must be told that the message waits.
func (v *view) post(id chat.ConversationID, text string) chat.MessageID {
	v.t.Helper()
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: text}
	var answer chat.MessagePostAnswer
	v.do(chat.MessagePost, args, &answer)
	if !answer.Waiting {
		v.t.Fatalf("a post was answered %+v, not waiting", answer)
	}
	return args.ID
}

func raw(t *testing.T, v any) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (v *view) item(id chat.MessageID) chat.OutboxItem {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.outbox[id]
}

// last returns the last of list, or nothing.
func last[T any](list []T) (newest T) {
	if len(list) > 0 {
		newest = list[len(list)-1]
	}
	return newest
}
