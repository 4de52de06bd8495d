package screen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// phoneAgent is how a telephone's browser names itself.
const phoneAgent = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36"

// Browse opens a page in a browser's window at this place of the screen. With phone the browser says that it is a telephone's.
func (s *Session) Browse(url string, x, y, width, height int, phone bool) Window {
	s.t.Helper()
	profile, err := os.MkdirTemp("", "parley-browser-")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(profile) }) // its processes may still be ending; a leftover harms nobody
	// Nothing of the browser asks for a keyring or to keep a password, and --test-type says nothing about the sandbox that root has not.
	args := []string{"--no-sandbox", "--test-type", "--incognito", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--password-store=basic",
		"--user-data-dir=" + profile, fmt.Sprintf("--window-position=%d,%d", x, y), fmt.Sprintf("--window-size=%d,%d", width, height), "--app=" + url}
	if phone {
		args = append(args, "--user-agent="+phoneAgent)
	}
	cmd := exec.Command("chromium", args...)
	s.run(cmd)
	w := s.WindowOf(cmd.Process.Pid)
	w.put(x, y, width, height)
	return w
}

// BrowserOpens takes the place of what opens the system's browser. What it returns waits for the next address that it is given.
func (s *Session) BrowserOpens() (next func() string) {
	s.t.Helper()
	folder := s.t.TempDir()
	told := filepath.Join(folder, "told")
	// The address is there whole or not at all.
	script := fmt.Sprintf("#!/bin/sh\nprintf %%s \"$1\" >%[1]s.new && mv %[1]s.new %[1]s\n", told)
	if err := os.WriteFile(filepath.Join(folder, "xdg-open"), []byte(script), 0o700); err != nil {
		s.t.Fatal(err)
	}
	s.t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() (address string) {
		s.t.Helper()
		s.Await("the system's browser is opened", func() bool {
			raw, err := os.ReadFile(told)
			address = string(raw)
			return err == nil && os.Remove(told) == nil
		})
		return address
	}
}

// Files opens a window at this place of the screen, out of which the files can be dragged, as out of the system's file manager; see
// build/screen/files for what else may stand before the paths.
func (s *Session) Files(x, y, width, height int, paths ...string) Window {
	s.t.Helper()
	program := filepath.Join(s.t.TempDir(), "files")
	s.command("go", "build", "-tags", "desktoptest", "-o", program, "parley/build/screen/files")
	cmd := exec.Command(program, paths...)
	s.run(cmd)
	w := s.WindowOf(cmd.Process.Pid)
	w.put(x, y, width, height)
	return w
}

// put moves the window to this place of the screen.
func (w Window) put(x, y, width, height int) {
	w.s.t.Helper()
	w.s.command("xdotool", "windowsize", "--sync", w.id, fmt.Sprint(width), fmt.Sprint(height))
	w.s.command("xdotool", "windowmove", "--sync", w.id, fmt.Sprint(x), fmt.Sprint(y))
	w.AwaitStill()
}
