package proof

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// kindOfAttack is something that a hundred bad clients do in tens of each kind, again and again until it is over.
type kindOfAttack struct {
	name string
	// round does it once. It counts how often the server has answered as documented, and returns what was not documented.
	round func(b *badClient) (documented int, err error)
}

// badClient is one of them.
type badClient struct {
	url, token string
	ctx        context.Context // ends when the attack is over
	serial     int
}

// attack runs clients of each kind until over is closed. It returns how often each kind was answered as documented.
func attack(t *testing.T, kinds []kindOfAttack, each int, url string, tokens []string, over <-chan struct{}) map[string]int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	documented := map[string]int{}
	var running sync.WaitGroup
	for i, kind := range kinds {
		for j := range each {
			b := &badClient{url: url, token: tokens[i], ctx: ctx, serial: j}
			running.Go(func() {
				for done := false; !done; {
					n, err := kind.round(b)
					mu.Lock()
					documented[kind.name] += n
					mu.Unlock()
					done = ctx.Err() != nil
					if err != nil && !done {
						t.Errorf("%s: %v", kind.name, err)
						return
					}
				}
			})
		}
	}
	<-over
	cancel()
	running.Wait()
	return documented
}

// order is what a program of bad clients is told on its standard input. It goes on until that ends.
type order struct {
	URL    string
	Tokens []string // for each kind
	Each   int
	Answer string // the file for what it has counted
}

const attackersVariable = "PARLEY_PROOF_ATTACKERS"

// attackers starts the bad clients in a program of their own, with what the others leave of the processor: they are elsewhere, and it
// is not their own work that may make the others wait. end ends the attack and returns what the program has counted.
func attackers(t *testing.T, o order) (end func() map[string]int) {
	t.Helper()
	o.Answer = filepath.Join(t.TempDir(), "attack.json")
	line := []string{os.Args[0], "-test.run=^TestHostile_attackers$"}
	if nice, err := exec.LookPath("nice"); err == nil {
		line = append([]string{nice, "-n", "19"}, line...)
	}
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), attackersVariable+"=1", "PARLEY_FIGURES=")
	var said lockedText
	cmd.Stdout, cmd.Stderr = &said, &said
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		err = json.NewEncoder(in).Encode(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() map[string]int {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the bad clients were not answered as documented: %v\n%s", err, said.String())
		}
		counted := map[string]int{}
		raw, err := os.ReadFile(o.Answer)
		if err == nil {
			err = json.Unmarshal(raw, &counted)
		}
		if err != nil {
			t.Error(err)
		}
		return counted
	}
}

// TestHostile_attackers is the bad clients' program of TestHostile_load.
func TestHostile_attackers(t *testing.T) {
	if os.Getenv(attackersVariable) == "" {
		t.Skip("the bad clients are started by another test")
	}
	var o order
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&o); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	raw, err := json.Marshal(attack(t, attacks(), o.Each, o.URL, o.Tokens, over))
	if err == nil {
		err = os.WriteFile(o.Answer, raw, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// socket opens a socket and says hello. ok is false if the server asked to come back later, as it may: then that was waited for.
func (b *badClient) socket() (conn *websocket.Conn, ok bool, err error) {
	conn, resp, err := websocket.Dial(b.ctx, wire.SocketURL(b.url), &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + b.token}}, Subprotocols: []string{wire.SubprotocolName}})
	if err != nil {
		return nil, false, b.comeBack(resp, err)
	}
	conn.SetReadLimit(wire.MaxSnapshotBytes)
	return conn, true, conn.Write(b.ctx, websocket.MessageText, []byte(roughRequest(chat.Hello, roughHello)))
}

// comeBack waits as long as a refusal asks to; any refusal but 503 and 429 is an error.
func (b *badClient) comeBack(resp *http.Response, err error) error {
	if resp == nil || resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusTooManyRequests {
		return err
	}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil {
		return fmt.Errorf("refused without a time to come back: %v", resp.Header)
	}
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-b.ctx.Done():
	}
	return nil
}

// flood sends the frames, one after the other and again, as fast as they are taken, and counts the refusals among the answers.
func flood(frames []string, codes ...chat.Code) func(*badClient) (int, error) {
	return func(b *badClient) (int, error) {
		conn, ok, err := b.socket()
		if !ok || err != nil {
			return 0, err
		}
		defer conn.CloseNow()
		go func() {
			for i := b.serial; conn.Write(b.ctx, websocket.MessageText, []byte(frames[i%len(frames)])) == nil; i++ {
			}
		}()
		refused := 0
		for {
			_, data, err := conn.Read(b.ctx)
			if err != nil && refused > 0 && websocket.CloseStatus(err) == -1 {
				return refused, nil // its answers to pings wait behind its flood, so it is cut as somebody who is silent
			}
			if err != nil {
				return refused, err
			}
			f, err := wire.DecodeFrame(data)
			switch {
			case err != nil:
				return refused, err
			case f.Error == nil:
			case !slices.Contains(codes, f.Error.Code):
				return refused, f.Error
			default:
				refused++
			}
		}
	}
}

// upgraded opens a socket by hand, so that anything can be sent over it, and says hello.
func (b *badClient) upgraded() (net.Conn, error) {
	conn, err := dialNarrow(b.ctx, "tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(b.ctx, func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\nAuthorization: Bearer %s\r\n\r\n", wire.PathSocket, strings.TrimPrefix(b.url, "http://"), wire.SubprotocolName, b.token)
	if err == nil {
		_, err = conn.Read(make([]byte, 4096))
	}
	if err == nil {
		_, err = conn.Write(masked(0x81, roughRequest(chat.Hello, roughHello)))
	}
	return conn, err
}

// masked returns a frame of a client: its first byte, length, a mask of zeros, and the text.
func masked(first byte, text string) []byte {
	frame := []byte{first, 0x80 | 126, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(frame[2:], uint16(len(text)))
	return append(frame, text...)
}

// hammer sends bytes over a socket, as many as are taken, and reads nothing. Being slowed down, or cut, is the answer to it.
func hammer(bytes []byte) func(*badClient) (int, error) {
	return func(b *badClient) (int, error) {
		conn, err := b.upgraded()
		if err != nil {
			return 0, nil // it comes back too often, and is told so before the upgrade
		}
		defer conn.Close()
		for err == nil {
			_, err = conn.Write(bytes)
		}
		return 1, nil
	}
}

// attacks are all kinds.
func attacks() []kindOfAttack {
	document := func(text string) string {
		return roughRequest(chat.MessagePost, `{"id":"`+chat.NewUUID()+`","conversationId":"d.a.b","document":{"type":"doc","content":[`+text+`]}}`)
	}
	garbage := []string{`hello there`, strings.Repeat("[", 100_000), `{"id":1}`, roughRequest("message.eat", ""), roughRequest(chat.Ping, nested(100)),
		document(strings.Repeat(`{"type":"paragraph"},`, 3000) + `{"type":"image"}`), document(`{"type":"paragraph","content":[{"type":"text","text":"x","marks":[` + strings.Repeat(`{"type":"bold"},`, 4000) + `{}]}]}`),
		roughRequest(chat.HistoryLoad, `{"conversationId":"`+strings.Repeat("d.", 30_000)+`","limit":200}`)}
	valid := []string{roughRequest(chat.Ping, ""), roughRequest(chat.SessionList, ""), roughRequest(chat.StatusSet, `{"state":"break","reason":"flood"}`),
		roughRequest(chat.DraftSet, `{"conversationId":"d.a.b","text":"`+strings.Repeat("<", 19_000)+`"}`)}
	ping, fragment := masked(0x89, ""), masked(0x00, "")
	return []kindOfAttack{
		{"garbage frames", flood(garbage, chat.CodeInvalid, chat.CodeUnknown, chat.CodeBusy)},
		{"too many requests", flood(valid, chat.CodeBusy, chat.CodeInvalid, chat.CodeUnknown)},
		{"floods of pings", hammer(slices.Repeat(ping, 500))},
		{"empty fragments", hammer(append(masked(0x01, ""), slices.Repeat(fragment, 500)...))},
		{"unread answers", hammer(slices.Repeat(masked(0x81, roughRequest(chat.SessionList, "")), 20))},
		{"huge frames", hugeFrames},
		{"half frames and slow headers", halves},
		{"storms of reconnects", reconnects},
		{"wrong tokens", wrongTokens},
		{"guesses at passwords", guesses},
	}
}

// hugeFrames sends frames larger than any server reads; each ends its connection.
func hugeFrames(b *badClient) (int, error) {
	conn, ok, err := b.socket()
	if !ok || err != nil {
		return 0, err
	}
	defer conn.CloseNow()
	_ = conn.Write(b.ctx, websocket.MessageText, make([]byte, 4*wire.MaxRequestBytes)) // the server may close before it has all
	for {
		if _, _, err = conn.Read(b.ctx); err != nil {
			break
		}
	}
	if code := websocket.CloseStatus(err); code == websocket.StatusMessageTooBig {
		return 1, nil
	}
	return 0, nil // what was still on its way made the system drop the farewell
}

// halves begins and does not go on: half of them with a frame, half with the head of a request, a byte at a time. The latter are
// waited for until the server has had enough.
func halves(b *badClient) (int, error) {
	if b.serial%2 == 0 {
		conn, err := b.upgraded()
		if err != nil {
			return 0, nil // as in hammer
		}
		defer conn.Close()
		if _, err := conn.Write(masked(0x81, strings.Repeat("x", 60_000))[:1000]); err != nil {
			return 0, err
		}
		<-b.ctx.Done()
		return 0, nil
	}
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(b.url, "http://"), rig.Patience)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Read(make([]byte, 1024))
		ended <- err
	}()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nX-Slow: ")); err != nil {
		return 0, err
	}
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	late := time.NewTimer(rig.Patience)
	defer late.Stop()
	for {
		select {
		case <-ended:
			return 1, nil
		case <-beat.C:
			_, _ = conn.Write([]byte("z")) // the reader notices
		case <-late.C:
			return 0, errors.New("half a request is waited for without end")
		}
	}
}

// reconnects opens, takes the first picture and goes, again and again.
func reconnects(b *badClient) (int, error) {
	for refused := 0; ; refused++ {
		conn, ok, err := b.socket()
		if err != nil {
			return refused, err
		}
		if !ok {
			return refused + 1, nil
		}
		_, _, _ = conn.Read(b.ctx)
		conn.CloseNow()
	}
}

func wrongTokens(b *badClient) (int, error) {
	_, resp, err := websocket.Dial(b.ctx, wire.SocketURL(b.url), &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + b.token + "x"}}})
	if err != nil && resp != nil && resp.StatusCode == http.StatusUnauthorized {
		return 1, nil
	}
	return 0, fmt.Errorf("a wrong token is answered %v", err)
}

func guesses(b *badClient) (int, error) {
	_, err := wire.SignIn(b.ctx, nil, b.url, wire.SignInArgs{Name: crowdName(b.serial), Password: "a guess at it"})
	var refused *wire.RefusedError
	if errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.RetryAfter > 0) {
		return 1, nil
	}
	return 0, fmt.Errorf("a guess is answered %v", err)
}
