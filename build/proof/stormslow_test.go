package proof

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// slowReader is a client that takes no bytes from its first event on, until it is released.
type slowReader struct {
	*crowdClient
	client *wire.Client
}

// newSlowReader connects one. stuck is called when it has stopped reading.
func newSlowReader(t *testing.T, url, token string, stuck func(), release <-chan struct{}) *slowReader {
	t.Helper()
	r := &slowReader{crowdClient: newCrowdClient(url, token)}
	var once sync.Once
	var err error
	r.client, err = wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(url), Token: token,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dialNarrow}},
		Hello:      chat.HelloArgs{Device: r.device},
		Handle: func(f wire.Frame) error {
			if len(f.Events) > 0 {
				once.Do(stuck)
				<-release
			}
			return r.take(f)
		}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// end ends the connection, and tells whether the server had done so already.
func (r *slowReader) end() (cut bool) {
	cut = r.client.Err() != nil
	r.client.Cut()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cursor = r.client.Cursor()
	return cut
}

// fewBytes is the system's buffer for connections of slow readers, so that not reading is felt soon.
const fewBytes = 8 << 10

func dialNarrow(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, c.(*net.TCPConn).SetReadBuffer(fewBytes)
}

// narrowing gives accepted connections small buffers while it is on.
type narrowing struct {
	net.Listener
	on *atomic.Bool
}

// Accept implements net.Listener.
func (l narrowing) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || !l.on.Load() {
		return c, err
	}
	return c, c.(*net.TCPConn).SetWriteBuffer(fewBytes)
}

// TestStorm_slowReaders has a hundred clients read nothing while much is written to them (F12): others notice nothing, and the slow
// ones have everything once when they come back. The server runs in this process, so that its sockets can be made narrow.
func TestStorm_slowReaders(t *testing.T) {
	flood, perSlow := size(60, 600), 20
	slow := []string{"mira", "tomas", "ruben", "yuki", "una"}
	var narrow atomic.Bool
	s := rig.Start(t, rig.Network(func(l net.Listener) net.Listener { return narrowing{l, &narrow} }), rig.Limits(server.Options{WriteTimeout: 3 * time.Second}))
	liam, amparo := s.As("liam"), s.As("amparo")
	calm50, calm99 := latency(liam, amparo, 100, atOnce())

	narrow.Store(true)
	release := make(chan struct{})
	var readers []*slowReader
	var stuck sync.WaitGroup
	for _, name := range slow {
		token := s.SignIn(name).Token
		for range perSlow {
			stuck.Add(1)
			readers = append(readers, newSlowReader(t, s.URL, token, stuck.Done, release))
		}
	}
	narrow.Store(false)
	// The writer remembers nothing of what it is told, so that the memory is the server's.
	renata, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(s.URL), Token: s.SignIn("renata").Token,
		Hello: chat.HelloArgs{Device: chat.Device{ID: "renata", Kind: chat.DeviceDesktop, Name: "proof"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer renata.Cut()
	say := func(text string) {
		for _, name := range slow {
			args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct("renata", name), Text: text}
			for renata.Request(t.Context(), chat.MessagePost, args, nil) != nil && renata.Err() == nil {
			}
		}
	}
	say("they stop reading here")
	stuck.Wait()
	memory := heap()
	flooded := make(chan struct{})
	go func() {
		defer close(flooded)
		for range flood {
			say(strings.Repeat("z", 15_000))
		}
	}()
	p50, p99 := latency(liam, amparo, 100, flooded)
	grown := heap() - memory
	close(release)
	cut := 0
	var back []*crowdClient
	for _, r := range readers {
		if r.end() {
			cut++
		}
		back = append(back, r.crowdClient)
	}
	eachOf(t, back, (*crowdClient).comeBack)
	eachOf(t, back, func(k *crowdClient) error { return k.said(int64(flood + 1)) })
	for _, k := range back {
		k.cut()
	}
	report(t, "slow readers", len(readers), "slow clients", float64(flood)*15/1000, "MB to each", cut, "cut meanwhile", ms(calm50), "ms at p50 before",
		ms(calm99), "ms at p99 before", ms(p50), "ms at p50 meanwhile", ms(p99), "ms at p99 meanwhile", grown/mega, "MB of heap more")
}

// heap returns the memory in use in this process.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse)
}
