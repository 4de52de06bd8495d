package proof

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// A conversation must behave as one list to which each post adds one message at the end and which each read sees whole, at one
// moment between its call and its answer, the same for everybody: it is linearizable.

// linearPage is how many messages a read asks for: it sees the end of the list and must see it right.
const linearPage = 8

// linearPost and linearRead are the operations; what they answer is the number given, or the newest messages. A read is told
// apart by the time of its call.
type (
	linearPost chat.MessageID
	linearRead int64
)

// linearList is a list of messages that shares its beginning with others. The empty list is nil.
type linearList struct {
	before *linearList
	id     chat.MessageID
	n      int64
	sum    uint64 // of all ids up to here
}

func (l *linearList) with(id chat.MessageID) *linearList {
	next := &linearList{before: l, id: id, n: 1}
	h := fnv.New64a()
	if l != nil {
		next.n = l.n + 1
		fmt.Fprintf(h, "%d ", l.sum)
	}
	_, _ = h.Write([]byte(id))
	next.sum = h.Sum64()
	return next
}

// sees tells whether messages are the newest of the list.
func (l *linearList) sees(messages []chat.Message) bool {
	for i := len(messages) - 1; i >= 0; i-- {
		if l == nil || messages[i].N != l.n || messages[i].ID != l.id {
			return false
		}
		l = l.before
	}
	return l == nil || len(messages) == linearPage
}

// linearState is a list with how many reads have seen it so far.
type linearState struct {
	list *linearList
	seen int
}

// linearModel is the list as porcupine checks it. Reads that saw the same list are taken in the order of their calls, and a post
// waits for all that saw the list without it: if there is any order that explains a history, there is one like this, so nothing
// is missed, and the search does not go through the orders of fifty reads.
func linearModel(history []porcupine.Operation) porcupine.Model {
	saw := map[int64][]linearRead{} // by the number of the list's last message, in the order of calls
	for _, op := range history {
		if read, ok := op.Input.(linearRead); ok {
			n := lastOf(op.Output.([]chat.Message))
			saw[n] = append(saw[n], read)
		}
	}
	for _, reads := range saw {
		slices.Sort(reads)
	}
	return porcupine.Model{
		Init: func() any { return linearState{} },
		Step: func(state, input, output any) (bool, any) {
			s := state.(linearState)
			if in, ok := input.(linearPost); ok {
				next := s.list.with(chat.MessageID(in))
				return next.n == output.(int64) && s.seen == len(saw[next.n-1]), linearState{list: next}
			}
			messages := output.([]chat.Message)
			reads := saw[lastOf(messages)]
			if !s.list.sees(messages) || s.seen >= len(reads) || reads[s.seen] != input.(linearRead) {
				return false, s
			}
			s.seen++
			return true, s
		},
		Equal: func(a, b any) bool {
			x, y := a.(linearState), b.(linearState)
			return x.seen == y.seen && (x.list == y.list || x.list != nil && y.list != nil && x.list.n == y.list.n && x.list.sum == y.list.sum)
		},
	}
}

func lastOf(messages []chat.Message) int64 {
	if len(messages) == 0 {
		return 0
	}
	return messages[len(messages)-1].N
}

// linearClient is one of many devices that write in and read one conversation.
type linearClient struct {
	a       *rig.Actor
	id      int
	conv    chat.ConversationID
	rand    *rand.Rand
	clock   *atomic.Int64
	history []porcupine.Operation
	// stale is set for a client that keeps what it has read and sometimes answers from that.
	stale bool
	kept  []chat.Message
}

// run does operations one after the other; now and then the connection is cut while one is under way, and it is repeated.
func (c *linearClient) run(operations int) {
	for range operations {
		op := porcupine.Operation{ClientId: c.id, Call: c.clock.Add(1)}
		if c.rand.IntN(2) == 0 {
			args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: c.conv, Text: "text"}
			op.Input = linearPost(args.ID)
			op.Output = c.post(args)
		} else {
			op.Input, op.Output = linearRead(op.Call), c.read()
		}
		op.Return = c.clock.Add(1)
		c.history = append(c.history, op)
		if c.a.Failed() {
			return
		}
	}
}

// post posts until it is answered, with one key.
func (c *linearClient) post(args chat.MessagePostArgs) int64 {
	if c.rand.IntN(20) == 0 {
		client := c.a.Client()
		if _, err := client.Begin(context.Background(), chat.MessagePost, args); err == nil {
			client.Cut() // whether it was posted is not known now
		}
		c.a.Disconnect()
		c.a.Connect()
	}
	var answer chat.MessagePostAnswer
	c.do(chat.MessagePost, args, &answer)
	return answer.N
}

func (c *linearClient) read() []chat.Message {
	if c.stale && c.kept != nil && c.rand.IntN(4) == 0 {
		return c.kept
	}
	var page chat.HistoryLoadAnswer
	c.do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: c.conv, Limit: linearPage}, &page)
	c.kept = page.Messages
	return page.Messages
}

// do sends a command again as long as there are too many.
func (c *linearClient) do(name chat.CommandName, args, answer any) {
	for {
		err := c.a.Try(name, args, answer)
		var refusal *chat.Error
		var closed *wire.CloseError
		switch {
		case err == nil || c.a.Failed():
			return
		case errors.As(err, &refusal) && refusal.Code == chat.CodeBusy:
		case errors.As(err, &closed):
			c.a.Connect()
		default:
			c.a.Do(name, args, answer) // fails the test with the reason
			return
		}
	}
}

// linearHistory has clients, half of each side of one conversation, work on it at once.
func linearHistory(t *testing.T, clients, operations int, stale bool) []porcupine.Operation {
	t.Helper()
	s := rig.Start(t)
	var clock atomic.Int64
	all := make([]*linearClient, clients)
	var workers sync.WaitGroup
	for i := range all {
		name := []string{"liam", "amparo"}[i%2]
		all[i] = &linearClient{a: s.As(name), id: i, conv: s.Direct("liam", "amparo"), clock: &clock, stale: stale && i == 0,
			rand: rand.New(rand.NewPCG(uint64(i), 1))}
	}
	for _, c := range all {
		workers.Go(func() { c.run(operations) })
	}
	workers.Wait()
	var history []porcupine.Operation
	for _, c := range all {
		history = append(history, c.history...)
	}
	return history
}

const (
	linearClients = 50
	// linearPatience bounds the search for an order; it is no measure, and running into it fails the test.
	linearPatience = 2 * time.Minute
)

func TestLinearizable(t *testing.T) {
	operations := size(20, 400)
	history := linearHistory(t, linearClients, operations, false)
	began := time.Now()
	if result := porcupine.CheckOperationsTimeout(linearModel(history), history, linearPatience); result != porcupine.Ok {
		t.Fatalf("the history of %d operations by %d clients is not linearizable: %s", len(history), linearClients, result)
	}
	report(t, "linearizability", linearClients, "clients", len(history), "operations", 0, "out of order",
		float64(time.Since(began).Milliseconds()), "ms to check")
}

// TestLinearizable_findsAStaleRead is the control: one client of fifty that sometimes answers from what it has read before.
func TestLinearizable_findsAStaleRead(t *testing.T) {
	history := linearHistory(t, linearClients, size(20, 100), true)
	if result := porcupine.CheckOperationsTimeout(linearModel(history), history, linearPatience); result != porcupine.Illegal {
		t.Fatalf("a client that reads stale answers is judged %s", result)
	}
	report(t, "linearizability, control", len(history), "operations", 1, "planted stale reader found")
}
