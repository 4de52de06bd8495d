package server

import (
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// handPace returns a pace whose clock moves only by its own sleeping, and how long it has slept.
func handPace(perSecond rate.Limit, burst int) (*pace, *time.Duration) {
	p, slept, began := newPace(perSecond, burst), new(time.Duration), time.Unix(0, 0)
	p.now = func() time.Time { return began.Add(*slept) }
	p.sleep = func(d time.Duration) { *slept += d }
	return p, slept
}

func TestPace(t *testing.T) {
	p, slept := handPace(100, 50)
	for range 50 {
		p.take(1)
	}
	if *slept != 0 {
		t.Errorf("a burst waits %v", *slept)
	}
	for range 1000 {
		p.take(1)
	}
	if *slept != 10*time.Second {
		t.Errorf("a thousand beyond the burst, at a hundred a second, take %v", *slept)
	}
	p.take(0)
	if *slept != 10*time.Second {
		t.Error("nothing costs time")
	}
}

// TestPacedConn: bytes arrive whole and in order, no faster than they may.
func TestPacedConn(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	p, slept := handPace(bytesPerSecond, byteBurst)
	const size = byteBurst + 4*bytesPerSecond
	go func() {
		chunk := make([]byte, 64<<10)
		for i := 0; i < size; i += len(chunk) {
			for j := range chunk {
				chunk[j] = byte((i + j) >> 10)
			}
			if _, err := far.Write(chunk); err != nil {
				return // the reader below misses bytes and says so
			}
		}
		_ = far.Close()
	}()
	got, err := io.ReadAll(pacedConn{near, p})
	if err != nil || len(got) != size {
		t.Fatalf("read %d bytes of %d, %v", len(got), size, err)
	}
	for i := range got {
		if got[i] != byte(i>>10) {
			t.Fatalf("byte %d is wrong", i)
		}
	}
	if *slept < 4*time.Second-time.Millisecond || *slept > 4*time.Second+time.Millisecond {
		t.Errorf("read within %v", *slept)
	}
}
