package main

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
	"strings"

	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/store"
)

// filesEnding is added to the name of a backup for the folder with the files of its messages.
const filesEnding = ".files"

// backUp writes a copy of the database to path, and the files its messages name into a folder beside it. Files that are damaged or
// missing are left out, and named in the error: the backup is whole but for them.
func backUp(ctx context.Context, st *store.Store, files *blob.Store, path string) error {
	release := files.Hold() // what the copy names stays until it is copied
	defer release()
	if _, err := os.Lstat(path + filesEnding); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("back up: %s is there already; nothing was written", path+filesEnding))
	}
	if err := st.Backup(ctx, path); err != nil {
		return err
	}
	return copyFiles(ctx, path, path+filesEnding, files.Open)
}

// missingError names files of messages and templates whose bytes are not there, or not those that were sent.
type missingError struct{ names []string }

func (e *missingError) Error() string {
	const shown = 10
	list := strings.Join(e.names[:min(shown, len(e.names))], "; ")
	if more := len(e.names) - shown; more > 0 {
		list += fmt.Sprintf("; and %d more", more)
	}
	return fmt.Sprintf("%d files are missing or damaged: %s", len(e.names), list)
}

// copyFiles copies the files that the messages and templates of a database name into the new folder dir, each checked against its SHA-256; where
// there are none no folder is made. A *missingError names those that are missing or damaged; all others are there.
func copyFiles(ctx context.Context, database, dir string, open func(chat.FileID) (*os.File, error)) error {
	missing := &missingError{}
	made := false
	copyAll := func(list []chat.Attachment, of string) error {
		if !made {
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			made = true
		}
		for _, a := range list {
			if a.Withheld {
				continue // of a file with a virus there are no bytes
			}
			ok, err := copyChecked(a, filepath.Join(dir, string(a.ID)), open)
			if err != nil {
				return err
			}
			if !ok {
				missing.names = append(missing.names, fmt.Sprintf("%q of %s", a.Name, of))
			}
		}
		return ctx.Err()
	}
	err := store.EachFileIn(ctx, database, func(m *store.Message) error {
		var list []chat.Attachment
		if err := json.Unmarshal(m.Attachments, &list); err != nil {
			return fmt.Errorf("message with seq %d: %w", m.Seq, err)
		}
		return copyAll(list, "message "+string(m.ID))
	}, func(t *store.Template) error { return copyAll(t.Attachments, fmt.Sprintf("the template %q", t.Name)) })
	switch {
	case err != nil:
		return fmt.Errorf("copy the files: %w", err)
	case made:
		if err := blob.SyncDir(dir); err != nil {
			return fmt.Errorf("copy the files: %w", err)
		}
	}
	if len(missing.names) > 0 {
		return missing
	}
	return nil
}

// copyChecked copies a file, and tells whether what was read are the bytes that were sent; else nothing is left of the copy.
func copyChecked(a chat.Attachment, to string, open func(chat.FileID) (*os.File, error)) (ok bool, err error) {
	in, err := open(a.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return false, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != a.SHA256 {
		return false, os.Remove(to)
	}
	return true, nil
}

// prepareFiles copies the files of a backup into the new folder dir, for the database fresh that was made of it. Unless without is
// true, all that its messages name must be there.
func prepareFiles(ctx context.Context, backup, fresh, dir string, without bool) (left *missingError, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("restore the files: %w", err)
	}
	err = copyFiles(ctx, fresh, filepath.Join(dir, blob.KeptFolder), func(id chat.FileID) (*os.File, error) {
		return os.Open(filepath.Join(backup+filesEnding, string(id)))
	})
	if errors.As(err, &left) {
		if without {
			return left, nil
		}
		return nil, fmt.Errorf("%w. Their bytes belong into %s. Nothing was changed; --without-missing-files restores all else", left, backup+filesEnding)
	}
	return nil, err
}
