package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// messageBytes is the length of each message's text.
const messageBytes = 200

// mostMessages bounds what one scenario posts, whatever its duration.
const mostMessages = 2_000_000

// bed is what a scenario runs on: a server and its signed-in users.
type bed struct {
	o        Options
	p        *server
	data     string   // its directory
	args     []string // and further arguments
	sessions []wire.SignInAnswer

	reach    int64     // how many others take in each message
	begin    time.Time // all times in messages are since then
	measured atomic.Bool
	posted   atomic.Int64
	received atomic.Int64
	// gained counts those who were told of a conversation as a whole, which is no message that arrives.
	gained atomic.Int64
	// arrived is signalled whenever a receiver has taken in a frame while somebody waits for it.
	arrived chan struct{}
}

// writer is one user of a pair with its connection.
type writer struct {
	c            *wire.Client
	conversation chat.ConversationID
	mark         string  // what begins this user's texts: nobody else's begin so
	latencies    []int64 // nanoseconds, of what this user received while measured; its reader's alone until the end
}

// dial opens one more connection for user i, as soon as the server admits it; of o, what to do with frames and the cursor to go
// on from are the caller's to say.
func (b *bed) dial(ctx context.Context, i int, o wire.DialOptions) (*wire.Client, error) {
	o.URL, o.Token = wire.SocketURL(b.p.url), b.sessions[i].Token
	o.Hello.Device = chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "bench"}
	for {
		c, err := wire.Dial(ctx, o)
		var refused *wire.RefusedError
		if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || ctx.Err() != nil {
			return c, err
		}
		pause(ctx, max(refused.RetryAfter, 100*time.Millisecond))
	}
}

// pairUp connects all users. The supervisor of each pair writes first, which makes the agent's messages replies.
func (b *bed) pairUp(ctx context.Context) ([]*writer, error) {
	users := make([]int, b.o.Users)
	for i := range users {
		users[i] = i
	}
	writers, err := b.connect(ctx, users, 1)
	if err != nil {
		return nil, err
	}
	for i, w := range writers {
		w.conversation = chat.DirectID(b.sessions[i].UserID, b.sessions[i^1].UserID)
	}
	for i := 1; i < len(writers); i += 2 {
		if err := writers[i].c.Request(ctx, chat.MessagePost, b.message(writers[i]), nil); err != nil {
			return nil, fmt.Errorf("first message of a pair: %w", err)
		}
	}
	return writers, nil
}

// gather connects members supervisors in one room, which the first of them makes.
func (b *bed) gather(ctx context.Context, members int) ([]*writer, error) {
	users := make([]int, members)
	for i := range users {
		users[i] = 2*i + 1
	}
	writers, err := b.connect(ctx, users, int64(members)-1)
	if err != nil {
		return nil, err
	}
	room := chat.RoomCreateArgs{ID: chat.NewRoomID(), Name: "Bench"}
	for _, i := range users[1:] {
		room.Participants = append(room.Participants, b.sessions[i].UserID)
	}
	for _, w := range writers {
		w.conversation = room.ID
	}
	if err := writers[0].c.Request(ctx, chat.RoomCreate, room, nil); err != nil {
		return nil, fmt.Errorf("make the room: %w", err)
	}
	// Whoever is told of the room after its first messages gets them with it, and not as messages that arrive.
	return writers, b.await(ctx, func() bool { return b.gained.Load() == int64(members) }, "all members know of the room")
}

// connect connects users, of whom reach others take in each message.
func (b *bed) connect(ctx context.Context, users []int, reach int64) ([]*writer, error) {
	b.begin, b.reach = time.Now(), reach
	b.arrived = make(chan struct{}, 1)
	writers := make([]*writer, len(users))
	return writers, inParallel(len(users), 8, func(i int) error {
		w := &writer{mark: fmt.Sprintf("%d at ", users[i])}
		writers[i] = w
		c, err := b.dial(ctx, users[i], wire.DialOptions{Handle: b.learn, Glance: func(frame []byte) bool { return b.take(w, frame) }})
		w.c = c
		return err
	})
}

// message returns the next message of w: its mark, the time, and padding to the full length.
func (b *bed) message(w *writer) chat.MessagePostArgs {
	text := w.mark + strconv.FormatInt(int64(time.Since(b.begin)), 10) + " "
	b.posted.Add(1)
	return chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: w.conversation, Text: text + strings.Repeat("x", messageBytes-len(text))}
}

// What frames of events begin with, and the one place in a message where its text does: within a text quotes are escaped.
var eventsFrame, textField = []byte(`{"prev":`), []byte(`"text":"`)

// take counts what others than w wrote, in frames of events. It looks for the texts alone: decoding would measure this program.
func (b *bed) take(w *writer, frame []byte) bool {
	if !bytes.HasPrefix(frame, eventsFrame) {
		return false
	}
	now, measured := int64(time.Since(b.begin)), b.measured.Load()
	var received int64
	for {
		_, text, found := bytes.Cut(frame, textField)
		if !found {
			break
		}
		if frame = text; bytes.HasPrefix(text, []byte(w.mark)) {
			continue // one's own
		}
		_, at, _ := bytes.Cut(text, []byte(" at "))
		at, frame, _ = bytes.Cut(at, []byte(" "))
		sent, err := strconv.ParseInt(string(at), 10, 64)
		if err != nil {
			continue // no message of this program's: it is missed in the end
		}
		received++
		if measured {
			w.latencies = append(w.latencies, now-sent)
		}
	}
	b.received.Add(received)
	b.arrive()
	return true
}

// learn takes in who is told of a room.
func (b *bed) learn(f wire.Frame) error {
	if f.Rights != nil {
		b.gained.Add(int64(len(f.Rights.ConversationsGained)))
		b.arrive()
	}
	return nil
}

// arrive wakes who awaits something.
func (b *bed) arrive() {
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

// sent is a message on its way.
type sent struct {
	w       *writer
	message chat.MessagePostArgs
	call    *wire.Call
}

// send posts the next message of w and does not wait. Neither here nor in settle does the end of the measured time give a
// message up: all that was posted must arrive.
func (b *bed) send(ctx context.Context, w *writer) (*sent, error) {
	s := &sent{w: w, message: b.message(w)}
	return s, s.begin(ctx)
}

func (s *sent) begin(ctx context.Context) (err error) {
	s.call, err = s.w.c.Begin(context.WithoutCancel(ctx), chat.MessagePost, s.message)
	return err
}

// settle waits until the message is posted. As every client does, it repeats what a server that has enough of one
// connection answers busy.
func (s *sent) settle(ctx context.Context) error {
	for {
		err := s.call.Wait(context.WithoutCancel(ctx), nil)
		var told *chat.Error
		if !errors.As(err, &told) || told.Code != chat.CodeBusy {
			return err
		}
		pause(context.WithoutCancel(ctx), time.Duration(told.RetryAfterMs)*time.Millisecond)
		if err := s.begin(ctx); err != nil {
			return err
		}
	}
}

func settleAll(ctx context.Context, open []*sent) error {
	for _, s := range open {
		if err := s.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// closedLoop lets every user keep window messages unanswered: the most the server can take.
func (b *bed) closedLoop(ctx context.Context, window int) (Result, error) {
	writers, err := b.pairUp(ctx)
	if err != nil {
		return Result{}, err
	}
	return b.run(ctx, writers, len(writers), b.unanswered(window))
}

// roomWriters is how many members of a room write.
const roomWriters = 10

// room lets some members of a room write while all read.
func (b *bed) room(ctx context.Context, members int) (Result, error) {
	writers, err := b.gather(ctx, members)
	if err != nil {
		return Result{}, err
	}
	return b.run(ctx, writers, min(roomWriters, members), b.unanswered(1))
}

// unanswered writes as fast as answers come, with window messages on their way.
func (b *bed) unanswered(window int) func(ctx context.Context, i int, w *writer) error {
	return func(ctx context.Context, _ int, w *writer) error {
		var open []*sent
		for ctx.Err() == nil && b.posted.Load() < mostMessages {
			s, err := b.send(ctx, w)
			if err != nil {
				return err
			}
			if open = append(open, s); len(open) < window {
				continue
			}
			if err := open[0].settle(ctx); err != nil {
				return err
			}
			open = open[1:]
		}
		return settleAll(ctx, open)
	}
}

// openLoop lets all users together post Rate messages a second, evenly spread, whether the last was answered or not: the
// latency of a message that had to wait for its turn counts from when it was due.
func (b *bed) openLoop(ctx context.Context) (Result, error) {
	writers, err := b.pairUp(ctx)
	if err != nil {
		return Result{}, err
	}
	every := time.Duration(b.o.Users) * time.Second / time.Duration(b.o.Rate)
	return b.run(ctx, writers, len(writers), func(ctx context.Context, i int, w *writer) error {
		var open []*sent
		for due := time.Now().Add(every * time.Duration(i) / time.Duration(b.o.Users)); ; due = due.Add(every) {
			select {
			case <-ctx.Done():
				return settleAll(ctx, open)
			case <-time.After(time.Until(due)):
			}
			s, err := b.send(ctx, w)
			if err != nil {
				return err
			}
			open = append(open, s)
		}
	})
}

// run lets the first writing of those who are connected write, each by its own goroutine, for warm-up and measured time, waits
// until all has arrived, and sums up.
func (b *bed) run(ctx context.Context, writers []*writer, writing int, write func(ctx context.Context, i int, w *writer) error) (Result, error) {
	wctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(writers))
	var all sync.WaitGroup
	for i, w := range writers[:writing] {
		all.Go(func() {
			if err := write(wctx, i, w); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	pause(wctx, b.o.Warmup)
	cpu, start, before := b.p.cpu(), time.Now(), b.received.Load()
	b.measured.Store(true)
	pause(wctx, b.o.Duration)
	b.measured.Store(false)
	cpu, seconds, delivered := b.p.cpu()-cpu, time.Since(start).Seconds(), int(b.received.Load()-before)
	cancel()
	all.Wait()
	close(failed)
	if err := <-failed; err != nil {
		return Result{}, err
	}
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	if err := b.drain(ctx); err != nil {
		return Result{}, err
	}
	var latencies []int64
	for _, w := range writers {
		w.c.Close()
		latencies = append(latencies, w.latencies...)
	}
	r := Result{Seconds: seconds, Delivered: delivered, PerSecond: float64(delivered) / seconds}
	if delivered > 0 {
		r.CPUPer1000 = cpu / float64(delivered) * 1000
	}
	r.P50Ms, r.P99Ms = quantileMs(latencies, 0.50), quantileMs(latencies, 0.99)
	return r, nil
}

// drain waits until every message posted has arrived: a benchmark that loses messages has no result.
func (b *bed) drain(ctx context.Context) error {
	want := b.posted.Load() * b.reach
	err := b.await(ctx, func() bool { return b.received.Load() >= want }, "all messages arrive")
	if got := b.received.Load(); got != want {
		return errors.Join(fmt.Errorf("of %d messages for %d each %d arrived", b.posted.Load(), b.reach, got), err)
	}
	return nil
}

// await waits until receivers have taken in what makes is true, but no longer than half a minute.
func (b *bed) await(ctx context.Context, is func() bool, what string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for !is() {
		select {
		case <-b.arrived:
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		}
	}
	return nil
}

// inParallel calls do for 0..n-1, at most width at once, and returns the first error; after one no new call begins.
func inParallel(n, width int, do func(i int) error) error {
	var next atomic.Int64
	var first atomic.Pointer[error]
	var all sync.WaitGroup
	for range width {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && first.Load() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
