package cache

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
)

// pictured is a message with one file.
func pictured(n int64) (chat.Message, chat.FileID) {
	m := message(withBen, n, ben)
	m.Attachments = []chat.Attachment{{ID: chat.NewFileID(), Name: "door.png", Type: "image/png", Size: 9}}
	return m, m.Attachments[0].ID
}

func keepPicture(t *testing.T, c *Cache, id chat.FileID, content string) {
	t.Helper()
	ok(t, c.KeepPicture(t.Context(), id, true, Picture{Type: "image/png", Bytes: []byte(content)}))
}

func hasPicture(t *testing.T, c *Cache, id chat.FileID) bool {
	t.Helper()
	_, found, err := c.Picture(t.Context(), id, true)
	ok(t, err)
	return found
}

// TestPictures: one is kept as long as its message is here and names it, and nothing of it stays on the disk.
func TestPictures(t *testing.T) {
	c, dir := newCache(t)
	const content = "the points of a picture"
	m, id := pictured(1)
	apply(t, c, "1", posted(m))
	keepPicture(t, c, id, content)
	p, found, err := c.Picture(t.Context(), id, true)
	if ok(t, err); !found || p.Type != "image/png" || string(p.Bytes) != content {
		t.Fatalf("kept: %v %+v", found, p)
	}
	if _, found, err := c.Picture(t.Context(), id, false); err != nil || found {
		t.Errorf("the file itself is here: %v %v", found, err)
	}
	stranger := chat.NewFileID()
	keepPicture(t, c, stranger, content)
	keepPicture(t, c, id, strings.Repeat("x", MaxPictureBytes+1))
	if p, _, _ := c.Picture(t.Context(), id, true); hasPicture(t, c, stranger) || string(p.Bytes) != content {
		t.Error("a picture of no message, or one that is too large, is kept")
	}

	reactions := chat.MessageReactions{ID: m.ID, ConversationID: withBen, N: 1, Reactions: []chat.Reaction{{Emoji: "👍", UserIDs: []chat.UserID{ben}}}}
	edited := m
	edited.Text, edited.Revision = "look at the corner", 1
	apply(t, c, "2", chat.Event{Type: chat.MessageReacted, Reactions: &reactions}, chat.Event{Type: chat.MessageEdited, Message: &edited})
	if !hasPicture(t, c, id) {
		t.Error("a reaction or an edit has taken the picture away")
	}

	deleted := chat.Message{ID: m.ID, ConversationID: withBen, N: 1, AuthorID: ben, At: m.At, DeletedAt: 5000}
	lost, lostID := pictured(2)
	apply(t, c, "3", chat.Event{Type: chat.MessageDeleted, Message: &deleted}, posted(lost))
	keepPicture(t, c, lostID, content)
	if hasPicture(t, c, id) || !hasPicture(t, c, lostID) {
		t.Error("the picture of a deleted message is here, or another one is not")
	}
	_, err = c.ApplyRights(t.Context(), chat.Rights{ConversationsLost: []chat.ConversationID{withBen}})
	if ok(t, err); hasPicture(t, c, lostID) {
		t.Error("the picture of a conversation that was lost is here")
	}
	ok(t, c.Clear(t.Context()))
	for _, name := range []string{fileName, fileName + "-wal"} {
		if raw, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(raw, []byte(content)) {
			t.Errorf("%s still holds the picture", name)
		}
	}
}

// TestPictures_makeRoom: what is newest is kept.
func TestPictures_makeRoom(t *testing.T) {
	c, _ := newCache(t)
	const count = mostPictureBytes/MaxPictureBytes + 1
	m := message(withBen, 1, ben)
	for range count {
		m.Attachments = append(m.Attachments, chat.Attachment{ID: chat.NewFileID(), Type: "image/png"})
	}
	apply(t, c, "1", posted(m))
	large := strings.Repeat("x", MaxPictureBytes)
	for _, a := range m.Attachments {
		keepPicture(t, c, a.ID, large)
	}
	for i, want := range map[int]bool{0: false, 1: true, count - 1: true} {
		if got := hasPicture(t, c, m.Attachments[i].ID); got != want {
			t.Errorf("picture %d of %d is here: %v", i, count, got)
		}
	}
}

// TestPictures_writtenOnce: a picture that passes again is not written again, unless what is here of it is damaged.
func TestPictures_writtenOnce(t *testing.T) {
	c, _ := newCache(t)
	m, id := pictured(1)
	apply(t, c, "1", posted(m))
	rowOf := func() (row int64) { // each writing makes a new row
		t.Helper()
		keepPicture(t, c, id, "points")
		ok(t, c.db.QueryRowContext(t.Context(), "SELECT max(rowid) FROM pictures WHERE file_id = $1", id).Scan(&row))
		return row
	}
	_, other := pictured(2)
	m.N, m.ID, m.Attachments = 2, chat.NewMessageID(), []chat.Attachment{{ID: other, Type: "image/png"}}
	apply(t, c, "2", posted(m))
	first := rowOf()
	keepPicture(t, c, other, "others")
	if again := rowOf(); again != first {
		t.Errorf("it was written again: row %d, then %d", first, again)
	}
	_, err := c.db.ExecContext(t.Context(), "UPDATE pictures SET bytes = $1 WHERE file_id = $2", []byte("pointz"), id)
	if ok(t, err); hasPicture(t, c, id) {
		t.Error("a damaged picture is shown")
	}
	if anew := rowOf(); anew == first || !hasPicture(t, c, id) {
		t.Error("a damaged picture is not kept anew")
	}
}
