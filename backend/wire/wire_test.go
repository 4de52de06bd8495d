package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/wire"
)

func TestParseRequest(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tc := range []struct {
		name, frame string
		id          int64 // 0: not even the id can be answered
		ok          bool
	}{
		{"ping", `{"id":1,"do":"ping","args":{}}`, 1, true},
		{"without arguments", `{"id":7,"do":"ping"}`, 7, true},
		{"unknown field", `{"id":1,"do":"ping","later":[1,2]}`, 1, true},
		{"largest id", `{"id":9007199254740992,"do":"ping"}`, 1 << 53, true},
		{"id past the largest", `{"id":9007199254740993,"do":"ping"}`, 0, false},
		{"id zero", `{"id":0,"do":"ping"}`, 0, false},
		{"id negative", `{"id":-1,"do":"ping"}`, 0, false},
		{"id a fraction", `{"id":1.5,"do":"ping"}`, 0, false},
		{"id a text", `{"id":"1","do":"ping"}`, 0, false},
		{"no command", `{"id":3}`, 3, false},
		{"command a number", `{"id":3,"do":4}`, 3, false},
		{"empty", ``, 0, false},
		{"null", `null`, 0, false},
		{"list", `[]`, 0, false},
		{"two objects", `{"id":1,"do":"ping"}{}`, 0, false},
		{"cut off", `{"id":1,"do":"pi`, 0, false},
		{"invalid UTF-8", "{\"id\":1,\"do\":\"\xff\"}", 0, false},
		{"as deep as allowed", `{"id":1,"do":"ping","args":` + nested(wire.MaxRequestDepth-1) + `}`, 1, true},
		{"one too deep", `{"id":1,"do":"ping","args":` + nested(wire.MaxRequestDepth) + `}`, 1, false},
		{"far too deep", `{"args":` + nested(9_000) + `,"id":4,"do":"ping"}`, 4, false},
		{"very deep", strings.Repeat(`{"a":`, 100_000), 0, false},
		{"brackets in a text", `{"id":1,"do":"ping","args":{"a":"` + strings.Repeat("[{", 500) + `\""}}`, 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := wire.ParseRequest([]byte(tc.frame))
			if (err == nil) != tc.ok || r.ID != tc.id {
				t.Fatalf("got id %d, error %v; want id %d, ok %v", r.ID, err, tc.id, tc.ok)
			}
			var e *chat.Error
			if err != nil && (!errors.As(err, &e) || e.Code != chat.CodeInvalid) {
				t.Errorf("error %v is not a *chat.Error of code invalid", err)
			}
		})
	}
}

func TestDecodeArgs(t *testing.T) {
	for _, tc := range []struct {
		args string
		ok   bool
	}{
		{``, true}, {`null`, true}, {`{}`, true}, {`{"conversationId":"c","n":3,"more":true}`, true},
		{`[]`, false}, {`{"n":"3"}`, false}, {`{"n":1e400}`, false}, {`{"n":1.5}`, false}, {`"n"`, false},
	} {
		var mark chat.ReadMarkArgs
		if err := wire.DecodeArgs(json.RawMessage(tc.args), &mark); (err == nil) != tc.ok {
			t.Errorf("%q: error %v, want ok %v", tc.args, err, tc.ok)
		}
	}
}

func TestDecodeFrame(t *testing.T) {
	for _, tc := range []struct {
		name, frame string
		ok          bool
	}{
		{"answer", `{"re":1,"ok":{}}`, true},
		{"refusal", `{"re":1,"error":{"code":"denied","text":"no"}}`, true},
		{"answer of nothing", `{"re":1}`, false},
		{"events", `{"prev":"a","cursor":"b","events":[{"type":"x"}]}`, true},
		{"only a cursor", `{"prev":"a","cursor":"b"}`, true},
		{"events from nowhere", `{"cursor":"b","events":[]}`, false},
		{"something newer", `{"weather":"fine"}`, true},
		{"list", `[]`, false},
		{"invalid UTF-8", "{\"prev\":\"\xc3\x28\"}", false},
		{"cut off", `{"re":`, false},
	} {
		if _, err := wire.DecodeFrame([]byte(tc.frame)); (err == nil) != tc.ok {
			t.Errorf("%s: error %v, want ok %v", tc.name, err, tc.ok)
		}
	}
}

func TestDecodeEvents_keepsUnknownTypes(t *testing.T) {
	f, err := wire.DecodeFrame([]byte(`{"prev":"a","cursor":"b","events":[{"type":"moon.rose","moon":1},{"type":"team.changed","team":{"id":"t","name":"East"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	events, err := f.DecodeEvents()
	if err != nil || len(events) != 2 || events[0].Type != "moon.rose" || events[1].Team.Name != "East" {
		t.Fatalf("got %+v, %v", events, err)
	}
	f.Events[0] = json.RawMessage(`7`)
	if _, err := f.DecodeEvents(); err == nil {
		t.Error("a number was taken for an event")
	}
}

func TestEncodeAnswer(t *testing.T) {
	got, err := wire.EncodeAnswer(5, chat.MessagePostAnswer{N: 2, At: 3}, nil)
	if err != nil || string(got) != `{"re":5,"ok":{"n":2,"at":3}}` {
		t.Errorf("got %s, %v", got, err)
	}
	got, err = wire.EncodeAnswer(6, nil, chat.ErrUnknown)
	if err != nil || !strings.HasPrefix(string(got), `{"re":6,"error":{"code":"unknown"`) {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := wire.EncodeAnswer(7, make(chan int), nil); err == nil {
		t.Error("what JSON cannot say was encoded")
	}
}

func TestMayReturn(t *testing.T) {
	for code, want := range map[int]bool{-1: true, 1000: true, 1006: true, 4000: true, 4001: true, 4099: true, 4100: false, 4101: false, 4199: false, 4200: true} {
		if got := (&wire.CloseError{Code: wireCode(code)}).MayReturn(); got != want {
			t.Errorf("after %d: %v, want %v", code, got, want)
		}
	}
}
