package replica

import (
	"encoding/json"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Frames that the replica makes, one type for each kind, so that nothing of the others is ever in them. They are package wire's
// Frame cut apart.
type (
	eventsFrame struct {
		Prev   chat.Cursor       `json:"prev"`
		Cursor chat.Cursor       `json:"cursor"`
		Events []json.RawMessage `json:"events"`
	}
	resetFrame struct {
		Reset wire.Reset `json:"reset"`
	}
	rightsFrame struct {
		Rights chat.Rights `json:"rights"`
	}
	signalsFrame struct {
		Signals []chat.Signal `json:"signals"`
	}
)

// encode turns what the replica made or the hub told into JSON. Such values always encode; if one does not, that is a fault of
// the program, which is logged and leaves an empty object.
func (r *Replica) encode(v any) json.RawMessage {
	data, err := chat.Encode(v)
	if err != nil {
		r.Log.Error("a frame could not be encoded", "error", err)
		return json.RawMessage("{}")
	}
	return data
}
