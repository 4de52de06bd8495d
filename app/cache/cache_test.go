package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"parley/backend/chat"
)

const (
	ana chat.UserID = "0190a000-0000-7000-8000-00000000000a"
	ben chat.UserID = "0190a000-0000-7000-8000-00000000000b"
	cem chat.UserID = "0190a000-0000-7000-8000-00000000000c"
)

var (
	withBen = chat.DirectID(ana, ben)
	withCem = chat.DirectID(ana, cem)
	account = Account{Server: "https://parley.example.com", UserID: ana}
	quiet   = slog.New(slog.NewTextHandler(io.Discard, nil))
	everyOf = Tails{Recent: 10, Long: 100}
)

func mustOpen(t *testing.T, dir string) *Cache {
	t.Helper()
	c, err := Open(t.Context(), dir, quiet)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// newCache returns a cache in use by Ana with the snapshot of a day's beginning.
func newCache(t *testing.T) (*Cache, string) {
	t.Helper()
	dir := t.TempDir()
	c := mustOpen(t, dir)
	ok(t, c.Use(t.Context(), account))
	reset(t, c, chat.ResetFirst, snapshot(conversation(withBen, 0)))
	return c, dir
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func message(id chat.ConversationID, n int64, author chat.UserID) chat.Message {
	return chat.Message{ID: chat.NewMessageID(), ConversationID: id, N: n, AuthorID: author, At: chat.Millis(1000 + n), Text: "text"}
}

func conversation(id chat.ConversationID, messages int64) chat.ConversationState {
	a, b, _ := id.DirectPair()
	s := chat.ConversationState{Conversation: chat.Conversation{ID: id, Kind: chat.KindDirect, Participants: []chat.UserID{a, b}}, LastN: messages, Tail: []chat.Message{}}
	for n := int64(1); n <= messages; n++ {
		s.Tail = append(s.Tail, message(id, n, ben))
	}
	return s
}

func snapshot(conversations ...chat.ConversationState) chat.Snapshot {
	return chat.Snapshot{Me: chat.Me{User: chat.User{ID: ana, DisplayName: "Ana", Role: chat.RoleAgent}},
		People: []chat.User{{ID: ben, DisplayName: "Ben"}, {ID: cem, DisplayName: "Cem"}}, Conversations: conversations,
		Rights: chat.Rights{Start: map[chat.UserID]chat.Can{ben: {Allowed: true}}, Post: map[chat.ConversationID]chat.Can{withBen: {Allowed: true}}}}
}

func reset(t *testing.T, c *Cache, reason chat.ResetReason, s chat.Snapshot) Applied {
	t.Helper()
	done, err := c.ApplyReset(t.Context(), "reset", reason, s)
	ok(t, err)
	return done
}

func posted(m chat.Message) chat.Event { return chat.Event{Type: chat.MessagePosted, Message: &m} }

func apply(t *testing.T, c *Cache, cursor chat.Cursor, events ...chat.Event) Applied {
	t.Helper()
	var all []json.RawMessage
	for _, e := range events {
		data, err := json.Marshal(e)
		ok(t, err)
		all = append(all, data)
	}
	done, err := c.ApplyEvents(t.Context(), cursor, all)
	ok(t, err)
	return done
}

func read(t *testing.T, c *Cache) chat.Snapshot {
	t.Helper()
	s, found, err := c.Snapshot(t.Context(), everyOf)
	ok(t, err)
	if !found {
		t.Fatal("there is no snapshot")
	}
	return s
}

func numbers(c chat.ConversationState) []int64 {
	var all []int64
	for _, m := range c.Tail {
		all = append(all, m.N)
	}
	return all
}

func enqueue(t *testing.T, c *Cache, id chat.ConversationID, text string) chat.MessagePostArgs {
	t.Helper()
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: text}
	_, err := c.Enqueue(t.Context(), args, nil, 1)
	ok(t, err)
	return args
}

func outbox(t *testing.T, c *Cache) []chat.OutboxItem {
	t.Helper()
	items, err := c.Outbox(t.Context())
	ok(t, err)
	return items
}

func TestApplyEvents_rowsAndCursorSurviveReopening(t *testing.T) {
	c, dir := newCache(t)
	draft := chat.Draft{ConversationID: withBen, Text: "from the phone"}
	apply(t, c, "c1", posted(message(withBen, 1, ben)), posted(message(withBen, 2, ana)), posted(message(withBen, 3, ben)),
		chat.Event{Type: chat.DraftChanged, Draft: &draft},
		chat.Event{Type: chat.UserChanged, User: &chat.User{ID: cem, DisplayName: "Cem Can"}},
		chat.Event{Type: "something.new"})
	before := read(t, c)
	ok(t, c.Close())
	c = mustOpen(t, dir)
	if c.Cursor() != "c1" || c.Account() != account {
		t.Errorf("reopened at %q as %v", c.Cursor(), c.Account())
	}
	after := read(t, c)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	state := after.Conversations[0]
	if got := numbers(state); !reflect.DeepEqual(got, []int64{1, 2, 3}) || state.ReadN != 2 || state.LastN != 3 || state.Draft.Text != "from the phone" {
		t.Errorf("the conversation is %+v", state)
	}
}

func TestApplyEvents_malformedChangesNothing(t *testing.T) {
	c, _ := newCache(t)
	for _, bad := range []string{`{"type":"message.posted"}`, `{"type":"message.posted","message":{"n":"x"}}`, `[]`, `{"type":"read.marked","message":{}}`} {
		good, _ := json.Marshal(posted(message(withBen, 1, ben)))
		_, err := c.ApplyEvents(t.Context(), "c1", []json.RawMessage{good, json.RawMessage(bad)})
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if s := read(t, c); len(s.Conversations[0].Tail) != 0 || c.Cursor() != "reset" {
		t.Errorf("something was changed: %+v at %s", s.Conversations[0], c.Cursor())
	}
}

func TestApplyEvents_repeatedIsHarmless(t *testing.T) {
	c, _ := newCache(t)
	m := message(withBen, 1, ben)
	if done := apply(t, c, "c1", posted(m)); len(done.Posted) != 1 {
		t.Errorf("new messages: %v", done.Posted)
	}
	if done := apply(t, c, "c2", posted(m)); len(done.Posted) != 0 {
		t.Errorf("a repeat counts as new: %v", done.Posted)
	}
	if got := numbers(read(t, c).Conversations[0]); len(got) != 1 {
		t.Errorf("the tail is %v", got)
	}
}

func TestApplyEvents_aHoleBeginsTheTailAnew(t *testing.T) {
	c, _ := newCache(t)
	apply(t, c, "c1", posted(message(withBen, 1, ben)))
	done := apply(t, c, "c2", posted(message(withBen, 5, ben)))
	state := read(t, c).Conversations[0]
	if got := numbers(state); !reflect.DeepEqual(got, []int64{5}) || !state.More || len(done.Restarted) != 1 {
		t.Errorf("the tail is %v, more %v, restarted %v", got, state.More, done.Restarted)
	}
}

func TestApplyEvents_unopenedConversation(t *testing.T) {
	c, _ := newCache(t)
	done := apply(t, c, "c1", posted(message(withCem, 4, cem)))
	if len(done.Restarted) != 1 {
		t.Errorf("pages are not told: %+v", done)
	}
	for _, state := range read(t, c).Conversations {
		if state.Conversation.ID == withCem && state.LastN == 4 && state.More && len(state.Tail) == 1 {
			return
		}
	}
	t.Error("the message is not here")
}

func TestReadMark_neverGoesBack(t *testing.T) {
	c, _ := newCache(t)
	for n := int64(1); n <= 5; n++ {
		apply(t, c, "c", posted(message(withBen, n, ben)))
	}
	mark, err := c.MarkRead(t.Context(), withBen, 4)
	ok(t, err)
	if mark.N != 4 {
		t.Errorf("marked %d", mark.N)
	}
	if mark, _ = c.MarkRead(t.Context(), withBen, 2); mark.N != 4 {
		t.Errorf("the mark went back to %d", mark.N)
	}
	apply(t, c, "d", chat.Event{Type: chat.ReadMarked, Read: &chat.ReadMarkArgs{ConversationID: withBen, N: 1}})
	if n := read(t, c).Conversations[0].ReadN; n != 4 {
		t.Errorf("the hub took the mark back to %d", n)
	}
	if dirty, _ := c.DirtyReads(t.Context()); len(dirty) != 1 || dirty[0].N != 4 {
		t.Errorf("to be sent: %v", dirty)
	}
	if mark, _ = c.MarkRead(t.Context(), withBen, 99); mark.N != 5 {
		t.Errorf("marked %d of 5", mark.N)
	}
	ok(t, c.ReadSent(t.Context(), chat.ReadMarkArgs{ConversationID: withBen, N: 4}))
	if dirty, _ := c.DirtyReads(t.Context()); len(dirty) != 1 {
		t.Error("a mark that moved on since it was sent counts as sent")
	}
	ok(t, c.ReadSent(t.Context(), mark))
	if dirty, _ := c.DirtyReads(t.Context()); len(dirty) != 0 {
		t.Errorf("still to be sent: %v", dirty)
	}
	if _, err := c.MarkRead(t.Context(), withCem, 1); !errors.Is(err, chat.ErrUnknown) {
		t.Errorf("a conversation that is not here: %v", err)
	}
}

func TestReset_keepsWhatWasNotSent(t *testing.T) {
	c, _ := newCache(t)
	apply(t, c, "c1", posted(message(withBen, 1, ben)), posted(message(withBen, 2, ben)))
	_, err := c.MarkRead(t.Context(), withBen, 2)
	ok(t, err)
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: withBen, Text: "typed here"}))
	waiting := enqueue(t, c, withBen, "waiting")
	there := enqueue(t, c, withBen, "sent, result unknown, and there")

	state := conversation(withBen, 2)
	mine := message(withBen, 3, ana)
	mine.ID = there.ID
	state.Tail, state.LastN = append(state.Tail, mine), 3
	state.Draft = &chat.Draft{ConversationID: withBen, Text: "from the phone"}
	done := reset(t, c, chat.ResetExpired, snapshot(state))

	if len(done.OutboxGone) != 1 || done.OutboxGone[0] != there.ID {
		t.Errorf("gone from the outbox: %v", done.OutboxGone)
	}
	if items := outbox(t, c); len(items) != 1 || items[0].Message.ID != waiting.ID {
		t.Errorf("the outbox is %v", items)
	}
	got := read(t, c).Conversations[0]
	if got.Draft == nil || got.Draft.Text != "typed here" || got.ReadN != 2 {
		t.Errorf("draft %v, read %d", got.Draft, got.ReadN)
	}
}

func TestPosted_goesWithTheSnapshotThatReachedIt(t *testing.T) {
	for name, test := range map[string]struct {
		reason chat.ResetReason
		lastN  int64
		state  string // "" for gone
	}{
		"reached":          {chat.ResetExpired, 4, ""},
		"not reached":      {chat.ResetExpired, 3, rowPosted},
		"lost in renewal":  {chat.ResetRenewed, 3, rowWaiting},
		"number reused":    {chat.ResetRenewed, 4, rowWaiting},
		"conversation out": {chat.ResetExpired, -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newCache(t)
			item := enqueue(t, c, withBen, "hello")
			gone, err := c.MarkPosted(t.Context(), item.ID, 4)
			ok(t, err)
			if gone {
				t.Fatal("gone before its event")
			}
			var conversations []chat.ConversationState
			if test.lastN >= 0 {
				conversations = append(conversations, conversation(withBen, test.lastN))
			}
			reset(t, c, test.reason, snapshot(conversations...))
			var rows []string
			ok(t, c.db.QueryRowContext(t.Context(), "SELECT coalesce(group_concat(state), '') FROM outbox").Scan(newList(&rows)))
			if got := strings.Join(rows, ","); got != test.state {
				t.Errorf("the row is %q, want %q", got, test.state)
			}
		})
	}
}

// newList scans a comma-separated text.
func newList(list *[]string) *listScanner { return &listScanner{list} }

type listScanner struct{ list *[]string }

func (l *listScanner) Scan(v any) error {
	if s, isText := v.(string); isText && s != "" {
		*l.list = strings.Split(s, ",")
	}
	return nil
}

func TestPosted_answerAfterTheEvent(t *testing.T) {
	c, _ := newCache(t)
	item := enqueue(t, c, withBen, "hello")
	m := message(withBen, 1, ana)
	m.ID = item.ID
	if done := apply(t, c, "c1", posted(m)); len(done.OutboxGone) != 1 {
		t.Errorf("the event left %v", done)
	}
	gone, err := c.MarkPosted(t.Context(), item.ID, 1)
	ok(t, err)
	if gone || len(outbox(t, c)) != 0 {
		t.Error("the late answer did something")
	}
}

func TestUse_anotherAccountSeesNothingAndTakesNothing(t *testing.T) {
	c, _ := newCache(t)
	apply(t, c, "c1", posted(message(withBen, 1, ben)))
	enqueue(t, c, withBen, "unsent of Ana")
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: withCem, Text: "draft of Ana"}))

	other := Account{Server: account.Server, UserID: cem}
	ok(t, c.Use(t.Context(), other))
	if _, found, _ := c.Snapshot(t.Context(), everyOf); found || c.Cursor() != "" {
		t.Error("the other account begins with what Ana was shown")
	}
	loose, _ := c.LooseDrafts(t.Context())
	if len(outbox(t, c)) != 0 || len(loose) != 0 {
		t.Error("the other account sees what Ana has not sent")
	}
	var left int
	ok(t, c.db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM people)").Scan(&left))
	if left != 0 {
		t.Errorf("%d rows of Ana's are left", left)
	}
	ok(t, c.Clear(t.Context())) // the other account signs out
	ok(t, c.Use(t.Context(), account))
	if items := outbox(t, c); len(items) != 1 || items[0].Message.Text != "unsent of Ana" {
		t.Errorf("back again, Ana's outbox is %v", items)
	}
}

func TestClear_leavesNothingOnTheDisk(t *testing.T) {
	c, dir := newCache(t)
	const word = "xyzzy-confidential"
	m := message(withBen, 1, ben)
	m.Text = word
	apply(t, c, "c1", posted(m))
	enqueue(t, c, withBen, word)
	ok(t, c.SetDraft(t.Context(), chat.Draft{ConversationID: withBen, Text: word}))
	ok(t, os.WriteFile(filepath.Join(dir, damagedName), []byte(word), 0o600))
	ok(t, c.Clear(t.Context()))
	ok(t, c.Close())
	entries, err := os.ReadDir(dir)
	ok(t, err)
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		ok(t, err)
		if strings.Contains(string(data), word) {
			t.Errorf("%s still holds what was cleared", entry.Name())
		}
	}
}

func TestFiles_areForTheOwnerOnly(t *testing.T) {
	c, dir := newCache(t)
	enqueue(t, c, withBen, "x") // the write-ahead log is there
	for _, name := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(filepath.Join(dir, fileName+name))
		ok(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", info.Name(), mode)
		}
	}
}

func TestHistory_writtenThroughOnlyWithoutAHole(t *testing.T) {
	c, _ := newCache(t)
	tail := conversation(withBen, 10)
	tail.Tail, tail.More = tail.Tail[6:], true // 7..10
	reset(t, c, chat.ResetExpired, snapshot(tail))
	load := func(before int64) (chat.HistoryLoadAnswer, bool) {
		page, complete, err := c.History(t.Context(), chat.HistoryLoadArgs{ConversationID: withBen, BeforeN: before, Limit: 3})
		ok(t, err)
		return page, complete
	}
	if page, complete := load(0); !complete || !page.More || page.Messages[0].N != 8 {
		t.Errorf("the newest: %+v, %v", page, complete)
	}
	if page, complete := load(8); complete || len(page.Messages) != 1 || !page.More {
		t.Errorf("the edge: %+v, %v", page, complete)
	}
	all := conversation(withBen, 10).Tail
	keep := func(page chat.HistoryLoadAnswer, want bool) {
		t.Helper()
		if kept, err := c.KeepHistory(t.Context(), withBen, page); err != nil || kept != want {
			t.Errorf("kept %v, %v", kept, err)
		}
	}
	keep(chat.HistoryLoadAnswer{Messages: all[1:3], More: true}, false) // 2, 3: a hole
	if got := numbers(read(t, c).Conversations[0]); got[0] != 7 {
		t.Errorf("a page behind a hole was kept: %v", got)
	}
	keep(chat.HistoryLoadAnswer{Messages: all[3:7], More: true}, true) // 4..7, one is here
	keep(chat.HistoryLoadAnswer{Messages: all[:3], More: false}, true)
	if page, complete := load(3); !complete || page.More || len(page.Messages) != 2 {
		t.Errorf("the beginning: %+v, %v", page, complete)
	}
}

func TestLock_secondProcessIsToldHowToReachTheFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	first, err := LockProfile(dir)
	ok(t, err)
	ok(t, first.Announce("http://127.0.0.1:1/#t"))
	_, err = LockProfile(dir)
	var inUse *InUseError
	if !errors.As(err, &inUse) || inUse.Running.PID != os.Getpid() || inUse.Running.Address != "http://127.0.0.1:1/#t" ||
		!strings.Contains(inUse.Error(), "http://127.0.0.1:1/#t") {
		t.Fatalf("the second was told %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, runningName))
	ok(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("how to reach the first is readable by others: %v", info.Mode())
	}
	ok(t, first.Close())
	again, err := LockProfile(dir)
	ok(t, err)
	ok(t, again.Close())
}

func TestLockProfile_keepsTheFolderFromOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps it by other means")
	}
	_, dir := newCache(t)
	ok(t, os.Chmod(dir, 0o777))
	lock, err := LockProfile(dir)
	ok(t, err)
	defer lock.Close()
	info, err := os.Stat(dir)
	ok(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("others may use the profile's folder: %v", info.Mode())
	}
}

func TestOpen_newerFileIsLeftAlone(t *testing.T) {
	c, dir := newCache(t)
	_, err := c.db.ExecContext(t.Context(), "UPDATE profile SET schema_version = 99")
	ok(t, err)
	_, err = c.db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	ok(t, err)
	enqueue(t, c, withBen, "unsent")
	ok(t, c.Close())
	before, err := os.ReadFile(filepath.Join(dir, fileName))
	ok(t, err)
	if _, err := Open(context.Background(), dir, quiet); !errors.Is(err, ErrNewer) {
		t.Fatalf("open: %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, fileName))
	ok(t, err)
	if string(before) != string(after) {
		t.Error("the newer file was changed")
	}
}

func TestFullDisk_isAnErrorAndNothingIsLost(t *testing.T) {
	c, dir := newCache(t)
	kept := enqueue(t, c, withBen, "kept")
	var pages int
	ok(t, c.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages))
	ok(t, c.db.QueryRowContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&pages))
	large := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: strings.Repeat("large ", 10_000)}
	_, err := c.Enqueue(t.Context(), large, nil, 1)
	if !IsFull(err) || IsDamage(err) {
		t.Fatalf("a full disk is %v", err)
	}
	if items := outbox(t, c); len(items) != 1 || items[0].Message.ID != kept.ID {
		t.Errorf("the outbox is %v", items)
	}
	ok(t, c.db.QueryRowContext(t.Context(), "PRAGMA max_page_count = 1000000").Scan(&pages))
	if _, err := c.Enqueue(t.Context(), large, nil, 1); err != nil {
		t.Errorf("with room again: %v", err)
	}
	ok(t, c.Close())
	if items := outbox(t, mustOpen(t, dir)); len(items) != 2 {
		t.Errorf("reopened, the outbox is %v", items)
	}
}

// TestAmend_standsInItsPlace: an edited and a deleted message are kept as they are now, with all that is told of them, and checked
// like any other.
func TestAmend_standsInItsPlace(t *testing.T) {
	c, _ := newCache(t)
	first, second, third := message(withBen, 1, ben), message(withBen, 2, ana), message(withBen, 3, ben)
	apply(t, c, "1", posted(first), posted(second), posted(third))
	edited, gone := first, second
	edited.Text, edited.Revision, edited.EditedAt = "another text", 1, 99
	gone.Text, gone.Revision, gone.DeletedAt = "", 1, 99
	elsewhere := edited
	elsewhere.ID = chat.NewMessageID()
	apply(t, c, "2", chat.Event{Type: chat.MessageEdited, Message: &edited}, chat.Event{Type: chat.MessageDeleted, Message: &gone},
		chat.Event{Type: chat.MessageDeleted, Message: &elsewhere})
	state, err := c.Conversation(t.Context(), withBen, 10)
	ok(t, err)
	if want := []chat.Message{edited, gone, third}; !reflect.DeepEqual(state.Tail, want) {
		t.Errorf("kept: %+v, want %+v", state.Tail, want)
	}
	_, err = c.db.ExecContext(t.Context(), `UPDATE messages SET rest = '{"revision":7}' WHERE n = 2`)
	ok(t, err)
	state, err = c.Conversation(t.Context(), withBen, 10)
	ok(t, err)
	if len(state.Tail) != 1 || !state.More {
		t.Errorf("a damaged message is shown: %+v", state)
	}
}
