package hub

import (
	"context"
	"reflect"

	"parley/backend/chat"
)

// updateAttention changes how the asker wants to be disturbed, on all of their devices. What it was already is told to nobody.
func updateAttention(b *batch, me *user, by Actor, args chat.AttentionUpdateArgs) (any, error) {
	attention, err := me.row.Attention.Apply(args)
	if err != nil {
		return nil, err
	}
	if reflect.DeepEqual(attention, me.row.Attention) {
		return none{}, nil
	}
	next := *me
	next.row.Attention = attention
	b.setUser(&next)
	b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(&next)}, entry{user: me.id()}, by)
	return none{}, nil
}

// muteConversation says whether a conversation that has begun disturbs the asker. Nobody else is told.
func muteConversation(b *batch, me *user, by Actor, args chat.ConversationMuteArgs) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if r.c == nil {
		return none{}, nil
	}
	mine, _ := r.c.place(me.id())
	if mine.muted == args.Muted {
		return none{}, nil
	}
	mine.muted = args.Muted
	b.setConversation(r.c.withPlace(mine), me.id())
	b.log(chat.Event{Type: chat.ConversationMuted, Mute: &args}, r.about(entry{user: me.id()}), by)
	return none{}, nil
}

// use is whether somebody is at a device, as far as it is told.
type use struct {
	// idleSince is since when nobody has been; zero while somebody is.
	idleSince chat.Millis
	// takenUp is when somebody came to it last: when it connected, or was no longer idle.
	takenUp chat.Millis
}

// maxIdle bounds how long a device says that it was idle already.
const maxIdle chat.Millis = 30 * 24 * 3600 * 1000

// setIdle notes whether somebody is at the device that asks: evidence of presence, and which device disturbs first.
func setIdle(_ context.Context, c *call, args chat.IdleSetArgs) (any, error) {
	if args.ForMs < 0 || !args.Idle && args.ForMs != 0 {
		return nil, chat.Invalid("a device is idle for a time, or it is in use")
	}
	if c.feed == nil {
		return none{}, nil
	}
	since := chat.Millis(0)
	if args.Idle {
		since = c.now - min(args.ForMs, maxIdle)
	}
	if c.h.feeds.note(c.feed, since, c.now) {
		c.h.rank(c.me.id())
		c.h.presenceChanged(c.me.id())
	}
	return none{}, nil
}

// rank finds anew which of a user's connections is foremost.
func (h *Hub) rank(id chat.UserID) {
	h.feeds.rank(id, (*Feed).setForemost)
	h.pushes.touch(id)
}

// setForemost notes whether the feed's device is to disturb before its user's others. Its client is told when that differs from what
// it was told last.
func (f *Feed) setForemost(foremost bool) {
	f.mu.Lock()
	changed := f.second == foremost
	f.second = !foremost
	f.mu.Unlock()
	if changed {
		f.ring()
	}
}

// foremostSignal returns what is to be told of being foremost; nothing if that was told.
func (f *Feed) foremostSignal() []chat.Signal {
	f.mu.Lock()
	second := f.second
	f.mu.Unlock()
	if second == f.toldSecond {
		return nil
	}
	f.toldSecond = second
	return []chat.Signal{{Type: chat.SignalForemost, Foremost: !second}}
}

// note keeps since when nobody has been at a feed's device, zero if somebody is, and tells whether that changed anything. A
// device that stays idle keeps the time it named first.
func (r *registry) note(f *Feed, idleSince, now chat.Millis) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if (f.use.idleSince == 0) == (idleSince == 0) {
		return false
	}
	f.use.idleSince = idleSince
	if idleSince == 0 {
		f.use.takenUp = now
	}
	return true
}

// rank finds the foremost of a user's feeds, and tells each whether it is. tell must not block, nor call the registry.
func (r *registry) rank(id chat.UserID, tell func(f *Feed, foremost bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var first *Feed
	for _, f := range r.users[id] {
		if first == nil || f.use.before(first.use) {
			first = f
		}
	}
	for _, f := range r.users[id] {
		tell(f, f == first)
	}
}

// before tells whether the device of u is to disturb before another one, which was connected no later: one that is in use, and
// of those the one that was taken up last; else the one that was used last.
func (u use) before(other use) bool {
	if idle := u.idleSince != 0; idle != (other.idleSince != 0) {
		return !idle
	}
	if u.idleSince != other.idleSince {
		return u.idleSince > other.idleSince
	}
	return u.takenUp >= other.takenUp
}

// idleSince returns since when nobody has been at any connection of a session; zero while somebody is.
func (r *registry) idleSince(a Actor) chat.Millis {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var since chat.Millis
	for _, f := range r.users[a.UserID] {
		if f.actor != a {
			continue
		}
		if f.use.idleSince == 0 {
			return 0
		}
		since = max(since, f.use.idleSince)
	}
	return since
}
