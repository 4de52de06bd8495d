package replica_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// page is a page at a replica that keeps its last reset.
type page struct {
	mu    sync.Mutex
	reset *wire.Reset
	ready chan struct{}
	once  sync.Once
}

func (p *page) take(f wire.Frame) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Reset != nil {
		p.reset = f.Reset
		p.once.Do(func() { close(p.ready) })
	}
	return nil
}

// originOf adds the header that a window sends.
type originOf string

func (o originOf) RoundTrip(q *http.Request) (*http.Response, error) {
	q.Header.Set("Origin", string(o))
	return http.DefaultTransport.RoundTrip(q)
}

// openPage says hello to a replica and returns the page with its first reset.
func openPage(t *testing.T, r *replica.Replica) (*wire.Client, chat.Snapshot) {
	t.Helper()
	url, token := r.Endpoint()
	p := &page{ready: make(chan struct{})}
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: url, Token: token, Handle: p.take,
		HTTPClient: &http.Client{Transport: originOf("wails://wails")},
		Hello:      chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}}})
	if err != nil {
		t.Fatalf("open a page: %v", err)
	}
	t.Cleanup(client.Cut)
	select {
	case <-p.ready:
	case <-ctx.Done():
		t.Fatal("the page was not reset")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return client, p.reset.Snapshot
}

func do(t *testing.T, c *wire.Client, name chat.CommandName, args, answer any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	if err := c.Request(ctx, name, args, answer); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// caughtUp waits until everything the hub has told before now is in the replica: a command that only the hub answers comes back
// after it.
func caughtUp(t *testing.T, c *wire.Client) {
	t.Helper()
	do(t, c, chat.SessionList, struct{}{}, nil)
}

// plain is a snapshot as text that can be compared: lists in one order, what only one side has left out. The tails are compared
// by what both have: the newest messages.
func plain(t *testing.T, s chat.Snapshot) string {
	t.Helper()
	conversations := map[chat.ConversationID]any{}
	for _, c := range s.Conversations {
		newest := ""
		for _, m := range c.Tail {
			newest = m.Text
		}
		draft := ""
		if c.Draft != nil {
			draft = c.Draft.Text
		}
		conversations[c.Conversation.ID] = []any{c.Conversation, c.LastN, c.ReadN, newest, draft}
	}
	teams, people := map[chat.TeamID]chat.Team{}, map[chat.UserID]chat.User{}
	for _, team := range s.Teams {
		teams[team.ID] = team
	}
	for _, user := range s.People {
		people[user.ID] = user
	}
	text, err := json.MarshalIndent([]any{s.Me, s.Organisation, teams, people, conversations, s.Rights.Start, s.Rights.Post}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What the replica tells a page that comes late is what the hub tells a client that comes late, after a day with everything in
// it: cache + events + rights = snapshot.
func TestCache_equalsAFreshSnapshot(t *testing.T) {
	s := rig.Start(t)
	r, err := replica.Open(t.Context(), replica.Config{Profile: t.TempDir(), Origins: []string{"wails://wails"},
		Keys: replica.FileKeys(t.TempDir()), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := r.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: s.URL, Name: "mira", Password: rig.PasswordOf("mira")}); err != nil {
		t.Fatal(err)
	}
	c, _ := openPage(t, r)

	liam, renata, ines := s.As("liam"), s.As("renata"), s.As("ines")
	with := s.Direct("mira", "liam")
	do(t, c, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: "a question"}, nil)
	liam.ExpectText("a question")
	liam.Post("mira", "an answer")
	renata.Post("mira", "news")
	caughtUp(t, c)
	do(t, c, chat.ReadMark, chat.ReadMarkArgs{ConversationID: with, N: 2}, nil)
	do(t, c, chat.DraftSet, chat.DraftSetArgs{ConversationID: with, Text: "and another"}, nil)
	do(t, c, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: "lunch"}, nil)

	var list chat.UserListAnswer
	ines.Do(chat.UserList, struct{}{}, &list)
	revision := map[string]int64{}
	for _, u := range list.Users {
		revision[u.Name] = u.Revision
	}
	south, title := rig.South, "Moved"
	ines.Do(chat.UserUpdate, chat.UserUpdateArgs{UserID: s.ID("tomas"), Revision: revision["tomas"], Group: &south}, nil)
	ines.Do(chat.UserUpdate, chat.UserUpdateArgs{UserID: s.ID("amparo"), Revision: revision["amparo"], Title: &title}, nil)
	ines.Do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: chat.Organisation{Name: "Renamed", Messaging: true,
		Mode: chat.ModeSuperiorsOnly, ReplyWindowMs: chat.DefaultReplyWindowMs, Revision: ines.World().Organisation.Revision}}, nil)
	caughtUp(t, c)

	// The hub has the read mark and the draft when it says so to another of Mira's devices.
	phone := s.Absent("mira", s.URL)
	phone.Connect()
	phone.Until("the draft is there", func(w *rig.World) bool {
		state := w.Conversations[with]
		return state.ReadN == 2 && state.Draft != nil && state.Draft.Text == "and another"
	})
	caughtUp(t, c)
	_, here := openPage(t, r)
	there := freshSnapshot(t, s)
	if a, b := plain(t, here), plain(t, there); a != b {
		t.Errorf("the replica tells\n%s\nthe hub\n%s", a, b)
	}
	if !strings.Contains(plain(t, there), "Renamed") {
		t.Error("the day had nothing in it")
	}
}

// freshSnapshot is what the hub tells mira at a first start.
func freshSnapshot(t *testing.T, s *rig.Server) chat.Snapshot {
	t.Helper()
	p := &page{ready: make(chan struct{})}
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(s.URL), Token: s.SignIn("mira").Token, Handle: p.take,
		Hello: chat.HelloArgs{Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "fresh"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Cut)
	<-p.ready
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reset.Snapshot
}
