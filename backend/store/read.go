package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"parley/backend/chat"
)

// reads are the prepared statements of the readers. database/sql prepares them on each connection as needed.
type reads struct {
	before, after, since, at, of, ofFile, fileBytes, named, amended, versions, firstAfter, events, drafts, draft, wroteAt *sql.Stmt
}

const messageColumns = "seq, message_id, conversation_key, n, user_key, at, text, document, attachments, hash, " +
	"revision, edited_at, deleted_at, reply_to, reply_to_n, mentions, reactions, checksum"

func prepareReads(ctx context.Context, db *sql.DB) (reads, error) {
	var r reads
	for _, p := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&r.before, "SELECT " + messageColumns + " FROM message WHERE conversation_key = $1 AND n < $2 ORDER BY n DESC LIMIT $3"},
		{&r.after, "SELECT " + messageColumns + " FROM message WHERE conversation_key = $1 AND n > $2 ORDER BY n LIMIT $3"},
		{&r.since, "SELECT " + messageColumns + " FROM message WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3"},
		{&r.at, "SELECT " + messageColumns + " FROM message WHERE seq = $1"},
		{&r.of, "SELECT " + messageColumns + " FROM message WHERE message_id = $1"},
		{&r.named, "SELECT conversation_id FROM conversation WHERE conversation_key = $1"},
		{&r.ofFile, `SELECT m.seq, c.conversation_id FROM file f JOIN message m ON m.seq = f.seq
			JOIN conversation c ON c.conversation_key = m.conversation_key WHERE f.file_id = $1`},
		{&r.fileBytes, "SELECT coalesce(sum(size), 0) FROM file WHERE user_key = $1"},
		{&r.amended, "SELECT DISTINCT subject FROM event WHERE seq > $1 AND seq <= $2 AND type IN ($3, $4)"},
		{&r.versions, `SELECT revision, at, text, document, attachments, checksum FROM message_version WHERE conversation_key = $1 AND n = $2
			ORDER BY revision DESC`},
		// Walks the index from the newest message back, over exactly those that are after the seq.
		{&r.firstAfter, "SELECT n FROM message WHERE conversation_key = $1 AND seq <= $2 ORDER BY n DESC LIMIT 1"},
		{&r.events, "SELECT seq, audience, subject, type, body, by, at FROM event WHERE audience = $1 AND seq > $2 ORDER BY seq LIMIT $3"},
		{&r.drafts, "SELECT conversation_id, text, document, at FROM draft WHERE user_key = $1"},
		{&r.draft, "SELECT conversation_id, text, document, at FROM draft WHERE user_key = $1 AND conversation_id = $2"},
		{&r.wroteAt, "SELECT coalesce(max(at), 0) FROM message WHERE conversation_key = $1 AND user_key = $2 AND at <= $3"},
	} {
		stmt, err := db.PrepareContext(ctx, p.query)
		if err != nil {
			return reads{}, fmt.Errorf("prepare %.60q: %w", p.query, err)
		}
		*p.stmt = stmt
	}
	return r, nil
}

// query runs a prepared statement on a reader and hands each row to scan. The queries are short, so they do not end with
// ctx: the driver would start a goroutine for each to watch it.
func (s *Store) query(ctx context.Context, pick func(*reads) *sql.Stmt, scan func(*sql.Rows) error, args ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return ErrClosed
	}
	rows, err := pick(&s.reads).QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scanMessage reads a row of messageColumns and checks that it is what was written. Numbers are taken as the
// driver gives them and texts without a copy: this runs for each of the many messages somebody catches up with.
func scanMessage(r *sql.Rows) (Message, error) {
	var m Message
	var id, quoted sql.RawBytes
	var text, document, attachments string
	var lists messageLists
	var seq, conversation, n, user, at, revision, edited, deleted, quotedN, sum any
	if err := r.Scan(&seq, &id, &conversation, &n, &user, &at, &text, &document, &attachments, &m.Hash, &revision, &edited, &deleted, &quoted, &quotedN, &lists.mentions,
		&lists.reactions, &sum); err != nil {
		return m, err
	}
	m.Revision, m.EditedAt, m.DeletedAt = whole(revision), chat.Millis(whole(edited)), chat.Millis(whole(deleted))
	m.Seq, m.ConversationKey, m.N = whole(seq), ConversationKey(whole(conversation)), whole(n)
	m.UserKey, m.At = UserKey(whole(user)), chat.Millis(whole(at))
	raw, err := uuid.FromBytes(id)
	if err != nil {
		return m, &DamagedError{Seq: m.Seq}
	}
	m.ID, m.Text = chat.MessageID(raw.String()), text
	if document != "" {
		m.Document = []byte(document)
	}
	if attachments != "" {
		m.Attachments = []byte(attachments)
	}
	if m.ReplyToN = whole(quotedN); m.ReplyToN > 0 {
		replyTo, err := uuid.FromBytes(quoted)
		if err != nil {
			return m, &DamagedError{Seq: m.Seq}
		}
		m.ReplyToID = chat.MessageID(replyTo.String())
	}
	if m.checksum(raw, lists) != whole(sum) || lists.read(&m) != nil {
		return m, &DamagedError{Seq: m.Seq}
	}
	return m, nil
}

// whole is an INTEGER of a STRICT table; anything else is damage, which the checksum tells.
func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}

// maxPageBytes is the most text and formatting that MessagesBefore returns beyond its first message. What people usually write is
// far below it; a conversation of the largest messages there can be must not make a page, or a snapshot of many, a burden.
const maxPageBytes = 256 << 10

var errPageFull = errors.New("the page is full")

// MessagesBefore returns the newest messages of a conversation whose number is below beforeN, at most limit, ascending; fewer, but
// at least one, if they are very large. A *DamagedError says that one of them is not as it was written.
func (s *Store) MessagesBefore(ctx context.Context, c ConversationKey, beforeN int64, limit int) ([]Message, error) {
	found := make([]Message, 0, min(limit, 64))
	size := 0
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.before }, func(r *sql.Rows) error {
		m, err := scanMessage(r)
		if size += len(m.Text) + len(m.Document) + len(m.Attachments); err == nil && size > maxPageBytes && len(found) > 0 {
			return errPageFull
		}
		found = append(found, m)
		return err
	}, int64(c), beforeN, limit)
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	slices.Reverse(found)
	return found, nil
}

// MessagesAfter returns the oldest messages of a conversation whose number is above afterN, at most limit, ascending.
func (s *Store) MessagesAfter(ctx context.Context, c ConversationKey, afterN int64, limit int) ([]Message, error) {
	found := make([]Message, 0, min(limit, 64))
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.after }, func(r *sql.Rows) error {
		m, err := scanMessage(r)
		found = append(found, m)
		return err
	}, int64(c), afterN, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return found, nil
}

// MessagesSince returns the messages of all conversations that stand in the log after seq and not after through, in its order, at most
// limit. One that is not as it was written is left out, which the log is told.
func (s *Store) MessagesSince(ctx context.Context, seq, through int64, limit int) ([]Message, error) {
	var found []Message
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.since }, func(r *sql.Rows) error {
		m, err := scanMessage(r)
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			s.o.Log.Error("a message is passed over", "error", err)
			return nil
		}
		found = append(found, m)
		return err
	}, seq, through, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return found, nil
}

// MessageAt returns the message that stands at a place in the log; nil if there is none.
func (s *Store) MessageAt(ctx context.Context, seq int64) (*Message, error) {
	return s.readMessage(ctx, func(r *reads) *sql.Stmt { return r.at }, seq)
}

// MessageOf returns the message with an id; nil if there is none.
func (s *Store) MessageOf(ctx context.Context, id chat.MessageID) (*Message, error) {
	raw, err := uuid.Parse(string(id))
	if err != nil {
		return nil, nil // what is no id is nobody's
	}
	return s.readMessage(ctx, func(r *reads) *sql.Stmt { return r.of }, raw[:])
}

func (s *Store) readMessage(ctx context.Context, pick func(*reads) *sql.Stmt, arg any) (*Message, error) {
	var found *Message
	err := s.query(ctx, pick, func(r *sql.Rows) error {
		m, err := scanMessage(r)
		found = &m
		return err
	}, arg)
	if err != nil {
		return nil, fmt.Errorf("read a message: %w", err)
	}
	return found, nil
}

// ConversationOf returns the id of the conversation with a key; empty if there is none.
func (s *Store) ConversationOf(ctx context.Context, key ConversationKey) (chat.ConversationID, error) {
	var id chat.ConversationID
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.named }, func(r *sql.Rows) error { return r.Scan(&id) }, int64(key))
	if err != nil {
		return "", fmt.Errorf("read a conversation: %w", err)
	}
	return id, nil
}

// Amended returns the messages whose changes stand in the log after seq and not after through, each once and as it stands now. One
// that is not as it was written is left out, which the log is told.
func (s *Store) Amended(ctx context.Context, seq, through int64) ([]Message, error) {
	var ids []chat.MessageID
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.amended }, func(r *sql.Rows) error {
		var id chat.MessageID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, seq, through, string(chat.MessageEdited), string(chat.MessageDeleted))
	if err != nil {
		return nil, fmt.Errorf("read changes of messages: %w", err)
	}
	var found []Message
	for _, id := range ids {
		m, err := s.MessageOf(ctx, id)
		var damaged *DamagedError
		switch {
		case errors.As(err, &damaged):
			s.o.Log.Error("a message is passed over", "error", err)
		case err != nil:
			return nil, err
		case m != nil:
			found = append(found, *m)
		}
	}
	return found, nil
}

// Versions returns what a message was before its changes, the oldest first: the newest ones, if they are very large, and at
// least one. An error says that one of them is not as it was written.
func (s *Store) Versions(ctx context.Context, c ConversationKey, n int64) ([]Version, error) {
	var found []Version
	size := 0
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.versions }, func(r *sql.Rows) error {
		v := Version{ConversationKey: c, N: n}
		var document, attachments string
		var sum int64
		if err := r.Scan(&v.Revision, &v.At, &v.Text, &document, &attachments, &sum); err != nil {
			return err
		}
		if document != "" {
			v.Document = []byte(document)
		}
		if attachments != "" {
			v.Attachments = []byte(attachments)
		}
		if v.checksum() != sum {
			return fmt.Errorf("revision %d of message %d: %w", v.Revision, n, errVersion)
		}
		if size += len(v.Text) + len(v.Document); size > maxPageBytes && len(found) > 0 {
			return errPageFull
		}
		found = append(found, v)
		return nil
	}, int64(c), n)
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, fmt.Errorf("read what a message was: %w", err)
	}
	slices.Reverse(found)
	return found, nil
}

var errVersion = errors.New("it is damaged on disk")

// LastNAt returns the number of the conversation's last message that is not after seq; 0 if there is none.
func (s *Store) LastNAt(ctx context.Context, c ConversationKey, seq int64) (int64, error) {
	var n int64
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.firstAfter }, func(r *sql.Rows) error { return r.Scan(&n) }, int64(c), seq)
	if err != nil {
		return 0, fmt.Errorf("find a place in a conversation: %w", err)
	}
	return n, nil
}

// EventsAfter returns the audience's oldest events after seq that are no messages, at most limit, ascending.
func (s *Store) EventsAfter(ctx context.Context, a Audience, seq int64, limit int) ([]Event, error) {
	var found []Event
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.events }, func(r *sql.Rows) error {
		var e Event
		err := r.Scan(&e.Seq, &e.Audience, &e.Subject, &e.Type, &e.Body, &e.By, &e.At)
		found = append(found, e)
		return err
	}, string(a), seq, limit)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return found, nil
}

// Drafts returns a user's drafts.
func (s *Store) Drafts(ctx context.Context, u UserKey) ([]chat.Draft, error) {
	return s.readDrafts(ctx, func(r *reads) *sql.Stmt { return r.drafts }, int64(u))
}

// Draft returns a user's draft in a conversation, nil if there is none.
func (s *Store) Draft(ctx context.Context, u UserKey, c chat.ConversationID) (*chat.Draft, error) {
	found, err := s.readDrafts(ctx, func(r *reads) *sql.Stmt { return r.draft }, int64(u), string(c))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (s *Store) readDrafts(ctx context.Context, pick func(*reads) *sql.Stmt, args ...any) ([]chat.Draft, error) {
	var found []chat.Draft
	err := s.query(ctx, pick, func(r *sql.Rows) error {
		var d chat.Draft
		var document []byte
		err := r.Scan(&d.ConversationID, &d.Text, &document, &d.At)
		if len(document) > 0 {
			d.Document = document
		}
		found = append(found, d)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	return found, nil
}

// Damage is what Check found wrong.
type Damage struct {
	// Findings are SQLite's own words about the file; empty if it is sound.
	Findings []string
	// Messages are the places in the log of messages that are not as they were written.
	Messages []int64
}

// Sound tells whether nothing was found.
func (d Damage) Sound() bool { return len(d.Findings) == 0 && len(d.Messages) == 0 }

// Check reads the whole database: the file's integrity, and each message's checksum. It takes as long as reading does.
func (s *Store) Check(ctx context.Context) (Damage, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return Damage{}, ErrClosed
	}
	return check(ctx, s.r)
}

// check is Check over a connection to any database of Parley's.
func check(ctx context.Context, db *sql.DB) (Damage, error) {
	var d Damage
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check")
	if err != nil {
		return d, fmt.Errorf("check: %w", err)
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return d, errors.Join(fmt.Errorf("check: %w", err), rows.Close())
		}
		if line != "ok" {
			d.Findings = append(d.Findings, line)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return d, fmt.Errorf("check: %w", err)
	}
	rows, err = db.QueryContext(ctx, "SELECT "+messageColumns+" FROM message ORDER BY seq")
	if err != nil {
		return d, fmt.Errorf("check messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		_, err := scanMessage(rows)
		var damaged *DamagedError
		switch {
		case errors.As(err, &damaged):
			d.Messages = append(d.Messages, damaged.Seq)
		case err != nil:
			return d, fmt.Errorf("check messages: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return d, fmt.Errorf("check messages: %w", err)
	}
	return checkVersions(ctx, db, d)
}

// checkVersions adds the places of messages of which an earlier version is not as it was written.
func checkVersions(ctx context.Context, db *sql.DB, d Damage) (Damage, error) {
	rows, err := db.QueryContext(ctx, `SELECT m.seq, v.conversation_key, v.n, v.revision, v.at, v.text, v.document, v.attachments, v.checksum
		FROM message_version v JOIN message m ON m.conversation_key = v.conversation_key AND m.n = v.n ORDER BY m.seq, v.revision`)
	if err != nil {
		return d, fmt.Errorf("check versions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v Version
		var seq, sum int64
		if err := rows.Scan(&seq, &v.ConversationKey, &v.N, &v.Revision, &v.At, &v.Text, &v.Document, &v.Attachments, &sum); err != nil {
			return d, fmt.Errorf("check versions: %w", err)
		}
		if v.checksum() != sum && !slices.Contains(d.Messages, seq) {
			d.Messages = append(d.Messages, seq)
		}
	}
	if err := rows.Err(); err != nil {
		return d, fmt.Errorf("check versions: %w", err)
	}
	return d, nil
}
