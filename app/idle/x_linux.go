package idle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// xServer is a connection to an X server, of whose protocol just the extension MIT-SCREEN-SAVER is spoken: it says how long ago the
// last input was. Numbers are little endian, as this program asks for.
type xServer struct {
	conn   net.Conn
	root   uint32
	opcode byte // of the extension
}

const (
	xError             = 0
	xReply             = 1
	xQueryExtension    = 98
	xSaverQueryVersion = 0
	xSaverQueryInfo    = 1
	xReplySize         = 32
	xCookie            = "MIT-MAGIC-COOKIE-1"
)

// openX connects to a display on this computer, by its name in the environment: ":0", or "unix:0.0".
func openX(display string) (*xServer, error) {
	host, number, ok := strings.Cut(display, ":")
	number, _, _ = strings.Cut(number, ".")
	if _, err := strconv.Atoi(number); !ok || err != nil || host != "" && host != "unix" {
		return nil, fmt.Errorf("%.40q is no display of this computer", display)
	}
	path := "/tmp/.X11-unix/X" + number
	conn, err := net.DialTimeout("unix", path, timeLimit)
	if err != nil {
		if conn, err = net.DialTimeout("unix", "@"+path, timeLimit); err != nil {
			return nil, fmt.Errorf("reach the X server: %w", err)
		}
	}
	x := &xServer{conn: conn}
	if err := x.begin(cookieOf(number)); err != nil {
		_ = conn.Close() // the first error is the one that tells
		return nil, err
	}
	return x, nil
}

// begin says hello, and looks for the extension.
func (x *xServer) begin(cookie []byte) error {
	if err := x.conn.SetDeadline(time.Now().Add(timeLimit)); err != nil {
		return err
	}
	name := xCookie
	if cookie == nil {
		name = ""
	}
	hello := []byte{'l', 0, 11, 0, 0, 0}
	hello = binary.LittleEndian.AppendUint16(hello, uint16(len(name)))
	hello = binary.LittleEndian.AppendUint16(hello, uint16(len(cookie)))
	hello = append(hello, 0, 0)
	hello = append(hello, padded([]byte(name))...)
	hello = append(hello, padded(cookie)...)
	if _, err := x.conn.Write(hello); err != nil {
		return fmt.Errorf("greet the X server: %w", err)
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(x.conn, head); err != nil {
		return fmt.Errorf("greet the X server: %w", err)
	}
	body := make([]byte, 4*int(binary.LittleEndian.Uint16(head[6:])))
	if _, err := io.ReadFull(x.conn, body); err != nil {
		return fmt.Errorf("greet the X server: %w", err)
	}
	if head[0] != 1 {
		return errors.New("the X server does not let this program in")
	}
	// What stands before the first screen: 32 bytes, the vendor's name, the formats of pictures.
	first := 0
	if len(body) >= 32 {
		first = 32 + len(padded(make([]byte, binary.LittleEndian.Uint16(body[16:])))) + 8*int(body[21])
	}
	if first == 0 || len(body) < first+4 {
		return errors.New("the X server has no screen")
	}
	x.root = binary.LittleEndian.Uint32(body[first:])
	return x.findExtension()
}

func (x *xServer) findExtension() error {
	const name = "MIT-SCREEN-SAVER"
	request := []byte{xQueryExtension, 0, byte(2 + len(name)/4), 0, byte(len(name)), 0, 0, 0}
	reply, err := x.ask(append(request, name...))
	if err != nil {
		return err
	}
	if reply[8] == 0 {
		return errors.New("the X server does not say when it was used")
	}
	x.opcode = reply[9]
	// The server answers nothing else before it was told the version that is spoken: 1.1.
	_, err = x.ask([]byte{x.opcode, xSaverQueryVersion, 2, 0, 1, 1, 0, 0})
	return err
}

// idle is how long ago the last input was.
func (x *xServer) idle() (time.Duration, error) {
	reply, err := x.ask(binary.LittleEndian.AppendUint32([]byte{x.opcode, xSaverQueryInfo, 2, 0}, x.root))
	if err != nil {
		return 0, err
	}
	return time.Duration(binary.LittleEndian.Uint32(reply[16:])) * time.Millisecond, nil
}

// ask gives a request and returns its answer. What the server tells every program in between, that the keyboard has changed for example,
// is left out.
func (x *xServer) ask(request []byte) ([]byte, error) {
	if err := x.conn.SetDeadline(time.Now().Add(timeLimit)); err != nil {
		return nil, err
	}
	if _, err := x.conn.Write(request); err != nil {
		return nil, fmt.Errorf("ask the X server: %w", err)
	}
	reply := make([]byte, xReplySize)
	for {
		if _, err := io.ReadFull(x.conn, reply); err != nil {
			return nil, fmt.Errorf("ask the X server: %w", err)
		}
		switch reply[0] {
		case xError:
			return nil, fmt.Errorf("the X server refuses what it was asked: error %d", reply[1])
		case xReply:
			if binary.LittleEndian.Uint32(reply[4:]) != 0 {
				return nil, errors.New("the X server answers something else than it was asked")
			}
			return reply, nil
		}
	}
}

// padded fills up to a multiple of four bytes.
func padded(b []byte) []byte { return append(b[:len(b):len(b)], make([]byte, (4-len(b)%4)%4)...) }

// cookieOf returns what the user's own file says lets a program in at a display; nil if nothing.
func cookieOf(number string) []byte {
	path := os.Getenv("XAUTHORITY")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		path = filepath.Join(home, ".Xauthority")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for len(data) > 2 {
		data = data[2:] // the family of the address
		var entry [4][]byte
		for i := range entry {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil
			}
			n := int(binary.BigEndian.Uint16(data))
			entry[i], data = data[2:2+n], data[2+n:]
		}
		if at := string(entry[1]); (at == number || at == "") && string(entry[2]) == xCookie {
			return entry[3]
		}
	}
	return nil
}
