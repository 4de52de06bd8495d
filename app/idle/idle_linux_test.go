package idle

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"parley/build/screen"
)

// TestLook_onAScreen asks a real X server: it counts, and a key begins the count anew.
func TestLook_onAScreen(t *testing.T) {
	s := screen.Start(t, 640, 480)
	w := New()
	defer w.Close()
	look := func() State {
		t.Helper()
		state, err := w.Look()
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	s.Await("nobody has used the screen for a while", func() bool { return look().Idle > 300*time.Millisecond })
	before := look().Idle
	s.Key("Shift_L")
	if after := look(); after.Idle >= before || after.Locked {
		t.Errorf("after a key: %+v, before it %v", after, before)
	}
	// The server is gone, and then another one is there: it is asked anew.
	w.closeX()
	look()
}

// saver is a screen saver on the session bus.
type saver struct{ locked bool }

// GetActive is what others ask it.
func (s *saver) GetActive() (bool, *dbus.Error) { return s.locked, nil }

func TestLook_seesTheLock(t *testing.T) {
	screen.Start(t, 640, 480)
	bus, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	if err := errors.Join(bus.Auth(nil), bus.Hello()); err != nil {
		t.Fatal(err)
	}
	if err := bus.Export(&saver{locked: true}, "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName("org.freedesktop.ScreenSaver", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	w := New()
	defer w.Close()
	if state, err := w.Look(); err != nil || !state.Locked {
		t.Errorf("%+v, %v", state, err)
	}
	t.Setenv("DISPLAY", "") // nothing says for how long, but the lock is known
	w.closeX()
	if state, err := w.Look(); err != nil || !state.Locked {
		t.Errorf("without a display: %+v, %v", state, err)
	}
}

func TestLook_withoutADesktop(t *testing.T) {
	none := "unix:path=" + filepath.Join(t.TempDir(), "none")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", none)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", none)
	for _, display := range []string{"", "nonsense", "far.example:0", ":99999"} {
		t.Setenv("DISPLAY", display)
		w := New()
		if state, err := w.Look(); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %+v, %v", display, state, err)
		}
		w.Close()
	}
}

func TestCookieOf_readsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "authority")
	t.Setenv("XAUTHORITY", path)
	entry := func(number, name, cookie string) string {
		text := "\x01\x00"
		for _, part := range []string{"host", number, name, cookie} {
			text += string([]byte{0, byte(len(part))}) + part
		}
		return text
	}
	whole := entry("7", xCookie, "other") + entry("0", "SOMETHING", "else") + entry("0", xCookie, "mine")
	for end := range len(whole) { // a file that was cut off anywhere
		if err := os.WriteFile(path, []byte(whole[:end]), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := cookieOf("0"); got != nil {
			t.Fatalf("of %d bytes it read %q", end, got)
		}
	}
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := string(cookieOf("0")); got != "mine" {
		t.Errorf("read %q", got)
	}
	if cookieOf("5") != nil {
		t.Error("a cookie of another display")
	}
}
