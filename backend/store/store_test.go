package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"parley/backend/chat"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, Options{Now: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func load(t *testing.T, s *Store) *State {
	t.Helper()
	st, err := s.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// world is two users with a conversation of n messages.
func world(t *testing.T, s *Store, n int) []Message {
	t.Helper()
	c := &Changes{
		Users: []User{
			{Key: 1, User: chat.User{ID: "a", TeamIDs: []chat.TeamID{"t"}, Active: true}, Name: "ana", Settings: chat.DefaultSettings(chat.RoleAgent)},
			{Key: 2, User: chat.User{ID: "b", TeamIDs: []chat.TeamID{}}, Name: "ben", Pending: &chat.MessagingSettings{Targets: []string{}}},
		},
		Standings:     []Standing{{UserKey: 1, Seq: 1, Role: chat.RoleAgent, GroupID: "g", Active: true, ChangedBy: "console"}},
		Sessions:      []Session{{ID: "s", UserKey: 1, TokenHash: []byte{1}, ExpiresAt: 9}},
		Conversations: []Conversation{{Key: 1, ID: "d.a.b", Kind: chat.KindDirect, CreatedAt: 5}},
		Participants:  []Participant{{ConversationKey: 1, UserKey: 1, ReadN: 3, WroteAt: 7}, {ConversationKey: 1, UserKey: 2}},
		Events:        []Event{{Seq: 1, Audience: ConversationAudience(1), Type: chat.ConversationOpened, Body: []byte(`{}`), By: "a", At: 5}},
	}
	for i := range n {
		c.Messages = append(c.Messages, Message{Seq: int64(i + 2), ID: chat.NewMessageID(), ConversationKey: 1, N: int64(i + 1), UserKey: 1, At: 7,
			Text: "text", Hash: []byte{byte(i)}})
	}
	if err := s.Commit(c); err != nil {
		t.Fatal(err)
	}
	return c.Messages
}

func TestCommit_isReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, path)
	messages := world(t, s, 40)
	check := func(s *Store) {
		t.Helper()
		st := load(t, s)
		if st.Log.Head != 41 || len(st.Log.Epoch) == 0 || len(st.Log.Secret) != 32 {
			t.Errorf("log %+v", st.Log)
		}
		if !st.Organisation.Messaging || st.Organisation.Mode != chat.ModeEveryone || st.Organisation.ReplyWindowMs != chat.DefaultReplyWindowMs {
			t.Errorf("IM-1: a new organisation is %+v", st.Organisation)
		}
		if len(st.Users) != 2 || st.Users[0].User.TeamIDs[0] != "t" || !st.Users[0].User.Active || !st.Users[0].Settings.Replies || st.Users[1].Pending == nil {
			t.Errorf("users %+v", st.Users)
		}
		if len(st.Conversations) != 1 || st.Conversations[0].LastN != 40 || st.Conversations[0].Head != 41 || st.Conversations[0].EventHead != 1 {
			t.Errorf("conversations %+v", st.Conversations)
		}
		if len(st.Participants) != 2 || st.Participants[0].ReadN != 3 || st.Participants[0].WroteAt != 7 || len(st.Sessions) != 1 || len(st.Standings) != 1 {
			t.Errorf("state %+v", st)
		}
	}
	check(s)
	page, err := s.MessagesBefore(context.Background(), 1, 40, 5)
	if err != nil || len(page) != 5 || page[0].N != 35 || page[4].N != 39 || page[4].ID != messages[38].ID {
		t.Errorf("page before 40: %v %+v", err, page)
	}
	if n, err := s.LastNAt(context.Background(), 1, 11); err != nil || n != 10 {
		t.Errorf("last number at seq 11: %d, %v", n, err)
	}
	if page, err = s.MessagesAfter(context.Background(), 1, 38, 5); err != nil || len(page) != 2 || page[1].N != 40 {
		t.Errorf("page after 38: %v %+v", err, page)
	}
	posted, err := s.Posted([]chat.MessageID{messages[2].ID, chat.NewMessageID(), messages[3].ID})
	if err != nil || len(posted) != 2 || posted[messages[2].ID].N != 3 || !bytes.Equal(posted[messages[2].ID].Hash, []byte{2}) {
		t.Errorf("posted: %v %+v", err, posted)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, path))
}

func TestCommit_allOrNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "parley.db"))
	messages := world(t, s, 1)
	err := s.Commit(&Changes{
		Events:   []Event{{Seq: 3, Audience: Everybody}},
		Messages: []Message{{Seq: 4, ID: messages[0].ID, ConversationKey: 1, N: 2, UserKey: 1}},
	})
	if err == nil {
		t.Fatal("a message id was taken twice")
	}
	if st := load(t, s); st.Log.Head != 2 {
		t.Errorf("head is %d after a failed commit, want 2", st.Log.Head)
	}
	if err := s.Commit(&Changes{Events: []Event{{Seq: 3, Audience: Everybody}}}); err != nil {
		t.Errorf("the next commit: %v", err)
	}
}

func TestCommit_fullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	open(t, path).Close()
	s, err := Open(context.Background(), path, Options{MaxPages: 48})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	world(t, s, 1)
	big := Message{Seq: 3, ID: chat.NewMessageID(), ConversationKey: 1, N: 2, UserKey: 1, Hash: []byte{1}, Text: string(bytes.Repeat([]byte("x"), 400_000))}
	err = s.Commit(&Changes{Messages: []Message{big}})
	if err == nil || Uncertain(err) {
		t.Fatalf("commit beyond the bound: %v, uncertain %v", err, Uncertain(err))
	}
	big.Text = "small"
	if err := s.Commit(&Changes{Messages: []Message{big}}); err != nil {
		t.Errorf("commit of what fits: %v", err)
	}
	if d, err := s.Check(context.Background()); err != nil || !d.Sound() {
		t.Errorf("check: %v %+v", err, d)
	}
}

// What asks whether writing works must write: a change that changes nothing is dropped before it comes to the disk.
func TestTouch_isWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, path)
	size := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	for range 3 {
		before := size()
		if err := s.Commit(&Changes{Touch: true}); err != nil {
			t.Fatal(err)
		}
		if size() == before {
			t.Error("nothing was written")
		}
	}
}

func TestOpen_onlyOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	open(t, path)
	if _, err := Open(context.Background(), path, Options{}); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
}

func TestOpen_refusesNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	open(t, path).Close()
	outside(t, path, "INSERT INTO migration (version_id, is_applied) VALUES (99, 1)")
	if _, err := Open(context.Background(), path, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("opened a newer database: %v", err)
	}
}

// outside changes the database behind the store's back.
func outside(t *testing.T, path, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestCheck_namesDamagedMessages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, path)
	world(t, s, 3)
	if d, err := s.Check(context.Background()); err != nil || !d.Sound() {
		t.Fatalf("check of a sound database: %v %+v", err, d)
	}
	for _, change := range []string{"text = 'texu'", "at = at + 1", "hash = x'ff'", "document = '{}'", "user_key = 2"} {
		outside(t, path, "UPDATE message SET "+change+" WHERE seq = 3")
		d, err := s.Check(context.Background())
		if err != nil || len(d.Messages) != 1 || d.Messages[0] != 3 {
			t.Errorf("%s: %v %+v", change, err, d)
		}
		var damaged *DamagedError
		if _, err := s.MessagesBefore(context.Background(), 1, 9, 9); !errors.As(err, &damaged) || damaged.Seq != 3 {
			t.Errorf("%s: read as if nothing were: %v", change, err)
		}
		outside(t, path, "UPDATE message SET text = 'text', at = 7, hash = x'01', document = '', user_key = 1 WHERE seq = 3")
	}
}

// TestBackup_ofDamagedIsNone: what a restore would refuse is not kept as a backup.
func TestBackup_ofDamagedIsNone(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "parley.db"), filepath.Join(dir, "backup.db")
	s := open(t, path)
	world(t, s, 3)
	outside(t, path, "UPDATE message SET text = 'texu' WHERE seq = 3")
	if err := s.Backup(context.Background(), to); err == nil || !strings.Contains(err.Error(), "damaged messages at [3]") {
		t.Errorf("a damaged database was backed up: %v", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
	outside(t, path, "UPDATE message SET text = 'text' WHERE seq = 3")
	if err := s.Backup(context.Background(), to); err != nil {
		t.Errorf("a sound one: %v", err)
	}
}

func TestBackup_isAnotherLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "parley.db"))
	world(t, s, 3)
	to := filepath.Join(dir, "backup.db")
	if err := s.Backup(context.Background(), to); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(context.Background(), to); err == nil {
		t.Error("a backup was overwritten")
	}
	was, is := load(t, s), load(t, open(t, to))
	if bytes.Equal(was.Log.Epoch, is.Log.Epoch) || bytes.Equal(was.Log.Secret, is.Log.Secret) {
		t.Error("the restored log has the epoch of the one it was made of")
	}
	if is.Log.Head != was.Log.Head || len(is.Users) != 2 {
		t.Errorf("restored: %+v", is)
	}
}

func TestReopen_keepsWhatWasCommitted(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "parley.db"))
	world(t, s, 3)
	if err := s.Reopen(context.Background()); err != nil {
		t.Fatal(err)
	}
	if st := load(t, s); st.Log.Head != 4 {
		t.Errorf("head %d, want 4", st.Log.Head)
	}
	if err := s.Commit(&Changes{Events: []Event{{Seq: 5, Audience: Everybody}}}); err != nil {
		t.Error(err)
	}
}

// TestMigrations_frozen keeps released migrations as they are: databases out there have run them.
func TestMigrations_frozen(t *testing.T) {
	frozen := map[string]string{
		"00001_spine.sql":      "b71ccac2575022f2",
		"00002_touch.sql":      "ae3fdf7474ab1e2b",
		"00003_rooms.sql":      "fc82476a77abbf07",
		"00004_audit.sql":      "d4f50052bb4e2481",
		"00005_places.sql":     "8cbee2a0aba66554",
		"00006_requests.sql":   "de3731c1a16eda8b",
		"00008_monitoring.sql": "155f83a4fae69270",

		"00007_permission_sets.sql": "9ffe5b18c64dcb7b",

		"00009_message_order.sql": "75ab00f2d149909b",

		"00010_files.sql":     "f5bab700997d8d55",
		"00011_attention.sql": "3e36f6449750f562",
		"00012_versions.sql":  "dd7b80b78509d79f",
		"00013_replies.sql":   "d93c5a8b7c8bc9ab",

		"00014_second_factor.sql": "d44f7a44d2fe80a0",
		"00015_files_gone.sql":    "11340bbd0506f16d",
		"00016_public_rooms.sql":  "421c12876ab44673",
		"00017_push.sql":          "23e7ae7cda790033",
		"00018_templates.sql":     "73dee303583c2930",
	}
	entries, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join("migrations", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		if got := hex.EncodeToString(sum[:8]); frozen[e.Name()] != got {
			t.Errorf("%s has hash %s, frozen is %q: write a new migration instead of changing one", e.Name(), got, frozen[e.Name()])
		}
		delete(frozen, e.Name())
	}
	for name := range frozen {
		t.Errorf("%s is gone", name)
	}
}

func TestOpen_mustExist(t *testing.T) {
	dir := t.TempDir()
	none, empty, ours := filepath.Join(dir, "none.db"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "parley.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{none, empty} {
		if s, err := Open(context.Background(), path, Options{MustExist: true}); !errors.Is(err, ErrNone) {
			t.Errorf("%s: opened %v, %v", path, s, err)
		}
	}
	if _, err := os.Stat(none); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a database was made: %v", err)
	}
	if _, err := os.Stat(none + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a lock was made where there is no database: %v", err)
	}
	open(t, ours).Close()
	s, err := Open(context.Background(), ours, Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestCommit_changes: a message that was changed is read as it is now, what it was stays, and both are checked.
func TestCommit_changes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, path)
	was := world(t, s, 4)[1]
	edited := was
	edited.Text, edited.Revision, edited.EditedAt = "as it is now", 1, 99
	gone := edited
	gone.Text, gone.Revision, gone.DeletedAt = "", 2, 100
	event := func(seq int64, kind chat.EventType) Event {
		return Event{Seq: seq, Audience: ConversationAudience(1), Subject: string(was.ID), Type: kind, By: "a", At: 99}
	}
	err := s.Commit(&Changes{Amended: []Message{edited, gone}, Versions: []Version{was.Version(), edited.Version()},
		Events: []Event{event(6, chat.MessageEdited), event(7, chat.MessageDeleted)}})
	if err != nil {
		t.Fatal(err)
	}
	check := func(s *Store) {
		t.Helper()
		got, err := s.MessageOf(t.Context(), was.ID)
		if err != nil || !reflect.DeepEqual(*got, gone) {
			t.Errorf("it is %+v, %v", got, err)
		}
		versions, err := s.Versions(t.Context(), 1, was.N)
		if err != nil || len(versions) != 2 || versions[0].Text != was.Text || versions[0].At != was.At || versions[1].Text != edited.Text || versions[1].At != 99 {
			t.Errorf("it was %+v, %v", versions, err)
		}
		amended, err := s.Amended(t.Context(), 5, 7)
		if err != nil || len(amended) != 1 || amended[0].Revision != 2 {
			t.Errorf("changed are %+v, %v", amended, err)
		}
		if none, err := s.Amended(t.Context(), 7, 99); err != nil || len(none) != 0 {
			t.Errorf("later changed are %+v, %v", none, err)
		}
		if d, err := s.Check(t.Context()); err != nil || !d.Sound() {
			t.Errorf("check: %v, %+v", err, d)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	check(s)
	if err := s.w.exec("UPDATE message_version SET text = 'never said' WHERE revision = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Versions(t.Context(), 1, was.N); err == nil {
		t.Error("a version that was never written is told")
	}
	if d, err := s.Check(t.Context()); err != nil || len(d.Messages) != 1 || d.Messages[0] != was.Seq {
		t.Errorf("check: %v, %+v", err, d)
	}
}
