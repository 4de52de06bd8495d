// Package screen gives a test a desktop session of its own: a virtual display with a window manager, a session bus and a
// notification server, all real programs and none of them the developer's own. It is imported by tests only.
//
// It owns starting and ending these programs and the hands and eyes on them (keys, windows, toasts, pictures). What a program
// under test should do is the test's.
package screen

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Patience is how long a test waits for another program before it has failed. It is a limit for failures, not a measure.
const Patience = 60 * time.Second

// Session is a running desktop session. Its environment is the test's own until the test ends.
type Session struct{ t testing.TB }

// programs are what a session is made of; make test installs them.
var programs = []string{"Xvfb", "openbox", "dbus-daemon", "dunst", "dunstctl", "xdotool", "import"}

// toastRules lets toasts stay until somebody takes them away and does not count their age, so that a slow machine changes
// nothing.
const toastRules = "[global]\nshow_age_threshold = -1\n[urgency_normal]\ntimeout = 0\n"

// lookRules asks pages for reduced motion, so that a window can come to rest although something in it calls for attention.
const lookRules = "[Settings]\ngtk-enable-animations=0\n"

// Start starts a session with a screen of the given size. A test on a machine that lacks the programs is skipped, or failed
// where CI says that they must be there.
func Start(t testing.TB, width, height int) *Session {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed: run build/scripts/need.sh test", program)
			}
			t.Skipf("%s is not installed; make test installs it", program)
		}
	}
	s := &Session{t: t}
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": "", "XDG_SESSION_TYPE": "x11", "WAYLAND_DISPLAY": "",
	} {
		setenv(t, name, value)
	}
	s.keep(home, ".config/gtk-3.0/settings.ini", lookRules)
	s.startDisplay(width, height)
	s.startBus()
	s.run(exec.Command("openbox"))
	s.run(exec.Command("dunst", "-conf", s.keep(home, "dunstrc", toastRules)))
	s.Await("dunst answers", func() bool { return exec.Command("dunstctl", "count").Run() == nil })
	return s
}

// setenv is t.Setenv, which testing.TB has too, but for the empty value: that unsets.
func setenv(t testing.TB, name, value string) {
	t.Setenv(name, value)
	if value == "" {
		os.Unsetenv(name) // restored by Setenv's clean-up
	}
}

// keep writes a file of the session's user and returns its path.
func (s *Session) keep(home, name, text string) string {
	s.t.Helper()
	path := filepath.Join(home, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *Session) startDisplay(width, height int) {
	s.t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	display := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp")
	display.ExtraFiles = []*os.File{writer}
	s.run(display)
	writer.Close()
	s.t.Setenv("DISPLAY", ":"+s.firstLine(reader))
}

func (s *Session) startBus() {
	s.t.Helper()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.run(bus)
	s.t.Setenv("DBUS_SESSION_BUS_ADDRESS", s.firstLine(out))
}

// run starts a program that ends with the test.
func (s *Session) run(cmd *exec.Cmd) {
	s.t.Helper()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start %s: %v", cmd.Path, err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended with the display
		_ = cmd.Wait()
	})
}

func (s *Session) firstLine(r io.Reader) string {
	s.t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		s.t.Fatalf("a program of the desktop session did not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// Await asks until done says yes. It is for what another program does, which cannot call the test.
func (s *Session) Await(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(Patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Picture("failed")
			s.t.Fatalf("did not happen: %s", what)
		}
	}
}

// command runs a program to its end and returns what it printed.
func (s *Session) command(name string, args ...string) string {
	s.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Shown returns how many toasts are on the screen.
func (s *Session) Shown() string {
	s.t.Helper()
	return s.command("dunstctl", "count", "displayed")
}

// Key presses a key, whoever has the keyboard.
func (s *Session) Key(name string) {
	s.t.Helper()
	s.command("xdotool", "key", name)
}

// Click does what a click on the newest toast does.
func (s *Session) Click() {
	s.t.Helper()
	s.command("dunstctl", "action", "0")
}

// CloseToasts takes all toasts off the screen and waits until they are gone.
func (s *Session) CloseToasts() {
	s.t.Helper()
	s.command("dunstctl", "close-all")
	s.Await("all toasts are closed", func() bool { return s.Shown() == "0" })
}

// Gone returns the toasts that are no longer shown, newest first, each as "title|body".
func (s *Session) Gone() []string {
	s.t.Helper()
	var history struct {
		Data [][]map[string]struct {
			Data any `json:"data"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(s.command("dunstctl", "history")), &history); err != nil {
		s.t.Fatalf("read dunst's history: %v", err)
	}
	var toasts []string
	for _, list := range history.Data {
		for _, toast := range list {
			toasts = append(toasts, fmt.Sprintf("%v|%v", toast["summary"].Data, toast["body"].Data))
		}
	}
	return toasts
}

// Picture keeps a picture of the whole screen under the test's name in build/.shots, for people to look at.
func (s *Session) Picture(name string) {
	s.t.Helper()
	folder := shotsFolder(s.t)
	s.command("import", "-window", "root", filepath.Join(folder, s.t.Name()+"-"+name+".png"))
}

// shotsFolder finds build/.shots from whichever package the test runs in.
func shotsFolder(t testing.TB) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "wails.json")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("the repository's root was not found")
		}
		root = filepath.Dir(root)
	}
	folder := filepath.Join(root, "build", ".shots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}
