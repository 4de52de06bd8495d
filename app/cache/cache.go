// Package cache is what a desktop keeps on its own disk: the tails of conversations with everything needed to show them, the
// drafts, the outbox, and the cursor that says where in the hub's log all this stands. One SQLite file in a profile's folder.
//
// It owns the file, its schema and the rule that rows and cursor change in one transaction. It repeats what the hub said and
// decides nothing about rights: what is lost is purged in the transaction that says so. It leaves the connection to package
// link and the order of sending to package replica. One process at a time may open a profile: see Lock.
//
// Every account (a user at a server) that ever left something unsent in this profile keeps its outbox and drafts here, marked
// with the account; everything else belongs to the one account in use and goes when another takes its place.
//
// A Cache has one connection and is meant for one caller at a time. A damaged file is noticed when it is opened or read: the
// outbox and the drafts are saved into a new file and the rest is fetched again from the hub.
package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"parley/backend/chat"
	"parley/backend/folder"
)

// Names of the files in a profile's folder.
const (
	fileName    = "cache.db"
	rebuiltName = "cache.rebuilt.db" // exists only while a damaged file is replaced
	damagedName = "cache.damaged.db" // the last damaged file, kept until sign-out for whoever wants to look into it
)

// ErrMalformed says that the hub sent something that cannot be stored. The cure is a reset: see ForgetCursor.
var ErrMalformed = errors.New("the server's data does not have the expected form")

// ErrNewer says that the profile was written by a newer program. The file was not changed.
var ErrNewer = errors.New("this profile was last used by a newer version of Parley; install that version or a later one. Nothing was changed")

// Account is a user at a server.
type Account struct {
	// Server is the base address, for example "https://parley.example.com".
	Server string
	UserID chat.UserID
}

// key is how rows name their account. Neither part holds a space.
func (a Account) key() string {
	if a == (Account{}) {
		return ""
	}
	return a.Server + " " + string(a.UserID)
}

// Cache is an open profile.
type Cache struct {
	db       *sql.DB
	dir      string
	log      *slog.Logger
	salvaged *Salvage

	// What the profile row says, so that asking needs no query; changed only after a commit.
	deviceID chat.DeviceID
	account  Account
	cursor   chat.Cursor
}

// Open opens the cache in the folder dir, which must exist and be locked (see Lock), and creates it if there is none. A damaged
// file is replaced by a new one that holds its outbox and drafts: Salvaged then tells. Errors: ErrNewer, or the reason why the
// file cannot be used at all (no room, no permission); then nothing was changed.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Cache, error) {
	c := &Cache{dir: dir, log: log}
	if err := finishRebuild(dir); err != nil {
		return nil, err
	}
	err := c.open(ctx, filepath.Join(dir, fileName))
	if err == nil || !IsDamage(err) {
		return c, wrapOpen(err)
	}
	log.Error("the local data is damaged; saving outbox and drafts, the rest is loaded again", "error", err)
	if err := c.rebuild(ctx); err != nil {
		return nil, fmt.Errorf("replace the damaged local data in %s: %w", dir, err)
	}
	return c, nil
}

func wrapOpen(err error) error {
	if err == nil || errors.Is(err, ErrNewer) {
		return err
	}
	return fmt.Errorf("open the local data: %w", err)
}

// open opens the file, brings its schema up to date and checks it.
func (c *Cache) open(ctx context.Context, path string) (err error) {
	db, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := migrate(ctx, db); err != nil {
		return err
	}
	if err := checkTables(ctx, db); err != nil {
		return err
	}
	if err := checkSchema(ctx, db); err != nil {
		return err
	}
	c.db = db
	if err := c.readProfile(ctx); err != nil {
		return err
	}
	return c.update(ctx, func(tx *sql.Tx) error { return c.refuseDamagedOutbox(ctx, tx) })
}

// openFile opens a SQLite file with the settings that make "kept" true (reliability.md: FULL loses nothing at a power cut).
// The file is created with mode 0600 before SQLite sees it; its companions inherit that.
func openFile(ctx context.Context, path string) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return nil, err
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // file:///C:/...
	}
	address := url.URL{Scheme: "file", Path: slashed, RawQuery: "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_txlock=immediate"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkedTables are looked through when the file is opened. The large one, messages, is not: each of its rows is checked when it
// is read, and a damaged page shows then, too.
var checkedTables = []string{"profile", "facts", "teams", "templates", "people", "start_rights", "post_rights", "conversations", "drafts", "outbox"}

func checkTables(ctx context.Context, db *sql.DB) error {
	for _, table := range checkedTables {
		check := "quick_check"
		if table == "outbox" || table == "drafts" {
			check = fullCheck
		}
		if err := checkTable(ctx, db, check, table); err != nil {
			return err
		}
	}
	return nil
}

// fullCheck compares a table with its indexes, too: else a page that has lost its place in the table would be missed by nobody. It is for
// what is nowhere else.
const fullCheck = "integrity_check"

func checkTable(ctx context.Context, db *sql.DB, check, table string) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA "+check+"("+table+")").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	return nil
}

func (c *Cache) readProfile(ctx context.Context) error {
	row := c.db.QueryRowContext(ctx, "SELECT device_id, server, user_id, cursor FROM profile WHERE profile_id = 1")
	err := row.Scan(&c.deviceID, &c.account.Server, &c.account.UserID, &c.cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: the profile's row is missing", errDamaged)
	}
	return err
}

// Rebuild replaces the file after an error that IsDamage, as Open does with one that it finds damaged. If it fails, the cache is
// closed and the damaged file is still there.
func (c *Cache) Rebuild(ctx context.Context) error {
	if err := c.db.Close(); err != nil {
		c.log.Warn("the damaged local data did not close in order", "error", err)
	}
	if err := c.rebuild(ctx); err != nil {
		return fmt.Errorf("replace the damaged local data in %s: %w", c.dir, err)
	}
	return nil
}

// Close closes the file.
func (c *Cache) Close() error { return c.db.Close() }

// DeviceID names this installation.
func (c *Cache) DeviceID() chat.DeviceID { return c.deviceID }

// Account is whose data this is; zero before the first sign-in and after signing out.
func (c *Cache) Account() Account { return c.account }

// Cursor is where the data stands in the hub's log; empty if a snapshot is needed.
func (c *Cache) Cursor() chat.Cursor { return c.cursor }

// Salvaged tells what was saved when Open had to replace a damaged file; nil if the file was sound.
func (c *Cache) Salvaged() *Salvage { return c.salvaged }

// Use makes account the one whose data this is. If it is another than before, everything that the other was shown is purged;
// the other's unsent messages and drafts stay in the file, invisible, until that account is used again.
func (c *Cache) Use(ctx context.Context, account Account) error {
	if account == c.account {
		return nil
	}
	err := c.update(ctx, func(tx *sql.Tx) error {
		if err := purgeContent(ctx, tx); err != nil {
			return err
		}
		return setProfile(ctx, tx, account, "")
	})
	if err != nil {
		return fmt.Errorf("prepare the local data for another account: %w", err)
	}
	c.account, c.cursor = account, ""
	return nil
}

// Clear forgets the account in use with everything of it, outbox and drafts included (sign-out). What another account left
// unsent stays.
func (c *Cache) Clear(ctx context.Context) error {
	key := c.account.key()
	err := c.update(ctx, func(tx *sql.Tx) error {
		if err := purgeContent(ctx, tx); err != nil {
			return err
		}
		for _, table := range []string{"outbox", "drafts"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE account = $1", key); err != nil {
				return err
			}
		}
		return setProfile(ctx, tx, Account{}, "")
	})
	if err != nil {
		return fmt.Errorf("clear the local data: %w", err)
	}
	c.account, c.cursor = Account{}, ""
	// Deleted rows are overwritten (secure_delete); shrinking the file and its log leaves no older copies of their pages.
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := c.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("clear the local data: %w", err)
		}
	}
	return removeFile(filepath.Join(c.dir, damagedName))
}

// ForgetCursor makes the next hello ask for a snapshot. Called when the hub's data could not be applied.
func (c *Cache) ForgetCursor(ctx context.Context) error {
	err := c.update(ctx, func(tx *sql.Tx) error { return setProfile(ctx, tx, c.account, "") })
	if err != nil {
		return fmt.Errorf("forget the cursor: %w", err)
	}
	c.cursor = ""
	return nil
}

func setProfile(ctx context.Context, tx *sql.Tx, account Account, cursor chat.Cursor) error {
	_, err := tx.ExecContext(ctx, "UPDATE profile SET server = $1, user_id = $2, cursor = $3 WHERE profile_id = 1",
		account.Server, account.UserID, cursor)
	return err
}

// purgeContent deletes everything but outbox, drafts and profile.
func purgeContent(ctx context.Context, tx *sql.Tx) error {
	if err := dropAllMessages(ctx, tx); err != nil {
		return err
	}
	for _, table := range []string{"facts", "teams", "templates", "people", "conversations", "start_rights", "post_rights"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	return nil
}

// update runs change in one transaction that is on the disk when update returns nil, and has not happened otherwise.
func (c *Cache) update(ctx context.Context, change func(tx *sql.Tx) error) error {
	return update(ctx, c.db, change)
}

func update(ctx context.Context, db *sql.DB, change func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := change(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

var errDamaged = errors.New("the local data is damaged")

// SQLite's primary result codes that mean the file's content, not the machine, is at fault.
const (
	codeError   = 1 // for example a table that should be there and is not
	codeIO      = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
)

// IsDamage tells whether err says that the file is damaged, so that it needs Rebuild.
func IsDamage(err error) bool {
	// All tables are STRICT, so a value of another kind than its column's is damage. database/sql has no type for that error.
	if errors.Is(err, errDamaged) || err != nil && strings.Contains(err.Error(), "sql: Scan error") {
		return true
	}
	switch sqliteCode(err) {
	case codeError, codeIO, codeCorrupt, codeNotADB:
		return true
	}
	return false
}

// IsFull tells whether err says that there is no room on the disk.
func IsFull(err error) bool { return sqliteCode(err) == codeFull || folder.IsFull(err) }

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
