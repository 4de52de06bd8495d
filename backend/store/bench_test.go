package store

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
)

// BenchmarkCommit writes messages of 200 bytes in 100 conversations, 100 in each transaction, as the hub does.
func BenchmarkCommit(b *testing.B) {
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "parley.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c := &Changes{}
	const pairs = 100
	for i := range 2 * pairs {
		id := chat.UserID(chat.NewUUID())
		c.Users = append(c.Users, User{Key: UserKey(i + 1), User: chat.User{ID: id}, Name: string(id)})
	}
	for i := range pairs {
		key := ConversationKey(i + 1)
		c.Conversations = append(c.Conversations, Conversation{Key: key, ID: chat.ConversationID(chat.NewUUID())})
		c.Participants = append(c.Participants, Participant{ConversationKey: key, UserKey: UserKey(2*i + 1)}, Participant{ConversationKey: key, UserKey: UserKey(2*i + 2)})
	}
	if err := s.Commit(c); err != nil {
		b.Fatal(err)
	}
	text, seq := strings.Repeat("0123456789", 20), int64(0)
	b.ResetTimer()
	for range b.N / pairs {
		c := &Changes{}
		for i := range pairs {
			seq++
			n := (seq-1)/pairs + 1
			key, user := ConversationKey(i+1), UserKey(2*i+1+int(n%2))
			c.Messages = append(c.Messages, Message{Seq: seq, ID: chat.NewMessageID(), ConversationKey: key, N: n, UserKey: user, At: 1_800_000_000_000,
				Text: text, Hash: bytes.Repeat([]byte("h"), 16)})
			c.Participants = append(c.Participants, Participant{ConversationKey: key, UserKey: user, ReadN: n, WroteAt: 1_800_000_000_000})
		}
		ids := make([]chat.MessageID, len(c.Messages))
		for i := range c.Messages {
			ids[i] = c.Messages[i].ID
		}
		if found, err := s.Posted(ids); err != nil || len(found) > 0 {
			b.Fatal(err)
		}
		if err := s.Commit(c); err != nil {
			b.Fatal(err)
		}
	}
}
