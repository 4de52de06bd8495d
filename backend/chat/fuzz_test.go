package chat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/backend/chat"
)

// Every target runs on its seeds with the other tests. "make fuzz" looks for more inputs.

// hostileTexts are texts that programs have failed on before.
var hostileTexts = []string{"", " ", "\x00", "\xff", "\xed\xa0\x80", "a\u202eb", "\ufeff", "\u2028", "<script>&amp;", strings.Repeat("\u0301", 50), "\U000e0001",
	"\r\n", "’; drop table message", "\x1b[31m", "\u200b\u200d", strings.Repeat("<", 200)}

// FuzzDecode gives every command's arguments to the one decoder: nothing panics, and what is taken means the same when it is
// encoded and taken again.
func FuzzDecode(f *testing.F) {
	names := slices.Sorted(maps.Keys(forms))
	examples := map[chat.CommandName]struct{ Args json.RawMessage }{}
	raw, err := os.ReadFile(filepath.Join("testdata", "commands.json"))
	if err == nil {
		err = json.Unmarshal(raw, &examples)
	}
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range names {
		f.Add(uint8(i), []byte(examples[name].Args))
	}
	for _, seed := range []string{`null`, `[]`, `{"id":1}`, `{"id":"a","id":"b"}`, `{"limit":1e400}`, `{"n":9007199254740993}`, `{"n":-0.0}`, "{\"text\":\"\xff\"}",
		`{"text":"\ud800"}`, strings.Repeat(`{"document":`, 200), `{"teams":null,"active":null}`, `{"settings":{"targets":[null]}}`} {
		for i := range names {
			f.Add(uint8(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		form := reflect.TypeOf(forms[names[int(which)%len(names)]].args).Elem()
		first := reflect.New(form)
		if chat.Decode(data, first.Interface()) != nil {
			return
		}
		if !utf8.Valid(data) {
			t.Fatalf("%q is not UTF-8 and was taken", data)
		}
		again, err := json.Marshal(first.Interface())
		if err != nil {
			t.Fatalf("%q cannot be encoded again: %v", data, err)
		}
		second := reflect.New(form)
		if err := chat.Decode(again, second.Interface()); err != nil {
			t.Fatalf("%q became %q, which is not taken: %v", data, again, err)
		}
		if third, err := json.Marshal(second.Interface()); err != nil || !bytes.Equal(again, third) {
			t.Fatalf("%q became %q and then %q, %v", data, again, third, err)
		}
	})
}

// FuzzCleanContent posts anything, formatted or not: what is taken is within its limits and of the allowed form, is taken again
// unchanged, and what is refused is refused in words.
func FuzzCleanContent(f *testing.F) {
	for _, text := range hostileTexts {
		quoted, err := json.Marshal(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, []byte(nil), true)
		f.Add(text, []byte(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":`+string(quoted)+`}]}]}`), true)
	}
	for _, seed := range []string{
		`null`, `{}`, `[]`, `{"type":"doc"}]`, `{"type":"doc"} {"type":"doc"}`, `{"type":"doc","type":"text"}`, `{"TYPE":"doc","Content":[]}`,
		`{"type":"doc","content":[{"type":"image","attrs":{"src":"http://x"}}]}`, `{"type":"doc","content":[{"type":"text","text":"x"}]}`,
		`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"javascript:alert(1)"}}]}]}]}`,
		`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x","marks":[{"type":"link","attrs":{"href":"HTTP://e.example/<>"}},{"type":"bold"}]}]}]}`,
		`{"type":"doc","content":[{"type":"orderedList","attrs":{"start":7},"content":[{"type":"listItem","content":[{"type":"codeBlock","content":[{"type":"text","text":"a\nb"}]}]}]}]}`,
		`{"type":"doc","content":[{"type":"blockquote","content":[{"type":"bulletList","content":[{"type":"listItem"}]},{"type":"paragraph","content":[{"type":"hardBreak"},{"type":"text","text":"\ud800"}]}]}]}`,
		`{"type":"doc","content":[{"type":"codeBlock","content":[{"type":"text","text":"` + strings.Repeat("<>&", 6000) + `"}]}]}`, // JSON for HTML has six bytes for each
		`{"type":"doc","content":[{"type":"codeBlock","content":[{"type":"text","text":"` + strings.Repeat("\u2028", 19_000) + `"}]}]}`,
		string(nest(chat.MaxDocumentDepth)), string(nest(chat.MaxDocumentDepth + 1)), strings.Repeat("[", 1000),
	} {
		f.Add("", []byte(seed), true)
		f.Add("text", []byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, text string, document []byte, rich bool) {
		clean, canonical, err := chat.CleanContent(text, document, rich)
		var refusal *chat.Error
		switch {
		case errors.As(err, &refusal):
			if refusal.Code != chat.CodeInvalid && refusal.Code != chat.CodeDenied || refusal.Text == "" || len(refusal.Text) > 1000 || !utf8.ValidString(refusal.Text) {
				t.Fatalf("%q, %q are refused with %+v", text, document, refusal)
			}
			return
		case err != nil:
			t.Fatalf("%q, %q fail: %v", text, document, err)
		}
		checkClean(t, clean)
		if canonical == nil {
			again, _, err := chat.CleanContent(clean, nil, rich)
			if again != clean || err != nil {
				t.Fatalf("%q became %q, and that %q, %v", text, clean, again, err)
			}
			return
		}
		checkDocument(t, canonical)
		againText, again, err := chat.CleanContent(clean, canonical, true)
		if err != nil || againText != clean || !bytes.Equal(again, canonical) {
			t.Fatalf("%q became %q (%q), and that %q (%q), %v", document, canonical, clean, again, againText, err)
		}
	})
}

func checkClean(t *testing.T, text string) {
	t.Helper()
	bad := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\ufeff'
	}
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > chat.MaxTextLength || strings.ContainsFunc(text, bad) || strings.TrimSpace(text) != text {
		t.Fatalf("the text %q was taken", text)
	}
}

// checkDocument reads a document without the help of the package: only what the interface can draw may stand in it.
func checkDocument(t *testing.T, raw []byte) {
	t.Helper()
	if len(raw) > chat.MaxDocumentBytes {
		t.Fatalf("the document has %d bytes: %.200q", len(raw), raw)
	}
	var root any
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	var walk func(node map[string]any, depth int)
	walk = func(node map[string]any, depth int) {
		kind, _ := node["type"].(string)
		if depth > chat.MaxDocumentDepth+1 || !slices.Contains([]string{"doc", "paragraph", "blockquote", "codeBlock", "bulletList", "orderedList", "listItem", "hardBreak", "text"}, kind) {
			t.Fatalf("a %q stands %d deep in %q", kind, depth, raw)
		}
		for name, value := range node {
			switch name {
			case "type", "text":
			case "content":
				for _, child := range value.([]any) {
					walk(child.(map[string]any), depth+1)
				}
			case "marks":
				checkMarks(t, value.([]any))
			default:
				t.Fatalf("the field %q stands in %q", name, raw)
			}
		}
	}
	walk(root.(map[string]any), 1)
}

func checkMarks(t *testing.T, marks []any) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range marks {
		mark := m.(map[string]any)
		kind, _ := mark["type"].(string)
		attrs, _ := mark["attrs"].(map[string]any)
		href, _ := attrs["href"].(string)
		scheme, _, _ := strings.Cut(strings.ToLower(href), ":")
		switch {
		case seen[kind]:
			t.Fatalf("the mark %q stands twice", kind)
		case kind == "link" && slices.Contains([]string{"http", "https", "mailto", "tel"}, scheme) && len(href) <= chat.MaxLinkLength && len(attrs) == 1:
		case slices.Contains([]string{"bold", "italic", "strike", "code"}, kind) && attrs == nil:
		default:
			t.Fatalf("the mark %v was taken", mark)
		}
		seen[kind] = true
	}
}

// FuzzCleanName gives anything as the name of a person and to sign in with.
func FuzzCleanName(f *testing.F) {
	for _, text := range append(hostileTexts, "Ana Castillo", "İ", "ſam", "ΑΣ", strings.Repeat("x", chat.MaxNameLength+1), "Ａna") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for what, clean := range map[string]func(string) (string, error){
			"display name": func(s string) (string, error) { return chat.CleanName("the name", s) }, "sign-in name": chat.CleanSignInName} {
			once, err := clean(name)
			if err != nil {
				continue
			}
			checkClean(t, once)
			if utf8.RuneCountInString(once) > chat.MaxNameLength || strings.ContainsAny(once, "\n\t\u202e\u2066") {
				t.Fatalf("the %s %q was taken", what, once)
			}
			if twice, err := clean(once); twice != once || err != nil {
				t.Fatalf("the %s %q became %q, and that %q, %v", what, name, once, twice, err)
			}
		}
	})
}
