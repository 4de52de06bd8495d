package taskbar

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/godbus/dbus/v5"

	"parley/build/screen"
)

// TestBar_tellsLaunchers on a real bus: the number, and that somebody is called until less is unread.
func TestBar_tellsLaunchers(t *testing.T) {
	screen.Start(t, 640, 480)
	launcher, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		t.Fatal(err)
	}
	defer launcher.Close()
	if err := errors.Join(launcher.Auth(nil), launcher.Hello(),
		launcher.AddMatchSignal(dbus.WithMatchInterface("com.canonical.Unity.LauncherEntry"))); err != nil {
		t.Fatal(err)
	}
	told := make(chan *dbus.Signal, 16)
	launcher.Signal(told)

	b := New(slog.New(slog.DiscardHandler))
	expect := func(what string, count int64, urgent bool) {
		t.Helper()
		s := <-told
		var app string
		var entry map[string]dbus.Variant
		if err := dbus.Store(s.Body, &app, &entry); err != nil {
			t.Fatal(err)
		}
		if app != desktopFile || entry["count"].Value() != count || entry["count-visible"].Value() != (count > 0) || entry["urgent"].Value() != urgent {
			t.Errorf("%s: told %s %v", what, app, entry)
		}
	}
	b.Badge(2)
	expect("two messages", 2, false)
	b.Flash()
	expect("somebody is called", 2, true)
	b.Badge(3)
	expect("one more", 3, true)
	b.Badge(1)
	expect("somebody has looked", 1, false)
	b.Flash()
	expect("called again", 1, true)
	b.Close()
	expect("the program ends", 0, false)
}

func TestBar_withoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	b := New(slog.New(slog.DiscardHandler))
	b.Badge(1)
	b.Flash()
	b.Close()
	if b.conn != nil {
		t.Error("a connection to nothing")
	}
}
