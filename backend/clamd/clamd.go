// Package clamd asks ClamAV's daemon whether bytes hold a virus, by its protocol's INSTREAM.
//
// It owns the connection and what the answers mean. What is asked about, and what follows from an answer or from none, is the caller's.
package clamd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	// portion is how many bytes go into one of the protocol's chunks.
	portion = 64 << 10
	// silence is how long the daemon may take no byte, or think about the last one, before it counts as not answering.
	silence = 2 * time.Minute
	// maxAnswer bounds an answer, in bytes.
	maxAnswer = 4 << 10
)

// Client asks one daemon.
type Client struct{ network, address string }

// New returns a client of the daemon at an address: the path of its socket, or host:port.
func New(address string) (*Client, error) {
	if strings.HasPrefix(address, "/") {
		return &Client{"unix", address}, nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("clamd: %q is neither the path of a socket nor host:port", address)
	}
	return &Client{"tcp", address}, nil
}

// Scan returns the name of the virus that the daemon finds in the bytes of r; empty if it finds none. An error says that they were not
// checked: nobody answered, or the daemon takes no file as large as this (StreamMaxLength in its configuration).
func (c *Client) Scan(ctx context.Context, r io.Reader) (virus string, err error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	sendErr := send(conn, r)
	if errors.Is(sendErr, errUnread) {
		return "", sendErr
	}
	// A daemon that has seen enough answers before the end, and then the last bytes find no reader.
	raw, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	answer := strings.TrimRight(string(raw), "\x00\n")
	switch result, told := strings.CutPrefix(answer, "stream: "); {
	case told && result == "OK" && sendErr == nil:
		return "", nil
	case told && strings.HasSuffix(result, " FOUND"):
		return strings.TrimSuffix(result, " FOUND"), nil
	case answer != "":
		return "", errors.Join(fmt.Errorf("clamd: it answers %.200q", answer), sendErr)
	}
	return "", errors.Join(errors.New("clamd: it does not answer"), sendErr, err)
}

// errUnread says that what is to be checked could not be read.
var errUnread = errors.New("clamd: read what is to be checked")

// send sends all of r, each portion after its length.
func send(conn net.Conn, r io.Reader) error {
	buffer := make([]byte, 4+portion)
	message := []byte("zINSTREAM\x00")
	for {
		if err := conn.SetDeadline(time.Now().Add(silence)); err != nil { // of the connection, no decision
			return err
		}
		if _, err := conn.Write(message); err != nil {
			return fmt.Errorf("clamd: send to it: %w", err)
		}
		if len(message) == 4 {
			return nil // the length 0 was the end
		}
		n, err := io.ReadFull(r, buffer[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: %w", errUnread, err)
		}
		binary.BigEndian.PutUint32(buffer, uint32(n))
		message = buffer[:4+n]
	}
}
