//go:build !linux && !windows

package taskbar

import "log/slog"

// Bar is the program's place in the taskbar, which is not marked on this system.
type Bar struct{}

// New returns the program's place.
func New(*slog.Logger) *Bar { return &Bar{} }

// Badge does nothing: the number stands in the window's title.
func (*Bar) Badge(int) {}

// Flash does nothing.
func (*Bar) Flash() {}

// Close does nothing: nothing is held.
func (*Bar) Close() {}
