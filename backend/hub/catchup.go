package hub

import (
	"container/heap"
	"context"

	"parley/backend/chat"
	"parley/backend/store"
)

// catchUp reads the log from where the feed stands: the next delivery of what is there, or true once the feed is no longer
// behind. Neither: there is something else to do first, and the bell rings.
func (f *Feed) catchUp(ctx context.Context) (*Delivery, bool, error) {
	for {
		if f.caughtUp() {
			return nil, true, nil
		}
		if f.reader == nil {
			facts := f.h.facts.Load()
			if f.told != nil && f.checked != facts.rules {
				f.rulesChanged(ruleChange{all: true}) // rights before the events they were committed with, here as well
				return nil, false, nil
			}
			reader, err := newLogReader(ctx, f.h, facts, facts.user(f.actor.UserID), f.pos)
			if err != nil {
				return nil, false, err
			}
			f.reader = reader
		}
		now := f.h.facts.Load()
		me := now.user(f.actor.UserID)
		entries, done, err := f.reader.read(ctx, f.h.o.FrameBytes, func(e *entry) bool { return f.wants(now, me, e) })
		if err != nil {
			return nil, false, err
		}
		d := f.deliverEntries(entries)
		if done {
			f.pos, f.reader = f.reader.facts.head, nil
			f.passGained()
			f.caughtUp()
		}
		if d != nil {
			return d, false, nil
		}
	}
}

// caughtUp makes the feed live if it has read all that it missed, and tells whether it is live.
func (f *Feed) caughtUp() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.behind && f.reader == nil && f.pos >= f.begun && f.missed <= f.pos {
		f.behind = false
		f.h.count.behind.Add(-1)
	}
	return !f.behind
}

// logReader reads what the log holds for one user after a place, in order, up to the head of its facts. It reads the user's
// own audiences only, and of those only the ones with something new: what others do costs nothing.
type logReader struct {
	h       *Hub
	facts   *facts
	streams streamHeap
	page    int
}

// stream is one audience's entries in order.
type stream struct {
	audience store.Audience
	c        *conversation // of messages; nil: other events
	in       chat.ConversationID
	user     chat.UserID
	// configuring is true for the audience of those who may configure.
	configuring bool
	after       int64 // n of messages, seq of events
	ready       []*entry
	last        bool // nothing after ready
}

// streamHeap is ordered by each stream's next entry.
type streamHeap []*stream

func (s streamHeap) Len() int           { return len(s) }
func (s streamHeap) Less(i, j int) bool { return s[i].ready[0].seq < s[j].ready[0].seq }
func (s streamHeap) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *streamHeap) Push(x any)        { *s = append(*s, x.(*stream)) }
func (s *streamHeap) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}

// maxPage is the number of rows read at once for all streams together, minPage for each of them at least.
const (
	maxPage = 1024
	minPage = 16
)

func newLogReader(ctx context.Context, h *Hub, f *facts, me *user, pos int64) (*logReader, error) {
	r := &logReader{h: h, facts: f}
	streams := []*stream{
		{audience: store.Everybody, after: pos},
		{audience: store.Directory, after: pos},
		{audience: store.UserAudience(me.row.Key), user: me.id(), after: pos},
	}
	if f.configures(me) {
		streams = append(streams, &stream{audience: store.Administrators, configuring: true, after: pos})
	}
	if pos >= f.head {
		streams = nil
	}
	for _, id := range me.conversations {
		c := f.conversation(id)
		mine, _ := c.place(me.id())
		after := max(pos, mine.since) // what was before comes whole with the rights
		if c.eventHead > after {
			streams = append(streams, &stream{audience: store.ConversationAudience(c.key), in: id, after: after})
		}
		if c.head > after {
			n, err := h.o.Store.LastNAt(ctx, c.key, after)
			if err != nil {
				return nil, err
			}
			streams = append(streams, &stream{c: c, after: n})
		}
	}
	r.page = max(minPage, maxPage/max(1, len(streams)))
	for _, s := range streams {
		if err := r.fill(ctx, s); err != nil {
			return nil, err
		}
		if len(s.ready) > 0 {
			r.streams = append(r.streams, s)
		}
	}
	heap.Init(&r.streams)
	return r, nil
}

// fill reads the next page of a stream, as far as the reader's facts go.
func (r *logReader) fill(ctx context.Context, s *stream) error {
	if s.c != nil {
		rows, err := r.h.o.Store.MessagesAfter(ctx, s.c.key, s.after, r.page)
		if err != nil {
			return err
		}
		s.last = len(rows) < r.page
		for i := range rows {
			m := &rows[i]
			if m.N > s.c.lastN {
				s.last = true
				break
			}
			s.after = m.N
			s.ready = append(s.ready, r.facts.messageEntry(s.c, m, wroteUnknown))
		}
		return nil
	}
	rows, err := r.h.o.Store.EventsAfter(ctx, s.audience, s.after, r.page)
	if err != nil {
		return err
	}
	s.last = len(rows) < r.page
	for _, e := range rows {
		if e.Seq > r.facts.head {
			s.last = true
			break
		}
		s.after = e.Seq
		if e.Type.Amends() {
			to, err := r.amended(ctx, s.in, &e)
			if err != nil {
				return err
			}
			if to != nil {
				s.ready = append(s.ready, to)
			}
			continue
		}
		to := &entry{seq: e.Seq, conversation: s.in, user: s.user, configuring: s.configuring, bytes: e.Body}
		switch room := chat.ConversationID(e.Subject); {
		case s.audience == store.Everybody:
			to.team = chat.TeamID(e.Subject)
		case room.IsRoom():
			to.room = room
		default:
			to.subject = chat.UserID(e.Subject)
		}
		if s.in != "" {
			to.author = chat.UserID(e.By)
		}
		s.ready = append(s.ready, to)
	}
	return nil
}

// read returns the next entries that are wanted, of about the given size, and whether there are no more. The others count for
// nothing, or frames would end earlier the more happens that their reader may not know of.
func (r *logReader) read(ctx context.Context, size int, wanted func(*entry) bool) ([]*entry, bool, error) {
	var entries []*entry
	for len(r.streams) > 0 {
		s := r.streams[0]
		e := s.ready[0]
		if wanted(e) {
			if size -= len(e.bytes); size < 0 && len(entries) > 0 {
				return entries, false, nil
			}
			entries = append(entries, e)
		}
		if s.ready = s.ready[1:]; len(s.ready) == 0 && !s.last {
			if err := r.fill(ctx, s); err != nil {
				return nil, false, err
			}
		}
		if len(s.ready) == 0 {
			heap.Pop(&r.streams)
		} else {
			heap.Fix(&r.streams, 0)
		}
	}
	return entries, true, nil
}
