package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Actor is one of the cast at a client. Its error is sticky: the first thing that goes wrong fails the test, and everything
// after does nothing, so a story needs no checks in between and may be told on any goroutine.
type Actor struct {
	// Name is the sign-in name, ID the user.
	Name string
	ID   chat.UserID

	t      testing.TB
	s      *Server
	via    string // base address to dial
	token  string
	device chat.Device

	mu      sync.Mutex
	changed *sync.Cond
	client  *wire.Client
	cursor  chat.Cursor
	world   World
	events  []chat.Event  // all that were told, in order
	signals []chat.Signal // likewise
	resets  []chat.ResetReason
	heard   strings.Builder // every frame but answers
	failed  bool
}

// As returns one of the cast, signed in and connected. Two calls with one name give two devices of one session.
func (s *Server) As(name string) *Actor {
	s.t.Helper()
	return s.AsVia(name, s.URL)
}

// AsVia is As through another address, for example a Proxy's.
func (s *Server) AsVia(name, base string) *Actor {
	s.t.Helper()
	a := s.Absent(name, base)
	a.Connect()
	return a
}

// Absent returns one of the cast signed in but not connected.
func (s *Server) Absent(name, base string) *Actor {
	s.t.Helper()
	a := &Actor{Name: name, ID: s.ID(name), t: s.t, s: s, via: base, token: s.session(name).Token,
		device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "rig"}}
	a.changed = sync.NewCond(&a.mu)
	s.t.Cleanup(a.Disconnect)
	return a
}

// OnPhone returns one of the cast in a phone's browser, in a session of its own.
func (s *Server) OnPhone(name string) *Actor {
	s.t.Helper()
	a := s.Absent(name, s.URL)
	a.token = s.SignIn(name).Token
	a.device.Kind = chat.DevicePhone
	a.Connect()
	return a
}

// Subscribe has the actor's session told of messages in a browser while no page is open.
func (a *Actor) Subscribe(b *PushBrowser) {
	a.t.Helper()
	a.Do(chat.PushSubscribe, b.Subscription(), nil)
}

// Anew signs the actor in again: a new authentication, as at the start of a day.
func (a *Actor) Anew() {
	a.t.Helper()
	a.Disconnect()
	a.token = a.s.SignIn(a.Name).Token
	a.Connect()
}

// failf fails the test once; the actor does nothing any more.
func (a *Actor) failf(format string, args ...any) {
	a.t.Helper()
	a.mu.Lock()
	first := !a.failed
	a.failed = true
	a.changed.Broadcast()
	a.mu.Unlock()
	if first {
		a.t.Errorf("%s: %s", a.Name, fmt.Sprintf(format, args...))
	}
}

// Failed tells whether the story of this actor has gone wrong.
func (a *Actor) Failed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed
}

// TryConnect connects from where the actor stands and returns what went wrong.
func (a *Actor) TryConnect() error {
	a.mu.Lock()
	cursor := a.cursor
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	c, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(a.via), Token: a.token,
		Hello: chat.HelloArgs{Device: a.device, Cursor: cursor}, Handle: a.take})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.client = c
	a.mu.Unlock()
	// Rule 3 of the protocol: now everything that was missed is here.
	if err := c.Request(ctx, chat.Ping, nil, nil); err != nil {
		return fmt.Errorf("ping after hello: %w", err)
	}
	return nil
}

// Connect connects, from the actor's cursor if it has one.
func (a *Actor) Connect() {
	a.t.Helper()
	if a.Failed() {
		return
	}
	if err := a.TryConnect(); err != nil {
		a.failf("connect: %v", err)
	}
}

// Disconnect closes the connection, if there is one. The cursor and all that is known stay.
func (a *Actor) Disconnect() {
	a.mu.Lock()
	c := a.client
	a.client = nil
	a.mu.Unlock()
	if c != nil {
		c.Close()
	}
}

// Client returns the connection; nil while there is none.
func (a *Actor) Client() *wire.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.client
}

// Ended waits for the server to end the connection and returns why.
func (a *Actor) Ended() *wire.CloseError {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	c := a.Client()
	if c == nil {
		a.failf("is not connected")
		return &wire.CloseError{}
	}
	select {
	case <-c.Done():
	case <-ctx.Done():
		a.failf("is still connected")
		return &wire.CloseError{}
	}
	var end *wire.CloseError
	errors.As(c.Err(), &end)
	return end
}

// take is the handler of every frame.
func (a *Actor) take(f wire.Frame) error {
	events, err := f.DecodeEvents()
	raw, encodeErr := json.Marshal(f)
	err = errors.Join(err, encodeErr)
	a.mu.Lock()
	if err == nil {
		a.heard.Write(append(raw, '\n'))
		err = a.world.apply(f)
	}
	if err == nil {
		a.events = append(a.events, events...)
		a.signals = append(a.signals, f.Signals...)
		switch {
		case f.Reset != nil:
			a.resets = append(a.resets, f.Reset.Reason)
			a.cursor = f.Reset.Cursor
		case f.MovesCursor():
			a.cursor = f.Cursor
		}
	}
	a.changed.Broadcast()
	a.mu.Unlock()
	if err != nil {
		a.failf("was told something that breaks the protocol: %v", err)
	}
	return err
}

// Try sends a command and returns its error. Without a connection the error is a *wire.CloseError.
func (a *Actor) Try(do chat.CommandName, args, answer any) error {
	c := a.Client()
	if c == nil {
		return &wire.CloseError{Code: -1, Reason: "not connected"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	return c.Request(ctx, do, args, answer)
}

// Do sends a command that must succeed.
func (a *Actor) Do(do chat.CommandName, args, answer any) {
	a.t.Helper()
	if a.Failed() {
		return
	}
	if err := a.Try(do, args, answer); err != nil {
		a.failf("%s: %v", do, err)
	}
}

// Refused sends a command that must be refused, and returns the refusal.
func (a *Actor) Refused(do chat.CommandName, args any) chat.Error {
	a.t.Helper()
	if a.Failed() {
		return chat.Error{}
	}
	err := a.Try(do, args, nil)
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		a.failf("%s was not refused, but answered %v", do, err)
		return chat.Error{}
	}
	return *refusal
}

// Message returns what posting text to another of the cast takes, with a new id.
func (a *Actor) Message(to, text string) chat.MessagePostArgs {
	a.t.Helper()
	return chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: a.s.Direct(a.Name, to), Text: text}
}

// Post writes to another of the cast.
func (a *Actor) Post(to, text string) chat.MessagePostAnswer {
	a.t.Helper()
	var answer chat.MessagePostAnswer
	a.Do(chat.MessagePost, a.Message(to, text), &answer)
	return answer
}

// PostRefused writes and must be refused.
func (a *Actor) PostRefused(to, text string) chat.Error {
	a.t.Helper()
	return a.Refused(chat.MessagePost, a.Message(to, text))
}

// Barrier waits until everything that was committed before is told.
func (a *Actor) Barrier() {
	a.t.Helper()
	a.Do(chat.Ping, nil, nil)
}

// Until waits until the condition holds for what the actor knows; it is asked again at each frame. what names it.
func (a *Actor) Until(what string, holds func(w *World) bool) {
	a.t.Helper()
	a.await(what, func() bool { return holds(&a.world) })
}

// Expect waits until an event is told for which fits holds, also if it was told already.
func (a *Actor) Expect(what string, fits func(chat.Event) bool) {
	a.t.Helper()
	seen := 0
	a.await(what, func() bool {
		for ; seen < len(a.events); seen++ {
			if fits(a.events[seen]) {
				return true
			}
		}
		return false
	})
}

// ExpectSignal is Expect for signals.
func (a *Actor) ExpectSignal(what string, fits func(chat.Signal) bool) {
	a.t.Helper()
	seen := 0
	a.await(what, func() bool {
		for ; seen < len(a.signals); seen++ {
			if fits(a.signals[seen]) {
				return true
			}
		}
		return false
	})
}

// ExpectText waits for a message with this text.
func (a *Actor) ExpectText(text string) {
	a.t.Helper()
	a.Expect("message "+text, func(e chat.Event) bool { return e.Type == chat.MessagePosted && e.Message.Text == text })
}

// await waits for a condition that is looked at under the lock.
func (a *Actor) await(what string, holds func() bool) {
	a.t.Helper()
	if a.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.changed.Broadcast()
	})
	defer stop()
	a.mu.Lock()
	held := holds()
	for !held && !a.failed && ctx.Err() == nil {
		a.changed.Wait()
		held = holds()
	}
	a.mu.Unlock()
	if !held {
		a.failf("waited in vain for: %s", what)
	}
}

// World returns what the actor knows now.
func (a *Actor) World() World {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.world.clone()
}

// Fresh returns what a new device of the same session is told at its start.
func (a *Actor) Fresh() World {
	a.t.Helper()
	other := a.s.Absent(a.Name, a.via)
	other.token = a.token
	other.Connect()
	defer other.Disconnect()
	return other.World()
}

// Events returns all events told so far, over all connections.
func (a *Actor) Events() []chat.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]chat.Event(nil), a.events...)
}

// Signals returns all signals told so far.
func (a *Actor) Signals() []chat.Signal {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]chat.Signal(nil), a.signals...)
}

// Heard returns all that was told so far but answers, a frame a line.
func (a *Actor) Heard() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.heard.String()
}

// Resets returns the reasons of all resets so far.
func (a *Actor) Resets() []chat.ResetReason {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]chat.ResetReason(nil), a.resets...)
}

// Transcript returns the conversation with another of the cast as the actor knows it, a line a message: "1 mira: Hello".
func (a *Actor) Transcript(with string) string {
	a.t.Helper()
	id := a.s.Direct(a.Name, with)
	a.mu.Lock()
	defer a.mu.Unlock()
	var b strings.Builder
	for _, m := range a.world.Conversations[id].Tail {
		author := with
		if m.AuthorID == a.ID {
			author = a.Name
		}
		fmt.Fprintf(&b, "%d %s: %s\n", m.N, author, m.Text)
	}
	return b.String()
}

// History loads the whole conversation with another of the cast, page by page, oldest first.
func (a *Actor) History(with string) []chat.Message {
	a.t.Helper()
	var all []chat.Message
	for before := int64(0); !a.Failed(); {
		var page chat.HistoryLoadAnswer
		a.Do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: a.s.Direct(a.Name, with), BeforeN: before, Limit: chat.MaxHistoryPage}, &page)
		all = append(page.Messages, all...)
		if !page.More || len(page.Messages) == 0 {
			break
		}
		before = page.Messages[0].N
	}
	return all
}
