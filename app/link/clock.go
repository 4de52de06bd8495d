package link

import "time"

// Clock is the time as the desktop's core needs it, so that tests can turn it by hand.
type Clock interface {
	// Now is the wall clock.
	Now() time.Time
	// AfterFunc calls f once, on its own goroutine, d from now by a clock that may stand still while the computer sleeps.
	// stop prevents it if it has not begun.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// SystemClock is the computer's own clock.
type SystemClock struct{}

// Now implements Clock. The monotonic reading is left out: differences must show a sleep.
func (SystemClock) Now() time.Time { return time.Now().Round(0) }

// AfterFunc implements Clock.
func (SystemClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}
