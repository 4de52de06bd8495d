//go:build !webkit2_41

package taskbar

// markWindow does nothing in a program that was built without a window.
func markWindow() {}
