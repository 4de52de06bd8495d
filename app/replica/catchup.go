package replica

import "parley/backend/chat"

// catchUpShown is how many missed messages there must be for pages to be told how far it is.
const catchUpShown = 1_000

// catching is how far this connection is with what was missed before it: until the hub tells who is present, which it does when
// nothing is missing any more.
type catching struct {
	active bool
	missed int
	fromAt chat.Millis // of the first that was missed
	told   *chat.CatchUp
}

// catchUp takes account of messages the hub told.
func (r *Replica) catchUp(posted []chat.Message) {
	c := &r.catching
	if !c.active || len(posted) == 0 {
		return
	}
	if c.missed == 0 {
		c.fromAt = posted[0].At
	}
	if c.missed += len(posted); c.missed < catchUpShown {
		return
	}
	at, hubNow := posted[len(posted)-1].At, r.now()+chat.Millis(r.serverLag.Milliseconds())
	c.told = &chat.CatchUp{FromAt: c.fromAt, At: at, ToAt: max(at, hubNow)}
	r.tellLink()
}

// caughtUp ends it, at the hub's word or with the connection.
func (r *Replica) caughtUp() {
	told := r.catching.told
	r.catching = catching{}
	if told != nil {
		r.tellLink()
	}
}
