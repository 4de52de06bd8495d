package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parley/backend/chat"
)

// Salvage tells what was saved out of a damaged file.
type Salvage struct {
	// Messages and Drafts were saved; Refused of the messages were damaged themselves and are shown as refused.
	Messages, Drafts, Refused int
	// Lost is true if the file could not be read to the end of outbox and drafts, so that some may be missing.
	Lost bool
}

// rebuild replaces a damaged file: what can be saved is written into a new file, which is complete on the disk before the old
// one is put aside. A process killed at any point leaves either the damaged file (and does it again) or the new one.
func (c *Cache) rebuild(ctx context.Context) error {
	damaged, rebuilt := filepath.Join(c.dir, fileName), filepath.Join(c.dir, rebuiltName)
	if err := removeFile(rebuilt); err != nil {
		return err
	}
	saved := c.salvage(ctx, damaged)
	db, err := openFile(ctx, rebuilt)
	if err != nil {
		return err
	}
	err = errors.Join(saved.write(ctx, db), db.Close()) // closing folds the write-ahead log into the file
	if err != nil {
		return err
	}
	if err := moveFile(damaged, filepath.Join(c.dir, damagedName)); err != nil {
		return err
	}
	if err := finishRebuild(c.dir); err != nil {
		return err
	}
	if err := c.open(ctx, damaged); err != nil {
		return err
	}
	c.salvaged = &Salvage{Messages: len(saved.rows), Drafts: len(saved.drafts), Refused: saved.damagedRows(), Lost: saved.lost}
	return nil
}

// finishRebuild puts a rebuilt file in its place if the damaged one was put aside already, and removes an unfinished one.
func finishRebuild(dir string) error {
	current, rebuilt := filepath.Join(dir, fileName), filepath.Join(dir, rebuiltName)
	if _, err := os.Stat(current); err == nil {
		return removeFile(rebuilt)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(rebuilt); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// What is left of the damaged file's write-ahead log must not be taken for the new file's.
	if err := removeFile(current); err != nil {
		return err
	}
	return os.Rename(rebuilt, current)
}

// saved is what was read out of a damaged file.
type saved struct {
	deviceID chat.DeviceID
	account  Account
	rows     []outboxRow
	drafts   []salvagedDraft
	lost     bool
}

type salvagedDraft struct {
	account string
	draftRow
}

func (s *saved) damagedRows() int {
	n := 0
	for i := range s.rows {
		if s.rows[i].sum != s.rows[i].checksum() {
			n++
		}
	}
	return n
}

// salvage reads outbox, drafts and profile as far as they can be read. It never fails: what cannot be read is not there.
func (c *Cache) salvage(ctx context.Context, path string) *saved {
	s := &saved{deviceID: chat.DeviceID(chat.NewUUID())}
	db, err := openDamaged(ctx, path)
	if err != nil {
		c.log.Error("nothing can be saved from the damaged local data", "error", err)
		s.lost = true
		return s
	}
	defer db.Close()
	var deviceID chat.DeviceID
	var account Account
	row := db.QueryRowContext(ctx, "SELECT device_id, server, user_id FROM profile")
	if err := row.Scan(&deviceID, &account.Server, &account.UserID); err == nil {
		if chat.ValidUUID(string(deviceID)) {
			s.deviceID = deviceID
		}
		s.account = account
	}
	s.readOutbox(ctx, db)
	s.readDrafts(ctx, db)
	return s
}

// openDamaged opens a file whose header or schema may be what is damaged: schema entries that cannot be read are passed over
// (writable_schema), and a header that SQLite does not recognise is given the constant fields every file of ours has.
func openDamaged(ctx context.Context, path string) (*sql.DB, error) {
	db, err := openFile(ctx, path)
	if err != nil {
		if err := mendHeader(path); err != nil {
			return nil, err
		}
		if db, err = openFile(ctx, path); err != nil {
			return nil, err
		}
	}
	if _, err := db.ExecContext(ctx, "PRAGMA writable_schema = ON"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// mendHeader writes the fields of SQLite's file header that are the same in all our files: the magic text, 4096-byte pages,
// write-ahead logging, no reserved bytes and the payload fractions; then schema format 4 and UTF-8.
func mendHeader(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	_, first := f.WriteAt([]byte("SQLite format 3\x00\x10\x00\x02\x02\x00\x40\x20\x20"), 0)
	_, format := f.WriteAt([]byte{0, 0, 0, 4}, 44)
	_, encoding := f.WriteAt([]byte{0, 0, 0, 1}, 56)
	return errors.Join(first, format, encoding, f.Close())
}

// readOutbox reads the rows in order and, where the order cannot be followed, one by one.
func (s *saved) readOutbox(ctx context.Context, db *sql.DB) {
	columns := columnsThere(ctx, db, "outbox", outboxColumns)
	// NOT INDEXED reads the table itself: an index may be what is damaged.
	rows, err := db.QueryContext(ctx, "SELECT "+columns+" FROM outbox NOT INDEXED")
	if err == nil {
		for rows.Next() {
			if row, err := scanOutbox(rows.Scan); err == nil {
				s.rows = append(s.rows, row)
			}
		}
		err = errors.Join(rows.Err(), rows.Close(), checkTable(ctx, db, fullCheck, "outbox"))
	}
	if err == nil {
		return
	}
	s.lost = true
	// A damaged page hides its rows, or those after it; each is still found by its own key if its page is sound.
	const atMost = 100_000
	var last int64
	if db.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").Scan(&last) != nil {
		return
	}
	for order := max(1, last-atMost); order <= last; order++ {
		if slices.ContainsFunc(s.rows, func(r outboxRow) bool { return r.order == order }) {
			continue
		}
		row, err := scanOutbox(db.QueryRowContext(ctx, "SELECT "+columns+" FROM outbox WHERE outbox_order = $1", order).Scan)
		if err == nil {
			s.rows = append(s.rows, row)
		}
	}
}

// columnsThere returns today's columns of a table as they are to be read from a file that may be of an earlier version: those that came
// later are empty there. Where nothing can be said of the table, they are all taken to be there.
func columnsThere(ctx context.Context, db *sql.DB, table, columns string) string {
	rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_info($1)", table)
	if err != nil {
		return columns
	}
	defer rows.Close()
	var there []string
	for rows.Next() {
		var name string
		if rows.Scan(&name) == nil {
			there = append(there, name)
		}
	}
	if rows.Err() != nil || len(there) == 0 {
		return columns
	}
	read := strings.Split(columns, ", ")
	for i, name := range read {
		if !slices.Contains(there, name) {
			read[i] = "''"
		}
	}
	return strings.Join(read, ", ")
}

func (s *saved) readDrafts(ctx context.Context, db *sql.DB) {
	rows, err := db.QueryContext(ctx, "SELECT account, conversation_id, text, document, at, dirty FROM drafts NOT INDEXED")
	if err != nil {
		s.lost = true
		return
	}
	defer rows.Close()
	for rows.Next() {
		var d salvagedDraft
		var document string
		if err := rows.Scan(&d.account, &d.ConversationID, &d.Text, &document, &d.At, &d.dirty); err == nil {
			d.Document = rawOf(document)
			s.drafts = append(s.drafts, d)
		}
	}
	s.lost = s.lost || errors.Join(rows.Err(), checkTable(ctx, db, fullCheck, "drafts")) != nil
}

// write fills a new file. Rows keep their checksums, so those that do not fit are found and refused when the file is opened.
func (s *saved) write(ctx context.Context, db *sql.DB) error {
	if err := migrate(ctx, db); err != nil {
		return err
	}
	return update(ctx, db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE profile SET device_id = $1, server = $2, user_id = $3",
			s.deviceID, s.account.Server, s.account.UserID)
		if err != nil {
			return err
		}
		for i := range s.rows {
			if err := s.rows[i].restore(ctx, tx); err != nil {
				return err
			}
		}
		for i := range s.drafts {
			if err := putDraft(ctx, tx, s.drafts[i].account, s.drafts[i].Draft, true); err != nil {
				return fmt.Errorf("restore a draft: %w", err)
			}
		}
		return nil
	})
}

// restore writes a salvaged row under its old place and checksum.
func (r *outboxRow) restore(ctx context.Context, tx *sql.Tx) error {
	m := &r.message
	_, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO outbox ("+outboxColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		r.order, r.account, m.ID, m.ConversationID, m.Text, string(m.Document), r.at, r.state, r.postedN, r.errText, r.sum, listText(r.files), r.rest)
	if err != nil {
		return fmt.Errorf("restore a message: %w", err)
	}
	return nil
}

// companions are the endings of the files SQLite keeps beside a database.
var companions = []string{"", "-wal", "-shm", "-journal"}

// moveFile renames a database. Its main file goes first: once it is gone from its place, a rebuilt one takes that.
func moveFile(from, to string) error {
	if err := removeFile(to); err != nil {
		return err
	}
	for _, ending := range companions {
		if err := os.Rename(from+ending, to+ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func removeFile(path string) error {
	for _, ending := range companions {
		if err := os.Remove(path + ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
