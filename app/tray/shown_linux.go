package tray

import (
	"errors"

	"github.com/godbus/dbus/v5"
)

const wantsICO = false

// Shown tells whether the desktop shows signs now: not every one does, and then a hidden window could not be found again.
func (s *Sign) Shown() bool {
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return false
	}
	defer conn.Close()
	if errors.Join(conn.Auth(nil), conn.Hello()) != nil {
		return false
	}
	const watcher = "org.kde.StatusNotifierWatcher"
	hosted, err := conn.Object(watcher, "/StatusNotifierWatcher").GetProperty(watcher + ".IsStatusNotifierHostRegistered")
	if err != nil {
		return false
	}
	on, _ := hosted.Value().(bool)
	return on
}
