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

// TestMigrate_roomsGetOwners: a room that was made before rooms had owners belongs to who made it, as long as they are in it and
// active; else to the active member who has been in it longest; one that everybody has left belongs to nobody.
func TestMigrate_roomsGetOwners(t *testing.T) {
	path, db, _ := atThird(t)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	for key, name := range []string{1: "ana", 2: "ben", 3: "cem"} {
		if name != "" {
			exec(`INSERT INTO "user" VALUES ($1, $2, $2, $2, '', 'expert', '', '[]', $3, '', '{}', '', '', 0, 'available', '', 0, 1, '', 0)`, key, name, key != 3)
		}
	}
	seq := 0
	room := func(key int, by string, members ...[3]int) { // of each: the user, since when, and when they left
		exec(`INSERT INTO conversation (conversation_key, conversation_id, kind, name, created_at) VALUES ($1, 'r.' || $1, 'room', 'Room', 1)`, key)
		for range 2 { // the second one came by an invitation of ben's
			seq++
			exec(`INSERT INTO event (seq, audience, subject, type, body, by, at) VALUES ($1, $2, '', 'room.joined', '{}', $3, 1)`,
				seq, string(ConversationAudience(ConversationKey(key))), by)
			by = "ben"
		}
		for _, m := range members {
			exec(`INSERT INTO participant (conversation_key, user_key, read_n, wrote_at, since_seq, left_seq) VALUES ($1, $2, 0, 0, $3, $4)`, key, m[0], m[1], m[2])
		}
	}
	room(1, "ana", [3]int{1, 5, 0}, [3]int{2, 4, 0})
	room(2, "ana", [3]int{1, 5, 9}, [3]int{2, 7, 0}, [3]int{3, 6, 0})
	room(3, "cem", [3]int{1, 8, 0}, [3]int{2, 7, 0}, [3]int{3, 6, 0})
	room(4, "ana", [3]int{1, 5, 9})
	exec(`INSERT INTO conversation (conversation_key, conversation_id, kind, name, created_at) VALUES (5, 'd.5', 'direct', '', 1)`)
	exec(`INSERT INTO participant (conversation_key, user_key, read_n, wrote_at) VALUES (5, 1, 0, 0), (5, 2, 0, 0)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	owners := map[ConversationKey][]UserKey{}
	st := load(t, open(t, path))
	for _, p := range st.Participants {
		if p.Owner {
			owners[p.ConversationKey] = append(owners[p.ConversationKey], p.UserKey)
		}
	}
	if want := map[ConversationKey][]UserKey{1: {1}, 2: {2}, 3: {2}}; !reflect.DeepEqual(owners, want) {
		t.Errorf("rooms are owned by %v, want %v", owners, want)
	}
	for _, c := range st.Conversations {
		if c.Room.Public || c.Room.Topic != "" || len(c.Room.Notes) > 0 {
			t.Errorf("%s is %+v", c.ID, c.Room)
		}
	}
}
