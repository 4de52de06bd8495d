package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"parley/backend/chat"
)

// Copy makes a whole upload out of the bytes of a file that is kept. On the disk they lie once for both, where the file system can do
// that; bytes are never changed once a file is whole. Copying again what was copied does nothing. Errors meant for the user are
// *chat.Error.
func (s *Store) Copy(ctx context.Context, from chat.FileID, to chat.Upload) error {
	u := &upload{Creation: Creation{ID: to.ID, UserID: to.UserID, ConversationID: to.ConversationID, Name: to.Name, Size: to.Size, SHA256: to.SHA256},
		heardAt: s.o.Clock(), made: make(chan struct{})}
	s.mu.Lock()
	_, count := s.under(to.UserID)
	was := s.open[to.ID]
	if was != nil && was.UserID == "" { // left by a program that was killed
		was = nil
	}
	if was == nil {
		s.open[to.ID] = u
	}
	s.mu.Unlock()
	if was != nil {
		return s.copiedBefore(ctx, was, u)
	}
	defer close(u.made)
	var err error
	kept := s.isKept(to.ID) // its message is posted
	switch {
	case kept:
	case count >= s.o.MaxOpen:
		err = errTooMany
	default:
		if err = s.copyBytes(from, to.ID); err == nil {
			err = s.writeFound(to.ID, &to)
		}
	}
	s.mu.Lock()
	if u.whole = &to; err != nil || kept {
		u.whole = nil
		delete(s.open, to.ID)
	}
	s.mu.Unlock()
	if err != nil {
		return errors.Join(err, s.removeUpload(to.ID))
	}
	return nil
}

// copiedBefore waits for a copy that is there already, or is being made.
func (s *Store) copiedBefore(ctx context.Context, was, u *upload) error {
	if was.Creation != u.Creation {
		return errUsed
	}
	select {
	case <-was.made:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.found(was) == nil {
		return errBusy
	}
	s.heard(was)
	return nil
}

// copyBytes puts kept bytes among those that arrive, durably.
func (s *Store) copyBytes(from, to chat.FileID) (err error) {
	defer s.Hold()()
	if err := remove(s.path(to)); err != nil {
		return err
	}
	if err := os.Link(s.keptPath(from), s.path(to)); err == nil {
		return nil // the folder is synced with what is written beside the bytes
	} else if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the bytes of file %s are not there: %w", from, err)
	}
	in, err := os.Open(s.keptPath(from))
	if err != nil {
		return fmt.Errorf("copy a file: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(s.path(to), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("copy a file: %w", err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("copy a file: %w", err)
	}
	return nil
}
