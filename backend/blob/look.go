package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"parley/backend/chat"
	"parley/backend/picture"
)

// errDiffers refuses bytes that are not those that were announced.
var errDiffers = &chat.Error{Code: chat.CodeInvalid, Text: "The file did not arrive as it was sent: its SHA-256 is another one. It was not kept; send it again."}

// Finished returns what is known of an upload all of whose bytes are there, durably; nil if there is no such upload. Where a crash
// came between the last byte and that, it is made up for now.
func (s *Store) Finished(ctx context.Context, id chat.FileID) (*chat.Upload, error) {
	u := s.upload(id)
	if u == nil {
		return nil, nil
	}
	whole, err := s.finish(ctx, u)
	if errors.Is(err, errNotAll) || errors.Is(err, errDiffers) {
		return nil, nil
	}
	return whole, err
}

// errNotAll says that bytes are missing.
var errNotAll = errors.New("blob: the upload is not finished")

func (s *Store) upload(id chat.FileID) *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[id]
}

func (s *Store) found(u *upload) *chat.Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	return u.whole
}

// finish looks through the bytes of an upload and makes them durable. Bytes that are not those announced are removed.
func (s *Store) finish(ctx context.Context, u *upload) (*chat.Upload, error) {
	u.finishing.Lock()
	defer u.finishing.Unlock()
	if whole := s.found(u); whole != nil {
		return whole, nil
	}
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a, err := look(s.path(u.ID), u.Size)
	if err != nil {
		return nil, err
	}
	if u.SHA256 != "" && a.SHA256 != u.SHA256 {
		s.mu.Lock()
		delete(s.open, u.ID)
		s.mu.Unlock()
		return nil, errors.Join(errDiffers, s.removeUpload(u.ID))
	}
	a.ID, a.Name = u.ID, chat.FitFileName(u.Name, a.Type)
	whole := &chat.Upload{Attachment: *a, UserID: u.UserID, ConversationID: u.ConversationID}
	if err := s.check(ctx, whole); err != nil {
		return nil, err
	}
	if err := s.writeFound(u.ID, whole); err != nil {
		return nil, fmt.Errorf("finish an upload: %w", full(err))
	}
	if whole.Withheld {
		s.o.Log.Warn("a virus was found in a file; its bytes are removed", "file", u.ID, "user", u.UserID, "virus", whole.Virus)
		if err := s.empty(u.ID); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.whole = whole
	return whole, nil
}

// errUnchecked holds a file back that cannot be checked now.
var errUnchecked = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 15_000,
	Text: "The server cannot check files for viruses at the moment. The file has arrived and is kept; its message goes as soon as it was checked."}

// check looks for a virus in bytes that have arrived.
func (s *Store) check(ctx context.Context, whole *chat.Upload) (err error) {
	if s.o.Scan == nil {
		return nil
	}
	file, err := os.Open(s.path(whole.ID))
	if err != nil {
		return fmt.Errorf("check a file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	virus, err := s.o.Scan(ctx, file)
	switch {
	case err == nil:
		whole.Virus, whole.Withheld = virus, virus != ""
	case s.o.PassUnchecked && ctx.Err() == nil:
		s.o.Log.Warn("a file passes unchecked", "file", whole.ID, "error", err)
	default:
		s.o.Log.Error("a file waits until it can be checked", "file", whole.ID, "error", err)
		return errUnchecked
	}
	return nil
}

// empty removes the bytes of a withheld file. It stays as a file of no byte: what was found says what it was.
func (s *Store) empty(id chat.FileID) error {
	if err := os.Truncate(s.path(id), 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the bytes of a withheld file: %w", err)
	}
	return nil
}

// look reads a whole file once, syncs it and says what is in it.
func look(path string, size int64) (_ *chat.Attachment, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) // to be synced, some systems want it open for writing
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotAll
	}
	if err != nil {
		return nil, fmt.Errorf("look through a file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if at, err := file.Stat(); err != nil || at.Size() != size {
		return nil, errors.Join(err, errNotAll)
	}
	if err := file.Sync(); err != nil {
		return nil, fmt.Errorf("sync a file: %w", err)
	}
	head := make([]byte, min(size, sniffed))
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, fmt.Errorf("look through a file: %w", err)
	}
	a := &chat.Attachment{Size: size}
	a.Type, _, _ = strings.Cut(mimetype.Detect(head).String(), ";")
	sum, err := HashOf(file)
	if err != nil {
		return nil, err
	}
	a.SHA256 = sum
	if strings.HasPrefix(a.Type, "image/") && chat.ShownType(a.Type) {
		a.Width, a.Height = picture.SizeOf(file)
	}
	return a, nil
}

// HashOf returns the SHA-256 of a whole file in hexadecimal.
func HashOf(file io.ReadSeeker) (string, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("hash a file: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("hash a file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// writeFound writes what was found beside the bytes, durably: from then on the upload is whole.
func (s *Store) writeFound(id chat.FileID, whole *chat.Upload) error {
	raw, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(s.arriving(), "found-*") // 0600 from the start
	if err != nil {
		return err
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), s.path(id)+foundEnding)
	}
	if err != nil {
		return errors.Join(err, remove(file.Name()))
	}
	return SyncDir(s.arriving())
}

// SyncDir makes what was made and renamed in a folder durable, on systems that know of it.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" { // refuses, and needs it not
		return nil
	}
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Kept returns what was found in a file that a message names; nil if there is none.
func (s *Store) Kept(id chat.FileID) (*chat.Upload, error) {
	if !chat.ValidUUID(string(id)) {
		return nil, nil
	}
	return readFound(s.keptPath(id) + foundEnding)
}

// readFound reads what was found in an upload; nil if nobody has looked yet, or it cannot be read.
func readFound(path string) (*chat.Upload, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	whole := new(chat.Upload)
	if json.Unmarshal(raw, whole) != nil {
		return nil, nil // its bytes are looked through again
	}
	return whole, nil
}
