package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"parley/backend/chat"
)

// File says of which message a file is, or that it is a template's.
type File struct {
	ID chat.FileID
	// Seq is the message's; 0 for a template's file.
	Seq     int64
	UserKey UserKey
	// Size is in bytes.
	Size int64
}

// filesGone deletes what says of which message a file is, one at a time.
const filesGone = "DELETE FROM file WHERE file_id = $1"

var insertFiles = newInsert("INSERT INTO file (file_id, seq, user_key, size)", 4, "")

func (w *writer) writeFiles(c *Changes) error {
	return insertRows(w, insertFiles, c.Files, func(args []any, f *File) ([]any, error) {
		id, err := uuid.Parse(string(f.ID))
		if err != nil {
			return nil, fmt.Errorf("file id: %w", err)
		}
		return append(args, id[:], f.Seq, int64(f.UserKey), f.Size), nil
	})
}

// writeFilesGone removes the files of messages that have lost them.
func (w *writer) writeFilesGone(c *Changes) error {
	for _, id := range c.FilesGone {
		raw, err := uuid.Parse(string(id))
		if err != nil {
			return fmt.Errorf("file id: %w", err)
		}
		if err := w.exec(filesGone, raw[:]); err != nil {
			return err
		}
	}
	return nil
}

// MessageOfFile returns the message that a file is of, with its conversation; nil if there is none.
func (s *Store) MessageOfFile(ctx context.Context, id chat.FileID) (*Message, chat.ConversationID, error) {
	raw, err := uuid.Parse(string(id))
	if err != nil {
		return nil, "", nil // what is no id is nobody's
	}
	var seq int64
	var in chat.ConversationID
	err = s.query(ctx, func(r *reads) *sql.Stmt { return r.ofFile }, func(r *sql.Rows) error { return r.Scan(&seq, &in) }, raw[:])
	if err != nil {
		return nil, "", fmt.Errorf("look for a file: %w", err)
	}
	if in == "" {
		return nil, "", nil
	}
	m, err := s.MessageAt(ctx, seq)
	return m, in, err
}

// NamedFiles returns those of the ids that are files of messages or of templates.
func (s *Store) NamedFiles(ctx context.Context, ids []chat.FileID) (map[chat.FileID]struct{}, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return nil, ErrClosed
	}
	found := map[chat.FileID]struct{}{}
	for len(ids) > 0 {
		n := min(len(ids), maxPosted)
		if err := s.namedFiles(ctx, ids[:n], found); err != nil {
			return nil, fmt.Errorf("look for files: %w", err)
		}
		ids = ids[n:]
	}
	return found, nil
}

func (s *Store) namedFiles(ctx context.Context, ids []chat.FileID, found map[chat.FileID]struct{}) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		raw, err := uuid.Parse(string(id))
		if err != nil {
			return fmt.Errorf("file id: %w", err)
		}
		args[i] = raw[:]
	}
	places := strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",")
	rows, err := s.r.QueryContext(ctx, "SELECT file_id FROM file WHERE file_id IN ("+places+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		id, err := uuid.FromBytes(raw)
		if err != nil {
			return err
		}
		found[chat.FileID(id.String())] = struct{}{}
	}
	return rows.Err()
}

// FileBytes returns how many bytes the files have that a user has sent, in messages and for templates.
func (s *Store) FileBytes(ctx context.Context, u UserKey) (int64, error) {
	var bytes int64
	err := s.query(ctx, func(r *reads) *sql.Stmt { return r.fileBytes }, func(r *sql.Rows) error { return r.Scan(&bytes) }, int64(u))
	if err != nil {
		return 0, fmt.Errorf("count the bytes of files: %w", err)
	}
	return bytes, nil
}

// EachFileIn hands those messages of the database at path that have files to take, in the order of the log, then those templates that
// have any to takeTemplate. The database is only read, and may be a backup.
func EachFileIn(ctx context.Context, path string, take func(m *Message) error, takeTemplate func(t *Template) error) (err error) {
	db, err := sql.Open("sqlite", source(path, "query_only(1)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := eachFileOfMessages(ctx, db, take); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var st State
	if err := loadTemplates(ctx, tx, &st); err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	for i := range st.Templates {
		if len(st.Templates[i].Attachments) > 0 {
			if err := takeTemplate(&st.Templates[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachFileOfMessages(ctx context.Context, db *sql.DB, take func(m *Message) error) (err error) {
	rows, err := db.QueryContext(ctx, "SELECT "+messageColumns+" FROM message WHERE seq IN (SELECT seq FROM file) ORDER BY seq")
	if err != nil {
		return fmt.Errorf("read files: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		m, err := scanMessage(rows)
		if err == nil && len(m.Attachments) > 0 {
			err = take(&m)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}
