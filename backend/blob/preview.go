package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"parley/backend/chat"
	"parley/backend/picture"
)

// previewEnding is added to a file's id for its small copy. One without a byte says that there can be none.
const previewEnding = ".preview"

// Preview opens the small copy of a picture that a message names, a PNG or a JPEG, and makes it if nobody has asked for it yet.
// picture.ErrNone if there can be none.
func (s *Store) Preview(ctx context.Context, id chat.FileID) (*os.File, error) {
	if !chat.ValidUUID(string(id)) || s.o.Shrink == nil {
		return nil, picture.ErrNone
	}
	file, err := s.openPreview(id)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	select {
	case s.shrinking <- struct{}{}:
		defer func() { <-s.shrinking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if file, err := s.openPreview(id); !errors.Is(err, fs.ErrNotExist) { // somebody else has waited for the same
		return file, err
	}
	if err := s.makePreview(ctx, id); err != nil {
		return nil, fmt.Errorf("make a small copy of a picture: %w", err)
	}
	return s.openPreview(id)
}

// openPreview opens a copy that is there; fs.ErrNotExist if none was made yet.
func (s *Store) openPreview(id chat.FileID) (*os.File, error) {
	file, err := os.Open(s.keptPath(id) + previewEnding)
	if err != nil {
		return nil, err
	}
	at, err := file.Stat()
	if err == nil && at.Size() == 0 {
		err = picture.ErrNone
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// makePreview writes a copy into its place, or that there can be none.
func (s *Store) makePreview(ctx context.Context, id chat.FileID) (err error) {
	whole, err := s.Open(id)
	if errors.Is(err, fs.ErrNotExist) {
		return picture.ErrNone
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, whole.Close()) }()
	small, err := os.CreateTemp(s.arriving(), "preview-*") // what a crash leaves there is removed at the next start
	if err != nil {
		return err
	}
	err = s.o.Shrink(ctx, whole, small)
	if errors.Is(err, picture.ErrNone) {
		s.o.Log.Info("no small copy can be made of a picture", "file", id)
		err = small.Truncate(0)
	}
	if err = errors.Join(err, small.Close()); err == nil {
		err = s.placePreview(small.Name(), id)
	}
	if err != nil {
		return errors.Join(err, remove(small.Name()))
	}
	return nil
}

// placePreview puts a copy beside the bytes it was made of, unless they were removed meanwhile.
func (s *Store) placePreview(from string, id chat.FileID) error {
	s.holding.RLock()
	defer s.holding.RUnlock()
	if !s.isKept(id) {
		return picture.ErrNone
	}
	return os.Rename(from, s.keptPath(id)+previewEnding)
}
