package app

import (
	"os/exec"
	"syscall"
)

// hideWindow keeps a program for the command line from opening a window of its own.
func hideWindow(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true} }
