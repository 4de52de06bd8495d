package server_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
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

// plug is a bare WebSocket: it says whatever a test wants.
type plug struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens the socket with headers given as pairs; the error is that of a refused upgrade.
func dial(t *testing.T, s *rig.Server, headers ...string) (*plug, *http.Response, error) {
	t.Helper()
	h, offered := http.Header{}, []string{wire.SubprotocolName}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Sec-WebSocket-Protocol" {
			offered = append(offered, headers[i+1])
			continue
		}
		h.Add(headers[i], headers[i+1])
	}
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, wire.SocketURL(s.URL), &websocket.DialOptions{HTTPHeader: h, Subprotocols: offered})
	if err != nil {
		return nil, resp, err
	}
	conn.SetReadLimit(wire.MaxSnapshotBytes)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &plug{t, conn}, resp, nil
}

// plugIn opens a socket as one of the cast, in a session of its own, without hello.
func plugIn(t *testing.T, s *rig.Server, name string) *plug {
	t.Helper()
	p, _, err := dial(t, s, "Authorization", "Bearer "+s.SignIn(name).Token)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *plug) send(kind websocket.MessageType, data string) {
	p.t.Helper()
	if err := p.write(kind, data); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plug) write(kind websocket.MessageType, data string) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), rig.Patience)
	defer cancel()
	return p.conn.Write(ctx, kind, []byte(data))
}

// next returns the next frame; the error is how the connection ended.
func (p *plug) next() (wire.Frame, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), rig.Patience)
	defer cancel()
	_, data, err := p.conn.Read(ctx)
	if err != nil {
		return wire.Frame{}, err
	}
	return wire.DecodeFrame(data)
}

// answer returns the answer to request re, passing over all that is no answer to another.
func (p *plug) answer(re int64) wire.Frame {
	p.t.Helper()
	for {
		f, err := p.next()
		if err != nil {
			p.t.Fatalf("instead of an answer to %d: %v", re, err)
		}
		if f.Re == re && (f.OK != nil || f.Error != nil) {
			return f
		}
	}
}

// closed reads until the connection ends and returns its close code.
func (p *plug) closed() websocket.StatusCode {
	p.t.Helper()
	for {
		if _, err := p.next(); err != nil {
			var c websocket.CloseError
			if !errors.As(err, &c) {
				p.t.Errorf("the connection ended without a code: %v", err)
			}
			return c.Code
		}
	}
}

const helloArgs = `{"protocol":1,"device":{"id":"0190b1c2-0000-7000-8000-0000000000d1","kind":"desktop","name":"plug"}}`

func (p *plug) hello() {
	p.t.Helper()
	p.send(websocket.MessageText, `{"id":1,"do":"hello","args":`+helloArgs+`}`)
	if f := p.answer(1); f.Error != nil {
		p.t.Fatalf("hello: %v", f.Error)
	}
}

// alive fails unless the socket still answers.
func (p *plug) alive() {
	p.t.Helper()
	p.send(websocket.MessageText, `{"id":999,"do":"ping"}`)
	if f := p.answer(999); f.Error != nil {
		p.t.Errorf("ping: %v", f.Error)
	}
}

// bystanders are two people in a conversation, who must notice nothing of what others do.
type bystanders struct{ mira, tomas *rig.Actor }

func among(s *rig.Server) bystanders {
	b := bystanders{s.As("renata"), s.As("tomas")}
	b.mira.Post("tomas", "before")
	b.tomas.ExpectText("before")
	return b
}

func (b bystanders) undisturbed(t *testing.T, what string) {
	t.Helper()
	text := "after " + what
	b.tomas.Post("renata", text)
	b.mira.ExpectText(text)
	if b.mira.Failed() || b.tomas.Failed() {
		t.Fatalf("others are disturbed by: %s", what)
	}
}

// TestBadInput_answered: malformed requests are answered with an error, by their id where it can be read, and the
// connection goes on (security.md C4).
func TestBadInput_answered(t *testing.T) {
	s := rig.Start(t)
	others := among(s)
	p := plugIn(t, s, "mira")
	p.hello()
	tests := []struct {
		name, frame string
		re          int64
		code        chat.Code
	}{
		{"no JSON", `hello`, 0, chat.CodeInvalid},
		{"nothing", ``, 0, chat.CodeInvalid},
		{"half an object", `{"id":2,"do":"ping"`, 0, chat.CodeInvalid},
		{"two objects", `{"id":2,"do":"ping"}{"id":3,"do":"ping"}`, 0, chat.CodeInvalid},
		{"an array", `[{"id":2,"do":"ping"}]`, 0, chat.CodeInvalid},
		{"a string for the id", `{"id":"2","do":"ping"}`, 0, chat.CodeInvalid},
		{"no id", `{"do":"ping"}`, 0, chat.CodeInvalid},
		{"id zero", `{"id":0,"do":"ping"}`, 0, chat.CodeInvalid},
		{"a negative id", `{"id":-1,"do":"ping"}`, 0, chat.CodeInvalid},
		{"an id beyond 2^53", `{"id":9007199254740993,"do":"ping"}`, 0, chat.CodeInvalid},
		{"an id beyond 2^64", `{"id":99999999999999999999,"do":"ping"}`, 0, chat.CodeInvalid},
		{"no command", `{"id":4}`, 4, chat.CodeInvalid},
		{"100,000 levels", `{"id":5,"do":"ping","args":` + strings.Repeat("[", 100_000) + `}`, 0, chat.CodeInvalid},
		{"an unknown command", `{"id":6,"do":"server.halt"}`, 6, chat.CodeUnknown},
		{"a command of the replica", `{"id":7,"do":"replica.signOut"}`, 7, chat.CodeUnknown},
		{"arguments of wrong types", `{"id":8,"do":"history.load","args":{"conversationId":5}}`, 8, chat.CodeInvalid},
		{"arguments that are a list", `{"id":9,"do":"history.load","args":[]}`, 9, chat.CodeInvalid},
		{"numbers out of range", `{"id":10,"do":"history.load","args":{"conversationId":"` + string(s.Direct("mira", "liam")) + `","beforeN":1e300,"limit":1}}`, 10, chat.CodeInvalid},
		{"a page too large", `{"id":11,"do":"history.load","args":{"conversationId":"` + string(s.Direct("mira", "liam")) + `","beforeN":0,"limit":100000}}`, 11, chat.CodeInvalid},
		{"an id that is none", `{"id":12,"do":"message.post","args":{"id":"../../etc","conversationId":"` + string(s.Direct("mira", "liam")) + `","text":"x"}}`, 12, chat.CodeInvalid},
		{"a conversation that is none", `{"id":13,"do":"message.post","args":{"id":"` + chat.NewUUID() + `","conversationId":"d.x.y","text":"x"}}`, 13, chat.CodeUnknown},
		{"control characters", `{"id":14,"do":"message.post","args":{"id":"` + chat.NewUUID() + `","conversationId":"` + string(s.Direct("mira", "liam")) + `","text":"a\u0000b"}}`, 14, chat.CodeInvalid},
		{"a name twice", `{"id":16,"do":"x","do":"ping"}`, 16, chat.CodeInvalid},
		{"a name twice in the arguments", `{"id":17,"do":"history.load","args":{"limit":1,"limit":2}}`, 17, chat.CodeInvalid},
		{"a command by name of a right one", `{"id":15,"do":"user.list"}`, 15, chat.CodeDenied},
	}
	for _, tt := range tests {
		p.send(websocket.MessageText, tt.frame)
		f := p.refusal()
		if f.Re != tt.re || f.Error == nil || f.Error.Code != tt.code || f.Error.Text == "" {
			t.Errorf("%s: answered %d %v", tt.name, f.Re, f.Error)
		}
		if strings.Contains(fmt.Sprint(f.Error), "json:") || strings.Contains(fmt.Sprint(f.Error), "goroutine") {
			t.Errorf("%s: the insides show: %v", tt.name, f.Error)
		}
		p.alive()
		others.undisturbed(t, tt.name)
	}
	// What is merely unusual is no error.
	for _, frame := range []string{
		`{"id":20,"do":"ping","args":null}`, `{"id":20,"do":"ping","args":{"more":1},"extra":[1,2,3]}`, ` {"id":20,"do":"ping"} `,
	} {
		p.send(websocket.MessageText, frame)
		if f := p.answer(20); f.Error != nil {
			t.Errorf("%s: %v", frame, f.Error)
		}
	}
}

// refusal returns the next frame that is an error, whichever request it answers.
func (p *plug) refusal() wire.Frame {
	p.t.Helper()
	for {
		f, err := p.next()
		if err != nil {
			p.t.Fatalf("instead of a refusal: %v", err)
		}
		if f.Error != nil || f.OK != nil {
			return f
		}
	}
}

// TestBadInput_closes: what breaks the rules of the socket itself ends that connection with its code, and no other.
func TestBadInput_closes(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{HelloTimeout: 300 * time.Millisecond}))
	others := among(s)
	type frame struct {
		kind websocket.MessageType
		data string
	}
	text, binary := websocket.MessageText, websocket.MessageBinary
	tests := []struct {
		name   string
		hello  bool
		frames []frame
		code   websocket.StatusCode
	}{
		{"binary", true, []frame{{binary, `{"id":2,"do":"ping"}`}}, 1003},
		{"binary before hello", false, []frame{{binary, `x`}}, 1003},
		{"invalid UTF-8", true, []frame{{text, "{\"id\":2,\"do\":\"p\xff\"}"}}, 1007},
		{"a lone surrogate half in bytes", true, []frame{{text, "{\"id\":2,\"do\":\"\xed\xa0\x80\"}"}}, 1007},
		{"too large", true, []frame{{text, `{"id":2,"do":"ping","args":"` + strings.Repeat("x", wire.MaxRequestBytes) + `"}`}}, 1009},
		{"no hello", false, []frame{{text, `{"id":1,"do":"ping"}`}}, wire.CloseProtocol},
		{"a post before hello", false, []frame{{text, `{"id":1,"do":"message.post","args":{}}`}}, wire.CloseProtocol},
		{"hello twice", true, []frame{{text, `{"id":2,"do":"hello","args":` + helloArgs + `}`}}, wire.CloseProtocol},
		{"another protocol", false, []frame{{text, `{"id":1,"do":"hello","args":{"protocol":2}}`}}, wire.CloseProtocol},
		{"no protocol", false, []frame{{text, `{"id":1,"do":"hello"}`}}, wire.CloseProtocol},
		{"silence", false, nil, wire.CloseProtocol},
		{"only nonsense", false, []frame{{text, `{}`}}, wire.CloseProtocol},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plugIn(t, s, "mira")
			if tt.hello {
				p.hello()
			}
			for _, f := range tt.frames {
				_ = p.write(f.kind, f.data) // the server may close while a large frame is still under way
			}
			if code := p.closed(); code != tt.code {
				t.Errorf("closed with %d, want %d", code, tt.code)
			}
			others.undisturbed(t, tt.name)
		})
	}
}

// TestHello_refused: a hello that is refused may be said again, right.
func TestHello_again(t *testing.T) {
	s := rig.Start(t)
	p := plugIn(t, s, "mira")
	p.send(websocket.MessageText, `{"id":1,"do":"hello","args":{"protocol":"one"}}`)
	if f := p.answer(1); f.Error == nil || f.Error.Code != chat.CodeInvalid {
		t.Fatalf("%+v", f)
	}
	p.hello()
	p.alive()
}

// TestHello_answerFirst is rule 1 of PROTOCOL.md section 2: the answer, then a reset, then rights if any, then presence.
func TestHello_answerFirst(t *testing.T) {
	s := rig.Start(t)
	signed := s.SignIn("mira")
	p, resp, err := dial(t, s, "Authorization", "Bearer "+signed.Token)
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Sec-WebSocket-Protocol"); got != wire.SubprotocolName {
		t.Errorf("the subprotocol is %q", got)
	}
	p.send(websocket.MessageText, `{"id":7,"do":"hello","args":`+helloArgs+`}`)
	var hello chat.HelloAnswer
	f, err := p.next()
	if err != nil || f.Re != 7 || json.Unmarshal(f.OK, &hello) != nil || hello.UserID != s.ID("mira") || hello.SessionID != signed.SessionID {
		t.Fatalf("the first frame is %+v, %v", f, err)
	}
	f, err = p.next()
	if err != nil || f.Reset == nil || f.Reset.Reason != chat.ResetFirst || f.Reset.Cursor == "" {
		t.Fatalf("the second frame is %+v, %v", f, err)
	}
	for {
		f, err = p.next()
		if err != nil || f.Events != nil || f.Re != 0 {
			t.Fatalf("before presence came %+v, %v", f, err)
		}
		if len(f.Signals) > 0 {
			break
		}
	}
	if f.Signals[0].Type != chat.SignalPresenceAll {
		t.Errorf("the first signal is %s", f.Signals[0].Type)
	}
}

// TestSocket_origins is security.md C1: with a valid cookie only the server's own origin is let in.
func TestSocket_origins(t *testing.T) {
	s := rig.Start(t)
	cookie := "parley=" + s.SignIn("mira").Token
	for name, origin := range foreignOrigins(s.URL) {
		_, resp, err := dial(t, s, append([]string{"Cookie", cookie}, origin...)...)
		if err == nil || resp == nil || resp.StatusCode != 403 {
			t.Errorf("origin %s: %v, %v", name, resp, err)
		}
		if name == "none" {
			continue
		}
		if _, resp, err := dial(t, s, append([]string{"Authorization", "Bearer " + s.SignIn("mira").Token}, origin...)...); err == nil || resp == nil || resp.StatusCode != 403 {
			t.Errorf("with a token, origin %s: %v, %v", name, resp, err)
		}
	}
	p, _, err := dial(t, s, "Cookie", cookie, "Origin", s.URL)
	if err != nil {
		t.Fatalf("own origin: %v", err)
	}
	p.hello()
	p.alive()
}

// TestSocket_tokens: the three ways to show a token, in their order; nothing else opens a socket.
func TestSocket_tokens(t *testing.T) {
	s := rig.Start(t)
	good, bad := s.SignIn("mira").Token, strings.Repeat("x", 43)
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"bearer", []string{"Authorization", "Bearer " + good}, 101},
		{"bearer in other case", []string{"Authorization", "bearer " + good}, 101},
		{"subprotocol", []string{"Sec-WebSocket-Protocol", wire.TokenPrefix + good}, 101},
		{"cookie", []string{"Cookie", "parley=" + good, "Origin", s.URL}, 101},
		{"a bad bearer before a good cookie", []string{"Authorization", "Bearer " + bad, "Cookie", "parley=" + good, "Origin", s.URL}, 401},
		{"a bad subprotocol before a good cookie", []string{"Sec-WebSocket-Protocol", wire.TokenPrefix + bad, "Cookie", "parley=" + good, "Origin", s.URL}, 401},
		{"none", nil, 401},
		{"bad", []string{"Authorization", "Bearer " + bad}, 401},
		{"half", []string{"Authorization", "Bearer " + good[:20]}, 401},
		{"a long one", []string{"Authorization", "Bearer " + strings.Repeat(good, 100)}, 401},
	}
	for _, tt := range tests {
		p, resp, err := dial(t, s, tt.headers...)
		if resp == nil || resp.StatusCode != tt.status {
			t.Errorf("%s: %v, %v", tt.name, resp, err)
			continue
		}
		if got := resp.Header.Get("Sec-WebSocket-Protocol"); strings.Contains(got, wire.TokenPrefix) {
			t.Errorf("%s: the token is selected as a subprotocol", tt.name)
		}
		if p != nil {
			p.hello()
		}
	}
	plain := ask(t, http.DefaultClient, "GET", s.URL+wire.PathSocket, "", "Authorization", "Bearer "+good)
	if plain.status != 426 {
		t.Errorf("without an upgrade: %d", plain.status)
	}
}

// TestSocket_rate: beyond the rate commands answer busy, nothing is lost of those taken, and the socket goes on.
func TestSocket_rate(t *testing.T) {
	s := rig.Start(t)
	others := among(s)
	p := plugIn(t, s, "mira")
	p.hello()
	const n = 3 * wire.RequestBurst
	go func() {
		for i := range n {
			if p.write(websocket.MessageText, fmt.Sprintf(`{"id":%d,"do":"ping"}`, 1000+i)) != nil {
				return // the reader below says why
			}
		}
	}()
	busy := 0
	for range n {
		f := p.refusal()
		if f.Error == nil {
			continue
		}
		busy++
		if f.Error.Code != chat.CodeBusy || f.Error.RetryAfterMs <= 0 || f.Re < 1000 {
			t.Fatalf("answered %d %v", f.Re, f.Error)
		}
	}
	if busy == 0 {
		t.Errorf("%d requests at once were all taken", n)
	}
	others.undisturbed(t, "a flood of requests")
	for {
		p.send(websocket.MessageText, `{"id":1,"do":"ping"}`)
		if p.refusal().Error == nil {
			break
		}
	}
}

// TestSocket_bounds: so many sockets of one user, and in all; one that leaves makes room.
func TestSocket_bounds(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{MaxSocketsPerUser: 2, MaxSockets: 3}))
	mira, tomas := s.SignIn("mira").Token, s.SignIn("tomas").Token
	open := func(token string) (*plug, int) {
		p, resp, err := dial(t, s, "Authorization", "Bearer "+token)
		if resp == nil {
			t.Fatal(err)
		}
		return p, resp.StatusCode
	}
	first, _ := open(mira)
	second, _ := open(mira)
	if _, status := open(mira); status != 503 {
		t.Errorf("a third of one user: %d", status)
	}
	third, status := open(tomas)
	if status != 101 {
		t.Errorf("another user's: %d", status)
	}
	if _, status := open(tomas); status != 503 {
		t.Errorf("a fourth in all: %d", status)
	}
	for _, p := range []*plug{first, second, third} {
		p.hello()
		p.alive()
	}
	_ = second.conn.Close(websocket.StatusNormalClosure, "")
	await(t, "room after one has left", func() bool {
		p, status := open(mira)
		return p != nil && status == 101
	})
}

// await asks until holds, at most for rig.Patience.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(rig.Patience)
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// TestSocket_signOutCuts: the end of a session closes its sockets with 4100, whether they have said hello or not, and
// leaves the user's other sessions alone.
func TestSocket_signOutCuts(t *testing.T) {
	s := rig.Start(t)
	signed, other := s.SignIn("mira"), plugIn(t, s, "mira")
	other.hello()
	var mine []*plug
	for range 2 {
		p, _, err := dial(t, s, "Authorization", "Bearer "+signed.Token)
		if err != nil {
			t.Fatal(err)
		}
		mine = append(mine, p)
	}
	mine[0].hello()
	if r := ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignOut, "", "Authorization", "Bearer "+signed.Token); r.status != 204 {
		t.Fatalf("sign-out: %d %s", r.status, r.body)
	}
	if code := mine[0].closed(); code != wire.CloseSignedOut {
		t.Errorf("closed with %d", code)
	}
	mine[1].send(websocket.MessageText, `{"id":1,"do":"hello","args":`+helloArgs+`}`)
	if code := mine[1].closed(); code != wire.CloseSignedOut {
		t.Errorf("hello after the end: closed with %d", code)
	}
	other.alive()
	if _, resp, err := dial(t, s, "Authorization", "Bearer "+signed.Token); err == nil || resp.StatusCode != 401 {
		t.Errorf("the token still opens a socket: %v", err)
	}
}

// TestSocket_deactivationCuts is promise P6 and security.md B5: a deactivated user's sockets end, and no command of theirs
// is taken any more.
func TestSocket_deactivationCuts(t *testing.T) {
	s := rig.Start(t)
	p := plugIn(t, s, "ruben")
	p.hello()
	deactivate(s.As("ines"), "ruben")
	if code := p.closed(); code != wire.CloseSignedOut {
		t.Errorf("closed with %d", code)
	}
	if r := signIn(t, s, "ruben", rig.PasswordOf("ruben")); r.status != 401 {
		t.Errorf("sign-in afterwards: %d", r.status)
	}
}

// TestStop_graceful: at a stop every socket is told to come back, and what was answered before is kept.
func TestStop_graceful(t *testing.T) {
	s := rig.Start(t)
	fed, unfed := plugIn(t, s, "renata"), plugIn(t, s, "tomas")
	fed.hello()
	for i := range 20 {
		fed.send(websocket.MessageText, fmt.Sprintf(`{"id":%d,"do":"message.post","args":{"id":"%s","conversationId":"%s","text":"last words"}}`, 100+i, chat.NewUUID(), s.Direct("renata", "liam")))
	}
	fed.answer(119)
	codes := make(chan websocket.StatusCode, 2)
	for _, p := range []*plug{fed, unfed} {
		go func() { codes <- p.closed() }()
	}
	s.Stop()
	for range 2 {
		if code := <-codes; code != wire.CloseRestart {
			t.Errorf("closed with %d, want %d", code, wire.CloseRestart)
		}
	}
}

// TestSilentPeer: a connection that answers no ping is given up; nothing waits for it.
func TestSilentPeer(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{PingEvery: 20 * time.Millisecond, PingTimeout: 100 * time.Millisecond}))
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(rig.Patience)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n",
		wire.PathSocket, strings.TrimPrefix(s.URL, "http://"), base64.StdEncoding.EncodeToString(make([]byte, 16)), s.SignIn("mira").Token)
	in := bufio.NewReader(c)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatalf("%v, %v", resp, err)
	}
	rest, err := io.ReadAll(in)
	if err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the server still waits: %v", err)
	}
	if len(rest) < 2 || rest[0] != 0x89 {
		t.Errorf("before it gave up it sent % x, not a ping", rest)
	}
}

// TestOverlongPing and other control frames are the library's; that a ping is answered while a reader is busy is ours.
func TestPing_answeredBothWays(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{PingEvery: 10 * time.Millisecond}))
	p := plugIn(t, s, "mira")
	p.hello()
	frames := make(chan error, 1)
	go func() {
		for {
			if _, err := p.next(); err != nil {
				frames <- err
				return
			}
		}
	}()
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
		err := p.conn.Ping(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-frames:
		t.Errorf("the connection ended: %v", err)
	default:
	}
}
