package main

import (
	"database/sql"
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
)

// exported runs an export and returns its lines below the headings.
func exported(t *testing.T, args ...string) [][]string {
	t.Helper()
	out := must(t, command(t, "", append([]string{"audit", "export"}, args...)...)).out
	lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	if got := strings.Join(lines[0], ","); got != strings.Join(auditColumns, ",") {
		t.Errorf("the headings are %s", got)
	}
	return lines[1:]
}

// TestAudit: the log of a running server and of a stopped one is found whole, and written out, newest first.
func TestAudit(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	addUser(t, dir, "=sum(1)", chat.RoleExpert)
	s := serve(t, dir)
	addUser(t, dir, "max", chat.RoleExpert)
	look := func() {
		t.Helper()
		if r := must(t, command(t, "", "audit", "verify", "--data", dir)); r.out != "The audit log is whole: 3 entries.\n" {
			t.Errorf("it says %q", r.out)
		}
		lines := exported(t, "--data", dir)
		if len(lines) != 3 || lines[0][7] != "max" || lines[1][7] != "'=sum(1)" || lines[2][0] != "1" || lines[2][5] != "user.add" || len(lines[2][10]) != 64 {
			t.Errorf("exported: %q", lines)
		}
	}
	look()
	s.stop()
	look()
}

// TestAuditExport_times: a day counts whole, a moment does not.
func TestAuditExport_times(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	all := exported(t, "--data", dir)
	at := all[0][1]
	day := at[:len("2006-01-02")]
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"--from", day, "--to", day}, 1}, {[]string{"--from", at}, 1}, {[]string{"--to", at}, 0}, {[]string{"--to", "2026-01-01"}, 0},
		{[]string{"--from", "2999-01-01"}, 0}, {[]string{"--from", "2020-01-01T00:00:00+02:00"}, 1},
	} {
		if lines := exported(t, append(c.args, "--data", dir)...); len(lines) != c.want {
			t.Errorf("%v: %q", c.args, lines)
		}
	}
	mustFail(t, command(t, "", "audit", "export", "--data", dir, "--from", "yesterday"), exitUsage, `"yesterday" is neither a day`)
	empty := filepath.Join(t.TempDir(), "typo")
	for _, do := range []string{"verify", "export"} {
		mustFail(t, command(t, "", "audit", do, "--data", empty), exitFailed, "no database of Parley's")
	}
}

// TestAuditExport_pages: a log longer than a page is written whole, each entry once.
func TestAuditExport_pages(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "ada", chat.RoleAdministrator)
	outside(t, dir, `INSERT INTO audit (n, at, by_id, by_name, address, command, subject_kind, subject_id, subject_name, changes, hash)
		WITH RECURSIVE more (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM more WHERE n < 450)
		SELECT n, 1, 'console', 'a' || char(27) || '[31m' || char(8238), '', 'user.update', 'user', 'u', '@' || n, '[]', '' FROM more`)
	out := must(t, command(t, "", "audit", "export", "--data", dir)).out
	if strings.ContainsAny(out, "\x1b\u202e") || !strings.Contains(out, `a\u001b[31m\u202e`) || !strings.Contains(out, "'@450") {
		t.Errorf("it writes\n%.500q", out)
	}
	if lines := exported(t, "--data", dir); len(lines) != 450 || lines[0][0] != "450" || lines[449][0] != "1" {
		t.Errorf("%d lines", len(lines))
	}
}

// TestAuditVerify_broken: what was changed behind the server's back is found, and scripts can tell.
func TestAuditVerify_broken(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ada", "max", "mia"} {
		addUser(t, dir, name, chat.RoleAdministrator)
	}
	outside(t, dir, "DROP TRIGGER audit_stays", "UPDATE audit SET subject_name = 'somebody else' WHERE n = 2")
	r := mustFail(t, command(t, "", "audit", "verify", "--data", dir), exitFailed, "entry 2 is missing or not as it was written; all before it are whole")
	if r.out != "" {
		t.Errorf("it says %q too", r.out)
	}
	serve(t, dir)
	mustFail(t, command(t, "", "audit", "verify", "--data", dir), exitFailed, "entry 2 is missing")
}

// outside changes the database of a stopped server.
func outside(t *testing.T, dir string, queries ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range queries {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
}
