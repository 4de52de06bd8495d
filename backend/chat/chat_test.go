package chat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/backend/chat"
)

// mustBe fails unless err is a *chat.Error of the code whose text contains words.
func mustBe(t *testing.T, err error, code chat.Code, words string) {
	t.Helper()
	var e *chat.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Text, words) {
		t.Errorf("got %v, want %s: ...%s...", err, code, words)
	}
}

func TestDirectID(t *testing.T) {
	a, b, c := chat.UserID(chat.NewUUID()), chat.UserID(chat.NewUUID()), chat.UserID(chat.NewUUID())
	id := chat.DirectID(a, b)
	if id != chat.DirectID(b, a) {
		t.Error("the order of the two matters")
	}
	if low, high, ok := id.DirectPair(); !ok || low >= high || chat.DirectID(low, high) != id {
		t.Errorf("%s falls apart into %s and %s", id, low, high)
	}
	for _, pair := range [][2]chat.UserID{{a, b}, {b, a}} {
		if other, ok := id.OtherThan(pair[0]); !ok || other != pair[1] {
			t.Errorf("the other than %s is %s", pair[0], other)
		}
	}
	if other, ok := id.OtherThan(c); ok {
		t.Errorf("a stranger is told of %s", other)
	}
	low, high, _ := id.DirectPair()
	for _, bad := range []string{
		"", "d.", "d..", string(low), "d." + string(low), "d." + string(low) + ".", "x." + string(low) + "." + string(high),
		"d." + string(high) + "." + string(low), "d." + string(low) + "." + string(low), string(id) + ".", string(id) + "." + string(high),
		"d." + strings.ToUpper(string(low)) + "." + string(high), "d.{" + string(low) + "}." + string(high), "d.a.b", "d. ." + string(high),
	} {
		if _, _, ok := chat.ConversationID(bad).DirectPair(); ok {
			t.Errorf("%q is taken for a direct conversation", bad)
		}
	}
}

func TestValidUUID(t *testing.T) {
	for range 50 {
		if id := chat.NewUUID(); !chat.ValidUUID(id) {
			t.Errorf("%s is not valid", id)
		}
	}
	if one, other := chat.NewMessageID(), chat.NewMessageID(); one == other {
		t.Error("two new ids are equal")
	}
	const id = "0190b1c2-0000-7000-8000-00000000000a"
	for _, bad := range []string{"", strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""), id + " ", id[:35] + "g", strings.Repeat("é", 18)} {
		if chat.ValidUUID(bad) {
			t.Errorf("%q is valid", bad)
		}
	}
}

func TestCleanText(t *testing.T) {
	tests := []struct{ in, want, refused string }{
		{"hello", "hello", ""},
		{"  two\r\nlines\t \n", "two\nlines", ""},
		{"ünïcödé 👩‍👩‍👧 عربي", "ünïcödé 👩‍👩‍👧 عربي", ""},
		{strings.Repeat("é", 20), strings.Repeat("é", 20), ""},
		{strings.Repeat("é", 21), "", "has 21 characters; at most 20 are allowed"},
		{"", "", "is empty"},
		{" \n\t ", "", "is empty"},
		{"a\xffb", "", "not valid UTF-8"},
		{"a\x00b", "", "control character (U+0000)"},
		{"a\x1b[2Jb", "", "control character (U+001B)"},
		{"a\rb", "", "control character (U+000D)"},
		{"a\x7fb", "", "control character (U+007F)"},
		{"a\ufeffb", "", "control character (U+FEFF)"},
		{"a\u009b2Jb", "", "control character (U+009B)"},
		{"\u200b\u2060\u200d", "", "is empty"},
		{"\u3164", "", "is empty"},
		{"\u00ad\ufe0f\u202e", "", "is empty"},
	}
	for _, tt := range tests {
		got, err := chat.CleanText("the text", tt.in, 20)
		if tt.refused != "" {
			mustBe(t, err, chat.CodeInvalid, tt.refused)
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q: %q, %v", tt.in, got, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once, err := chat.CleanText("x", rapid.String().Draw(t, "text"), 50)
		if err != nil {
			return
		}
		if twice, err := chat.CleanText("x", once, 50); err != nil || twice != once {
			t.Fatalf("%q becomes %q, then %q, %v", once, once, twice, err)
		}
	})
}

func TestCleanName(t *testing.T) {
	for in, refused := range map[string]string{
		"Ana María  Ruíz": "", "שרה\u200f 1": "", " \u200b ": "is empty", "two\nlines": "more than one line", "a\tb": "more than one line",
		"ann\u202egnp": "direction", "\u2066ann": "direction", strings.Repeat("é", chat.MaxNameLength+1): "at most 100",
	} {
		if got, err := chat.CleanName("the name", in); refused != "" {
			mustBe(t, err, chat.CodeInvalid, refused)
		} else if err != nil || got != in {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestCleanSignInName(t *testing.T) {
	if got, err := chat.CleanSignInName(" Ana.Ruíz "); err != nil || got != "ana.ruíz" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{"ana ruiz", "ana\u00a0ruiz", "ana\u2003ruiz"} {
		_, err := chat.CleanSignInName(bad)
		mustBe(t, err, chat.CodeInvalid, "white space")
	}
	_, err := chat.CleanSignInName("\u200b")
	mustBe(t, err, chat.CodeInvalid, "is empty")
}

// nest returns a document of n lists in lists.
func nest(n int) json.RawMessage {
	inner := `{"type":"paragraph","content":[{"type":"text","text":"deep"}]}`
	return json.RawMessage(`{"type":"doc","content":[` + strings.Repeat(`{"type":"blockquote","content":[`, n) + inner + strings.Repeat(`]}`, n) + `]}`)
}

func TestParseDocument_limits(t *testing.T) {
	if _, err := chat.ParseDocument(nest(chat.MaxDocumentDepth - 3)); err != nil {
		t.Errorf("as deep as allowed: %v", err)
	}
	_, err := chat.ParseDocument(nest(chat.MaxDocumentDepth + 1))
	mustBe(t, err, chat.CodeInvalid, "nested too deeply")
	_, err = chat.ParseDocument(json.RawMessage(strings.Repeat(`[`, 60_000)))
	mustBe(t, err, chat.CodeInvalid, "nested too deeply")
	_, err = chat.ParseDocument(json.RawMessage(`{"type":"doc","content":[{"type":"codeBlock","content":[{"type":"text","text":"` + strings.Repeat("x", chat.MaxDocumentBytes) + `"}]}]}`))
	mustBe(t, err, chat.CodeInvalid, "larger than 64 KB")
	_, err = chat.ParseDocument(json.RawMessage("{\"type\":\"doc\xff\"}"))
	mustBe(t, err, chat.CodeInvalid, "UTF-8")
	_, err = chat.ParseDocument(json.RawMessage(`{"type":"doc"} {"type":"doc"}`))
	mustBe(t, err, chat.CodeInvalid, "not well-formed")
	many := strings.Repeat(`{"type":"bold"},`, 3000)
	_, err = chat.ParseDocument(json.RawMessage(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x","marks":[` + many + `{"type":"bold"}]}]}]}`))
	mustBe(t, err, chat.CodeInvalid, `the mark "bold" stands twice`)
	_, _, err = chat.CleanContent("", json.RawMessage(`{"type":"doc","content":[{"type":"paragraph"}]}`), true)
	mustBe(t, err, chat.CodeInvalid, "is empty")
	if got := chat.JSONDepth([]byte(`{"a":"[[[{\"","b":[{}]}`)); got != 3 {
		t.Errorf("brackets in strings count: depth %d, want 3", got)
	}
}

func TestValidLink(t *testing.T) {
	for href, want := range map[string]bool{
		"https://example.com/a_(b);c~d!*?q=[1]#x": true, "http://127.0.0.1:8080/": true, "mailto:ana@example.com": true, "tel:+34123": true,
		"HTTPS://EXAMPLE.COM": true, "": false, "example.com": false, "//example.com": false, "/path": false, "https://": false, "https:///x": false,
		"javascript:alert(1)": false, "JavaScript:alert(1)": false, "data:text/html,x": false, "vbscript:x": false, "file:///etc/passwd": false,
		"ms-msdt:x": false, "search-ms:x": false, "smb://h/x": false, "ssh://h": false, "ldap://h": false, "chrome://x": false, "blob:https://x": false,
		"java\nscript:alert(1)": false, " https://example.com": false, "https://exa mple.com": false, "mailto:": false,
		"https://example.com/" + strings.Repeat("x", chat.MaxLinkLength): false,
	} {
		if got := chat.ValidLink(href); got != want {
			t.Errorf("%.60q: %t", href, got)
		}
	}
}

// TestValidLink_examples: what the hub takes is no narrower than what the shells open, and names nobody before a host.
func TestValidLink_examples(t *testing.T) {
	var links []struct {
		Href, Opened string
		Posted       bool
	}
	example(t, "links.json", &links)
	for _, l := range links {
		if got := chat.ValidLink(l.Href); got != l.Posted || l.Opened != "" && !got {
			t.Errorf("%q: %t", l.Href, got)
		}
	}
}

func TestCodes(t *testing.T) {
	final := map[chat.Code]bool{
		chat.CodeDenied: true, chat.CodeUnknown: true, chat.CodeInvalid: true, chat.CodeConflict: true,
		chat.CodeOffline: false, chat.CodeBusy: false, chat.CodeInternal: false, chat.CodeSignedOut: false,
	}
	for code, want := range final {
		if code.Final() != want {
			t.Errorf("%s: final %t", code, code.Final())
		}
	}
}

// TestAsError: a cause never reaches the asker, an error meant for them does, through any wrapping.
func TestAsError(t *testing.T) {
	if e := chat.AsError(fmt.Errorf("post: %w", chat.ErrUnknown)); e != chat.ErrUnknown {
		t.Errorf("got %v", e)
	}
	e := chat.AsError(errors.New("open /secret/path: disk on fire"))
	if e.Code != chat.CodeInternal || strings.Contains(e.Text, "secret") {
		t.Errorf("got %v", e)
	}
}

func TestMillis(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 2, 3, 456e6, time.FixedZone("x", 3600))
	if m := chat.MillisOf(at); !m.Time().Equal(at) || m.Time().Location() != time.UTC {
		t.Errorf("%v becomes %v", at, m.Time())
	}
}

func TestValid(t *testing.T) {
	for _, ok := range []bool{chat.RoleAgent.Valid(), chat.WorkWrapUp.Valid(), chat.DevicePhone.Valid(), chat.RoleAgent.Rich(),
		!chat.Role("Agent").Valid(), !chat.Role("").Valid(), !chat.WorkState("gone").Valid(), !chat.DeviceKind("").Valid(), !chat.RoleExpert.Rich()} {
		if !ok {
			t.Error("a known word is refused, or an unknown one taken")
		}
	}
}

// TestProtocolDocument: the table of commands in PROTOCOL.md and the one in Go are the same, acts included.
func TestProtocolDocument(t *testing.T) {
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "## 3. Commands")
	section, _, _ = strings.Cut(section, "\n## ")
	quoted := regexp.MustCompile("`([a-zA-Z.]+)`")
	documented := map[chat.CommandName]string{}
	for line := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			documented[chat.CommandName(m[1])] = strings.TrimSpace(cells[2])
		}
	}
	for name, act := range chat.Commands {
		if documented[name] != string(act) {
			t.Errorf("%s needs %q, the document says %q", name, act, documented[name])
		}
	}
	for name, act := range documented {
		if _, ok := chat.Commands[name]; !ok && act != "replica only" {
			t.Errorf("the document has %s, which is no command of the hub", name)
		}
		if _, ok := forms[name]; !ok {
			t.Errorf("the document has %s, which has no example", name)
		}
	}
}

// TestProtocolDocument_deliveries: the tables of events and of signals in PROTOCOL.md and those in Go are the same, and each type
// that the source declares stands in them.
func TestProtocolDocument_deliveries(t *testing.T) {
	events, signals := map[string]string{}, map[string]string{}
	for name, act := range chat.EventTypes {
		events[string(name)] = string(chat.Audiences[name]) + " " + string(act)
	}
	for name, act := range chat.SignalTypes {
		signals[string(name)] = string(act)
	}
	for kind, want := range map[string]map[string]string{"event": events, "signal": signals} {
		documented := tableOf(t, "| "+kind+" |")
		for name, row := range documented {
			if _, ok := want[name]; !ok {
				t.Errorf("the document has the %s %s (%s), which there is not", kind, name, row)
			}
		}
		for name, says := range want {
			if row := documented[name]; !strings.HasPrefix(row+" ", says+" ") {
				t.Errorf("the %s %s is told by %q, the document says %q", kind, name, says, row)
			}
		}
	}
	declared := declaredAs(t, "event.go", "EventType", "SignalType")
	for _, name := range declared {
		if events[name] == "" && signals[name] == "" {
			t.Errorf("%s has no act: say in EventTypes or SignalTypes what its reader needs", name)
		}
	}
	if len(declared) != len(events)+len(signals) {
		t.Errorf("%d types are declared, %d have an act", len(declared), len(events)+len(signals))
	}
	for name := range chat.Audiences {
		if _, ok := chat.EventTypes[name]; !ok {
			t.Errorf("%s has an audience and no act", name)
		}
	}
}

// tableOf reads the table of PROTOCOL.md with this beginning of its header: the words of the second column and the third by the names
// quoted in the first.
func tableOf(t *testing.T, header string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(raw), header)
	if !found {
		t.Fatalf("there is no table %s", header)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]string{}
	quoted := regexp.MustCompile("`([a-zA-Z.]+)`")
	for line := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			rows[m[1]] = strings.TrimSpace(cells[2]) + " " + strings.TrimSpace(cells[3])
		}
	}
	return rows
}

// declaredAs returns the constants of the types that a file declares.
func declaredAs(t *testing.T, file string, types ...string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, typed := spec.Type.(*ast.Ident); typed && slices.Contains(types, name.Name) {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}
