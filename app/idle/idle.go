// Package idle tells for how long nobody has used this computer, and whether it is locked, as far as its system says so.
//
// On Linux it asks, whichever answers first: the desktop's idle monitor, the X server, the login manager; for the lock the screen
// saver and the login manager. On Windows it asks the system for the last input and for the desktop that gets input. On macOS
// only a framework says it that needs C, which nothing but the window is built with: there it is unknown, and what the page sees
// counts instead. What follows from being idle is decided elsewhere.
package idle

import (
	"errors"
	"time"
)

// State is whether this computer is used.
type State struct {
	// Idle is for how long there was no key and no pointer.
	Idle time.Duration
	// Locked is true while the screen asks for a password.
	Locked bool
}

// ErrUnknown says that this system does not tell.
var ErrUnknown = errors.New("this system does not say whether it is used")

// timeLimit is how long one source may take to answer.
const timeLimit = 2 * time.Second
