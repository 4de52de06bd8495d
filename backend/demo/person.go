package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Back-off of a played person whose connection broke: short, because server and person are on one machine.
const (
	firstWait = 200 * time.Millisecond
	longWait  = 5 * time.Second
)

// typingAgain is how often a typing signal is repeated while somebody types; it lapses after 6 s.
const typingAgain = 4 * time.Second

// person is one of the people at a client of the wire. What it knows stands behind mu; the connection changes it and the
// stage reads it.
type person struct {
	Person
	base  string
	sleep func(context.Context, time.Duration) error
	log   *slog.Logger
	rand  *rand.Rand // for this person's own goroutine only

	mu     sync.Mutex
	token  string
	id     chat.UserID
	client *wire.Client
	talks  map[chat.ConversationID]talk
	start  map[chat.UserID]bool
	post   map[chat.ConversationID]bool
	status chat.WorkState
	// bell has room for one signal: somebody has written.
	bell chan struct{}
}

// talk is where a conversation stands.
type talk struct {
	lastN  int64
	author chat.UserID // of the last message
	// unanswered counts this person's own messages since the other's last.
	unanswered int
	// settled is the number up to which this person has answered or decided not to.
	settled int64
}

// signIn opens a session; the token is kept for reconnecting.
func (p *person) signIn(ctx context.Context) error {
	answer, err := wire.SignIn(ctx, nil, p.base, wire.SignInArgs{Name: p.Name, Password: Password(p.Name), Device: &chat.Device{
		ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "Demo person"}})
	if err != nil {
		return fmt.Errorf("demo: %s: %w", p.Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token, p.id = answer.Token, answer.UserID
	return nil
}

// connect opens the socket and waits until all that is known is here. It always starts from a snapshot: a played person keeps
// nothing on disk.
func (p *person) connect(ctx context.Context) error {
	p.mu.Lock()
	token := p.token
	p.mu.Unlock()
	c, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(p.base), Token: token, Handle: p.take,
		Hello: chat.HelloArgs{Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "Demo person"}}})
	if err != nil {
		return fmt.Errorf("demo: %s: %w", p.Name, err)
	}
	p.mu.Lock()
	p.client = c
	p.mu.Unlock()
	return p.request(ctx, chat.Ping, nil)
}

// stay keeps the person connected until ctx ends.
func (p *person) stay(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		p.mu.Lock()
		c := p.client
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			c.Close()
			return
		case <-c.Done():
		}
		var end *wire.CloseError
		if errors.As(c.Err(), &end) && !end.MayReturn() {
			// An administrator ended the session, or changed the password; a demo person tries as people do.
			if err := p.signIn(ctx); err != nil {
				p.log.Debug("demo person cannot sign in", "name", p.Name, "err", err)
			}
		}
		if p.sleep(ctx, wait) != nil {
			return
		}
		wait = min(2*wait, longWait)
		if err := p.connect(ctx); err == nil {
			wait = firstWait
		}
	}
}

// take is the handler of every frame.
func (p *person) take(f wire.Frame) error {
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Reset != nil {
		s := f.Reset.Snapshot
		p.talks, p.start, p.post = map[chat.ConversationID]talk{}, map[chat.UserID]bool{}, map[chat.ConversationID]bool{}
		p.status = s.Me.Status.State
		p.learn(s.Rights)
		for _, c := range s.Conversations {
			for _, m := range c.Tail {
				p.note(m)
			}
		}
	}
	if f.Rights != nil {
		p.learn(*f.Rights)
	}
	for _, e := range events {
		switch e.Type {
		case chat.MessagePosted:
			p.note(*e.Message)
		case chat.StatusChanged:
			p.status = e.Status.State
		}
	}
	return nil
}

func (p *person) learn(r chat.Rights) {
	for id, can := range r.Start {
		p.start[id] = can.Allowed
	}
	for _, id := range r.ConversationsLost {
		delete(p.post, id)
	}
	for id, can := range r.Post {
		p.post[id] = can.Allowed
	}
}

func (p *person) note(m chat.Message) {
	t := p.talks[m.ConversationID]
	if m.N <= t.lastN {
		return
	}
	t.lastN, t.author = m.N, m.AuthorID
	if m.AuthorID == p.id {
		t.unanswered++
		t.settled = m.N
	} else {
		t.unanswered = 0
	}
	p.talks[m.ConversationID] = t
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// may tells whether this person may write to the other now, as far as the hub has said.
func (p *person) may(other chat.UserID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if allowed, known := p.post[chat.DirectID(p.id, other)]; known {
		return allowed
	}
	return p.start[other]
}

// mayIn tells whether this person is in a room and may write there now, and is not the one who did so last.
func (p *person) mayIn(id chat.ConversationID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.post[id] && p.talks[id].author != p.id
}

// talk returns where the conversation with other stands.
func (p *person) talk(other chat.UserID) talk {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.talks[chat.DirectID(p.id, other)]
}

func (p *person) state() chat.WorkState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// request sends a command; without a connection it fails, and the person does something else.
func (p *person) request(ctx context.Context, do chat.CommandName, args any) error {
	p.mu.Lock()
	c := p.client
	p.mu.Unlock()
	if c == nil {
		return fmt.Errorf("demo: %s is not connected", p.Name)
	}
	return c.Request(ctx, do, args, nil)
}

// say posts a line at once.
func (p *person) say(ctx context.Context, to chat.UserID, line string) error {
	return p.sayIn(ctx, chat.DirectID(p.id, to), line)
}

func (p *person) sayIn(ctx context.Context, in chat.ConversationID, line string) error {
	text, document, err := content(line, p.Role)
	if err != nil {
		return err
	}
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: in, Text: text, Document: document}
	if err := p.request(ctx, chat.MessagePost, args); err != nil {
		return fmt.Errorf("demo: %s writes: %w", p.Name, err)
	}
	return nil
}

// write types a line for as long as a person would, then posts it.
func (p *person) write(ctx context.Context, to chat.UserID, line string) error {
	return p.writeIn(ctx, chat.DirectID(p.id, to), line)
}

func (p *person) writeIn(ctx context.Context, in chat.ConversationID, line string) error {
	if err := p.compose(ctx, in, min(1500*time.Millisecond+time.Duration(len(line))*45*time.Millisecond, 8*time.Second)); err != nil {
		return err
	}
	return p.sayIn(ctx, in, line)
}

// compose shows the person typing for d.
func (p *person) compose(ctx context.Context, conversation chat.ConversationID, d time.Duration) error {
	for left := d; left > 0; left -= typingAgain {
		if err := p.request(ctx, chat.TypingSet, chat.TypingSetArgs{ConversationID: conversation, Typing: true}); err != nil {
			return err
		}
		if err := p.sleep(ctx, min(left, typingAgain)); err != nil {
			return err
		}
	}
	return p.request(ctx, chat.TypingSet, chat.TypingSetArgs{ConversationID: conversation, Typing: false})
}

// answer is this person's own life: it reads and answers what the people whom nobody plays write, one answer to all that has
// come meanwhile. Nothing else is answered, so two played persons cannot talk for ever.
func (p *person) answer(ctx context.Context, visitors []chat.UserID) {
	last := -1
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.bell:
		}
		for _, other := range visitors {
			if t := p.talk(other); t.author != other || t.settled >= t.lastN {
				continue
			}
			if p.sleep(ctx, time.Second+below(p.rand, 2*time.Second)) != nil {
				return
			}
			n := p.settle(other)
			lines := answers[p.Role]
			choice := p.rand.IntN(len(lines))
			if choice == last {
				choice = (choice + 1) % len(lines)
			}
			last = choice
			err := p.request(ctx, chat.ReadMark, chat.ReadMarkArgs{ConversationID: chat.DirectID(p.id, other), N: n})
			if err == nil {
				err = p.write(ctx, other, lines[choice])
			}
			if err != nil {
				p.log.Debug("demo person does not answer", "name", p.Name, "err", err)
			}
		}
	}
}

// settle notes that this person answers everything there is from other, and returns its highest number.
func (p *person) settle(other chat.UserID) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	conversation := chat.DirectID(p.id, other)
	t := p.talks[conversation]
	t.settled = t.lastN
	p.talks[conversation] = t
	return t.lastN
}

// beginDay notes that what was said with other before today needs no answer, from neither.
func (p *person) beginDay(other chat.UserID) {
	p.settle(other)
	p.mu.Lock()
	defer p.mu.Unlock()
	conversation := chat.DirectID(p.id, other)
	t := p.talks[conversation]
	t.unanswered = 0
	p.talks[conversation] = t
}

// below returns a random duration below d.
func below(r *rand.Rand, d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }

// pick returns one of list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// others returns all of people but p.
func (p *person) others(people []*person) []*person {
	return slices.DeleteFunc(slices.Clone(people), func(o *person) bool { return o == p })
}
