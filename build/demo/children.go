package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// child is a program that the demo started.
type child struct {
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
}

// family is all of them, in the order in which they were started.
type family struct{ children []*child }

// start says how to run one of Parley's programs.
type start struct {
	program string
	args    []string
	// env is added to the environment.
	env []string
	// out takes what it prints; if it is nil, that goes into the log with the errors.
	out io.Writer
}

// start runs a program. Its errors go into a log file beside the demo's data.
func (f *family) start(at folders, name string, s start) (*child, error) {
	log, err := os.Create(at.log(name))
	if err != nil {
		return nil, fmt.Errorf("open a log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(at.programs, s.program), s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stdout, cmd.Stderr = s.out, log
	if s.out == nil {
		cmd.Stdout = log
	}
	// A group of its own, so that Ctrl-C reaches this program alone and it can end the others in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.program, err)
	}
	c := &child{name: name, cmd: cmd, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(c.ended)
	}()
	f.children = append(f.children, c)
	return c, nil
}

// stop asks the program to end and waits until it has. One that does not listen is killed.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-c.ended:
	case <-time.After(5 * time.Second):
		fmt.Fprintf(os.Stderr, "demo: %s does not end; it is killed\n", c.name)
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// end ends all programs, the last first.
func (f *family) end() {
	for _, c := range slices.Backward(f.children) {
		c.stop()
	}
}

// watch passes on what is written to it, and the first line that holds the mark also to seen.
type watch struct {
	out  io.Writer
	mark string
	line []byte // since the last line break
	seen chan string
}

func newWatch(out io.Writer, mark string) *watch {
	return &watch{out: out, mark: mark, seen: make(chan string, 1)}
}

// Write implements io.Writer.
func (w *watch) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	for rest := p; w.seen != nil; {
		part, after, complete := bytes.Cut(rest, []byte("\n"))
		w.line = append(w.line, part...)
		if !complete {
			break
		}
		if strings.Contains(string(w.line), w.mark) {
			w.seen <- string(w.line)
			w.line, w.seen = nil, nil
			break
		}
		w.line, rest = w.line[:0], after
	}
	return n, err
}
