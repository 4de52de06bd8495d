package hub

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parley/backend/chat"
	"parley/backend/store"
)

// outside changes the database behind the hub's back.
func (r *rig) outside(query string) {
	r.t.Helper()
	if err := r.tryOutside(query); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) tryOutside(query string) error {
	db, err := sql.Open("sqlite", "file:"+r.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	_, err = db.Exec(query)
	return errors.Join(err, db.Close())
}

// queryRow asks the database beside the store.
func (r *rig) queryRow(query string, to ...any) {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+r.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(to...); err != nil {
		r.t.Fatal(err)
	}
}

// breakMessages makes every insert of a message fail, as a broken disk would, until mend is called.
func (r *rig) breakMessages() (mend func()) {
	r.t.Helper()
	r.outside(`CREATE TRIGGER broken BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END`)
	return func() { r.outside("DROP TRIGGER broken") }
}

func TestCommit_failedIsBusyAndLosesNothing(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	max.mustPost("ana", "before")
	mend := r.breakMessages()
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: "kept by its writer"}
	if err := max.ask(chat.MessagePost, args, nil); err == nil || err.Code != chat.CodeBusy || err.RetryAfterMs == 0 {
		t.Fatalf("a post that cannot be written: %v", err)
	}
	if err := max.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "mia"), Text: "x"}, nil); err == nil || err.Code != chat.CodeBusy {
		t.Fatalf("a first post that cannot be written: %v", err)
	}
	ana.barrier()
	if ana.texts("max") != "1:before" || max.texts("mia") != "(none)" {
		t.Errorf("something was told that is not in the log: %q, %q", ana.texts("max"), max.texts("mia"))
	}
	var page chat.HistoryLoadAnswer
	ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("max", "ana"), Limit: 5}, &page)
	if len(page.Messages) != 1 {
		t.Errorf("reading while writing fails: %+v", page)
	}
	if err := r.hub.Ready(t.Context()); err != nil { // only messages cannot be written
		t.Errorf("not ready: %v", err)
	}
	mend()
	var answer chat.MessagePostAnswer
	max.mustAsk(chat.MessagePost, args, &answer)
	if answer.N != 2 {
		t.Errorf("the repeat is number %d, want 2", answer.N)
	}
	max.mustPost("mia", "the first")
	ana.same()
	max.same()
	if s := r.hub.Stats(); s.Failed != 2 {
		t.Errorf("%d failed batches, want 2", s.Failed)
	}
	r.restart()
	ana.attach()
	if got := ana.texts("max"); got != "1:before 2:kept by its writer" {
		t.Errorf("ana has %q", got)
	}
}

// TestCommit_failedAmongMany fails some batches of many writers: what was answered is there, once and in one order; what
// was answered busy is not, until it is repeated.
func TestCommit_failedAmongMany(t *testing.T) {
	r := newRig(t)
	writers := []*client{r.connect("max"), r.connect("mia"), r.connect("sue"), r.connect("ada")}
	const each = 40
	var wg sync.WaitGroup
	for i, c := range writers {
		wg.Go(func() {
			for n := range each {
				args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct(c.name, "ana"), Text: fmt.Sprint(n + 1)}
				if i == 0 && n%10 == 5 {
					r.breakMessages()()
				}
				for {
					err := c.ask(chat.MessagePost, args, nil)
					if err == nil {
						break
					}
					if err.Code != chat.CodeBusy {
						t.Errorf("%s: %v", c.name, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	ana := r.connect("ana")
	for _, c := range writers {
		conv := ana.convs[r.direct(c.name, "ana")]
		var page chat.HistoryLoadAnswer
		ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, Limit: 200}, &page)
		if len(page.Messages) != each {
			t.Fatalf("%d messages of %s, want %d", len(page.Messages), c.name, each)
		}
		for i, m := range page.Messages {
			if m.N != int64(i+1) || m.Text != fmt.Sprint(i+1) {
				t.Errorf("message %d of %s is %q", m.N, c.name, m.Text)
			}
		}
		c.same()
	}
}

// TestCommit_fullDisk fills the database to its bound: writing is refused, reading goes on, and it recovers.
func TestCommit_fullDisk(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	max.mustPost("ana", "before")
	r.close()
	r.openWith(store.Options{MaxPages: 60})
	max.attach()
	post := func(size int) *chat.Error {
		return max.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: strings.Repeat("x", size)}, nil)
	}
	posted := 1
	for post(20_000) == nil {
		if posted++; posted > 20 {
			t.Fatal("the bound does not hold")
		}
	}
	if err := post(20_000); err == nil || err.Code != chat.CodeBusy {
		t.Errorf("a post that does not fit: %v", err)
	}
	var page chat.HistoryLoadAnswer
	max.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("max", "ana"), Limit: 50}, &page)
	if len(page.Messages) != posted {
		t.Errorf("%d messages, want %d", len(page.Messages), posted)
	}
	max.same()
	r.close()
	r.open()
	max.attach()
	if err := post(20_000); err != nil {
		t.Errorf("with room again: %v", err)
	}
	max.same()
}
