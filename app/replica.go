package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"

	"parley/app/cache"
	"parley/app/idle"
	"parley/app/replica"
)

// openReplica opens the profile's replica for the page in the window.
func openReplica(c config, n *notifier, log *slog.Logger) (replicaPeer, error) {
	watcher := idle.New()
	r, err := replica.Open(context.Background(), replica.Config{
		Profile:  c.profile,
		Origins:  []string{pageOrigin(runtime.GOOS)},
		Notifier: n,
		Usage: func() (replica.Usage, error) {
			state, err := watcher.Look()
			return replica.Usage(state), err
		},
		DeviceName: deviceName(),
		Version:    version(),
		Keep:       replica.UsualKeep,
		Log:        log,
	})
	if err != nil {
		watcher.Close()
		return nil, withoutAddress(err)
	}
	return &opened{r, watcher}, nil
}

// opened is a replica with what it asks of the system.
type opened struct {
	*replica.Replica
	watcher *idle.Watcher
}

// Close closes both.
func (o *opened) Close() error {
	err := o.Replica.Close()
	o.watcher.Close()
	return err
}

// withoutAddress takes the address of another program's page, which holds its token, out of the error that the profile is in
// use: this error goes to the log and to the screen.
func withoutAddress(err error) error {
	var inUse *cache.InUseError
	if !errors.As(err, &inUse) {
		return err
	}
	return &cache.InUseError{Dir: inUse.Dir, Running: cache.Running{PID: inUse.Running.PID}}
}

// pageOrigin is what the page in the window sends as its origin: the replica admits no other.
func pageOrigin(system string) string {
	if system == "windows" {
		return "http://wails.localhost"
	}
	return "wails://wails"
}

// deviceName is what people see in the list of their sessions.
func deviceName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return "Desktop"
	}
	return fmt.Sprintf("Desktop on %.60s", host)
}

// version is that of the source the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
