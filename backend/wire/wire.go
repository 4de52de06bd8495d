// Package wire is the socket's form: the frames in which commands, answers, events and signals travel, their codec, and the
// limits and close codes of a connection. The hub's server and the desktop's replica both serve it; the link, the replica's
// page and the benchmark's clients all dial it.
//
// It owns nothing but form. What the words inside mean is package chat's, who may say them package policy's. A frame is one
// WebSocket text message holding one JSON object.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"parley/backend/chat"
)

// Limits of a connection.
const (
	// MaxRequestBytes is the largest frame a server reads; a larger one closes the connection with 1009.
	MaxRequestBytes = 128 << 10
	// MaxRequestDepth bounds the nesting of a request's JSON.
	MaxRequestDepth = 64
	// MaxFrameBytes is the size at which a server stops filling an events frame; only a snapshot may be larger.
	MaxFrameBytes = 64 << 10
	// MaxSnapshotBytes is the largest frame a client reads.
	MaxSnapshotBytes = 64 << 20
	// PingEvery is the heartbeat of both sides; a peer silent for PingTimeout after it is gone.
	PingEvery   = 15 * time.Second
	PingTimeout = 10 * time.Second
	// WriteTimeout is how long a socket may take no bytes before it is closed with CloseSlow.
	WriteTimeout = 10 * time.Second
	// HelloTimeout is how long a socket may stay without hello.
	HelloTimeout = 10 * time.Second
	// RequestsPerSecond and RequestBurst bound one socket's commands; beyond them commands answer busy.
	RequestsPerSecond = 200
	RequestBurst      = 400
)

// Close codes of Parley's own (RFC 6455 reserves 4000-4999 for applications). Up to 4099 a client comes back by itself with
// back-off; from 4100 on it must not until something changed.
const (
	CloseRestart   websocket.StatusCode = 4000 // the server stops or restarts
	CloseSlow      websocket.StatusCode = 4001 // the socket took no bytes in time
	CloseSignedOut websocket.StatusCode = 4100 // the session ended, or never was: sign in
	CloseProtocol  websocket.StatusCode = 4101 // hello was missing, late, repeated, or of another protocol
)

// MayReturn tells whether a client that was closed with code should connect again by itself.
func MayReturn(code websocket.StatusCode) bool { return code < 4100 || code > 4199 }

// SubprotocolName is offered by every client; the server selects it. A token, where the client cannot send a header,
// travels as a second offered protocol with the prefix TokenPrefix and is never selected nor logged.
const (
	SubprotocolName = "parley.v1"
	TokenPrefix     = "parley.token."
)

// Request is a command on its way to the hub or replica. ID is chosen by the client, positive, and names the answer.
type Request struct {
	ID   int64            `json:"id"`
	Do   chat.CommandName `json:"do"`
	Args json.RawMessage  `json:"args,omitempty" tstype:"unknown"`
}

// Frame is what a server sends: exactly one of an answer (Re with OK or Error), events (Prev, Cursor, Events), a reset,
// rights, or signals.
type Frame struct {
	// Re is the ID of the request that is answered.
	Re    int64           `json:"re,omitempty"`
	OK    json.RawMessage `json:"ok,omitempty" tstype:"unknown"`
	Error *chat.Error     `json:"error,omitempty"`

	// Prev is the cursor of the frame delivered before this one to this session (after a resume: the client's own). A frame
	// whose Prev differs from where the client stands shows a gap: connect again with one's own cursor.
	Prev   chat.Cursor `json:"prev,omitempty"`
	Cursor chat.Cursor `json:"cursor,omitempty"`
	// Events may be empty: then the frame only moves the cursor.
	Events []json.RawMessage `json:"events,omitempty" tstype:"Event[]"`

	Reset   *Reset        `json:"reset,omitempty"`
	Rights  *chat.Rights  `json:"rights,omitempty"`
	Signals []chat.Signal `json:"signals,omitempty"`
}

// Reset replaces everything a client has, but its outbox and drafts not yet sent.
type Reset struct {
	Reason   chat.ResetReason `json:"reason"`
	Cursor   chat.Cursor      `json:"cursor"`
	Snapshot chat.Snapshot    `json:"snapshot"`
}

// ParseRequest reads one request. A *chat.Error of CodeInvalid says what is wrong; the request's ID is returned wherever it
// could be read, so the error can be answered. Unknown fields are ignored.
func ParseRequest(data []byte) (Request, error) {
	var r Request
	if chat.JSONDepth(data) > MaxRequestDepth {
		return Request{ID: idAlone(data)}, chat.Invalid("the frame is nested deeper than %d levels", MaxRequestDepth)
	}
	if err := chat.Decode(data, &r); err != nil {
		if !utf8.Valid(data) {
			return Request{}, chat.Invalid("the frame is not valid UTF-8")
		}
		return Request{ID: idAlone(data)}, chat.Invalid("the frame is not a request: a JSON object with id, do and args, each once")
	}
	if r.ID <= 0 || r.ID > 1<<53 {
		return Request{}, chat.Invalid("a request needs an id: a whole number above zero")
	}
	if r.Do == "" {
		return r, chat.Invalid("a request needs do: the name of a command")
	}
	return r, nil
}

// idAlone returns the id of a frame of which nothing else can be used, so that its sender does not wait for ever; zero if it
// has none. What stands around the id is passed over without being decoded, however deep it is.
func idAlone(data []byte) int64 {
	var r struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(data, &r); err != nil || r.ID < 0 || r.ID > 1<<53 {
		return 0
	}
	return r.ID
}

// DecodeArgs reads the arguments of a command into v, strictly of the right types. Missing arguments are an empty object;
// unknown fields are ignored, so a newer client can talk to an older server.
func DecodeArgs(args json.RawMessage, v any) error {
	if len(args) == 0 || bytes.Equal(args, []byte("null")) {
		args = []byte("{}")
	}
	if err := chat.Decode(args, v); err != nil {
		return chat.Invalid("the arguments do not have the form this command needs")
	}
	return nil
}

// EncodeAnswer returns the frame that answers request id: ok, or err if it is not nil.
func EncodeAnswer(id int64, ok any, err *chat.Error) ([]byte, error) {
	f := Frame{Re: id, Error: err}
	if err == nil {
		raw, merr := json.Marshal(ok)
		if merr != nil {
			return nil, fmt.Errorf("encode answer: %w", merr)
		}
		f.OK = raw
	}
	return json.Marshal(f)
}
