package hub

import (
	"sync"

	"parley/backend/chat"
	"parley/backend/presence"
)

// registry knows the feeds that are connected.
type registry struct {
	mu    sync.RWMutex
	users map[chat.UserID][]*Feed
	total int
}

func (r *registry) add(f *Feed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == nil {
		r.users = map[chat.UserID][]*Feed{}
	}
	id := f.actor.UserID
	r.users[id] = append(r.users[id][:len(r.users[id]):len(r.users[id])], f)
	r.total++
}

// remove takes f away and tells whether it was there.
func (r *registry) remove(f *Feed) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := f.actor.UserID
	for i, g := range r.users[id] {
		if g != f {
			continue
		}
		if len(r.users[id]) == 1 {
			delete(r.users, id)
		} else {
			kept := append([]*Feed(nil), r.users[id][:i]...)
			r.users[id] = append(kept, r.users[id][i+1:]...)
		}
		r.total--
		return true
	}
	return false
}

// of calls do for each feed of the user. do must not block, nor call the registry.
func (r *registry) of(id chat.UserID, do func(*Feed)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, f := range r.users[id] {
		do(f)
	}
}

// each calls do for each feed. do must not block, nor call the registry.
func (r *registry) each(do func(*Feed)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, feeds := range r.users {
		for _, f := range feeds {
			do(f)
		}
	}
}

func (r *registry) count() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.total
}

// live tells whether the session has a feed.
func (r *registry) live(a Actor) bool {
	found := false
	r.of(a.UserID, func(f *Feed) { found = found || f.actor.SessionID == a.SessionID })
	return found
}

// devices returns the live devices of a user.
func (r *registry) devices(id chat.UserID) []presence.Device {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var devices []presence.Device
	for _, f := range r.users[id] {
		devices = append(devices, presence.Device{Kind: f.device.Kind, SinceAt: f.since, IdleSinceAt: f.use.idleSince})
	}
	return devices
}
