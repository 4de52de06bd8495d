package screen

import (
	"fmt"
	"os"
	"os/exec"
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
	s.command("xdotool", "windowsize", "--sync", w.id, fmt.Sprint(width), fmt.Sprint(height))
	s.command("xdotool", "windowmove", "--sync", w.id, fmt.Sprint(x), fmt.Sprint(y))
	w.AwaitStill()
	return w
}
