package notify

import (
	"context"
	"errors"

	"github.com/gen2brain/beeep"
)

// library shows toasts by beeep. It cannot replace, clear or tell of clicks.
type library struct {
	// busy holds one element while a call is under way: a call that hangs is given up, not called again beside itself.
	busy chan struct{}
}

func newLibrary() *library {
	beeep.AppName = appName
	return &library{busy: make(chan struct{}, 1)}
}

var errHangs = errors.New("the system has not answered an earlier toast yet")

func (l *library) show(ctx context.Context, _, title, body string) error {
	select {
	case l.busy <- struct{}{}:
	default:
		return errHangs
	}
	result := make(chan error, 1)
	go func() {
		result <- beeep.Notify(title, body, "")
		<-l.busy
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *library) clear(context.Context, string) {}

func (l *library) close() {}
