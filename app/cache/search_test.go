package cache

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

func said(id chat.ConversationID, n int64, author chat.UserID, text string) chat.Message {
	m := message(id, n, author)
	m.Text = text
	return m
}

// finds returns the texts of what is found.
func finds(t *testing.T, c *Cache, args chat.MessageSearchArgs) []string {
	t.Helper()
	if args.Limit == 0 {
		args.Limit = 50
	}
	answer, err := c.Search(t.Context(), args)
	ok(t, err)
	if !answer.Here {
		t.Error("the answer does not say that it is of what is here")
	}
	texts := []string{}
	for _, m := range answer.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestSearch(t *testing.T) {
	c, _ := newCache(t)
	apply(t, c, "1",
		posted(said(withBen, 1, ben, "Does the glass carry a batch number?")),
		posted(said(withBen, 2, ana, "Yes: 88. The GLASSES do")),
		posted(said(withCem, 1, cem, "Müller's glaß, ÉTÉ, naïve")),
		posted(said(withBen, 3, ben, `NEAR AND "OR" NOT * ^ text:c7`)))
	for what, tt := range map[string]struct {
		args chat.MessageSearchArgs
		want []string
	}{
		"a word, the newest first": {chat.MessageSearchArgs{Text: "glass"}, []string{"Yes: 88. The GLASSES do", "Does the glass carry a batch number?"}},
		"every word":               {chat.MessageSearchArgs{Text: "BAT gla"}, []string{"Does the glass carry a batch number?"}},
		"without accents":          {chat.MessageSearchArgs{Text: "muller ete"}, []string{"Müller's glaß, ÉTÉ, naïve"}},
		"where":                    {chat.MessageSearchArgs{Text: "gla", ConversationID: withCem}, []string{"Müller's glaß, ÉTÉ, naïve"}},
		"by whom":                  {chat.MessageSearchArgs{Text: "gla", AuthorID: ana}, []string{"Yes: 88. The GLASSES do"}},
		"from":                     {chat.MessageSearchArgs{Text: "glass", FromAt: 1002}, []string{"Yes: 88. The GLASSES do"}},
		"to":                       {chat.MessageSearchArgs{Text: "glass", ToAt: 1002}, []string{"Does the glass carry a batch number?"}},
		"operators are words":      {chat.MessageSearchArgs{Text: `NEAR "OR" NOT`}, []string{`NEAR AND "OR" NOT * ^ text:c7`}},
		"the inside of a word":     {chat.MessageSearchArgs{Text: "lass"}, []string{}},
	} {
		if got := finds(t, c, tt.args); !slices.Equal(got, tt.want) {
			t.Errorf("%s: found %q, want %q", what, got, tt.want)
		}
	}
	for what, args := range map[string]chat.MessageSearchArgs{
		"no word":    {Text: "?!", Limit: 5},
		"no page":    {Text: "glass"},
		"a long one": {Text: strings.Repeat("x", chat.MaxSearchLength+1), Limit: 5},
	} {
		var refusal *chat.Error
		if _, err := c.Search(t.Context(), args); !errors.As(err, &refusal) || refusal.Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := c.Search(t.Context(), chat.MessageSearchArgs{Text: "glass", Limit: 5, BeforeID: chat.NewMessageID()}); !errors.Is(err, chat.ErrUnknown) {
		t.Errorf("older than nothing: %v", err)
	}
}

// TestSearch_pages: pages follow each other without a gap or a double, messages of one moment too.
func TestSearch_pages(t *testing.T) {
	c, _ := newCache(t)
	var want []string
	for i := range int64(30) {
		for _, id := range []chat.ConversationID{withBen, withCem} {
			m := said(id, i+1, ben, fmt.Sprintf("crate %d %s", i, id))
			m.At = chat.Millis(5000 + i/3)
			apply(t, c, "1", posted(m))
			want = append(want, m.Text)
		}
	}
	var got []string
	args := chat.MessageSearchArgs{Text: "crate", Limit: 7}
	for {
		page, err := c.Search(t.Context(), args)
		ok(t, err)
		for _, m := range page.Messages {
			got, args.BeforeID = append(got, m.Text), m.ID
		}
		if !page.More {
			break
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("page by page %q", got)
	}
}

// TestSearch_follows: what is here is found, what is not here any more is not, in whatever way it came and went, and no word of it
// stays on the disk.
func TestSearch_follows(t *testing.T) {
	c, dir := newCache(t)
	zebra := chat.MessageSearchArgs{Text: "zebrawood"}
	find := func(what string, want int) {
		t.Helper()
		if got := finds(t, c, zebra); len(got) != want {
			t.Errorf("%s: found %q", what, got)
		}
		ok(t, func() error {
			_, err := c.db.Exec("INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1)")
			return err
		}())
	}
	first := said(withBen, 1, ben, "zebrawood one")
	apply(t, c, "1", posted(first))
	find("posted", 1)
	apply(t, c, "1", posted(first))
	find("told twice", 1)
	again := first
	again.Text = "teak"
	apply(t, c, "1", posted(again))
	find("told otherwise", 0)

	whole := conversation(withBen, 40)
	whole.Tail, whole.More = whole.Tail[30:], true
	reset(t, c, chat.ResetExpired, snapshot(whole))
	_, err := c.KeepHistory(t.Context(), withBen, chat.HistoryLoadAnswer{Messages: []chat.Message{said(withBen, 29, ben, "zebrawood two"), said(withBen, 30, ben, "plain")}})
	ok(t, err)
	find("history", 1)
	reset(t, c, chat.ResetExpired, snapshot(conversation(withBen, 3)))
	find("after a reset", 0)
	apply(t, c, "2", posted(said(withBen, 4, ben, "zebrawood three")), posted(said(withBen, 9, ben, "behind a hole")))
	find("before a hole", 0)
	apply(t, c, "2", posted(said(withBen, 10, ben, "zebrawood four")), posted(said(withCem, 1, cem, "zebrawood five")))
	find("two conversations", 2)
	_, err = c.ApplyRights(t.Context(), chat.Rights{ConversationsLost: []chat.ConversationID{withCem}})
	ok(t, err)
	find("one lost", 1)
	ok(t, c.Clear(t.Context()))
	ok(t, c.Use(t.Context(), account))
	find("signed out", 0)
	reset(t, c, chat.ResetFirst, snapshot(conversation(withBen, 1)))
	apply(t, c, "3", posted(said(withBen, 2, ben, "zebrawood six")))
	find("signed in again", 1)
	ok(t, c.Clear(t.Context()))
	ok(t, c.Close())
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	ok(t, err)
	if bytes.Contains(data, []byte("zebra")) || bytes.Contains(data, []byte("brawood")) {
		t.Error("words of what was purged are on the disk")
	}
}

// TestSearch_migrated: messages that were here before there was an index are found.
func TestSearch_migrated(t *testing.T) {
	c, dir := newCache(t)
	apply(t, c, "1", posted(said(withBen, 1, ben, "zebrawood")))
	ok(t, c.update(t.Context(), func(tx *sql.Tx) error {
		for _, statement := range []string{"DROP TABLE message_words", "DROP TABLE pictures", "DROP INDEX messages_with_files", "ALTER TABLE messages DROP COLUMN attachments", "ALTER TABLE outbox DROP COLUMN files",
			"ALTER TABLE conversations DROP COLUMN muted", "ALTER TABLE messages DROP COLUMN rest", "ALTER TABLE outbox DROP COLUMN rest", "DROP TABLE templates",
			"UPDATE profile SET schema_version = 1", "PRAGMA user_version = 1"} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}))
	ok(t, c.Close())
	if got := finds(t, mustOpen(t, dir), chat.MessageSearchArgs{Text: "zebra"}); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}
