package hub

import (
	"context"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// everyType plays a story in which every type of event comes up, most of them between ana and ben.
func (r *rig) everyType() chat.ConversationID {
	r.t.Helper()
	free := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone, Targets: []string{}}
	r.settings("ana", free)
	r.settings("ben", free)
	ana, ben, max, ada := r.connect("ana"), r.connect("ben"), r.connect("max"), r.connect("ada")
	ana.mustPost("ben", "to ben")
	ben.mustPost("ana", "to ana")
	ana.barrier()
	mine := ana.convs[r.direct("ana", "ben")].Tail[0]
	ana.mustAsk(chat.MessageReact, chat.MessageReactArgs{ConversationID: mine.ConversationID, ID: mine.ID, Emoji: "👍", On: true}, nil)
	ana.mustAsk(chat.MessageEdit, editOf(mine, "to you, ben"), nil)
	ana.mustAsk(chat.MessageDelete, deleteOf(mine), nil)
	max.mustPost("ana", "from outside")
	ana.mustAsk(chat.ReadMark, chat.ReadMarkArgs{ConversationID: r.direct("ana", "ben"), N: 2}, nil)
	ana.mustAsk(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: r.direct("ana", "ben"), Muted: true}, nil)
	ana.mustAsk(chat.DraftSet, chat.DraftSetArgs{ConversationID: r.direct("ana", "ben"), Text: "half"}, nil)
	ana.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak}, nil)
	r.settings("ana", chat.DefaultSettings(chat.RoleAgent))
	var made chat.RequestMakeAnswer
	ana.mustAsk(chat.RequestMake, chat.RequestMakeArgs{Act: chat.ActStart, OtherID: r.users["ben"]}, &made)
	ada.mustAsk(chat.RequestDecide, chat.RequestDecideArgs{ID: made.Request.ID}, nil)

	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Quality", Participants: []chat.UserID{r.users["mia"]}}, nil)
	max.mustAsk(chat.RoomInvite, chat.RoomInviteArgs{ConversationID: room, UserIDs: []chat.UserID{r.users["sue"], r.users["ada"]}}, nil)
	ada.mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room}, nil)
	max.mustAsk(chat.RoomSetTopic, chat.RoomSetTopicArgs{ConversationID: room, Topic: "Glass"}, nil)

	r.update("ben", func(a *chat.UserUpdateArgs) { a.Teams = &[]string{"Night"} })
	var team chat.TeamCreateAnswer
	ada.mustAsk(chat.TeamCreate, chat.TeamCreateArgs{Name: "Idle"}, &team)
	ada.mustAsk(chat.TeamDelete, chat.TeamDeleteArgs{TeamID: team.TeamID, Revision: 1}, nil)
	r.organisation(func(o *chat.Organisation) { o.Name = "Other" })
	return room
}

// takeRights takes from ana, from max and from ada what the events of everyType need of them.
func (r *rig) takeRights(room chat.ConversationID) {
	r.t.Helper()
	r.moveTo("ben", "South")
	r.connect("max").mustAsk(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room}, nil)
	expert := chat.RoleExpert
	r.second()
	r.update("ada", func(a *chat.UserUpdateArgs) { a.Role = &expert })
}

// logged are all events of the log, with their audiences.
func (r *rig) logged() []store.Event {
	r.t.Helper()
	ctx, f := context.Background(), r.hub.facts.Load()
	audiences := []store.Audience{store.Everybody, store.Directory, store.Administrators}
	for _, u := range f.users.all() {
		audiences = append(audiences, store.UserAudience(u.row.Key))
	}
	var all []store.Event
	for _, c := range f.conversations.all() {
		audiences = append(audiences, store.ConversationAudience(c.key))
		rows, err := r.store.MessagesAfter(ctx, c.key, 0, 1000)
		if err != nil {
			r.t.Fatal(err)
		}
		for i := range rows {
			e := f.messageEntry(c, &rows[i], wroteUnknown)
			all = append(all, store.Event{Seq: e.seq, Audience: store.ConversationAudience(c.key), Type: chat.MessagePosted, Body: e.bytes})
		}
	}
	for _, a := range audiences {
		rows, err := r.store.EventsAfter(ctx, a, 0, 1000)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, e := range rows {
			if e.Type.Amends() {
				e.Body = r.amendedBody(e)
			}
			all = append(all, e)
		}
	}
	return all
}

// amendedBody is what is told of a change of a message.
func (r *rig) amendedBody(e store.Event) []byte {
	r.t.Helper()
	f := r.hub.facts.Load()
	m, err := r.store.MessageOf(context.Background(), chat.MessageID(e.Subject))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range f.conversations.all() {
		if c.key == m.ConversationKey {
			return f.amendedEntry(e.Seq, e.Type, c, m).bytes
		}
	}
	r.t.Fatalf("message %s is of no conversation", m.ID)
	return nil
}

// toldFromTheLog are the places of the log that somebody is told of who reads all of it now.
func (r *rig) toldFromTheLog(name string) map[int64]bool {
	r.t.Helper()
	facts := r.hub.facts.Load()
	me := facts.user(r.users[name])
	f := &Feed{h: r.hub, actor: Actor{UserID: me.id()}}
	f.toldAt(facts)
	reader, err := newLogReader(context.Background(), r.hub, facts, me, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	entries, done, err := reader.read(context.Background(), 1<<30, func(e *entry) bool { return f.wants(facts, me, e) })
	if err != nil || !done {
		r.t.Fatalf("reading the log: %v, done %t", err, done)
	}
	told := map[int64]bool{}
	for _, e := range entries {
		told[e.seq] = true
	}
	return told
}

// mayBeTold decides whether somebody may be told an event: by its audience, and by the act that chat.EventTypes gives its type,
// asked of the policy about what the event speaks of.
func (r *rig) mayBeTold(name string, at store.Event, e chat.Event) bool {
	f := r.hub.facts.Load()
	me := f.user(r.users[name])
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person}
	may := func() bool { return policy.May(chat.EventTypes[e.Type], q).Allowed }
	in := func(id chat.ConversationID) bool { // points the question at a conversation; of two people it need not have begun
		var p place
		if c := f.conversation(id); c != nil {
			p, q.Participant = c.place(me.id())
		}
		if q.Room = id.IsRoom(); !q.Room {
			other, mine := id.OtherThan(me.id())
			q.Other, q.Participant = person(f.user(other)), mine
		}
		return q.Participant && at.Seq > p.since
	}
	switch chat.Audiences[e.Type] {
	case chat.AudienceConversation:
		id := chat.ConversationID("")
		switch {
		case e.Message != nil:
			id = e.Message.ConversationID
		case e.Reactions != nil:
			id = e.Reactions.ConversationID
		case e.Conversation != nil:
			id = e.Conversation.ID
		case e.Room != nil:
			id = e.Room.ConversationID
		default:
			id = e.Members.ConversationID
		}
		return in(id) && may()
	case chat.AudienceOwn:
		switch {
		case at.Audience != store.UserAudience(me.row.Key):
			return false
		case e.Read != nil:
			return in(e.Read.ConversationID) && may()
		case e.Mute != nil:
			return in(e.Mute.ConversationID) && may()
		case e.Draft != nil:
			return in(e.Draft.ConversationID) && may()
		case e.Request != nil:
			return in(chat.DirectID(me.id(), e.Request.OtherID)) && may()
		}
		return may()
	case chat.AudienceDirectory:
		q.Other = person(f.user(e.User.ID))
		return e.User.ID != me.id() && may()
	case chat.AudienceEverybody:
		if e.Team == nil {
			return may()
		}
		if me.row.User.Role != chat.RoleAgent && policy.May(chat.ActViewSetup, q).Allowed {
			return true
		}
		for _, u := range f.users.all() {
			if q.Other = u.person; slices.Contains(u.row.User.TeamIDs, e.Team.ID) && may() {
				return true
			}
		}
		return false
	}
	return may()
}

// TestDeliveries_askTheirAct: of every event in the log everybody is told those, and those alone, whose act they may do now. Then
// rights are taken, and the same holds; and of each type there is an event that somebody was told before and is not told any more,
// unless a session alone is enough for it.
func TestDeliveries_askTheirAct(t *testing.T) {
	r := newRig(t)
	room := r.everyType()
	before := map[string]map[int64]bool{}
	told, ended := map[chat.EventType]bool{}, map[chat.EventType]bool{}
	compare := func(when string, each func(name string, e chat.Event, seq int64, is bool)) {
		t.Helper()
		log := r.logged()
		for _, m := range cast {
			is := r.toldFromTheLog(m.Name)
			for _, at := range log {
				var e chat.Event
				if err := chat.Decode(at.Body, &e); err != nil {
					t.Fatal(err)
				}
				kind, _, _ := strings.Cut(strings.Replace(string(at.Audience), "user.", "own.", 1), ".")
				if kind != string(chat.Audiences[e.Type]) {
					t.Errorf("%s is logged for %q, the table says %q", e.Type, kind, chat.Audiences[e.Type])
				}
				if want := r.mayBeTold(m.Name, at, e); is[at.Seq] != want {
					t.Errorf("%s: %s is told %s (%s): %t, by its act %s: %t", when, m.Name, e.Type, at.Body, is[at.Seq], chat.EventTypes[e.Type], want)
				}
				each(m.Name, e, at.Seq, is[at.Seq])
			}
			if before[m.Name] == nil {
				before[m.Name] = is
			}
		}
	}
	compare("at first", func(_ string, e chat.Event, _ int64, is bool) { told[e.Type] = told[e.Type] || is })
	r.takeRights(room)
	compare("after rights were taken", func(name string, e chat.Event, seq int64, is bool) {
		ended[e.Type] = ended[e.Type] || before[name][seq] && !is
	})
	for name, act := range chat.EventTypes {
		if !told[name] {
			t.Errorf("%s was told to nobody", name)
		}
		if session := act == chat.ActOwn || act == chat.ActConnect; ended[name] == session {
			t.Errorf("%s needs %s: somebody was told it and is no more: %t", name, act, ended[name])
		}
	}
}

// TestSignals_askTheirAct hands signals to a feed and takes rights before they leave: what the act of chat.SignalTypes refuses by
// then is not told.
func TestSignals_askTheirAct(t *testing.T) {
	for _, revoked := range []bool{false, true} {
		r := newRig(t)
		room := r.everyType()
		r.watchers("ana", nil, []string{"sue"})
		r.must(Console, chat.MonitoringShow, chat.MonitoringShowArgs{Shown: true}, nil)
		for _, name := range []string{"ben", "eve"} {
			r.connect(name)
		}
		if err := r.connect("sue").follow(chat.TranscriptWatch, "ana", "ben"); err != nil {
			t.Fatal(err)
		}
		feedOf := func(name string) *Feed {
			return &Feed{h: r.hub, actor: Actor{UserID: r.users[name]}, bell: make(chan struct{}, 1)}
		}
		ana, max, sue := feedOf("ana"), feedOf("max"), feedOf("sue")
		ana.queueTyping(typingSignal{r.direct("ana", "ben"), r.users["ben"], true})
		ana.queueTyping(typingSignal{r.direct("ana", "eve"), r.users["eve"], true}) // as no command could bring it
		max.queueTyping(typingSignal{room, r.users["mia"], true})
		sue.queueSignal(chat.Signal{Type: chat.SignalTranscript, ConversationID: r.direct("ana", "ben"), Message: &chat.Message{}})
		sue.queueSignal(chat.Signal{Type: chat.SignalTranscript, ConversationID: r.direct("eve", "ben"), Message: &chat.Message{}})
		ana.lookAtWatchers()
		if revoked {
			r.takeRights(room)
			r.watchers("ana", nil, nil)
		}
		var got []string
		for name, f := range map[string]*Feed{"ana": ana, "max": max, "sue": sue} {
			f.toldAt(r.hub.facts.Load())
			for _, s := range append(f.signals(), f.presenceAll()...) {
				got = append(got, r.signalInWords(name, s)...)
			}
		}
		want := []string{"ana presence.all ben", "ana presence ben", "ana typing ben", "ana watched", "max typing mia", "sue transcript ana, ben"}
		if revoked {
			want = nil
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("rights taken %t: told %q, want %q", revoked, got, want)
		}
	}
}

// signalInWords says what a signal tells of ben, eve and mia; of the others' presence it says nothing.
func (r *rig) signalInWords(to string, s chat.Signal) []string {
	name := func(id chat.UserID) string {
		for name, known := range r.users {
			if known == id {
				return name
			}
		}
		return "nobody"
	}
	prefix := to + " " + string(s.Type)
	switch s.Type {
	case chat.SignalTyping:
		return []string{prefix + " " + name(s.UserID)}
	case chat.SignalPresence, chat.SignalPresenceAll:
		all := s.PresenceAll
		if s.Presence != nil {
			all = []chat.Presence{*s.Presence}
		}
		var words []string
		for _, p := range all {
			if who := name(p.UserID); to == "ana" && (who == "ben" || who == "eve") {
				words = append(words, prefix+" "+who)
			}
		}
		return words
	case chat.SignalTranscript:
		a, b, _ := s.ConversationID.DirectPair()
		pair := []string{name(a), name(b)}
		slices.Sort(pair)
		return []string{prefix + " " + strings.Join(pair, ", ")}
	}
	return []string{prefix}
}
