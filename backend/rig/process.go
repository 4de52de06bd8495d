package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Process is the server's program, running on a data directory and a port that stay the same when it is killed and started
// again. The cast was brought in by `user import`.
type Process struct {
	*Server
	// Data is its data directory.
	Data string

	program, address string
	log              lockedBuilder

	mu      sync.Mutex
	changed *sync.Cond
	ready   bool
	cmd     *exec.Cmd     // nil while it is down
	ended   chan struct{} // closed when cmd has ended
}

// program builds parley-server once for all tests of a package, into a directory that Main removes.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "parley-rig-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "parley-server")
	build := exec.Command("go", "build", "-o", path, "parley/backend/cmd/parley-server")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("build parley-server: %w\n%s", err, out)
	}
	built = dir
	return path, nil
})

// built is where program has put it; for Main.
var built string

// Main runs the tests of a package that uses Process: call it from TestMain with os.Exit around it.
func Main(m *testing.M) int {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built) // a leftover in the temporary directory harms nobody
	}
	return code
}

// Program returns the path of the built parley-server.
func Program(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatalf("rig: %v", err)
	}
	return path
}

// NewProcess brings the cast into a fresh data directory, starts the program on it and waits until it is ready. Whatever still
// runs when the test ends is killed.
func NewProcess(t testing.TB) *Process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("rig: find a port: %v", err)
	}
	address := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	p := &Process{Data: filepath.Join(dir, "data"), program: Program(t), address: address,
		Server: &Server{URL: "http://" + address, t: t, tokens: map[string]wire.SignInAnswer{}}}
	p.changed = sync.NewCond(&p.mu)
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("log of parley-server:\n%s", p.log.String())
		}
	})
	cast := filepath.Join(dir, "cast.csv")
	if err := os.WriteFile(cast, []byte(CastCSV(t)), 0o600); err != nil {
		t.Fatalf("rig: write the cast: %v", err)
	}
	p.Run("user", "import", "--new", "--data", p.Data, cast)
	p.Start()
	p.admit()
	return p
}

// admit learns the cast's ids and grants their settings, as an administrator does.
func (p *Process) admit() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	session := p.SignIn("ines")
	c, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(p.URL), Token: session.Token,
		Hello: chat.HelloArgs{Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "rig"}}})
	if err != nil {
		p.t.Fatalf("rig: connect as an administrator: %v", err)
	}
	defer c.Close()
	do := func(name chat.CommandName, args any) (raw json.RawMessage, err error) {
		err = c.Request(ctx, name, args, &raw)
		return raw, err
	}
	grant(p.t, do)
	p.people = settle(p.t, do)
}

// Run runs the program with other arguments and returns what it said; it must succeed.
func (p *Process) Run(args ...string) string {
	p.t.Helper()
	out, err := exec.Command(p.program, args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("rig: parley-server %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Start starts the program and waits until it can commit.
func (p *Process) Start() {
	p.t.Helper()
	if err := p.StartUnder(); err != nil {
		p.setReady(true) // whoever waits shall see that nobody is there
		p.t.Fatalf("rig: %v; its log:\n%s", err, p.log.String())
	}
}

// awaitReady asks until the server says that it can commit; asking is how a supervisor waits for it, too.
func (p *Process) awaitReady(ended <-chan struct{}) error {
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		resp, err := http.Get(p.URL + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ended:
			return errors.New("parley-server ended instead of starting")
		case <-deadline.C:
			return fmt.Errorf("parley-server is not ready: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Kill ends the program as kill -9 does and waits until it is gone.
func (p *Process) Kill() { p.end(os.Kill) }

// Interrupt asks the program to end, as Ctrl-C does, and waits until it is gone.
func (p *Process) Interrupt() { p.end(os.Interrupt) }

func (p *Process) end(signal os.Signal) {
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.cmd, p.ready = nil, false
	p.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Signal(signal) // it may have ended by itself
		<-ended
	}
}

// AwaitUp waits while the program is down, and returns at once if it runs.
func (p *Process) AwaitUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.ready {
		p.changed.Wait()
	}
}

// lockedBuilder collects what the program writes.
type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
