package replica

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"

	"parley/backend/chat"
)

// Secret is what signing in gave this computer. It holds the token, so it is never logged and never in the cache.
type Secret struct {
	Server    string         `json:"server"`
	Name      string         `json:"name"`
	UserID    chat.UserID    `json:"userId"`
	SessionID chat.SessionID `json:"sessionId"`
	Token     string         `json:"token"`
}

// LogValue keeps the token out of logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.Name + " at " + s.Server) }

// ErrNoSecret says that nobody is signed in.
var ErrNoSecret = errors.New("no session is kept")

// KeyStore keeps the secret of one profile. Its methods may take seconds; they are not called by the owner.
type KeyStore interface {
	// Load returns the secret, or ErrNoSecret. The warning is for people; it is empty if the place is a safe one.
	Load() (s Secret, warning string, err error)
	// Store keeps the secret in place of any other; the warning is as Load's.
	Store(Secret) (warning string, err error)
	// Delete removes it, if it is there.
	Delete() error
}

const (
	keyService = "parley"
	tokenName  = "session.json"
	// keyPatience is how long the system's key store may take, for example while it asks to be unlocked.
	keyPatience = 20 * time.Second

	fileWarning = "This computer has no key store, so your session is kept in a file that only your account on it can read."
)

// SystemKeys returns the operating system's key store for a profile, with a file of mode 0600 in the profile where there is
// none. What is in the file is moved into the key store at the next sign-in.
func SystemKeys(profile string, log *slog.Logger) KeyStore {
	if path, err := filepath.Abs(profile); err == nil {
		profile = path
	}
	sum := sha256.Sum256([]byte(profile))
	return &systemKeys{user: hex.EncodeToString(sum[:8]), file: filepath.Join(profile, tokenName), log: log}
}

// FileKeys returns a key store that is a file of mode 0600 in the profile's folder: for machines without a key store, and for
// scripts.
func FileKeys(profile string) KeyStore { return &systemKeys{file: filepath.Join(profile, tokenName)} }

type systemKeys struct {
	// user names the profile in the system's key store; empty to leave that alone.
	user string
	file string
	log  *slog.Logger
}

// reachable tells whether the system's key store may be asked. On Linux that means a session bus: without one the library would
// start a bus of its own, in which nothing is kept.
func (k *systemKeys) reachable() bool {
	if k.user == "" {
		return false
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(orElse(os.Getenv("XDG_RUNTIME_DIR"), "/nonexistent"), "bus"))
	return err == nil
}

// ask calls the system's key store and gives it up after keyPatience; the call itself cannot be stopped.
func ask[T any](call func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call()
		done <- result{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-time.After(keyPatience):
		var none T
		return none, errors.New("the system's key store does not answer")
	}
}

// Load implements KeyStore. The file comes first: it is there only if the key store was not.
func (k *systemKeys) Load() (s Secret, warning string, err error) {
	warning = fileWarning
	text, err := os.ReadFile(k.file)
	if errors.Is(err, fs.ErrNotExist) && k.reachable() {
		var kept string
		kept, err = ask(func() (string, error) { return keyring.Get(keyService, k.user) })
		text, warning = []byte(kept), ""
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, keyring.ErrNotFound) {
		return Secret{}, "", ErrNoSecret
	}
	if err != nil {
		return Secret{}, "", fmt.Errorf("read the session from the key store: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil || s.Token == "" || s.Server == "" || s.UserID == "" {
		return Secret{}, "", ErrNoSecret // half written or foreign: sign in again
	}
	return s, warning, nil
}

// Store implements KeyStore.
func (k *systemKeys) Store(s Secret) (warning string, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode the session: %w", err)
	}
	if k.reachable() {
		_, err := ask(func() (struct{}, error) { return struct{}{}, keyring.Set(keyService, k.user, string(text)) })
		if err == nil {
			return "", removeIfThere(k.file)
		}
		k.log.Warn("the system's key store cannot be used", "error", err)
	}
	part := k.file + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return "", fmt.Errorf("keep the session in a file: %w", err)
	}
	if err := os.Rename(part, k.file); err != nil {
		return "", fmt.Errorf("keep the session in a file: %w", err)
	}
	return fileWarning, nil
}

// Delete implements KeyStore.
func (k *systemKeys) Delete() error {
	err := removeIfThere(k.file)
	if !k.reachable() {
		return err
	}
	_, asked := ask(func() (struct{}, error) { return struct{}{}, keyring.Delete(keyService, k.user) })
	if errors.Is(asked, keyring.ErrNotFound) {
		asked = nil
	}
	return errors.Join(err, asked)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
