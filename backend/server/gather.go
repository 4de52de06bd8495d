package server

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

// upgrade takes over the connection of a request that becomes a socket: it is read at a pace, and its writes may be gathered.
type upgrade struct {
	http.ResponseWriter
	conn *gatherConn // nil until then
}

// Hijack implements http.Hijacker.
func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	u.conn = &gatherConn{Conn: pacedConn{conn, newPace(bytesPerSecond, byteBurst)}}
	if buffered.Reader.Buffered() == 0 { // as is right: a client waits for the answer before it sends
		buffered = bufio.NewReadWriter(bufio.NewReaderSize(u.conn, socketBuffer), bufio.NewWriterSize(u.conn, socketBuffer))
	}
	return u.conn, buffered, nil
}

// socketBuffer is the size of a socket's two buffers, which it holds as long as it lives. Most frames fit; longer ones pass by
// the buffers. Those of net/http are four times as large, and idle sockets are many.
const socketBuffer = 1 << 10

// gatherAtMost is how much is gathered before it is written anyway. A frame that is longer goes out at once.
const gatherAtMost = 16 << 10

// gatherConn is a connection whose writes may be gathered: frames that are due at the same time, an event and the answer to
// the command that caused it above all, leave in one system call. While nothing is gathered it holds no memory, and writes
// of others, such as pings, go out at once; in between they keep their place among the gathered ones.
type gatherConn struct {
	net.Conn

	mu        sync.Mutex
	gathering bool
	kept      *[]byte // nil while there is none
}

// gathered are buffers to gather in.
var gathered = sync.Pool{New: func() any { b := make([]byte, 0, gatherAtMost); return &b }}

// gather has writes kept until flush.
func (c *gatherConn) gather() {
	c.mu.Lock()
	c.gathering = true
	c.mu.Unlock()
}

// Write implements net.Conn. An error of what is kept is an error of flush, or of the write that leaves no more room.
func (c *gatherConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gathering {
		return c.Conn.Write(b)
	}
	if c.kept != nil && len(*c.kept)+len(b) > gatherAtMost {
		if err := c.writeKept(); err != nil {
			return 0, err
		}
	}
	if len(b) > gatherAtMost {
		return c.Conn.Write(b)
	}
	if c.kept == nil {
		c.kept = gathered.Get().(*[]byte)
	}
	*c.kept = append(*c.kept, b...)
	return len(b), nil
}

// flush writes what was gathered; from here on writes go out at once again.
func (c *gatherConn) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering = false
	return c.writeKept()
}

// writeKept writes what is kept. The caller holds mu.
func (c *gatherConn) writeKept() error {
	if c.kept == nil {
		return nil
	}
	_, err := c.Conn.Write(*c.kept)
	*c.kept = (*c.kept)[:0]
	gathered.Put(c.kept)
	c.kept = nil
	return err
}
