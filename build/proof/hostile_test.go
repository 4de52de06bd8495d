package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// Hostile input: every command and every route is given what no program of ours would send. The tests take the tables of the
// product, so that what is added to those is among it.

// rough is a socket without a client's good manners. It is read from all the time, as the server's pings want an answer while
// nobody asks anything.
type rough struct {
	t     *testing.T
	conn  *websocket.Conn
	reads chan read
}

// read is what one reading from a socket brought; one with an error is the last.
type read struct {
	data []byte
	err  error
}

// newRough upgrades with this token, as soon as the server wants to, and says nothing.
func newRough(t *testing.T, s *rig.Server, token string) *rough {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	var conn *websocket.Conn
	for conn == nil {
		c, resp, err := websocket.Dial(ctx, wire.SocketURL(s.URL), &websocket.DialOptions{
			HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}, Subprotocols: []string{wire.SubprotocolName}})
		switch {
		case err == nil:
			conn = c
		case resp != nil && resp.StatusCode == http.StatusServiceUnavailable:
			<-time.After(time.Second) // it finds that one user connects too fast, and wants to be asked again then
		default:
			t.Fatal(err)
		}
	}
	conn.SetReadLimit(wire.MaxSnapshotBytes)
	t.Cleanup(func() { conn.CloseNow() })
	r := &rough{t, conn, make(chan read, 4096)}
	go func() {
		defer close(r.reads)
		for {
			_, data, err := conn.Read(t.Context()) // ends with the test at the latest
			select {
			case r.reads <- read{data, err}:
			case <-t.Context().Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return r
}

const roughHello = `{"protocol":1,"device":{"id":"0190a6c2-0000-7000-8000-000000000001","kind":"browser","name":"rough"}}`

// newGreeted opens and says hello.
func newGreeted(t *testing.T, s *rig.Server, token string) *rough {
	t.Helper()
	r := newRough(t, s, token)
	if a, _ := r.ask(chat.Hello, roughHello); a.Error != nil {
		t.Fatalf("hello: %v", a.Error)
	}
	return r
}

// roughID is the id of every request of a rough socket, so that equal answers are equal byte by byte.
const roughID = 7

func roughRequest(do chat.CommandName, args string) string {
	if args == "" {
		return fmt.Sprintf(`{"id":%d,"do":%q}`, roughID, do)
	}
	return fmt.Sprintf(`{"id":%d,"do":%q,"args":%s}`, roughID, do, args)
}

func (r *rough) write(frame string) error {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	return r.conn.Write(ctx, websocket.MessageText, []byte(frame))
}

// next reads a frame, decoded and as it came.
func (r *rough) next() (wire.Frame, []byte, error) {
	select {
	case got := <-r.reads:
		if got.err != nil {
			return wire.Frame{}, nil, got.err
		}
		f, err := wire.DecodeFrame(got.data)
		return f, got.data, err
	case <-time.After(rig.Patience):
		return wire.Frame{}, nil, context.DeadlineExceeded
	}
}

// triesSecrets tells whether a command tries a password or a code: their throttle waits for minutes.
func triesSecrets(do chat.CommandName) bool {
	switch do {
	case chat.PasswordChange, chat.FactorBegin, chat.FactorConfirm, chat.FactorRenew, chat.FactorDisable:
		return true
	}
	return false
}

// ask sends a request and returns its answer, decoded and as it came. While the server finds that the socket asks too fast, it is
// asked again as soon as it wants to be.
func (r *rough) ask(do chat.CommandName, args string) (wire.Frame, []byte) {
	r.t.Helper()
	for {
		if err := r.write(roughRequest(do, args)); err != nil {
			r.t.Fatalf("%s %.200s: %v", do, args, err)
		}
		f, raw := r.answer(do, args)
		if f.Error == nil || f.Error.Code != chat.CodeBusy || triesSecrets(do) {
			return f, raw
		}
		<-time.After(time.Duration(f.Error.RetryAfterMs) * time.Millisecond)
	}
}

func (r *rough) answer(do chat.CommandName, args string) (wire.Frame, []byte) {
	r.t.Helper()
	for {
		f, raw, err := r.next()
		if err != nil {
			r.t.Fatalf("%s %.200s: no answer: %v", do, args, err)
		}
		if f.Re == roughID || f.Re == 0 && f.Error != nil {
			return f, raw
		}
	}
}

// closed reads until the server closes, and returns its code and how many requests it had carried out before.
func (r *rough) closed() (code websocket.StatusCode, done int) {
	r.t.Helper()
	for {
		f, _, err := r.next()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			r.t.Fatal("the server did not close")
		case err != nil:
			return websocket.CloseStatus(err), done
		case f.OK != nil:
			done++
		}
	}
}

// variant is JSON with a fault in it.
type variant struct {
	what, raw string
	// refused says that nobody may take it; else it may mean something.
	refused bool
	// unreadable is what is no JSON to anybody, so that the id around it need not be found.
	unreadable bool
}

// kinds has a value of each kind of JSON.
var kinds = map[string]string{"a text": `"7"`, "a number": `7`, "a truth": `true`, "a list": `[]`, "an object": `{}`}

func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "a text"
	case float64:
		return "a number"
	case bool:
		return "a truth"
	case []any:
		return "a list"
	}
	return "an object"
}

func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// spoil returns a value with each fault that it, or anything in it, can have.
func spoil(t *testing.T, raw string) []variant {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(raw), &value); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	all := []variant{{what: "null", raw: `null`}, {what: "100 levels", raw: nested(100), refused: true},
		{"10,000 levels", nested(10_000), true, true}, {"NaN", `NaN`, true, true}}
	own := kindOf(value)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if kind != own {
			all = append(all, variant{what: kind, raw: kinds[kind], refused: true})
		}
	}
	switch v := value.(type) {
	case string:
		all = append(all, variant{what: "nothing", raw: `""`}, variant{what: "100 KB", raw: `"` + strings.Repeat("z", 100<<10) + `"`}, variant{what: "NUL", raw: `"a\u0000b"`},
			variant{what: "controls", raw: `"\u001b[31m\u202e\u0085"`}, variant{what: "half a surrogate pair", raw: `"\ud800"`}, variant{what: "a query", raw: `"' OR 1=1; --"`},
			variant{what: "combining marks", raw: `"a` + strings.Repeat("\u0301", 20_001) + `"`})
	case float64:
		all = append(all, variant{what: "below zero", raw: `-1`}, variant{what: "past 2^53", raw: `9007199254740993`}, variant{what: "past 2^63", raw: `9223372036854775808`, refused: true},
			variant{what: "a fraction", raw: `1.5`, refused: true}, variant{what: "1e400", raw: `1e400`, refused: true})
	case []any:
		if len(v) > 0 {
			for _, s := range spoil(t, encoded(t, v[0])) {
				all = append(all, variant{what: "its first: " + s.what, raw: "[" + s.raw + "]", refused: s.refused, unreadable: s.unreadable})
			}
		}
	case map[string]any:
		all = append(all, spoilObject(t, v)...)
	}
	return all
}

func spoilObject(t *testing.T, v map[string]any) []variant {
	t.Helper()
	names := slices.Sorted(maps.Keys(v))
	// with returns the object with the text of one field another; empty leaves it out.
	with := func(name, raw string) string {
		var fields []string
		for _, n := range names {
			switch {
			case n != name:
				fields = append(fields, fmt.Sprintf("%q:%s", n, encoded(t, v[n])))
			case raw != "":
				fields = append(fields, fmt.Sprintf("%q:%s", n, raw))
			}
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	more := `"unheardOf":{"a":[1,"x"]}}`
	if len(v) > 0 {
		more = "," + more
	}
	all := []variant{{what: "a field more", raw: strings.TrimSuffix(with("", ""), "}") + more}}
	for _, name := range names {
		own := encoded(t, v[name])
		all = append(all, variant{what: name + " missing", raw: with(name, "")}, variant{what: name + " twice", raw: with(name, own+fmt.Sprintf(",%q:%s", name, own)), refused: true})
		for _, s := range spoil(t, own) {
			all = append(all, variant{what: name + ": " + s.what, raw: with(name, s.raw), refused: s.refused, unreadable: s.unreadable})
		}
	}
	return all
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	raw, err := chat.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// wellFormed checks an error as any asker may meet it.
func wellFormed(t *testing.T, e *chat.Error, after string) {
	t.Helper()
	final := slices.Contains([]chat.Code{chat.CodeDenied, chat.CodeUnknown, chat.CodeInvalid, chat.CodeConflict}, e.Code)
	if !final && e.Code != chat.CodeBusy || e.Text == "" || len(e.Text) > 500 || (e.RetryAfterMs > 0) != (e.Code == chat.CodeBusy) ||
		e.Refusal != nil && e.Code != chat.CodeDenied || strings.ContainsAny(e.Text, "\x00\x1b\u202e") {
		t.Errorf("%.300s: is answered %+v", after, e)
	}
}

// witness knows what some people may know, to tell whether anything has changed.
type witness struct {
	t     *testing.T
	s     *rig.Server
	watch []*rig.Actor
	a, b  *rig.Actor // others, who only go on
	said  int
}

func newWitness(t *testing.T, s *rig.Server) *witness {
	w := &witness{t: t, s: s, a: s.As("stellan"), b: s.As("odile")}
	for _, name := range []string{"mira", "liam", "renata", "amparo", "ines"} {
		w.watch = append(w.watch, s.As(name))
	}
	return w
}

// picture returns all that the watching people see when they come anew, and what an administrator can look up.
func (w *witness) picture() string {
	w.t.Helper()
	var b strings.Builder
	for _, a := range w.watch {
		world := a.Fresh()
		fmt.Fprintf(&b, "== %s\n%s", a.Name, world.Render())
	}
	var list json.RawMessage
	w.watch[len(w.watch)-1].Do(chat.UserList, struct{}{}, &list)
	b.Write(bytes.ReplaceAll(list, []byte(`{"user"`), []byte("\n{\"user\"")))
	return b.String()
}

// same fails if the picture is not as before, and if the others' messages do not arrive any more.
func (w *witness) same(before, after string) {
	w.t.Helper()
	if now := w.picture(); now != before {
		is, was := strings.Split(now, "\n"), strings.Split(before, "\n")
		w.t.Errorf("after %s something has changed: %s", after, firstDifference(was, is))
	}
	w.said++
	text := fmt.Sprintf("after %s %d", after, w.said)
	w.a.Post(w.b.Name, text)
	w.b.ExpectText(text)
}
