package cache

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"parley/backend/chat"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum covers the content of a row. Each part is preceded by its length, so moving a byte from one to the next shows.
func checksum(parts ...any) int64 {
	sum := crc32.New(castagnoli)
	var head [8]byte
	for _, part := range parts {
		var text string
		switch p := part.(type) {
		case string:
			text = p
		case int64:
			binary.BigEndian.PutUint64(head[:], uint64(p))
			text = string(head[:])
		default:
			panic(fmt.Sprintf("checksum of a %T", part)) // only this package calls it
		}
		binary.BigEndian.PutUint64(head[:], uint64(len(text)))
		sum.Write(head[:])
		sum.Write([]byte(text))
	}
	return int64(sum.Sum32())
}

func messageChecksum(m *chat.Message, rest string) int64 {
	parts := []any{string(m.ID), string(m.ConversationID), m.N, string(m.AuthorID), int64(m.At), m.Text, string(m.Document)}
	for _, part := range []string{listText(m.Attachments), rest} { // a message without is summed up as before there were any
		if part != "" {
			parts = append(parts, part)
		}
	}
	return checksum(parts...)
}

// listText is the JSON of a list as it is kept in a column; empty for none.
func listText[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic(fmt.Sprintf("encode a list of %T: %v", list, err)) // words of package chat can always be encoded
	}
	return string(raw)
}

// listOf reads such a column. What cannot be read is damage, which the row's checksum tells.
func listOf[T any](column string) (list []T) {
	if column == "" || json.Unmarshal([]byte(column), &list) != nil {
		return nil
	}
	return list
}

// restOf is what a message has beyond its columns, as JSON; empty if nothing.
func restOf(m *chat.Message) (string, error) {
	rest := *m
	rest.ID, rest.ConversationID, rest.N, rest.AuthorID, rest.At, rest.Text, rest.Document, rest.Attachments = "", "", 0, "", 0, "", nil, nil
	body, err := json.Marshal(rest)
	if err != nil {
		return "", fmt.Errorf("encode a message: %w", err)
	}
	if string(body) == emptyRest {
		return "", nil
	}
	return string(body), nil
}

// emptyRest is the JSON of a message of which nothing is told.
var emptyRest = func() string {
	body, err := json.Marshal(chat.Message{})
	if err != nil {
		panic(err) // its fields are words and numbers
	}
	return string(body)
}()

// rawOf turns a document column into its JSON; an empty column means there is none.
func rawOf(column string) json.RawMessage {
	if column == "" {
		return nil
	}
	return json.RawMessage(column)
}

// withRest returns a message with what it has beyond its columns, and whether its row is as it was written.
func withRest(row chat.Message, rest string, sum int64) (chat.Message, bool) {
	if sum != messageChecksum(&row, rest) {
		return row, false
	}
	if rest == "" {
		return row, true
	}
	m := row
	if err := json.Unmarshal([]byte(rest), &m); err != nil {
		return row, false
	}
	m.ID, m.ConversationID, m.N, m.AuthorID, m.At = row.ID, row.ConversationID, row.N, row.AuthorID, row.At
	m.Text, m.Document, m.Attachments = row.Text, row.Document, row.Attachments
	return m, true
}

// tail reads at most limit messages before number before, ascending. A row whose checksum does not fit, and all that are older,
// are dropped from the cache, so the tail stays without a hole; they are fetched again when somebody scrolls there.
func (c *Cache) tail(ctx context.Context, tx *sql.Tx, id chat.ConversationID, before int64, limit int) ([]chat.Message, error) {
	rows, err := tx.QueryContext(ctx, `SELECT n, message_id, author_id, at, text, document, attachments, rest, checksum FROM messages
		WHERE conversation_id = $1 AND n < $2 ORDER BY n DESC LIMIT $3`, id, before, limit)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	defer rows.Close()
	found := []chat.Message{}
	damaged := int64(0)
	for rows.Next() {
		row := chat.Message{ConversationID: id}
		var document, attachments, rest string
		var sum int64
		if err := rows.Scan(&row.N, &row.ID, &row.AuthorID, &row.At, &row.Text, &document, &attachments, &rest, &sum); err != nil {
			return nil, fmt.Errorf("read a message: %w", err)
		}
		row.Document, row.Attachments = rawOf(document), listOf[chat.Attachment](attachments)
		m, sound := withRest(row, rest, sum)
		if !sound {
			damaged = row.N
			break
		}
		found = append(found, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	if damaged > 0 {
		c.log.Error("a message on this disk is damaged; it and older ones are loaded again when needed", "conversation", id, "n", damaged)
		if err := dropUpTo(ctx, tx, id, damaged); err != nil {
			return nil, err
		}
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found, nil
}

// dropUpTo shortens a conversation's tail to the messages above n.
func dropUpTo(ctx context.Context, tx *sql.Tx, id chat.ConversationID, n int64) error {
	if err := dropMessages(ctx, tx, "conversation_id = $1 AND n <= $2", id, n); err != nil {
		return fmt.Errorf("shorten a tail: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE conversations SET more = 1 WHERE conversation_id = $1", id); err != nil {
		return fmt.Errorf("shorten a tail: %w", err)
	}
	return nil
}

// state is a conversation's row without its body.
type state struct {
	lastN, readN int64
	readDirty    bool
	more         bool
	muted        bool
	// firstN is the number of the oldest message here; 0 if there is none.
	firstN int64
}

// stateOf reads a conversation's row; found is false if there is none.
func stateOf(ctx context.Context, tx *sql.Tx, id chat.ConversationID) (s state, found bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT last_n, read_n, read_dirty, more, muted,
		coalesce((SELECT min(n) FROM messages m WHERE m.conversation_id = c.conversation_id), 0)
		FROM conversations c WHERE conversation_id = $1`, id).Scan(&s.lastN, &s.readN, &s.readDirty, &s.more, &s.muted, &s.firstN)
	if err == sql.ErrNoRows {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("read a conversation: %w", err)
	}
	return s, true, nil
}

// putBody stores v as JSON under a key.
func putBody(ctx context.Context, tx *sql.Tx, table, key string, id string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode for %s: %w", table, err)
	}
	_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO "+table+" ("+key+", body) VALUES ($1, $2)", id, string(body))
	if err != nil {
		return fmt.Errorf("store in %s: %w", table, err)
	}
	return nil
}

// eachBody calls take with every key and body of a table, in the order of the keys. A body that cannot be read is damage.
func eachBody[T any](ctx context.Context, tx *sql.Tx, table, key string, take func(id string, v T)) error {
	rows, err := tx.QueryContext(ctx, "SELECT "+key+", body FROM "+table+" ORDER BY "+key)
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		if err := rows.Scan(&id, &body); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
		var v T
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			return fmt.Errorf("%w: %s holds %q: %w", errDamaged, table, id, err)
		}
		take(id, v)
	}
	return rows.Err()
}
