package store

import (
	"database/sql"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/pressly/goose/v3"

	"parley/backend/chat"
)

// atThird makes a database of the third schema, and what brings it further.
func atThird(t *testing.T) (path string, db *sql.DB, p *goose.Provider) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "parley.db")
	db, err := sql.Open("sqlite", source(path, writing...))
	if err != nil {
		t.Fatal(err)
	}
	if p, err = migrationsOf(db); err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	return path, db, p
}

// TestMigrate_keepsMessages: those written under the first schemas are there under the newest, the same to the last bit.
func TestMigrate_keepsMessages(t *testing.T) {
	path, db, _ := atThird(t)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO "user" VALUES (1, 'a', 'ana', 'Ana', '', 'agent', '', '[]', 1, '', '{}', '', '', 0, 'available', '', 0, 1, '', 0)`)
	want := map[ConversationKey][]Message{}
	for seq := int64(1); seq <= 40; seq++ {
		c := ConversationKey(1 + seq%3)
		if len(want[c]) == 0 {
			exec(`INSERT INTO conversation (conversation_key, conversation_id, kind, created_at) VALUES ($1, 'd.' || $1, 'direct', 1)`, int64(c))
		}
		m := Message{Seq: seq, ID: chat.NewMessageID(), ConversationKey: c, N: int64(len(want[c]) + 1), UserKey: 1, At: 7, Text: "text", Hash: []byte{byte(seq)}}
		id := uuid.MustParse(string(m.ID))
		exec(`INSERT INTO message VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)`, m.Seq, id[:], int64(c), m.N, int64(m.UserKey), int64(m.At), m.Text, m.Hash, m.checksum(id, messageLists{}))
		want[c] = append(want[c], m)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s := open(t, path)
	for c, messages := range want {
		got, err := s.MessagesBefore(t.Context(), c, 99, 99)
		if err != nil || !reflect.DeepEqual(got, messages) {
			t.Errorf("conversation %d: %v, %+v, want %+v", c, err, got, messages)
		}
		if after, err := s.MessagesAfter(t.Context(), c, 5, 99); err != nil || !reflect.DeepEqual(after, slices.Clone(messages[5:])) {
			t.Errorf("conversation %d after 5: %v, %+v", c, err, after)
		}
	}
	if d, err := s.Check(t.Context()); err != nil || !d.Sound() {
		t.Errorf("check: %v, %+v", err, d)
	}
	if head := load(t, s).Log.Head; head != 40 {
		t.Errorf("the log's head is %d", head)
	}
}

// TestMigrate_between: a database that has run a later migration gets those before it that were released afterwards.
func TestMigrate_between(t *testing.T) {
	path, db, p := atThird(t)
	if _, err := p.ApplyVersion(t.Context(), 9, true); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if st := load(t, open(t, path)); st.Licensing.Edition != chat.EditionStandard {
		t.Errorf("the edition is %q", st.Licensing.Edition)
	}
}
