package proof

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// simLink is what package link is in the real world, without its timers: the scheduler says when it dials and what of its
// connection arrives. As there, an answer is handed over some time after it has arrived, not in step with the frames, and a
// request whose connection broke fails some time later with ErrLost, perhaps when there is another connection already.
type simLink struct {
	d       *simDevice
	handler link.Handler
	token   string
	ended   func(error)
}

// Retry implements replica.Link. The scheduler dials when it likes.
func (l *simLink) Retry() {}

// Send implements replica.Link.
func (l *simLink) Send(do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	d := l.d
	if d.link != l || d.conn == nil || !d.conn.online {
		d.later(func() { done(nil, link.ErrOffline) })
		return
	}
	d.w.m.send(d, do, args, done)
}

// later keeps something that a goroutine of the link would do some time.
func (d *simDevice) later(f func()) { d.pending = append(d.pending, f) }

// simConn is one connection: frames in flight both ways. Each end notices by itself that it is over.
type simConn struct {
	d     *simDevice
	actor hub.Actor
	feed  *hub.Feed // nil before hello and after the hub's end has closed

	up     []wire.Request // to the hub
	down   [][]byte       // to the desktop; nil: the connection is over
	online bool           // hello was answered
	left   bool           // the desktop's end is gone
	// tainted is set when something was lost by itself, so that only a new connection makes all well.
	tainted bool
	over    error // why the hub ended it, told with the nil in down
	at      chat.Cursor
	next    int64
	waits   map[int64]func(json.RawMessage, *chat.Error)
	posts   map[int64]chat.MessageID // which message a request posts
}

// dial is a try to connect.
func (d *simDevice) dial() {
	l := d.link
	l.handler.LinkChanged(link.State{State: chat.LinkConnecting, SinceAt: d.clock.Now()})
	if d.w.hub == nil {
		d.offline(errors.New("nobody listens"))
		return
	}
	actor, err := d.w.hub.Authenticate(l.token)
	if err != nil {
		d.endSession()
		return
	}
	c := &simConn{d: d, actor: actor, at: l.handler.Cursor(), waits: map[int64]func(json.RawMessage, *chat.Error){},
		posts: map[int64]chat.MessageID{}}
	hello := chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: c.at, Device: chat.Device{ID: chat.DeviceID(d.dir), Kind: chat.DeviceDesktop, Name: "sim"}}
	c.next = 1
	c.up = []wire.Request{{ID: 1, Do: chat.Hello, Args: json.RawMessage(simJSON(hello))}}
	d.conn = c
	d.w.conns = append(d.w.conns, c)
}

func (d *simDevice) offline(cause error) {
	if l := d.link; l != nil {
		l.handler.LinkChanged(link.State{State: chat.LinkOffline, SinceAt: d.clock.Now(), NextTryAt: d.clock.Now(), Cause: cause})
	}
}

// endSession tells the replica that its session is over.
func (d *simDevice) endSession() {
	l := d.link
	d.offline(link.ErrSignedOut)
	d.link = nil
	l.ended(link.ErrSignedOut)
}

// lose is what happens at the desktop's end when the connection is gone.
func (d *simDevice) lose() {
	c := d.conn
	if c == nil {
		return
	}
	d.conn, c.left = nil, true
	for _, id := range slices.Sorted(maps.Keys(c.waits)) {
		done := c.waits[id]
		d.later(func() { done(nil, link.ErrLost) })
	}
	d.offline(errors.New("connection lost"))
}

func (c *simConn) request(do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	c.next++
	c.waits[c.next] = done
	c.up = append(c.up, wire.Request{ID: c.next, Do: do, Args: args})
}

// arrive has the hub take the first request in flight.
func (c *simConn) arrive(w *simWorld) {
	q := c.up[0]
	c.up = c.up[1:]
	if q.Do != chat.Hello {
		if c.feed != nil {
			var post chat.MessagePostArgs
			if q.Do == chat.MessagePost && json.Unmarshal(q.Args, &post) == nil {
				c.posts[q.ID] = post.ID
			}
			c.feed.Do(context.Background(), q.ID, q.Do, q.Args)
		}
		return
	}
	var args chat.HelloArgs
	if err := json.Unmarshal(q.Args, &args); err != nil {
		w.t.Fatal(err)
	}
	feed, err := w.hub.Connect(context.Background(), c.actor, q.ID, args)
	if err != nil {
		c.hang(w, hub.ErrSignedOut)
		return
	}
	c.feed = feed
	w.m.connected(w, c)
}

// poll lets the hub tell the next thing, and checks that it may.
func (c *simConn) poll(w *simWorld) bool {
	if c.feed == nil {
		return false
	}
	delivery, err := c.feed.Poll(context.Background())
	switch {
	case err != nil:
		c.hang(w, err)
		return true
	case delivery == nil:
		return false
	}
	f := simFrame(delivery)
	w.allowed(c, &f)
	w.send(c, &f)
	return true
}

// send puts a frame on its way to the desktop.
func (w *simWorld) send(c *simConn, f *wire.Frame) {
	raw := []byte(simJSON(f))
	w.trace.frame("hub to "+c.d.dir, raw)
	c.down = append(c.down, raw)
}

// hang closes the hub's end.
func (c *simConn) hang(w *simWorld, why error) {
	if c.feed != nil {
		c.feed.Close()
		c.feed = nil
	}
	c.over = why
	c.down = append(c.down, nil)
	w.conns = slices.DeleteFunc(w.conns, func(o *simConn) bool { return o == c })
}

// simFrame is a delivery as the server makes a frame of it.
func simFrame(d *hub.Delivery) wire.Frame {
	f := wire.Frame{Rights: d.Rights, Signals: d.Signals}
	switch {
	case d.Answer != nil:
		f.Re, f.OK, f.Error = d.Answer.Re, d.Answer.OK, d.Answer.Err
	case d.Events != nil:
		f.Prev, f.Cursor = d.Events.Prev, d.Events.Cursor
		for _, e := range d.Events.Events {
			f.Events = append(f.Events, e)
		}
	case d.Reset != nil:
		f.Reset = &wire.Reset{Reason: d.Reset.Reason, Cursor: d.Reset.Cursor, Snapshot: d.Reset.Snapshot}
	}
	return f
}

// receive has the desktop take the first frame in flight.
func (d *simDevice) receive() {
	c := d.conn
	raw := c.down[0]
	c.down = c.down[1:]
	if raw == nil {
		d.lose()
		if errors.Is(c.over, hub.ErrSignedOut) {
			d.endSession()
		}
		return
	}
	f, err := wire.DecodeFrame(raw)
	if err != nil {
		d.w.t.Fatal(err)
	}
	switch {
	case f.Re == 1:
		var hello chat.HelloAnswer
		if f.Error != nil || json.Unmarshal(f.OK, &hello) != nil {
			d.w.t.Fatalf("hello is answered %s", raw)
		}
		c.online = true
		d.link.handler.LinkChanged(link.State{State: chat.LinkOnline, SinceAt: d.clock.Now(), Hello: &hello})
		return
	case f.Re != 0:
		done := c.waits[f.Re]
		delete(c.waits, f.Re)
		if done != nil {
			d.later(func() { done(f.OK, f.Error) })
		}
		return
	}
	if err = d.w.m.follow(c, &f); err == nil {
		d.lost(&f)
		err = d.w.m.take(d, &f)
	}
	if err != nil {
		d.w.trace.add(d.dir, "hangs up:", err.Error())
		d.lose()
	}
}

// lost notes what the writer of messages must not expect to be kept: conversations that were taken away.
func (d *simDevice) lost(f *wire.Frame) {
	if f.Rights == nil {
		return
	}
	for _, in := range d.w.intents {
		if in.d == d && slices.Contains(f.Rights.ConversationsLost, in.conv) {
			in.loose = true
		}
	}
}
