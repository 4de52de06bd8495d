package hub

import (
	"strconv"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/store"
)

// messageEntry returns the log's entry of a message. Live and read from the log it is the same, byte for byte, as long as the message
// does not change.
func (f *facts) messageEntry(c *conversation, m *store.Message, wasAt chat.Millis) *entry {
	return &entry{seq: m.Seq, conversation: c.id, author: f.ids[m.UserKey], n: m.N, wasAt: wasAt, bytes: f.encodeMessage(chat.MessagePosted, c, m)}
}

// encodeMessage returns an event that carries a message. message.posted is by far the most frequent one, hence not encoded by
// reflection.
func (f *facts) encodeMessage(t chat.EventType, c *conversation, m *store.Message) []byte {
	b := make([]byte, 0, 320+len(m.Text)+len(m.Text)/8+len(m.Document)+len(m.Attachments))
	b = append(b, `{"type":"`...)
	b = append(b, t...)
	b = append(b, `","message":{"id":"`...)
	b = append(b, m.ID...)
	b = append(b, `","conversationId":"`...)
	b = append(b, c.id...)
	b = append(b, `","n":`...)
	b = strconv.AppendInt(b, m.N, 10)
	b = append(b, `,"authorId":"`...)
	b = append(b, f.ids[m.UserKey]...)
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
	b = appendNumber(b, `,"revision":`, m.Revision)
	b = appendNumber(b, `,"editedAt":`, int64(m.EditedAt))
	b = appendNumber(b, `,"deletedAt":`, int64(m.DeletedAt))
	if m.ReplyToN > 0 {
		b = append(append(append(b, `,"replyToId":"`...), m.ReplyToID...), '"')
		b = appendNumber(b, `,"replyToN":`, m.ReplyToN)
	}
	if len(m.Mentions) > 0 {
		b = append(append(b, `,"mentions":`...), mustEncode(f.idsOf(m.Mentions))...)
	}
	if len(m.Reactions) > 0 {
		b = append(append(b, `,"reactions":`...), mustEncode(f.reactions(m))...)
	}
	return append(b, "}}"...)
}

// appendNumber appends a field, unless it is zero.
func appendNumber(b []byte, name string, n int64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, name...), n, 10)
}

// message returns the message as clients know it.
func (f *facts) message(c *conversation, m *store.Message) chat.Message {
	return chat.Message{ID: m.ID, ConversationID: c.id, N: m.N, AuthorID: f.ids[m.UserKey], At: m.At, Text: m.Text, Document: m.Document,
		Attachments: attachmentsOf(m),
		Revision:    m.Revision, EditedAt: m.EditedAt, DeletedAt: m.DeletedAt, ReplyToID: m.ReplyToID, ReplyToN: m.ReplyToN,
		Mentions: f.idsOf(m.Mentions), Reactions: f.reactions(m)}
}

// idsOf returns the ids of users; nil for nobody.
func (f *facts) idsOf(keys []store.UserKey) []chat.UserID {
	var ids []chat.UserID
	for _, key := range keys {
		ids = append(ids, f.ids[key])
	}
	return ids
}

// reactions returns a message's reactions as clients know them; nil if there are none.
func (f *facts) reactions(m *store.Message) []chat.Reaction {
	var told []chat.Reaction
	for _, r := range m.Reactions {
		told = append(told, chat.Reaction{Emoji: r.Emoji, UserIDs: f.idsOf(r.Users)})
	}
	return told
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
