package search

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func newIndex(t testing.TB, path, of string) *Index {
	t.Helper()
	x, err := Open(t.Context(), path, of, 1<<40, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() }) // a test may have closed it
	return x
}

func (x *Index) must(t testing.TB, through int64, documents ...Document) {
	t.Helper()
	if err := x.Add(t.Context(), documents, nil, through); err != nil {
		t.Fatal(err)
	}
}

func (x *Index) found(t testing.TB, q Query) []int64 {
	t.Helper()
	seqs, err := x.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return seqs
}

func TestFind(t *testing.T) {
	x := newIndex(t, filepath.Join(t.TempDir(), "search.db"), "a")
	x.must(t, 90,
		Document{1, 7, 1, []int64{1, 2}, 0, "Does the glass carry a batch number?"},
		Document{2, 7, 2, []int64{1, 2}, 5 * dayMillis, "Yes: 88. The GLASSES do, c8 too"},
		Document{4, 8, 1, []int64{1, 3}, 5 * dayMillis, "Müller's glaß, ÉTÉ, naïve; order_no 4711"},
		Document{9, 9, 3, nil, 6 * dayMillis, `NEAR AND "OR" NOT * ^ text:c7`},
		Document{11, 7, 3, []int64{1, 2}, 9 * dayMillis, "Стекло разбито 玻璃"})
	all := []int64{7, 8, 9}
	for what, tt := range map[string]struct {
		text string
		q    Query
		want []int64
	}{
		"a word":                       {"glass", Query{}, []int64{2, 1}},
		"its beginning, other case":    {"GLA", Query{}, []int64{4, 2, 1}},
		"each word":                    {"glass batch", Query{}, []int64{1}},
		"in any order":                 {"number doe", Query{}, []int64{1}},
		"no word of it":                {"lass", Query{}, nil},
		"without accents":              {"muller ete naive", Query{}, []int64{4}},
		"with accents":                 {"étè", Query{}, []int64{4}},
		"a number":                     {"471", Query{}, []int64{4}},
		"other scripts":                {"стек", Query{}, []int64{11}},
		"one conversation":             {"glass", Query{Conversations: []int64{7}}, []int64{2, 1}},
		"another":                      {"glass", Query{Conversations: []int64{9}}, nil},
		"none":                         {"glass", Query{Conversations: []int64{}}, nil},
		"direct ones of a user":        {"gla", Query{Of: 2}, []int64{2, 1}},
		"of the other":                 {"gla", Query{Of: 1}, []int64{4, 2, 1}},
		"but for one":                  {"gla", Query{Of: 1, Except: []int64{7}}, []int64{4}},
		"and a room":                   {"or", Query{Of: 1, Conversations: []int64{9}}, []int64{9, 4}},
		"without the room":             {"or", Query{Of: 1}, []int64{4}},
		"of a user, by an author":      {"gla", Query{Of: 1, Author: 2}, []int64{2}},
		"of nobody":                    {"gla", Query{Of: 5}, nil},
		"all but for all":              {"gla", Query{Conversations: []int64{7}, Except: []int64{7}}, nil},
		"the word of a pair":           {"b1", Query{}, nil},
		"one author":                   {"glass", Query{Author: 1}, []int64{1}},
		"before":                       {"gla", Query{BeforeSeq: 4}, []int64{2, 1}},
		"from a day":                   {"gla", Query{FromAt: 5*dayMillis + 7}, []int64{4, 2}},
		"from a day without a message": {"gla", Query{FromAt: 3 * dayMillis}, []int64{4, 2}},
		"after all":                    {"gla", Query{FromAt: 12 * dayMillis}, nil},
		"to a day":                     {"gla", Query{ToAt: 4 * dayMillis}, []int64{1}},
		"to a day of messages":         {"gla", Query{ToAt: 5 * dayMillis}, []int64{4, 2, 1}},
		"the newest":                   {"gla", Query{Limit: 1}, []int64{4}},
		"words that are operators":     {`NEAR AND "OR" NOT`, Query{}, []int64{9}},
		"a column's name":              {"text:c7", Query{}, []int64{9}},
		"the word of a conversation":   {"c7", Query{}, []int64{9}},
		"the word of an author":        {"u3", Query{}, nil},
		"signs alone":                  {`"*^()-+`, Query{}, nil},
		"nothing":                      {"", Query{}, nil},
	} {
		t.Run(what, func(t *testing.T) {
			q := tt.q
			q.Words = chat.SearchWords(tt.text)
			if q.Conversations == nil && q.Of == 0 {
				q.Conversations = all
			}
			if q.Limit == 0 {
				q.Limit = 10
			}
			if got := x.found(t, q); !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzFind: whatever is typed, and whatever was written, is words and nothing else.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"glass", `" OR "`, "a\x00b", "é\u0301", "\xff", "NEAR(a b)", "𝒳"} {
		f.Add(s)
	}
	x := newIndex(f, "", "a")
	seq := int64(0)
	f.Fuzz(func(t *testing.T, s string) {
		seq++
		x.must(t, seq, Document{seq, 1, 1, nil, 1, s}, Document{-seq, 2, 1, nil, 1, s})
		found := x.found(t, Query{Words: chat.SearchWords(s), Conversations: []int64{1}, Limit: 1})
		if len(found) == 1 && found[0] < 0 {
			t.Errorf("%q finds what is elsewhere", s)
		}
	})
}

// TestOpen: an index goes on where it was; one that is of another log, or damaged, or of another version begins anew.
func TestOpen(t *testing.T) {
	glass := Query{Words: []string{"glass"}, Conversations: []int64{1}, Limit: 5}
	for what, tt := range map[string]struct {
		of    string
		spoil func(t *testing.T, path string)
		goes  bool
	}{
		"as it was":     {"a", func(*testing.T, string) {}, true},
		"another log":   {"b", func(*testing.T, string) {}, false},
		"no database":   {"a", func(t *testing.T, path string) { write(t, path, "glass") }, false},
		"half of it":    {"a", func(t *testing.T, path string) { shorten(t, path) }, false},
		"other version": {"a", func(t *testing.T, path string) { stamp(t, path) }, false},
		"it is gone": {"a", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "search.db")
			x := newIndex(t, path, "a")
			for seq := range int64(2000) {
				x.must(t, seq+1, Document{seq + 1, 1, 1, nil, 1, fmt.Sprintf("glass %d %d", seq, seq*seq)})
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, path)
			x = newIndex(t, path, tt.of)
			through, err := x.Through(t.Context())
			if err != nil || (through == 2000) != tt.goes || !tt.goes && through != 0 {
				t.Errorf("filled through %d, %v", through, err)
			}
			if found := x.found(t, glass); (len(found) > 0) != tt.goes {
				t.Errorf("found %v", found)
			}
			x.must(t, through+1, Document{through + 1, 1, 1, nil, 1, "glass again"})
			if found := x.found(t, glass); found[0] != through+1 {
				t.Errorf("then found %v", found)
			}
		})
	}
}

// TestOpen_ahead: an index that is filled beyond the head of its log is of messages that are not there any more.
func TestOpen_ahead(t *testing.T) {
	for head, want := range map[int64]int64{7: 7, 6: 0} {
		path := filepath.Join(t.TempDir(), "search.db")
		x := newIndex(t, path, "a")
		x.must(t, 7, Document{7, 1, 1, nil, 1, "glass"})
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		x, err := Open(t.Context(), path, "a", head, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if through, err := x.Through(t.Context()); err != nil || through != want {
			t.Errorf("with the head at %d filled through %d, %v", head, through, err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Repeat(text, 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func shorten(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func stamp(t *testing.T, path string) {
	t.Helper()
	x := newIndex(t, path, "a")
	if _, err := x.w.Exec("PRAGMA user_version=99"); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// vocabulary draws words as a language does: few often, most rarely.
func vocabulary(i int) string {
	var b strings.Builder
	for w := range 12 {
		r := uint64(i*31+w*7919) * 0x9e3779b97f4a7c15 >> 32 % 10_000
		fmt.Fprintf(&b, "w%d ", r*r/10_000)
	}
	return b.String()
}

// BenchmarkFind searches among a million messages: of 500 users, each of whom has direct conversations with 40 others. The asker has some
// 4,000 of the messages (ordinary) or, among the same million, 200,000 (much).
func BenchmarkFind(b *testing.B) {
	x := newIndex(b, filepath.Join(b.TempDir(), "search.db"), "a")
	const messages, page, ordinary, much = 1_000_000, 2000, 7, 1
	b.StartTimer()
	for from := 0; from < messages; from += page {
		documents := make([]Document, page)
		for i := range documents {
			n := int64(from + i + 1)
			one, other := 2+n%499, 2+(n%499+1+n/499%20)%499
			if n%5 == 0 {
				one = much
			}
			documents[i] = Document{n, one*1000 + other, one, []int64{one, other}, chat.Millis(n) * 60_000, vocabulary(int(n))}
		}
		x.must(b, int64(from+page), documents...)
	}
	b.Logf("filled %d messages, %v each", messages, b.Elapsed()/messages)
	for what, words := range map[string][]string{"rare": {"w9876"}, "often": {"w0"}, "beginning": {"w1"}, "two": {"w0", "w12"}, "none": {"nobody"}} {
		for who, of := range map[string]int64{"ordinary": ordinary, "much": much} {
			b.Run(what+"/"+who, func(b *testing.B) {
				for b.Loop() {
					x.found(b, Query{Words: words, Of: of, Limit: 51})
				}
			})
		}
		b.Run(what+"/one", func(b *testing.B) {
			for b.Loop() {
				x.found(b, Query{Words: words, Conversations: []int64{much*1000 + 2}, Limit: 51})
			}
		})
	}
}

// TestAdd_changed: a document is found by what it says now, and one without words not at all, also after the index is opened again.
func TestAdd_changed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "search.db")
	x := newIndex(t, path, "a")
	x.must(t, 3, Document{1, 7, 1, nil, 0, "apples"}, Document{2, 7, 1, nil, 0, "apples and plums"}, Document{3, 7, 2, nil, 0, "apples"})
	err := x.Add(t.Context(), []Document{{5, 7, 1, nil, 0, "cherries"}}, []Document{{1, 7, 1, nil, 0, "pears"}, {2, 7, 1, nil, 0, ""}, {5, 7, 1, nil, 0, "grapes"}}, 6)
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		for text, want := range map[string][]int64{"apples": {3}, "plums": nil, "pears": {1}, "cherries": nil, "grapes": {5}} {
			if got := x.found(t, Query{Words: chat.SearchWords(text), Conversations: []int64{7}, Limit: 9}); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", text, got, want)
			}
		}
		if got := x.found(t, Query{Words: chat.SearchWords("pears"), Conversations: []int64{7}, Author: 2, Limit: 9}); len(got) != 0 {
			t.Errorf("another's: %v", got)
		}
	}
	check()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = newIndex(t, path, "a")
	check()
}
