package wire

import "parley/backend/chat"

// DecodeFrame reads one frame of a server. A *chat.Error of CodeInvalid says what is wrong. Unknown fields are ignored, so a
// frame of a newer server may decode to one without any content.
func DecodeFrame(data []byte) (Frame, error) {
	var f Frame
	if err := chat.Decode(data, &f); err != nil {
		return Frame{}, chat.Invalid("the frame is not a JSON object of the protocol in valid UTF-8")
	}
	if f.Re != 0 && f.OK == nil && f.Error == nil {
		return Frame{}, chat.Invalid("the answer has neither ok nor error")
	}
	if f.Cursor != "" && f.Reset == nil && f.Prev == "" {
		return Frame{}, chat.Invalid("the events frame has no prev")
	}
	return f, nil
}

// MovesCursor tells whether f is an events frame: one that goes on from Prev to Cursor.
func (f *Frame) MovesCursor() bool { return f.Cursor != "" && f.Reset == nil }

// Follow returns where a client that stood at the cursor at stands once it has taken f; ErrGap if frames are missing between.
func (f *Frame) Follow(at chat.Cursor) (chat.Cursor, error) {
	switch {
	case f.Reset != nil:
		return f.Reset.Cursor, nil
	case f.MovesCursor() && f.Prev != at:
		return at, ErrGap
	case f.MovesCursor():
		return f.Cursor, nil
	}
	return at, nil
}

// DecodeEvents returns the events of f. Types this program does not know are among them, with no field set but Type.
func (f *Frame) DecodeEvents() ([]chat.Event, error) {
	events := make([]chat.Event, len(f.Events))
	for i, raw := range f.Events {
		if err := chat.Decode(raw, &events[i]); err != nil {
			return nil, chat.Invalid("event %d of the frame is not an event", i)
		}
	}
	return events, nil
}
