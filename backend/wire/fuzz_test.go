package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/wire"
)

// Every target runs on its seeds with the other tests. "make fuzz" looks for more inputs.

// FuzzParseRequest: whatever a client sends is a request in bounds, or refused in words and, where its id can be read, by its id.
func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{`{"id":1,"do":"ping","args":{}}`, `{"id":1,"do":"ping","args":[[[["\"["]]]]}`, `null`, "{\"id\":1,\"do\":\"\xff\"}",
		`{"id":1,"id":2,"do":"a","DO":"b"}`, `{"id":1e2,"do":"ping"}`, `{"id":9007199254740993,"do":"ping"}`, `{"id":-1,"do":"ping"}`, `{"id":"1","do":"ping"}`,
		`{"id":7,"do":["ping"]}`, `{"id":7,"do":"ping","args":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `{"id":7,"do":"ping"} {}`,
		`{"id":7,"do":"ping","args":NaN}`, `{"id":7,"do":"p\u0000ng"}`, `{"id":7,"do":"\ud800"}`, strings.Repeat("[", 5000), ``, "\ufeff{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := wire.ParseRequest(data)
		if r.ID < 0 || r.ID > 1<<53 {
			t.Fatalf("%q has the id %d", data, r.ID)
		}
		if err != nil {
			var refusal *chat.Error
			if !errors.As(err, &refusal) || refusal.Code != chat.CodeInvalid || refusal.Text == "" {
				t.Fatalf("%q is refused with %v", data, err)
			}
			answer, err := wire.EncodeAnswer(r.ID, nil, refusal)
			if err != nil {
				t.Fatal(err)
			}
			if f, err := wire.DecodeFrame(answer); err != nil || f.Re != r.ID || f.Error == nil {
				t.Fatalf("the refusal %q decodes to %+v, %v", answer, f, err)
			}
			return
		}
		if r.ID == 0 || r.Do == "" || !utf8.Valid(data) || chat.JSONDepth(r.Args) >= wire.MaxRequestDepth {
			t.Fatalf("accepted %q as %+v", data, r)
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("%q cannot be encoded again: %v", data, err)
		}
		back, err := wire.ParseRequest(again)
		if err != nil || back.ID != r.ID || back.Do != r.Do {
			t.Fatalf("%q came back as %+v, %v", again, back, err)
		}
	})
}

// FuzzDecodeFrame: whatever a server sends is a frame, or refused; taking it moves a cursor only as the protocol says.
func FuzzDecodeFrame(f *testing.F) {
	for _, seed := range []string{`{"re":1,"ok":{}}`, `{"prev":"a","cursor":"b","events":[{"type":"x"},null]}`, `{"reset":{"reason":"first","cursor":"c","snapshot":{}}}`,
		`{"signals":[{"type":"typing"}]}`, `{"rights":{"start":{"u":{"allowed":true}}}}`, `{"re":1}`, `{"cursor":"b"}`, `{"re":1,"error":{"code":"busy","text":"x","retryAfterMs":1e3}}`,
		`{"prev":"a","cursor":"b","events":{}}`, `{"prev":"a","cursor":"b","events":[[]]}`, `{"re":1,"ok":null}`, "{\"prev\":\"\xff\"}", `{"prev":"a","prev":"b","cursor":"c"}`, `{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := wire.DecodeFrame(data)
		if err != nil {
			return
		}
		const here = "somewhere else entirely"
		if to, err := frame.Follow(here); to != here && frame.Reset == nil || err != nil && !frame.MovesCursor() {
			t.Fatalf("%q leads from another cursor to %q, %v", data, to, err)
		}
		if _, err := frame.DecodeEvents(); err != nil {
			return
		}
		again, err := json.Marshal(frame)
		if err != nil {
			t.Fatalf("%q cannot be encoded again: %v", data, err)
		}
		if _, err := wire.DecodeFrame(again); err != nil {
			t.Fatalf("%q does not decode again: %v", again, err)
		}
	})
}
