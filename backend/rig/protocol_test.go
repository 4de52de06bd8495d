package rig_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// TestProtocol_examples runs the examples of PROTOCOL.md against a real server.
func TestProtocol_examples(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	e := &examples{t: t, s: rig.Start(t), words: map[string]any{}, people: map[string]*speaker{}}
	for name := range castNames() {
		e.words["$"+name] = string(e.s.ID(name))
	}
	lines := 0
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```example"
		case inside:
			e.where = fmt.Sprintf("PROTOCOL.md:%d", i+1)
			e.line(line)
			lines++
		}
	}
	if lines < 30 {
		t.Errorf("only %d lines of examples were found", lines)
	}
}

func castNames() map[string]bool {
	names := map[string]bool{}
	for _, m := range rig.Cast {
		names[m.Name] = true
	}
	return names
}

// examples is the reader of them: what the words stand for so far, and who has a connection.
type examples struct {
	t      *testing.T
	s      *rig.Server
	where  string
	words  map[string]any // with their sign
	people map[string]*speaker
}

// speaker is one of the people in the examples.
type speaker struct {
	name   string
	socket *raw
	status int // of the last HTTP answer
	body   []byte
}

var lineForm = regexp.MustCompile(`^([a-z]+) (>|<|GET|POST|tus POST|tus PATCH|cut|\d{3})(?: (.*))?$`)

func (e *examples) line(line string) {
	m := lineForm.FindStringSubmatch(line)
	if m == nil {
		e.t.Fatalf("%s: not an example: %s", e.where, line)
	}
	who := e.people[m[1]]
	if who == nil {
		who = &speaker{name: m[1]}
		e.people[m[1]] = who
	}
	switch rest := m[3]; m[2] {
	case ">":
		if who.socket == nil {
			who.socket = open(e.t, e.s, fmt.Sprint(e.words["?"+who.name+"Token"]))
		}
		who.socket.send(string(e.fill(rest)))
	case "<":
		e.expectFrame(who, rest)
	case "cut":
		e.cut(who)
	case "tus POST":
		e.announce(who, rest)
	case "tus PATCH":
		e.bring(who, rest)
	case "GET", "POST":
		path, body, _ := strings.Cut(rest, " ")
		e.request(who, m[2], path, body)
	default:
		if strconv.Itoa(who.status) != m[2] {
			e.t.Fatalf("%s: answered %d %s", e.where, who.status, who.body)
		}
		if rest != "" && !e.matches(rest, who.body) {
			e.t.Fatalf("%s: answered %s", e.where, who.body)
		}
	}
}

func (e *examples) request(who *speaker, method, path, body string) {
	header := http.Header{}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	if token, ok := e.words["?"+who.name+"Token"]; ok {
		header.Set("Authorization", fmt.Sprint("Bearer ", token))
	}
	resp, text := send(e.t, method, e.s.URL+path, header, string(e.fill(body)))
	who.status, who.body = resp.StatusCode, []byte(text)
}

// announce asks to send a file as tus does.
func (e *examples) announce(who *speaker, told string) {
	var f struct {
		ID             chat.FileID
		ConversationID chat.ConversationID
		Name           string
		Size           int64
	}
	if err := json.Unmarshal(e.fill(told), &f); err != nil {
		e.t.Fatalf("%s: %v", e.where, err)
	}
	answer := e.s.Absent(who.name, e.s.URL).Announce(rig.NewFile{ID: f.ID, In: f.ConversationID, Name: f.Name, Size: f.Size})
	who.status, who.body = answer.Status, answer.Body
}

// bring sends bytes of a file: its word, where they go on, and the bytes.
func (e *examples) bring(who *speaker, told string) {
	parts := strings.SplitN(told, " ", 3)
	id, known := e.words[parts[0]]
	at, err := strconv.ParseInt(parts[1], 10, 64)
	if !known || err != nil || len(parts) != 3 {
		e.t.Fatalf("%s: not bytes of a file: %s", e.where, told)
	}
	answer := e.s.Absent(who.name, e.s.URL).Bring(chat.FileID(fmt.Sprint(id)), at, strings.NewReader(parts[2]))
	who.status, who.body = answer.Status, answer.Body
}

// expectFrame reads until a frame is as the example has it, or several of events are in one: what was committed together may be
// told in one frame or in several.
func (e *examples) expectFrame(who *speaker, want string) {
	e.t.Helper()
	var others []string
	var together wire.Frame
	for {
		ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
		_, data, err := who.socket.conn.Read(ctx)
		cancel()
		if err != nil {
			e.t.Fatalf("%s: %v; the frames were\n%s\nbut not\n%s", e.where, err, strings.Join(others, "\n"), e.show(want))
		}
		fits := e.matches(want, data)
		if f, err := wire.DecodeFrame(data); err == nil && len(f.Events) > 0 && !fits {
			together = wire.Frame{Prev: cmp.Or(together.Prev, f.Prev), Cursor: f.Cursor, Events: append(together.Events, f.Events...)}
			merged, err := json.Marshal(map[string]any{"prev": together.Prev, "cursor": together.Cursor, "events": together.Events})
			if err != nil {
				e.t.Fatal(err)
			}
			fits = e.matches(want, merged)
		}
		e.note(who, data) // after comparing: an events frame begins where the client stood before
		if fits {
			return
		}
		others = append(others, string(data))
	}
}

// note keeps where a client stands, as clients do.
func (e *examples) note(who *speaker, data []byte) {
	f, err := wire.DecodeFrame(data)
	switch {
	case err != nil:
		e.t.Errorf("%s: got %s: %v", e.where, data, err)
	case f.Reset != nil:
		e.words["?"+who.name+"Cursor"] = string(f.Reset.Cursor)
	case f.MovesCursor():
		e.words["?"+who.name+"Cursor"] = string(f.Cursor)
	}
}

// cut ends the connection when everything committed before has been told.
func (e *examples) cut(who *speaker) {
	who.socket.send(`{"id":999,"do":"ping"}`)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
		_, data, err := who.socket.conn.Read(ctx)
		cancel()
		if err != nil {
			e.t.Fatalf("%s: %v", e.where, err)
		}
		e.note(who, data)
		if bytes.HasPrefix(data, []byte(`{"re":999`)) {
			break
		}
	}
	_ = who.socket.conn.CloseNow()
	who.socket = nil
}

var wordForm = regexp.MustCompile(`"([$#?%][a-zA-Z0-9+]+)"`)

// fill puts in what the words stand for. A client's own words that are new get a new id.
func (e *examples) fill(text string) []byte {
	return wordForm.ReplaceAllFunc([]byte(text), func(quoted []byte) []byte {
		word := string(quoted[1 : len(quoted)-1])
		value, known := e.value(word)
		if !known {
			value = chat.NewUUID()
			if word[0] == '%' {
				value = string(chat.NewRoomID())
			}
			e.words[word] = value
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			e.t.Fatal(err)
		}
		return encoded
	})
}

func (e *examples) value(word string) (any, bool) {
	if a, b, pair := strings.Cut(word, "+"); pair {
		return string(e.s.Direct(a[1:], b)), true
	}
	value, known := e.words[word]
	return value, known
}

// show is want with the words that are known.
func (e *examples) show(want string) string {
	return wordForm.ReplaceAllStringFunc(want, func(quoted string) string {
		if value, known := e.value(quoted[1 : len(quoted)-1]); known {
			return fmt.Sprintf("%s=%v", quoted, value)
		}
		return quoted
	})
}

// matches compares got with an example; words that were new are kept only if all fits.
func (e *examples) matches(want string, got []byte) bool {
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		e.t.Fatalf("%s: the example is not JSON: %v", e.where, err)
	}
	if json.Unmarshal(got, &g) != nil {
		return false
	}
	learnt := map[string]any{}
	if !e.fits(w, g, learnt) {
		return false
	}
	for word, value := range learnt {
		e.words[word] = value
	}
	return true
}

func (e *examples) fits(want, got any, learnt map[string]any) bool {
	switch w := want.(type) {
	case string:
		if w == "" || !strings.ContainsAny(w[:1], "$#?%") {
			return want == got
		}
		value, known := e.value(w)
		if !known {
			value, known = learnt[w]
		}
		if !known {
			learnt[w] = got
			return true
		}
		return reflect.DeepEqual(value, got)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !e.fits(w[i], g[i], learnt) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		_, more := w["…"]
		for name, value := range w {
			if name == "…" {
				continue
			}
			other, there := g[name]
			if !there || !e.fits(value, other, learnt) {
				return false
			}
		}
		return more || len(g) == len(w)
	}
	return reflect.DeepEqual(want, got)
}

// TestProtocol_namesEveryCommand compares the table in PROTOCOL.md with the vocabulary.
func TestProtocol_namesEveryCommand(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range chat.Commands {
		if !bytes.Contains(text, []byte("`"+string(name)+"`")) {
			t.Errorf("PROTOCOL.md does not name the command %s", name)
		}
	}
	for code, word := range map[websocket.StatusCode]string{wire.CloseRestart: "restart", wire.CloseSlow: "slow", wire.CloseSignedOut: "signed out", wire.CloseProtocol: "protocol"} {
		if !bytes.Contains(text, fmt.Appendf(nil, "%d %s", code, word)) {
			t.Errorf("PROTOCOL.md does not name close code %d %s", code, word)
		}
	}
}
