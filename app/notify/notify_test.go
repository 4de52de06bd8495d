package notify

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// display is a system whose user looks at each toast for as long as the test wants.
type display struct {
	did    chan string   // what was done, in order
	looked chan struct{} // taken before show returns
	fails  error
}

func (s *display) show(ctx context.Context, tag, title, body string) error {
	s.did <- strings.Join([]string{"show", tag, title, body}, "|")
	select {
	case <-s.looked:
	case <-ctx.Done():
	}
	return s.fails
}

func (s *display) clear(_ context.Context, tag string) { s.did <- "clear|" + tag }

func (s *display) close() { close(s.did) }

// newDisplay starts a toaster on a screen. The pause between two toasts ends when the test sends to paused.
func newDisplay(t *testing.T) (s *display, toaster *Toaster, paused chan time.Time) {
	t.Helper()
	s = &display{did: make(chan string, 16), looked: make(chan struct{})}
	paused = make(chan time.Time)
	toaster = start(s, slog.New(slog.DiscardHandler), func(d time.Duration) <-chan time.Time {
		if d != pace {
			t.Errorf("a pause of %v", d)
		}
		return paused
	})
	return s, toaster, paused
}

func TestShow_neverWaitsAndKeepsTheNewest(t *testing.T) {
	s, toaster, paused := newDisplay(t)
	toaster.Show("ana", "Ana", "first")
	if got := <-s.did; got != "show|ana|Ana|first" {
		t.Fatal(got)
	}
	// The system still shows the first; all these return at once, and only the newest of each tag waits.
	toaster.Show("liam", "Liam", "old")
	toaster.Show("ana", "Ana", "second")
	toaster.Show("liam", "Liam", "new")
	close(s.looked)
	var got []string
	for range 2 {
		paused <- time.Time{}
		got = append(got, <-s.did)
	}
	if want := []string{"show|ana|Ana|second", "show|liam|Liam|new"}; !slices.Equal(got, want) {
		t.Errorf("then came %q, want %q", got, want)
	}
	toaster.Close()
}

func TestShow_dropsTheOldestBeyondTheBound(t *testing.T) {
	s, toaster, paused := newDisplay(t)
	toaster.Show("shown", "A", "a")
	<-s.did
	for _, tag := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		toaster.Show(tag, "A", "a")
	}
	close(s.looked)
	paused <- time.Time{}
	if got := <-s.did; got != "show|3|A|a" {
		t.Errorf("next came %q; the two oldest of seven should be gone", got)
	}
	toaster.Close()
}

func TestClear_alsoTakesAwayWhatWaits(t *testing.T) {
	s, toaster, paused := newDisplay(t)
	toaster.Show("shown", "A", "a")
	<-s.did
	toaster.Show("liam", "Liam", "hello")
	toaster.Clear("liam")
	close(s.looked)
	paused <- time.Time{}
	if got := <-s.did; got != "clear|liam" {
		t.Errorf("then came %q", got)
	}
	toaster.Close()
}

func TestShow_goesOnAfterAFailure(t *testing.T) {
	s, toaster, paused := newDisplay(t)
	s.fails = errors.New("no toasts today")
	close(s.looked)
	toaster.Show("ana", "Ana", "one")
	<-s.did
	paused <- time.Time{}
	toaster.Show("ana", "Ana", "two")
	if got := <-s.did; got != "show|ana|Ana|two" {
		t.Errorf("then came %q", got)
	}
	toaster.Close()
}

func TestClose_leavesWhatWaits(t *testing.T) {
	s, toaster, _ := newDisplay(t)
	close(s.looked)
	toaster.Show("ana", "Ana", "one")
	<-s.did
	toaster.Show("liam", "Liam", "two")
	toaster.Close()
	if got, more := <-s.did; more {
		t.Errorf("after Close came %q", got)
	}
}
