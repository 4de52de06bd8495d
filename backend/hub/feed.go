package hub

import (
	"context"
	"encoding/json"
	"sync"

	"parley/backend/chat"
	"parley/backend/store"
)

// Delivery is one thing for a client; exactly one field is set. The server makes a frame of it.
type Delivery struct {
	Answer  *Answer
	Events  *Events
	Reset   *Reset
	Rights  *chat.Rights
	Signals []chat.Signal
}

// Answer answers the request Re: with the JSON of OK, or with Err.
type Answer struct {
	Re  int64
	OK  []byte
	Err *chat.Error
}

// Events are events in the order of the log. Their encodings are shared between sessions and must not be changed.
type Events struct {
	Prev, Cursor chat.Cursor
	Events       [][]byte
}

// Reset replaces all that the client has.
type Reset struct {
	Reason   chat.ResetReason
	Cursor   chat.Cursor
	Snapshot chat.Snapshot
}

// Feed is one connection of a session: commands go in, deliveries come out.
//
// The queue holds events and answers in their order. It is bounded: when too many events wait, they are dropped and the
// feed is behind: it reads the log from where it stands, in the same order and the same words, until it has caught up.
// A feed begins its life behind.
type Feed struct {
	h      *Hub
	actor  Actor
	device chat.Device
	since  chat.Millis
	use    use // belongs to the registry
	// slots bounds the commands whose answers were not taken: one is taken by Do and given back by Next.
	slots chan struct{}
	// bell wakes Next. It holds one ring and no news.
	bell chan struct{}

	mu     sync.Mutex
	queue  []item
	events int // entries in the queue, and
	bytes  int // their size
	behind bool
	missed int64 // the newest seq that was not queued because the feed is behind
	begun  int64 // the log's head when the feed began: it cannot be live before that
	rules  ruleChange
	typing []typingSignal
	// waiting are signals for this feed alone; looks says that it must look who follows its user's conversations.
	waiting []chat.Signal
	looks   bool
	second  bool // another device of the user is foremost
	end     error
	ended   chan struct{} // closed when end is set
	last    error         // ends the feed once the queue is empty

	// What follows belongs to the goroutine in Next.
	stage  stage
	hello  *Answer
	reset  chat.ResetReason // why the feed begins with a reset; empty if it resumes
	sealer *sealer
	word   chat.Cursor // the cursor last told, or the client's own

	pos     int64                         // everything up to here was looked at
	told    *facts                        // by which rights were last told, without conversations; nil before
	toldSeq int64                         // told.head, or the place the client's cursor names
	checked int64                         // the rules (facts.rules) by which nothing was found to differ from told
	sealed  int64                         // the place of rights that cursors name
	gained  map[chat.UserID]int64         // people told whole, with their conversation, up to a seq that pos has not reached
	entered map[chat.ConversationID]int64 // and rooms so
	reader  *logReader
	posts   map[chat.ConversationID]bool // conversations whose right to post may have changed by an entry; true: has
	// toldPosts are rights to post as told, where messages may have made them longer since.
	toldPosts map[chat.ConversationID]chat.Can
	seen      int64                                 // version of presences told
	watchers  map[chat.ConversationID][]chat.UserID // who follows the user's conversations, as told
	turn      bool                                  // signals go before the next events
	// toldSecond is second as the client was told it.
	toldSecond bool
	// appeared are people gained whose presence must be told.
	appeared []chat.UserID
}

// item is an entry, or an answer that may not be told before everything up to after.
type item struct {
	entry  *entry
	answer *answer
}

type answer struct {
	re    int64
	ok    any
	err   *chat.Error
	after int64
	asked *question // nil if the answer tells nothing that rules could hide by now
}

// question is a command that reads, with the facts by which it was answered. While the answer waits to be taken rules may
// change, or a room be left, and then it is asked again.
type question struct {
	name        chat.CommandName
	args        json.RawMessage
	rules, head int64
}

// typingSignal says that somebody types, or no longer.
type typingSignal struct {
	conversation chat.ConversationID
	user         chat.UserID
	typing       bool
}

// Connect opens a feed for the session of a. re is the id of the request that said hello; its answer is the feed's first
// delivery. A *chat.Error refuses; ErrClosed: the hub is closed.
func (h *Hub) Connect(ctx context.Context, a Actor, re int64, args chat.HelloArgs) (*Feed, error) {
	if args.Protocol != chat.ProtocolVersion {
		return nil, chat.Invalid("this server speaks protocol %d, not %d; update the older side", chat.ProtocolVersion, args.Protocol)
	}
	device, err := cleanDevice(args.Device)
	if err != nil {
		return nil, err
	}
	sealer, err := h.sealer(a.UserID)
	if err != nil {
		return nil, h.errOf("hello", err)
	}
	now := h.now()
	f := &Feed{
		h: h, actor: a, device: device, since: now, use: use{takenUp: now}, sealer: sealer, word: args.Cursor, behind: true, looks: true,
		slots: make(chan struct{}, h.o.InFlight), bell: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	// First into the registry, then the facts: so nothing falls in between, neither an event nor the end of the session.
	if err := h.enter(f); err != nil {
		return nil, err
	}
	facts := h.facts.Load()
	if _, err := facts.authorise(chat.ActConnect, a, f.since); err != nil {
		f.Close()
		return nil, err
	}
	f.place(facts, args.Cursor)
	f.mu.Lock()
	f.begun = facts.head
	f.mu.Unlock()
	f.hello = &Answer{Re: re, OK: mustEncode(chat.HelloAnswer{UserID: a.UserID, SessionID: a.SessionID, ServerAt: f.since, Version: h.o.Version, PushKey: h.pushes.key()})}
	h.rank(a.UserID)
	h.presenceChanged(a.UserID)
	h.noteDevice(ctx, f)
	return f, nil
}

// enter puts a feed into the registry, unless the hub is closed: Close ends all feeds it finds there.
func (h *Hub) enter(f *Feed) error {
	h.closing.RLock()
	defer h.closing.RUnlock()
	if h.closed {
		return ErrClosed
	}
	h.feeds.add(f)
	h.count.behind.Add(1)
	return nil
}

// place finds where the feed begins: at the client's cursor, or with a reset.
func (f *Feed) place(facts *facts, cursor chat.Cursor) {
	seq, rights, ok := f.sealer.open(cursor)
	switch {
	case cursor == "":
		f.reset = chat.ResetFirst
	case !ok:
		f.reset = chat.ResetRenewed
	case seq < f.h.log.Floor || seq > facts.head || rights > seq:
		f.reset = chat.ResetExpired
	default:
		f.pos, f.toldSeq, f.sealed = seq, rights, rights
	}
}

// noteDevice keeps which device a session is used from, if hello says something else than the sign-in did.
func (h *Hub) noteDevice(ctx context.Context, f *Feed) {
	s := h.facts.Load().session(f.actor.SessionID, f.since)
	if s == nil || s.Device == f.device {
		return
	}
	device := f.device
	h.background(ctx, f.actor, func(s *store.Session, _ chat.Millis) { s.Device = device })
}

// background changes the actor's session some time soon; nobody waits for it.
func (h *Hub) background(ctx context.Context, a Actor, change func(s *store.Session, now chat.Millis)) {
	j := &job{actor: a, act: chat.ActConnect, done: func(any, error) {}, write: func(b *batch, _ *user) (any, error) {
		s, _ := b.facts.sessions.get(a.SessionID)
		next := *s
		change(&next, b.at)
		b.facts.sessions = b.facts.sessions.with(next.ID, &next)
		b.sessions[next.ID] = struct{}{}
		return none{}, nil
	}}
	if err := h.submit(ctx, j); err != nil {
		h.o.Log.Debug("a session's device was not noted", "error", err)
	}
}

// Do executes a command; its answer is delivered by Next, after all events committed before it. Commands that write are
// handed to the writer and Do returns, so posts can be pipelined; with too many answers not yet taken by Next it waits.
func (f *Feed) Do(ctx context.Context, re int64, name chat.CommandName, args json.RawMessage) {
	select {
	case f.slots <- struct{}{}:
	case <-f.ended:
		return
	case <-ctx.Done():
		return
	}
	facts := f.h.facts.Load()
	t, err := f.h.prepare(ctx, f.actor, f, name, args)
	if err != nil {
		told := &answer{re: re, err: f.h.errOf(string(name), err)}
		f.h.refuse(ctx, f.actor, name, args, err, func() { f.queueAnswer(told) })
		return
	}
	if t.write == nil {
		a := &answer{re: re, ok: t.answer}
		if _, nothing := t.answer.(none); !nothing {
			a.asked = &question{name, args, facts.rules, facts.head}
		}
		f.queueAnswer(a)
		return
	}
	done := func(ok any, err error) { f.queueAnswer(&answer{re: re, ok: ok, err: f.h.errOf(string(name), err)}) }
	j := &job{actor: f.actor, act: chat.Commands[name], post: t.post, files: t.files, amends: t.amends, name: name, args: args, write: t.write, done: done}
	if err := f.h.submit(ctx, j); err != nil {
		done(nil, err)
	}
}

// queueAnswer queues an answer. All that was committed before is in the queue already, or missed.
func (f *Feed) queueAnswer(a *answer) {
	f.mu.Lock()
	a.after = f.missed
	f.queue = append(f.queue, item{answer: a})
	f.mu.Unlock()
	f.ring()
}

// ring wakes Next.
func (f *Feed) ring() {
	select {
	case f.bell <- struct{}{}:
	default:
	}
}

// queueEntry hands an entry of the log to the feed.
func (f *Feed) queueEntry(e *entry) {
	f.mu.Lock()
	switch {
	case f.behind:
		f.missed = e.seq
	case f.events >= f.h.o.QueueEvents || f.bytes+len(e.bytes) > f.h.o.QueueBytes:
		f.dropEntries()
		f.missed = e.seq
	default:
		f.queue = append(f.queue, item{entry: e})
		f.events++
		f.bytes += len(e.bytes)
	}
	f.mu.Unlock()
	f.ring()
}

// dropEntries makes the feed behind: entries go, answers stay and wait for what was dropped before them. The caller holds
// mu.
func (f *Feed) dropEntries() {
	kept := f.queue[:0]
	for _, it := range f.queue {
		if it.entry != nil {
			f.missed = it.entry.seq
			continue
		}
		it.answer.after = max(it.answer.after, f.missed)
		kept = append(kept, it)
	}
	clear(f.queue[len(kept):])
	f.queue, f.events, f.bytes = kept, 0, 0
	if !f.behind {
		f.behind = true
		f.h.count.behind.Add(1)
	}
}

// fallBehind makes the feed read the log, which may hold anything up to head.
func (f *Feed) fallBehind(head int64) {
	f.mu.Lock()
	f.dropEntries()
	f.missed = max(f.missed, head)
	f.mu.Unlock()
	f.ring()
}

// rulesChanged notes whose rights must be told anew before any further event.
func (f *Feed) rulesChanged(r ruleChange) {
	f.mu.Lock()
	f.rules.all = f.rules.all || r.all
	f.rules.rooms = f.rules.rooms || r.rooms
	f.rules.templates = f.rules.templates || r.templates
	f.rules.users = append(f.rules.users, r.users...)
	f.rules.through = max(f.rules.through, r.through)
	f.mu.Unlock()
	f.ring()
}

// finish ends the feed with err; only the first end counts.
func (f *Feed) finish(err error) {
	f.mu.Lock()
	if f.end == nil {
		f.end = err
		close(f.ended)
		if f.behind {
			f.behind = false
			f.h.count.behind.Add(-1)
		}
		f.queue = nil
	}
	f.mu.Unlock()
	f.ring()
}

// finishAfter ends the feed with err when it has delivered what is queued.
func (f *Feed) finishAfter(err error) {
	f.mu.Lock()
	f.last = err
	f.mu.Unlock()
	f.ring()
}

// Close takes the feed away; presence ends with the last one.
func (f *Feed) Close() {
	f.finish(ErrClosed)
	if !f.h.feeds.remove(f) {
		return
	}
	f.h.unwatchAll(f.actor)
	f.h.rank(f.actor.UserID)
	f.h.presenceChanged(f.actor.UserID)
	f.h.background(context.Background(), f.actor, func(s *store.Session, now chat.Millis) { s.SeenAt = now })
}
