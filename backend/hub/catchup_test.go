package hub

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

// TestFeed_behindGetsTheSame lets one feed read as it comes and another only at the end, when its queue has overflowed many
// times: both must get the same events in the same words and order.
func TestFeed_behindGetsTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.QueueEvents, o.FrameBytes = 8, 2<<10 })
	max, mia := r.connect("max"), r.connect("mia")
	a := r.signIn("ana")
	live, slow := r.connectAs("ana", a, ""), r.connectAs("ana", a, "")
	for i := range 100 {
		max.mustPost("ana", fmt.Sprint("from max ", i))
		mia.mustPost("ana", fmt.Sprint("from mia ", i))
		if i%7 == 0 {
			r.must(a, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: fmt.Sprint(i)}, nil)
			r.must(a, chat.ReadMark, chat.ReadMarkArgs{ConversationID: r.direct("max", "ana"), N: int64(i)}, nil)
			r.organisation(func(o *chat.Organisation) { o.Name = fmt.Sprint("Name ", i) })
		}
		live.barrier()
	}
	if s := r.hub.Stats(); s.Behind != 1 {
		t.Fatalf("%d feeds are behind, want 1", s.Behind)
	}
	re := slow.send(chat.Ping, struct{}{})
	slow.until("caught up", func() bool { return slow.answers[re] != nil })
	if !slices.Equal(live.transcript, slow.transcript) {
		t.Errorf("live got %d events, behind %d, or others", len(live.transcript), len(slow.transcript))
	}
	if len(slow.frames) < 5 {
		t.Errorf("%d frames: they are not bounded in size", len(slow.frames))
	}
	for _, f := range slow.frames {
		if size := len(bytes.Join(f.Events, nil)); size > 2<<10 {
			t.Errorf("a frame of %d bytes", size)
		}
	}
	if s := r.hub.Stats(); s.Behind != 0 {
		t.Errorf("%d feeds are still behind", s.Behind)
	}
	live.same()
	slow.same()
}

func TestFeed_resumesFromItsCursor(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	max.mustPost("ana", "one")
	ana.barrier()
	for i, restart := range []bool{false, true} {
		ana.feed.Close()
		if restart {
			r.restart()
			max.attach()
		}
		max.mustPost("ana", "missed")
		max.mustPost("ana", "missed too")
		before := len(ana.got)
		ana.attach()
		if len(ana.resets) != 1 || len(ana.got)-before != 2 {
			t.Errorf("resume %d: %d resets, %d events", i, len(ana.resets), len(ana.got)-before)
		}
		if last := ana.rights[len(ana.rights)-1]; len(last.Start) == 0 || len(last.Post) != 1 || len(last.PeopleGained) != 0 {
			t.Errorf("resume %d: rights %+v", i, last)
		}
		ana.same()
	}
	if got := ana.texts("max"); got != "1:one 2:missed 3:missed too 4:missed 5:missed too" {
		t.Errorf("ana has %q", got)
	}
}

func TestFeed_resetReasons(t *testing.T) {
	r := newRig(t)
	ana, ben := r.connect("ana"), r.connect("ben")
	if !slices.Equal(ana.resets, []chat.ResetReason{chat.ResetFirst}) {
		t.Errorf("the first start is %v", ana.resets)
	}
	sealer, err := r.hub.sealer(ana.actor.UserID)
	if err != nil {
		t.Fatal(err)
	}
	head := r.hub.facts.Load().head
	for name, tt := range map[string]struct {
		cursor chat.Cursor
		want   chat.ResetReason
	}{
		"somebody else's":  {ben.cursor, chat.ResetRenewed},
		"no word of ours":  {"nonsense", chat.ResetRenewed},
		"beyond the head":  {sealer.seal(head+1, head), chat.ResetExpired},
		"rights not there": {sealer.seal(head, head+1), chat.ResetExpired},
	} {
		c := r.connectAs("ana", ana.actor, tt.cursor)
		if !slices.Equal(c.resets, []chat.ResetReason{tt.want}) {
			t.Errorf("%s: %v, want %s", name, c.resets, tt.want)
		}
	}
	r.hub.log.Floor = head
	c := r.connectAs("ana", ana.actor, sealer.seal(head-1, head))
	if !slices.Equal(c.resets, []chat.ResetReason{chat.ResetExpired}) {
		t.Errorf("older than the log reaches: %v", c.resets)
	}
}

func TestFeed_restoredBackupIsAnotherLog(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	max.mustPost("ana", "kept")
	ana.barrier()
	backup := r.path + ".backup"
	if err := r.store.Backup(context.Background(), backup); err != nil {
		t.Fatal(err)
	}
	max.mustPost("ana", "after the backup")
	ana.barrier()
	r.close()
	r.path = backup
	r.open()
	ana.attach()
	if ana.resets[len(ana.resets)-1] != chat.ResetRenewed || ana.texts("max") != "1:kept" {
		t.Errorf("resets %v, texts %q", ana.resets, ana.texts("max"))
	}
	ana.same()
}

// TestFeed_hiddenTrafficLeavesNoTrace is the two-worlds principle: while others write, nothing reaches ana, and her next
// frame continues from her last.
func TestFeed_hiddenTrafficLeavesNoTrace(t *testing.T) {
	r := newRig(t, func(o *Options) { o.QueueEvents = 4 })
	r.startsAll("eve")
	r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "eva", DisplayName: "Eva", Role: chat.RoleAgent, Group: "South", Password: password}, nil)
	r.users["eva"] = r.hub.facts.Load().mustName("eva")
	ana, eve, max := r.connect("ana"), r.connect("eve"), r.connect("max")
	ana.until("max is online", func() bool { return ana.presence[max.actor.UserID].Availability == chat.Online })
	ana.presence = map[chat.UserID]chat.Presence{}
	rights, cursor := len(ana.rights), ana.cursor
	for range 20 {
		eve.mustPost("eva", "secret")
		eve.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak}, nil)
	}
	group := "West"
	r.update("eve", func(a *chat.UserUpdateArgs) { a.Group = &group })
	eva := r.connect("eva")
	eva.feed.Close()
	ana.barrier()
	if ana.cursor != cursor || len(ana.frames) != 0 || len(ana.rights) != rights || len(ana.presence) != 0 {
		t.Errorf("%d frames, %d rights, presence %v of what is hidden", len(ana.frames), len(ana.rights)-rights, ana.presence)
	}
	max.mustPost("ana", "visible")
	ana.barrier()
	if ana.texts("max") != "1:visible" {
		t.Errorf("ana has %q", ana.texts("max"))
	}
	for _, line := range ana.transcript {
		if strings.Contains(line, string(r.users["eve"])) || strings.Contains(line, string(r.users["eva"])) {
			t.Errorf("ana was told %s", line)
		}
	}
	ana.same()
}

func (f *facts) mustName(name string) chat.UserID {
	id, ok := f.names.get(name)
	if !ok {
		panic(name)
	}
	return id
}

// TestFeed_damagedMessageIsNotTold changes a message behind the hub's back.
func TestFeed_damagedMessageIsNotTold(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	max.mustPost("ana", "whole")
	r.outside("UPDATE message SET text = 'forged'")
	ana := r.signIn("ana")
	err := r.do(ana, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("max", "ana"), Limit: 5}, nil)
	if chat.AsError(err).Code != chat.CodeInternal || !strings.Contains(r.log.String(), "damaged") {
		t.Errorf("history: %v; log %s", err, r.log)
	}
	r.outside("UPDATE message SET text = 'whole'")
	r.must(ana, chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("max", "ana"), Limit: 5}, nil)
}
