package notify

import (
	"context"
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"
)

// The desktop notifications of freedesktop.org on the session bus.
const (
	busName   = "org.freedesktop.Notifications"
	busObject = dbus.ObjectPath("/org/freedesktop/Notifications")
	// clickAction is the action a click on the toast itself stands for.
	clickAction = "default"
	// normalUrgency lets a full-screen presentation go on undisturbed.
	normalUrgency = byte(1)
	// serverDecides leaves to the system how long a toast stays.
	serverDecides = int32(-1)
)

// desktopBus shows toasts over the session bus, and by beeep while there is none.
type desktopBus struct {
	clicked  func(tag string)
	fallback *library

	mu   sync.Mutex
	conn *dbus.Conn // nil until the first toast, and after the bus was lost
	// ids and tags map between our tags and the system's ids of the toasts that are still there.
	ids  map[string]uint32
	tags map[uint32]string
}

func newSystem(clicked func(tag string)) system {
	return &desktopBus{clicked: clicked, fallback: newLibrary(), ids: map[string]uint32{}, tags: map[uint32]string{}}
}

func (b *desktopBus) show(ctx context.Context, tag, title, body string) error {
	conn, err := b.connect()
	if err != nil {
		return b.fallback.show(ctx, tag, title, body)
	}
	b.mu.Lock()
	replaced := b.ids[tag]
	b.mu.Unlock()
	hints := map[string]dbus.Variant{
		"urgency":        dbus.MakeVariant(normalUrgency),
		"category":       dbus.MakeVariant("im.received"),
		"desktop-entry":  dbus.MakeVariant("parley"),
		"suppress-sound": dbus.MakeVariant(true), // the page plays the sound people chose
	}
	var id uint32
	call := conn.Object(busName, busObject).CallWithContext(ctx, busName+".Notify", 0,
		appName, replaced, "parley", title, body, []string{clickAction, "Open"}, hints, serverDecides)
	if err := call.Store(&id); err != nil {
		return fmt.Errorf("show a toast over the session bus: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tags, replaced)
	b.ids[tag], b.tags[id] = id, tag
	return nil
}

func (b *desktopBus) clear(ctx context.Context, tag string) {
	b.mu.Lock()
	id, shown := b.ids[tag]
	conn := b.conn
	b.forget(id)
	b.mu.Unlock()
	if shown && conn != nil {
		// A toast that is gone already is what was wanted, so the answer does not matter.
		_ = conn.Object(busName, busObject).CallWithContext(ctx, busName+".CloseNotification", 0, id).Err
	}
}

func (b *desktopBus) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil {
		_ = b.conn.Close() // what it may fail at has no consequence for a connection that is given up
		b.conn = nil
	}
}

// connect returns the connection to the session bus, made anew if there is none. It never starts a bus: that belongs to the
// desktop's session.
func (b *desktopBus) connect() (*dbus.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil && b.conn.Connected() {
		return b.conn, nil
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return nil, fmt.Errorf("find the session bus: %w", err)
	}
	if err := greet(conn); err != nil {
		_ = conn.Close() // the first error is the one that tells
		return nil, err
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	b.conn = conn
	clear(b.ids)
	clear(b.tags)
	go b.listen(signals)
	return conn, nil
}

func greet(conn *dbus.Conn) error {
	if err := conn.Auth(nil); err != nil {
		return fmt.Errorf("sign in to the session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return fmt.Errorf("greet the session bus: %w", err)
	}
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(busName), dbus.WithMatchObjectPath(busObject)); err != nil {
		return fmt.Errorf("listen for clicks on toasts: %w", err)
	}
	return nil
}

// listen follows what becomes of the toasts until the connection ends, which closes signals. Ids of other programs' toasts
// come by too; they are not in tags.
func (b *desktopBus) listen(signals <-chan *dbus.Signal) {
	for s := range signals {
		if len(s.Body) != 2 {
			continue
		}
		id, ok := s.Body[0].(uint32)
		if !ok {
			continue
		}
		b.mu.Lock()
		tag, ours := b.tags[id]
		if s.Name == busName+".NotificationClosed" {
			b.forget(id)
		}
		b.mu.Unlock()
		if ours && s.Name == busName+".ActionInvoked" && s.Body[1] == clickAction {
			b.clicked(tag)
		}
	}
}

// forget drops a toast that is gone. The caller holds mu.
func (b *desktopBus) forget(id uint32) {
	if tag, ok := b.tags[id]; ok && b.ids[tag] == id {
		delete(b.ids, tag)
	}
	delete(b.tags, id)
}
