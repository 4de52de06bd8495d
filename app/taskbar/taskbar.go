// Package taskbar marks the program where the system shows its windows: a number on its icon, and a call for attention until
// somebody looks.
//
// On Linux it asks the launcher for the number, over the session bus, and the window manager to mark the window; on Windows the
// button in the taskbar flashes. Each of the two is left out where the system has nothing of the kind. On macOS the dock asks for
// a framework that is only there on a Mac, and nothing is marked. When to call is package attention's decision.
package taskbar
