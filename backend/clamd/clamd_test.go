package clamd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/clamd"
)

// daemon answers one stream after the other: each whole stream is handed to answer, and what that returns is sent.
func daemon(t *testing.T, network string, answer func(stream []byte) string) (address string) {
	t.Helper()
	address = "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "clamd.ctl")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			stream, err := take(conn)
			if err == nil {
				io.WriteString(conn, answer(stream))
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// take reads a stream as the protocol says: a command, then portions after their length, until one of length 0.
func take(conn net.Conn) (stream []byte, err error) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		return nil, errors.Join(err, errors.New("the command is "+string(command)))
	}
	for {
		var size uint32
		if err := binary.Read(conn, binary.BigEndian, &size); err != nil || size == 0 {
			return stream, err
		}
		chunk := make([]byte, size)
		if _, err := io.ReadFull(conn, chunk); err != nil {
			return stream, err
		}
		stream = append(stream, chunk...)
	}
}

func scan(t *testing.T, address string, content []byte) (string, error) {
	t.Helper()
	c, err := clamd.New(address)
	if err != nil {
		t.Fatal(err)
	}
	return c.Scan(t.Context(), bytes.NewReader(content))
}

func TestScan(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		var got []byte
		address := daemon(t, network, func(stream []byte) string {
			got = stream
			if bytes.Contains(stream, []byte("evil")) {
				return "stream: Evil.Test FOUND\x00"
			}
			return "stream: OK\x00"
		})
		for _, content := range [][]byte{nil, []byte("x"), bytes.Repeat([]byte("portion "), 30_000)} {
			if virus, err := scan(t, address, content); virus != "" || err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: of %d harmless bytes %d came: %q, %v", network, len(content), len(got), virus, err)
			}
		}
		if virus, err := scan(t, address, []byte("something evil")); virus != "Evil.Test" || err != nil {
			t.Errorf("%s: a virus is told as %q, %v", network, virus, err)
		}
	}
}

// TestScan_notChecked: whatever is no clear answer says that the bytes were not checked, never that they are clean.
func TestScan_notChecked(t *testing.T) {
	for _, answer := range []string{"", "stream: \x00", "OK\x00", "INSTREAM size limit exceeded. ERROR\x00", "stream: Can't allocate memory ERROR\x00",
		strings.Repeat("stream: OK ", 1000)} {
		if virus, err := scan(t, daemon(t, "tcp", func([]byte) string { return answer }), []byte("x")); err == nil || virus != "" {
			t.Errorf("the answer %.40q is taken for %q, %v", answer, virus, err)
		}
	}
	if _, err := scan(t, filepath.Join(t.TempDir(), "none"), []byte("x")); err == nil {
		t.Error("nobody listens, and the bytes are clean")
	}
	address := daemon(t, "tcp", func([]byte) string { return "stream: OK\x00" })
	c, err := clamd.New(address)
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := c.Scan(ended, strings.NewReader("x")); err == nil {
		t.Error("nobody waits for the answer, and the bytes are clean")
	}
	if _, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("x"), broken{})); err == nil {
		t.Error("half of it could be read, and it is clean")
	}
	if _, err := clamd.New("localhost"); err == nil {
		t.Error("an address without a port")
	}
}

// broken cannot be read.
type broken struct{}

// Read implements io.Reader.
func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }
