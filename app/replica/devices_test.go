package replica_test

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/app/link"
	"parley/app/replica"
	"parley/backend/attention"
	"parley/backend/chat"
	"parley/backend/rig"
)

// computer is one of Mira's: a desktop core with a clock turned by hand, of which everything is noted that would disturb her.
type computer struct {
	t     *testing.T
	clock *link.HandClock
	core  *replica.Replica
	// nobody is a conversation that has not begun.
	nobody chat.ConversationID

	mu      sync.Mutex
	changed *sync.Cond
	did     []string
	badge   int
}

func (c *computer) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.did = append(c.did, what)
	c.changed.Broadcast()
}

func (c *computer) Toast(_ chat.ConversationID, title, body string) {
	c.note("toast " + title + ": " + body)
}
func (c *computer) Clear(chat.ConversationID) { c.note("clear") }
func (c *computer) Flash()                    { c.note("flash") }

func (c *computer) Badge(unread int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.badge = unread
	c.changed.Broadcast()
}

// await waits until the computer has done just this since it was asked last, in this order.
func (c *computer) await(want ...string) {
	c.t.Helper()
	stop := time.AfterFunc(rig.Patience, c.changed.Broadcast)
	defer stop.Stop()
	deadline := time.Now().Add(rig.Patience)
	c.mu.Lock()
	defer c.mu.Unlock()
	for !slices.Equal(c.did, want) && time.Now().Before(deadline) {
		c.changed.Wait()
	}
	if !slices.Equal(c.did, want) {
		c.t.Fatalf("it did %q, want %q", c.did, want)
	}
	c.did = nil
}

// awaitNoBadge waits until nothing is unread here.
func (c *computer) awaitNoBadge() {
	c.t.Helper()
	stop := time.AfterFunc(rig.Patience, c.changed.Broadcast)
	defer stop.Stop()
	deadline := time.Now().Add(rig.Patience)
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.badge != 0 {
		if !time.Now().Before(deadline) {
			c.t.Fatalf("it shows %d unread", c.badge)
		}
		c.changed.Wait()
	}
}

// quiet fails if anything was done since it was asked last. What the hub has told before now has been taken then.
func (c *computer) quiet(when string) {
	c.t.Helper()
	settle(c.t, c)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.did) > 0 {
		c.t.Errorf("%s: it did %q", when, c.did)
	}
}

// newComputer signs Mira in on another computer.
func newComputer(t *testing.T, s *rig.Server) *computer {
	c := &computer{t: t, nobody: s.Direct("mira", "amparo"), clock: link.NewHandClock(time.Date(2030, 5, 6, 9, 0, 0, 0, time.UTC))}
	c.changed = sync.NewCond(&c.mu)
	var err error
	c.core, err = replica.Open(t.Context(), replica.Config{Profile: t.TempDir(), Origins: []string{"wails://wails"}, Clock: c.clock, Notifier: c,
		Keys: replica.FileKeys(t.TempDir()), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.core.Close(); err != nil {
			t.Error(err)
		}
	})
	err = c.core.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: s.URL, Name: "mira", Password: rig.PasswordOf("mira")})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, c)
	return c
}

// settle waits until what the computers have said is done, and they have taken what they were told: signals go before the second answer
// at the latest. To take back what is not muted changes nothing, and is answered after all that was asked before.
func settle(t *testing.T, all ...*computer) {
	t.Helper()
	for _, c := range all {
		page, _ := openPage(t, c.core)
		for range 2 {
			do(t, page, chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: c.nobody}, nil)
		}
		page.Cut() // so that no page is given up while time is turned on
	}
}

// says has Liam write to Mira; her computers have it then.
func says(t *testing.T, liam *rig.Actor, text string, to ...*computer) {
	t.Helper()
	liam.Do(chat.MessagePost, liam.Message("mira", text), nil)
	settle(t, to...)
}

// TestDevices_oneAlert: of two desktops and a browser one disturbs, at once; the others only if nobody looks for a while, and what was
// read anywhere is gone everywhere.
func TestDevices_oneAlert(t *testing.T) {
	s := rig.Start(t)
	liam, old, used := s.As("liam"), newComputer(t, s), newComputer(t, s)
	settle(t, old, used)

	says(t, liam, "one", old, used)
	used.await("flash", "toast Liam Draycote: one")
	old.quiet("Mira is at the other computer")

	// She reads it there: her other computer never says anything, and both badges are gone.
	talk := s.Direct("liam", "mira")
	page, _ := openPage(t, used.core)
	do(t, page, chat.ReadMark, chat.ReadMarkArgs{ConversationID: talk, N: 1}, nil)
	page.Cut()
	used.await("clear")
	settle(t, used, old) // the mark has left before the other one is asked
	old.clock.Advance(2 * attention.OthersAfter)
	old.await("clear") // a toast might have stood, had the time run out before

	// Nobody looks: the other one follows, once.
	says(t, liam, "two", old, used)
	used.await("flash", "toast Liam Draycote: two")
	old.clock.Advance(attention.OthersAfter - time.Second)
	old.quiet("too early")
	old.clock.Advance(time.Second)
	old.await("flash", "toast Liam Draycote: two")

	// Read in a browser: all toasts go.
	browser := s.As("mira")
	browser.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: talk, N: 2}, nil)
	used.await("clear")
	old.await("clear")
	old.awaitNoBadge()
	used.awaitNoBadge()

	// The browser came last, so it is the one to disturb; when it is left idle, the computer is that is used.
	settle(t, old, used)
	says(t, liam, "three", old, used)
	used.quiet("Mira is at the browser")
	browser.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil)
	used.await("flash", "toast Liam Draycote: three")
	old.quiet("one at a time")
}

// TestDevices_choicesHoldEverywhere: what is chosen on one device is so on the others.
func TestDevices_choicesHoldEverywhere(t *testing.T) {
	s := rig.Start(t)
	liam, c := s.As("liam"), newComputer(t, s)
	talk := s.Direct("liam", "mira")
	says(t, liam, "one", c)
	c.await("flash", "toast Liam Draycote: one")

	// A browser asks for quiet. What comes meanwhile is told once it is over.
	browser := s.As("mira")
	browser.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil)
	browser.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: true}}, nil)
	settle(t, c)
	c.clock.Advance(time.Minute)
	for i := range 3 {
		says(t, liam, fmt.Sprint("quiet ", i), c)
	}
	c.quiet("do not disturb")
	browser.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{}}, nil)
	c.await("flash", "toast Liam Draycote: 3 new messages: quiet 2")

	// It is muted there: its toast goes, nothing comes, the badge does not count it.
	browser.Do(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: talk, Muted: true}, nil)
	c.await("clear")
	settle(t, c)
	c.clock.Advance(time.Minute)
	says(t, liam, "muted", c)
	c.quiet("muted")
	c.awaitNoBadge()

	// One reminder, a minute after the first message.
	browser.Do(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: talk}, nil)
	browser.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderAfter, AfterMs: 60_000}}, nil)
	settle(t, c)
	says(t, liam, "later", c)
	c.await("flash") // with its sound
	c.clock.Advance(time.Minute)
	c.await("flash", "toast Liam Draycote: later")
}
