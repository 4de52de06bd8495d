package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// Backup writes a copy of the database, as it is at one moment, to the new file toPath while everything goes on. The copy
// carries no epoch: whoever opens it begins another log, so that clients of this one know they must start anew. It is read
// whole and checked before it counts as one: a database that is damaged is noticed now, not on the day the copy is needed.
func (s *Store) Backup(ctx context.Context, toPath string) (err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.w == nil {
		return ErrClosed
	}
	file, err := os.OpenFile(toPath, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // an empty file is what VACUUM INTO accepts
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(toPath))
		}
	}()
	if err := copyInto(ctx, s.path, toPath); err != nil {
		return fmt.Errorf("back up to %s: %w", toPath, err)
	}
	if err := verify(ctx, toPath); err != nil {
		return fmt.Errorf("back up to %s: %w", toPath, err)
	}
	return forget(ctx, toPath)
}

// verify reads the whole copy, as a restore will.
func verify(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", source(path, "query_only(1)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	damage, err := check(ctx, db)
	if err == nil && !damage.Sound() {
		err = fmt.Errorf("the database is damaged, so a copy of it would not be restored: %v, damaged messages at %v", damage.Findings, damage.Messages)
	}
	return err
}

// copyInto copies over a connection of its own, since those of the readers may not write at all.
func copyInto(ctx context.Context, path, toPath string) (err error) {
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM INTO $1", toPath)
	return err
}

// forget takes the epoch out of a backup and syncs it.
func forget(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", source(path, "synchronous(FULL)"))
	if err != nil {
		return fmt.Errorf("finish the backup: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "UPDATE log SET epoch = x''"); err != nil {
		return fmt.Errorf("finish the backup: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // VACUUM INTO does not sync what it writes
	if err != nil {
		return fmt.Errorf("finish the backup: %w", err)
	}
	return errors.Join(file.Sync(), file.Close())
}
