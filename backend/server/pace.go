package server

import (
	"net"
	"time"

	"golang.org/x/time/rate"
)

// Limits of what one socket may send beside its requests. Who sends more is not refused but read more slowly, until the
// network itself makes them wait: refusing costs the server more than a flood costs its sender.
const (
	// bytesPerSecond bounds all bytes of a socket, whatever they are: frames without content are read by the library.
	bytesPerSecond = 512 << 10
	byteBurst      = 256 << 10
	// extrasPerSecond bounds pings, and requests beyond wire.RequestsPerSecond, each of which is answered.
	extrasPerSecond = 200
	extraBurst      = 100
	// readAtOnce is the most that is read between two looks at the pace, so nobody sleeps long at a time.
	readAtOnce = 32 << 10
)

// pace slows a reader down to a rate. It is for one goroutine.
type pace struct {
	limiter *rate.Limiter
	now     func() time.Time
	sleep   func(time.Duration)
}

func newPace(perSecond rate.Limit, burst int) *pace {
	return &pace{limiter: rate.NewLimiter(perSecond, burst), now: time.Now, sleep: time.Sleep}
}

// take counts n, at most the burst, and sleeps as long as that is too many.
func (p *pace) take(n int) {
	now := p.now()
	if wait := p.limiter.ReserveN(now, n).DelayFrom(now); wait > 0 {
		p.sleep(wait)
	}
}

// pacedConn is a connection that is read at a pace.
type pacedConn struct {
	net.Conn
	pace *pace
}

// Read implements net.Conn.
func (c pacedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), readAtOnce)])
	c.pace.take(n)
	return n, err
}
