package app

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// trial is a server with an invented organisation on this computer, for whoever wants to try Parley before there is a server: the
// program that was installed beside this one. It lives as long as this program does, and keeps what was written in it.
type trial struct {
	// program is empty if there is none.
	program string
	data    string
	log     *slog.Logger

	mu    sync.Mutex
	told  string // what it said of itself; empty while it does not run
	stdin io.Closer
	ended chan struct{}
}

// trialAddress is the same each time, so that whoever has signed in there finds it again the next day.
const trialAddress = "127.0.0.1:8428"

const (
	trialBegins = time.Minute // on a slow computer; usually two seconds
	trialEnds   = 5 * time.Second
)

func newTrial(c config, log *slog.Logger) *trial {
	t := &trial{data: filepath.Join(c.profile, "trial"), log: log}
	own, err := os.Executable()
	if err != nil {
		return t
	}
	program := filepath.Join(filepath.Dir(own), "parley-server")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if info, err := os.Stat(program); err == nil && info.Mode().IsRegular() {
		t.program = program
	}
	return t
}

// server is the address of a trial that has been begun in this profile at any time; empty if none has.
func (t *trial) server() string {
	if _, err := os.Stat(t.data); t.program == "" || err != nil {
		return ""
	}
	return "http://" + trialAddress
}

// start starts the server, if it does not run, and returns what it says of itself: JSON with its address and whom one may sign in as.
func (t *trial) start() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.program == "" {
		return "", errors.New("there is no server on this computer; install it beside this program")
	}
	if t.told != "" {
		return t.told, nil
	}
	cmd := exec.Command(t.program, "demo", "--json", "--data", t.data, "--listen", trialAddress)
	hideWindow(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("start the trial's server: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("start the trial's server: %w", err)
	}
	complaints := &lastWords{}
	cmd.Stderr = complaints
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start the trial's server: %w", err)
	}
	late := time.AfterFunc(trialBegins, func() { _ = cmd.Process.Kill() }) // it may have ended
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if late.Stop(); err != nil || !json.Valid([]byte(line)) {
		_ = cmd.Process.Kill()
		return "", fmt.Errorf("the trial's server did not begin: %w. %s", errors.Join(err, cmd.Wait()), complaints)
	}
	ended := make(chan struct{})
	t.told, t.stdin, t.ended = line, stdin, ended
	go func() {
		if err := cmd.Wait(); err != nil {
			t.log.Warn("the trial's server did not end in order; what was posted there is kept", "err", err, "said", complaints.String())
		}
		close(ended)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.ended == ended {
			t.told = ""
		}
	}()
	return line, nil
}

// stop ends the server, which ends by itself when nobody holds its standard input any more.
func (t *trial) stop() {
	t.mu.Lock()
	stdin, ended := t.stdin, t.ended
	t.mu.Unlock()
	if ended == nil {
		return
	}
	_ = stdin.Close() // it may have ended
	select {
	case <-ended:
	case <-time.After(trialEnds): // it ends by itself when it can
		t.log.Warn("the trial's server takes long to end")
	}
}

// lastWords keeps the end of what a program complains of.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

const maxLastWords = 500

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	w.text = w.text[max(0, len(w.text)-maxLastWords):]
	return len(p), nil
}

func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}
