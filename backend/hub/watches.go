package hub

import (
	"maps"
	"slices"
	"sync"

	"parley/backend/chat"
)

// watches knows which sessions follow which conversations of others at this moment. It is nothing that lasts: a session that
// comes back asks again. Its lock is held for its own maps only, never while feeds are told.
type watches struct {
	mu sync.Mutex
	by map[chat.ConversationID]map[Actor]struct{}
}

// watchChange is a session's beginning or end of following a conversation.
type watchChange struct {
	actor        Actor
	conversation chat.ConversationID
	begin        bool
}

// apply begins or ends a watch and tells whether that changed anything.
func (w *watches) apply(c watchChange) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, had := w.by[c.conversation][c.actor]
	switch {
	case had == c.begin:
		return false
	case !c.begin:
		delete(w.by[c.conversation], c.actor)
		if len(w.by[c.conversation]) == 0 {
			delete(w.by, c.conversation)
		}
		return true
	case w.by == nil:
		w.by = map[chat.ConversationID]map[Actor]struct{}{}
	}
	if w.by[c.conversation] == nil {
		w.by[c.conversation] = map[Actor]struct{}{}
	}
	w.by[c.conversation][c.actor] = struct{}{}
	return true
}

// has tells whether a session follows a conversation.
func (w *watches) has(a Actor, id chat.ConversationID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, follows := w.by[id][a]
	return follows
}

// all returns the watches for which want is true.
func (w *watches) all(want func(Actor, chat.ConversationID) bool) []watchChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []watchChange
	for id, actors := range w.by {
		for a := range actors {
			if want(a, id) {
				found = append(found, watchChange{actor: a, conversation: id})
			}
		}
	}
	return found
}

// of returns the sessions that follow a conversation.
func (w *watches) of(id chat.ConversationID) []Actor {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.by[id]))
}

// tellWatching does what a published batch means for who follows what: watches begin and end, also because the right or the
// session has ended, and those who follow are told what was written.
func (h *Hub) tellWatching(b *batch) {
	for _, c := range b.watching {
		h.watch(&b.facts, c)
	}
	if len(b.ended) > 0 {
		for _, c := range h.watches.all(func(a Actor, _ chat.ConversationID) bool { return slices.Contains(b.ended, a.SessionID) }) {
			h.watch(&b.facts, c)
		}
	}
	if !b.rules.none() {
		h.reviewWatches(&b.facts)
	}
	if b.showing {
		h.feeds.each((*Feed).lookAtWatchers)
	}
	for _, id := range b.supervising {
		h.feeds.of(id, func(f *Feed) { f.queueSignal(chat.Signal{Type: chat.SignalMonitoring}) })
	}
	for _, e := range b.entries {
		if e.n == 0 && e.amends == "" || e.conversation.IsRoom() {
			continue
		}
		for _, a := range h.watches.of(e.conversation) {
			var told chat.Event
			if err := chat.Decode(e.bytes, &told); err != nil {
				h.o.Log.Error("a message cannot be told to whoever follows it", "error", err)
				continue
			}
			if told.Message == nil { // a reaction says nothing
				continue
			}
			h.tellSession(a, chat.Signal{Type: chat.SignalTranscript, ConversationID: e.conversation, Message: told.Message})
		}
	}
}

// watch applies the change and lets those who are watched know, if they may.
func (h *Hub) watch(f *facts, c watchChange) {
	if !h.watches.apply(c) || !f.organisation.WatchingShown {
		return
	}
	for _, id := range f.conversation(c.conversation).pair {
		h.feeds.of(id, (*Feed).lookAtWatchers)
	}
}

// reviewWatches ends the watches whose right has ended.
func (h *Hub) reviewWatches(f *facts) {
	for _, c := range h.watches.all(func(a Actor, id chat.ConversationID) bool {
		return !f.mayWatch(chat.ActMonitor, f.user(a.UserID), f.conversation(id)).Allowed
	}) {
		h.watch(f, c)
		h.tellSession(c.actor, chat.Signal{Type: chat.SignalTranscriptEnded, ConversationID: c.conversation})
	}
}

// unwatchAll ends the watches of a session that has no connection any more.
func (h *Hub) unwatchAll(a Actor) {
	if h.feeds.live(a) {
		return
	}
	for _, c := range h.watches.all(func(by Actor, _ chat.ConversationID) bool { return by == a }) {
		h.watch(h.facts.Load(), c)
	}
}

// tellSession hands a signal to the connections of one session.
func (h *Hub) tellSession(a Actor, s chat.Signal) {
	h.feeds.of(a.UserID, func(f *Feed) {
		if f.actor == a {
			f.queueSignal(s)
		}
	})
}

// maxSignals bounds the signals that wait for a feed. What is lost of a transcript shows as a gap in its numbers.
const maxSignals = 256

// queueSignal hands a signal to the feed.
func (f *Feed) queueSignal(s chat.Signal) {
	f.mu.Lock()
	if len(f.waiting) < maxSignals {
		f.waiting = append(f.waiting, s)
	}
	f.mu.Unlock()
	f.ring()
}

// lookAtWatchers makes the feed look who follows its user's conversations.
func (f *Feed) lookAtWatchers() {
	f.mu.Lock()
	f.looks = true
	f.mu.Unlock()
	f.ring()
}

// watchSignals returns what is to be told about watching: to who watches, by the rules of this moment, and to who is watched.
func (f *Feed) watchSignals() []chat.Signal {
	f.mu.Lock()
	waiting, looks := f.waiting, f.looks
	f.waiting, f.looks = nil, false
	f.mu.Unlock()
	if len(waiting) == 0 && !looks {
		return nil
	}
	facts := f.h.facts.Load()
	me := facts.user(f.actor.UserID)
	var signals []chat.Signal
	for _, s := range waiting {
		if s.Type != chat.SignalTranscript || facts.mayWatch(chat.ActMonitor, me, facts.conversation(s.ConversationID)).Allowed {
			signals = append(signals, s)
		}
	}
	if looks {
		signals = append(signals, f.watcherSignals(facts, me)...)
	}
	return signals
}

// watcherSignals returns what differs in who follows the user's own conversations from what was told.
func (f *Feed) watcherSignals(facts *facts, me *user) []chat.Signal {
	now := map[chat.ConversationID][]chat.UserID{}
	if facts.organisation.WatchingShown {
		for _, c := range f.h.watches.all(func(_ Actor, id chat.ConversationID) bool {
			c := facts.conversation(id)
			return slices.Contains(c.pair[:], me.id()) && facts.mayIn(chat.ActDeliver, me, facts.other(c, me), c, 0).Allowed
		}) {
			now[c.conversation] = append(now[c.conversation], c.actor.UserID)
		}
	}
	var signals []chat.Signal
	for id := range now {
		slices.Sort(now[id])
		now[id] = slices.Compact(now[id])
		if !slices.Equal(now[id], f.watchers[id]) {
			signals = append(signals, chat.Signal{Type: chat.SignalWatched, ConversationID: id, Watchers: now[id]})
		}
	}
	for id := range f.watchers {
		if now[id] == nil {
			signals = append(signals, chat.Signal{Type: chat.SignalWatched, ConversationID: id})
		}
	}
	f.watchers = now
	slices.SortFunc(signals, func(a, b chat.Signal) int { return compare(a.ConversationID, b.ConversationID) })
	return signals
}
