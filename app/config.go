package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// config is what the desktop program is started with: flags, else the environment, else defaults.
type config struct {
	// profile is the folder that holds everything of one signed-in user on this computer: cache, outbox, window place, log.
	profile string
	// server is the address that the sign-in page offers; people may type another.
	server string
}

// errHelp is returned when only the explanation was asked for.
var errHelp = flag.ErrHelp

func parseConfig(args []string, env func(string) string, out io.Writer) (config, error) {
	flags := flag.NewFlagSet("parley", flag.ContinueOnError)
	flags.SetOutput(out)
	profile := flags.String("profile", env("PARLEY_PROFILE"), "`folder` of this user's data; one running Parley per folder (PARLEY_PROFILE)")
	server := flags.String("server", env("PARLEY_SERVER"), "`address` of the server that the sign-in page offers (PARLEY_SERVER)")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	folder := *profile
	if folder == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return config{}, fmt.Errorf("find the folder for a user's data: %w; name one with --profile", err)
		}
		folder = filepath.Join(base, "Parley", "default")
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return config{}, fmt.Errorf("find the profile's folder: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return config{}, fmt.Errorf("make the profile's folder: %w", err)
	}
	// One folder by two names is one profile.
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return config{}, fmt.Errorf("find the profile's folder: %w", err)
	}
	return config{profile: folder, server: *server}, nil
}

// profileID names the profile in a short word without meaning: for the lock against a second instance, and for what the
// page keeps.
func (c config) profileID() string {
	sum := sha256.Sum256([]byte(c.profile))
	return hex.EncodeToString(sum[:8])
}

// maxLogBytes is the size at which the log is put aside at the next start. One old log is kept.
const maxLogBytes = 1 << 20

// openLog opens the profile's log file to append to it.
func (c config) openLog() (*os.File, error) {
	path := filepath.Join(c.profile, "parley.log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogBytes {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", errors.Unwrap(err))
	}
	return file, nil
}

// webviewFolder is where the webview keeps its own data on Windows: per profile, so that two do not share it.
func (c config) webviewFolder() string { return filepath.Join(c.profile, "webview") }
