// Package search is the full-text index of messages: it knows which messages of which conversations have which words.
//
// It owns a database of its own beside the store's, which holds nothing that is not in the log: whoever loses or damages it gets it
// again by filling it from the first message on. It leaves to the hub what may be searched by whom, when it is filled, and the
// messages themselves, of which it returns the places in the log only.
package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"parley/backend/chat"
)

// Document is a message as far as it is searched.
type Document struct {
	// Seq is its place in the log; documents are added in this order.
	Seq int64
	// Conversation and Author are keys of whoever fills the index.
	Conversation, Author int64
	// Between are the keys of the two users of a direct conversation; of a room nobody, since its members come and go.
	Between []int64
	At      chat.Millis
	Text    string
}

// Query asks for documents of which each word of Words begins a word. All other fields narrow it down.
type Query struct {
	// Words are made by chat.SearchWords.
	Words []string
	// Of is the user whose direct conversations are searched; 0: none are. It is one word in the index, however many they are.
	Of int64
	// Conversations are searched besides, Except are not in any case; without Of and Conversations nothing is found.
	Conversations, Except []int64
	// Author is whose documents; 0: anybody's.
	Author int64
	// BeforeSeq bounds the answer to earlier documents; 0: none.
	BeforeSeq int64
	// FromAt and ToAt bound the days (UTC) of the documents, whole days; 0: no bound.
	FromAt, ToAt chat.Millis
	// Limit is the most that are found.
	Limit int
}

// version is raised when the index must be made anew.
const version = 3

// The index keeps no text: what is found is read from the log. Of the columns, place holds a word for the conversation, one for the
// author and one for each of the two of a direct conversation, so that a search is narrowed down inside the index and costs no more
// for what others write. A day's first place in the log turns dates into places.
const schema = `
CREATE VIRTUAL TABLE message USING fts5(text, place, content='', contentless_delete=1, prefix='2 3', tokenize='unicode61 remove_diacritics 2');
CREATE TABLE day (day INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TABLE through (log TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
INSERT INTO through (log, seq) VALUES ('', 0);
`

// Index is an open index, for any number of goroutines. Add is for one at a time.
type Index struct {
	w, r *sql.DB
}

// Open opens the index at path, making it if there is none; an empty path keeps it in memory. One that is damaged, of another version, of
// another log than the named one, or filled beyond its head (an older database was put in the place of a newer) is thrown away and
// begun anew, which log is told.
func Open(ctx context.Context, path, ofLog string, head int64, log *slog.Logger) (*Index, error) {
	x, err := open(ctx, path, ofLog, head)
	if err == nil || path == "" {
		return x, err
	}
	log.Warn("the search index is made anew", "reason", err)
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("search: %w", err)
		}
	}
	return open(ctx, path, ofLog, head)
}

var errOther = errors.New("it is of another version or log, or ahead of its log")

func open(ctx context.Context, path, ofLog string, head int64) (*Index, error) {
	x := &Index{}
	if path != "" { // for its owner alone, as the database is
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
	}
	var err error
	// What is lost at a power cut is filled again, so nothing waits for the disk.
	if x.w, err = sql.Open("sqlite", source(path, "journal_mode(WAL)", "synchronous(NORMAL)")); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	x.w.SetMaxOpenConns(1)
	if x.r = x.w; path != "" {
		if x.r, err = sql.Open("sqlite", source(path, "query_only(1)")); err != nil {
			return nil, errors.Join(fmt.Errorf("search: %w", err), x.w.Close())
		}
		x.r.SetMaxOpenConns(2)
	}
	if err := x.prepare(ctx, ofLog, head); err != nil {
		return nil, errors.Join(fmt.Errorf("open the search index: %w", err), x.Close())
	}
	return x, nil
}

func source(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(5000)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	if path == "" {
		u.Path = ":memory:"
	}
	return u.String()
}

// prepare makes the tables of a new index, and checks those of an old one.
func (x *Index) prepare(ctx context.Context, ofLog string, head int64) error {
	var is int
	if err := x.w.QueryRowContext(ctx, "PRAGMA user_version").Scan(&is); err != nil {
		return err
	}
	if is == 0 {
		if _, err := x.w.ExecContext(ctx, schema+"PRAGMA user_version="+strconv.Itoa(version)); err != nil {
			return err
		}
		_, err := x.w.ExecContext(ctx, "UPDATE through SET log = $1", ofLog)
		return err
	}
	var sound, of string
	var through int64
	if err := x.w.QueryRowContext(ctx, "SELECT log, seq FROM through").Scan(&of, &through); err != nil {
		return err
	}
	if is != version || of != ofLog || through > head {
		return errOther
	}
	if err := x.w.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&sound); err != nil {
		return err
	}
	if sound != "ok" {
		return errors.New(sound)
	}
	return nil
}

// Close closes the index.
func (x *Index) Close() error {
	if x.r == x.w {
		return x.w.Close()
	}
	return errors.Join(x.r.Close(), x.w.Close())
}

// Through returns the place in the log up to which the index is filled.
func (x *Index) Through(ctx context.Context) (int64, error) {
	var seq int64
	if err := x.r.QueryRowContext(ctx, "SELECT seq FROM through").Scan(&seq); err != nil {
		return 0, fmt.Errorf("search: how far the index is filled: %w", err)
	}
	return seq, nil
}

const dayMillis = 24 * 3600 * 1000

// Add fills the index with documents in the order of the log, through a place at or after the last of them, and puts others that
// have changed meanwhile in the place of what they were: all, or none. A document without a word is found no more.
func (x *Index) Add(ctx context.Context, documents, changed []Document, through int64) (err error) {
	tx, err := x.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("fill the search index: %w", err), tx.Rollback())
		}
	}()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO message (rowid, text, place) VALUES ($1, $2, $3)")
	if err != nil {
		return err
	}
	defer insert.Close()
	var day chat.Millis = -1
	for _, d := range documents {
		if _, err := insert.ExecContext(ctx, d.Seq, d.Text, d.place()); err != nil {
			return err
		}
		if d.At/dayMillis != day {
			day = d.At / dayMillis
			if _, err := tx.ExecContext(ctx, "INSERT INTO day (day, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING", int64(day), d.Seq); err != nil {
				return err
			}
		}
	}
	for _, d := range changed {
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO message (rowid, text, place) VALUES ($1, $2, $3)", d.Seq, d.Text, d.place())
		if err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE through SET seq = $1", through); err != nil {
		return err
	}
	return tx.Commit()
}

func conversationWord(key int64) string { return "c" + strconv.FormatInt(key, 10) }
func authorWord(key int64) string       { return "u" + strconv.FormatInt(key, 10) }
func betweenWord(key int64) string      { return "b" + strconv.FormatInt(key, 10) }

// place returns the words of the column place.
func (d Document) place() string {
	words := []string{conversationWord(d.Conversation), authorWord(d.Author)}
	for _, key := range d.Between {
		words = append(words, betweenWord(key))
	}
	return strings.Join(words, " ")
}

// Find returns the places in the log of the documents that answer to a query, the newest first.
func (x *Index) Find(ctx context.Context, q Query) ([]int64, error) {
	if len(q.Words) == 0 || q.Of == 0 && len(q.Conversations) == 0 || q.Limit <= 0 {
		return nil, nil
	}
	where, args := []string{"message MATCH $1"}, []any{expression(q)}
	and := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if q.BeforeSeq > 0 {
		and("rowid < $%d", q.BeforeSeq)
	}
	if q.FromAt > 0 {
		and("rowid >= coalesce((SELECT min(seq) FROM day WHERE day >= $%d), 9223372036854775807)", int64(q.FromAt/dayMillis))
	}
	if q.ToAt > 0 {
		and("rowid < coalesce((SELECT min(seq) FROM day WHERE day > $%d), 9223372036854775807)", int64(q.ToAt/dayMillis))
	}
	args = append(args, q.Limit)
	query := fmt.Sprintf("SELECT rowid FROM message WHERE %s ORDER BY rowid DESC LIMIT $%d", strings.Join(where, " AND "), len(args))
	rows, err := x.r.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer rows.Close()
	var found []int64
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		found = append(found, seq)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return found, nil
}

// expression writes the query in the index's own language.
func expression(q Query) string {
	var in, out []string
	if q.Of != 0 {
		in = append(in, betweenWord(q.Of))
	}
	for _, c := range q.Conversations {
		in = append(in, conversationWord(c))
	}
	for _, c := range q.Except {
		out = append(out, conversationWord(c))
	}
	var b strings.Builder
	b.WriteString("place : (" + strings.Join(in, " OR ") + ")")
	if q.Author != 0 {
		b.WriteString(" AND place : " + authorWord(q.Author))
	}
	b.WriteString(" AND " + chat.SearchExpression("text", q.Words))
	if len(out) == 0 {
		return b.String()
	}
	return "(" + b.String() + ") NOT place : (" + strings.Join(out, " OR ") + ")"
}
