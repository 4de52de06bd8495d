package cache

import (
	"encoding/json"
	"fmt"
	"testing"

	"parley/backend/chat"
)

// largeCache makes a profile with history of many conversations, and returns its folder, closed.
func largeCache(b *testing.B, conversations, messages int) string {
	b.Helper()
	dir := b.TempDir()
	c, err := Open(b.Context(), dir, quiet)
	must(b, err)
	must(b, c.Use(b.Context(), account))
	s := snapshot()
	for range conversations {
		other := chat.UserID(chat.NewUUID())
		s.People = append(s.People, chat.User{ID: other, DisplayName: "Somebody"})
		s.Conversations = append(s.Conversations, conversation(chat.DirectID(ana, other), int64(messages/conversations)))
	}
	_, err = c.ApplyReset(b.Context(), "c", chat.ResetFirst, s)
	must(b, err)
	must(b, c.Close())
	return dir
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen is the cache's part of a cold start: open, check, and what a page is shown first.
func BenchmarkOpen(b *testing.B) {
	for _, messages := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(messages, " messages"), func(b *testing.B) {
			dir := largeCache(b, 200, messages)
			for b.Loop() {
				c, err := Open(b.Context(), dir, quiet)
				must(b, err)
				_, _, err = c.Snapshot(b.Context(), Tails{Recent: 50, Long: 50})
				must(b, err)
				must(b, c.Close())
			}
		})
	}
}

// BenchmarkApplyEvents is a frame of catching up: 200 messages in one transaction.
func BenchmarkApplyEvents(b *testing.B) {
	c, err := Open(b.Context(), b.TempDir(), quiet)
	must(b, err)
	defer c.Close()
	must(b, c.Use(b.Context(), account))
	_, err = c.ApplyReset(b.Context(), "c", chat.ResetFirst, snapshot(conversation(withBen, 0)))
	must(b, err)
	n := int64(0)
	for b.Loop() {
		events := make([]json.RawMessage, 200)
		for i := range events {
			n++
			events[i], err = json.Marshal(posted(message(withBen, n, ben)))
			must(b, err)
		}
		_, err = c.ApplyEvents(b.Context(), "c", events)
		must(b, err)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkEnqueue is what a person waits for after Enter: the message on the disk.
func BenchmarkEnqueue(b *testing.B) {
	c, err := Open(b.Context(), b.TempDir(), quiet)
	must(b, err)
	defer c.Close()
	must(b, c.Use(b.Context(), account))
	for b.Loop() {
		_, err := c.Enqueue(b.Context(), chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: "hello"}, nil, 1)
		must(b, err)
	}
}
