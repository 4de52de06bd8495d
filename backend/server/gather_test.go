package server

import (
	"bytes"
	"errors"
	"net"
	"testing"
)

// wireTap is a connection that keeps each write apart.
type wireTap struct {
	net.Conn
	writes []string
	err    error
}

func (w *wireTap) Write(b []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.writes = append(w.writes, string(b))
	return len(b), nil
}

func write(t *testing.T, c *gatherConn, text string) {
	t.Helper()
	if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("wrote %d of %q: %v", n, text, err)
	}
}

// TestGatherConn_leavesTogether: what is gathered is one write, in the order in which it came, and what comes before and after
// goes out at once.
func TestGatherConn_leavesTogether(t *testing.T) {
	tap := &wireTap{}
	c := &gatherConn{Conn: tap}
	write(t, c, "ping ")
	c.gather()
	write(t, c, "event ")
	c.gather()
	write(t, c, "answer ")
	if len(tap.writes) != 1 {
		t.Fatalf("before the flush there were %q", tap.writes)
	}
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	write(t, c, "close ")
	want := []string{"ping ", "event answer ", "close "}
	if len(tap.writes) != len(want) {
		t.Fatalf("writes %q, want %q", tap.writes, want)
	}
	for i := range want {
		if tap.writes[i] != want[i] {
			t.Errorf("write %d is %q, want %q", i, tap.writes[i], want[i])
		}
	}
	if c.kept != nil {
		t.Error("an idle connection holds a buffer")
	}
}

// TestGatherConn_isBounded: however much is written, no more than the bound is kept, and all arrives in order.
func TestGatherConn_isBounded(t *testing.T) {
	tap := &wireTap{}
	c := &gatherConn{Conn: tap}
	c.gather()
	var all bytes.Buffer
	for i, size := range []int{10, gatherAtMost - 5, 3, 5 * gatherAtMost, 7, gatherAtMost} {
		part := bytes.Repeat([]byte{byte('a' + i)}, size)
		all.Write(part)
		write(t, c, string(part))
		if c.kept != nil && len(*c.kept) > gatherAtMost {
			t.Fatalf("%d bytes are kept", len(*c.kept))
		}
	}
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, w := range tap.writes {
		got.WriteString(w)
	}
	if !bytes.Equal(got.Bytes(), all.Bytes()) {
		t.Errorf("%d bytes arrived, not the %d written, or in another order", got.Len(), all.Len())
	}
}

// TestGatherConn_tellsErrors: an error of what was gathered is not lost.
func TestGatherConn_tellsErrors(t *testing.T) {
	gone := errors.New("gone")
	tap := &wireTap{err: gone}
	c := &gatherConn{Conn: tap}
	c.gather()
	write(t, c, "event")
	if err := c.flush(); !errors.Is(err, gone) {
		t.Errorf("flush says %v", err)
	}
	c.gather()
	write(t, c, "event")
	if _, err := c.Write(make([]byte, gatherAtMost)); !errors.Is(err, gone) {
		t.Errorf("a write without room says %v", err)
	}
}
