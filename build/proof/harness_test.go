package proof

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// coreProgram builds parley-core once for all tests.
var coreProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "parley-proof-")
	if err != nil {
		return "", err
	}
	coreDir = dir
	path := filepath.Join(dir, "parley-core")
	build := exec.Command("go", "build", "-o", path, "parley/app/cmd/parley-core")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build parley-core: %w\n%s", err, out)
	}
	return path, nil
})

// coreDir is where coreProgram has put it; for TestMain.
var coreDir string

// core is the desktop's program without a window, on a profile that stays the same when it is killed and started again.
type core struct {
	t       testing.TB
	name    string // of the cast, signed in
	server  string
	profile string
	program string
	log     lockedText

	mu      sync.Mutex
	changed *sync.Cond
	address string // of the page, http://127.0.0.1:PORT/#TOKEN; empty while the program is not up
	cmd     *exec.Cmd
	ended   chan struct{}
}

// newCore starts the program on a fresh profile and has it sign in.
func newCore(t testing.TB, name, server string) *core {
	t.Helper()
	program, err := coreProgram()
	if err != nil {
		t.Fatal(err)
	}
	c := &core{t: t, name: name, server: server, profile: filepath.Join(t.TempDir(), name), program: program}
	c.changed = sync.NewCond(&c.mu)
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("log of %s's parley-core:\n%s", name, c.log.String())
		}
	})
	if err := c.start(); err != nil {
		t.Fatalf("start parley-core for %s: %v\n%s", name, err, c.log.String())
	}
	return c
}

// start starts the program, by way of another command if one is given (see rig.Process.StartUnder), and waits until its page
// is served. An error says that it ended before that.
func (c *core) start(command ...string) error {
	line := append(command[:len(command):len(command)], c.program, "--profile", c.profile, "--key-file", "--server", c.server,
		"--sign-in", c.name)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "PARLEY_PASSWORD="+rig.PasswordOf(c.name))
	cmd.Stderr = &c.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	c.mu.Lock()
	c.cmd, c.ended = cmd, ended
	c.mu.Unlock()
	text, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		_ = cmd.Wait() // killed, mostly
		c.mu.Lock()
		if c.cmd == cmd {
			c.address = ""
		}
		c.mu.Unlock()
		close(ended)
	}()
	if err != nil {
		<-ended
		return errors.New("parley-core ended instead of starting")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.address = strings.TrimSpace(text)
	c.changed.Broadcast()
	return nil
}

// kill ends the program as kill -9 does and waits until it is gone.
func (c *core) kill() { c.end(os.Kill) }

// interrupt asks the program to end, as Ctrl-C does, and waits until it is gone.
func (c *core) interrupt() { c.end(os.Interrupt) }

func (c *core) end(signal os.Signal) {
	c.mu.Lock()
	cmd, ended := c.cmd, c.ended
	c.cmd, c.address = nil, ""
	c.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Signal(signal) // it may have ended by itself
		<-ended
	}
}

// pid returns the process id of the program that was started last; 0 if it has ended.
func (c *core) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// gone is closed when the program that was started last has ended.
func (c *core) gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// awaitUp waits while the program is down and returns its page's address.
func (c *core) awaitUp() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.address == "" && c.t.Context().Err() == nil {
		c.changed.Wait()
	}
	return c.address
}

// page is a page of a core: it comes back whenever the core does, and knows what the core has shown it since.
type page struct {
	c *core

	mu      sync.Mutex
	changed *sync.Cond
	client  *wire.Client
	shown   map[chat.ConversationID][]chat.Message // ascending, without a gap
	outbox  map[chat.MessageID]chat.OutboxItem
	link    chat.Link
	fault   error // what the core told that cannot be
}

func newPage(c *core) *page {
	p := &page{c: c, shown: map[chat.ConversationID][]chat.Message{}, outbox: map[chat.MessageID]chat.OutboxItem{}}
	p.changed = sync.NewCond(&p.mu)
	c.t.Cleanup(p.close)
	return p
}

// connect opens the page's socket. An error is a core that is not (or no longer) there.
func (p *page) connect() error {
	base, token, _ := strings.Cut(p.c.awaitUp(), "/#")
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(base), Token: token, Handle: p.take,
		HTTPClient: &http.Client{Transport: originOf(base)},
		Hello:      chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}}})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.client = client
	p.mu.Unlock()
	return nil
}

func (p *page) close() {
	p.mu.Lock()
	client := p.client
	p.client = nil
	p.mu.Unlock()
	if client != nil {
		client.Cut()
	}
}

// originOf adds the header that a browser sends.
type originOf string

// RoundTrip implements http.RoundTripper.
func (o originOf) RoundTrip(q *http.Request) (*http.Response, error) {
	q.Header.Set("Origin", string(o))
	return http.DefaultTransport.RoundTrip(q)
}

// take applies what the core tells, as far as messages and the outbox go.
func (p *page) take(f wire.Frame) error {
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.changed.Broadcast()
	if f.Reset != nil {
		p.shown, p.outbox = map[chat.ConversationID][]chat.Message{}, map[chat.MessageID]chat.OutboxItem{}
		for _, s := range f.Reset.Snapshot.Conversations {
			p.shown[s.Conversation.ID] = slices.Clone(s.Tail)
		}
		for _, item := range f.Reset.Snapshot.Outbox {
			p.outbox[item.Message.ID] = item
		}
	}
	if f.Rights != nil {
		for _, s := range f.Rights.ConversationsGained {
			p.shown[s.Conversation.ID] = slices.Clone(s.Tail)
		}
	}
	for _, s := range f.Signals {
		switch s.Type {
		case chat.SignalOutbox:
			p.outbox[s.Outbox.Message.ID] = *s.Outbox
		case chat.SignalOutboxGone:
			delete(p.outbox, s.MessageID)
		case chat.SignalLink:
			p.link = *s.Link
		}
	}
	for _, e := range events {
		if e.Type == chat.MessagePosted {
			p.show(*e.Message)
		}
	}
	return nil
}

// show adds a message at the end of its conversation.
func (p *page) show(m chat.Message) {
	all := p.shown[m.ConversationID]
	if len(all) > 0 && m.N != all[len(all)-1].N+1 {
		p.fault = errors.Join(p.fault, fmt.Errorf("after message %d of %s the page was told %d", all[len(all)-1].N, m.ConversationID, m.N))
	}
	delete(p.outbox, m.ID)
	p.shown[m.ConversationID] = append(all, m)
}

// request sends a command, connecting again as often as the core goes away: only commands that may be repeated.
func (p *page) request(do chat.CommandName, args, answer any) error {
	for p.c.t.Context().Err() == nil {
		p.mu.Lock()
		client := p.client
		p.mu.Unlock()
		if client == nil || client.Err() != nil {
			if p.connect() != nil {
				continue
			}
			p.mu.Lock()
			client = p.client
			p.mu.Unlock()
		}
		ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
		err := client.Request(ctx, do, args, answer)
		cancel()
		var closed *wire.CloseError
		if !errors.As(err, &closed) {
			return err
		}
	}
	return errors.New("the test is over")
}

// post hands a message in until the core has answered that it is kept.
func (p *page) post(args chat.MessagePostArgs) (answer chat.MessagePostAnswer, err error) {
	err = p.request(chat.MessagePost, args, &answer)
	return answer, err
}

// await waits until holds is true for what the page shows; it is asked again with each frame.
func (p *page) await(what string, holds func() bool) {
	p.c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !holds() {
		if ctx.Err() != nil {
			p.c.t.Fatalf("%s's page waited in vain for: %s; it has %d in the outbox, link %+v", p.c.name, what, len(p.outbox), p.link)
		}
		p.changed.Wait()
	}
}

// settle connects anew and waits until the page shows the conversation up to message n and nothing is left to be sent.
func (p *page) settle(id chat.ConversationID, n int64) {
	p.c.t.Helper()
	p.close()
	if err := p.request(chat.Ping, struct{}{}, nil); err != nil {
		p.c.t.Fatalf("%s's page: %v", p.c.name, err)
	}
	p.await(fmt.Sprintf("message %d of %s", n, id), func() bool {
		all := p.shown[id]
		return len(p.outbox) == 0 && len(all) > 0 && all[len(all)-1].N >= n
	})
}

// history loads a conversation as the core has it, oldest first.
func (p *page) history(id chat.ConversationID) []chat.Message {
	p.c.t.Helper()
	var all []chat.Message
	for before := int64(0); ; {
		var loaded chat.HistoryLoadAnswer
		args := chat.HistoryLoadArgs{ConversationID: id, BeforeN: before, Limit: chat.MaxHistoryPage}
		if err := p.request(chat.HistoryLoad, args, &loaded); err != nil {
			p.c.t.Fatalf("%s's page: history: %v", p.c.name, err)
		}
		all = append(loaded.Messages, all...)
		if !loaded.More || len(loaded.Messages) == 0 {
			return all
		}
		before = loaded.Messages[0].N
	}
}

// within waits for something that must happen, and fails the test if it does not.
func within(t testing.TB, what string, happened <-chan struct{}) bool {
	t.Helper()
	late := time.NewTimer(rig.Patience)
	defer late.Stop()
	select {
	case <-happened:
		return true
	case <-late.C:
		t.Errorf("waited in vain for: %s", what)
		return false
	}
}

// lockedText collects what a program writes.
type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
