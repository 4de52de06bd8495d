package idle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Watcher asks this system. It is safe for concurrent use.
type Watcher struct {
	mu sync.Mutex
	x  *xServer // nil until asked, and after it failed
	// session and system are the buses; nil until asked, and after they were lost.
	session, system *dbus.Conn
}

// New returns a watcher. It connects to what it asks when it is asked.
func New() *Watcher { return &Watcher{} }

// Look asks. It takes as long as timeLimit for each source that does not answer.
func (w *Watcher) Look() (State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	locked, lockKnown := w.locked()
	idle, err := w.idle()
	switch {
	case err == nil:
		return State{Idle: idle, Locked: locked}, nil
	case lockKnown && locked:
		return State{Locked: true}, nil
	}
	return State{}, fmt.Errorf("%w: %w", ErrUnknown, err)
}

// Close ends the connections.
func (w *Watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeX()
	for _, bus := range []**dbus.Conn{&w.session, &w.system} {
		if *bus != nil {
			_ = (*bus).Close() // it is given up anyway
			*bus = nil
		}
	}
}

func (w *Watcher) closeX() {
	if w.x != nil {
		_ = w.x.conn.Close() // it is given up anyway
		w.x = nil
	}
}

// idle asks the sources in turn.
func (w *Watcher) idle() (time.Duration, error) {
	var ms uint64
	monitor := w.call(&w.session, "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor.GetIdletime", &ms)
	if monitor == nil {
		return time.Duration(ms) * time.Millisecond, nil
	}
	idle, display := w.display()
	if display == nil {
		return idle, nil
	}
	idle, login := w.login()
	if login == nil {
		return idle, nil
	}
	return 0, errors.Join(monitor, display, login)
}

// display asks the X server. One that only serves old programs on a newer desktop sees not all that people do.
func (w *Watcher) display() (time.Duration, error) {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return 0, errors.New("the X server does not see what is typed on this desktop")
	}
	if w.x == nil {
		x, err := openX(os.Getenv("DISPLAY"))
		if err != nil {
			return 0, err
		}
		w.x = x
	}
	idle, err := w.x.idle()
	if err != nil {
		w.closeX()
	}
	return idle, err
}

const (
	loginName    = "org.freedesktop.login1"
	loginSession = "/org/freedesktop/login1/session/auto"
)

// login asks the login manager, which the desktop tells when its user has been away for a while.
func (w *Watcher) login() (time.Duration, error) {
	idle, err := w.hint("IdleHint")
	if err != nil {
		return 0, err
	}
	if on, ok := idle.Value().(bool); !ok || !on {
		return 0, nil
	}
	since, err := w.hint("IdleSinceHint")
	if err != nil {
		return 0, err
	}
	us, _ := since.Value().(uint64)
	return max(time.Since(time.UnixMicro(int64(us))), 0), nil
}

func (w *Watcher) hint(name string) (v dbus.Variant, err error) {
	err = w.call(&w.system, loginName, loginSession, "org.freedesktop.DBus.Properties.Get", &v, loginName+".Session", name)
	return v, err
}

// locked asks whether the screen is locked; known is false if nothing says it.
func (w *Watcher) locked() (locked, known bool) {
	for _, saver := range []struct{ name, path string }{
		{"org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"}, {"org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"},
	} {
		var on bool
		if w.call(&w.session, saver.name, dbus.ObjectPath(saver.path), saver.name+".GetActive", &on) == nil {
			locked, known = locked || on, true
		}
	}
	if v, err := w.hint("LockedHint"); err == nil {
		on, _ := v.Value().(bool)
		locked, known = locked || on, true
	}
	return locked, known
}

// call asks something on a bus, to which it connects if need be. It starts neither a bus nor a service.
func (w *Watcher) call(bus **dbus.Conn, name string, path dbus.ObjectPath, method string, answer any, args ...any) error {
	if *bus == nil || !(*bus).Connected() {
		connect := dbus.SessionBusPrivateNoAutoStartup
		if bus == &w.system {
			connect = func(o ...dbus.ConnOption) (*dbus.Conn, error) { return dbus.SystemBusPrivate(o...) }
		}
		conn, err := connect()
		if err != nil {
			return fmt.Errorf("find the bus: %w", err)
		}
		if err := errors.Join(conn.Auth(nil), conn.Hello()); err != nil {
			_ = conn.Close() // the first error is the one that tells
			return fmt.Errorf("greet the bus: %w", err)
		}
		*bus = conn
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	if err := (*bus).Object(name, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...).Store(answer); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}
