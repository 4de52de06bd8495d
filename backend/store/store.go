package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite" // the driver "sqlite", and its errors
	sqlite3 "modernc.org/sqlite/lib"

	"parley/backend/chat"
)

// Errors of opening.
var (
	// ErrInUse: another program has the database open.
	ErrInUse = errors.New("store: the database is in use by another program")
	// ErrNewer: the database was written by a newer program. Nothing was changed.
	ErrNewer = errors.New("store: the database is of a newer version than this program")
	// ErrNone: there is no database of Parley's, and Options.MustExist asked for one.
	ErrNone = errors.New("store: this is no database of Parley's")
	// ErrClosed: the store is closed, or could not be opened again after a failure.
	ErrClosed = errors.New("store: closed")
)

// Options say how to open.
type Options struct {
	// Readers is the number of connections that read; 4 if zero. Each takes about 4 MB.
	Readers int
	// MaxPages bounds the database, in pages of 4 KB; beyond it commits fail as if the disk were full. Zero: no bound.
	MaxPages int64
	// MustExist refuses with ErrNone where there is no database of Parley's yet, instead of making one: no file, an empty one,
	// or one of another program, to which a table of versions may have been added.
	MustExist bool
	// Now is the time, written down when a log begins.
	Now chat.Millis
	// Rand gives the bytes of a new log's epoch and secret; crypto/rand if nil.
	Rand io.Reader
	// Log takes what operators should know; slog.Default if nil.
	Log *slog.Logger
}

// Store is one open database. Commit is for one goroutine at a time; everything else is for any number.
type Store struct {
	path string
	o    Options
	lock *os.File

	// mu is held for reading while anything uses the connections, and for writing while they are replaced.
	mu     sync.RWMutex
	w      *writer // nil when closed
	r      *sql.DB
	reads  reads
	closed bool
}

// Open opens the database at path, making it if there is none, and brings its schema up to date.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if _, err := os.Stat(abs); o.MustExist && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", abs, ErrNone) // before the lock's file is made
	}
	lock, err := lockFile(abs + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", abs, err)
	}
	s := &Store{path: abs, o: o, lock: lock}
	if err := migrate(ctx, abs, o.MustExist); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", abs, err), lock.Close())
	}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", abs, err), lock.Close())
	}
	if err := s.w.begin(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", abs, err), s.Close())
	}
	return s, nil
}

// source returns the driver's name for the database with the pragmas all connections share and those given.
func source(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(5000)", "foreign_keys(1)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// writing are the pragmas of the connection that writes. A checkpoint each 16 MB keeps the WAL small enough to be read
// quickly and spares rewriting the pages that each batch touches.
var writing = []string{"journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4096)", "cache_size(-16384)"}

// connect opens the connections. The caller holds mu or is alone.
func (s *Store) connect(ctx context.Context) error {
	w, err := openWriter(ctx, s.path, s.o.MaxPages)
	if err != nil {
		return err
	}
	r, err := sql.Open("sqlite", source(s.path, "query_only(1)"))
	if err != nil {
		return errors.Join(fmt.Errorf("open for reading: %w", err), w.close())
	}
	r.SetMaxOpenConns(s.o.Readers)
	r.SetMaxIdleConns(s.o.Readers)
	reads, err := prepareReads(ctx, r)
	if err != nil {
		return errors.Join(err, r.Close(), w.close())
	}
	s.w, s.r, s.reads = w, r, reads
	return nil
}

// disconnect closes the connections. The caller holds mu.
func (s *Store) disconnect() error {
	if s.w == nil {
		return nil
	}
	err := errors.Join(s.r.Close(), s.w.close())
	s.w, s.r = nil, nil
	return err
}

// Close closes the database and gives the lock back.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.disconnect(), s.lock.Close())
}

// Reopen opens the connections anew after a Commit whose result is Uncertain, and makes what is in the log durable: what
// Load reads afterwards will not be lost. On failure the store stays without connections and Reopen may be tried again.
func (s *Store) Reopen(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.disconnect(); err != nil {
		s.o.Log.Warn("closing the database after a failure", "error", err)
	}
	if err := s.connect(ctx); err != nil {
		return fmt.Errorf("open %s again: %w", s.path, err)
	}
	// After a failed fsync the kernel may call pages clean that never reached the disk. Moving the WAL into the database
	// writes them again, and syncs.
	if err := s.w.checkpoint(ctx); err != nil {
		return errors.Join(fmt.Errorf("open %s again: %w", s.path, err), s.disconnect())
	}
	return nil
}

// Uncertain tells whether after this error of Commit nobody knows if the changes are in the log: Reopen and Load must
// tell. Errors of a full disk are certain: nothing was written.
func Uncertain(err error) bool {
	var e *sqlite.Error
	return err != nil && !(errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL)
}
