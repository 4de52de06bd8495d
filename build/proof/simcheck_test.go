package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
	"parley/backend/wire"
)

// allowed checks a frame that leaves the hub: nobody is told of anybody they may not know of at this moment, and nobody who
// is deactivated is told anything.
func (w *simWorld) allowed(c *simConn, f *wire.Frame) {
	me := c.actor.UserID
	if !w.people[me].User.Active {
		w.violate("%s is deactivated and is told %s", simName(me), simJSON(f))
	}
	with := func(what string, id chat.UserID) {
		if id != "" && !w.knows(me, id) {
			w.violate("%s is told of %s, who is behind the wall, by %s: %.300s", simName(me), simName(id), what, simJSON(f))
		}
	}
	talk := func(what string, id chat.ConversationID) {
		if id.IsRoom() {
			if !w.isMember(id, me) {
				w.violate("%s is told of a room of others by %s: %s", simName(me), what, id)
			}
			return
		}
		other, ok := id.OtherThan(me)
		if id != "" && !ok {
			w.violate("%s is told of a conversation of others by %s: %s", simName(me), what, id)
		}
		with(what, other)
	}
	for _, raw := range f.Events {
		var e chat.Event
		if err := json.Unmarshal(raw, &e); err != nil {
			w.t.Fatal(err)
		}
		eventNames(&e, func(u chat.UserID) { with(string(e.Type), u) }, func(id chat.ConversationID) { talk(string(e.Type), id) })
	}
	states := []chat.ConversationState{}
	rights := chat.Rights{}
	if f.Rights != nil {
		rights = *f.Rights
		states = rights.ConversationsGained
	}
	if f.Reset != nil {
		s := &f.Reset.Snapshot
		rights, states = s.Rights, s.Conversations
		rights.PeopleGained = s.People
		for _, p := range s.Presence {
			with("a snapshot's presence", p.UserID)
		}
	}
	for _, u := range rights.PeopleGained {
		with("people", u.ID)
	}
	for id := range rights.Start {
		with("a right to start", id)
	}
	for id := range rights.Post {
		talk("a right to post", id)
	}
	for i := range states {
		talk("a conversation", states[i].Conversation.ID)
	}
	for _, s := range f.Signals {
		switch s.Type {
		case chat.SignalTranscript, chat.SignalTranscriptEnded: // of conversations of others; the rules say whose
			if w.people[me].User.Role != chat.RoleSupervisor {
				w.violate("%s is no supervisor and is told %s", simName(me), simJSON(s))
			}
		default:
			talk("a signal", s.ConversationID)
		}
		with("a signal", s.UserID)
		if s.Presence != nil {
			with("presence", s.Presence.UserID)
		}
		for _, p := range s.PresenceAll {
			with("presence of all", p.UserID)
		}
	}
	w.noteAnswer(c, f, talk)
}

// isMember tells what is on the disk: whether a user is in a room.
func (w *simWorld) isMember(room chat.ConversationID, user chat.UserID) bool {
	st, err := w.store.Load(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	key := st.Users[slices.IndexFunc(st.Users, func(u store.User) bool { return u.User.ID == user })].Key
	return slices.ContainsFunc(st.Participants, func(p store.Participant) bool {
		return p.UserKey == key && p.LeftSeq == 0 && slices.ContainsFunc(st.Conversations, func(c store.Conversation) bool {
			return c.ID == room && c.Key == p.ConversationKey
		})
	})
}

// eventNames calls the functions for the user and the conversation that an event names.
func eventNames(e *chat.Event, user func(chat.UserID), talk func(chat.ConversationID)) {
	switch e.Type {
	case chat.MessagePosted, chat.MessageEdited, chat.MessageDeleted:
		talk(e.Message.ConversationID)
	case chat.MessageReacted:
		talk(e.Reactions.ConversationID)
	case chat.ConversationOpened:
		talk(e.Conversation.ID)
	case chat.RoomJoined, chat.RoomLeft:
		talk(e.Members.ConversationID)
		for _, id := range e.Members.UserIDs {
			user(id)
		}
	case chat.RoomChanged:
		talk(e.Room.ConversationID)
		for _, id := range e.Room.Room.OwnerIDs {
			user(id)
		}
		for _, n := range e.Room.Room.Notes {
			for _, id := range n.UserIDs {
				user(id)
			}
		}
	case chat.ReadMarked:
		talk(e.Read.ConversationID)
	case chat.DraftChanged:
		talk(e.Draft.ConversationID)
	case chat.UserChanged:
		user(e.User.ID)
	case chat.MeChanged:
		user(e.Me.User.ID)
	}
}

// noteAnswer keeps the numbers that were given, and checks what history is answered.
func (w *simWorld) noteAnswer(c *simConn, f *wire.Frame, talk func(string, chat.ConversationID)) {
	if f.Re == 0 || f.Error != nil {
		return
	}
	var page chat.HistoryLoadAnswer
	if err := json.Unmarshal(f.OK, &page); err == nil {
		for _, m := range page.Messages {
			talk("history", m.ConversationID)
		}
	}
	var posted chat.MessagePostAnswer
	if err := json.Unmarshal(f.OK, &posted); err == nil && posted.N > 0 {
		if id := c.posts[f.Re]; id != "" {
			if was := w.told[id]; was != 0 && was != posted.N {
				w.violate("message %s was answered number %d and then %d", id, was, posted.N)
			}
			w.told[id] = posted.N
		}
	}
}

// check looks, when all is quiet, whether every promise was kept.
func (w *simWorld) check() {
	stored := w.messages()
	w.checkLog(stored)
	for _, d := range w.devices {
		w.checkKept(d, stored)
		w.checkState(d, stored)
	}
}

// checkLog: numbers without a gap, every text once, and everything that was answered a number has it.
func (w *simWorld) checkLog(stored map[chat.ConversationID][]simMessage) {
	byText, byID := map[string]chat.ConversationID{}, map[string]int64{}
	for id, messages := range stored {
		for i, m := range messages {
			if m.n != int64(i+1) {
				w.violate("%s: message %d is where %d belongs", id, m.n, i+1)
			}
			if _, twice := byText[m.text]; twice {
				w.violate("%s: %q is there twice", id, m.text)
			}
			byText[m.text], byID[m.id] = id, m.n
		}
	}
	for id, n := range w.told {
		if byID[string(id)] != n {
			w.violate("message %s was answered number %d and is stored as %d", id, n, byID[string(id)])
		}
	}
}

// checkKept: what a page was told that it waits is posted, refused with a reason, or lost with its conversation; and what one
// device wrote in a conversation is in the order typed.
func (w *simWorld) checkKept(d *simDevice, stored map[chat.ConversationID][]simMessage) {
	last := map[chat.ConversationID]int64{}
	for _, in := range w.intents {
		if in.d != d {
			continue
		}
		i := slices.IndexFunc(stored[in.conv], func(m simMessage) bool { return m.text == in.text })
		item, waits := d.view.Outbox[in.id]
		switch {
		case i >= 0 && stored[in.conv][i].n < last[in.conv]:
			w.violate("%s: %q comes before what was written before it", d.dir, in.text)
		case i >= 0 && waits:
			w.violate("%s: %q is posted and still in the outbox: %s", d.dir, in.text, simJSON(item))
		case i >= 0:
			last[in.conv] = stored[in.conv][i].n
		case waits && (item.State != chat.OutboxRefused || item.Error == nil || item.Error.Text == ""):
			w.violate("%s: %q still waits when all is quiet: %s", d.dir, in.text, simJSON(item))
		case in.kept && !in.loose && !waits:
			w.violate("%s: %q was kept and is lost", d.dir, in.text)
		}
	}
}

// checkState: what the page shows and what the cache holds is what the hub would tell somebody new.
func (w *simWorld) checkState(d *simDevice, stored map[chat.ConversationID][]simMessage) {
	fresh := w.fresh(d)
	if fresh == nil {
		return
	}
	if diff := d.view.diff(fresh, w.now()); diff != "" {
		w.violate("%s: the page differs from a fresh snapshot:\n%s", d.dir, diff)
	}
	if diff := d.cached().diff(fresh, w.now()); diff != "" {
		w.violate("%s: the cache differs from a fresh snapshot:\n%s", d.dir, diff)
	}
	if diff := w.shown(d, stored); diff != "" {
		w.violate("%s: the page shows %s", d.dir, diff)
	}
}

// shown compares the messages that the page shows with the hub's: an order may be wrong although all is there.
func (w *simWorld) shown(d *simDevice, stored map[chat.ConversationID][]simMessage) string {
	for id, talk := range d.view.Talks {
		for _, m := range w.m.shown(d, id, talk.Tail) {
			if m.N < 1 || m.N > int64(len(stored[id])) || stored[id][m.N-1].text != m.Text {
				return fmt.Sprintf("%q as message %d of %s", m.Text, m.N, id)
			}
		}
	}
	return ""
}

// cached is what the replica tells a new page.
func (d *simDevice) cached() *simState {
	p := d.r.OpenPage()
	p.Ask(wire.Request{ID: 1, Do: chat.Hello, Args: json.RawMessage(`{"protocol":1,"device":{"id":"new","kind":"browser","name":""}}`)})
	frames, _ := p.Told()
	s := newSimState(true)
	for _, raw := range frames {
		f, err := wire.DecodeFrame(raw)
		if err == nil && f.Re == 0 {
			err = s.take(&f)
		}
		if err != nil {
			d.w.violate("%s: a new page is told what breaks the protocol: %v", d.dir, err)
		}
	}
	return &s
}

// fresh is what the hub tells somebody new in the device's session; nil if there is no session.
func (w *simWorld) fresh(d *simDevice) *simState {
	if d.link == nil {
		w.violate("%s is signed out when all is quiet", d.dir)
		return nil
	}
	actor, err := w.hub.Authenticate(d.link.token)
	if err != nil {
		w.violate("%s: its session is over when all is quiet", d.dir)
		return nil
	}
	feed, err := w.hub.Connect(context.Background(), actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion,
		Device: chat.Device{ID: chat.DeviceID(d.dir), Kind: chat.DeviceDesktop, Name: "sim"}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer feed.Close()
	s := newSimState(false)
	for {
		delivery, err := feed.Poll(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if delivery == nil {
			return &s
		}
		f := simFrame(delivery)
		if f.Re == 0 {
			if err := s.take(&f); err != nil {
				w.violate("%s: a fresh client is told what breaks the protocol: %v", d.dir, err)
			}
		}
	}
}

// simTrace is what happened in a run, with ids in the order in which they came up, so that two runs of a seed can be compared.
// A nil trace keeps nothing.
type simTrace struct {
	lines []string
	ids   map[string]string
}

func newSimTrace() *simTrace { return &simTrace{ids: map[string]string{}} }

func (t *simTrace) add(words ...any) {
	if t != nil {
		t.lines = append(t.lines, t.plain(strings.TrimSuffix(fmt.Sprintln(words...), "\n")))
	}
}

func (t *simTrace) frame(where string, raw []byte) {
	if t != nil {
		t.add("  ", where, string(bytes.ToValidUTF8(raw, nil)))
	}
}

// plain replaces every id but those of the cast by its place in the order of coming up.
func (t *simTrace) plain(s string) string {
	return simID.ReplaceAllStringFunc(s, func(id string) string {
		if strings.HasPrefix(id, "01800000-") {
			return id[len(id)-1:]
		}
		if t.ids[id] == "" {
			t.ids[id] = fmt.Sprint("#", len(t.ids)+1)
		}
		return t.ids[id]
	})
}

var simID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
