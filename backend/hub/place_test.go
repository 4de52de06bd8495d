package hub

import (
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

func TestRead_marks(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	a := r.signIn("ana")
	desk, phone := r.connectAs("ana", a, ""), r.connect("ana")
	id := r.direct("max", "ana")
	for range 3 {
		max.mustPost("ana", "hello")
	}
	if max.convs[id].ReadN != 3 {
		t.Errorf("posting marks as read: %d", max.convs[id].ReadN)
	}
	mark := func(n, want int64) {
		t.Helper()
		desk.mustAsk(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: n}, nil)
		phone.barrier()
		desk.barrier()
		if desk.convs[id].ReadN != want || phone.convs[id].ReadN != want {
			t.Errorf("after a mark at %d: desk %d, phone %d, want %d", n, desk.convs[id].ReadN, phone.convs[id].ReadN, want)
		}
	}
	mark(2, 2)
	mark(1, 2) // never back
	mark(99, 3)
	desk.same()
	max.same()
	for _, line := range max.transcript {
		if strings.Contains(line, "read.marked") {
			t.Errorf("EXP-16: max was told %s", line)
		}
	}
	r.restart()
	desk.attach()
	if desk.convs[id].ReadN != 3 {
		t.Errorf("after a restart the mark is at %d", desk.convs[id].ReadN)
	}
	desk.same()
}

func TestDraft_isForOnesOwnDevices(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	max.mustPost("ana", "hello")
	desk, phone := r.connect("ana"), r.connect("ana")
	set := func(with, text string) {
		t.Helper()
		desk.mustAsk(chat.DraftSet, chat.DraftSetArgs{ConversationID: r.direct("ana", with), Text: text}, nil)
		phone.barrier()
		if got := phone.drafts[r.direct("ana", with)].Text; got != text {
			t.Errorf("the phone has the draft %q, want %q", got, text)
		}
		desk.same()
	}
	set("max", "dear max ")
	set("max", "dear Max, ")
	set("ben", "to somebody not written to yet")
	set("max", "")
	set("max", "again")
	max.barrier()
	for _, line := range max.transcript {
		if strings.Contains(line, "draft") {
			t.Errorf("max was told %s", line)
		}
	}
	if err := desk.ask(chat.DraftSet, chat.DraftSetArgs{ConversationID: r.direct("ana", "max"), Text: strings.Repeat("x", chat.MaxTextLength+1)}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("a draft too long: %v", err)
	}
	r.restart()
	desk.attach()
	desk.same()
}

func TestTyping_reachesTheOtherSide(t *testing.T) {
	r := newRig(t)
	max, ana, mia := r.connect("max"), r.connect("ana"), r.connect("mia")
	id := r.direct("max", "ana")
	max.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: true}, nil)
	max.mustPost("ana", "hello")
	max.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: true}, nil)
	ana.until("max types", func() bool { return len(ana.typing) > 0 })
	if s := ana.typing[0]; !s.Typing || s.UserID != r.users["max"] || s.ConversationID != id || len(ana.typing) != 1 {
		t.Errorf("ana was told %+v", ana.typing)
	}
	ana.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: true}, nil)
	max.until("ana types", func() bool { return len(max.typing) > 0 })
	r.settings("ana", chat.MessagingSettings{Replies: false, Scope: chat.StartEveryone})
	told := len(max.typing)
	ana.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: id, Typing: false}, nil)
	max.mustAsk(chat.TypingSet, chat.TypingSetArgs{ConversationID: r.direct("max", "mia"), Typing: true}, nil)
	max.mustPost("ana", "are you there?") // wakes max after whatever was queued
	max.barrier()
	mia.barrier()
	if len(max.typing) != told || len(mia.typing) != 0 {
		t.Errorf("A2: typing of somebody who may not reply, or in a conversation that has not begun: %+v, %+v", max.typing[told:], mia.typing)
	}
}

func TestPresence_followsDevicesAndStatus(t *testing.T) {
	r := newRig(t)
	max, eve := r.connect("max"), r.connect("eve")
	shown := func(want chat.Availability, rule chat.PresenceRule) {
		t.Helper()
		max.until("ana is "+string(want), func() bool {
			p := max.presence[r.users["ana"]]
			return p.Availability == want && p.Rule == rule
		})
	}
	a := r.signIn("ana")
	first := r.connectAs("ana", a, "")
	shown(chat.Online, chat.RuleSignedIn)
	r.clock.turn(time.Minute)
	first.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: " lunch "}, nil)
	shown(chat.Away, chat.RuleBreak)
	if p := max.presence[r.users["ana"]]; p.Reason != "lunch" || p.SinceAt != r.hub.now() || p.Device != chat.DeviceDesktop {
		t.Errorf("the evidence is %+v", p)
	}
	second := r.connectAs("ana", a, "")
	first.feed.Close()
	second.feed.Close()
	shown(chat.Offline, chat.RuleNoDevice)
	r.restart()
	max.attach()
	again := r.connectAs("ana", a, "")
	shown(chat.Away, chat.RuleBreak) // a restart ends nobody's break
	if again.state.Me.Status.Reason != "lunch" {
		t.Errorf("ana's own status is %+v", again.state.Me.Status)
	}
	again.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkAvailable}, nil)
	shown(chat.Online, chat.RuleSignedIn)
	again.same()
	if _, told := eve.presence[r.users["ana"]]; told {
		t.Error("EXP-20: eve was told ana's presence")
	}
	if err := again.ask(chat.StatusSet, chat.StatusSetArgs{State: "asleep"}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("an unheard-of state: %v", err)
	}
}

func TestPresence_allAtTheBeginning(t *testing.T) {
	r := newRig(t)
	r.connect("ana")
	r.connect("eve")
	ben := r.connect("ben")
	if len(ben.presence) != 2 || ben.presence[r.users["ana"]].Availability != chat.Online || ben.presence[r.users["ben"]].Availability != chat.Online {
		t.Errorf("ben was told %+v", ben.presence)
	}
	if len(ben.state.Presence) != 2 {
		t.Errorf("the snapshot says %+v", ben.state.Presence)
	}
}

// TestPresence_farBehind forgets changes while a feed does not read: it is told everybody's presence instead.
func TestPresence_farBehind(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	a := r.signIn("ana")
	for range maxChanged {
		f, err := r.hub.Connect(t.Context(), a, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion})
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	ana := r.connectAs("ana", a, "")
	max.until("ana is online", func() bool { return max.presence[ana.actor.UserID].Availability == chat.Online })
}
