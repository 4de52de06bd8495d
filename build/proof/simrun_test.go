package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/hub"
)

// simSteps is how many things happen in one run before everything heals.
const simSteps = 200

// simRun lets one seed happen and returns what was violated.
func simRun(t testing.TB, seed uint64, m simMutant, trace *simTrace) []string {
	t.Helper()
	desks := []string{"ana", "max", "eve", "ana", "ben", "sue"}[:3+seed%2]
	w := newSimWorld(t, seed, m, trace, desks...)
	defer w.close()
	w.bringOnline()
	for range simSteps {
		w.step()
		if len(w.broken) > 0 {
			return w.broken
		}
	}
	w.heal()
	if len(w.broken) == 0 {
		w.check()
	}
	return w.broken
}

// bringOnline connects everybody, so that a run does not begin with waiting.
func (w *simWorld) bringOnline() {
	for _, d := range w.devices {
		d.dial()
		d.conn.arrive(w)
		for d.conn.poll(w) {
		}
		for len(d.conn.down) > 0 {
			d.receive()
		}
		d.look()
	}
}

// sum is a short word for all that happened.
func (t *simTrace) sum() uint64 {
	h := fnv.New64a()
	for _, line := range t.lines {
		_, _ = h.Write(append([]byte(line), '\n'))
	}
	return h.Sum64()
}

// simAction is something that can happen next. It tells whether it did: it may not fit.
type simAction struct {
	weight int
	do     func(w *simWorld) bool
}

var simActions = []simAction{
	{120, (*simWorld).somebodyWrites},
	{50, (*simWorld).somebodyActs},
	{250, (*simWorld).arrive},
	{150, (*simWorld).commit},
	{250, (*simWorld).tell},
	{300, (*simWorld).receive},
	{150, (*simWorld).handOver},
	{8, (*simWorld).cut},
	{15, (*simWorld).reap},
	{60, (*simWorld).redial},
	{15, (*simWorld).pass},
	{4, (*simWorld).crashDesk},
	{60, (*simWorld).startDesk},
	{3, (*simWorld).stopHub},
	{60, (*simWorld).startHub},
	{25, (*simWorld).administer},
	{60, (*simWorld).signInAgain},
}

var simWeight = func() (sum int) {
	for _, a := range simActions {
		sum += a.weight
	}
	return sum
}()

// step lets one thing happen.
func (w *simWorld) step() {
	for range 20 {
		n := w.rand.IntN(simWeight)
		for _, a := range simActions {
			if n -= a.weight; n >= 0 {
				continue
			}
			if a.do(w) {
				return
			}
			break
		}
	}
}

func (w *simWorld) device() *simDevice { return w.devices[w.rand.IntN(len(w.devices))] }

func (w *simWorld) someone() chat.UserID { return simUser(simCast[w.rand.IntN(len(simCast))].name) }

// somebodyWrites has somebody write a message.
func (w *simWorld) somebodyWrites() bool {
	d := w.device()
	to := w.someone()
	if d.r == nil || to == d.id {
		return false
	}
	in := &simIntent{d: d, conv: chat.DirectID(d.id, to), text: fmt.Sprintf("%s writes %d", d.dir, len(w.intents))}
	in.id = chat.MessageID(fmt.Sprintf("01900000-0000-7000-8000-%012d", len(w.intents)))
	w.trace.add(d.dir, "writes to", to, in.text)
	w.intents = append(w.intents, in)
	w.m.write(d, in)
	w.trace.add("  kept:", in.kept)
	return true
}

// ask has the page ask for a message to be posted.
func (d *simDevice) post(in *simIntent) {
	d.asks[d.asked+1] = in
	d.ask(chat.MessagePost, chat.MessagePostArgs{ID: in.id, ConversationID: in.conv, Text: in.text})
}

// somebodyActs has somebody do something else.
func (w *simWorld) somebodyActs() bool {
	d := w.device()
	if d.r == nil {
		return false
	}
	id := chat.DirectID(d.id, w.someone())
	what := w.rand.IntN(6)
	w.trace.add(d.dir, "does", what, id)
	switch what {
	case 0, 1:
		d.ask(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: w.rand.Int64N(12)})
	case 2:
		if other, _ := id.OtherThan(d.id); d.view.People[other].ID == "" {
			return false // a page offers nobody it does not know of
		}
		d.ask(chat.DraftSet, chat.DraftSetArgs{ConversationID: id, Text: []string{"", "begun", fmt.Sprint("draft ", w.rand.IntN(9))}[w.rand.IntN(3)]})
	case 3:
		d.ask(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: w.chance(70)})
	case 4:
		d.ask(chat.StatusSet, chat.StatusSetArgs{State: []chat.WorkState{chat.WorkAvailable, chat.WorkBreak}[w.rand.IntN(2)], Reason: "lunch"})
	case 5:
		d.ask(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: id, BeforeN: w.rand.Int64N(8), Limit: 1 + w.rand.IntN(5)})
	}
	return true
}

// conn returns one of the connections that fit.
func (w *simWorld) conn(fits func(*simConn) bool) *simConn {
	var found []*simConn
	for _, c := range w.conns {
		if fits(c) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found[w.rand.IntN(len(found))]
}

// arrive lets the hub take a request: or loses it, or lets it come once more later. Only posts and pings may be lost or
// doubled by themselves; for all else the connection keeps order, as TCP does.
func (w *simWorld) arrive() bool {
	c := w.conn(func(c *simConn) bool { return len(c.up) > 0 && w.hub != nil })
	if c == nil {
		return false
	}
	q := c.up[0]
	if q.Do == chat.MessagePost {
		switch n := w.rand.IntN(100); {
		case n < 3:
			w.trace.add(c.d.dir, "request", q.ID, "is lost")
			c.tainted = true
			c.up = c.up[1:]
			return true
		case n < 7:
			w.trace.add(c.d.dir, "request", q.ID, "is doubled")
			c.up = append(c.up, q)
		}
	}
	w.trace.add(c.d.dir, "request", q.ID, string(q.Do), string(q.Args), "arrives")
	c.arrive(w)
	return true
}

// commit has the hub execute some of what waits. Sometimes the disk fails, and sometimes feeds are asked in the moment
// between the commit and the telling.
func (w *simWorld) commit() bool {
	if w.hub == nil || w.hub.Stats().WriterQueue == 0 {
		return false
	}
	if w.chance(3) {
		w.store.fail = simFailure(1 + w.rand.IntN(2))
	}
	n := w.hub.Step(1+w.rand.IntN(4), func() {
		w.learn()
		for w.chance(50) {
			w.tell()
		}
	})
	w.trace.add("the hub takes", n, "commands")
	w.learn()
	w.m.committed(w)
	return true
}

// tell lets the hub tell somebody something.
func (w *simWorld) tell() (told bool) {
	c := w.conn(func(c *simConn) bool { return c.feed != nil })
	if c == nil {
		return false
	}
	for range 1 + w.rand.IntN(4) {
		if !c.poll(w) {
			break
		}
		told = true
	}
	return told
}

// receive lets a desktop take a frame: or loses it, doubles it, or lets the next one overtake it. Only frames of events,
// which show gaps, suffer that.
func (w *simWorld) receive() bool {
	d := w.device()
	if d.conn == nil || len(d.conn.down) == 0 {
		return false
	}
	down := d.conn.down
	if bytes.HasPrefix(down[0], []byte(`{"prev"`)) {
		n := w.rand.IntN(100)
		d.conn.tainted = d.conn.tainted || n < 10
		switch {
		case n < 5:
			w.trace.add(d.dir, "a frame is lost")
			d.conn.down = down[1:]
			return true
		case n < 7:
			w.trace.add(d.dir, "a frame is doubled")
			d.conn.down = append([][]byte{down[0]}, down...)
		case n < 10 && len(down) > 1 && bytes.HasPrefix(down[1], []byte(`{"prev"`)):
			w.trace.add(d.dir, "a frame is overtaken")
			down[0], down[1] = down[1], down[0]
		}
	}
	d.receive()
	d.look()
	return true
}

// handOver lets an answer reach the replica's owner.
func (w *simWorld) handOver() bool {
	d := w.device()
	if len(d.pending) == 0 {
		return false
	}
	d.handOver(w.rand.IntN(len(d.pending)))
	return true
}

func (d *simDevice) handOver(i int) {
	f := d.pending[i]
	d.pending = append(d.pending[:i:i], d.pending[i+1:]...)
	d.w.trace.add(d.dir, "is handed answer", i)
	f()
	d.look()
}

// cut breaks a connection: the desktop notices now, the hub perhaps later.
func (w *simWorld) cut() bool {
	d := w.device()
	c := d.conn
	if c == nil {
		return false
	}
	w.trace.add(d.dir, "is cut")
	d.lose()
	if w.chance(50) {
		c.up = nil
	}
	d.look()
	return true
}

// reap has the hub notice a connection that is dead, or drop one that is not.
func (w *simWorld) reap() bool {
	c := w.conn(func(c *simConn) bool { return c.left || w.chance(5) })
	if c == nil {
		return false
	}
	w.trace.add("the hub closes the connection of", c.d.dir)
	c.hang(w, hub.ErrClosed)
	return true
}

func (w *simWorld) redial() bool {
	d := w.device()
	if d.r == nil || d.link == nil || d.conn != nil || w.hub == nil && w.chance(80) {
		return false
	}
	w.trace.add(d.dir, "dials")
	d.dial()
	d.look()
	return true
}

// pass lets time pass, everywhere; sometimes a clock jumps.
func (w *simWorld) pass() bool {
	by := time.Duration(w.rand.IntN(8000)) * time.Millisecond
	if w.chance(10) {
		by = time.Duration(w.rand.IntN(10)) * 24 * time.Hour // a long absence: reply windows end
	}
	if w.chance(10) {
		w.clock = w.clock.Add(time.Duration(w.rand.IntN(7200)-3600) * time.Second)
	}
	if w.chance(15) {
		d := w.device()
		d.clock.now = d.clock.now.AddDate(w.rand.IntN(21)-10, 0, 0)
	}
	w.trace.add("time passes:", by)
	w.advance(by)
	return true
}

func (w *simWorld) advance(by time.Duration) {
	w.clock = w.clock.Add(by)
	for _, d := range w.devices {
		d.clock.advance(by)
		d.look()
	}
}

func (w *simWorld) crashDesk() bool {
	d := w.device()
	if d.r == nil {
		return false
	}
	w.trace.add(d.dir, "crashes")
	d.crash()
	return true
}

func (w *simWorld) startDesk() bool {
	d := w.device()
	if d.r != nil {
		return false
	}
	w.trace.add(d.dir, "starts")
	d.open()
	return true
}

func (w *simWorld) stopHub() bool {
	if w.hub == nil {
		return false
	}
	w.trace.add("the hub crashes")
	w.crashHub()
	return true
}

func (w *simWorld) startHub() bool {
	if w.hub != nil {
		return false
	}
	w.trace.add("the hub starts")
	w.openHub()
	return true
}

func (w *simWorld) signInAgain() bool {
	d := w.device()
	if d.r == nil || d.link != nil || w.hub == nil {
		return false
	}
	d.signIn()
	return true
}

// console has the administrator ask for something: it waits for the hub like everybody's commands.
func (w *simWorld) console(do chat.CommandName, args any) {
	w.trace.add("the administrator:", string(do), simJSON(args))
	w.adminReads()
	w.admin.Do(context.Background(), 1, do, json.RawMessage(simJSON(args)))
}

// adminReads lets ada read what she was told. Of interest is the organisation alone, whose revision an update must name.
func (w *simWorld) adminReads() {
	if w.admin == nil {
		w.admin = w.connectAdmin()
	}
	for range 100 {
		d, err := w.admin.Poll(context.Background())
		if d == nil || err != nil {
			return
		}
		if d.Reset != nil {
			w.organisation = d.Reset.Snapshot.Organisation
		}
		if d.Events == nil {
			continue
		}
		for _, raw := range d.Events.Events {
			var e chat.Event
			if err := json.Unmarshal(raw, &e); err != nil {
				w.t.Fatal(err)
			}
			if e.Type == chat.OrganisationChanged {
				w.organisation = *e.Organisation
			}
		}
	}
}

// connectAdmin connects ada, beside her desktop if she has one.
func (w *simWorld) connectAdmin() *hub.Feed {
	w.store.fail = simSound
	in, err := w.hub.SignIn(context.Background(), hub.SignInArgs{Name: "ada", Password: simPassword})
	if err != nil {
		w.t.Fatal(err)
	}
	feed, err := w.hub.Connect(context.Background(), hub.Actor{UserID: in.UserID, SessionID: in.SessionID}, 1,
		chat.HelloArgs{Protocol: chat.ProtocolVersion, Device: chat.Device{ID: "ada", Kind: chat.DeviceBrowser, Name: "administration"}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.learn()
	return feed
}

// administer changes the rules, often several times in a row.
func (w *simWorld) administer() bool {
	if w.hub == nil || !w.change() {
		return false
	}
	for w.chance(50) && w.change() {
	}
	return true
}

// change changes one rule.
func (w *simWorld) change() bool {
	if w.chance(4) {
		w.store.fail = simFailure(1 + w.rand.IntN(2))
	}
	id := w.someone()
	if id == simUser("ada") {
		return false
	}
	u := w.people[id]
	update := chat.UserUpdateArgs{UserID: id, Revision: u.Revision}
	switch w.rand.IntN(12) {
	case 0, 1, 2, 3:
		group := []string{"North", "South"}[w.rand.IntN(2)]
		update.Group = &group
		w.console(chat.UserUpdate, update)
	case 4:
		active := !u.User.Active || w.chance(50)
		update.Active = &active
		w.console(chat.UserUpdate, update)
	case 5:
		role := []chat.Role{chat.RoleAgent, chat.RoleExpert, chat.RoleSupervisor}[w.rand.IntN(3)]
		update.Role = &role
		w.console(chat.UserUpdate, update)
	case 6:
		title := fmt.Sprint("title ", w.rand.IntN(5))
		update.Title = &title
		w.console(chat.UserUpdate, update)
	case 7, 8, 9:
		s := chat.MessagingSettings{Replies: w.chance(70), Start: w.chance(70), Scope: chat.StartEveryone, Targets: []string{}}
		if w.chance(30) {
			s.Scope, s.Targets = chat.StartUsers, []string{string(w.someone()), string(w.someone())}
		}
		w.console(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: id, Revision: u.Revision, Settings: s, ApplyNow: w.chance(70)})
	default:
		w.adminReads()
		w.console(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: chat.Organisation{Name: "Parley", Messaging: w.chance(80),
			Mode:          []chat.MessagingMode{chat.ModeEveryone, chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart}[w.rand.IntN(4)],
			ReplyWindowMs: []chat.Millis{chat.DefaultReplyWindowMs, 3600_000}[w.rand.IntN(2)], Revision: w.organisation.Revision}})
	}
	return true
}

// simQuiet is how much time must pass without anything happening until all is quiet: longer than every wait there is.
const simQuiet = 45 * time.Second

// heal ends all faults and lets everything happen that can, in any order, until all is quiet.
func (w *simWorld) heal() {
	w.trace.add("everything heals")
	if w.hub == nil {
		w.openHub()
	}
	w.store.fail = simSound
	// Of a connection that has lost something each end must notice; the others may go on.
	begin := w.chance(50)
	for _, c := range slices.Clone(w.conns) {
		if begin || c.tainted || c.left {
			c.d.lose()
			c.hang(w, hub.ErrClosed)
		}
	}
	for _, d := range w.devices {
		if d.r == nil {
			d.open()
		}
	}
	for w.hub.Step(64, nil) > 0 {
	}
	w.learn()
	for _, m := range simCast {
		if u := w.people[simUser(m.name)]; !u.User.Active {
			active := true
			_, err := w.hub.Do(context.Background(), hub.Console, chat.UserUpdate, chat.UserUpdateArgs{UserID: u.User.ID, Revision: u.Revision, Active: &active})
			if err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.learn()
	quiet := time.Duration(0)
	for range 20_000 {
		next := w.possible()
		switch {
		case len(w.broken) > 0:
			return
		case len(next) > 0:
			quiet = 0
			next[w.rand.IntN(len(next))]()
		case quiet > simQuiet:
			return
		default:
			quiet += 5 * time.Second
			w.advance(5 * time.Second)
		}
	}
	w.violate("things go on happening without an end")
}

// possible lists what can happen by itself when nothing fails.
func (w *simWorld) possible() (next []func()) {
	can := func(ok bool, f func()) {
		if ok {
			next = append(next, f)
		}
	}
	for _, c := range slices.Clone(w.conns) {
		can(len(c.up) > 0, func() { c.arrive(w) })
		if c.poll(w) { // whether there is something to tell shows when it is asked for
			can(true, func() {})
		}
	}
	can(w.hub.Step(4, w.learn) > 0, func() { w.m.committed(w) })
	for _, d := range w.devices {
		can(d.r != nil && d.link == nil && w.people[d.id].User.Active, d.signIn)
		can(d.link != nil && d.conn == nil, func() { d.dial(); d.look() })
		can(d.conn != nil && len(d.conn.down) > 0, func() { d.receive(); d.look() })
		for i := range d.pending {
			can(true, func() { d.handOver(i) })
		}
	}
	return next
}
