package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/wire"
)

// TestBackupRestore backs up while messages are posted, goes on, restores, and finds exactly a prefix of what was posted.
// The client notices that the log is another one.
func TestBackupRestore(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	addUser(t, dir, "sue", chat.RoleSupervisor)
	addUser(t, dir, "max", chat.RoleExpert)
	s := serve(t, dir)
	sue, _ := signIn(t, s.url, "sue", password)
	max, _ := signIn(t, s.url, "max", password)
	c := connect(t, s.url, sue.Token, "", nil)
	with := chat.DirectID(sue.UserID, max.UserID)
	post := func(i int) {
		if err := c.Request(t.Context(), chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: fmt.Sprint("message ", i)}, nil); err != nil {
			t.Errorf("post %d: %v", i, err)
		}
	}
	for i := 1; i <= 20; i++ {
		post(i)
	}
	ctx, stop := context.WithCancel(t.Context())
	var posting sync.WaitGroup
	posting.Add(1)
	go func() {
		defer posting.Done()
		for i := 21; ctx.Err() == nil; i++ {
			post(i)
		}
	}()
	r := must(t, command(t, "", "backup", "--data", dir, file))
	stop()
	posting.Wait()
	if !strings.Contains(r.out, file) {
		t.Errorf("it says %q", r.out)
	}
	post(1000)
	mustFail(t, command(t, "", "backup", "--data", dir, file), exitFailed, "exists")
	mustFail(t, command(t, "", "restore", "--data", dir, file), exitFailed, "the server is running")
	cursor := c.Cursor()
	s.stop()

	again := filepath.Join(t.TempDir(), "stopped.db")
	must(t, command(t, "", "backup", "--data", dir, again))
	r = must(t, command(t, "", "restore", "--data", dir, file))
	if kept, _ := filepath.Glob(filepath.Join(dir, databaseFile+".before-*")); len(kept) == 0 || !strings.Contains(r.out, kept[0]) {
		t.Errorf("the old database is not kept: %v, %q", kept, r.out)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "restore-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	s = serve(t, dir)
	resets := make(chan *wire.Reset, 1)
	connect(t, s.url, sue.Token, cursor, func(f wire.Frame) error {
		if f.Reset != nil {
			resets <- f.Reset
		}
		return nil
	})
	reset := <-resets
	if reset.Reason != chat.ResetRenewed {
		t.Errorf("reset because %s", reset.Reason)
	}
	state := reset.Snapshot.Conversations[0]
	if state.LastN < 20 || state.Tail[len(state.Tail)-1].Text != fmt.Sprint("message ", state.LastN) {
		t.Errorf("the backup reaches to %d: %q", state.LastN, state.Tail[len(state.Tail)-1].Text)
	}
}

// TestRestore_refused: what is no sound backup changes nothing.
func TestRestore_refused(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "max", chat.RoleExpert)
	file := filepath.Join(t.TempDir(), "backup.db")
	must(t, command(t, "", "backup", "--data", dir, file))
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.db")
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE notes (text)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	others, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": nil, "another program's database": others,
		"text": []byte("this is no database, whatever it is called"), "cut": sound[:len(sound)/2], "zeroed": make([]byte, len(sound)),
	} {
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := command(t, "", "restore", "--data", dir, bad); r.code != exitFailed || !strings.Contains(r.err, "nothing was changed") {
			t.Errorf("%s: %d %s", name, r.code, r.err)
		}
	}
	mustFail(t, command(t, "", "restore", "--data", dir, filepath.Join(dir, "missing.db")), exitUsage, "missing.db")
	if _, err := os.Stat("/dev/zero"); err == nil { // it has no end: reading it would fill the disk
		fresh := filepath.Join(t.TempDir(), "fresh")
		mustFail(t, command(t, "", "restore", "--data", fresh, "/dev/zero"), exitFailed, "not a file that holds a backup; nothing was changed")
		if _, err := os.Stat(fresh); !os.IsNotExist(err) {
			t.Errorf("the data directory was made: %v", err)
		}
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, databaseFile+".before-*")); len(kept) > 0 {
		t.Errorf("the database was set aside: %v", kept)
	}
	if _, status := signIn(t, serve(t, dir).url, "max", password); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
	fresh := filepath.Join(t.TempDir(), "elsewhere")
	must(t, command(t, "", "restore", "--data", fresh, file))
	if _, status := signIn(t, serve(t, fresh).url, "max", password); status != 200 {
		t.Errorf("restored into a new directory: %d", status)
	}
	mustFail(t, command(t, "", "backup", "--data", filepath.Join(dir, "nowhere"), filepath.Join(dir, "b.db")), exitFailed, "no database of Parley's")
}

// TestRestore_overDamaged: a database that cannot even be opened can be replaced.
func TestRestore_overDamaged(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "max", chat.RoleExpert)
	file := filepath.Join(t.TempDir(), "backup.db")
	must(t, command(t, "", "backup", "--data", dir, file))
	if err := os.WriteFile(filepath.Join(dir, databaseFile), []byte("the disk was on fire, and this is what is left of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, command(t, "", "serve", "--data", dir, "--listen", "127.0.0.1:0"), exitFailed, "open")
	must(t, command(t, "", "restore", "--data", dir, file))
	if _, status := signIn(t, serve(t, dir).url, "max", password); status != 200 {
		t.Errorf("after the restore: %d", status)
	}
}

const header = "name,display name,role,group,teams,password\n"

func TestImport(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "users.csv")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeff" + header +
		"ana,Ana Castillo,agent,North,Sales;Service,correct horse 1\r\n" +
		"\"max\",\"Weber, Max\",Expert,,,\"quo\"\"ted pass\"\n" +
		"sue,,supervisor,,\" Sales ; \",correct horse 3\n")
	mustFail(t, command(t, "", "user", "import", "--new", "--data", dir, "--dry-run", file), exitUsage, "not both")
	serve(t, dir).stop()
	r := must(t, command(t, "", "user", "import", "--data", dir, "--dry-run", file))
	if !strings.Contains(r.out, "All 3 users can be imported. Nothing was changed.") {
		t.Errorf("dry run: %q", r.out)
	}
	r = must(t, command(t, "", "user", "import", "--data", dir, file))
	if !strings.Contains(r.out, "Imported 3 users.") {
		t.Errorf("import: %q", r.out)
	}
	s := serve(t, dir)
	for name, password := range map[string]string{"ana": "correct horse 1", "max": `quo"ted pass`, "sue": "correct horse 3"} {
		if _, status := signIn(t, s.url, name, password); status != 200 {
			t.Errorf("%s signs in: %d", name, status)
		}
	}
	mustFail(t, command(t, "", "user", "import", "--data", dir, file), exitFailed, `line 2: there is a user "ana" already`)
	r = must(t, command(t, header+"ada,Ada,administrator,,,correct horse 4\n", "user", "import", "--data", dir, "-"))
	if !strings.Contains(r.out, "Imported 1 users.") {
		t.Errorf("into the running server: %q", r.out)
	}
	ada, _ := signIn(t, s.url, "ada", "correct horse 4")
	var list chat.UserListAnswer
	if err := connect(t, s.url, ada.Token, "", nil).Request(t.Context(), chat.UserList, nil, &list); err != nil {
		t.Fatal(err)
	}
	teams := map[chat.TeamID]string{}
	for _, team := range list.Teams {
		teams[team.ID] = team.Name
	}
	got := map[string]string{}
	for _, u := range list.Users {
		var of []string
		for _, id := range u.User.TeamIDs {
			of = append(of, teams[id])
		}
		group := ""
		if u.Group != nil {
			group = u.Group.Name
		}
		got[u.Name] = fmt.Sprint(u.User.DisplayName, "/", u.User.Role, "/", group, "/", of)
	}
	want := map[string]string{"ana": "Ana Castillo/agent/North/[Sales Service]", "max": "Weber, Max/expert//[]", "sue": "sue/supervisor//[Sales]", "ada": "Ada/administrator//[]"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("imported:\n%v\nwant:\n%v", got, want)
	}
}

// TestImport_refused: every bad line is named, in order, without its password; nothing is imported.
func TestImport_refused(t *testing.T) {
	dir := t.TempDir()
	addUser(t, dir, "max", chat.RoleExpert)
	tests := []struct {
		name, content string
		want          []string
	}{
		{"many lines", header +
			"ana,Ana,agent,North,,secret enough\n" +
			"ben,Ben,boss,,,secret enough\n" +
			"eva,Eva,agent,,,short\n" +
			"ANA,Other Ana,agent,,,secret enough\n" +
			"only,three,cells\n" +
			"\"multi\nline\",Multi,agent,,,secret enough\n" +
			",Nameless,agent,,,secret enough\n" +
			"Max,Max,expert,,,secret enough\n" +
			"sue,Sue,supervisor,North,,secret enough\n" +
			"esc,\x1b[31mRed,agent,,,secret enough\n",
			[]string{
				`line 3: the role "boss" is none of`, `line 4: the password must have at least 8 characters`, `line 5: the name "ana" stands in line 2 already`,
				`line 6: it has 3 cells, the header has 6`, `line 7: the sign-in name is of more than one line`, `line 9: the sign-in name is empty`, `line 10: there is a user "max" already`,
				`line 11: only agents are in a group`, `line 12: the display name contains a control character (U+001B)`, "Nothing was imported.",
			}},
		{"what only the hub would refuse", header +
			"fine,Fine,agent,,,secret enough\n" +
			"two words,Two,agent,,,secret enough\n" +
			"eva,\"Eva\nMaría\",agent,,,secret enough\n" +
			"rlo,Ann\u202egnp,agent,,,secret enough\n" +
			"\u200b,Nobody,agent,,,secret enough\n",
			[]string{
				`line 3: the sign-in name contains white space`, `line 4: the display name is of more than one line`,
				`line 6: the display name contains a character that turns the direction`, `line 7: the sign-in name is empty`, "Nothing was imported.",
			}},
		{"no header", "ana,Ana,agent,North,,secret enough\n", []string{"line 1: there is no header line: name, display name"}},
		{"a heading missing and one unknown", "name,display name,role,pasword\n", []string{`line 1: the column "pasword" is not known`, `line 1: the column "password" is missing`}},
		{"a column twice", "name,Name,role,password\n", []string{`the column "Name" stands twice`}},
		{"only a header", header, []string{"line 1: there is no user below"}},
		{"nothing", "", []string{"line 1: there is no header line"}},
		{"an open quote", header + "\"ana,Ana,agent,,,secret enough\nben,Ben,agent,,,secret enough\n", []string{"line 2: the quotes of this line do not fit"}},
		{"Latin-1", header + "ana,\xc1na,agent,,,secret enough\n", []string{"not valid UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := command(t, tt.content, "user", "import", "--data", dir, "-")
			if r.code != exitFailed || r.out != "" {
				t.Errorf("exit code %d, %q", r.code, r.out)
			}
			rest := r.err
			for _, want := range tt.want {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("without %q (in this order):\n%s", want, r.err)
					continue
				}
				rest = after
			}
			if strings.Contains(r.err, "secret") || strings.Contains(r.err, "\x1b") {
				t.Errorf("a password or an escape is repeated:\n%s", r.err)
			}
		})
	}
	r := must(t, command(t, header+"zoe,Zoe,agent,,,secret enough\n", "user", "import", "--data", dir, "-"))
	if !strings.Contains(r.out, "Imported 1 users.") {
		t.Errorf("afterwards: %q", r.out)
	}
}
