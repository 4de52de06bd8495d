package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/wire"
)

// What a client pays for each frame: the load generator shares its machine with the server it measures.
func BenchmarkDecodeFrame(b *testing.B) {
	id := chat.NewUUID()
	posted := fmt.Sprintf(`{"type":"message.posted","message":{"id":%q,"conversationId":"d.%s.%s","n":7,"authorId":%q,"at":1700000000000,"text":%q}}`,
		id, id, id, id, strings.Repeat("x", 200))
	for name, frame := range map[string]string{
		"answer": `{"re":12,"ok":{"n":7,"at":1700000000000}}`,
		"event":  `{"prev":"0123456789abcdefghijklmn","cursor":"0123456789abcdefghijklmo","events":[` + posted + `]}`,
		"events": `{"prev":"0123456789abcdefghijklmn","cursor":"0123456789abcdefghijklmo","events":[` + strings.Repeat(posted+",", 99) + posted + `]}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(frame)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := wire.DecodeFrame([]byte(frame)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseRequest(b *testing.B) {
	id := chat.NewUUID()
	frame := fmt.Sprintf(`{"id":7,"do":"message.post","args":{"id":%q,"conversationId":"d.%s.%s","text":%q}}`, id, id, id, strings.Repeat("x", 200))
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.ParseRequest([]byte(frame)); err != nil {
			b.Fatal(err)
		}
	}
}
