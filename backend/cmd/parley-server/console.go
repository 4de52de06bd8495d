package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/server"
	"parley/backend/store"
)

// console gives commands as the server's own command line: to the running server where there is one, else to the database.
type console interface {
	// do executes a command and decodes its answer into v, unless that is nil. Refusals are *chat.Error.
	do(ctx context.Context, name chat.CommandName, args, v any) error
	// backup writes a copy of the database to the new file path, which is absolute, and of its files beside it.
	backup(ctx context.Context, path string) error
	close() error
}

// adminFile is what the running server writes into the data directory for the subcommands: where it listens, and a secret
// that only the directory's owner can read. It is of this launch only.
type adminFile struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

const adminFileName = "admin.json"

func writeAdminFile(dir string, a adminFile) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("write the admin file: %w", err)
	}
	f, err := os.CreateTemp(dir, adminFileName+".*") // 0600 from the start
	if err != nil {
		return fmt.Errorf("write the admin file: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, adminFileName))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the admin file: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func removeAdminFile(dir string) error {
	if err := os.Remove(filepath.Join(dir, adminFileName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the admin file: %w", err)
	}
	return nil
}

// The database is locked for a moment before a starting server can be reached, and after a stopping one no longer is.
const (
	consoleTries = 50
	consoleEvery = 100 * time.Millisecond
)

// openConsole reaches the running server of dir, or opens its database under its lock. With mustExist a directory without a
// database is refused; otherwise one is made there.
func openConsole(ctx context.Context, dir string, mustExist bool, log *slog.Logger) (console, error) {
	for try := 1; ; try++ {
		if c := reach(ctx, dir); c != nil {
			return c, nil
		}
		c, err := openLocal(ctx, dir, mustExist, log)
		switch {
		case err == nil:
			return c, nil
		case errors.Is(err, store.ErrNone):
			return nil, fmt.Errorf("there is no database of Parley's in %s; nothing was made there. Is --data right? "+
				"A new installation is begun by: parley-server serve --data %s", dir, dir)
		case !errors.Is(err, store.ErrInUse):
			return nil, err
		}
		if try == consoleTries {
			return nil, fmt.Errorf("a server uses %s but cannot be reached; is it of another user, or just starting or stopping? (%w)", dir, err)
		}
		select {
		case <-time.After(consoleEvery):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// remote is the console of a running server.
type remote struct {
	admin  adminFile
	client *http.Client
}

// reach returns the console of the server that runs on dir, or nil if none answers there.
func reach(ctx context.Context, dir string) *remote {
	raw, err := os.ReadFile(filepath.Join(dir, adminFileName))
	if err != nil {
		return nil
	}
	r := &remote{client: &http.Client{Transport: &http.Transport{Proxy: nil}}}
	if json.Unmarshal(raw, &r.admin) != nil {
		return nil
	}
	host, _, err := net.SplitHostPort(r.admin.Address)
	if err != nil || !net.ParseIP(host).IsLoopback() { // the token leaves this machine for nothing
		return nil
	}
	var list chat.UserListAnswer
	if r.do(ctx, chat.UserList, struct{}{}, &list) != nil { // left behind by a server that was killed, or nobody's any more
		return nil
	}
	return r
}

// do implements console.
func (r *remote) do(ctx context.Context, name chat.CommandName, args, v any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	ok, err := r.post(ctx, server.AdminCommandPath, server.AdminCommand{Do: name, Args: raw})
	if err != nil || v == nil {
		return err
	}
	return json.Unmarshal(ok, v)
}

// backup implements console: the server writes the file itself.
func (r *remote) backup(ctx context.Context, path string) error {
	_, err := r.post(ctx, server.AdminBackupPath, server.AdminBackup{Path: path})
	return err
}

func (r *remote) close() error {
	r.client.CloseIdleConnections()
	return nil
}

func (r *remote) post(ctx context.Context, path string, body any) (json.RawMessage, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.admin.Address+path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.admin.Token)
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reach the running server: %w", err)
	}
	defer resp.Body.Close()
	var answer server.AdminAnswer
	raw, err = io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("reach the running server: its answer %d is not of this program: %w", resp.StatusCode, err)
	case answer.Error != nil:
		return nil, answer.Error
	}
	return answer.OK, nil
}

// local is the console of a database that no server uses.
type local struct {
	dir string
	st  *store.Store
	h   *hub.Hub
}

func openLocal(ctx context.Context, dir string, mustExist bool, log *slog.Logger) (*local, error) {
	st, err := openStore(ctx, dir, mustExist, log)
	if err != nil {
		return nil, err
	}
	h, err := openHub(ctx, hub.Options{Store: st, Log: log})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return &local{dir: dir, st: st, h: h}, nil
}

// do implements console.
func (l *local) do(ctx context.Context, name chat.CommandName, args, v any) error {
	raw, err := l.h.Do(ctx, hub.Console, name, args)
	if err != nil || v == nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// backup implements console.
func (l *local) backup(ctx context.Context, path string) error {
	files, err := blob.Open(filesOptions(l.dir, l.st, slog.Default()))
	if err != nil {
		return err
	}
	return errors.Join(backUp(ctx, l.st, files, path), files.Close())
}

func (l *local) close() error { return errors.Join(l.h.Close(), l.st.Close()) }

var (
	_ console = (*remote)(nil)
	_ console = (*local)(nil)
)
