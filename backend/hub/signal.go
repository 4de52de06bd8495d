package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/presence"
)

// presences knows how present everybody is shown, and in which order that changed. Feeds are not told of each change: they
// remember up to which version they have told, and take what changed since when they wake. They are woken for it at most
// every PresenceEvery, so a thousand people who come back at once do not wake a thousand feeds a thousand times.
type presences struct {
	h *Hub

	mu    sync.Mutex
	shown map[chat.UserID]chat.Presence // of everybody who was not offline since Open
	// changed are the users whose presence changed, in order; changed[0] made version base+1.
	changed []chat.UserID
	base    int64
	// resting is set while feeds were woken a moment ago; waiting, that something changed since.
	resting *time.Timer
	waiting bool
	stopped bool
}

// maxChanged bounds the changes that are remembered; who is farther behind is told the presence of all.
const maxChanged = 4096

func (p *presences) init(h *Hub) {
	p.h, p.shown = h, map[chat.UserID]chat.Presence{}
}

func (p *presences) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.resting != nil {
		p.resting.Stop()
	}
}

// presenceChanged looks how present a user is now, and tells if that is new.
func (h *Hub) presenceChanged(id chat.UserID) {
	u := h.facts.Load().user(id)
	if u == nil {
		return
	}
	p := &h.presences
	p.mu.Lock()
	now := presence.Of(u.row.User.Role, u.row.Status, h.feeds.devices(id))
	now.UserID = id
	was, known := p.shown[id]
	if now.Availability == chat.Offline {
		if !known || was.Availability == chat.Offline {
			p.mu.Unlock()
			return
		}
		now.SinceAt = h.now()
	}
	if now == was {
		p.mu.Unlock()
		return
	}
	p.shown[id] = now
	p.changed = append(p.changed, id)
	if len(p.changed) > maxChanged {
		drop := len(p.changed) / 2
		p.base += int64(drop)
		p.changed = slices.Clone(p.changed[drop:])
	}
	wake := p.resting == nil && !p.stopped
	if wake {
		p.rest()
	} else {
		p.waiting = true
	}
	p.mu.Unlock()
	if wake {
		h.feeds.each((*Feed).ring)
	}
}

// rest lets changes gather for a while. The caller holds mu.
func (p *presences) rest() {
	p.resting = time.AfterFunc(p.h.o.PresenceEvery, func() {
		p.mu.Lock()
		wake := p.waiting && !p.stopped
		p.waiting, p.resting = false, nil
		if wake {
			p.rest()
		}
		p.mu.Unlock()
		if wake {
			p.h.feeds.each((*Feed).ring)
		}
	})
}

// since returns the presences that changed after the version, each once, and the present version; false if so much has
// changed that all must be told.
func (p *presences) since(version int64) ([]chat.Presence, int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	newest := p.base + int64(len(p.changed))
	if version < p.base {
		return nil, newest, false
	}
	if version == newest {
		return nil, newest, true
	}
	ids := slices.Clone(p.changed[version-p.base:])
	slices.Sort(ids)
	ids = slices.Compact(ids)
	changed := make([]chat.Presence, len(ids))
	for i, id := range ids {
		changed[i] = p.shown[id]
	}
	return changed, newest, true
}

// of returns the presence of those me may know of who are not offline.
func (p *presences) of(f *facts, me *user) []chat.Presence {
	p.mu.Lock()
	defer p.mu.Unlock()
	present := []chat.Presence{}
	for id, shown := range p.shown {
		if shown.Availability != chat.Offline && f.sees(me, f.user(id)) {
			present = append(present, shown)
		}
	}
	slices.SortFunc(present, func(a, b chat.Presence) int { return compare(a.UserID, b.UserID) })
	return present
}

// ofThose returns the presence of the users who are not offline.
func (p *presences) ofThose(ids []chat.UserID) []chat.Presence {
	if len(ids) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var present []chat.Presence
	for _, id := range ids {
		if shown := p.shown[id]; shown.Availability != "" && shown.Availability != chat.Offline {
			present = append(present, shown)
		}
	}
	return present
}

// presenceAll returns the signal that comes after the beginning, and notes up to where it tells.
func (f *Feed) presenceAll() []chat.Signal {
	facts := f.h.facts.Load()
	f.appeared = nil
	_, f.seen, _ = f.h.presences.since(f.seen) // first the version, then the state: nothing falls in between
	return []chat.Signal{{Type: chat.SignalPresenceAll, PresenceAll: f.h.presences.of(facts, facts.user(f.actor.UserID))}}
}

// signals returns what is to be told beside the log; nil if nothing.
func (f *Feed) signals() []chat.Signal {
	f.mu.Lock()
	typing := f.typing
	f.typing = nil
	f.mu.Unlock()
	changed, version, ok := f.h.presences.since(f.seen)
	if !ok {
		return append(f.foremostSignal(), f.presenceAll()...)
	}
	f.seen = version
	changed = append(changed, f.h.presences.ofThose(f.appeared)...)
	f.appeared = nil
	signals := append(f.foremostSignal(), f.watchSignals()...)
	if len(typing) == 0 && len(changed) == 0 {
		return signals
	}
	facts := f.h.facts.Load()
	me := facts.user(f.actor.UserID)
	for _, p := range changed {
		if u := facts.user(p.UserID); facts.sees(me, u) && f.steady(facts, me, u) {
			signals = append(signals, chat.Signal{Type: chat.SignalPresence, Presence: &p})
		}
	}
	for _, s := range typing {
		if u := facts.user(s.user); facts.listens(me, u, s.conversation) && f.steady(facts, me, u) {
			signals = append(signals, chat.Signal{Type: chat.SignalTyping, ConversationID: s.conversation, UserID: s.user, Typing: s.typing})
		}
	}
	return signals
}

// queueTyping hands a typing signal to the feed; of each writer in a conversation the last one counts.
func (f *Feed) queueTyping(s typingSignal) {
	f.mu.Lock()
	i := slices.IndexFunc(f.typing, func(t typingSignal) bool { return t.conversation == s.conversation && t.user == s.user })
	if i >= 0 {
		f.typing[i] = s
	} else if len(f.typing) < maxTyping {
		f.typing = append(f.typing, s)
	}
	f.mu.Unlock()
	f.ring()
}

// maxTyping bounds the typing signals that wait for a feed; they may be lost.
const maxTyping = 64

// listens tells whether me may be told that somebody types in a conversation: a room may have been left, or a wall risen, meanwhile.
func (f *facts) listens(me, writer *user, id chat.ConversationID) bool {
	return f.mayIn(chat.ActDeliver, me, writer, f.conversation(id), 0).Allowed
}

// setTyping tells the others of a conversation that has begun; nobody is told who is about to write for the first
// time. Whoever may not post is answered as if nothing were wrong.
func setTyping(_ context.Context, c *call, args chat.TypingSetArgs) (any, error) {
	r, refused := c.facts.reach(chat.ActPost, c.me, args.ConversationID, c.now)
	if refused == nil && r.c != nil {
		s := typingSignal{conversation: r.id, user: c.me.id(), typing: args.Typing}
		for id := range r.c.places.all() {
			if id != c.me.id() {
				c.h.feeds.of(id, func(f *Feed) { f.queueTyping(s) })
			}
		}
	}
	return none{}, nil
}
