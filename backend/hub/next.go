package hub

import (
	"cmp"
	"context"

	"parley/backend/chat"
)

// stage is how far the beginning of a feed has come.
//
//	hello → reset ──────────────→ presence → live
//	      → resume (log) → rights ↗
type stage int

const (
	stageHello stage = iota
	stageReset
	stageResume
	stageRights
	stagePresence
	stageLive
)

// Next waits for the next delivery. ErrSignedOut: the session has ended. ErrClosed: the feed or the hub was closed. For one
// goroutine at a time.
func (f *Feed) Next(ctx context.Context) (*Delivery, error) {
	for {
		d, err := f.Poll(ctx)
		if d != nil || err != nil {
			return d, err
		}
		if err := f.Wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Wait waits until there may be something to poll. An error is ctx's.
func (f *Feed) Wait(ctx context.Context) error {
	select {
	case <-f.bell:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Poll returns the next delivery if there is one now, nil if not. Otherwise it is as Next.
func (f *Feed) Poll(ctx context.Context) (*Delivery, error) {
	d, err := f.poll(ctx)
	if err != nil {
		return nil, f.endOr(err)
	}
	return d, nil
}

func (f *Feed) poll(ctx context.Context) (*Delivery, error) {
	if err := f.ending(); err != nil {
		return nil, err
	}
	if _, goesOn := f.h.facts.Load().sessions.get(f.actor.SessionID); !goesOn { // its end may not have been told yet
		f.finish(ErrSignedOut)
		return nil, ErrSignedOut
	}
	switch f.stage {
	case stageHello:
		f.stage = stageResume
		if f.reset != "" {
			f.stage = stageReset
		}
		return &Delivery{Answer: f.hello}, nil
	case stageReset:
		return f.deliverReset(ctx)
	case stageResume:
		d, caughtUp, err := f.catchUp(ctx)
		if d != nil || err != nil || !caughtUp {
			return d, err
		}
		f.stage = stageRights
		return f.poll(ctx)
	case stageRights:
		r, err := f.allRights(ctx)
		if err != nil {
			return nil, err
		}
		f.stage = stagePresence
		return &Delivery{Rights: r}, nil
	case stagePresence:
		f.stage = stageLive
		return &Delivery{Signals: f.presenceAll()}, nil
	}
	return f.live(ctx)
}

// live returns the next delivery once the feed has begun: rights before the events they were committed with, then answers
// and events in their order, with signals in between.
func (f *Feed) live(ctx context.Context) (*Delivery, error) {
	for {
		if d, err := f.dueRights(ctx); d != nil || err != nil {
			return d, err
		}
		if f.turn {
			f.turn = false
			if s := f.signals(); s != nil {
				return &Delivery{Signals: s}, nil
			}
		}
		w := f.take()
		switch {
		case w.end != nil:
			return nil, w.end
		case w.rules:
			continue
		case w.answer != nil:
			return f.deliverAnswer(ctx, w.answer), nil
		case w.behind:
			d, caughtUp, err := f.catchUp(ctx)
			if d != nil || err != nil || !caughtUp {
				return d, err
			}
			continue
		case len(w.entries) > 0:
			if d := f.deliverEntries(w.entries); d != nil {
				return d, nil
			}
			continue
		}
		if s := f.signals(); s != nil {
			return &Delivery{Signals: s}, nil
		}
		return nil, nil
	}
}

// endOr returns why the feed has ended or is about to, else err: what fails then (the store may be closed already) is of no
// interest.
func (f *Feed) endOr(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return cmp.Or(f.end, f.last, err)
}

// ending returns why the feed has ended, if it has. What a feed begins with is not finished for a hub that closes.
func (f *Feed) ending() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end == nil && f.stage != stageLive {
		return f.last
	}
	return f.end
}

// work is what is to be done next; at most one thing is set.
type work struct {
	end     error
	rules   bool
	behind  bool
	answer  *answer
	entries []*entry
}

// take takes the next thing from the queue, under one lock: no entry is taken without the change of rules it came with.
func (f *Feed) take() work {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.end != nil:
		return work{end: f.end}
	case f.last != nil && !f.behind && len(f.queue) == 0:
		return work{end: f.last}
	case !f.rules.none():
		return work{rules: true}
	}
	if len(f.queue) > 0 && f.queue[0].answer != nil && (!f.behind || f.queue[0].answer.after <= f.pos) {
		return work{answer: f.shift().answer}
	}
	if f.behind {
		return work{behind: true}
	}
	var entries []*entry
	for size := 0; len(f.queue) > 0 && f.queue[0].entry != nil; {
		n := len(f.queue[0].entry.bytes)
		if size += n; size > f.h.o.FrameBytes && len(entries) > 0 {
			break
		}
		entries = append(entries, f.shift().entry)
		f.events--
		f.bytes -= n
	}
	return work{entries: entries}
}

// shift takes the first item. The caller holds mu.
func (f *Feed) shift() item {
	it := f.queue[0]
	f.queue[0] = item{}
	if f.queue = f.queue[1:]; len(f.queue) == 0 {
		f.queue = nil
	}
	return it
}

// deliverAnswer makes a delivery of an answer. Rights are checked now, as with events: what was read before the wall rose is
// not told after it.
func (f *Feed) deliverAnswer(ctx context.Context, a *answer) *Delivery {
	<-f.slots
	facts := f.h.facts.Load()
	if q := a.asked; q != nil && (q.rules != facts.rules || q.head < facts.closedSeq || facts.user(f.actor.UserID).leftSince(q.head)) {
		t, err := f.h.prepare(ctx, f.actor, f, q.name, q.args)
		a.ok, a.err = t.answer, f.h.errOf(string(q.name), err)
	}
	if a.err != nil {
		return &Delivery{Answer: &Answer{Re: a.re, Err: a.err}}
	}
	return &Delivery{Answer: &Answer{Re: a.re, OK: encodeAnswer(a.ok)}}
}

// deliverEntries makes a delivery of those entries the reader may be told now; nil if there are none. What is hidden leaves
// no trace: no frame, no cursor. What was looked at already is passed over: a feed that comes after a commit, and before that is
// told, has read it in the log.
func (f *Feed) deliverEntries(entries []*entry) *Delivery {
	facts := f.h.facts.Load()
	me := facts.user(f.actor.UserID)
	var events [][]byte
	for _, e := range entries {
		if e.seq <= f.pos {
			continue
		}
		if f.wants(facts, me, e) {
			events = append(events, e.bytes)
			if e.author != "" && (e.n == 0 || e.author != f.actor.UserID) {
				f.postDue(facts, me, e)
			}
		}
		f.pos = e.seq
	}
	f.passGained()
	if events == nil {
		return nil
	}
	f.turn = true
	f.h.count.delivered.Add(int64(len(events)))
	d := &Events{Prev: f.word, Cursor: f.seal(), Events: events}
	f.word = d.Cursor
	return &Delivery{Events: d}
}

// wants tells whether the reader may be told an entry: by the rules of this moment, and without a break since rights were
// last told, because what was hidden in between comes whole with the rights.
func (f *Feed) wants(now *facts, me *user, e *entry) bool {
	var other *user
	switch {
	case e.configuring:
		return now.configures(me)
	case e.conversation != "":
		c := now.conversation(e.conversation)
		if c.kind == chat.KindRoom {
			return f.deliversIn(now, me, e, c)
		}
		if _, in := c.place(me.id()); !in {
			return false
		}
		if other = now.other(c, me); !now.mayIn(chat.ActDeliver, me, other, c, 0).Allowed {
			return false
		}
	case e.room != "":
		return f.deliversIn(now, me, e, now.conversation(e.room))
	case e.team != "": // who came to know of it meanwhile was told it in their rights
		return now.seesTeam(me, e.team)
	case e.subject == me.id(): // told as me.changed
		return false
	case e.subject != "" && e.user != "": // about the conversation with them, begun or not
		if other = now.user(e.subject); !now.mayIn(chat.ActDeliver, me, other, nil, 0).Allowed {
			return false
		}
	case e.subject != "":
		if other = now.user(e.subject); !now.sees(me, other) {
			return false
		}
	default:
		return true
	}
	return e.seq > f.gained[other.id()] && f.steady(now, me, other)
}

// steady tells whether the reader could know of the other user all the time since rights were last told.
func (f *Feed) steady(now *facts, me, other *user) bool {
	if f.told != nil && f.checked == now.rules {
		return true
	}
	_, hidden := now.sawSince(me, other, f.toldSeq)
	return !hidden
}

// seal returns a word for where the client stands. The place of its rights moves only once the events before it were told:
// a client that is cut off in between is told its rights again from where they were, whole conversations included.
func (f *Feed) seal() chat.Cursor {
	if f.pos >= f.toldSeq {
		f.sealed = f.toldSeq
	}
	return f.sealer.seal(f.pos, f.sealed)
}

// passGained forgets who was told whole up to a place that the feed has passed.
func (f *Feed) passGained() {
	for id, through := range f.gained {
		if f.pos >= through {
			delete(f.gained, id)
		}
	}
	for id, through := range f.entered {
		if f.pos >= through {
			delete(f.entered, id)
		}
	}
}
