package cache

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"parley/backend/chat"
)

// MarkRead moves a conversation's read mark to n, or to its newest message if n is beyond; it never goes back. The mark is dirty
// until ReadSent. It returns the mark as it is now; chat.ErrUnknown if there is no such conversation.
func (c *Cache) MarkRead(ctx context.Context, id chat.ConversationID, n int64) (chat.ReadMarkArgs, error) {
	mark := chat.ReadMarkArgs{ConversationID: id}
	err := c.update(ctx, func(tx *sql.Tx) error {
		if err := markRead(ctx, tx, id, n); err != nil {
			return err
		}
		s, found, err := stateOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !found {
			return chat.ErrUnknown
		}
		mark.N = s.readN
		return nil
	})
	if err != nil {
		return mark, fmt.Errorf("mark as read: %w", err)
	}
	return mark, nil
}

func markRead(ctx context.Context, tx *sql.Tx, id chat.ConversationID, n int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE conversations SET read_n = min($1, last_n), read_dirty = 1
		WHERE conversation_id = $2 AND read_n < min($1, last_n)`, n, id)
	if err != nil {
		return fmt.Errorf("move a read mark: %w", err)
	}
	return nil
}

// DirtyReads lists the read marks that the hub was not told yet.
func (c *Cache) DirtyReads(ctx context.Context) (marks []chat.ReadMarkArgs, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		marks, err = dirtyReads(ctx, tx)
		return err
	})
	return marks, err
}

func dirtyReads(ctx context.Context, tx *sql.Tx) ([]chat.ReadMarkArgs, error) {
	rows, err := tx.QueryContext(ctx, "SELECT conversation_id, read_n FROM conversations WHERE read_dirty = 1")
	if err != nil {
		return nil, fmt.Errorf("read the read marks: %w", err)
	}
	defer rows.Close()
	var marks []chat.ReadMarkArgs
	for rows.Next() {
		var mark chat.ReadMarkArgs
		if err := rows.Scan(&mark.ConversationID, &mark.N); err != nil {
			return nil, fmt.Errorf("read the read marks: %w", err)
		}
		marks = append(marks, mark)
	}
	return marks, rows.Err()
}

// ReadSent says that the hub has the mark; one that has moved on since stays dirty.
func (c *Cache) ReadSent(ctx context.Context, mark chat.ReadMarkArgs) error {
	_, err := c.db.ExecContext(ctx, "UPDATE conversations SET read_dirty = 0 WHERE conversation_id = $1 AND read_n <= $2",
		mark.ConversationID, mark.N)
	if err != nil {
		return fmt.Errorf("keep that a read mark was sent: %w", err)
	}
	return nil
}

// SetDraft keeps a draft, dirty until DraftSent. An empty text removes it (the row stays until the hub knows).
func (c *Cache) SetDraft(ctx context.Context, draft chat.Draft) error {
	err := c.update(ctx, func(tx *sql.Tx) error { return putDraft(ctx, tx, c.account.key(), draft, true) })
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	return nil
}

func putDraft(ctx context.Context, tx *sql.Tx, account string, d chat.Draft, dirty bool) error {
	if d.Text == "" && !dirty {
		_, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE account = $1 AND conversation_id = $2", account, d.ConversationID)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO drafts (account, conversation_id, text, document, at, dirty)
		VALUES ($1, $2, $3, $4, $5, $6)`, account, d.ConversationID, d.Text, string(d.Document), d.At, dirty)
	return err
}

// takeDraft stores a draft told by the hub and says whether it changed anything. What was typed here and not sent yet stays: it
// is newer. A draft to somebody who is not known (any more) is left: it may be the echo of one that was purged.
func (c *Cache) takeDraft(ctx context.Context, tx *sql.Tx, told chat.Draft) (bool, error) {
	known, err := c.knows(ctx, tx, told.ConversationID)
	if err != nil || !known {
		return false, err
	}
	drafts, err := readDrafts(ctx, tx, "account = $1 AND conversation_id = $2", c.account.key(), told.ConversationID)
	if err != nil {
		return false, err
	}
	if len(drafts) > 0 {
		here := drafts[0]
		same := here.Text == told.Text && bytes.Equal(here.Document, told.Document)
		switch {
		case same && here.dirty: // the echo: what the hub tells from here on is newer, though its answer may come later
			return false, putDraft(ctx, tx, c.account.key(), told, false)
		case same || here.dirty:
			return false, nil
		}
	}
	return true, putDraft(ctx, tx, c.account.key(), told, false)
}

// knows tells whether a conversation is here, or the person with whom it can be begun.
func (c *Cache) knows(ctx context.Context, tx *sql.Tx, id chat.ConversationID) (known bool, err error) {
	other, _ := id.OtherThan(c.account.UserID)
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM conversations WHERE conversation_id = $1)
		OR EXISTS (SELECT 1 FROM people WHERE user_id = $2)`, id, other).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for a conversation: %w", err)
	}
	return known, nil
}

type draftRow struct {
	chat.Draft
	dirty bool
}

func readDrafts(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]draftRow, error) {
	rows, err := tx.QueryContext(ctx, "SELECT conversation_id, text, document, at, dirty FROM drafts WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	defer rows.Close()
	var all []draftRow
	for rows.Next() {
		var d draftRow
		var document string
		if err := rows.Scan(&d.ConversationID, &d.Text, &document, &d.At, &d.dirty); err != nil {
			return nil, fmt.Errorf("read a draft: %w", err)
		}
		d.Document = rawOf(document)
		all = append(all, d)
	}
	return all, rows.Err()
}

// DirtyDrafts lists the drafts that the hub was not told yet.
func (c *Cache) DirtyDrafts(ctx context.Context) ([]chat.Draft, error) {
	return c.drafts(ctx, "account = $1 AND dirty = 1", c.account.key())
}

// LooseDrafts lists drafts of conversations that have not begun: a snapshot has no place for them.
func (c *Cache) LooseDrafts(ctx context.Context) ([]chat.Draft, error) {
	return c.drafts(ctx, `account = $1 AND text <> ''
		AND conversation_id NOT IN (SELECT conversation_id FROM conversations)`, c.account.key())
}

func (c *Cache) drafts(ctx context.Context, where string, args ...any) ([]chat.Draft, error) {
	var found []chat.Draft
	err := c.update(ctx, func(tx *sql.Tx) error {
		rows, err := readDrafts(ctx, tx, where, args...)
		for i := range rows {
			found = append(found, rows[i].Draft)
		}
		return err
	})
	return found, err
}

// DraftSent says that the hub has the draft; one that was changed since stays dirty.
func (c *Cache) DraftSent(ctx context.Context, d chat.Draft) error {
	err := c.update(ctx, func(tx *sql.Tx) error {
		const same = " WHERE account = $1 AND conversation_id = $2 AND text = $3 AND document = $4"
		args := []any{c.account.key(), d.ConversationID, d.Text, string(d.Document)}
		if d.Text == "" {
			_, err := tx.ExecContext(ctx, "DELETE FROM drafts"+same, args...)
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE drafts SET dirty = 0"+same, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep that a draft was sent: %w", err)
	}
	return nil
}
