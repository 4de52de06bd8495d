package rig_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"

	"parley/backend/rig"
)

// echo starts a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	return "http://" + l.Addr().String()
}

func through(t *testing.T, p *rig.Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ping sends data and reads as much back.
func ping(t *testing.T, c net.Conn, data string) {
	t.Helper()
	if _, err := io.WriteString(c, data); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(data))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != data {
		t.Fatalf("sent %q, got %q, %v", data, got, err)
	}
}

func TestProxy_faults(t *testing.T) {
	p := rig.NewProxy(t, echo(t))
	c := through(t, p)
	ping(t, c, "plain")
	p.Dribble(rig.Up)
	ping(t, c, "byte by byte")
	p.Hold(rig.Down)
	if _, err := io.WriteString(c, "held"); err != nil {
		t.Fatal(err)
	}
	p.Release(rig.Down)
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "held" {
		t.Fatalf("got %q, %v", got, err)
	}

	p.CutAfter(rig.Down, 3)
	if _, err := io.WriteString(c, "abcdef"); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(c) // how it was cut does not matter
	if !bytes.HasPrefix([]byte("abc"), rest) {
		t.Errorf("of 3 bytes came %q", rest)
	}
	p.AwaitEmpty()
	ping(t, through(t, p), "the next connection is well")

	p.Refuse()
	if refused, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://")); err == nil { // it may be cut even earlier
		if n, err := refused.Read(got); err == nil {
			t.Errorf("a refused connection gave %d bytes", n)
		}
		refused.Close()
	}
	p.Heal()
	ping(t, through(t, p), "healed")
	other := echo(t)
	p.Lead(other)
	ping(t, through(t, p), "elsewhere")
}
