package hub

import (
	"strconv"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/store"
)

// messageEntry returns the log's entry of a message. Live and read from the log it is the same, byte for byte.
func messageEntry(c *conversation, m *store.Message, author chat.UserID, wasAt chat.Millis) *entry {
	return &entry{seq: m.Seq, conversation: c.id, author: author, n: m.N, wasAt: wasAt, bytes: encodePosted(c, m, author)}
}

// encodePosted returns the event message.posted. It is by far the most frequent one, hence not encoded by reflection.
func encodePosted(c *conversation, m *store.Message, author chat.UserID) []byte {
	b := make([]byte, 0, 320+len(m.Text)+len(m.Text)/8+len(m.Document)+len(m.Attachments))
	b = append(b, `{"type":"message.posted","message":{"id":"`...)
	b = append(b, m.ID...)
	b = append(b, `","conversationId":"`...)
	b = append(b, c.id...)
	b = append(b, `","n":`...)
	b = strconv.AppendInt(b, m.N, 10)
	b = append(b, `,"authorId":"`...)
	b = append(b, author...)
	b = append(b, `","at":`...)
	b = strconv.AppendInt(b, int64(m.At), 10)
	b = append(b, `,"text":`...)
	b = appendString(b, m.Text)
	if len(m.Document) > 0 {
		b = append(b, `,"document":`...)
		b = append(b, m.Document...)
	}
	if len(m.Attachments) > 0 {
		b = append(b, `,"attachments":`...)
		b = append(b, m.Attachments...)
	}
	return append(b, "}}"...)
}

// message returns the message as clients know it.
func message(c *conversation, m *store.Message, author chat.UserID) chat.Message {
	return chat.Message{ID: m.ID, ConversationID: c.id, N: m.N, AuthorID: author, At: m.At, Text: m.Text, Document: m.Document,
		Attachments: attachmentsOf(m)}
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. s is valid UTF-8, as everything that was let in.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == '\u2028' || r == '\u2029' { // legal in JSON, but ends a line in older JavaScript
				b = append(b, s[start:i]...)
				b = append(b, `\u202`...)
				b = append(b, hexDigits[r&0xf])
				start = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&0xf])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
