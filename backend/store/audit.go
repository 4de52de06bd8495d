package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parley/backend/chat"
)

const auditColumns = "n, at, by_id, by_name, address, command, subject_kind, subject_id, subject_name, changes, hash"

var insertAudit = newInsert("INSERT INTO audit ("+auditColumns+")", 11, "")

func (w *writer) writeAudit(c *Changes) error {
	return insertRows(w, insertAudit, c.Audit, func(args []any, e *chat.AuditEntry) ([]any, error) {
		changes, err := chat.Encode(e.Changes)
		if err != nil {
			return nil, err
		}
		return append(args, e.N, int64(e.At), string(e.ByID), e.ByName, e.Address, string(e.Command), string(e.Subject.Kind), e.Subject.ID,
			e.Subject.Name, string(changes), e.Hash), nil
	})
}

func scanAudit(r *sql.Rows) (chat.AuditEntry, error) {
	var e chat.AuditEntry
	var changes []byte
	err := r.Scan(&e.N, &e.At, &e.ByID, &e.ByName, &e.Address, &e.Command, &e.Subject.Kind, &e.Subject.ID, &e.Subject.Name, &changes, &e.Hash)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(changes, &e.Changes); err != nil {
		return e, &unreadableError{e.N, err}
	}
	return e, nil
}

// unreadableError says that an entry of the audit log is not one that was written.
type unreadableError struct {
	n   int64
	why error
}

func (e *unreadableError) Error() string { return fmt.Sprintf("changes of entry %d: %v", e.n, e.why) }
func (e *unreadableError) Unwrap() error { return e.why }

func loadAudit(ctx context.Context, tx *sql.Tx, st *State) error {
	err := tx.QueryRowContext(ctx, "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").Scan(&st.Audit.N, &st.Audit.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// AuditEntries returns the newest entries of the audit log that match, at most one more than a.Limit, in descending order. Of the
// arguments only the form was checked.
func (s *Store) AuditEntries(ctx context.Context, a chat.AuditListArgs) ([]chat.AuditEntry, error) {
	var where []string
	var args []any
	narrow := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(args))))
	}
	if a.BeforeN > 0 {
		narrow("n < ?", a.BeforeN)
	}
	if a.ByID != "" {
		narrow("by_id = ?", string(a.ByID))
	}
	switch {
	case a.SubjectKind != "":
		narrow("subject_kind = ?", string(a.SubjectKind))
	case !a.Refusals:
		narrow("subject_kind <> ?", string(chat.SubjectRefusal))
	}
	if a.SubjectID != "" {
		narrow("subject_id = ?", a.SubjectID)
	}
	if a.Command != "" {
		narrow("command = ?", string(a.Command))
	}
	if a.FromAt > 0 {
		narrow("at >= ?", int64(a.FromAt))
	}
	if a.ToAt > 0 {
		narrow("at < ?", int64(a.ToAt))
	}
	if a.Text != "" {
		narrow("(instr(lower(by_name), ?) OR instr(lower(subject_name), ?) OR instr(lower(command), ?) OR instr(lower(changes), ?))", strings.ToLower(a.Text))
	}
	query := "SELECT " + auditColumns + " FROM audit"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, a.Limit+1)
	query += fmt.Sprintf(" ORDER BY n DESC LIMIT $%d", len(args))
	found := make([]chat.AuditEntry, 0, a.Limit)
	return found, s.eachAudit(ctx, query, args, func(e chat.AuditEntry) error {
		found = append(found, e)
		return nil
	})
}

// EachAudit hands every entry of the audit log to each, oldest first, until that returns an error.
func (s *Store) EachAudit(ctx context.Context, each func(chat.AuditEntry) error) error {
	return s.eachAudit(ctx, "SELECT "+auditColumns+" FROM audit ORDER BY n", nil, each)
}

func (s *Store) eachAudit(ctx context.Context, query string, args []any, each func(chat.AuditEntry) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return ErrClosed
	}
	rows, err := s.r.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanAudit(rows)
		if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		if err := each(e); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	return nil
}

// VerifyAudit follows the chain of the audit log from its first entry.
func (s *Store) VerifyAudit(ctx context.Context) (chat.AuditVerifyAnswer, error) {
	var v chat.AuditVerifyAnswer
	before := ""
	broken := errors.New("broken")
	err := s.EachAudit(ctx, func(e chat.AuditEntry) error {
		hash, err := e.Chain(before)
		if err != nil {
			return err
		}
		v.Entries++
		if e.N != v.Entries || e.Hash != hash {
			v.BrokenN = v.Entries
			return broken
		}
		before = hash
		return nil
	})
	var unreadable *unreadableError
	switch {
	case errors.As(err, &unreadable):
		v.Entries++
		v.BrokenN = v.Entries
	case err != nil && !errors.Is(err, broken):
		return v, err
	}
	return v, nil
}
