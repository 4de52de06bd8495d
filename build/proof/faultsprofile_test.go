package proof

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/app/link"
	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// exitInUse is parley-core's exit code when another process has the profile.
const exitInUse = 3

// TestProfile_oneAtATime starts many cores on one profile at once, again and again, while its page writes (F27): one has it, the
// others say where that is and leave, and nothing is sent twice.
func TestProfile_oneAtATime(t *testing.T) {
	rounds, starts := size(3, 30), 4
	s := rig.Start(t)
	c, liam := newCore(t, "mira", s.URL), s.As("liam")
	mira := newPage(c)
	with := s.Direct("mira", "liam")
	o, stop := newOracle(), make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() { pageWriting(mira, s, "liam", o, &steps{}, unpaced(), stop) })
	left := 0
	for i := range rounds {
		if i > 0 { // the others start while this one does
			c.kill()
		}
		results := make(chan error, starts)
		begin := make(chan struct{})
		for range starts {
			go func() {
				<-begin
				results <- second(c)
			}()
		}
		if i > 0 {
			if err := c.start(); err != nil {
				t.Fatal(err)
			}
		}
		close(begin)
		for range starts {
			if err := <-results; err != nil {
				t.Error(err)
			} else {
				left++
			}
		}
	}
	close(stop)
	writers.Wait()
	last := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: "the last"}
	answer, err := mira.post(last)
	if err != nil {
		t.Fatal(err)
	}
	o.keep(last, answer)
	liam.ExpectText("the last")
	history := liam.History("mira")
	mira.settle(with, int64(len(history)))
	v := o.check(t, with, history, map[string][]chat.Message{"liam": toldOf(liam, with), "mira's page": mira.history(with)})
	v.report(t, "several cores on one profile", rounds*starts, "starts", left, "that left with an explanation")
}

// second starts the core's program once more on its profile, and returns an error unless it leaves in order and says where the
// first is.
func second(c *core) error {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, c.program, "--profile", c.profile, "--key-file", "--server", c.server).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInUse || !strings.Contains(string(out), "already running") {
		return fmt.Errorf("a second core ended with %v and said %q", err, out)
	}
	return nil
}

// wrongClock is a clock that is off, and can be turned on as a sleep does.
type wrongClock struct {
	link.SystemClock
	off atomic.Int64 // a time.Duration
}

// Now implements link.Clock.
func (c *wrongClock) Now() time.Time { return c.SystemClock.Now().Add(time.Duration(c.off.Load())) }

const year = 365 * 24 * time.Hour

// TestClock_wrong has desktops whose clocks are ten years late and early write to each other, while the server's clock jumps by an
// hour (F8): order, once-only and retries do not mind.
func TestClock_wrong(t *testing.T) {
	messages := size(20, 200)
	s := rig.Start(t, rig.HandClock())
	proxy := rig.NewProxy(t, s.URL)
	renata := s.As("renata")
	late, early := openReplica(t, s, proxy, "mira", -10*year), openReplica(t, s, proxy, "liam", 10*year)
	o := newOracle()
	with := s.Direct("mira", "liam")
	for i := range messages {
		switch i % 5 {
		case 1:
			s.Clock().Turn(time.Hour)
		case 3:
			s.Clock().Turn(-time.Hour)
		case 4:
			proxy.Cut()
		}
		for _, r := range []*wrongDesk{late, early} {
			args := chat.MessagePostArgs{ID: idAt(time.Now().Add(r.off)), ConversationID: with, Text: fmt.Sprintf("%06d from %s", i, r.name)}
			for range 2 { // handed in twice
				var answer chat.MessagePostAnswer
				if err := r.page.Request(t.Context(), chat.MessagePost, args, &answer); err != nil {
					t.Fatal(err)
				}
				o.keep(args, answer)
			}
			if err := r.page.Request(t.Context(), chat.ReplicaRetry, struct{}{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		renata.Post("mira", fmt.Sprintf("%06d from renata", i))
	}
	mira, liam := s.As("mira"), s.As("liam")
	lastOf := map[chat.UserID]string{mira.ID: fmt.Sprintf("%06d from mira", messages-1), liam.ID: fmt.Sprintf("%06d from liam", messages-1)}
	for _, text := range lastOf {
		mira.Until("message "+text, func(w *rig.World) bool {
			for _, m := range w.Conversations[with].Tail {
				if m.Text == text {
					return true
				}
			}
			return false
		})
	}
	history := liam.History("mira")
	for _, m := range history {
		if off := m.At.Time().Sub(s.Clock().Now()); off.Abs() > 3*time.Hour {
			t.Errorf("message %d is dated %v, %v from the server's clock", m.N, m.At.Time(), off)
		}
	}
	v := o.check(t, with, history, nil)
	v.report(t, "clocks ten years late and early", messages*2, "messages handed in twice")
}

// TestClock_sleep puts a desktop to sleep for eight hours with its connection lost unnoticed (F28). It is current soon after.
func TestClock_sleep(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	r, liam := openReplica(t, s, proxy, "mira", 0), s.As("liam")
	liam.Post("mira", "before the sleep")
	if !within(t, "what was said before", r.heard("before the sleep")) {
		return
	}
	proxy.Swallow(rig.Up)
	proxy.Swallow(rig.Down)
	liam.Post("mira", "in the night")
	back := r.heard("in the night")
	began := time.Now()
	r.clock.off.Add(int64(8 * time.Hour))
	// What vanished on the dead connection stays vanished; new connections are well.
	proxy.Revive()
	if !within(t, "what was said in the night", back) {
		return
	}
	report(t, "sleep of eight hours", time.Since(began).Seconds(), "s until current")
}

// wrongDesk is a replica in this process with a clock of its own, and its page.
type wrongDesk struct {
	name  string
	off   time.Duration
	clock *wrongClock
	page  *wire.Client

	mu    sync.Mutex
	waits map[string]chan struct{}
	texts map[string]bool
}

// openReplica signs one of the cast in at a replica whose clock is off.
func openReplica(t *testing.T, s *rig.Server, proxy *rig.Proxy, name string, off time.Duration) *wrongDesk {
	t.Helper()
	d := &wrongDesk{name: name, off: off, clock: &wrongClock{}, waits: map[string]chan struct{}{}, texts: map[string]bool{}}
	d.clock.off.Store(int64(off))
	profile := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	const origin = "http://page.example"
	r, err := replica.Open(t.Context(), replica.Config{Profile: profile, Keys: replica.FileKeys(profile), Clock: d.clock, Log: quiet, Origins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("close the replica: %v", err)
		}
	})
	if err := r.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: proxy.URL, Name: name, Password: rig.PasswordOf(name)}); err != nil {
		t.Fatal(err)
	}
	url, token := r.Endpoint()
	d.page, err = wire.Dial(t.Context(), wire.DialOptions{URL: url, Token: token, HTTPClient: &http.Client{Transport: originOf(origin)}, Handle: d.take,
		Hello: chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.page.Cut)
	return d
}

func (d *wrongDesk) take(f wire.Frame) error {
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range events {
		if e.Type != chat.MessagePosted {
			continue
		}
		d.texts[e.Message.Text] = true
		if w := d.waits[e.Message.Text]; w != nil {
			close(w)
			delete(d.waits, e.Message.Text)
		}
	}
	return nil
}

// heard returns a channel that is closed when the page is told a message with this text.
func (d *wrongDesk) heard(text string) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := make(chan struct{})
	if d.texts[text] {
		close(w)
	} else {
		d.waits[text] = w
	}
	return w
}

// idAt makes a message id as a client makes it whose clock shows at: a UUIDv7.
func idAt(at time.Time) chat.MessageID {
	random := strings.ReplaceAll(chat.NewUUID(), "-", "")
	ms := fmt.Sprintf("%012x", at.UnixMilli())
	raw, err := hex.DecodeString(ms + random[12:])
	if err != nil {
		panic(err) // of hexadecimal digits alone
	}
	return chat.MessageID(fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]))
}
