package rig

import (
	"errors"
	"fmt"
	"os/exec"

	"parley/backend/chat"
)

// StartUnder starts the program by way of another command that takes it as its last arguments and becomes it, for example
// prlimit, env, or strace -D, and waits until it can commit. An error says that it ended before that, as it may when the
// command is there to kill it.
func (p *Process) StartUnder(command ...string) error {
	line := append(command[:len(command):len(command)], p.program, "serve", "--data", p.Data, "--listen", p.address)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start parley-server: %w", err)
	}
	ended := make(chan struct{})
	p.mu.Lock()
	p.cmd, p.ended = cmd, ended
	p.mu.Unlock()
	go func() {
		_ = cmd.Wait() // killed, mostly
		p.mu.Lock()
		if p.cmd == cmd { // it ended by itself
			p.ready = false
		}
		p.mu.Unlock()
		close(ended)
	}()
	if err := p.awaitReady(ended); err != nil {
		return err
	}
	p.setReady(true)
	return nil
}

func (p *Process) setReady(ready bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready = ready
	p.changed.Broadcast()
}

// Ended is closed when the program that was started last has ended.
func (p *Process) Ended() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// PID returns the process id of the program that was started last.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		p.t.Errorf("rig: parley-server does not run")
		return 0
	}
	return p.cmd.Process.Pid
}

// Log returns what the program has logged so far, over all starts.
func (p *Process) Log() string { return p.log.String() }

// Insist posts args until the hub has answered, connecting again as often as it takes: a link lost and a server too busy are
// no answers. up is called before each try to connect. The error is the hub's refusal, or tells that the test is over.
func (a *Actor) Insist(args chat.MessagePostArgs, up func()) (answer chat.MessagePostAnswer, err error) {
	for !a.Failed() && a.t.Context().Err() == nil {
		if c := a.Client(); c == nil || c.Err() != nil {
			up()
			a.Disconnect()
			if a.TryConnect() != nil {
				continue
			}
		}
		err := a.Try(chat.MessagePost, args, &answer)
		var refusal *chat.Error
		switch {
		case err == nil:
			return answer, nil
		case errors.As(err, &refusal) && refusal.Code != chat.CodeBusy:
			return answer, err
		}
	}
	return answer, errors.New("the test is over")
}

// Fail fails the test in the name of the actor, who does nothing any more. Unlike the test's own Fatal it may be called on any
// goroutine.
func (a *Actor) Fail(format string, args ...any) {
	a.t.Helper()
	a.failf(format, args...)
}
