package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

// migrations are append-only: one that was released is never changed (a test keeps their hashes).
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the database at path to the newest schema, each step in a transaction of its own, so an interrupted
// migration goes on at the next start. A newer database is left alone, and with mustExist one that is none of Parley's yet.
func migrate(ctx context.Context, path string, mustExist bool) (err error) {
	create := os.O_CREATE
	if mustExist {
		create = 0
	}
	file, err := os.OpenFile(path, create, 0o600) // SQLite itself would make it readable for everybody
	switch {
	case errors.Is(err, fs.ErrNotExist) && mustExist:
		return ErrNone
	case err != nil:
		return fmt.Errorf("make the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	db, err := sql.Open("sqlite", source(path, writing...))
	if err != nil {
		return fmt.Errorf("open for migration: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	p, err := migrationsOf(db)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if current > newest {
		return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewer, current, newest)
	}
	if current == 0 && mustExist {
		return ErrNone
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate from schema %d: %w", current, err)
	}
	return nil
}

// migrationsOf returns what runs the migrations on a database. Those with a number between ones that have run are run too: work
// that goes on side by side is released in the order in which it is done.
func migrationsOf(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true), goose.WithTableName("migration"))
}
