package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
)

// DialOptions say where and as whom a client connects.
type DialOptions struct {
	// URL is the socket's address, ws:// or wss://; see SocketURL.
	URL string
	// Token is the session's secret; it travels as an Authorization header.
	Token string
	// HTTPClient dials; nil means http.DefaultClient. Another dialler or TLS setting goes in by its Transport.
	HTTPClient *http.Client
	// Hello opens the session. A Cursor in it is where the first events frame must go on from. Protocol may stay zero for
	// ProtocolVersion.
	Hello chat.HelloArgs
	// Handle is given every frame that is not an answer, in order, on the one goroutine that reads; the first call may come
	// before Dial returns. Answers wait while it runs, so it must not wait for one. An error from it ends the client, with
	// the cursor where it was. Nil throws frames away.
	Handle func(Frame) error
	// Glance, if it is not nil, is shown each frame as it came. Those for which it returns true are its own to deal with: they
	// are neither decoded nor handled, and move no cursor. For those who measure a server and not this client. It must not keep
	// the frame.
	Glance func(frame []byte) bool
	// PingEvery and PingTimeout are the heartbeat; zero means the constants of this package.
	PingEvery, PingTimeout time.Duration
}

// Client is one connection to a server: it says hello, pairs answers with requests, checks that no events frame is missing,
// and keeps the heartbeat. It does not reconnect; its user decides when, and where it goes on from is Cursor.
//
// All methods may be called from any goroutine.
type Client struct {
	conn   *websocket.Conn
	handle func(Frame) error
	glance func([]byte) bool
	hello  chat.HelloAnswer
	done   chan struct{}

	mu      sync.Mutex
	nextID  int64
	pending map[int64]*Call
	cursor  chat.Cursor
	cause   error // what this side ends the connection for, if it does
	err     error // why the client ended; set before done is closed
}

// CloseError is why a client ended.
type CloseError struct {
	// Code is the close code either side gave, or -1 if the connection broke without one.
	Code websocket.StatusCode
	// Reason is what was said with the code, or what broke.
	Reason string
	// Cause is the error underneath; may be nil.
	Cause error
}

// Error implements error.
func (e *CloseError) Error() string {
	if e.Code < 0 {
		return "connection lost: " + e.Reason
	}
	return fmt.Sprintf("connection closed with %d: %s", int(e.Code), e.Reason)
}

// Unwrap returns the cause.
func (e *CloseError) Unwrap() error { return e.Cause }

// MayReturn tells whether a client may connect again by itself.
func (e *CloseError) MayReturn() bool { return MayReturn(e.Code) }

// Causes of a CloseError that a client finds itself. After ErrGap, connect again with one's own cursor.
var (
	ErrGap    = errors.New("an events frame does not go on from this client's cursor")
	ErrSilent = errors.New("the server did not answer a ping in time")
	ErrClosed = errors.New("closed by this client")
)

// Dial connects and says hello. A refusal before the upgrade is a *RefusedError; a refused hello is a *chat.Error; a
// connection that broke is a *CloseError or the dialler's error. Dial keeps nothing of ctx once it has returned.
func Dial(ctx context.Context, opts DialOptions) (*Client, error) {
	header := http.Header{}
	if opts.Token != "" {
		header.Set("Authorization", "Bearer "+opts.Token)
	}
	conn, resp, err := websocket.Dial(ctx, opts.URL, &websocket.DialOptions{
		HTTPClient: opts.HTTPClient, HTTPHeader: header, Subprotocols: []string{SubprotocolName},
	})
	if err != nil {
		if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			return nil, fmt.Errorf("open socket: %w", refused(resp))
		}
		return nil, fmt.Errorf("open socket: %w", err)
	}
	conn.SetReadLimit(MaxSnapshotBytes)
	c := &Client{conn: conn, handle: opts.Handle, glance: opts.Glance, done: make(chan struct{}), pending: map[int64]*Call{}, cursor: opts.Hello.Cursor}

	hello := opts.Hello
	if hello.Protocol == 0 {
		hello.Protocol = chat.ProtocolVersion
	}
	go c.read()
	go c.beat(orElse(opts.PingEvery, PingEvery), orElse(opts.PingTimeout, PingTimeout))
	if err := c.Request(ctx, chat.Hello, hello, &c.hello); err != nil {
		_ = conn.CloseNow()
		<-c.done
		return nil, fmt.Errorf("hello: %w", err)
	}
	return c, nil
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Hello returns what the server answered to hello.
func (c *Client) Hello() chat.HelloAnswer { return c.hello }

// Cursor returns where this client stands: the cursor of the last frame that was handled without error.
func (c *Client) Cursor() chat.Cursor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cursor
}

// Done is closed when the client has ended and no further frame will be handled.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the client ended, a *CloseError; nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Call is a request under way.
type Call struct {
	c        *Client
	id       int64
	answered chan struct{}
	ok       json.RawMessage
	err      error
}

// requestAround is more than what stands around the arguments of a request.
const requestAround = 128

// errRequestSize refuses what a server would not read: it would cut the connection, and a client that comes back to say the
// same again would never stop.
var errRequestSize = chat.Invalid("this is larger than the %d KB that can be sent at once; shorten it", MaxRequestBytes>>10)

// Begin sends a request and does not wait for its answer. One that is larger than a server reads is refused here, with a
// *chat.Error of CodeInvalid. Requests begun one after the other arrive in that order. ctx is
// only looked at before sending: a frame that has been begun is written whole, or the connection ends and the call with it.
func (c *Client) Begin(ctx context.Context, do chat.CommandName, args any) (*Call, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	raw, err := chat.Encode(args)
	if err != nil {
		return nil, fmt.Errorf("encode arguments of %s: %w", do, err)
	}
	if len(raw) > MaxRequestBytes-requestAround {
		return nil, errRequestSize
	}
	name, err := json.Marshal(do)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", do, err)
	}
	call := &Call{c: c, answered: make(chan struct{})}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	c.nextID++
	call.id = c.nextID
	c.pending[call.id] = call
	c.mu.Unlock()

	// A Request, put together by hand: encoding it would read the arguments once more.
	frame := fmt.Appendf(make([]byte, 0, len(raw)+len(name)+48), `{"id":%d,"do":%s,"args":%s}`, call.id, name, raw)
	// Not under ctx: the connection is cut when the context of a write ends.
	wctx, cancel := context.WithTimeout(context.Background(), WriteTimeout)
	defer cancel()
	// After an error it is not known whether the server got it; the reader meets the same end and tells call why.
	_ = c.conn.Write(wctx, websocket.MessageText, frame)
	return call, nil
}

// Answered is closed when the answer is there or the connection has ended, so Wait will not block.
func (call *Call) Answered() <-chan struct{} { return call.answered }

// Wait waits for the answer and decodes it into answer, unless that is nil. The error is the server's *chat.Error; or a
// *CloseError, and then it is not known whether the command was done; or ctx's, and then the answer is not waited for.
func (call *Call) Wait(ctx context.Context, answer any) error {
	select {
	case <-call.answered:
	case <-ctx.Done():
		call.forget()
		return ctx.Err()
	}
	if call.err != nil {
		return call.err
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(call.ok, answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}

func (call *Call) forget() {
	call.c.mu.Lock()
	delete(call.c.pending, call.id)
	call.c.mu.Unlock()
}

// Request is Begin and Wait in one. args may be nil for commands without arguments.
func (c *Client) Request(ctx context.Context, do chat.CommandName, args, answer any) error {
	if args == nil {
		args = struct{}{}
	}
	call, err := c.Begin(ctx, do, args)
	if err != nil {
		return err
	}
	return call.Wait(ctx, answer)
}

// Close ends the connection with a farewell and waits until no frame is being handled any more. It must not be called from
// Handle; there an error does the same.
func (c *Client) Close() {
	c.because(ErrClosed)
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
	<-c.done
}

// Cut ends the connection without a farewell, as a network does.
func (c *Client) Cut() {
	c.because(ErrClosed)
	_ = c.conn.CloseNow()
	<-c.done
}

// because keeps the first reason this side had for ending.
func (c *Client) because(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		c.cause = cause
	}
}

// read is the one goroutine that reads; it lives as long as the connection.
func (c *Client) read() {
	err := c.readAll()
	_ = c.conn.CloseNow()
	end := closeErrorOf(err)

	c.mu.Lock()
	if c.cause != nil {
		end.Reason, end.Cause = c.cause.Error(), c.cause
	}
	c.err = end
	pending := c.pending
	c.pending = map[int64]*Call{}
	c.mu.Unlock()
	for _, call := range pending {
		call.err = end
		close(call.answered)
	}
	close(c.done)
}

func (c *Client) readAll() error {
	for {
		// The background context: cancelling would cut the connection before a farewell. Close and beat end the read.
		kind, data, err := c.conn.Read(context.Background())
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			return c.giveUp(websocket.StatusUnsupportedData, "binary frame", errors.New("the server sent a binary frame"))
		}
		if c.glance != nil && c.glance(data) {
			continue
		}
		f, err := DecodeFrame(data)
		if err != nil {
			return c.giveUp(websocket.StatusInvalidFramePayloadData, "malformed frame", err)
		}
		if f.Re != 0 {
			c.answer(&f)
			continue
		}
		if err := c.take(f); err != nil {
			return c.giveUp(websocket.StatusNormalClosure, "", err)
		}
	}
}

// giveUp says farewell with code and returns the error that ends the client.
func (c *Client) giveUp(code websocket.StatusCode, reason string, cause error) error {
	_ = c.conn.Close(code, reason)
	return &CloseError{Code: -1, Reason: cause.Error(), Cause: cause}
}

func (c *Client) answer(f *Frame) {
	c.mu.Lock()
	call := c.pending[f.Re]
	delete(c.pending, f.Re)
	c.mu.Unlock()
	if call == nil {
		return // nobody waits for it any more
	}
	if f.Error != nil {
		call.err = f.Error
	}
	call.ok = f.OK
	close(call.answered)
}

// take checks that f goes on from the cursor, hands it over, and moves the cursor.
func (c *Client) take(f Frame) error {
	next, err := f.Follow(c.Cursor())
	if err != nil {
		return err
	}
	if c.handle != nil {
		if err := c.handle(f); err != nil {
			return err
		}
	}
	c.mu.Lock()
	c.cursor = next
	c.mu.Unlock()
	return nil
}

// beat pings until the client ends; a server that does not answer is gone.
func (c *Client) beat(every, timeout time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-t.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		err := c.conn.Ping(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			c.because(ErrSilent)
		}
		if err != nil {
			_ = c.conn.CloseNow()
		}
	}
}

func closeErrorOf(err error) *CloseError {
	var own *CloseError
	if errors.As(err, &own) {
		return own
	}
	var ce websocket.CloseError
	if errors.As(err, &ce) {
		return &CloseError{Code: ce.Code, Reason: ce.Reason, Cause: err}
	}
	return &CloseError{Code: -1, Reason: err.Error(), Cause: err}
}
