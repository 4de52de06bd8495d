package taskbar

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/godbus/dbus/v5"
)

// How launchers are told about a program's icon. There is no answer: whoever shows icons listens.
const (
	entryPath   = dbus.ObjectPath("/parley")
	entrySignal = "com.canonical.Unity.LauncherEntry.Update"
	// desktopFile names the program as the installed system knows it.
	desktopFile = "application://parley.desktop"
)

// Bar is the program's place in the taskbar. Its methods may be called by any goroutine and do not wait for the desktop.
type Bar struct {
	log *slog.Logger

	mu     sync.Mutex
	conn   *dbus.Conn // nil until the first number, and after the bus was lost
	unread int
	urgent bool
}

// New returns the program's place.
func New(log *slog.Logger) *Bar { return &Bar{log: log} }

// Badge shows how many messages are unread; zero shows nothing. When there are fewer than before somebody has looked, and a call
// for attention ends.
func (b *Bar) Badge(unread int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if unread < b.unread {
		b.urgent = false
	}
	b.unread = unread
	b.tell()
}

// Flash calls for attention, unless somebody is at the window.
func (b *Bar) Flash() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.urgent = true
	b.tell()
	markWindow()
}

// Close takes the number away.
func (b *Bar) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread, b.urgent = 0, false
	if b.conn == nil {
		return
	}
	b.tell()
	_ = b.conn.Close() // it is given up anyway
	b.conn = nil
}

// tell describes the icon as it is to be. The caller holds mu.
func (b *Bar) tell() {
	if err := b.connect(); err != nil {
		b.log.Debug("no launcher was told of unread messages", "err", err)
		return
	}
	err := b.conn.Emit(entryPath, entrySignal, desktopFile, map[string]dbus.Variant{
		"count":         dbus.MakeVariant(int64(b.unread)),
		"count-visible": dbus.MakeVariant(b.unread > 0),
		"urgent":        dbus.MakeVariant(b.urgent),
	})
	if err != nil {
		b.log.Debug("no launcher was told of unread messages", "err", err)
	}
}

// connect makes the connection to the session bus if there is none. It never starts a bus.
func (b *Bar) connect() error {
	if b.conn != nil && b.conn.Connected() {
		return nil
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return fmt.Errorf("find the session bus: %w", err)
	}
	if err := errors.Join(conn.Auth(nil), conn.Hello()); err != nil {
		_ = conn.Close() // the first error is the one that tells
		return fmt.Errorf("greet the session bus: %w", err)
	}
	b.conn = conn
	return nil
}
