package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// runMain makes this test binary be the program: the tests below start it as a process that can be killed.
const runMain = "PARLEY_CORE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// core is the program as a process.
type core struct {
	t       *testing.T
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	address string // http://127.0.0.1:PORT/#TOKEN
}

// command returns the program ready to start, on a profile and for a server.
func command(t *testing.T, profile, server string, args ...string) *exec.Cmd {
	t.Helper()
	args = append([]string{"--profile", profile, "--server", server, "--key-file"}, args...)
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), runMain+"=1")
	return cmd
}

// startCore starts the program, has it sign in as name, and waits until its page is served.
func startCore(t *testing.T, profile, server, name string) *core {
	t.Helper()
	return start(t, profile, server, name, rig.PasswordOf(name))
}

// startAgain is startCore for a profile that is signed in: no password is there to be asked for.
func startAgain(t *testing.T, profile, server, name string) *core {
	t.Helper()
	return start(t, profile, server, name, "")
}

func start(t *testing.T, profile, server, name, password string) *core {
	t.Helper()
	c := &core{t: t, cmd: command(t, profile, server, "--sign-in", name)}
	c.cmd.Env = append(c.cmd.Env, "PARLEY_PASSWORD="+password)
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		c.kill()
		t.Fatalf("the program did not start: %v\n%s", err, c.stderr.String())
	}
	c.address = strings.TrimSpace(line)
	return c
}

// kill ends the process as a power switch would.
func (c *core) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// dial opens a page's socket.
func (c *core) dial(take func(wire.Frame) error) *wire.Client {
	c.t.Helper()
	base, token, _ := strings.Cut(c.address, "/#")
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(base), Token: token, Handle: take,
		HTTPClient: &http.Client{Transport: originOf(base)},
		Hello:      chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}}})
	if err != nil {
		c.t.Fatalf("open a page: %v\n%s", err, c.stderr.String())
	}
	c.t.Cleanup(client.Cut)
	return client
}

// originOf adds the header that a browser sends.
type originOf string

func (o originOf) RoundTrip(q *http.Request) (*http.Response, error) {
	q.Header.Set("Origin", string(o))
	return http.DefaultTransport.RoundTrip(q)
}

func post(t *testing.T, page *wire.Client, id chat.ConversationID, text string) {
	t.Helper()
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: text}
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	var answer chat.MessagePostAnswer
	if err := page.Request(ctx, chat.MessagePost, args, &answer); err != nil || !answer.Waiting {
		t.Fatalf("post: %+v, %v", answer, err)
	}
}

// texts lists what somebody was told by mira, in order.
func texts(a *rig.Actor, from chat.UserID) (all []string) {
	for _, e := range a.Events() {
		if e.Type == chat.MessagePosted && e.Message.AuthorID == from {
			all = append(all, e.Message.Text)
		}
	}
	return all
}

// Killed with messages queued offline, killed again while they are being sent: each arrives once, in the order typed.
func TestKill_queuedMessagesArriveOnceInOrder(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	profile := filepath.Join(t.TempDir(), "profile")
	liam := s.As("liam")
	with := s.Direct("mira", "liam")

	c := startCore(t, profile, proxy.URL, "mira")
	page := c.dial(nil)
	post(t, page, with, "first")
	liam.ExpectText("first")
	proxy.Refuse()
	want := []string{"first"}
	for i := range 200 {
		want = append(want, fmt.Sprint("queued ", i))
		post(t, page, with, want[len(want)-1])
	}
	c.kill()

	proxy.Heal()
	c = startAgain(t, profile, proxy.URL, "mira")
	liam.ExpectText("queued 20")
	c.kill() // somewhere in the middle
	c = startAgain(t, profile, proxy.URL, "mira")
	post(t, c.dial(nil), with, "last")
	liam.ExpectText("last")
	if got := texts(liam, s.ID("mira")); !slices.Equal(got, append(want, "last")) {
		t.Errorf("Liam was told %d messages: %q", len(got), got)
	}
}

// Connections cut at every so many bytes: still each message once, in order.
func TestCut_messagesArriveOnceInOrder(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	liam := s.As("liam")
	with := s.Direct("mira", "liam")
	c := startCore(t, filepath.Join(t.TempDir(), "profile"), proxy.URL, "mira")
	page := c.dial(nil)
	var want []string
	for i := range 40 {
		proxy.CutAfter(rig.Way(i%2), 150*i)
		want = append(want, fmt.Sprint("message ", i))
		post(t, page, with, want[i])
	}
	proxy.Heal()
	liam.ExpectText(want[len(want)-1])
	if got := texts(liam, s.ID("mira")); !slices.Equal(got, want) {
		t.Errorf("Liam was told %q", got)
	}
}

func TestTwoDesks_talkThroughTheServer(t *testing.T) {
	s := rig.Start(t)
	mira := startCore(t, filepath.Join(t.TempDir(), "mira"), s.URL, "mira")
	liam := startCore(t, filepath.Join(t.TempDir(), "liam"), s.URL, "liam")
	with := s.Direct("mira", "liam")
	told := make(chan string, 16)
	hear := func(f wire.Frame) error {
		events, err := f.DecodeEvents()
		for _, e := range events {
			if e.Type == chat.MessagePosted {
				told <- e.Message.Text
			}
		}
		return err
	}
	expect := func(want string) {
		t.Helper()
		select {
		case got := <-told:
			if got != want {
				t.Fatalf("told %q, want %q", got, want)
			}
		case <-time.After(rig.Patience):
			t.Fatalf("never told %q", want)
		}
	}
	liamPage := liam.dial(hear)
	post(t, mira.dial(nil), with, "a question")
	expect("a question")
	post(t, liamPage, with, "an answer")
	expect("an answer")
}

func TestSecondStart_saysHowToReachTheFirst(t *testing.T) {
	s := rig.Start(t)
	profile := filepath.Join(t.TempDir(), "profile")
	first := startCore(t, profile, s.URL, "mira")
	out, err := command(t, profile, s.URL).CombinedOutput()
	var exit *exec.ExitError
	if !asExit(err, &exit) || exit.ExitCode() != exitInUse || !strings.Contains(string(out), first.address) {
		t.Errorf("the second start ended with %v and said %q", err, out)
	}
	first.dial(nil) // the first goes on
}

func asExit(err error, exit **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*exit = e
	return ok
}

func TestStop_isCleanAndKeepsTheSession(t *testing.T) {
	s := rig.Start(t)
	profile := filepath.Join(t.TempDir(), "profile")
	c := startCore(t, profile, s.URL, "mira")
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("ended with %v\n%s", err, c.stderr.String())
	}
	if strings.Contains(c.stderr.String(), rig.PasswordOf("mira")) {
		t.Error("the password is in the log")
	}
	startAgain(t, profile, s.URL, "mira").dial(nil)
}

func TestRun_mistakesAreExplained(t *testing.T) {
	t.Setenv("PARLEY_PASSWORD", "")
	s := rig.Start(t)
	profile := func() string { return filepath.Join(t.TempDir(), "profile") }
	for name, test := range map[string]struct {
		args []string
		in   string
		code int
		says string
	}{
		"no profile":     {nil, "", exitUsage, "--profile"},
		"unknown flag":   {[]string{"--profile", profile(), "--colour", "red"}, "", exitUsage, "--colour"},
		"not loopback":   {[]string{"--profile", profile(), "--listen", "0.0.0.0:0"}, "", exitFailed, "127.0.0.1"},
		"no server":      {[]string{"--profile", profile(), "--sign-in", "mira"}, "", exitFailed, "--server"},
		"no password":    {[]string{"--profile", profile(), "--key-file", "--server", s.URL, "--sign-in", "mira"}, "", exitFailed, "PARLEY_PASSWORD"},
		"wrong password": {[]string{"--profile", profile(), "--key-file", "--server", s.URL, "--sign-in", "mira"}, "wrong\n", exitFailed, "sign in as mira"},
		"no such server": {[]string{"--profile", profile(), "--key-file", "--server", "127.0.0.1:1", "--sign-in", "mira"}, "x\n", exitFailed, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), test.args, strings.NewReader(test.in), &out, &errs)
			if code != test.code || !strings.Contains(errs.String(), test.says) || out.Len() > 0 {
				t.Errorf("ended with %d, said %q and %q", code, out.String(), errs.String())
			}
		})
	}
}

func TestReadPassword_fromFile(t *testing.T) {
	t.Setenv("PARLEY_PASSWORD", "")
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PARLEY_PASSWORD_FILE", path)
	if got, err := readPassword(bufio.NewReader(strings.NewReader(""))); got != "a secret" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}
