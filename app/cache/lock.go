package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"parley/backend/folder"
)

const (
	lockName    = "lock"
	runningName = "running.json"
)

// Running says how to reach the program that has a profile open. It is written into the profile's folder with mode 0600, for a
// second start by the same person.
type Running struct {
	PID int `json:"pid"`
	// Address is where its page is served, token included; empty if it has a window of its own.
	Address string `json:"address"`
}

// InUseError says that another process has the profile open.
type InUseError struct {
	Dir     string
	Running Running
}

// Error implements error.
func (e *InUseError) Error() string {
	text := fmt.Sprintf("Parley is already running on this profile (%s)", e.Dir)
	if e.Running.PID != 0 {
		text += fmt.Sprintf(", as process %d", e.Running.PID)
	}
	if e.Running.Address != "" {
		text += "; it is at " + e.Running.Address
	}
	return text + ". Nothing was changed."
}

var errLocked = errors.New("locked by another process")

// Lock is the right to use a profile's folder. The operating system lets go of it when the process ends, however it ends.
type Lock struct {
	dir  string
	file *os.File
}

// LockProfile makes the folder dir (mode 0700) if it is not there, keeps one that is there from others, and locks it. If another
// process has it, the error is an *InUseError.
func LockProfile(dir string) (*Lock, error) {
	if err := folder.Private(dir, fileName, lockName, "parley.log"); err != nil {
		return nil, fmt.Errorf("the profile's folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the profile's lock: %w", err)
	}
	err = lockFile(f)
	if errors.Is(err, errLocked) {
		inUse := &InUseError{Dir: dir}
		if data, err := os.ReadFile(filepath.Join(dir, runningName)); err == nil {
			_ = json.Unmarshal(data, &inUse.Running) // half written or foreign: then without it
		}
		return nil, errors.Join(inUse, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the profile: %w", err), f.Close())
	}
	l := &Lock{dir: dir, file: f}
	return l, l.removeRunning() // what a killed process left
}

// Announce writes down how to reach this process.
func (l *Lock) Announce(address string) error {
	data, err := json.Marshal(Running{PID: os.Getpid(), Address: address})
	if err != nil {
		return fmt.Errorf("announce the address: %w", err)
	}
	if err := os.WriteFile(filepath.Join(l.dir, runningName), data, 0o600); err != nil {
		return fmt.Errorf("announce the address: %w", err)
	}
	return nil
}

// Close lets go of the profile.
func (l *Lock) Close() error { return errors.Join(l.removeRunning(), l.file.Close()) }

func (l *Lock) removeRunning() error {
	if err := os.Remove(filepath.Join(l.dir, runningName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
