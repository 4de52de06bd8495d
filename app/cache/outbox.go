package cache

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"parley/backend/chat"
)

// The states of a row. "Sending" is not kept: after a crash its result is unknown, which is waiting.
//
//	loading -> waiting (its files are on the server) -> posted (answered; goes with its event)
//	   \-----------|  ^--- another log (a restored backup): waiting, with files loading
//	               \---> refused (final; goes when discarded, or waits again when the user sends it again)
const (
	rowLoading = "loading"
	rowWaiting = "waiting"
	rowPosted  = "posted"
	rowRefused = "refused"
)

// outboxRow is a row as it is kept.
type outboxRow struct {
	order   int64
	account string
	message chat.MessagePostArgs
	// files are those that the message names.
	files   []chat.OutboxFile
	at      chat.Millis
	state   string
	postedN int64
	errText string
	rest    string
	sum     int64
}

const outboxColumns = "outbox_order, account, message_id, conversation_id, text, document, at, state, posted_n, error, checksum, files, rest"

func scanOutbox(scan func(...any) error) (outboxRow, error) {
	var r outboxRow
	var document, files string
	err := scan(&r.order, &r.account, &r.message.ID, &r.message.ConversationID, &r.message.Text, &document,
		&r.at, &r.state, &r.postedN, &r.errText, &r.sum, &files, &r.rest)
	r.message.Document, r.files = rawOf(document), listOf[chat.OutboxFile](files)
	for _, f := range r.files {
		r.message.FileIDs = append(r.message.FileIDs, f.ID)
	}
	if err == nil && r.rest != "" && r.sum == r.checksum() {
		err = json.Unmarshal([]byte(r.rest), &outboxRest{&r.message.ReplyToID, &r.message.Mentions, &r.message.TemplateFileIDs})
	}
	return r, err
}

// outboxRest is what a message that waits has beyond its columns.
type outboxRest struct {
	ReplyToID       *chat.MessageID `json:"replyToId,omitempty"`
	Mentions        *[]chat.UserID  `json:"mentions,omitempty"`
	TemplateFileIDs *[]chat.FileID  `json:"templateFileIds,omitempty"`
}

// setRest keeps what the message has beyond the columns; nothing if there is nothing.
func (r *outboxRow) setRest() error {
	m := &r.message
	if m.ReplyToID == "" && len(m.Mentions)+len(m.TemplateFileIDs) == 0 {
		return nil
	}
	raw, err := json.Marshal(outboxRest{&m.ReplyToID, &m.Mentions, &m.TemplateFileIDs})
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	r.rest = string(raw)
	return nil
}

func (r *outboxRow) checksum() int64 {
	m := &r.message
	parts := []any{r.account, string(m.ID), string(m.ConversationID), m.Text, string(m.Document), int64(r.at), r.state, r.postedN, r.errText}
	if files := listText(r.files); files != "" {
		parts = append(parts, files)
	}
	if r.rest != "" { // rows of earlier versions of Parley were summed up without
		parts = append(parts, r.rest)
	}
	return checksum(parts...)
}

func (r *outboxRow) item() chat.OutboxItem {
	item := chat.OutboxItem{Message: r.message, Order: r.order, At: r.at, State: chat.OutboxWaiting, Files: r.files}
	switch r.state {
	case rowPosted: // answered, its event is on the way
		item.State = chat.OutboxSending
	case rowRefused:
		item.State = chat.OutboxRefused
		item.Error = new(chat.Error)
		if json.Unmarshal([]byte(r.errText), item.Error) != nil {
			item.Error = errRowDamaged
		}
	}
	return item
}

// put writes a row with its checksum; a row that is new (order 0) is given its place.
func (r *outboxRow) put(ctx context.Context, tx *sql.Tx) error {
	var order any
	if r.order > 0 {
		order = r.order
	}
	m := &r.message
	if r.order == 0 {
		if err := r.setRest(); err != nil {
			return err
		}
	}
	result, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO outbox ("+outboxColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		order, r.account, m.ID, m.ConversationID, m.Text, string(m.Document), r.at, r.state, r.postedN, r.errText, r.checksum(), listText(r.files), r.rest)
	if err != nil {
		return fmt.Errorf("write to the outbox: %w", err)
	}
	if r.order == 0 {
		r.order, err = result.LastInsertId()
	}
	return err
}

func outboxByID(ctx context.Context, tx *sql.Tx, id chat.MessageID) (row outboxRow, found bool, err error) {
	row, err = scanOutbox(tx.QueryRowContext(ctx, "SELECT "+outboxColumns+" FROM outbox WHERE message_id = $1", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	if err != nil {
		return row, false, fmt.Errorf("read the outbox: %w", err)
	}
	return row, true, nil
}

func outboxRows(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]outboxRow, error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+outboxColumns+" FROM outbox WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	defer rows.Close()
	var all []outboxRow
	for rows.Next() {
		row, err := scanOutbox(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func deleteOutbox(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]chat.MessageID, error) {
	rows, err := tx.QueryContext(ctx, "DELETE FROM outbox WHERE "+where+" RETURNING message_id", args...)
	if err != nil {
		return nil, fmt.Errorf("take messages out of the outbox: %w", err)
	}
	defer rows.Close()
	var gone []chat.MessageID
	for rows.Next() {
		var id chat.MessageID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("take messages out of the outbox: %w", err)
		}
		gone = append(gone, id)
	}
	return gone, rows.Err()
}

// Enqueued is what became of a message that was handed in.
type Enqueued struct {
	// Item is the message's place in the outbox; meaningful unless Posted is set.
	Item chat.OutboxItem
	// Posted is the message as the hub has it, if it is there already.
	Posted *chat.Message
}

// Enqueue puts a checked message into the outbox; when it returns without an error, the message is on the disk. The same
// message again changes nothing, but a refused one waits again: that is how the user sends it again. The same id for anything
// else is a *chat.Error with CodeConflict.
//
// A message with files is loading first, until MarkLoaded; files says what each of its FileIDs is.
func (c *Cache) Enqueue(ctx context.Context, message chat.MessagePostArgs, files []chat.OutboxFile, at chat.Millis) (Enqueued, error) {
	conflict := &chat.Error{Code: chat.CodeConflict, Text: "This message's id stands for another message already. It was not sent; write it anew."}
	var done Enqueued
	err := c.update(ctx, func(tx *sql.Tx) error {
		posted, err := c.messageByID(ctx, tx, message.ID)
		if err != nil {
			return err
		}
		if posted != nil {
			if posted.AuthorID != c.account.UserID || posted.ConversationID != message.ConversationID ||
				posted.Revision == 0 && (posted.Text != message.Text || !bytes.Equal(posted.Document, message.Document) ||
					len(posted.Attachments) != len(message.FileIDs)) {
				return conflict
			}
			done.Posted = posted
			return nil
		}
		row, found, err := outboxByID(ctx, tx, message.ID)
		if err != nil {
			return err
		}
		if found && (row.account != c.account.key() || !sameMessage(&row.message, &message)) {
			return conflict
		}
		if !found {
			row = outboxRow{account: c.account.key(), message: message, files: files, at: at}
			row.begin()
		} else if row.state == rowRefused {
			row.begin()
		}
		err = row.put(ctx, tx)
		done.Item = row.item()
		return err
	})
	if err != nil {
		return Enqueued{}, fmt.Errorf("keep a message to be sent: %w", err)
	}
	return done, nil
}

// begin puts a row into the state in which a message begins.
func (r *outboxRow) begin() {
	r.state, r.errText, r.postedN = rowWaiting, "", 0
	if len(r.files) > 0 {
		r.state = rowLoading
	}
}

func sameMessage(a, b *chat.MessagePostArgs) bool {
	return a.ID == b.ID && a.ConversationID == b.ConversationID && a.ReplyToID == b.ReplyToID && slices.Equal(a.Mentions, b.Mentions) &&
		a.Text == b.Text && bytes.Equal(a.Document, b.Document) && slices.Equal(a.FileIDs, b.FileIDs) &&
		slices.Equal(a.TemplateFileIDs, b.TemplateFileIDs)
}

func (c *Cache) messageByID(ctx context.Context, tx *sql.Tx, id chat.MessageID) (*chat.Message, error) {
	m := &chat.Message{ID: id}
	var document, attachments string
	err := tx.QueryRowContext(ctx, `SELECT conversation_id, n, author_id, at, text, document, attachments,
		coalesce(json_extract(nullif(rest, ''), '$.revision'), 0) FROM messages WHERE message_id = $1`, id).
		Scan(&m.ConversationID, &m.N, &m.AuthorID, &m.At, &m.Text, &document, &attachments, &m.Revision)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a message: %w", err)
	}
	m.Document, m.Attachments = rawOf(document), listOf[chat.Attachment](attachments)
	return m, nil
}

// Outbox lists the account's outbox in the order typed.
func (c *Cache) Outbox(ctx context.Context) ([]chat.OutboxItem, error) {
	items := []chat.OutboxItem{}
	err := c.update(ctx, func(tx *sql.Tx) error {
		rows, err := outboxRows(ctx, tx, "account = $1 ORDER BY outbox_order", c.account.key())
		for i := range rows {
			items = append(items, rows[i].item())
		}
		return err
	})
	return items, err
}

// OutboxItem returns a message that is in the outbox still; nil if it has left it.
func (c *Cache) OutboxItem(ctx context.Context, id chat.MessageID) (item *chat.OutboxItem, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		row, found, err := outboxByID(ctx, tx, id)
		if found {
			still := row.item()
			item = &still
		}
		return err
	})
	return item, err
}

// Unsent counts the account's messages that wait to be sent.
func (c *Cache) Unsent(ctx context.Context) (int, error) {
	var n int
	err := c.db.QueryRowContext(ctx, "SELECT count(*) FROM outbox WHERE account = $1 AND state IN ($2, $3)", c.account.key(), rowWaiting, rowLoading).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the outbox: %w", err)
	}
	return n, nil
}

// NextWaiting returns, for each conversation that has messages waiting, the first of them, in the order typed.
func (c *Cache) NextWaiting(ctx context.Context) ([]chat.OutboxItem, error) {
	return c.waiting(ctx, `outbox_order IN (SELECT min(outbox_order) FROM outbox WHERE account = $1 AND state = $2 GROUP BY conversation_id)
		ORDER BY outbox_order`, c.account.key(), rowWaiting)
}

// NextWaitingIn returns the first message that waits in one conversation, or nil.
func (c *Cache) NextWaitingIn(ctx context.Context, id chat.ConversationID) (*chat.OutboxItem, error) {
	items, err := c.waiting(ctx, "account = $1 AND state = $2 AND conversation_id = $3 ORDER BY outbox_order LIMIT 1",
		c.account.key(), rowWaiting, id)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return &items[0], nil
}

// Loading returns the messages whose files are not known to be on the server, in the order typed.
func (c *Cache) Loading(ctx context.Context) ([]chat.OutboxItem, error) {
	return c.waiting(ctx, "account = $1 AND state = $2 ORDER BY outbox_order", c.account.key(), rowLoading)
}

// MarkLoaded keeps that a message's files are on the server (or, with loaded false, that they turned out not to be): it waits to be
// sent. The item is nil if the message is no longer in the outbox, or in another state.
func (c *Cache) MarkLoaded(ctx context.Context, id chat.MessageID, loaded bool) (item *chat.OutboxItem, err error) {
	from, to := rowLoading, rowWaiting
	if !loaded {
		from, to = to, from
	}
	err = c.update(ctx, func(tx *sql.Tx) error {
		row, found, err := outboxByID(ctx, tx, id)
		if err != nil || !found || row.state != from {
			return err
		}
		row.state = to
		changed := row.item()
		item = &changed
		return row.put(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("keep how far a message's files are: %w", err)
	}
	return item, nil
}

// NamedFiles returns those of the ids that messages of the outbox name, whoever wrote them.
func (c *Cache) NamedFiles(ctx context.Context, ids []chat.FileID) (map[chat.FileID]struct{}, error) {
	named := map[chat.FileID]struct{}{}
	err := c.update(ctx, func(tx *sql.Tx) error {
		rows, err := outboxRows(ctx, tx, "files <> ''")
		for i := range rows {
			for _, f := range rows[i].files {
				if slices.Contains(ids, f.ID) {
					named[f.ID] = struct{}{}
				}
			}
		}
		return err
	})
	return named, err
}

// waiting reads rows that wait. One whose checksum does not fit (any more) is refused instead, and its item says so.
func (c *Cache) waiting(ctx context.Context, where string, args ...any) ([]chat.OutboxItem, error) {
	var items []chat.OutboxItem
	err := c.update(ctx, func(tx *sql.Tx) error {
		rows, err := outboxRows(ctx, tx, where, args...)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := c.refuseIfDamaged(ctx, tx, &rows[i]); err != nil {
				return err
			}
			items = append(items, rows[i].item())
		}
		return nil
	})
	return items, err
}

// MarkPosted keeps the hub's answer, after which the message is never sent again. gone is true if no event will come, and the row
// is gone: its conversation has reached n here already, or is hidden by now (a repeat is answered all the same).
func (c *Cache) MarkPosted(ctx context.Context, id chat.MessageID, n int64) (gone bool, err error) {
	err = c.update(ctx, func(tx *sql.Tx) error {
		row, found, err := outboxByID(ctx, tx, id)
		if err != nil || !found {
			return err
		}
		s, _, err := stateOf(ctx, tx, row.message.ConversationID)
		if err != nil {
			return err
		}
		known, err := c.knows(ctx, tx, row.message.ConversationID)
		if err != nil {
			return err
		}
		if gone = s.lastN >= n || !known && c.cursor != ""; gone {
			_, err := deleteOutbox(ctx, tx, "message_id = $1", id)
			return err
		}
		row.state, row.postedN = rowPosted, n
		return row.put(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("keep that a message was posted: %w", err)
	}
	return gone, nil
}

// MarkRefused keeps the reason why a message will not be sent. The item is nil if the message is no longer in the outbox.
func (c *Cache) MarkRefused(ctx context.Context, id chat.MessageID, reason *chat.Error) (item *chat.OutboxItem, err error) {
	text, err := json.Marshal(reason)
	if err != nil {
		return nil, fmt.Errorf("encode a refusal: %w", err)
	}
	err = c.update(ctx, func(tx *sql.Tx) error {
		row, found, err := outboxByID(ctx, tx, id)
		if err != nil || !found {
			return err
		}
		row.state, row.errText = rowRefused, string(text)
		refused := row.item()
		item = &refused
		return row.put(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("keep that a message was refused: %w", err)
	}
	return item, nil
}

// Discard removes a refused message. One that may still be posted is CodeConflict, one that is not there CodeUnknown.
func (c *Cache) Discard(ctx context.Context, id chat.MessageID) error {
	return c.update(ctx, func(tx *sql.Tx) error {
		row, found, err := outboxByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !found || row.account != c.account.key():
			return chat.ErrUnknown
		case row.state != rowRefused:
			return &chat.Error{Code: chat.CodeConflict, Text: "This message is on its way and can no longer be taken back."}
		}
		_, err = deleteOutbox(ctx, tx, "message_id = $1", id)
		return err
	})
}

// repeatPosted lets posted messages wait again, because the log they were posted to is no more.
func (c *Cache) repeatPosted(ctx context.Context, tx *sql.Tx) error {
	rows, err := outboxRows(ctx, tx, "account = $1 AND state = $2", c.account.key(), rowPosted)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].begin()
		if err := rows[i].put(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

var errRowDamaged = &chat.Error{Code: chat.CodeInvalid,
	Text: "This message was damaged on this computer's disk before it was sent. It was not sent; check the text and send it again."}

// refuseIfDamaged turns a row whose checksum does not fit into a refused one with that reason: it is shown and not sent.
func (c *Cache) refuseIfDamaged(ctx context.Context, tx *sql.Tx, r *outboxRow) error {
	if r.sum == r.checksum() {
		return nil
	}
	c.log.Error("a message in the outbox is damaged and will not be sent", "message", r.message.ID)
	text, err := json.Marshal(errRowDamaged)
	if err != nil {
		return fmt.Errorf("encode a refusal: %w", err)
	}
	r.state, r.errText, r.postedN = rowRefused, string(text), 0
	if oneByteApart(r.account, c.account.key()) { // the damage is in the account's name; its owner must see the row
		r.account = c.account.key()
	}
	return r.put(ctx, tx)
}

func oneByteApart(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	apart := 0
	for i := range len(a) {
		if a[i] != b[i] {
			apart++
		}
	}
	return apart == 1
}

// refuseDamagedOutbox checks every row of the outbox.
func (c *Cache) refuseDamagedOutbox(ctx context.Context, tx *sql.Tx) error {
	rows, err := outboxRows(ctx, tx, "1 = 1")
	if err != nil {
		return err
	}
	for i := range rows {
		if err := c.refuseIfDamaged(ctx, tx, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}
