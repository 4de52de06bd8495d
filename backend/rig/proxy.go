package rig

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Way is a direction through the proxy.
type Way int

// The directions: Up is from client to server.
const (
	Up   Way = 0
	Down Way = 1
)

// Proxy passes TCP connections on to a server and does to them, on command, what networks do. A fault set on a way concerns
// the connections there are and those to come, until Heal.
type Proxy struct {
	// URL is the address to use instead of the server's.
	URL string

	t        testing.TB
	listener net.Listener
	server   string // host:port

	mu      sync.Mutex
	changed *sync.Cond // a fault was set or healed, or a pipe has ended
	pipes   map[*pipe]bool
	refuse  bool
	held    [2]bool // bytes wait
	swallow [2]bool // bytes vanish: the half-open connection
	dribble [2]bool // bytes go one at a time
	left    [2]int  // bytes until the cut; -1: no cut
	closed  bool
}

// pipe is one connection: both its sockets.
type pipe struct {
	client, server net.Conn
	over           atomic.Bool
	dead           atomic.Bool // its bytes vanish for ever
}

// NewProxy starts a proxy before the server at base; it ends with the test.
func NewProxy(t testing.TB, base string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("rig: proxy: %v", err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), t: t, listener: l, server: strings.TrimPrefix(base, "http://"), pipes: map[*pipe]bool{}, left: [2]int{-1, -1}}
	p.changed = sync.NewCond(&p.mu)
	var running sync.WaitGroup
	running.Go(func() { p.accept(&running) })
	t.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		l.Close()
		p.Cut()
		running.Wait()
	})
	return p
}

// Lead sends connections to come to another server, for example one that was started again on another port.
func (p *Proxy) Lead(base string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = strings.TrimPrefix(base, "http://")
}

// Cut ends all connections there are, with nothing said.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pipe := range p.pipes {
		pipe.end()
	}
	p.changed.Broadcast()
}

// Refuse cuts, and accepts no connection until Heal.
func (p *Proxy) Refuse() { p.set(func() { p.refuse = true }); p.Cut() }

// Hold lets nothing pass in this way until Release; the bytes wait.
func (p *Proxy) Hold(w Way) { p.set(func() { p.held[w] = true }) }

// Release lets pass what Hold held.
func (p *Proxy) Release(w Way) { p.set(func() { p.held[w] = false }) }

// Swallow lets bytes in this way vanish while the connection stays; both ways make it half-open.
func (p *Proxy) Swallow(w Way) { p.set(func() { p.swallow[w] = true }) }

// Dribble passes bytes on one at a time.
func (p *Proxy) Dribble(w Way) { p.set(func() { p.dribble[w] = true }) }

// CutAfter ends the connection through which byte n+1 would pass in this way, counted over all connections from now on.
func (p *Proxy) CutAfter(w Way, n int) { p.set(func() { p.left[w] = n }) }

// AwaitCut waits until the connection was ended that CutAfter was about.
func (p *Proxy) AwaitCut(w Way) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.left[w] >= 0 {
		p.changed.Wait()
	}
}

// Revive lets connections to come be well again, while those there are stay as dead as they are, with nobody told: what a computer
// finds that slept while its address was given to another.
func (p *Proxy) Revive() {
	p.set(func() {
		for pipe := range p.pipes {
			pipe.dead.Store(true)
		}
		p.swallow = [2]bool{}
	})
}

// Heal takes all faults away. Connections through which bytes have vanished are cut: nothing can mend them.
func (p *Proxy) Heal() {
	p.mu.Lock()
	broken := p.swallow[Up] || p.swallow[Down]
	for pipe := range p.pipes {
		broken = broken || pipe.dead.Load()
	}
	p.mu.Unlock()
	if broken {
		p.Cut()
	}
	p.set(func() {
		p.refuse, p.held, p.swallow, p.dribble, p.left = false, [2]bool{}, [2]bool{}, [2]bool{}, [2]int{-1, -1}
	})
}

// AwaitEmpty waits until no connection is left.
func (p *Proxy) AwaitEmpty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.pipes) > 0 {
		p.changed.Wait()
	}
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

func (p *Proxy) accept(running *sync.WaitGroup) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse, server := p.refuse || p.closed, p.server
		p.mu.Unlock()
		if refuse {
			reset(client)
			continue
		}
		upstream, err := net.Dial("tcp", server)
		if err != nil {
			reset(client)
			continue
		}
		pi := &pipe{client: client, server: upstream}
		p.mu.Lock()
		// Cut may have come while dialling: then this connection is not one of those that are to be.
		if p.refuse || p.closed {
			pi.end()
		}
		p.pipes[pi] = true
		p.mu.Unlock()
		var both sync.WaitGroup
		both.Go(func() { p.copy(pi, Up, upstream, client) })
		both.Go(func() { p.copy(pi, Down, client, upstream) })
		running.Go(func() {
			both.Wait()
			p.set(func() { delete(p.pipes, pi) })
		})
	}
}

// copy passes bytes on until either socket ends, then ends both.
func (p *Proxy) copy(pi *pipe, w Way, to io.Writer, from io.Reader) {
	defer pi.end()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !p.pass(pi, w, to, buf[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}

// pass writes data as the faults of the moment have it, and returns false if the connection has to end.
func (p *Proxy) pass(pi *pipe, w Way, to io.Writer, data []byte) bool {
	for len(data) > 0 {
		p.mu.Lock()
		for p.held[w] && !p.closed && !pi.over.Load() {
			p.changed.Wait()
		}
		n := len(data)
		if p.dribble[w] {
			n = 1
		}
		last := p.left[w] >= 0 && p.left[w] < n
		if last {
			n = p.left[w]
		}
		if p.left[w] >= 0 {
			p.left[w] -= n
		}
		swallow := p.swallow[w] || pi.dead.Load()
		p.mu.Unlock()
		if !swallow {
			if _, err := to.Write(data[:n]); err != nil {
				return false
			}
		}
		if last {
			p.set(func() { p.left[w] = -1 })
			return false
		}
		data = data[n:]
	}
	return true
}

func (pi *pipe) end() {
	pi.over.Store(true)
	reset(pi.client)
	reset(pi.server)
}

// reset closes a connection the hard way, so the other side notices at once.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
