package hub

import (
	"testing"
	"time"

	"parley/backend/chat"
)

// rests says that nobody is at the client's device, or that somebody is again.
func (c *client) rests(idle bool, already time.Duration) {
	c.t.Helper()
	c.mustAsk(chat.IdleSet, chat.IdleSetArgs{Idle: idle, ForMs: chat.Millis(already / time.Millisecond)}, nil)
}

// TestForemost_oneOfADevices: of several devices one disturbs first, and each is told when that changes.
func TestForemost_oneOfADevices(t *testing.T) {
	r := newRig(t)
	devices := []*client{r.connect("ana")}
	next := func(what string, foremost int) {
		t.Helper()
		r.clock.turn(time.Second)
		for i, c := range devices {
			if c == nil {
				continue
			}
			c.barrier()
			if c.second != (i != foremost) {
				t.Errorf("%s: device %d is foremost: %v", what, i, !c.second)
			}
		}
	}
	next("alone", 0)
	devices = append(devices, r.connect("ana"))
	next("another connects", 1)
	devices = append(devices, r.connect("ana"))
	next("a third connects", 2)
	devices[2].rests(true, 0)
	next("it is left", 1)
	devices[1].rests(true, 0)
	next("and the second", 0)
	devices[2].rests(false, 0)
	next("the third is taken up again", 2)
	devices[0].rests(true, 0)
	devices[2].rests(true, 5*time.Minute)
	next("all are idle: the one used last", 0)
	devices[1].rests(false, 0)
	devices[1].feed.Close()
	devices[1] = nil
	next("the one in use goes", 0)
	devices[0].feed.Close()
	devices[0] = nil
	next("the last one left", 2)
}

func TestForemost_nothingIsToldThatWasTold(t *testing.T) {
	r := newRig(t)
	ana := r.connect("ana")
	r.connect("ana").feed.Close() // comes and goes while ana takes nothing
	ana.barrier()
	if ana.second || ana.ranked != 0 {
		t.Errorf("told %d times, foremost %v", ana.ranked, !ana.second)
	}
}

// TestIdle_isEvidence: it changes nothing of what is shown, is told to those who may know, and is over with the first device that is
// used.
func TestIdle_isEvidence(t *testing.T) {
	r := newRig(t)
	max, eve, desk := r.connect("max"), r.connect("eve"), r.connect("ana")
	phone := r.connect("ana")
	ana := desk.actor.UserID
	shown := func(what string, idleSince chat.Millis) {
		t.Helper()
		max.until(what, func() bool {
			p := max.presence[ana]
			return p.Availability == chat.Online && p.Rule == chat.RuleSignedIn && p.IdleSinceAt == idleSince
		})
	}
	r.clock.turn(time.Hour)
	desk.rests(true, 10*time.Minute)
	phone.rests(true, 4*time.Minute)
	since := r.hub.now() - chat.Millis(4*time.Minute/time.Millisecond)
	shown("both are idle since the later one was left", since)
	r.clock.turn(time.Minute)
	phone.rests(true, time.Minute) // as it was
	var list chat.SessionListAnswer
	desk.mustAsk(chat.SessionList, struct{}{}, &list)
	for _, s := range list.Sessions {
		if s.ID == phone.actor.SessionID && s.IdleSinceAt != since || s.ID == desk.actor.SessionID && s.IdleSinceAt != since-chat.Millis(6*time.Minute/time.Millisecond) {
			t.Errorf("the owner is told %+v", s)
		}
	}
	phone.rests(false, 0)
	shown("one is used again", 0)
	eve.barrier()
	if _, told := eve.presence[ana]; told {
		t.Error("EXP-20: eve was told")
	}
	for _, args := range []chat.IdleSetArgs{{Idle: true, ForMs: -1}, {ForMs: 1}} {
		if err := desk.ask(chat.IdleSet, args, nil); err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%+v: %v", args, err)
		}
	}
}

// TestAttention_holdsOnAllDevicesAndOverARestart.
func TestAttention_holdsOnAllDevicesAndOverARestart(t *testing.T) {
	r := newRig(t)
	desk, phone, ben := r.connect("ana"), r.connect("ana"), r.connect("ben")
	quiet := []chat.QuietHours{{Days: []int{5, 1, 5}, FromMinute: 1320, ToMinute: 420}}
	desk.mustAsk(chat.AttentionUpdate, chat.AttentionUpdateArgs{QuietHours: &quiet}, nil)
	phone.mustAsk(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: true, UntilAt: 7}}, nil)
	desk.barrier()
	got := desk.state.Me.Attention
	if len(got.QuietHours) != 1 || len(got.QuietHours[0].Days) != 2 || got.QuietHours[0].Days[0] != 1 || !got.DoNotDisturb.On || got.DoNotDisturb.UntilAt != 7 {
		t.Errorf("the desk was told %+v", got)
	}
	told := len(phone.got)
	phone.mustAsk(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &got.DoNotDisturb}, nil)
	phone.barrier()
	if len(phone.got) != told {
		t.Error("what was so already is told again")
	}
	ben.barrier()
	for _, e := range ben.got {
		if e.Type == chat.MeChanged || e.Type == chat.ConversationMuted {
			t.Errorf("ben was told %+v", e)
		}
	}
	r.restart()
	desk.attach()
	desk.same()
	if again := r.connect("ana").state.Me.Attention; len(again.QuietHours) != 1 || !again.DoNotDisturb.On {
		t.Errorf("after a restart it is %+v", again)
	}
	desk.mustAsk(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{UntilAt: 9}, QuietHours: &[]chat.QuietHours{}}, nil)
	desk.barrier()
	if got := desk.state.Me.Attention; got.DoNotDisturb != (chat.DoNotDisturb{}) || len(got.QuietHours) != 0 {
		t.Errorf("taken back it is %+v", got)
	}
}

func TestMute_isOnesOwn(t *testing.T) {
	r := newRig(t)
	desk, phone, max := r.connect("ana"), r.connect("ana"), r.connect("max")
	id := r.direct("ana", "max")
	desk.mustAsk(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, nil) // not begun: nothing to mute
	max.mustPost("ana", "hello")
	desk.mustAsk(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, nil)
	desk.mustAsk(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, nil)
	phone.barrier()
	max.barrier()
	if !phone.convs[id].Muted || max.convs[id].Muted {
		t.Errorf("muted for ana: %v, for max: %v", phone.convs[id].Muted, max.convs[id].Muted)
	}
	max.mustPost("ana", "again") // what is written leaves it as it is
	phone.mustAsk(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: 2}, nil)
	r.restart()
	desk.attach()
	desk.same()
	if !r.connect("ana").convs[id].Muted {
		t.Error("a restart has forgotten it")
	}
	for what, id := range map[string]chat.ConversationID{"behind the wall": r.direct("ana", "eve"), "others'": r.direct("ben", "max")} {
		if err := desk.ask(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, nil); err == nil || err.Code != chat.CodeUnknown {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestMute_endsWithTheMembership of a room: whoever comes back is disturbed again.
func TestMute_endsWithTheMembership(t *testing.T) {
	r := newRig(t)
	max, sue := r.connect("max"), r.connect("sue")
	id := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: id, Name: "Quality", Participants: []chat.UserID{sue.actor.UserID}}, nil)
	sue.mustAsk(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: id, Muted: true}, nil)
	r.restart()
	max.attach()
	sue.attach()
	if !r.connect("sue").convs[id].Muted {
		t.Error("it was not kept")
	}
	sue.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	max.mustAsk(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{sue.actor.UserID}}, nil)
	sue.barrier()
	if sue.convs[id].Muted {
		t.Error("a room that one came back to is muted")
	}
}
