package replica

import (
	"encoding/json"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

const (
	// idleAfter is after how long without use a device counts as idle; a locked one does at once.
	idleAfter = 5 * time.Minute
	// usageEvery is how often the system is asked whether this computer is used.
	usageEvery = 15 * time.Second
)

// Usage is whether somebody is at this computer.
type Usage struct {
	// Idle is for how long nobody has used it.
	Idle time.Duration
	// Locked is true while nobody can without signing in to the computer again.
	Locked bool
}

// idling is what the replica knows of whether somebody is at this device. It belongs to the owner.
type idling struct {
	// bySystem is false as long as the system has not said; then what pages say counts.
	bySystem bool
	since    time.Time // zero while somebody is at it
}

// watchUsage asks the system again and again. The answer may take a while, so the owner does not wait for it.
func (r *Replica) watchUsage() {
	r.aside(func() {
		usage, err := r.Usage()
		r.do(func() {
			r.takeUsage(usage, err)
			r.after(usageEvery, r.watchUsage)
		})
	})
}

// takeUsage takes what the system says. When it says nothing, what the pages say counts.
func (r *Replica) takeUsage(usage Usage, err error) {
	if err != nil {
		if r.idling.bySystem {
			r.Log.Warn("this system does not say any more whether it is used; what the window sees counts", "error", err)
		}
		r.idling.bySystem = false
		return
	}
	r.idling.bySystem = true
	r.setIdle(usage.Locked || usage.Idle >= idleAfter, usage.Idle)
}

// setIdle notes whether somebody is at this device, and tells the hub when that changes.
func (r *Replica) setIdle(idle bool, already time.Duration) {
	if idle != r.idling.since.IsZero() {
		return
	}
	r.idling.since = time.Time{}
	if idle {
		r.idling.since = r.Clock.Now().Add(-max(already, 0))
	}
	r.tellIdle()
}

// tellIdle tells the hub. What cannot be told now is told with the next connection.
func (r *Replica) tellIdle() {
	if !r.online() {
		return
	}
	args := chat.IdleSetArgs{Idle: !r.idling.since.IsZero()}
	if args.Idle {
		args.ForMs = chat.Millis(r.Clock.Now().Sub(r.idling.since) / time.Millisecond)
	}
	r.session.link.Send(chat.IdleSet, r.encode(args), func(_ json.RawMessage, refusal *chat.Error) {
		if refusal != nil { // the connection is gone, or the server is older than this
			r.Log.Debug("the server was not told whether this device is idle", "error", refusal)
		}
	})
}

// pageIdle takes what a page says of its user. The system knows better, where it says anything.
func (r *Replica) pageIdle(p *page, q wire.Request) {
	var args chat.IdleSetArgs
	err := wire.DecodeArgs(q.Args, &args)
	if err == nil && (args.ForMs < 0 || !args.Idle && args.ForMs != 0) {
		err = chat.Invalid("a device is idle for a time, or it is in use")
	}
	if err == nil {
		p.idleSince = time.Time{}
		if args.Idle {
			p.idleSince = r.Clock.Now().Add(-time.Duration(args.ForMs) * time.Millisecond)
		}
		r.idleByPages()
	}
	finish(p, q, struct{}{}, err)
}

// idleByPages follows the pages: a device is idle when all of them are.
func (r *Replica) idleByPages() {
	if r.idling.bySystem || len(r.pages) == 0 {
		return
	}
	var last time.Time
	for _, p := range r.pages {
		if p.idleSince.IsZero() {
			r.setIdle(false, 0)
			return
		}
		if p.idleSince.After(last) {
			last = p.idleSince
		}
	}
	r.setIdle(true, r.Clock.Now().Sub(last))
}
