package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"parley/backend/chat"
)

// What pictures a conversation shows is kept, so that it looks the same without a connection. They are a convenience: what is too large or
// too old is not here, and whoever asks then says that it cannot be had. A picture leaves with its message, in the same transaction.
const (
	// MaxPictureBytes is the largest picture that is kept, mostPictureBytes what all may have together, in bytes.
	MaxPictureBytes  = 1 << 20
	mostPictureBytes = 64 << 20
)

// Picture is a picture as a timeline shows it: a small copy of a file, or the file itself if that is small.
type Picture struct {
	// Type is its media type.
	Type  string
	Bytes []byte
}

// KeepPicture keeps a picture of a file that a message here names, small says which of the two; the oldest ones make room for it. One that
// is too large, or of no message here, is not kept, which is no error.
func (c *Cache) KeepPicture(ctx context.Context, id chat.FileID, small bool, p Picture) error {
	if len(p.Bytes) == 0 || len(p.Bytes) > MaxPictureBytes {
		return nil
	}
	sum := p.checksum(id)
	return c.update(ctx, func(tx *sql.Tx) error {
		var have bool // it passes each time that it is shown, and is written once
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pictures WHERE file_id = $1 AND small = $2 AND checksum = $3)", id, small, sum).Scan(&have)
		if err != nil {
			return fmt.Errorf("look for a picture: %w", err)
		}
		if have {
			return nil
		}
		message, err := messageWithFile(ctx, tx, id)
		if err != nil || message == "" {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO pictures (file_id, small, message_id, type, bytes, checksum) VALUES ($1, $2, $3, $4, $5, $6)",
			id, small, message, p.Type, p.Bytes, sum)
		if err != nil {
			return fmt.Errorf("keep a picture: %w", err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM pictures WHERE rowid IN (SELECT row FROM
			(SELECT rowid AS row, sum(length(bytes)) OVER (ORDER BY rowid DESC) AS total FROM pictures) WHERE total > $1)`, mostPictureBytes)
		if err != nil {
			return fmt.Errorf("make room for pictures: %w", err)
		}
		return nil
	})
}

// messageWithFile returns the id of the message here that names a file, empty if there is none.
func messageWithFile(ctx context.Context, tx *sql.Tx, id chat.FileID) (message chat.MessageID, err error) {
	var attachments string
	err = tx.QueryRowContext(ctx, "SELECT message_id, attachments FROM messages WHERE attachments <> '' AND instr(attachments, $1) > 0", id).Scan(&message, &attachments)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look for the message of a file: %w", err)
	case !slices.ContainsFunc(listOf[chat.Attachment](attachments), func(a chat.Attachment) bool { return a.ID == id }):
		return "", nil
	}
	return message, nil
}

// Picture returns a picture of a file, if it is here and whole. One that is damaged is forgotten, so that it is kept anew when it passes.
func (c *Cache) Picture(ctx context.Context, id chat.FileID, small bool) (p Picture, found bool, err error) {
	var sum int64
	err = c.db.QueryRowContext(ctx, "SELECT type, bytes, checksum FROM pictures WHERE file_id = $1 AND small = $2", id, small).Scan(&p.Type, &p.Bytes, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return Picture{}, false, nil
	}
	if err != nil {
		return Picture{}, false, fmt.Errorf("read a picture: %w", err)
	}
	if sum != p.checksum(id) {
		return Picture{}, false, c.ForgetPicture(ctx, id)
	}
	return p, true, nil
}

// ForgetPicture forgets what is kept of a file.
func (c *Cache) ForgetPicture(ctx context.Context, id chat.FileID) error {
	if _, err := c.db.ExecContext(ctx, "DELETE FROM pictures WHERE file_id = $1", id); err != nil {
		return fmt.Errorf("forget a picture: %w", err)
	}
	return nil
}

// dropPictures forgets the pictures of the messages that answer to a condition.
func dropPictures(ctx context.Context, tx *sql.Tx, where string, args ...any) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM pictures WHERE message_id IN (SELECT message_id FROM messages WHERE "+where+")", args...)
	if err != nil {
		return fmt.Errorf("drop pictures: %w", err)
	}
	return nil
}

func (p *Picture) checksum(id chat.FileID) int64 {
	return checksum(string(id), p.Type, string(p.Bytes))
}
