package notify

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"parley/build/screen"
)

func TestDunst_showsReplacesTellsOfClicksAndClears(t *testing.T) {
	s := screen.Start(t, 800, 600)
	clicks := make(chan string, 1)
	toaster := New(func(tag string) { clicks <- tag }, slog.New(slog.DiscardHandler))
	defer toaster.Close()

	toaster.Show("ana", "--Ana <b>Novik</b>", "first\n& <i>hostile</i> $(x)")
	s.Await("one toast is shown", func() bool { return s.Shown() == "1" })
	toaster.Show("ana", "Ana", "second")
	toaster.Show("liam", "Liam", "other")
	s.Await("the second of ana replaces the first, liam's comes beside it",
		func() bool { return s.Shown() == "2" })

	toaster.Clear("liam")
	s.Await("liam's is taken away", func() bool { return s.Shown() == "1" })
	s.Click()
	if tag := <-clicks; tag != "ana" {
		t.Errorf("the click was told as one on %q", tag)
	}
	s.CloseToasts()
	if got := fmt.Sprint(s.Gone()); !strings.Contains(got, "Ana|second") || !strings.Contains(got, "Liam|other") {
		t.Errorf("dunst showed %s", got)
	}
}

func TestDunst_hostileTextArrivesAsPlainText(t *testing.T) {
	s := screen.Start(t, 800, 600)
	toaster := New(func(string) {}, slog.New(slog.DiscardHandler))
	defer toaster.Close()
	toaster.Show("x", "--wait", "<b>b</b> & $(touch x) `id` \u202eend")
	s.Await("it is shown", func() bool { return s.Shown() == "1" })
	s.CloseToasts()
	if got := s.Gone()[0]; got != "wait|bb/b (touch x) id end" {
		t.Errorf("dunst showed %q", got)
	}
}

func TestNoBus_failsAndGoesOn(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	t.Setenv("PATH", t.TempDir()) // no notify-send either
	system := newSystem(func(string) {})
	defer system.close()
	for range 2 {
		if err := system.show(t.Context(), "ana", "Ana", "hello"); err == nil {
			t.Fatal("a toast was shown without anything to show it")
		}
	}
	system.clear(t.Context(), "ana")
}
