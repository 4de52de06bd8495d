package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

// patience bounds every wait for something that must happen.
const patience = 20 * time.Second

// output collects what a program writes and lets a test wait for a part of it.
type output struct {
	mu      sync.Mutex
	changed *sync.Cond
	b       bytes.Buffer
}

func newOutput() *output {
	o := &output{}
	o.changed = sync.NewCond(&o.mu)
	return o
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.changed.Broadcast()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// find waits for a match and returns its first group.
func (o *output) find(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.AfterFunc(patience, func() { o.changed.Broadcast() })
	defer late.Stop()
	began := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		if m := re.FindStringSubmatch(o.b.String()); m != nil {
			return m[1]
		}
		if time.Since(began) >= patience {
			t.Fatalf("nothing like %s in:\n%s", pattern, o.b.String())
		}
		o.changed.Wait()
	}
}

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// command runs a subcommand to its end. Pairs like NAME=VALUE before the first other argument are its environment.
func command(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var env []string
	for len(args) > 0 && strings.Contains(args[0], "=") && !strings.HasPrefix(args[0], "-") {
		env, args = append(env, args[0]), args[1:]
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	var out, err bytes.Buffer
	code := run(ctx, args, strings.NewReader(stdin), &out, &err, env)
	return result{code, out.String(), err.String()}
}

// must fails unless the command succeeded.
func must(t *testing.T, r result) result {
	t.Helper()
	if r.code != exitOK {
		t.Fatalf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
	return r
}

// mustFail fails unless the command failed with code and said something like pattern.
func mustFail(t *testing.T, r result, code int, pattern string) result {
	t.Helper()
	if r.code != code || !regexp.MustCompile(pattern).MatchString(r.err) {
		t.Errorf("exit code %d, want %d and %s in:\n%s%s", r.code, code, pattern, r.out, r.err)
	}
	return r
}

// serving is a server run by run itself.
type serving struct {
	url      string
	out, err *output
	stop     func() int
}

// serve starts the server on dir and waits until it serves.
func serve(t *testing.T, dir string, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{out: newOutput(), err: newOutput()}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), s.out, s.err, nil)
	}()
	var once sync.Once
	var ended int
	s.stop = func() int {
		once.Do(func() {
			cancel()
			select {
			case ended = <-code:
			case <-time.After(2 * patience):
				t.Errorf("the server does not stop; its log:\n%s", s.err)
			}
		})
		return ended
	}
	t.Cleanup(func() { s.stop() })
	s.url = s.out.find(t, `serves (https?://127\.0\.0\.1:\d+)`)
	return s
}

const password = "correct horse battery"

// addUser adds a user by the subcommand.
func addUser(t *testing.T, dir, name string, role chat.Role) {
	t.Helper()
	must(t, command(t, password+"\n", "user", "add", "--new", "--data", dir, "--role", string(role), name))
}

// signIn signs in and returns the session, or the HTTP status of the refusal.
func signIn(t *testing.T, url, name, password string) (wire.SignInAnswer, int) {
	t.Helper()
	a, err := wire.SignIn(t.Context(), nil, url, wire.SignInArgs{Name: name, Password: password})
	var refused *wire.RefusedError
	switch {
	case errors.As(err, &refused):
		return a, refused.Status
	case err != nil:
		t.Fatal(err)
	}
	return a, http.StatusOK
}

// connect opens a socket.
func connect(t *testing.T, url, token string, cursor chat.Cursor, handle func(wire.Frame) error) *wire.Client {
	t.Helper()
	c, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(url), Token: token, Handle: handle,
		Hello: chat.HelloArgs{Cursor: cursor, Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "test"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Cut)
	return c
}

// TestFirstStart tells a newcomer what to do, and it works.
func TestFirstStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := serve(t, dir)
	s.out.find(t, `(no database in \S+: a new installation was begun there)`)
	s.out.find(t, `(user add --data \S+ --role administrator)`)
	addUser(t, dir, "ada", chat.RoleAdministrator)
	a, status := signIn(t, s.url, "ada", password)
	if status != 200 {
		t.Fatalf("sign-in: %d", status)
	}
	var list chat.UserListAnswer
	if err := connect(t, s.url, a.Token, "", nil).Request(t.Context(), chat.UserList, nil, &list); err != nil || len(list.Users) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("it ended with %d", code)
	}
	again := serve(t, dir)
	if said := again.out.String(); strings.Contains(said, "no users yet") || strings.Contains(said, "new installation") {
		t.Errorf("the second start says %q", said)
	}
}

// TestUsers_whileServingAndStopped: the same commands reach a running server, whose clients feel them at once, and the
// database of a stopped one.
func TestUsers_whileServingAndStopped(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	addUser(t, dir, "max", chat.RoleExpert)
	s := serve(t, dir)
	max, status := signIn(t, s.url, "max", password)
	if status != 200 {
		t.Fatalf("sign-in of a user added before the start: %d", status)
	}
	c := connect(t, s.url, max.Token, "", nil)
	must(t, command(t, "another password\n", "user", "passwd", "--data", dir, "max"))
	mustEnd(t, c, wire.CloseSignedOut)
	if _, status := signIn(t, s.url, "max", password); status != 401 {
		t.Errorf("the old password: %d", status)
	}
	max, status = signIn(t, s.url, "MAX", "another password")
	if status != 200 {
		t.Fatalf("the new password: %d", status)
	}
	c = connect(t, s.url, max.Token, "", nil)
	r := must(t, command(t, "", "user", "disable", "--data", dir, "max"))
	if !strings.Contains(r.out, `Deactivated "max"`) {
		t.Errorf("it says %q", r.out)
	}
	mustEnd(t, c, wire.CloseSignedOut)
	if _, status := signIn(t, s.url, "max", "another password"); status != 401 {
		t.Errorf("a deactivated user: %d", status)
	}
	mustFail(t, command(t, "", "user", "disable", "--data", dir, "nobody"), exitFailed, `nobody signs in with the name "nobody"`)
	mustFail(t, command(t, password, "user", "add", "--data", dir, "--role", "expert", "max"), exitFailed, `already`)
	s.stop()
	mustFail(t, command(t, password, "user", "add", "--data", dir, "--role", "expert", "max"), exitFailed, `already`)
	addUser(t, dir, "eva", chat.RoleAgent)
	if _, status := signIn(t, serve(t, dir).url, "eva", password); status != 200 {
		t.Errorf("a user added while stopped: %d", status)
	}
}

// mustEnd waits until the server has closed c, with code.
func mustEnd(t *testing.T, c *wire.Client, code websocket.StatusCode) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(patience):
		t.Fatal("the connection is still open")
	}
	var end *wire.CloseError
	if !errors.As(c.Err(), &end) || end.Code != code {
		t.Errorf("closed by %v, want %d", c.Err(), code)
	}
}

func TestUserAdd_passwords(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte("from the file\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	add := []string{"user", "add", "--new", "--data", dir, "--role", "expert"}
	must(t, command(t, "", append(add, "--password-file", file, "one")...))
	must(t, command(t, "", append(append([]string{"PARLEY_PASSWORD_FILE=" + file}, add...), "two")...))
	must(t, command(t, "", append(append([]string{"PARLEY_PASSWORD=from the environment"}, add...), "three")...))
	must(t, command(t, "from a pipe\r\n", append(add, "four")...))
	must(t, command(t, "without a line end", append(add, "five")...))
	mustFail(t, command(t, "", append(add, "six")...), exitFailed, "no password")
	mustFail(t, command(t, "\n", append(add, "six")...), exitFailed, "empty")
	mustFail(t, command(t, "short\n", append(add, "six")...), exitFailed, "at least 8 are needed")
	mustFail(t, command(t, strings.Repeat("x", chat.MaxPasswordBytes+1)+"\n", append(add, "six")...), exitFailed, "256")
	mustFail(t, command(t, "x", append(add, "--password", password, "six")...), exitUsage, "unknown flag --password")
	mustFail(t, command(t, password, "user", "add", "--data", dir, "--role", "boss", "six"), exitUsage, "role")
	url := serve(t, dir).url
	for name, password := range map[string]string{"one": "from the file", "two": "from the file", "three": "from the environment", "four": "from a pipe", "five": "without a line end"} {
		if _, status := signIn(t, url, name, password); status != 200 {
			t.Errorf("%s signs in: %d", name, status)
		}
	}
}

// TestServe_secrets is security.md B7 and H4: neither tokens nor passwords are in the log, and nobody can forge its lines.
func TestServe_secrets(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	s := serve(t, dir, "--log-level", "debug")
	a, _ := signIn(t, s.url, "ada", password)
	connect(t, s.url, a.Token, "", nil).Close()
	ask := func(path string, headers ...string) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	ask("/v1/session?token=" + a.Token)
	ask(wire.PathSocket, "Sec-WebSocket-Protocol", wire.TokenPrefix+a.Token, "Connection", "Upgrade", "Upgrade", "websocket")
	signIn(t, s.url, "x\nlevel=ERROR msg=\"forged\"\x1b[2J", "wrong "+password)
	signIn(t, s.url, password, "typed into the wrong field")
	s.stop()
	log := s.err.String() + s.out.String()
	if !strings.Contains(log, "route="+wire.PathSocket) {
		t.Fatalf("the log at level debug has no requests:\n%s", log)
	}
	for _, secret := range []string{a.Token, password, "typed into", "forged", "\x1b"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
}

// TestAdminEndpoint: who does not hold this launch's token gets one and the same answer, and the file that holds it is for
// its owner only and goes with the server.
func TestAdminEndpoint(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	path := filepath.Join(dir, adminFileName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var admin adminFile
	if err := json.Unmarshal(raw, &admin); err != nil || !strings.HasPrefix(admin.Address, "127.0.0.1:") {
		t.Fatalf("%s, %v", raw, err)
	}
	post := func(body string, headers ...string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+admin.Address+"/v1/command", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer)
	}
	list := `{"do":"user.list","args":{}}`
	bearer := "Bearer " + admin.Token
	if status, body := post(list, "Authorization", bearer); status != 200 || !strings.Contains(body, `"users":[]`) {
		t.Errorf("with the token: %d %s", status, body)
	}
	_, refused := post(list)
	for name, headers := range map[string][]string{
		"none": nil, "wrong": {"Authorization", "Bearer " + strings.Repeat("x", 43)}, "half": {"Authorization", bearer[:30]},
		"a page": {"Authorization", bearer, "Origin", "http://" + admin.Address}, "null": {"Authorization", bearer, "Origin", "null"},
	} {
		if status, body := post(list, headers...); status != 401 || body != refused {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for _, bad := range []string{`{"do":"message.post","args":{}}`, `{"do":"nothing"}`, `{}`, `no JSON`} {
		if status, body := post(bad, "Authorization", bearer); status < 400 || !strings.Contains(body, `"error"`) {
			t.Errorf("%s: %d %s", bad, status, body)
		}
	}
	if resp, err := http.Get(s.url + "/v1/command"); err != nil || resp.StatusCode != 404 {
		t.Errorf("on the public listener: %v, %v", resp, err)
	}
	s.stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the stop: %v", err)
	}
}

// TestAdminFile_stale: what a killed server left behind does not keep the commands from the database.
func TestAdminFile_stale(t *testing.T) {
	for name, content := range map[string]string{
		"nobody listens": `{"address":"127.0.0.1:1","token":"x"}`, "garbage": `{"addr`, "another machine": `{"address":"192.0.2.1:80","token":"x"}`, "no address": `{}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, adminFileName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := command(t, password, "user", "add", "--new", "--data", dir, "--role", "expert", "max"); r.code != exitOK {
			t.Errorf("%s: %s", name, r.err)
		}
	}
}

func TestServe_oneOnADirectory(t *testing.T) {
	dir := t.TempDir()
	serve(t, dir)
	mustFail(t, command(t, "", "serve", "--data", dir, "--listen", "127.0.0.1:0"), exitFailed, "in use by another program")
}

// TestServe_addressTaken: a start that fails leaves nothing behind: the directory is free again.
func TestServe_addressTaken(t *testing.T) {
	s := serve(t, t.TempDir())
	dir := t.TempDir()
	mustFail(t, command(t, "", "serve", "--data", dir, "--listen", strings.TrimPrefix(s.url, "http://")), exitFailed, "address already in use")
	if _, err := os.Stat(filepath.Join(dir, adminFileName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the admin file: %v", err)
	}
	serve(t, dir)
}

func TestServe_metrics(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "adalovelace", chat.RoleAdministrator)
	free := serve(t, t.TempDir()) // its port is free once it has stopped
	address := strings.TrimPrefix(free.url, "http://")
	free.stop()
	s := serve(t, dir, "--metrics-listen", address)
	a, _ := signIn(t, s.url, "adalovelace", password)
	c := connect(t, s.url, a.Token, "", nil)
	signIn(t, s.url, "adalovelace", "wrong")
	get := func(url string) (int, string) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(raw)
	}
	status, body := get("http://" + address + "/metrics")
	for _, want := range []string{`parley_sign_ins_total{result="ok"} 1`, `parley_sign_ins_total{result="refused"} 1`, "parley_sockets 1",
		`parley_requests_total{command="hello",result="taken"} 1`, "parley_hub_feeds 1", "go_goroutines", "process_resident_memory_bytes"} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%d, without %s", status, want)
		}
	}
	for _, id := range []string{string(a.UserID), string(a.SessionID), a.Token, "adalovelace"} {
		if strings.Contains(body, id) {
			t.Errorf("the metrics hold %q", id)
		}
	}
	if status, _ := get(s.url + "/metrics.txt"); status != 404 {
		t.Errorf("metrics on the public listener: %d", status)
	}
	c.Close()
}
