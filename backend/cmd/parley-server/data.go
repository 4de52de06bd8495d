package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"parley/backend/chat"
	"parley/backend/folder"
	"parley/backend/store"
)

type backupCmd struct {
	consoleFlags
	File string `arg:"" help:"The new file to write. It must not exist yet."`
}

// Run writes the backup.
func (c *backupCmd) Run(ctx context.Context, p *program) error {
	path, err := filepath.Abs(c.File)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return c.withExisting(ctx, p, func(con console) error {
		if err := con.backup(ctx, path); err != nil {
			return told(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		fmt.Fprintf(p.stdout, "Backed up to %s (%d KB).\n", path, (info.Size()+1023)>>10)
		if files, err := os.ReadDir(path + filesEnding); err == nil {
			fmt.Fprintf(p.stdout, "The %d files of its messages are in %s; keep both together.\n", len(files), path+filesEnding)
		}
		return nil
	})
}

type restoreCmd struct {
	consoleFlags
	File                string `arg:"" type:"existingfile" help:"A file that backup wrote; the folder of files that it wrote lies beside it."`
	WithoutMissingFiles bool   `help:"Restore although files of messages are missing or damaged; they stay missing."`
}

// The files of a database beside the main one.
var companions = []string{"-wal", "-shm"}

// Run puts the backup in place of the database. The old one is kept under another name. The backup is checked whole before
// anything is moved, and its log gets a new epoch, so that clients notice and start anew.
func (c *restoreCmd) Run(ctx context.Context, p *program) (err error) {
	if err := mustBeFile(c.File); err != nil {
		return err
	}
	database := filepath.Join(c.Data, databaseFile)
	if err := folder.Private(c.Data, databaseFile); err != nil {
		return fmt.Errorf("the data directory: %w", err)
	}
	if r := reach(ctx, c.Data); r != nil {
		return errors.Join(errors.New("the server is running; stop it, then restore"), r.close())
	}
	work, err := os.MkdirTemp(c.Data, "restore-*")
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	fresh := filepath.Join(work, "fresh.db")
	if err := prepare(ctx, c.File, work, fresh, p.quietLog()); err != nil {
		return err
	}
	freshFiles := filepath.Join(work, filesFolder)
	left, err := prepareFiles(ctx, c.File, fresh, freshFiles, c.WithoutMissingFiles)
	if err != nil {
		return err
	}
	kept, err := setAside(ctx, database, p.quietLog())
	if err != nil {
		return err
	}
	keptFiles, err := replaceFiles(filepath.Join(c.Data, filesFolder), freshFiles)
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, database); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := syncDir(c.Data); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(p.stdout, "Restored %s.\n", c.File)
	if left != nil {
		fmt.Fprintf(p.stdout, "%s.\n", left)
	}
	if kept != "" {
		fmt.Fprintf(p.stdout, "The database that was there is kept as %s.\n", kept)
	}
	if keptFiles != "" {
		fmt.Fprintf(p.stdout, "The files that were there are kept in %s.\n", keptFiles)
	}
	return nil
}

// replaceFiles puts the folder fresh in the place of the folder of files, and returns the new name of the one that was there.
func replaceFiles(dir, fresh string) (kept string, err error) {
	if _, err := os.Stat(dir); err == nil {
		kept = dir + beforeEnding()
		if err := os.Rename(dir, kept); err != nil {
			return "", fmt.Errorf("set the old files aside: %w", err)
		}
	}
	if err := os.Rename(fresh, dir); err != nil {
		return "", fmt.Errorf("restore the files: %w", err)
	}
	return kept, nil
}

// beforeEnding is added to the name of what a restore sets aside.
func beforeEnding() string { return ".before-" + time.Now().UTC().Format("20060102-150405.000") }

// mustBeFile refuses a device, a pipe or anything else whose reading may never end, before it is opened.
func mustBeFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("read the backup: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file that holds a backup; nothing was changed", path)
	}
	return nil
}

// prepare copies the backup, opens and checks the copy, and writes from it the database to put in place.
func prepare(ctx context.Context, backup, work, fresh string, log *slog.Logger) (err error) {
	copied := filepath.Join(work, "copy.db")
	if err := copyFile(backup, copied); err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	st, err := store.Open(ctx, copied, store.Options{Log: log, MustExist: true, Now: chat.MillisOf(time.Now())})
	if err != nil {
		return fmt.Errorf("%s is not a backup that this program can use; nothing was changed: %w", backup, err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	damage, err := st.Check(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("check the backup: %w", err)
	case !damage.Sound():
		return fmt.Errorf("the backup is damaged; nothing was changed: %v, damaged messages at %v", damage.Findings, damage.Messages)
	}
	return st.Backup(ctx, fresh)
}

// setAside renames the database there is, and returns its new name. It takes the database's lock first where it can: a
// database in use stays where it is, while one that is damaged can be replaced.
func setAside(ctx context.Context, database string, log *slog.Logger) (string, error) {
	if _, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	st, err := store.Open(ctx, database, store.Options{Log: log, Now: chat.MillisOf(time.Now())})
	switch {
	case errors.Is(err, store.ErrInUse):
		return "", errors.New("a program uses the database; stop it, then restore. Nothing was changed")
	case err == nil:
		if err := st.Close(); err != nil {
			return "", fmt.Errorf("close the database there is: %w", err)
		}
	}
	kept := database + beforeEnding()
	for _, end := range append([]string{""}, companions...) {
		if err := os.Rename(database+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("set the old database aside: %w", err)
		}
	}
	return kept, nil
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// syncDir makes renames in dir durable, on systems that know of it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // Windows refuses, and needs it not
	return nil
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(p *program) error {
	_, err := fmt.Fprintln(p.stdout, "parley-server", version())
	return err
}

// version is that of the build: of the source it was made from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// quietLog is the log of commands that end by themselves: what goes well is said by the command.
func (p *program) quietLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
