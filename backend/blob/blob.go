// Package blob keeps the bytes of files: those that arrive, by the resumable upload protocol tus 1.0.0, and those that messages name.
//
// It owns the folder they lie in, what was found by looking at them (size, SHA-256, media type, width and height), and when they are
// removed: an upload that nothing was heard of for an hour, and bytes that nothing names any more. It leaves to others who may send a file
// and who may read it, and which messages name which files. Names that clients give are never used on disk: an id is a file's name
// there.
//
// # On disk
//
//	DIR/arriving/ID        the bytes so far
//	DIR/arriving/ID.info   what tus needs to know of the upload
//	DIR/arriving/ID.json   what was found in the bytes, once all are there and synced: a chat.Upload
//	DIR/kept/ID, ID.json   the same, once a message names the file
//	DIR/kept/ID.preview    a small copy of a picture, once somebody has asked for it; it can be made again
//
// A message is committed before its files are moved from arriving to kept. Whatever a crash leaves in arriving is moved or removed
// later, by asking which files messages name, so a file of a message is never lost.
//
// # Memory
//
// Bytes are copied through buffers of a fixed size, whatever the file; of each upload that has not become a message's a few hundred
// bytes are held.
package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"github.com/tus/tusd/v2/pkg/handler"

	"parley/backend/chat"
	"parley/backend/folder"
)

// Options say how to keep files.
type Options struct {
	// Dir is the folder; it is made if missing, and kept to who runs the program.
	Dir string
	// Named tells which of the files messages name.
	Named func(ctx context.Context, ids []chat.FileID) (map[chat.FileID]struct{}, error)
	// Clock tells the time; time.Now if nil.
	Clock func() time.Time
	// Log takes what operators should know; slog.Default if nil.
	Log *slog.Logger
	// Scan returns the name of the virus in a file's bytes, empty if there is none; an error says that they were not checked. Nil: no file
	// is checked.
	Scan func(ctx context.Context, bytes io.Reader) (virus string, err error)
	// PassUnchecked lets files pass while Scan fails; else they are not whole until it has answered.
	PassUnchecked bool
	// Forget is how long after anything was heard of an upload it is removed; an hour if zero.
	Forget time.Duration
	// SweepEvery is how often that is looked for; 5 minutes if zero.
	SweepEvery time.Duration
	// Shrink makes small copies of pictures: see picture.Shrinker. Without it there are none.
	Shrink func(ctx context.Context, from *os.File, to io.Writer) error
	// MaxOpen bounds the uploads of one user that are no message's yet; 32 if zero.
	MaxOpen int
}

// Store keeps files in one folder. All methods may be called from any number of goroutines.
type Store struct {
	o       Options
	tus     *handler.UnroutedHandler
	looking chan struct{} // holds whoever looks through a whole file
	// shrinking holds whoever has a small copy made.
	shrinking chan struct{}
	stop      context.CancelFunc
	// sweep is held while what was abandoned is removed.
	sweep    sync.Mutex
	sweeping sync.WaitGroup

	// holding is held for reading by whoever copies kept bytes, and for writing to remove any.
	holding sync.RWMutex

	mu   sync.Mutex
	open map[chat.FileID]*upload
}

// upload is a file that no message is known to name.
type upload struct {
	Creation
	// heardAt is when something was last heard of it, claimedAt when a message was about to name it.
	heardAt, claimedAt time.Time
	// made is closed once its files are there, or cannot be made. One that was read from the disk is made.
	made chan struct{}
	// finishing is held by whoever looks through its bytes.
	finishing sync.Mutex
	// whole is what was found then; guarded by Store.mu.
	whole *chat.Upload
}

// lookers bounds how many files are looked through at once.
const lookers = 2

// sniffed is how much of a file's beginning its type is found by, in bytes.
const sniffed = 64 << 10

// Open opens the folder, and begins to remove what is abandoned there.
func Open(o Options) (*Store, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Forget <= 0 {
		o.Forget = time.Hour
	}
	if o.SweepEvery <= 0 {
		o.SweepEvery = 5 * time.Minute
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 32
	}
	mimetype.SetLimit(sniffed)
	s := &Store{o: o, looking: make(chan struct{}, lookers), shrinking: make(chan struct{}, 1), open: map[chat.FileID]*upload{}}
	for _, dir := range []string{o.Dir, s.arriving(), s.kept()} {
		if err := folder.Private(dir, arrivingFolder, KeptFolder); err != nil {
			return nil, fmt.Errorf("the folder of files: %w", err)
		}
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("read the folder of files: %w", err)
	}
	if err := s.serveTus(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.sweeping.Go(func() { s.sweepOften(ctx) })
	return s, nil
}

// Close ends what the store does by itself.
func (s *Store) Close() error {
	s.stop()
	s.sweeping.Wait()
	return nil
}

// KeptFolder is the folder, in Options.Dir, of the bytes that messages name; each lies there under its id.
const KeptFolder = "kept"

const arrivingFolder = "arriving"

func (s *Store) arriving() string { return filepath.Join(s.o.Dir, arrivingFolder) }
func (s *Store) kept() string     { return filepath.Join(s.o.Dir, KeptFolder) }

// Endings of the files beside the bytes.
const (
	infoEnding  = ".info"
	foundEnding = ".json"
)

// load finds the uploads that were arriving when the program ended. What belongs to none is removed.
func (s *Store) load() error {
	entries, err := os.ReadDir(s.arriving())
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ending := e.Name(), filepath.Ext(e.Name())
		id := chat.FileID(strings.TrimSuffix(name, ending))
		if !chat.ValidUUID(string(id)) {
			if err := os.Remove(filepath.Join(s.arriving(), name)); err != nil { // a file that was being written
				return err
			}
			continue
		}
		if s.open[id] != nil {
			continue
		}
		u, err := s.loadUpload(id)
		if err != nil {
			return err
		}
		s.open[id] = u
	}
	return nil
}

// loadUpload reads what is known of an upload. One that cannot be read belongs to nobody, until it is removed or a message turns out
// to name it.
func (s *Store) loadUpload(id chat.FileID) (*upload, error) {
	u := &upload{Creation: Creation{ID: id}, made: make(chan struct{})}
	close(u.made)
	if at, err := os.Stat(s.path(id)); err == nil {
		u.heardAt = at.ModTime()
		if now := s.o.Clock(); u.heardAt.After(now) {
			u.heardAt = now
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	raw, err := os.ReadFile(s.path(id) + infoEnding)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err != nil {
		return nil, err
	}
	var info handler.FileInfo
	if json.Unmarshal(raw, &info) == nil {
		u.Creation = creationOf(id, info)
	}
	if u.whole, err = readFound(s.path(id) + foundEnding); err == nil && u.whole != nil && u.whole.Withheld {
		err = s.empty(id)
	}
	return u, err
}

// path is where the bytes of an upload are.
func (s *Store) path(id chat.FileID) string { return filepath.Join(s.arriving(), string(id)) }

// under returns how many bytes a user has announced that are of no message yet, and in how many files. The caller holds mu.
func (s *Store) under(user chat.UserID) (bytes int64, count int) {
	for _, u := range s.open {
		if u.UserID == user {
			bytes += u.Size
			count++
		}
	}
	return bytes, count
}

// Open opens the bytes of a file. Whoever asks has decided who may read them.
func (s *Store) Open(id chat.FileID) (*os.File, error) {
	if !chat.ValidUUID(string(id)) {
		return nil, chat.ErrUnknown
	}
	for _, path := range []string{s.keptPath(id), s.path(id), s.keptPath(id)} { // it may be moved between the first two
		file, err := os.Open(path)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, fmt.Errorf("the bytes of file %s are not there: %w", id, fs.ErrNotExist)
}

func (s *Store) keptPath(id chat.FileID) string { return filepath.Join(s.kept(), string(id)) }

// Keep says that messages name these files. It is repeated later for those it could not be done for.
func (s *Store) Keep(ids []chat.FileID) {
	for _, id := range ids {
		if err := s.keep(id); err != nil {
			s.o.Log.Error("a file of a message was not put in its place yet", "file", id, "error", err)
		}
	}
}

func (s *Store) keep(id chat.FileID) error {
	for _, ending := range []string{foundEnding, ""} {
		err := os.Rename(s.path(id)+ending, s.keptPath(id)+ending)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // moved already
			return err
		}
	}
	if err := remove(s.path(id) + infoEnding); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, id)
	return nil
}

// Claim tells whether an upload is there, whole, for a message that is about to be committed. It will not be removed before that is
// known, for as long as uploads are kept.
func (s *Store) Claim(id chat.FileID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.open[id]
	if u == nil || u.whole == nil {
		return false
	}
	u.claimedAt = s.o.Clock()
	return true
}

// remove removes a file that may not be there.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
