package proof

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/store"
	"parley/backend/wire"
)

// keyless is a hub that does not know a repeat, or (with a limit in milliseconds) only one that is not older.
type keyless struct {
	simReal
	limit chat.Millis
	seen  map[chat.MessageID]bool
	fresh int
}

type keylessStore struct {
	*simStore
	m *keyless
}

func (k *keyless) store(s *simStore) hub.Store {
	if k.seen == nil {
		k.seen = map[chat.MessageID]bool{}
	}
	return keylessStore{s, k}
}

// Posted implements hub.Store.
func (s keylessStore) Posted(ids []chat.MessageID) (map[chat.MessageID]store.Posted, error) {
	found, err := s.simStore.Posted(ids)
	for id, p := range found {
		if p.At <= s.w.now()-s.m.limit {
			delete(found, id)
		}
	}
	return found, err
}

// Commit implements hub.Store: what was posted before is stored once more, under another key.
func (s keylessStore) Commit(c *store.Changes) error {
	for i := range c.Messages {
		if id := c.Messages[i].ID; s.m.seen[id] {
			s.m.fresh++
			c.Messages[i].ID = chat.MessageID(fmt.Sprintf("01a00000-0000-7000-8000-%012d", s.m.fresh))
		}
		s.m.seen[c.Messages[i].ID] = true
	}
	return s.simStore.Commit(c)
}

// early is a hub that answers first and commits a little later.
type early struct {
	simReal
	waiting []*store.Changes
}

type earlyStore struct {
	*simStore
	m *early
}

func (e *early) store(s *simStore) hub.Store {
	e.waiting = nil
	return earlyStore{s, e}
}

func (e *early) committed(w *simWorld) {
	if w.chance(30) {
		earlyStore{w.store, e}.flush()
	}
}

func (e *early) crashed(*simWorld) { e.waiting = nil }

// Commit implements hub.Store.
func (s earlyStore) Commit(c *store.Changes) error {
	s.w.stale = true
	s.m.waiting = append(s.m.waiting, c)
	return nil
}

func (s earlyStore) flush() {
	waiting := s.m.waiting
	s.m.waiting = nil
	for _, c := range waiting {
		if err := s.Store.Commit(c); err != nil {
			s.w.t.Fatal(err)
		}
	}
}

// Posted implements hub.Store, and so do the others below: the hub reads what it has written.
func (s earlyStore) Posted(ids []chat.MessageID) (map[chat.MessageID]store.Posted, error) {
	s.flush()
	return s.simStore.Posted(ids)
}

func (s earlyStore) MessagesBefore(ctx context.Context, c store.ConversationKey, n int64, limit int) ([]store.Message, error) {
	s.flush()
	return s.simStore.MessagesBefore(ctx, c, n, limit)
}

func (s earlyStore) MessagesAfter(ctx context.Context, c store.ConversationKey, n int64, limit int) ([]store.Message, error) {
	s.flush()
	return s.simStore.MessagesAfter(ctx, c, n, limit)
}

func (s earlyStore) EventsAfter(ctx context.Context, a store.Audience, seq int64, limit int) ([]store.Event, error) {
	s.flush()
	return s.simStore.EventsAfter(ctx, a, seq, limit)
}

func (s earlyStore) LastNAt(ctx context.Context, c store.ConversationKey, seq int64) (int64, error) {
	s.flush()
	return s.simStore.LastNAt(ctx, c, seq)
}

func (s earlyStore) Drafts(ctx context.Context, u store.UserKey) ([]chat.Draft, error) {
	s.flush()
	return s.simStore.Drafts(ctx, u)
}

func (s earlyStore) Load(ctx context.Context) (*store.State, error) {
	s.flush()
	return s.simStore.Load(ctx)
}

// lazyDisk is a disk that is synced with every fifth commit only, and loses what was not when the power is cut.
type lazyDisk struct {
	simReal
	commits int
	synced  map[string][]byte
}

type lazyStore struct {
	*simStore
	m *lazyDisk
}

func (l *lazyDisk) store(s *simStore) hub.Store {
	l.sync(s.w)
	return lazyStore{s, l}
}

var hubFiles = []string{"hub.db", "hub.db-wal"}

func (l *lazyDisk) sync(w *simWorld) {
	l.synced = map[string][]byte{}
	for _, name := range hubFiles {
		data, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.t.Fatal(err)
		}
		l.synced[name] = data
	}
}

// Commit implements hub.Store.
func (s lazyStore) Commit(c *store.Changes) error {
	err := s.simStore.Commit(c)
	if s.m.commits++; s.m.commits%5 == 0 {
		s.m.sync(s.w)
	}
	return err
}

func (l *lazyDisk) crashed(w *simWorld) {
	for _, name := range hubFiles {
		w.write(name, l.synced[name])
	}
}

// unchecked is a hub that pushes what is committed to every participant without asking whether they may still know of it.
type unchecked struct{ simReal }

func (unchecked) committed(w *simWorld) {
	w.push(func(*simConn, chat.UserID) bool { return true })
}

// subscribed is a hub that asks only when a client connects.
type subscribed struct {
	simReal
	known map[*simConn][]chat.UserID
}

func (s *subscribed) connected(w *simWorld, c *simConn) {
	if s.known == nil {
		s.known = map[*simConn][]chat.UserID{}
	}
	for id := range w.people {
		if w.knows(c.actor.UserID, id) {
			s.known[c] = append(s.known[c], id)
		}
	}
}

func (s *subscribed) committed(w *simWorld) {
	w.push(func(c *simConn, other chat.UserID) bool { return slices.Contains(s.known[c], other) })
}

// push tells what was committed last to those who, by the mutant's rule, may know of the other side although they may not.
func (w *simWorld) push(may func(*simConn, chat.UserID) bool) {
	last := w.store.last
	w.store.last = nil
	if last == nil {
		return
	}
	for _, c := range w.conns {
		me := c.actor.UserID
		for _, e := range last.Events {
			if c.feed != nil && e.Audience == store.Directory && !w.knows(me, chat.UserID(e.Subject)) && may(c, chat.UserID(e.Subject)) {
				w.pushEvent(c, e.Body)
			}
		}
		for i := range last.Messages {
			m := &last.Messages[i]
			author, id := chat.UserID(""), chat.ConversationID("")
			for _, in := range w.intents {
				if in.id == m.ID {
					author, id = in.d.id, in.conv
				}
			}
			other, in := id.OtherThan(me)
			if c.feed == nil || !in || w.knows(me, other) || !may(c, other) {
				continue
			}
			w.pushEvent(c, []byte(simJSON(chat.Event{Type: chat.MessagePosted, Message: &chat.Message{ID: m.ID, ConversationID: id, N: m.N,
				AuthorID: author, At: m.At, Text: m.Text}})))
		}
	}
}

func (w *simWorld) pushEvent(c *simConn, body []byte) {
	f := wire.Frame{Prev: "pushed", Cursor: "pushed", Events: []json.RawMessage{body}}
	w.allowed(c, &f)
	w.send(c, &f)
}

// cursorFirst is a replica that saves the cursor and, some time later, the rows.
type cursorFirst struct {
	simReal
	rows map[*simDevice]func() error
}

func (c *cursorFirst) take(d *simDevice, f *wire.Frame) error {
	if c.rows == nil {
		c.rows = map[*simDevice]func() error{}
	}
	if err := c.flush(d); err != nil || !f.MovesCursor() || len(f.Events) == 0 {
		return errors.Join(err, d.link.handler.TakeFrame(f))
	}
	handler, later := d.link.handler, *f
	later.Prev = f.Cursor
	if err := handler.TakeFrame(&wire.Frame{Prev: f.Prev, Cursor: f.Cursor}); err != nil {
		return err
	}
	c.rows[d] = func() error { return handler.TakeFrame(&later) }
	d.later(func() {
		if err := c.flush(d); err != nil && d.conn != nil {
			d.lose()
		}
	})
	return nil
}

func (c *cursorFirst) flush(d *simDevice) error {
	write := c.rows[d]
	delete(c.rows, d)
	if write == nil {
		return nil
	}
	return write()
}

// gapless is a client that does not look at prev.
type gapless struct{ simReal }

func (gapless) follow(c *simConn, f *wire.Frame) error {
	c.at = f.Cursor
	return nil
}

// forgetful is a replica that removes a message from its outbox when it sends it.
type forgetful struct{ simReal }

func (forgetful) send(d *simDevice, do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	if do == chat.MessagePost {
		var post chat.MessagePostArgs
		d.sql(func(db *sql.DB) error {
			return errors.Join(json.Unmarshal(args, &post), execOne(db, "DELETE FROM outbox WHERE message_id = $1", string(post.ID)))
		})
	}
	d.conn.request(do, args, done)
}

func execOne(db *sql.DB, query string, args ...any) error {
	_, err := db.Exec(query, args...)
	return err
}

// sql does something to the device's own file behind the replica's back.
func (d *simDevice) sql(do func(db *sql.DB) error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.w.dir, d.dir, "cache.db"))
	if err == nil {
		err = errors.Join(do(db), db.Close())
	}
	if err != nil {
		d.w.t.Fatal(err)
	}
}

// rekeying is a replica that gives a message another key when it sends it again.
type rekeying struct {
	simReal
	sent map[chat.MessageID]int
	keys int
}

func (r *rekeying) send(d *simDevice, do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	var post chat.MessagePostArgs
	if do == chat.MessagePost && json.Unmarshal(args, &post) == nil {
		if r.sent[post.ID]++; r.sent[post.ID] > 1 {
			r.keys++
			post.ID = chat.MessageID(fmt.Sprintf("01b00000-0000-7000-8000-%012d", r.keys))
			args = json.RawMessage(simJSON(post))
		}
	}
	d.conn.request(do, args, done)
}

// several is a replica that does not wait for an answer before it sends the next messages of a conversation.
type several struct{ simReal }

func (several) send(d *simDevice, do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	d.conn.request(do, args, done)
	var post chat.MessagePostArgs
	if do != chat.MessagePost || json.Unmarshal(args, &post) != nil {
		return
	}
	d.sql(func(db *sql.DB) error {
		rows, err := db.Query(`SELECT message_id, text FROM outbox WHERE conversation_id = $1 AND state = 'waiting'
			AND outbox_order > (SELECT outbox_order FROM outbox WHERE message_id = $2) ORDER BY outbox_order LIMIT 2`,
			string(post.ConversationID), string(post.ID))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			next := chat.MessagePostArgs{ConversationID: post.ConversationID}
			if err := rows.Scan(&next.ID, &next.Text); err != nil {
				return err
			}
			d.conn.request(do, json.RawMessage(simJSON(next)), func(json.RawMessage, *chat.Error) {})
		}
		return rows.Err()
	})
}

// hasty is a replica that tells its page that a message waits before it has written it down.
type hasty struct{ simReal }

func (hasty) write(d *simDevice, in *simIntent) {
	in.kept = d.link != nil
	page := d.page
	d.later(func() {
		if d.page == page {
			d.post(in)
		}
	})
}

// arrival is a page that shows messages in the order in which it met them, its own when they are written.
type arrival struct {
	simReal
	met map[*simDevice]map[chat.ConversationID][]string
}

func (a *arrival) meet(d *simDevice, id chat.ConversationID, text string) {
	if a.met == nil {
		a.met = map[*simDevice]map[chat.ConversationID][]string{}
	}
	if a.met[d] == nil {
		a.met[d] = map[chat.ConversationID][]string{}
	}
	if !slices.Contains(a.met[d][id], text) {
		a.met[d][id] = append(a.met[d][id], text)
	}
}

func (a *arrival) write(d *simDevice, in *simIntent) {
	a.meet(d, in.conv, in.text)
	d.post(in)
}

func (a *arrival) take(d *simDevice, f *wire.Frame) error {
	events, err := f.DecodeEvents()
	for i := range events {
		if m := events[i].Message; m != nil {
			a.meet(d, m.ConversationID, m.Text)
		}
	}
	return errors.Join(err, d.link.handler.TakeFrame(f))
}

func (a *arrival) shown(d *simDevice, id chat.ConversationID, told []chat.Message) []chat.Message {
	for i := range told {
		a.meet(d, id, told[i].Text)
	}
	var shown []chat.Message
	for _, text := range a.met[d][id] {
		if i := slices.IndexFunc(told, func(m chat.Message) bool { return m.Text == text }); i >= 0 {
			m := told[i]
			m.N = told[0].N + int64(len(shown))
			shown = append(shown, m)
		}
	}
	return shown
}

// hoarding is a replica that keeps what its user may no longer know of.
type hoarding struct{ simReal }

func (hoarding) take(d *simDevice, f *wire.Frame) error {
	if f.Rights != nil {
		rights := *f.Rights
		rights.PeopleLost, rights.ConversationsLost = nil, nil
		f.Rights = &rights
	}
	return d.link.handler.TakeFrame(f)
}

var _ link.Clock = (*simClock)(nil)
