package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"parley/backend/chat"
)

// TestData_mistyped: commands about what is there make nothing where there is no database, and say so.
func TestData_mistyped(t *testing.T) {
	missing, empty := filepath.Join(t.TempDir(), "typo"), t.TempDir()
	for _, dir := range []string{missing, empty} {
		mustFail(t, command(t, "", "user", "disable", "--data", dir, "max"), exitFailed, "no database of Parley's in .*Is --data right")
		mustFail(t, command(t, password, "user", "passwd", "--data", dir, "max"), exitFailed, "no database of Parley's")
		mustFail(t, command(t, "", "backup", "--data", dir, filepath.Join(t.TempDir(), "b.db")), exitFailed, "no database of Parley's")
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("the directory was made: %v", err)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestData_ofEverybody: a data directory is kept from others, and one that is for everybody is not taken.
func TestData_ofEverybody(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps it by other means")
	}
	own, shared := t.TempDir(), t.TempDir()
	addUser(t, own, "max", chat.RoleExpert)
	if err := os.WriteFile(filepath.Join(shared, "other"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{own, shared} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	addUser(t, own, "eva", chat.RoleExpert)
	if info, err := os.Stat(own); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others may use the data directory: %v, %v", info.Mode(), err)
	}
	mustFail(t, command(t, password, "user", "add", "--data", shared, "--role", "expert", "max"), exitFailed, "everybody may write in .*chmod 700")
	if _, err := os.Stat(filepath.Join(shared, databaseFile)); !os.IsNotExist(err) {
		t.Errorf("a database was made for everybody to replace: %v", err)
	}
}

// TestDisable_nameAsAtSignIn: U+017F folds to the same letter as s, yet "ſam" is another name than "sam" to sign in with.
func TestDisable_nameAsAtSignIn(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "sam", chat.RoleExpert)
	mustFail(t, command(t, "", "user", "disable", "--data", dir, "ſam"), exitFailed, "nobody signs in")
	s := serve(t, dir)
	if _, status := signIn(t, s.url, "sam", password); status != 200 {
		t.Errorf("sam after somebody else was to be deactivated: %d", status)
	}
	must(t, command(t, "", "user", "disable", "--data", dir, " SAM "))
	if _, status := signIn(t, s.url, "sam", password); status != 401 {
		t.Errorf("sam deactivated: %d", status)
	}
}
