package notify

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// desktop starts a virtual display, a session bus and dunst, a real notification server, for this test alone.
func desktop(t *testing.T) {
	t.Helper()
	for _, program := range []string{"Xvfb", "dbus-daemon", "dunst", "dunstctl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; make test installs it", program)
		}
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{writer}
	run(t, xvfb)
	writer.Close()
	t.Setenv("DISPLAY", ":"+firstLine(t, reader))

	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	run(t, bus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", firstLine(t, out))
	t.Setenv("HOME", t.TempDir()) // nobody's own dunst rules
	t.Setenv("XDG_CONFIG_HOME", "")

	run(t, exec.Command("dunst", "-conf", "/dev/null"))
	await(t, "dunst answers", func() bool { return exec.Command("dunstctl", "count").Run() == nil })
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func firstLine(t *testing.T, r interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// await asks another program until it says yes: it has no way to call us. The limit only ends a test that has failed.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
	}
}

func dunstctl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("dunstctl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("dunstctl %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// closed returns the toasts dunst no longer shows, newest first, as "title|body".
func closed(t *testing.T) []string {
	t.Helper()
	var history struct {
		Data [][]map[string]struct {
			Data any `json:"data"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(dunstctl(t, "history")), &history); err != nil {
		t.Fatal(err)
	}
	var toasts []string
	for _, list := range history.Data {
		for _, toast := range list {
			toasts = append(toasts, fmt.Sprintf("%v|%v", toast["summary"].Data, toast["body"].Data))
		}
	}
	return toasts
}

func TestDunst_showsReplacesTellsOfClicksAndClears(t *testing.T) {
	desktop(t)
	clicks := make(chan string, 1)
	toaster := New(func(tag string) { clicks <- tag }, slog.New(slog.DiscardHandler))
	defer toaster.Close()

	toaster.Show("ana", "--Ana <b>Novik</b>", "first\n& <i>hostile</i> $(x)")
	await(t, "one toast is shown", func() bool { return dunstctl(t, "count", "displayed") == "1" })
	toaster.Show("ana", "Ana", "second")
	toaster.Show("liam", "Liam", "other")
	await(t, "the second of ana replaces the first, liam's comes beside it",
		func() bool { return dunstctl(t, "count", "displayed") == "2" })

	toaster.Clear("liam")
	await(t, "liam's is taken away", func() bool { return dunstctl(t, "count", "displayed") == "1" })
	dunstctl(t, "action", "0") // what a click on the toast does
	if tag := <-clicks; tag != "ana" {
		t.Errorf("the click was told as one on %q", tag)
	}
	dunstctl(t, "close-all")
	await(t, "all are closed", func() bool { return dunstctl(t, "count", "displayed") == "0" })
	if got := fmt.Sprint(closed(t)); !strings.Contains(got, "Ana|second") || !strings.Contains(got, "Liam|other") {
		t.Errorf("dunst showed %s", got)
	}
}

func TestDunst_hostileTextArrivesAsPlainText(t *testing.T) {
	desktop(t)
	toaster := New(func(string) {}, slog.New(slog.DiscardHandler))
	defer toaster.Close()
	toaster.Show("x", "--wait", "<b>b</b> & $(touch x) `id` \u202eend")
	await(t, "it is shown", func() bool { return dunstctl(t, "count", "displayed") == "1" })
	dunstctl(t, "close-all")
	await(t, "it is closed", func() bool { return len(closed(t)) == 1 })
	if got := closed(t)[0]; got != "wait|bb/b (touch x) id end" {
		t.Errorf("dunst showed %q", got)
	}
}

func TestNoBus_failsAndGoesOn(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	t.Setenv("PATH", t.TempDir()) // no notify-send either
	system := newSystem(func(string) {})
	defer system.close()
	for range 2 {
		if err := system.show(t.Context(), "ana", "Ana", "hello"); err == nil {
			t.Fatal("a toast was shown without anything to show it")
		}
	}
	system.clear(t.Context(), "ana")
}
