//go:build unix

package folder

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPrivate(t *testing.T) {
	for name, tt := range map[string]struct {
		mode    os.FileMode // zero: the folder is missing
		content string
		want    os.FileMode
		refused bool
	}{
		"missing":                               {want: 0o700},
		"private":                               {mode: 0o700, content: "other", want: 0o700},
		"empty, for everybody":                  {mode: 0o777, want: 0o700},
		"ours, for everybody":                   {mode: 0o777, content: "parley.db", want: 0o700},
		"ours, for the group":                   {mode: 0o750, content: "parley.db", want: 0o700},
		"with other things, for everybody":      {mode: 0o777, content: "other", want: 0o777, refused: true},
		"with other things, others only read":   {mode: 0o755, content: "other", want: 0o755},
		"with other things, the group writes":   {mode: 0o775, content: "other", want: 0o775},
		"what its owner may not is not granted": {mode: 0o577, content: "parley.db", want: 0o500},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "data")
			if tt.mode != 0 {
				fill(t, dir, tt.content, tt.mode)
			}
			if err := Private(dir, "parley.db", "lock"); (err != nil) != tt.refused {
				t.Errorf("refused: %v", err)
			}
			info, err := os.Stat(dir)
			if err != nil || info.Mode().Perm() != tt.want {
				t.Errorf("afterwards %v, %v; want %v", info.Mode(), err, tt.want)
			}
		})
	}
}

// fill makes dir with one empty file of the name, if it has one, and the mode.
func fill(t *testing.T, dir, name string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if name != "" {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // so that it can be removed
}

// TestPrivate_ofSomebodyElse: only the administrator of the machine can give a folder away to try it.
func TestPrivate_ofSomebodyElse(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs the rights to give a folder away")
	}
	for mode, refused := range map[os.FileMode]bool{0o777: true, 0o775: false, 0o700: false} {
		dir := filepath.Join(t.TempDir(), "data")
		fill(t, dir, "parley.db", mode)
		if err := os.Chown(dir, 1, 1); err != nil {
			t.Fatal(err)
		}
		if err := Private(dir, "parley.db"); (err != nil) != refused {
			t.Errorf("%o: %v", mode, err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%o became %v, %v", mode, info.Mode(), err)
		}
	}
}

// TestPrivate_meantForEverybody: an empty folder for temporary files stays what it is.
func TestPrivate_meantForEverybody(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tmp")
	fill(t, dir, "", 0o777|os.ModeSticky)
	if err := Private(dir); err == nil {
		t.Error("it was taken")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("it is %v, %v", info.Mode(), err)
	}
}
