//go:build !windows

package app

import "os/exec"

// hideWindow is for Windows, where programs for the command line open a window.
func hideWindow(*exec.Cmd) {}
