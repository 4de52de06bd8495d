package cache

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"parley/backend/chat"
)

// The table message_words is the full-text index of messages, by their rowid. It is changed with them, in the same transaction, and
// what is taken out of it is overwritten at once, like everything that is purged here. Rowids stay what they are, since the file is
// only ever made smaller while it holds no messages.

// putMessage stores a message in the place its number gives, in stead of whatever has its id or place.
func putMessage(ctx context.Context, tx *sql.Tx, m *chat.Message) error {
	const insert = `INSERT INTO messages (conversation_id, n, message_id, author_id, at, text, document, attachments, rest, checksum)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`
	rest, err := restOf(m)
	if err != nil {
		return err
	}
	args := []any{m.ConversationID, m.N, m.ID, m.AuthorID, m.At, m.Text, string(m.Document), listText(m.Attachments), rest, messageChecksum(m, rest)}
	result, err := tx.ExecContext(ctx, insert, args...)
	if err != nil {
		return fmt.Errorf("store a message: %w", err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		const same = "(message_id = $1 OR conversation_id = $2 AND n = $3)"
		if err := dropPictures(ctx, tx, same+" AND attachments <> $4", m.ID, m.ConversationID, m.N, listText(m.Attachments)); err != nil {
			return err
		}
		if err := dropRows(ctx, tx, same, m.ID, m.ConversationID, m.N); err != nil {
			return err
		}
		if result, err = tx.ExecContext(ctx, insert, args...); err != nil {
			return fmt.Errorf("store a message: %w", err)
		}
	}
	row, err := result.LastInsertId()
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO message_words (rowid, text) VALUES ($1, $2)", row, m.Text)
	}
	if err != nil {
		return fmt.Errorf("index a message: %w", err)
	}
	return nil
}

// dropMessages removes the messages that answer to a condition, with their words and pictures.
func dropMessages(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	if err := dropPictures(ctx, tx, where, args...); err != nil {
		return err
	}
	return dropRows(ctx, tx, where, args...)
}

// dropRows removes messages with their words alone.
func dropRows(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	for _, statement := range []string{
		"INSERT INTO message_words (message_words, rowid, text) SELECT 'delete', rowid, text FROM messages WHERE ",
		"DELETE FROM messages WHERE ",
	} {
		if _, err := tx.ExecContext(ctx, statement+where, args...); err != nil {
			return fmt.Errorf("drop messages: %w", err)
		}
	}
	return nil
}

// dropAllMessages removes all messages.
func dropAllMessages(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{"INSERT INTO message_words (message_words) VALUES ('delete-all')", "DELETE FROM pictures", "DELETE FROM messages"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("drop all messages: %w", err)
		}
	}
	return nil
}

// Search finds messages among those that are kept here, the newest first. What is wrong with the arguments is answered as the hub
// would: an *chat.Error.
func (c *Cache) Search(ctx context.Context, args chat.MessageSearchArgs) (chat.MessageSearchAnswer, error) {
	answer := chat.MessageSearchAnswer{Messages: []chat.Message{}, Here: true}
	words, err := args.Words()
	if err != nil {
		return answer, err
	}
	err = c.update(ctx, func(tx *sql.Tx) error {
		answer.Messages, answer.More = answer.Messages[:0], false
		query, values, err := c.searchQuery(ctx, tx, args, words)
		if err != nil {
			return err
		}
		return c.eachFound(ctx, tx, query, values, func(m chat.Message) bool {
			if answer.More = len(answer.Messages) == args.Limit; answer.More {
				return false
			}
			answer.Messages = append(answer.Messages, m)
			return true
		})
	})
	if err != nil {
		return answer, fmt.Errorf("search messages: %w", err)
	}
	return answer, nil
}

func (c *Cache) searchQuery(ctx context.Context, tx *sql.Tx, args chat.MessageSearchArgs, words []string) (string, []any, error) {
	where, values := []string{"message_words MATCH $1"}, []any{chat.SearchExpression("text", words)}
	and := func(condition string, some ...any) {
		places := make([]any, len(some))
		for i, v := range some {
			values = append(values, v)
			places[i] = len(values)
		}
		where = append(where, fmt.Sprintf(condition, places...))
	}
	if args.ConversationID != "" {
		and("m.conversation_id = $%d", args.ConversationID)
	}
	if args.AuthorID != "" {
		and("m.author_id = $%d", args.AuthorID)
	}
	if args.FromAt > 0 {
		and("m.at >= $%d", args.FromAt)
	}
	if args.ToAt > 0 {
		and("m.at < $%d", args.ToAt)
	}
	if args.BeforeID != "" {
		before, err := c.messageByID(ctx, tx, args.BeforeID)
		if err != nil {
			return "", nil, err
		}
		if before == nil {
			return "", nil, chat.ErrUnknown
		}
		and("(m.at, m.conversation_id, m.n) < ($%d, $%d, $%d)", before.At, before.ConversationID, before.N)
	}
	return `SELECT m.conversation_id, m.n, m.message_id, m.author_id, m.at, m.text, m.document, m.attachments, m.rest, m.checksum
		FROM message_words JOIN messages m ON m.rowid = message_words.rowid
		WHERE ` + strings.Join(where, " AND ") + " ORDER BY m.at DESC, m.conversation_id DESC, m.n DESC", values, nil
}

// eachFound calls take with each message of a query until it returns false. One that is not as it was written is passed over; it is seen
// to where it is shown.
func (c *Cache) eachFound(ctx context.Context, tx *sql.Tx, query string, values []any, take func(chat.Message) bool) error {
	rows, err := tx.QueryContext(ctx, query, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row chat.Message
		var document, attachments, rest string
		var sum int64
		if err := rows.Scan(&row.ConversationID, &row.N, &row.ID, &row.AuthorID, &row.At, &row.Text, &document, &attachments, &rest, &sum); err != nil {
			return err
		}
		row.Document, row.Attachments = rawOf(document), listOf[chat.Attachment](attachments)
		if m, sound := withRest(row, rest, sum); sound && !take(m) {
			return nil
		}
	}
	return rows.Err()
}
