package rig_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// raw is a socket without a client's good manners.
type raw struct {
	t    *testing.T
	conn *websocket.Conn
}

// open upgrades with this token and says nothing.
func open(t *testing.T, s *rig.Server, token string) *raw {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), wire.SocketURL(s.URL), &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}, Subprotocols: []string{wire.SubprotocolName}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(wire.MaxSnapshotBytes)
	t.Cleanup(func() { conn.CloseNow() })
	return &raw{t, conn}
}

// greeted opens and says hello.
func greeted(t *testing.T, s *rig.Server, token string) *raw {
	t.Helper()
	r := open(t, s, token)
	r.send(`{"id":1,"do":"hello","args":{"protocol":1,"device":{"id":"0190a6c2-0000-7000-8000-000000000001","kind":"browser","name":"raw"}}}`)
	if a := r.answer(1); a.Error != nil {
		t.Fatalf("hello: %v", a.Error)
	}
	return r
}

func (r *raw) send(frame string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	if err := r.conn.Write(ctx, websocket.MessageText, []byte(frame)); err != nil {
		r.t.Fatalf("send %.60q: %v", frame, err)
	}
}

// next reads a frame.
func (r *raw) next() (wire.Frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	_, data, err := r.conn.Read(ctx)
	if err != nil {
		return wire.Frame{}, err
	}
	return wire.DecodeFrame(data)
}

// answer reads until the answer to request id. 0 stands for an answer to a request whose id could not be read.
func (r *raw) answer(id int64) wire.Frame {
	r.t.Helper()
	for {
		f, err := r.next()
		if err != nil {
			r.t.Fatalf("waiting for answer %d: %v", id, err)
		}
		if f.Re == id && (f.OK != nil || f.Error != nil) {
			return f
		}
	}
}

// closed reads until the server closes and returns its code.
func (r *raw) closed() websocket.StatusCode {
	r.t.Helper()
	for {
		if _, err := r.next(); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				r.t.Fatal("the server did not close")
			}
			return websocket.CloseStatus(err)
		}
	}
}

// healthy returns a check that two others can still talk.
func healthy(t *testing.T, s *rig.Server) func() {
	liam, amparo := s.As("liam"), s.As("amparo")
	n := 0
	return func() {
		t.Helper()
		n++
		liam.Post("amparo", fmt.Sprintf("still there? %d", n))
		amparo.ExpectText(fmt.Sprintf("still there? %d", n))
	}
}

func TestSocket_badFrames(t *testing.T) {
	s := rig.Start(t)
	check := healthy(t, s)
	token := s.SignIn("mira").Token
	for _, tc := range []struct {
		name, frame string
		id          int64
		code        chat.Code
	}{
		{"not JSON", `hello there`, 0, chat.CodeInvalid},
		{"a list", `[1,2,3]`, 0, chat.CodeInvalid},
		{"no id", `{"do":"ping"}`, 0, chat.CodeInvalid},
		{"an id past 2^53", `{"id":9007199254740993,"do":"ping"}`, 0, chat.CodeInvalid},
		{"no command", `{"id":5}`, 5, chat.CodeInvalid},
		{"100,000 levels", strings.Repeat(`[`, 100_000), 0, chat.CodeInvalid},
		{"65 levels in the arguments", `{"id":5,"do":"ping","args":` + strings.Repeat(`[`, 65) + strings.Repeat(`]`, 65) + `}`, 5, chat.CodeInvalid},
		{"unknown command", `{"id":5,"do":"message.eat","args":{}}`, 5, chat.CodeUnknown},
		{"a command of the replica", `{"id":5,"do":"replica.signIn","args":{}}`, 5, chat.CodeUnknown},
		{"arguments of another form", `{"id":5,"do":"message.post","args":[]}`, 5, chat.CodeInvalid},
		{"a number for a text", `{"id":5,"do":"message.post","args":{"text":1}}`, 5, chat.CodeInvalid},
		{"no arguments", `{"id":5,"do":"message.post"}`, 5, chat.CodeInvalid},
		{"a message id that is none", `{"id":5,"do":"message.post","args":{"id":"1; drop table message","conversationId":"d.a.b","text":"x"}}`, 5, chat.CodeInvalid},
		{"a huge number", `{"id":5,"do":"history.load","args":{"beforeN":1e300}}`, 5, chat.CodeInvalid},
		{"an unknown status", `{"id":5,"do":"status.set","args":{"state":"asleep"}}`, 5, chat.CodeInvalid},
		{"a status reason of 1 KB", `{"id":5,"do":"status.set","args":{"state":"break","reason":"` + strings.Repeat("z", 1000) + `"}}`, 5, chat.CodeInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := greeted(t, s, token)
			r.send(tc.frame)
			for {
				f, err := r.next()
				if err != nil {
					t.Fatalf("the connection ended: %v", err)
				}
				if f.Error == nil || f.Re != tc.id {
					continue
				}
				if f.Error.Code != tc.code || f.Error.Text == "" {
					t.Errorf("answered %+v", f.Error)
				}
				break
			}
			r.send(`{"id":6,"do":"ping"}`)
			if a := r.answer(6); a.Error != nil {
				t.Errorf("afterwards: %v", a.Error)
			}
			check()
		})
	}
}

func TestSocket_fatalFrames(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{HelloTimeout: 200 * time.Millisecond}))
	check := healthy(t, s)
	token := s.SignIn("mira").Token
	for _, tc := range []struct {
		name  string
		greet bool
		play  func(r *raw)
		code  websocket.StatusCode
	}{
		{"too large", true, func(r *raw) {
			r.send(`{"id":2,"do":"ping","args":"` + strings.Repeat("x", wire.MaxRequestBytes) + `"}`)
		}, websocket.StatusMessageTooBig},
		{"endless fragments", true, func(r *raw) {
			w, err := r.conn.Writer(r.t.Context(), websocket.MessageText)
			for err == nil {
				_, err = w.Write(bytes.Repeat([]byte("x"), 8<<10))
			}
		}, websocket.StatusMessageTooBig},
		{"binary", true, func(r *raw) {
			_ = r.conn.Write(r.t.Context(), websocket.MessageBinary, []byte(`{"id":2,"do":"ping"}`))
		}, websocket.StatusUnsupportedData},
		{"invalid UTF-8", true, func(r *raw) { r.send("{\"id\":2,\"do\":\"ping\",\"args\":\"\xc3\x28\"}") }, websocket.StatusInvalidFramePayloadData},
		{"hello twice", true, func(r *raw) {
			r.send(`{"id":2,"do":"hello","args":{"protocol":1,"device":{"id":"d","kind":"browser","name":"raw"}}}`)
		}, wire.CloseProtocol},
		{"a command before hello", false, func(r *raw) { r.send(`{"id":2,"do":"user.list"}`) }, wire.CloseProtocol},
		{"another protocol", false, func(r *raw) { r.send(`{"id":2,"do":"hello","args":{"protocol":99}}`) }, wire.CloseProtocol},
		{"no hello in time", false, func(*raw) {}, wire.CloseProtocol},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := open(t, s, token)
			if tc.greet {
				r = greeted(t, s, token)
			}
			tc.play(r)
			if got := r.closed(); got != tc.code {
				t.Errorf("closed with %d, want %d", got, tc.code)
			}
			check()
		})
	}
}

func TestSocket_floodIsAnsweredBusy(t *testing.T) {
	s := rig.Start(t)
	check := healthy(t, s)
	r := greeted(t, s, s.SignIn("mira").Token)
	const flood = 3 * wire.RequestBurst
	go func() {
		for i := range flood {
			if r.conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `{"id":%d,"do":"ping"}`, i+10)) != nil {
				return
			}
		}
	}()
	busy, answered := 0, 0
	for busy+answered < flood {
		f, err := r.next()
		switch {
		case err != nil:
			t.Fatalf("the connection ended: %v", err)
		case f.Error != nil && (f.Error.Code != chat.CodeBusy || f.Error.RetryAfterMs <= 0):
			t.Fatalf("answered %+v", f.Error)
		case f.Error != nil:
			busy++
		case f.Re != 0:
			answered++
		}
	}
	if busy == 0 || answered < wire.RequestBurst {
		t.Errorf("of %d requests %d were answered, %d refused as too many", flood, answered, busy)
	}
	check()
}

func TestUpgrade_refusals(t *testing.T) {
	s := rig.Start(t)
	check := healthy(t, s)
	token := s.SignIn("mira").Token
	cookie := cookieOf(t, s, "mira")
	host := strings.TrimPrefix(s.URL, "http://")
	for _, tc := range []struct {
		name   string
		header http.Header
		offer  []string
		status int // 101: admitted
	}{
		{"nothing shown", nil, nil, 401},
		{"a wrong token", http.Header{"Authorization": {"Bearer " + token + "x"}}, nil, 401},
		{"an empty token", http.Header{"Authorization": {"Bearer "}}, nil, 401},
		{"another scheme", http.Header{"Authorization": {"Basic " + token}}, nil, 401},
		{"the token", http.Header{"Authorization": {"Bearer " + token}}, nil, 101},
		{"the token as a subprotocol", nil, []string{wire.TokenPrefix + token}, 101},
		{"a wrong token as a subprotocol", nil, []string{wire.TokenPrefix + "x" + token}, 401},
		{"the cookie from its own page", http.Header{"Cookie": {cookie}, "Origin": {s.URL}}, nil, 101},
		{"the cookie from a foreign page", http.Header{"Cookie": {cookie}, "Origin": {"http://evil.example"}}, nil, 403},
		{"the cookie from no page", http.Header{"Cookie": {cookie}, "Origin": {"null"}}, nil, 403},
		{"the cookie from a look-alike", http.Header{"Cookie": {cookie}, "Origin": {s.URL + ".evil.example"}}, nil, 403},
		{"the cookie from another scheme", http.Header{"Cookie": {cookie}, "Origin": {"https://" + host}}, nil, 403},
		{"the cookie from another port", http.Header{"Cookie": {cookie}, "Origin": {"http://127.0.0.1:1"}}, nil, 403},
		{"the token from a foreign page", http.Header{"Authorization": {"Bearer " + token}, "Origin": {"http://evil.example"}}, nil, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn, resp, err := websocket.Dial(t.Context(), wire.SocketURL(s.URL), &websocket.DialOptions{HTTPHeader: tc.header,
				Subprotocols: append([]string{wire.SubprotocolName}, tc.offer...), CompressionMode: websocket.CompressionContextTakeover})
			if resp == nil || resp.StatusCode != tc.status {
				t.Fatalf("answered %+v, %v", resp, err)
			}
			if err != nil {
				return
			}
			defer conn.CloseNow()
			if conn.Subprotocol() != wire.SubprotocolName {
				t.Errorf("selected %q", conn.Subprotocol())
			}
			if ext := resp.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
				t.Errorf("compression was agreed on: %q", ext)
			}
		})
	}
	check()
}

// cookieOf signs in as a page does and returns the cookie.
func cookieOf(t *testing.T, s *rig.Server, name string) string {
	t.Helper()
	body, err := json.Marshal(wire.SignInArgs{Name: name, Password: rig.PasswordOf(name), Cookie: true})
	if err != nil {
		t.Fatal(err)
	}
	resp, text := send(t, http.MethodPost, s.URL+wire.PathSignIn, http.Header{"Content-Type": {"application/json"}, "Origin": {s.URL}}, string(body))
	if resp.StatusCode != 200 || len(resp.Cookies()) != 1 || strings.Contains(text, "token") {
		t.Fatalf("sign-in with a cookie answered %d %s %v", resp.StatusCode, text, resp.Cookies())
	}
	c := resp.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
		t.Errorf("the cookie is %+v", c)
	}
	return c.Name + "=" + c.Value
}

func send(t *testing.T, method, url string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestSignIn_badInput(t *testing.T) {
	s := rig.Start(t)
	check := healthy(t, s)
	jsonBody := http.Header{"Content-Type": {"application/json"}}
	for _, tc := range []struct {
		name, method, body string
		header             http.Header
		status             int
		code               chat.Code
	}{
		{"not JSON", "POST", `name=mira`, jsonBody, 400, chat.CodeInvalid},
		{"empty", "POST", ``, jsonBody, 400, chat.CodeInvalid},
		{"a number for a name", "POST", `{"name":1,"password":"x"}`, jsonBody, 400, chat.CodeInvalid},
		{"deep", "POST", strings.Repeat(`{"a":`, 3000), jsonBody, 400, chat.CodeInvalid},
		{"invalid UTF-8", "POST", "{\"name\":\"\xff\",\"password\":\"x\"}", jsonBody, 400, chat.CodeInvalid},
		{"too large", "POST", `{"name":"` + strings.Repeat("m", 20_000) + `","password":"x"}`, jsonBody, 413, chat.CodeInvalid},
		{"a form", "POST", `name=mira&password=x`, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, 415, chat.CodeInvalid},
		{"JSON as plain text", "POST", `{"name":"mira","password":"x"}`, http.Header{"Content-Type": {"text/plain"}}, 415, chat.CodeInvalid},
		{"GET", "GET", ``, nil, 405, chat.CodeInvalid},
		{"wrong password", "POST", `{"name":"mira","password":"x"}`, jsonBody, 401, chat.CodeDenied},
		{"nobody of that name", "POST", `{"name":"nobody","password":"x"}`, jsonBody, 401, chat.CodeDenied},
		{"cookie for a foreign page", "POST", `{"name":"mira","password":"` + rig.PasswordOf("mira") + `","cookie":true}`,
			http.Header{"Content-Type": {"application/json"}, "Origin": {"http://evil.example"}}, 403, chat.CodeDenied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp, text := send(t, tc.method, s.URL+wire.PathSignIn, tc.header, tc.body)
			var body struct{ Error *chat.Error }
			if resp.StatusCode != tc.status {
				t.Fatalf("answered %d %s", resp.StatusCode, text)
			}
			if err := json.Unmarshal([]byte(text), &body); err != nil || body.Error == nil || body.Error.Code != tc.code || body.Error.Text == "" {
				t.Errorf("answered %s", text)
			}
			check()
		})
	}
	_, wrong := send(t, "POST", s.URL+wire.PathSignIn, jsonBody, `{"name":"mira","password":"x"}`)
	_, nobody := send(t, "POST", s.URL+wire.PathSignIn, jsonBody, `{"name":"nobody","password":"x"}`)
	_, long := send(t, "POST", s.URL+wire.PathSignIn, jsonBody, `{"name":"mira","password":"`+strings.Repeat("p", 15_000)+`"}`)
	if wrong != nobody || wrong != long {
		t.Errorf("wrong password, nobody and a long password are told apart:\n%s\n%s\n%s", wrong, nobody, long)
	}
}

// TestSignIn_guessingIsThrottled guesses at mira's account: that is slowed down, and she gets in where she was before.
func TestSignIn_guessingIsThrottled(t *testing.T) {
	s := rig.Start(t)
	device := chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "mira's own"}
	args := wire.SignInArgs{Name: "mira", Password: rig.PasswordOf("mira"), Device: &device}
	if _, err := wire.SignIn(t.Context(), nil, s.URL, args); err != nil {
		t.Fatal(err)
	}
	var refused *wire.RefusedError
	for range 200 {
		_, err := wire.SignIn(t.Context(), nil, s.URL, wire.SignInArgs{Name: "mira", Password: "guess"})
		if !errors.As(err, &refused) {
			t.Fatalf("a guess answered %v", err)
		}
		if refused.Status == http.StatusTooManyRequests {
			break
		}
	}
	if refused.Status != http.StatusTooManyRequests || refused.RetryAfter <= 0 || refused.Answer.Code != chat.CodeBusy {
		t.Fatalf("after 200 guesses: %+v", refused)
	}
	if _, err := wire.SignIn(t.Context(), nil, s.URL, args); err != nil {
		t.Errorf("mira cannot sign in on her own device: %v", err)
	}
}

func TestSession_routes(t *testing.T) {
	s := rig.Start(t)
	session := s.SignIn("mira")
	bearer := http.Header{"Authorization": {"Bearer " + session.Token}}
	resp, text := send(t, "GET", s.URL+wire.PathSession, bearer, "")
	if resp.StatusCode != 200 || !strings.Contains(text, string(session.SessionID)) || !strings.Contains(text, string(session.UserID)) {
		t.Errorf("the session is %d %s", resp.StatusCode, text)
	}
	r := greeted(t, s, session.Token)
	if err := wire.SignOut(t.Context(), nil, s.URL, session.Token); err != nil {
		t.Error(err)
	}
	if got := r.closed(); got != wire.CloseSignedOut {
		t.Errorf("at sign-out the socket closed with %d", got)
	}
	if resp, text = send(t, "GET", s.URL+wire.PathSession, bearer, ""); resp.StatusCode != 401 || !strings.Contains(text, string(chat.CodeSignedOut)) {
		t.Errorf("afterwards the session is %d %s", resp.StatusCode, text)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if resp, text := send(t, "GET", s.URL+path, nil, ""); resp.StatusCode != 200 {
			t.Errorf("%s answers %d %s", path, resp.StatusCode, text)
		}
	}
}
