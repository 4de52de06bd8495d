//go:build !linux && !windows

package tray

import (
	"errors"
	"log/slog"
)

const wantsICO = false

// Supported says whether this system has a place for signs at all.
const Supported = false

// Sign is the program's sign, which this system has no place for.
type Sign struct{}

// Start fails.
func Start([]byte, func(), *slog.Logger) (*Sign, error) {
	return nil, errors.New("there are no signs beside the clock on this system")
}

// Tell does nothing.
func (*Sign) Tell(bool, string) {}

// Menu does nothing.
func (*Sign) Menu([]Item) {}

// Shown is false.
func (*Sign) Shown() bool { return false }

// Close does nothing.
func (*Sign) Close() {}
