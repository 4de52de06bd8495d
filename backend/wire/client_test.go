package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

func wireCode(n int) websocket.StatusCode { return websocket.StatusCode(n) }

// peer is the server's end of one socket, played by a test.
type peer struct {
	t    *testing.T
	conn *websocket.Conn
}

// serve starts a server whose sockets are played by script, and returns the socket's address.
func serve(t *testing.T, script func(p *peer)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":{"code":"signedOut","text":"Sign in first."}}`)
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wire.SubprotocolName}})
		if err != nil {
			t.Errorf("accept: %v", err)
			return
		}
		defer conn.CloseNow()
		conn.SetReadLimit(wire.MaxRequestBytes)
		script(&peer{t, conn})
	}))
	t.Cleanup(s.Close)
	return wire.SocketURL(s.URL) // any path will do for this server
}

func (p *peer) send(frames ...string) {
	for _, f := range frames {
		if err := p.conn.Write(context.Background(), websocket.MessageText, []byte(f)); err != nil {
			p.t.Errorf("peer writes: %v", err)
		}
	}
}

// request reads the next request, and false once the client is gone.
func (p *peer) request() (wire.Request, bool) {
	_, data, err := p.conn.Read(context.Background())
	if err != nil {
		return wire.Request{}, false
	}
	r, err := wire.ParseRequest(data)
	if err != nil {
		p.t.Errorf("the client sent %q: %v", data, err)
	}
	return r, true
}

// hello reads hello and answers it, then sends frames.
func (p *peer) hello(frames ...string) wire.Request {
	r, _ := p.request()
	p.send(fmt.Sprintf(`{"re":%d,"ok":{"userId":"u","sessionId":"s"}}`, r.ID))
	p.send(frames...)
	return r
}

// drain reads until the client is gone.
func (p *peer) drain() {
	for {
		if _, ok := p.request(); !ok {
			return
		}
	}
}

func dial(t *testing.T, url string, opts wire.DialOptions) *wire.Client {
	t.Helper()
	opts.URL, opts.Token = url, "secret"
	c, err := wire.Dial(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// ending waits for the client's end and returns why.
func ending(t *testing.T, c *wire.Client) *wire.CloseError {
	t.Helper()
	select {
	case <-c.Done():
	case <-t.Context().Done():
		t.Fatal("the client did not end")
	}
	var ce *wire.CloseError
	if !errors.As(c.Err(), &ce) {
		t.Fatalf("the client ended with %v", c.Err())
	}
	return ce
}

func TestDial_helloThenFramesInOrder(t *testing.T) {
	got := make(chan wire.Request, 1)
	url := serve(t, func(p *peer) {
		got <- p.hello(
			`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`,
			`{"rights":{"start":{}}}`,
			`{"weather":"fine"}`,
			`{"prev":"a","cursor":"b","events":[{"type":"team.changed"}]}`,
			`{"signals":[{"type":"presence.all"}]}`,
			`{"prev":"b","cursor":"c"}`)
		p.drain()
	})
	frames := make(chan wire.Frame, 10)
	c := dial(t, url, wire.DialOptions{
		Hello:  chat.HelloArgs{Device: chat.Device{ID: "d", Kind: chat.DeviceBrowser, Name: "test"}},
		Handle: func(f wire.Frame) error { frames <- f; return nil },
	})
	if c.Hello().UserID != "u" || c.Hello().SessionID != "s" {
		t.Errorf("hello answered %+v", c.Hello())
	}
	var hello chat.HelloArgs
	if r := <-got; r.Do != chat.Hello || json.Unmarshal(r.Args, &hello) != nil || hello.Protocol != chat.ProtocolVersion || hello.Device.Name != "test" {
		t.Errorf("hello came as %+v %s", r, r.Args)
	}
	var order []string
	for range 6 {
		f := <-frames
		order = append(order, fmt.Sprint(f.Reset != nil, f.Rights != nil, f.MovesCursor(), len(f.Signals), f.Cursor))
	}
	want := []string{"true false false 0", "false true false 0", "false false false 0", "false false true 0b", "false false false 1", "false false true 0c"}
	if !reflect.DeepEqual(order, want) {
		t.Errorf("frames came as\n%q, want\n%q", order, want)
	}
	c.Close()
	if c.Cursor() != "c" {
		t.Errorf("the cursor is %q, want c", c.Cursor())
	}
}

func TestDial_resumesFromItsCursor(t *testing.T) {
	url := serve(t, func(p *peer) { p.hello(`{"prev":"seven","cursor":"eight"}`); p.drain() })
	frames := make(chan wire.Frame, 1)
	c := dial(t, url, wire.DialOptions{Hello: chat.HelloArgs{Cursor: "seven"}, Handle: func(f wire.Frame) error { frames <- f; return nil }})
	<-frames
	c.Close()
	if c.Cursor() != "eight" {
		t.Errorf("the cursor is %q", c.Cursor())
	}
}

func TestDial_refusals(t *testing.T) {
	t.Run("before the upgrade", func(t *testing.T) {
		url := serve(t, func(*peer) {})
		_, err := wire.Dial(t.Context(), wire.DialOptions{URL: url, Token: "wrong"})
		var refused *wire.RefusedError
		if !errors.As(err, &refused) || refused.Status != 401 || refused.MayReturn() || chat.AsError(err).Code != chat.CodeSignedOut {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hello", func(t *testing.T) {
		url := serve(t, func(p *peer) {
			r, _ := p.request()
			p.send(fmt.Sprintf(`{"re":%d,"error":{"code":"invalid","text":"another protocol"}}`, r.ID))
			p.conn.Close(wire.CloseProtocol, "hello")
		})
		if _, err := wire.Dial(t.Context(), wire.DialOptions{URL: url, Token: "secret"}); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("got %v", err)
		}
	})
	t.Run("closed instead of an answer", func(t *testing.T) {
		url := serve(t, func(p *peer) { p.request(); p.conn.Close(wire.CloseRestart, "restart") })
		_, err := wire.Dial(t.Context(), wire.DialOptions{URL: url, Token: "secret"})
		var ce *wire.CloseError
		if !errors.As(err, &ce) || ce.Code != wire.CloseRestart || !ce.MayReturn() {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		if _, err := wire.Dial(t.Context(), wire.DialOptions{URL: "ws://127.0.0.1:1/"}); err == nil {
			t.Error("dialled a port where nobody listens")
		}
	})
	t.Run("the caller gives up", func(t *testing.T) {
		asked := make(chan bool)
		url := serve(t, func(p *peer) { p.request(); close(asked); p.drain() })
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-asked; cancel() }()
		if _, err := wire.Dial(ctx, wire.DialOptions{URL: url, Token: "secret"}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRequest_pairsAnswersInAnyOrder(t *testing.T) {
	url := serve(t, func(p *peer) {
		p.hello()
		var ids []int64
		for range 3 {
			r, _ := p.request()
			ids = append(ids, r.ID)
		}
		p.send(fmt.Sprintf(`{"re":%d,"ok":{"n":3}}`, ids[2]), `{"re":999,"ok":{}}`,
			fmt.Sprintf(`{"re":%d,"error":{"code":"denied","text":"no","refusal":{"gate":"personal","rule":"personal.startOff"}}}`, ids[1]),
			fmt.Sprintf(`{"re":%d,"ok":{"n":1}}`, ids[0]))
		p.drain()
	})
	c := dial(t, url, wire.DialOptions{})
	var calls []*wire.Call
	for range 3 {
		call, err := c.Begin(t.Context(), chat.MessagePost, chat.MessagePostArgs{Text: "hi"})
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
	}
	var first, third chat.MessagePostAnswer
	if err := calls[0].Wait(t.Context(), &first); err != nil || first.N != 1 {
		t.Errorf("first: %+v, %v", first, err)
	}
	if err := calls[2].Wait(t.Context(), &third); err != nil || third.N != 3 {
		t.Errorf("third: %+v, %v", third, err)
	}
	var e *chat.Error
	if err := calls[1].Wait(t.Context(), nil); !errors.As(err, &e) || e.Refusal == nil || e.Refusal.Rule != chat.RuleStartOff {
		t.Errorf("second: %v", err)
	}
}

// TestRequest_tooLarge: what a server would not read is refused here, and the connection goes on; how many bytes text takes in a
// frame does not depend on what an HTML page would make of it.
func TestRequest_tooLarge(t *testing.T) {
	got := make(chan wire.Request, 2)
	url := serve(t, func(p *peer) {
		p.hello()
		for {
			r, ok := p.request()
			if !ok {
				return
			}
			got <- r
			p.send(fmt.Sprintf(`{"re":%d,"ok":{}}`, r.ID))
		}
	})
	c := dial(t, url, wire.DialOptions{})
	var refusal *chat.Error
	if err := c.Request(t.Context(), chat.DraftSet, chat.DraftSetArgs{Text: strings.Repeat("x", wire.MaxRequestBytes)}, nil); !errors.As(err, &refusal) || refusal.Code != chat.CodeInvalid {
		t.Errorf("a request too large: %v", err)
	}
	args := chat.DraftSetArgs{Text: strings.Repeat("<>&", 20_000)}
	if err := c.Request(t.Context(), chat.DraftSet, args, nil); err != nil {
		t.Fatal(err)
	}
	if r := <-got; len(r.Args) > 61_000 || wire.DecodeArgs(r.Args, &args) != nil || args.Text != strings.Repeat("<>&", 20_000) {
		t.Errorf("the server got %d bytes: %.100s", len(r.Args), r.Args)
	}
}

func TestRequest_givenUpLeavesTheConnectionAlone(t *testing.T) {
	late := make(chan int64, 1)
	url := serve(t, func(p *peer) {
		p.hello()
		r, _ := p.request()
		late <- r.ID
		r, _ = p.request()
		p.send(fmt.Sprintf(`{"re":%d,"ok":{}}`, <-late), fmt.Sprintf(`{"re":%d,"ok":{}}`, r.ID))
		p.drain()
	})
	c := dial(t, url, wire.DialOptions{})
	call, err := c.Begin(t.Context(), chat.Ping, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := call.Wait(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("gave up with %v", err)
	}
	if _, err := c.Begin(ctx, chat.Ping, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("began with %v", err)
	}
	if err := c.Request(t.Context(), chat.Ping, nil, nil); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestClient_endings(t *testing.T) {
	for _, tc := range []struct {
		name      string
		play      func(p *peer)
		code      int
		cause     error
		mayReturn bool
	}{
		{"restart", func(p *peer) { p.conn.Close(wire.CloseRestart, "restart") }, 4000, nil, true},
		{"slow", func(p *peer) { p.conn.Close(wire.CloseSlow, "slow") }, 4001, nil, true},
		{"signed out", func(p *peer) { p.conn.Close(wire.CloseSignedOut, "signed out") }, 4100, nil, false},
		{"protocol", func(p *peer) { p.conn.Close(wire.CloseProtocol, "hello") }, 4101, nil, false},
		{"cut", func(p *peer) { p.conn.CloseNow() }, -1, nil, true},
		{"gap", func(p *peer) { p.send(`{"prev":"b","cursor":"c"}`); p.drain() }, -1, wire.ErrGap, true},
		{"binary", func(p *peer) { p.conn.Write(context.Background(), websocket.MessageBinary, []byte{1}); p.drain() }, -1, nil, true},
		{"not JSON", func(p *peer) { p.send(`hello there`); p.drain() }, -1, nil, true},
		{"invalid UTF-8", func(p *peer) { p.send("{\"prev\":\"\xff\"}"); p.drain() }, -1, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url := serve(t, func(p *peer) {
				p.hello(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`)
				p.request()
				tc.play(p)
			})
			c := dial(t, url, wire.DialOptions{})
			err := c.Request(t.Context(), chat.Ping, nil, nil)
			ce := ending(t, c)
			if !errors.Is(err, ce) {
				t.Errorf("the request under way ended with %v, the client with %v", err, ce)
			}
			if int(ce.Code) != tc.code || ce.MayReturn() != tc.mayReturn || tc.cause != nil && !errors.Is(ce, tc.cause) {
				t.Errorf("ended with %v (code %d, may return %v)", ce, ce.Code, ce.MayReturn())
			}
			if c.Cursor() != "a" {
				t.Errorf("the cursor is %q, want a", c.Cursor())
			}
			if _, err := c.Begin(t.Context(), chat.Ping, nil); !errors.Is(err, ce) {
				t.Errorf("a request after the end: %v", err)
			}
		})
	}
}

func TestClient_handlerErrorKeepsTheCursor(t *testing.T) {
	url := serve(t, func(p *peer) {
		p.hello(`{"reset":{"reason":"first","cursor":"a","snapshot":{}}}`, `{"prev":"a","cursor":"b"}`, `{"prev":"b","cursor":"c"}`)
		p.drain()
	})
	full := errors.New("disk full")
	c := dial(t, url, wire.DialOptions{Handle: func(f wire.Frame) error {
		if f.Cursor == "b" {
			return full
		}
		return nil
	}})
	if ce := ending(t, c); !errors.Is(ce, full) || !ce.MayReturn() {
		t.Errorf("ended with %v", ce)
	}
	if c.Cursor() != "a" {
		t.Errorf("the cursor is %q, want a", c.Cursor())
	}
}

func TestClient_closeAndCut(t *testing.T) {
	for name, end := range map[string]func(*wire.Client){"close": (*wire.Client).Close, "cut": (*wire.Client).Cut} {
		t.Run(name, func(t *testing.T) {
			saw := make(chan websocket.StatusCode, 1)
			url := serve(t, func(p *peer) {
				p.hello()
				_, _, err := p.conn.Read(context.Background())
				saw <- websocket.CloseStatus(err)
			})
			c := dial(t, url, wire.DialOptions{})
			end(c)
			if !errors.Is(c.Err(), wire.ErrClosed) {
				t.Errorf("ended with %v", c.Err())
			}
			if want := map[string]int{"close": 1000, "cut": -1}[name]; int(<-saw) != want {
				t.Errorf("the server did not see %d", want)
			}
			end(c) // again is harmless
		})
	}
}

func TestClient_silentServerIsGone(t *testing.T) {
	leave := make(chan bool)
	url := serve(t, func(p *peer) { p.hello(); <-leave }) // a peer that does not read answers no ping
	c := dial(t, url, wire.DialOptions{PingEvery: time.Millisecond, PingTimeout: 20 * time.Millisecond})
	ce := ending(t, c)
	close(leave)
	if !errors.Is(ce, wire.ErrSilent) || !ce.MayReturn() {
		t.Errorf("ended with %v", ce)
	}
}

func TestSignIn(t *testing.T) {
	var status int
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var args wire.SignInArgs
		if r.Method != "POST" || r.URL.Path != wire.PathSignIn || r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&args) != nil || args.Name != "mira" {
			t.Errorf("sign-in came as %s %s %+v", r.Method, r.URL, args)
		}
		if status == 429 {
			w.Header().Set("Retry-After", "7")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	defer s.Close()
	try := func(st int, b string) (wire.SignInAnswer, *wire.RefusedError, error) {
		status, body = st, b
		a, err := wire.SignIn(t.Context(), s.Client(), s.URL, wire.SignInArgs{Name: "mira", Password: "p"})
		var refused *wire.RefusedError
		errors.As(err, &refused)
		return a, refused, err
	}
	if a, _, err := try(200, `{"token":"t","userId":"u","sessionId":"s"}`); err != nil || a.Token != "t" || a.UserID != "u" || a.SessionID != "s" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, refused, err := try(401, `{"error":{"code":"denied","text":"Name or password is wrong."}}`); refused == nil || chat.AsError(err).Code != chat.CodeDenied || refused.MayReturn() {
		t.Errorf("401: %v", err)
	}
	if _, refused, err := try(429, `{"error":{"code":"busy","text":"Wait."}}`); refused == nil || refused.RetryAfter != 7*time.Second || !refused.MayReturn() || chat.AsError(err).Code != chat.CodeBusy {
		t.Errorf("429: %v", err)
	}
	if _, refused, err := try(502, `<html>`); refused == nil || !refused.MayReturn() || chat.AsError(err).Code != chat.CodeBusy {
		t.Errorf("502 of a proxy: %v", err)
	}
	if _, refused, err := try(200, `<html>welcome</html>`); err == nil || refused != nil {
		t.Errorf("a page that is not Parley: %v", err)
	}
}

func TestServerURL(t *testing.T) {
	for typed, want := range map[string]string{
		"parley.example.com":         "https://parley.example.com",
		" parley.example.com:8443/ ": "https://parley.example.com:8443",
		"http://127.0.0.1:8080":      "http://127.0.0.1:8080",
		"https://[::1]:8080":         "https://[::1]:8080",
		"":                           "",
		"https://":                   "",
		"ftp://parley.example.com":   "",
		"javascript:alert(1)":        "",
		"https://a:b@example.com":    "",
		"https://example.com/parley": "",
		"https://example.com/?x=1":   "",
		"https://example.com/#frag":  "",
		"parley example":             "",
		"http://[::1":                "",
	} {
		got, err := wire.ServerURL(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q gave %q, %v; want %q", typed, got, err, want)
		}
	}
	for base, want := range map[string]string{"http://127.0.0.1:80": "ws://127.0.0.1:80/v1/socket", "https://example.com": "wss://example.com/v1/socket"} {
		if got := wire.SocketURL(base); got != want {
			t.Errorf("%q gave %q", base, got)
		}
	}
}

func TestRefusedError_saysWhat(t *testing.T) {
	err := &wire.RefusedError{Status: 401, Answer: &chat.Error{Code: chat.CodeSignedOut, Text: "Sign in first."}}
	if !strings.Contains(err.Error(), "401") || !strings.Contains(err.Error(), "Sign in first.") {
		t.Errorf("says %q", err)
	}
}
