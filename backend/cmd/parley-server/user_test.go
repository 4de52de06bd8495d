package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parley/backend/chat"
)

// TestData_mistyped: commands make nothing where there is no database, and say so; user add begins there if it is told to.
func TestData_mistyped(t *testing.T) {
	missing, empty, file := filepath.Join(t.TempDir(), "typo"), t.TempDir(), filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(file, []byte(header+"max,Max,expert,,,secret enough\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{missing, empty} {
		mustFail(t, command(t, password, "user", "add", "--data", dir, "--role", "expert", "max"), exitFailed, "no database of Parley's.*begun by: parley-server serve")
		mustFail(t, command(t, "", "user", "import", "--data", dir, file), exitFailed, "no database of Parley's")
		mustFail(t, command(t, "", "user", "import", "--data", dir, "--dry-run", file), exitFailed, "no database of Parley's")
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
	must(t, command(t, password, "user", "add", "--new", "--data", missing, "--role", "expert", "max"))
	must(t, command(t, "", "user", "disable", "--data", missing, "max"))
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
	mustFail(t, command(t, password, "user", "add", "--new", "--data", shared, "--role", "expert", "max"), exitFailed, "everybody may write in .*chmod 700")
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

// TestResetFactor: the command line lets in who has lost the second factor, the last administrator too, while the server runs.
func TestResetFactor(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	s := serve(t, dir)
	in, _ := signIn(t, s.url, "ada", password)
	ada := connect(t, s.url, in.Token, "", nil)
	var e chat.Enrolment
	if err := ada.Request(t.Context(), chat.FactorBegin, chat.FactorBeginArgs{Password: password}, &e); err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(e.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := ada.Request(t.Context(), chat.FactorConfirm, chat.FactorCodeArgs{Code: code}, nil); err != nil {
		t.Fatal(err)
	}
	if _, status := signIn(t, s.url, "ada", password); status != 401 {
		t.Errorf("the password alone: %d", status)
	}
	mustFail(t, command(t, "", "user", "reset-factor", "--data", dir, "eva"), exitFailed, "nobody signs in")
	must(t, command(t, "", "user", "reset-factor", "--data", dir, "Ada"))
	if _, status := signIn(t, s.url, "ada", password); status != 200 {
		t.Errorf("after the reset: %d", status)
	}
	if again := must(t, command(t, "", "user", "reset-factor", "--data", dir, "ada")); !strings.Contains(again.out, "no second factor") {
		t.Errorf("again: %q", again.out)
	}
}
