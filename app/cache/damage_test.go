package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"parley/backend/chat"
)

// damagedProfile makes a profile with an outbox, a draft and history, closed in order, and returns its folder and the messages.
func damagedProfile(t *testing.T, unsent int) (dir string, waiting []chat.MessagePostArgs) {
	t.Helper()
	c, dir := newCache(t)
	var events []chat.Event
	for n := int64(1); n <= 50; n++ {
		events = append(events, posted(message(withBen, n, ben)))
	}
	apply(t, c, "c", events...)
	for i := range unsent {
		waiting = append(waiting, enqueue(t, c, withBen, fmt.Sprint("unsent message number ", i)))
	}
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: withBen, Text: "half a sentence"}))
	ok(t, c.Close())
	return dir, waiting
}

func change(t *testing.T, path string, f func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(path, f(data), 0o600))
}

// Every variant must open, again and again, and go on from a snapshot; where the outbox itself is untouched it must be whole.
func TestOpen_damagedFile(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"magic":          func(b []byte) []byte { b[3] ^= 1; return b },
		"page size":      func(b []byte) []byte { b[17] ^= 0x10; return b },
		"version":        func(b []byte) []byte { b[62] ^= 1; return b },
		"version zero":   func(b []byte) []byte { b[63] = 0; return b },
		"encoding":       func(b []byte) []byte { b[59] = 3; return b },
		"foreign header": func(b []byte) []byte { copy(b, "this is not a database at all, but a note"); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir, waiting := damagedProfile(t, 20)
			change(t, filepath.Join(dir, fileName), damage)
			c := mustOpen(t, dir)
			items := outbox(t, c)
			if len(items) != len(waiting) {
				t.Fatalf("%d of %d messages were saved; %+v", len(items), len(waiting), c.Salvaged())
			}
			for i, item := range items {
				if item.Message.ID != waiting[i].ID || item.Message.Text != waiting[i].Text || item.State != chat.OutboxWaiting {
					t.Errorf("message %d is %+v", i, item)
				}
			}
			if c.Salvaged() != nil && c.Cursor() != "" {
				t.Error("a rebuilt cache must start from a snapshot")
			}
			if c.Account() != account {
				t.Errorf("the account is %v", c.Account())
			}
			drafts, err := c.DirtyDrafts(t.Context())
			ok(t, err)
			if len(drafts) != 1 || drafts[0].Text != "half a sentence" {
				t.Errorf("drafts: %v", drafts)
			}
			reset(t, c, chat.ResetFirst, snapshot(conversation(withBen, 3)))
			ok(t, c.Close())
			if c = mustOpen(t, dir); c.Salvaged() != nil {
				t.Error("the rebuilt file counts as damaged")
			}
		})
	}
}

// TestOpen_damagedFileOfAnEarlierVersion: the file of each version there was, damaged before this program opened it for the first time,
// gives its outbox and drafts.
func TestOpen_damagedFileOfAnEarlierVersion(t *testing.T) {
	for version := 1; version <= len(migrations); version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			db, err := openFile(t.Context(), path)
			ok(t, err)
			for step := range version {
				ok(t, migrateStep(t.Context(), db, step))
			}
			row := outboxRow{account: account.key(), message: chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: "unsent"},
				at: 7, state: rowWaiting}
			_, err = db.Exec(`INSERT INTO outbox (account, message_id, conversation_id, text, document, at, state, posted_n, error, checksum)
				VALUES ($1, $2, $3, $4, '', 7, $5, 0, '', $6)`, row.account, row.message.ID, withBen, "unsent", rowWaiting, row.checksum())
			ok(t, err)
			_, err = db.Exec("INSERT INTO drafts VALUES ($1, $2, 'half a sentence', '', 7, 1)", row.account, withBen)
			ok(t, err)
			_, err = db.Exec("UPDATE profile SET server = $1, user_id = $2", account.Server, account.UserID)
			ok(t, err)
			ok(t, db.Close())
			change(t, path, func(b []byte) []byte { b[62] ^= 1; return b }) // the version in the header

			c := mustOpen(t, dir)
			if saved := c.Salvaged(); saved == nil || saved.Messages != 1 || saved.Drafts != 1 || saved.Lost || saved.Refused != 0 {
				t.Fatalf("saved was %+v", saved)
			}
			items := outbox(t, c)
			if len(items) != 1 || items[0].Message.ID != row.message.ID || items[0].Message.Text != "unsent" || items[0].State != chat.OutboxWaiting {
				t.Errorf("the outbox holds %+v", items)
			}
		})
	}
}

// Whatever is done to the file, opening must end in a usable cache.
func TestOpen_neverStuck(t *testing.T) {
	variants := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"one byte":  func([]byte) []byte { return []byte{7} },
		"half":      func(b []byte) []byte { return b[:len(b)/2] },
		"odd cut":   func(b []byte) []byte { return b[:len(b)-1000] },
		"all zero":  func(b []byte) []byte { return make([]byte, len(b)) },
		"doubled":   func(b []byte) []byte { return append(b, b...) },
		"noise":     func(b []byte) []byte { scramble(b, 1); return b },
		"only head": func(b []byte) []byte { return b[:100] },
	}
	for page := range 12 {
		variants[fmt.Sprint("page ", page, " zeroed")] = func(b []byte) []byte {
			if at := page * 4096; at+4096 <= len(b) {
				clear(b[at : at+4096])
			}
			return b
		}
		variants[fmt.Sprint("page ", page, " noise")] = func(b []byte) []byte {
			if at := page * 4096; at+4096 <= len(b) {
				scramble(b[at:at+4096], page)
			}
			return b
		}
	}
	for name, damage := range variants {
		t.Run(name, func(t *testing.T) {
			dir, _ := damagedProfile(t, 3)
			change(t, filepath.Join(dir, fileName), damage)
			c := mustOpen(t, dir)
			goOn := func() error {
				if err := c.Use(t.Context(), account); err != nil {
					return err
				}
				if _, err := c.ApplyReset(t.Context(), "reset", chat.ResetFirst, snapshot(conversation(withBen, 3))); err != nil {
					return err
				}
				_, err := c.Enqueue(t.Context(), chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: "goes on"}, nil, 1)
				return err
			}
			err := goOn()
			if IsDamage(err) { // found only where it was read
				ok(t, c.Rebuild(t.Context()))
				err = goOn()
			}
			ok(t, err)
			ok(t, c.Close())
			c = mustOpen(t, dir)
			if c.Salvaged() != nil || len(outbox(t, c)) == 0 {
				t.Error("the second opening is not in order")
			}
		})
	}
}

// scramble is noise that is the same each time.
func scramble(b []byte, seed int) {
	x := uint32(seed)*2654435761 + 1
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
}

func TestOpen_foreignWriteAheadLog(t *testing.T) {
	dir, waiting := damagedProfile(t, 3)
	noise := make([]byte, 100_000)
	scramble(noise, 3)
	ok(t, os.WriteFile(filepath.Join(dir, fileName+"-wal"), noise, 0o600))
	if items := outbox(t, mustOpen(t, dir)); len(items) != len(waiting) {
		t.Errorf("%d of %d messages are there", len(items), len(waiting))
	}
}

// A process killed while it replaces a damaged file must find the saved messages again.
func TestOpen_killedWhileRebuilding(t *testing.T) {
	for name, state := range map[string]func(dir string){
		"before the damaged file was put aside": func(dir string) {
			ok(t, os.Rename(filepath.Join(dir, damagedName), filepath.Join(dir, fileName)))
			ok(t, os.WriteFile(filepath.Join(dir, rebuiltName), []byte("half written"), 0o600))
		},
		"after": func(dir string) {
			ok(t, os.Rename(filepath.Join(dir, fileName), filepath.Join(dir, rebuiltName)))
			ok(t, os.WriteFile(filepath.Join(dir, fileName+"-wal"), []byte("left behind"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, waiting := damagedProfile(t, 5)
			change(t, filepath.Join(dir, fileName), func(b []byte) []byte { b[3] ^= 1; return b })
			ok(t, mustOpen(t, dir).Close())
			state(dir)
			if items := outbox(t, mustOpen(t, dir)); len(items) != len(waiting) {
				t.Errorf("%d of %d messages are there", len(items), len(waiting))
			}
		})
	}
}

// A flipped bit in any place of an outbox row must be noticed, and the row shown, not sent. The others stay whole.
func TestOpen_flippedBitInOutboxRow(t *testing.T) {
	for _, set := range []string{"text = 'unsent messagE number 1'", "at = at + 1", "state = 'posted'", "posted_n = 7",
		"conversation_id = '" + string(withCem) + "'", "document = '{}'", "checksum = checksum + 1", "error = 'x'",
		"account = replace(account, 'parley', 'qarley')", "message_id = replace(message_id, '7', '6')"} {
		t.Run(set, func(t *testing.T) {
			c, dir := newCache(t)
			for i := range 3 {
				enqueue(t, c, withBen, fmt.Sprint("unsent message number ", i))
			}
			_, err := c.db.ExecContext(t.Context(), "UPDATE outbox SET "+set+" WHERE outbox_order = 2")
			ok(t, err)
			ok(t, c.Close())
			items := outbox(t, mustOpen(t, dir))
			if len(items) != 3 {
				t.Fatalf("the outbox is %v", items)
			}
			for i, item := range items {
				if damaged := item.State == chat.OutboxRefused && item.Error.Code == chat.CodeInvalid; damaged != (i == 1) {
					t.Errorf("message %d is %+v", i, item)
				}
			}
		})
	}
}

func TestTail_damagedMessageIsLoadedAgain(t *testing.T) {
	c, _ := newCache(t)
	for n := int64(1); n <= 9; n++ {
		apply(t, c, "c", posted(message(withBen, n, ben)))
	}
	_, err := c.db.ExecContext(t.Context(), "UPDATE messages SET text = 'another' WHERE n = 5")
	ok(t, err)
	state := read(t, c).Conversations[0]
	if got := numbers(state); len(got) != 4 || got[0] != 6 || !state.More || state.LastN != 9 {
		t.Fatalf("the tail is %v, more %v", got, state.More)
	}
	kept, err := c.KeepHistory(t.Context(), withBen, chat.HistoryLoadAnswer{Messages: conversation(withBen, 5).Tail})
	if ok(t, err); !kept {
		t.Error("what joins was not kept")
	}
	if got := numbers(read(t, c).Conversations[0]); len(got) != 9 {
		t.Errorf("after loading again the tail is %v", got)
	}
	if got := finds(t, c, chat.MessageSearchArgs{Text: "text"}); len(got) != 9 {
		t.Errorf("and found are %q", got)
	}
}

func TestOpen_damagedOutboxTableSavesTheRest(t *testing.T) {
	dir, waiting := damagedProfile(t, 400) // several pages
	path := filepath.Join(dir, fileName)
	change(t, path, func(b []byte) []byte {
		// The leaf page that holds one message in the middle.
		at := indexOf(b, "unsent message number 200") / 4096 * 4096
		clear(b[at : at+4096])
		return b
	})
	c := mustOpen(t, dir)
	items := outbox(t, c)
	if c.Salvaged() == nil || !c.Salvaged().Lost || len(items) < len(waiting)-60 || len(items) == len(waiting) {
		t.Fatalf("%d of %d saved, %+v", len(items), len(waiting), c.Salvaged())
	}
	for i := 1; i < len(items); i++ {
		if items[i].Order <= items[i-1].Order {
			t.Fatal("the order typed was not kept")
		}
	}
}

func indexOf(b []byte, text string) int {
	for i := range b {
		if i+len(text) <= len(b) && string(b[i:i+len(text)]) == text {
			return i
		}
	}
	return -1
}
