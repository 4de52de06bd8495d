package hub

import (
	"context"
	"encoding/json"

	"parley/backend/chat"
)

// Delivery is one thing for a client; exactly one field is set. The server makes a frame of it.
type Delivery struct {
	Answer  *Answer
	Events  *Events
	Reset   *Reset
	Rights  *chat.Rights
	Signals []chat.Signal
}

// Answer answers the request Re: with the JSON of OK, or with Err.
type Answer struct {
	Re  int64
	OK  []byte
	Err *chat.Error
}

// Events are events in the order of the log. Their encodings are shared between sessions and must not be changed.
type Events struct {
	Prev, Cursor chat.Cursor
	Events       [][]byte
}

// Reset replaces all that the client has.
type Reset struct {
	Reason   chat.ResetReason
	Cursor   chat.Cursor
	Snapshot chat.Snapshot
}

// Feed is one connection of a session: commands go in, deliveries come out.
type Feed struct{}

// Do executes a command; its answer is delivered by Next, after all events committed before it. Commands that write are
// handed to the writer and Do returns, so posts can be pipelined; with too many answers not yet taken by Next it waits.
func (f *Feed) Do(ctx context.Context, re int64, name chat.CommandName, args json.RawMessage) {}

// Next waits for the next delivery. ErrSignedOut: the session has ended. ErrClosed: the feed or the hub was closed.
func (f *Feed) Next(ctx context.Context) (*Delivery, error) { return nil, ErrClosed }

// Close takes the feed away; presence ends with the last one.
func (f *Feed) Close() {}
