package blob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"parley/backend/chat"
)

// sweepOften removes what is abandoned until ctx ends.
func (s *Store) sweepOften(ctx context.Context) {
	ticker := time.NewTicker(s.o.SweepEvery)
	defer ticker.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Error("abandoned files were not removed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep removes the uploads that nothing was heard of for too long, but for those that messages name, which are put in their place.
// The store does it by itself every Options.SweepEvery.
func (s *Store) Sweep(ctx context.Context) error {
	// One after the other: what another sweep has begun to remove is gone, too, when this one returns.
	s.sweep.Lock()
	defer s.sweep.Unlock()
	since := s.o.Clock().Add(-s.o.Forget)
	var old []chat.FileID
	s.mu.Lock()
	for id, u := range s.open {
		if u.silentSince(since) {
			old = append(old, id)
		}
	}
	s.mu.Unlock()
	if len(old) == 0 {
		return nil
	}
	named, err := s.o.Named(ctx, old)
	if err != nil {
		return fmt.Errorf("ask which files messages name: %w", err)
	}
	var errs []error
	for _, id := range old {
		if _, kept := named[id]; kept {
			errs = append(errs, s.keep(id))
		} else if s.forget(id, since) {
			s.o.Log.Info("an abandoned upload is removed", "file", id)
			errs = append(errs, s.removeUpload(id))
		}
	}
	return errors.Join(errs...)
}

// silentSince tells whether nothing was heard of an upload after since.
func (u *upload) silentSince(since time.Time) bool {
	return !u.heardAt.After(since) && !u.claimedAt.After(since)
}

// forget takes an upload out of the store if nothing was heard of it meanwhile: from then on no message can name it.
func (s *Store) forget(id chat.FileID, since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.open[id]
	if u == nil || !u.silentSince(since) {
		return false
	}
	delete(s.open, id)
	return true
}

// removeUpload removes the files of an upload that was taken out of the store. The bytes go first: without them the rest is nothing.
func (s *Store) removeUpload(id chat.FileID) error {
	var errs []error
	for _, ending := range []string{"", foundEnding, infoEnding} {
		errs = append(errs, remove(s.path(id)+ending))
	}
	return errors.Join(errs...)
}

// Abandon removes the uploads of a user that no message names.
func (s *Store) Abandon(user chat.UserID) error {
	var gone []chat.FileID
	s.mu.Lock()
	for id, u := range s.open {
		if u.UserID == user && u.claimedAt.IsZero() {
			gone = append(gone, id)
			delete(s.open, id)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, id := range gone {
		errs = append(errs, s.removeUpload(id))
	}
	return errors.Join(errs...)
}

// Hold keeps all kept bytes where they are until release is called, for whoever copies them.
func (s *Store) Hold() (release func()) {
	s.holding.RLock()
	return s.holding.RUnlock
}

// Drop removes bytes that no message names any more, and what lies beside them. The bytes go last: as long as they are there,
// DropUnnamed finds them.
func (s *Store) Drop(ids []chat.FileID) error {
	s.holding.Lock()
	defer s.holding.Unlock()
	var errs []error
	for _, id := range ids {
		for _, ending := range []string{previewEnding, foundEnding, ""} {
			errs = append(errs, remove(s.keptPath(id)+ending))
		}
	}
	return errors.Join(errs...)
}

// Release has bytes removed that nothing names any more, without waiting: somebody may be copying them. What is left of them when
// the program ends DropUnnamed finds.
func (s *Store) Release(ids []chat.FileID) {
	s.sweeping.Go(func() {
		if err := s.Drop(ids); err != nil {
			s.o.Log.Error("the bytes of deleted messages were not removed yet", "error", err)
		}
	})
}

// DropUnnamed removes the kept bytes that no message names: what a program left that was killed between a message's end and that of
// its bytes.
func (s *Store) DropUnnamed(ctx context.Context) error {
	dir, err := os.Open(s.kept())
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(1000)
		var ids []chat.FileID
		for _, name := range names {
			if chat.ValidUUID(name) {
				ids = append(ids, chat.FileID(name))
			}
		}
		if len(ids) > 0 {
			named, err := s.o.Named(ctx, ids)
			if err != nil {
				return fmt.Errorf("ask which files messages name: %w", err)
			}
			for _, id := range ids {
				if _, kept := named[id]; !kept {
					if err := s.Drop([]chat.FileID{id}); err != nil {
						return err
					}
				}
			}
		}
		if err != nil || len(names) == 0 {
			return nil
		}
	}
}
