package replica

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

// upgrade is a request for the pages' socket that is right in everything, for tests to spoil.
func (d *desk) upgrade() *http.Request {
	d.t.Helper()
	url, token := d.r.Endpoint()
	q, err := http.NewRequest(http.MethodGet, "http"+strings.TrimPrefix(url, "ws"), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	q.Header.Set("Origin", "http://"+d.r.listen.host)
	q.Header.Set("Connection", "Upgrade")
	q.Header.Set("Upgrade", "websocket")
	q.Header.Set("Sec-WebSocket-Version", "13")
	q.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName+", "+wire.TokenPrefix+token)
	return q
}

// answer sends a request and returns all that comes back, but for the date.
func answer(t *testing.T, q *http.Request) (status int, text string) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	resp.Header.Del("Date")
	var b strings.Builder
	if err := resp.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		if _, err := io.Copy(&b, resp.Body); err != nil {
			t.Fatal(err)
		}
	}
	return resp.StatusCode, b.String()
}

func TestSocket_admitsThePage(t *testing.T) {
	d := newDesk(t)
	if status, text := answer(t, d.upgrade()); status != http.StatusSwitchingProtocols || strings.Contains(text, wire.TokenPrefix) {
		t.Errorf("answered %d %s", status, text)
	}
}

// Each spoils one thing; all must be refused before the upgrade, in the same words (security.md G6).
func TestSocket_refusesAlike(t *testing.T) {
	d := newDesk(t)
	host := d.r.listen.host
	_, port, _ := strings.Cut(host, ":")
	spoil := map[string]func(q *http.Request){
		"no origin":         func(q *http.Request) { q.Header.Del("Origin") },
		"null origin":       func(q *http.Request) { q.Header.Set("Origin", "null") },
		"foreign origin":    func(q *http.Request) { q.Header.Set("Origin", "https://evil.example") },
		"look-alike origin": func(q *http.Request) { q.Header.Set("Origin", "http://"+host+".evil.example") },
		"upper-case origin": func(q *http.Request) { q.Header.Set("Origin", "HTTP://"+host) },
		"other port":        func(q *http.Request) { q.Header.Set("Origin", "http://127.0.0.1:1") },
		"localhost origin":  func(q *http.Request) { q.Header.Set("Origin", "http://localhost:"+port) },
		"other scheme":      func(q *http.Request) { q.Header.Set("Origin", "https://"+host) },
		"two origins":       func(q *http.Request) { q.Header.Add("Origin", "https://evil.example") },
		"rebound host":      func(q *http.Request) { q.Host = "evil.example" },
		"host by name":      func(q *http.Request) { q.Host = "localhost:" + port },
		"no token":          func(q *http.Request) { q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName) },
		"wrong token": func(q *http.Request) {
			q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName+", "+wire.TokenPrefix+"x")
		},
		"empty token": func(q *http.Request) {
			q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName+", "+wire.TokenPrefix)
		},
		"token in address": func(q *http.Request) {
			q.URL.RawQuery = "token=" + d.r.listen.token
			q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName)
		},
		"no protocol":   func(q *http.Request) { q.Header.Set("Sec-WebSocket-Protocol", wire.TokenPrefix+d.r.listen.token) },
		"plain request": func(q *http.Request) { q.Header.Del("Upgrade") },
		"form post":     func(q *http.Request) { q.Method = http.MethodPost },
		"preflight": func(q *http.Request) {
			q.Method = http.MethodOptions
			q.Header.Set("Access-Control-Request-Method", "GET")
		},
		"page, rebound host": func(q *http.Request) { q.URL.Path = "/"; q.Host = "evil.example" },
		"page, post":         func(q *http.Request) { q.URL.Path = "/"; q.Method = http.MethodPost },
	}
	first := ""
	for name, f := range spoil {
		q := d.upgrade()
		f(q)
		status, text := answer(t, q)
		if status != http.StatusForbidden || strings.Contains(text, "Access-Control") {
			t.Errorf("%s: answered %d %s", name, status, text)
		}
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%s is refused in other words:\n%s\n%s", name, text, first)
		}
	}
}

func TestSocket_lastLaunchsTokenIsOfNoUse(t *testing.T) {
	d := newDesk(t)
	old := d.r.listen.token
	d.restart()
	q := d.upgrade()
	q.Header.Set("Sec-WebSocket-Protocol", wire.SubprotocolName+", "+wire.TokenPrefix+old)
	if status, _ := answer(t, q); status != http.StatusForbidden {
		t.Errorf("answered %d", status)
	}
}

func TestSocket_windowOriginIsAdmittedAlone(t *testing.T) {
	d := newDesk(t)
	d.stop()
	config := d.config()
	config.Assets, config.Origins = nil, []string{"wails://wails"}
	r, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d.r = r
	q := d.upgrade()
	if status, _ := answer(t, q); status != http.StatusForbidden {
		t.Errorf("without a page of its own, the listener's origin was answered %d", status)
	}
	q = d.upgrade()
	q.Header.Set("Origin", "wails://wails")
	if status, _ := answer(t, q); status != http.StatusSwitchingProtocols {
		t.Errorf("the window was answered %d", status)
	}
}

func TestListen_otherAddressesAreRefused(t *testing.T) {
	d := newDesk(t)
	d.stop()
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		config := d.config()
		config.Listen = address
		if r, err := Open(t.Context(), config); err == nil {
			r.Close()
			t.Errorf("listened on %s", address)
		}
	}
	d.start() // the profile was let go of each time
}

func TestAssets_carryThePolicy(t *testing.T) {
	d := newDesk(t)
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/assets/app.js": "text/javascript; charset=utf-8"} {
		resp, err := http.Get("http://" + d.r.listen.host + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != http.StatusOK || h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, h)
		}
	}
	for _, path := range []string{"/nothing", "/../replica.go", "/assets/../../replica.go", "/assets"} {
		resp, err := http.Get("http://" + d.r.listen.host + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// speak opens a page's socket without saying anything.
func (d *desk) speak() *websocket.Conn {
	d.t.Helper()
	url, token := d.r.Endpoint()
	ws, _, err := websocket.Dial(d.t.Context(), url, &websocket.DialOptions{
		Subprotocols: []string{wire.SubprotocolName, wire.TokenPrefix + token},
		HTTPHeader:   http.Header{"Origin": {"http://" + d.r.listen.host}}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { ws.CloseNow() })
	return ws
}

func closeCode(t *testing.T, ws *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := ws.Read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestPage_badFramesEndOnlyThatPage(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	for name, test := range map[string]struct {
		kind websocket.MessageType
		data string
		code websocket.StatusCode
	}{
		"binary":       {websocket.MessageBinary, `{"id":1,"do":"ping"}`, websocket.StatusUnsupportedData},
		"not utf-8":    {websocket.MessageText, "{\"id\":1,\"do\":\"\xff\"}", websocket.StatusInvalidFramePayloadData},
		"too large":    {websocket.MessageText, `{"id":1,"do":"ping","args":"` + strings.Repeat("x", wire.MaxRequestBytes) + `"}`, websocket.StatusMessageTooBig},
		"no hello":     {websocket.MessageText, `{"id":1,"do":"session.list"}`, wire.CloseProtocol},
		"old protocol": {websocket.MessageText, `{"id":1,"do":"hello","args":{"protocol":0}}`, wire.CloseProtocol},
	} {
		ws := d.speak()
		if err := ws.Write(t.Context(), test.kind, []byte(test.data)); err != nil {
			t.Fatal(err)
		}
		if code := closeCode(t, ws); code != test.code {
			t.Errorf("%s: closed with %d, want %d", name, code, test.code)
		}
	}
	v.do(chat.Ping, struct{}{}, nil)
}

// What cannot be read is answered as the hub answers it, without an id, and the page goes on (PROTOCOL.md section 2, rule 6).
func TestPage_unreadableFrameIsAnswered(t *testing.T) {
	d := newDesk(t)
	d.ready()
	ws := d.speak()
	ask := func(request string) (frame wire.Frame) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := ws.Write(ctx, websocket.MessageText, []byte(request)); err != nil {
			t.Fatal(err)
		}
		_, data, err := ws.Read(ctx)
		if err != nil {
			t.Fatalf("%.40s: %v", request, err)
		}
		if err := json.Unmarshal(data, &frame); err != nil {
			t.Fatal(err)
		}
		return frame
	}
	deep := `{"id":1,"do":"ping","args":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `}`
	for _, request := range []string{`[]`, `{`, `{"id":0,"do":"ping"}`, deep} {
		if f := ask(request); f.Re != 0 || f.Error == nil || f.Error.Code != chat.CodeInvalid {
			t.Errorf("%.40s is answered %+v", request, f)
		}
	}
	if f := ask(`{"id":7,"do":"hello","args":{"protocol":1}}`); f.Re != 7 || f.Error != nil {
		t.Errorf("hello is answered %+v", f)
	}
}

// Frames that cannot be read are no hello, however many there are.
func TestPage_oneThatSaysNothingReadableIsSentAway(t *testing.T) {
	d := newDesk(t)
	ws := d.speak()
	d.clock.AwaitTimer(wire.HelloTimeout)
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(`[]`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ws.Read(t.Context()); err != nil { // the answer
		t.Fatal(err)
	}
	d.clock.AwaitLastTimer(wire.HelloTimeout) // the answer's time limit is over
	d.clock.Advance(wire.HelloTimeout)
	if code := closeCode(t, ws); code != wire.CloseProtocol {
		t.Errorf("closed with %d", code)
	}
}

func TestPage_silentOneIsSentAway(t *testing.T) {
	d := newDesk(t)
	ws := d.speak()
	d.clock.AwaitTimer(wire.HelloTimeout)
	if err := d.r.call(func() error { return nil }); err != nil { // the page is known
		t.Fatal(err)
	}
	d.clock.Advance(wire.HelloTimeout)
	if code := closeCode(t, ws); code != wire.CloseProtocol {
		t.Errorf("closed with %d", code)
	}
}

func TestPage_twoSeeTheSame(t *testing.T) {
	d := newDesk(t)
	one := d.ready()
	two := d.page()
	d.hub.says(ben, "hello Ana")
	id := one.post(withBen, "hello Ben")
	for _, v := range []*view{one, two} {
		v.shows(withBen, "hello Ana", "hello Ben")
		v.noOutbox()
	}
	two.do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: withBen, N: 2}, nil)
	one.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withBen, Text: "and"}, nil)
	for _, v := range []*view{one, two} {
		v.await("the draft is told", func() bool { return last(v.events).Type == chat.DraftChanged })
	}
	late := d.page()
	if len(late.snap.Conversations) != 1 || late.snap.Conversations[0].ReadN != 2 || late.snap.Conversations[0].Draft.Text != "and" {
		t.Errorf("a third page is told %+v", late.snap.Conversations)
	}
	if late.texts[withBen][1] != "hello Ben" || id == "" {
		t.Errorf("a third page shows %v", late.texts)
	}
}

// A page that does not read must not hold up the other, nor the link.
func TestPage_oneThatDoesNotReadIsCut(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	ws := d.speak()
	hello, err := json.Marshal(wire.Request{ID: 1, Do: chat.Hello, Args: raw(t, chat.HelloArgs{Protocol: chat.ProtocolVersion})})
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.Write(t.Context(), websocket.MessageText, hello); err != nil {
		t.Fatal(err)
	}
	// More than the queue and the system's buffers hold, a few at a time, so that a page that reads keeps up.
	long := chat.ConversationID(strings.Repeat("long ", 4000))
	for range (pageQueue + 600) / 50 {
		err := d.r.call(func() error {
			for range 50 {
				d.r.tellSignals(chat.Signal{Type: chat.SignalTyping, ConversationID: long})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		v.do(chat.Ping, struct{}{}, nil)
	}
	d.hub.says(ben, "hello")
	v.shows(withBen, "hello")
	err = d.r.call(func() error {
		helloed := 0
		for _, p := range d.r.pages {
			if p.helloed {
				helloed++
			}
		}
		if helloed != 1 {
			t.Errorf("%d pages are told of everything", helloed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
