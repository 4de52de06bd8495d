package store

import (
	"context"
	"crypto/ecdh"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"parley/backend/chat"
)

// writer is the one connection that writes. Its calls take no context that can end: a transaction is never given up half
// way, and SQLite's driver would start a goroutine for each call.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func openWriter(ctx context.Context, path string, maxPages int64) (*writer, error) {
	pragmas := writing
	if maxPages > 0 {
		pragmas = append(pragmas[:len(pragmas):len(pragmas)], fmt.Sprintf("max_page_count(%d)", maxPages))
	}
	db, err := sql.Open("sqlite", source(path, pragmas...))
	if err != nil {
		return nil, fmt.Errorf("open for writing: %w", err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open for writing: %w", err), db.Close())
	}
	return &writer{db: db, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

func (w *writer) checkpoint(ctx context.Context) error {
	var busy, log, done int
	if err := w.conn.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		return fmt.Errorf("move the WAL into the database: %w", err)
	}
	if busy != 0 {
		return errors.New("move the WAL into the database: a reader is in the way")
	}
	return nil
}

// begin makes the log if there is none, and another epoch if the database was opened from a backup.
func (w *writer) begin(ctx context.Context, o Options) error {
	var epoch []byte
	err := w.conn.QueryRowContext(ctx, "SELECT epoch FROM log").Scan(&epoch)
	if err == nil && len(epoch) > 0 {
		return w.ownPushKey(ctx, o)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the log's epoch: %w", err)
	}
	fresh := make([]byte, 16+32)
	if _, err := io.ReadFull(o.Rand, fresh); err != nil {
		return fmt.Errorf("begin the log: %w", err)
	}
	_, err = w.conn.ExecContext(ctx, `INSERT INTO log (log_id, epoch, secret, floor, created_at) VALUES (1, $1, $2, 0, $3)
		ON CONFLICT (log_id) DO UPDATE SET epoch = excluded.epoch, secret = excluded.secret`, fresh[:16], fresh[16:], int64(o.Now))
	if err != nil {
		return fmt.Errorf("begin the log: %w", err)
	}
	return w.ownPushKey(ctx, o)
}

// ownPushKey makes the key by which push services know this server, if it has none yet.
func (w *writer) ownPushKey(ctx context.Context, o Options) error {
	var key []byte
	if err := w.conn.QueryRowContext(ctx, "SELECT push_key FROM log").Scan(&key); err != nil {
		return fmt.Errorf("read the key for push services: %w", err)
	}
	if len(key) > 0 {
		return nil
	}
	for range 100 { // a random number is a key but once in 2^32
		key = make([]byte, 32)
		if _, err := io.ReadFull(o.Rand, key); err != nil {
			return fmt.Errorf("make a key for push services: %w", err)
		}
		if _, err := ecdh.P256().NewPrivateKey(key); err == nil {
			break
		}
	}
	if _, err := w.conn.ExecContext(ctx, "UPDATE log SET push_key = $1", key); err != nil {
		return fmt.Errorf("keep the key for push services: %w", err)
	}
	return nil
}

// exec runs a statement, prepared at its first use.
func (w *writer) exec(query string, args ...any) error {
	s, ok := w.stmts[query]
	if !ok {
		var err error
		if s, err = w.conn.PrepareContext(context.Background(), query); err != nil {
			return fmt.Errorf("prepare %.60q: %w", query, err)
		}
		w.stmts[query] = s
	}
	_, err := s.ExecContext(context.Background(), args...)
	return err
}

// chunk is the number of rows one INSERT takes; rows left over go one by one.
const chunk = 16

// insert is an INSERT of many rows at a time.
type insert struct{ one, many string }

// newInsert returns the statements "head VALUES (...), (...) tail" for rows of columns values.
func newInsert(head string, columns int, tail string) insert {
	return insert{one: head + values(1, columns) + tail, many: head + values(chunk, columns) + tail}
}

// values returns the places of rows of columns values. They have no names, unlike those of all other statements: SQLite
// looks for each name among all, which takes long where there are many.
func values(rows, columns int) string {
	var b strings.Builder
	b.WriteString(" VALUES ")
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range columns {
			if c > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('?')
		}
		b.WriteByte(')')
	}
	return b.String()
}

// insertRows writes rows, whose values fill gives.
func insertRows[R any](w *writer, in insert, rows []R, fill func(args []any, row *R) ([]any, error)) error {
	args := make([]any, 0, chunk*14)
	for len(rows) > 0 {
		n, query := 1, in.one
		if len(rows) >= chunk {
			n, query = chunk, in.many
		}
		args = args[:0]
		for i := range rows[:n] {
			var err error
			if args, err = fill(args, &rows[i]); err != nil {
				return err
			}
		}
		if err := w.exec(query, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// What each batch writes is written OR ROLLBACK: Commit gives up the whole transaction anyway, and so the statements need no
// journal of their own.
var (
	insertMessages = newInsert("INSERT OR ROLLBACK INTO message (seq, message_id, conversation_key, n, user_key, at, text, document, attachments, hash, "+
		"reply_to, reply_to_n, mentions, checksum)", 14, "")
	insertEvents   = newInsert("INSERT INTO event (seq, audience, subject, type, body, by, at)", 7, "")
	insertVersions = newInsert("INSERT INTO message_version (conversation_key, n, revision, at, text, document, attachments, checksum)", 8, "")
	upsertPlaces   = newInsert("INSERT OR ROLLBACK INTO participant (conversation_key, user_key, read_n, wrote_at, muted)", 5,
		" ON CONFLICT (conversation_key, user_key) DO UPDATE SET read_n = excluded.read_n, wrote_at = excluded.wrote_at, muted = excluded.muted")
	upsertMembers = newInsert("INSERT OR ROLLBACK INTO participant (conversation_key, user_key, read_n, wrote_at, muted, since_seq, left_seq, owner)", 8,
		` ON CONFLICT (conversation_key, user_key) DO UPDATE SET read_n = excluded.read_n, wrote_at = excluded.wrote_at,
		muted = excluded.muted, since_seq = excluded.since_seq, left_seq = excluded.left_seq, owner = excluded.owner`)
	upsertConversations = newInsert(`INSERT INTO conversation (conversation_key, conversation_id, kind, name, hash, created_at, topic, public, owners_invite,
		members_topic, notes)`, 11, ` ON CONFLICT (conversation_key) DO UPDATE SET name = excluded.name, topic = excluded.topic, public = excluded.public,
		owners_invite = excluded.owners_invite, members_topic = excluded.members_topic, notes = excluded.notes`)
	insertStandings = newInsert("INSERT INTO standing (user_key, seq, role, group_id, active, changed_by, changed_at)", 7, "")
	upsertDrafts    = newInsert("INSERT INTO draft (user_key, conversation_id, text, document, at)", 5,
		" ON CONFLICT (user_key, conversation_id) DO UPDATE SET text = excluded.text, document = excluded.document, at = excluded.at")
	upsertSessions = newInsert("INSERT INTO session (session_id, user_key, token_hash, device_id, device_kind, device_name, address, created_at, expires_at, seen_at, "+
		"push_endpoint, push_public, push_auth, push_zone)", 14,
		` ON CONFLICT (session_id) DO UPDATE SET device_id = excluded.device_id, device_kind = excluded.device_kind, device_name = excluded.device_name,
		seen_at = excluded.seen_at, push_endpoint = excluded.push_endpoint, push_public = excluded.push_public, push_auth = excluded.push_auth,
		push_zone = excluded.push_zone`)
	upsertUsers = newInsert(`INSERT INTO "user" (user_key, user_id, name, display_name, title, role, group_id, team_ids, active, password, settings, pending,
		settings_by, settings_at, status_state, status_reason, status_at, revision, changed_by, changed_at, license, set_ids, attention, factor)`, 24,
		` ON CONFLICT (user_key) DO UPDATE SET name = excluded.name, display_name = excluded.display_name, title = excluded.title, role = excluded.role,
		group_id = excluded.group_id, team_ids = excluded.team_ids, active = excluded.active, password = excluded.password, settings = excluded.settings,
		pending = excluded.pending, settings_by = excluded.settings_by, settings_at = excluded.settings_at, status_state = excluded.status_state,
		status_reason = excluded.status_reason, status_at = excluded.status_at, revision = excluded.revision, changed_by = excluded.changed_by,
		changed_at = excluded.changed_at, license = excluded.license, set_ids = excluded.set_ids,
		attention = excluded.attention, factor = excluded.factor`)
	upsertSets = newInsert(`INSERT INTO permission_set (set_id, label, api_name, license, permissions, sessions, contacts, statuses, revision, changed_by, changed_at)`,
		11, ` ON CONFLICT (set_id) DO UPDATE SET label = excluded.label, license = excluded.license, permissions = excluded.permissions,
		sessions = excluded.sessions, contacts = excluded.contacts, statuses = excluded.statuses, revision = excluded.revision,
		changed_by = excluded.changed_by, changed_at = excluded.changed_at`)
)

// Commit writes all changes in one transaction and returns once they are durable. On error none is written, unless the
// error is Uncertain.
func (s *Store) Commit(c *Changes) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return ErrClosed
	}
	if err := s.w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := s.w.write(c)
	if err == nil {
		if err = s.w.exec("COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	if rerr := s.w.exec("ROLLBACK"); rerr != nil { // SQLite may have rolled back already
		s.o.Log.Debug("rolling back", "error", rerr)
	}
	return err
}

// write writes what others refer to first.
func (w *writer) write(c *Changes) error {
	for _, step := range []struct {
		what string
		run  func(*Changes) error
	}{
		{"organisation", w.writeOrganisation},
		{"groups, teams and queues", w.writePlaces},
		{"permission sets", w.writeSets},
		{"monitoring", w.writeMonitoring},
		{"users", w.writeUsers},
		{"sessions", w.writeSessions},
		{"conversations", w.writeConversations},
		{"messages", w.writeMessages},
		{"files", w.writeFiles},
		{"templates", w.writeTemplates},
		{"changes of messages", w.writeAmended},
		{"files that are gone", w.writeFilesGone},
		{"events", w.writeEvents},
		{"requests", w.writeRequests},
		{"audit log", w.writeAudit},
	} {
		if err := step.run(c); err != nil {
			return fmt.Errorf("write %s: %w", step.what, err)
		}
	}
	return nil
}

func (w *writer) writeOrganisation(c *Changes) error {
	if c.Touch {
		if err := w.exec("UPDATE log SET touched = touched + 1"); err != nil {
			return err
		}
	}
	if o := c.Organisation; o != nil {
		factor, err := json.Marshal(append([]chat.Role{}, o.SecondFactor...))
		if err != nil {
			return err
		}
		err = w.exec(`UPDATE organisation SET name = $1, messaging = $2, mode = $3, reply_window_ms = $4, default_group = $5,
			revision = $6, changed_by = $7, changed_at = $8, watching_shown = $9, reminder_mode = $10, reminder_after_ms = $11,
			second_factor = $12, push_text = $13`, o.Name, o.Messaging, string(o.Mode), int64(o.ReplyWindowMs),
			string(o.DefaultGroup), o.Revision, o.ChangedBy, int64(o.ChangedAt), o.WatchingShown, string(o.Reminder.Mode), int64(o.Reminder.AfterMs), string(factor), o.PushText)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) writeSets(c *Changes) error {
	if l := c.Licensing; l != nil {
		err := w.exec("UPDATE licensing SET edition = $1, revision = $2, changed_by = $3, changed_at = $4", string(l.Edition), l.Revision, l.ChangedBy, int64(l.ChangedAt))
		if err != nil {
			return err
		}
	}
	for _, id := range c.DeletedSets {
		if err := w.exec("DELETE FROM permission_set WHERE set_id = $1", string(id)); err != nil {
			return err
		}
	}
	return insertRows(w, upsertSets, c.Sets, func(args []any, s *PermissionSet) ([]any, error) {
		permissions, err := json.Marshal(s.Permissions)
		if err != nil {
			return nil, err
		}
		statuses, err := json.Marshal(s.Statuses)
		if err != nil {
			return nil, err
		}
		return append(args, string(s.ID), s.Label, s.APIName, string(s.License), string(permissions), string(s.Sessions), string(s.Contacts), string(statuses),
			s.Revision, s.ChangedBy, int64(s.ChangedAt)), nil
	})
}

func (w *writer) writeUsers(c *Changes) error {
	err := insertRows(w, upsertUsers, c.Users, func(args []any, u *User) ([]any, error) {
		teams, err := json.Marshal(u.User.TeamIDs)
		if err != nil {
			return nil, err
		}
		settings, err := json.Marshal(u.Settings)
		if err != nil {
			return nil, err
		}
		sets, err := json.Marshal(append([]chat.PermissionSetID{}, u.SetIDs...))
		if err != nil {
			return nil, err
		}
		attention, err := json.Marshal(u.Attention)
		if err != nil {
			return nil, err
		}
		factor, err := json.Marshal(u.Factor)
		if err != nil {
			return nil, err
		}
		var pending []byte
		if u.Pending != nil {
			if pending, err = json.Marshal(u.Pending); err != nil {
				return nil, err
			}
		}
		return append(args, int64(u.Key), string(u.User.ID), u.Name, u.User.DisplayName, u.User.Title, string(u.User.Role), string(u.GroupID), string(teams),
			u.User.Active, u.Password, string(settings), string(pending), u.SettingsBy, int64(u.SettingsAt), string(u.Status.State), u.Status.Reason,
			int64(u.Status.At), u.Revision, u.ChangedBy, int64(u.ChangedAt), string(u.License), string(sets), string(attention),
			string(factor)), nil
	})
	if err != nil {
		return err
	}
	return insertRows(w, insertStandings, c.Standings, func(args []any, s *Standing) ([]any, error) {
		return append(args, int64(s.UserKey), s.Seq, string(s.Role), string(s.GroupID), s.Active, s.ChangedBy, int64(s.ChangedAt)), nil
	})
}

func (w *writer) writeSessions(c *Changes) error {
	err := insertRows(w, upsertSessions, c.Sessions, func(args []any, s *Session) ([]any, error) {
		return append(args, string(s.ID), int64(s.UserKey), s.TokenHash, string(s.Device.ID), string(s.Device.Kind), s.Device.Name, s.Address,
			int64(s.CreatedAt), int64(s.ExpiresAt), int64(s.SeenAt), s.Push.Endpoint, s.Push.Key, s.Push.Auth, s.Push.TimeZone), nil
	})
	if err != nil {
		return err
	}
	for _, id := range c.Ended {
		if err := w.exec("DELETE FROM session WHERE session_id = $1", string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) writeConversations(c *Changes) error {
	err := insertRows(w, upsertConversations, c.Conversations, func(args []any, c *Conversation) ([]any, error) {
		notes, err := json.Marshal(append([]chat.RoomNote{}, c.Room.Notes...))
		return append(args, int64(c.Key), string(c.ID), string(c.Kind), c.Name, append([]byte{}, c.Hash...), int64(c.CreatedAt), c.Room.Topic,
			c.Room.Public, c.Room.OwnersInvite, c.Room.MembersTopic, string(notes)), err
	})
	if err != nil {
		return err
	}
	err = insertRows(w, upsertMembers, c.Members, func(args []any, p *Participant) ([]any, error) {
		return append(args, int64(p.ConversationKey), int64(p.UserKey), p.ReadN, int64(p.WroteAt), p.Muted, p.SinceSeq, p.LeftSeq, p.Owner), nil
	})
	if err != nil {
		return err
	}
	return insertRows(w, upsertPlaces, c.Participants, func(args []any, p *Participant) ([]any, error) {
		return append(args, int64(p.ConversationKey), int64(p.UserKey), p.ReadN, int64(p.WroteAt), p.Muted), nil
	})
}

func (w *writer) writeMessages(c *Changes) error {
	return insertRows(w, insertMessages, c.Messages, func(args []any, m *Message) ([]any, error) {
		id, err := uuid.Parse(string(m.ID))
		if err != nil {
			return nil, fmt.Errorf("message id: %w", err)
		}
		lists, err := m.lists()
		if err != nil {
			return nil, err
		}
		replyTo := []byte{}
		if m.ReplyToID != "" {
			quoted, err := uuid.Parse(string(m.ReplyToID))
			if err != nil {
				return nil, fmt.Errorf("quoted message's id: %w", err)
			}
			replyTo = quoted[:]
		}
		return append(args, m.Seq, id[:], int64(m.ConversationKey), m.N, int64(m.UserKey), int64(m.At), m.Text, string(m.Document), string(m.Attachments), m.Hash,
			replyTo, m.ReplyToN, lists.mentions, m.checksum(id, lists)), nil
	})
}

func (w *writer) writeAmended(c *Changes) error {
	for i := range c.Amended {
		m := &c.Amended[i]
		id, err := uuid.Parse(string(m.ID))
		if err != nil {
			return fmt.Errorf("message id: %w", err)
		}
		lists, err := m.lists()
		if err != nil {
			return err
		}
		err = w.exec(`UPDATE message SET text = $1, document = $2, revision = $3, edited_at = $4, deleted_at = $5, mentions = $6,
			reactions = $7, checksum = $8, attachments = $9 WHERE conversation_key = $10 AND n = $11`, m.Text, string(m.Document), m.Revision, int64(m.EditedAt),
			int64(m.DeletedAt), lists.mentions, lists.reactions, m.checksum(id, lists), string(m.Attachments), int64(m.ConversationKey), m.N)
		if err != nil {
			return err
		}
	}
	return insertRows(w, insertVersions, c.Versions, func(args []any, v *Version) ([]any, error) {
		return append(args, int64(v.ConversationKey), v.N, v.Revision, int64(v.At), v.Text, string(v.Document), string(v.Attachments), v.checksum()), nil
	})
}

func (w *writer) writeEvents(c *Changes) error {
	err := insertRows(w, insertEvents, c.Events, func(args []any, e *Event) ([]any, error) {
		return append(args, e.Seq, string(e.Audience), e.Subject, string(e.Type), string(e.Body), e.By, int64(e.At)), nil
	})
	if err != nil {
		return err
	}
	kept := c.Drafts[:0:0]
	for _, d := range c.Drafts {
		if d.Draft.Text != "" {
			kept = append(kept, d)
			continue
		}
		err := w.exec("DELETE FROM draft WHERE user_key = $1 AND conversation_id = $2", int64(d.UserKey), string(d.Draft.ConversationID))
		if err != nil {
			return err
		}
	}
	return insertRows(w, upsertDrafts, kept, func(args []any, d *Draft) ([]any, error) {
		return append(args, int64(d.UserKey), string(d.Draft.ConversationID), d.Draft.Text, string(d.Draft.Document), int64(d.Draft.At)), nil
	})
}

// Posted returns what is known of those of the ids that were posted ever. For the goroutine that commits.
func (s *Store) Posted(ids []chat.MessageID) (map[chat.MessageID]Posted, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return nil, ErrClosed
	}
	found := map[chat.MessageID]Posted{}
	for len(ids) > 0 {
		n := min(len(ids), maxPosted)
		if err := s.w.posted(ids[:n], found); err != nil {
			return nil, fmt.Errorf("look for repeated messages: %w", err)
		}
		ids = ids[n:]
	}
	return found, nil
}

// maxPosted is how many ids are looked up in one query.
const maxPosted = 64

func (w *writer) posted(ids []chat.MessageID, found map[chat.MessageID]Posted) error {
	// Few sizes of statement serve all: places left over repeat the last id.
	size := 1
	for size < len(ids) {
		size *= 4
	}
	args := make([]any, size)
	for i := range args {
		id, err := uuid.Parse(string(ids[min(i, len(ids)-1)]))
		if err != nil {
			return fmt.Errorf("message id: %w", err)
		}
		args[i] = id[:]
	}
	query := "SELECT message_id, conversation_key, user_key, n, at, hash FROM message WHERE message_id IN (" +
		strings.TrimSuffix(strings.TrimPrefix(values(1, size), " VALUES ("), ")") + ")"
	s, ok := w.stmts[query]
	if !ok {
		var err error
		if s, err = w.conn.PrepareContext(context.Background(), query); err != nil {
			return err
		}
		w.stmts[query] = s
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		var p Posted
		if err := rows.Scan(&raw, &p.ConversationKey, &p.UserKey, &p.N, &p.At, &p.Hash); err != nil {
			return err
		}
		id, err := uuid.FromBytes(raw)
		if err != nil {
			return err
		}
		found[chat.MessageID(id.String())] = p
	}
	return rows.Err()
}
