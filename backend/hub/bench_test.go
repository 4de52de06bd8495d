//go:build unix

package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/backend/chat"
)

// BenchmarkPairs is the hub's part of the first row of the figures to reach: 200 users in pairs, each posting 200 bytes and
// waiting for the answer before the next; every post is delivered to both sides.
func BenchmarkPairs(b *testing.B) {
	r := newRig(b)
	const users = 200
	actors := make([]Actor, users)
	for i := range actors {
		name := fmt.Sprint("user", i)
		var added chat.UserAddAnswer
		r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.RoleExpert, Password: password}, &added)
		actors[i] = r.signIn(name)
	}
	text := strings.Repeat("0123456789", 20)
	feeds := make([]*Feed, users)
	answered := make([]chan struct{}, users)
	var reading sync.WaitGroup
	for i, a := range actors {
		f, err := r.hub.Connect(context.Background(), a, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion})
		if err != nil {
			b.Fatal(err)
		}
		feeds[i], answered[i] = f, make(chan struct{}, 1)
		reading.Go(func() {
			for {
				d, err := f.Next(context.Background())
				if err != nil {
					return
				}
				if d.Answer != nil && d.Answer.Re > 1 {
					if d.Answer.Err != nil {
						b.Error(d.Answer.Err)
					}
					answered[i] <- struct{}{}
				}
			}
		})
	}
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	began := time.Now()
	b.ReportAllocs()
	b.ResetTimer()
	var posting sync.WaitGroup
	for i, f := range feeds {
		n := b.N / users
		if i < b.N%users {
			n++
		}
		to := chat.DirectID(actors[i].UserID, actors[i^1].UserID)
		posting.Go(func() {
			for k := range n {
				raw, err := json.Marshal(chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to, Text: text})
				if err != nil {
					b.Error(err)
					return
				}
				f.Do(context.Background(), int64(k+2), chat.MessagePost, raw)
				<-answered[i]
			}
		})
	}
	posting.Wait()
	b.StopTimer()
	took := time.Since(began)
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	cpu := time.Duration(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()) * time.Nanosecond
	s := r.hub.Stats()
	b.ReportMetric(float64(b.N)/took.Seconds(), "posts/s")
	b.ReportMetric(cpu.Seconds()/float64(b.N)*1000, "cpu-s/1000")
	b.ReportMetric(float64(s.Posts)/float64(max(1, s.Batches-int64(2*users))), "posts/batch")
	for _, f := range feeds {
		f.Close()
	}
	reading.Wait()
}
