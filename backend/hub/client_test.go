package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/backend/chat"
)

// client applies what a feed delivers, as a client must, and fails the test when a rule of the order is broken.
type client struct {
	*rig
	name  string
	actor Actor
	feed  *Feed
	next  int64

	cursor     chat.Cursor
	state      chat.Snapshot
	people     map[chat.UserID]chat.User
	convs      map[chat.ConversationID]*chat.ConversationState
	drafts     map[chat.ConversationID]chat.Draft
	teams      map[chat.TeamID]chat.Team
	presence   map[chat.UserID]chat.Presence
	answers    map[int64]*Answer
	resets     []chat.ResetReason
	rights     []chat.Rights
	typing     []chat.Signal
	watching   []chat.Signal // all of monitoring
	second     bool          // another device is foremost,
	ranked     int           // as was told so often
	frames     []*Events
	got        []chat.Event
	transcript []string
}

// connect opens a feed for a new session of somebody and takes what comes first.
func (r *rig) connect(name string) *client {
	r.t.Helper()
	return r.connectAs(name, r.signIn(name), "")
}

func (r *rig) connectAs(name string, a Actor, cursor chat.Cursor) *client {
	r.t.Helper()
	c := &client{rig: r, name: name, actor: a, cursor: cursor}
	c.clear()
	c.attach()
	return c
}

func (c *client) clear() {
	c.people, c.convs = map[chat.UserID]chat.User{}, map[chat.ConversationID]*chat.ConversationState{}
	c.drafts, c.teams = map[chat.ConversationID]chat.Draft{}, map[chat.TeamID]chat.Team{}
	c.presence = map[chat.UserID]chat.Presence{}
}

// attach connects (again) with the client's cursor and reads until everything that comes first is there.
func (c *client) attach() {
	c.t.Helper()
	c.answers = map[int64]*Answer{}
	c.second = false // as every connection begins
	feed, err := c.hub.Connect(context.Background(), c.actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: c.cursor,
		Device: chat.Device{ID: "device", Kind: chat.DeviceDesktop, Name: "test"}})
	if err != nil {
		c.t.Fatalf("connect %s: %v", c.name, err)
	}
	c.feed, c.next = feed, 1
	c.t.Cleanup(feed.Close)
	if d := c.read(); d.Answer == nil || d.Answer.Re != 1 {
		c.t.Fatalf("%s: the first delivery is %+v, want the answer to hello", c.name, d)
	}
	c.barrier()
}

// read takes and applies one delivery.
func (c *client) read() *Delivery {
	c.t.Helper()
	d, err := c.tryRead()
	if err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
	return d
}

func (c *client) tryRead() (*Delivery, error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	d, err := c.feed.Next(ctx)
	if err == nil {
		c.apply(d)
	}
	return d, err
}

// until reads until done says so.
func (c *client) until(what string, done func() bool) {
	c.t.Helper()
	for !done() {
		if _, err := c.tryRead(); err != nil {
			c.t.Fatalf("%s waiting until %s: %v", c.name, what, err)
		}
	}
}

// send hands a command in and returns its number.
func (c *client) send(name chat.CommandName, args any) int64 {
	c.t.Helper()
	raw, err := json.Marshal(args)
	if err != nil {
		c.t.Fatal(err)
	}
	c.next++
	c.feed.Do(context.Background(), c.next, name, raw)
	return c.next
}

// ask hands a command in and reads until it is answered.
func (c *client) ask(name chat.CommandName, args, answer any) *chat.Error {
	c.t.Helper()
	re := c.send(name, args)
	c.until(string(name)+" is answered", func() bool { return c.answers[re] != nil })
	a := c.answers[re]
	if a.Err == nil && answer != nil {
		if err := json.Unmarshal(a.OK, answer); err != nil {
			c.t.Fatal(err)
		}
	}
	return a.Err
}

func (c *client) mustAsk(name chat.CommandName, args, answer any) {
	c.t.Helper()
	if err := c.ask(name, args, answer); err != nil {
		c.t.Fatalf("%s: %s: %v", c.name, name, err)
	}
}

// barrier reads everything that was committed before now, and the signals that were given before now: an answer may overtake them.
func (c *client) barrier() {
	c.t.Helper()
	c.mustAsk(chat.Ping, struct{}{}, nil)
	for {
		d, err := c.feed.Poll(context.Background())
		if err != nil {
			c.t.Fatalf("%s: %v", c.name, err)
		}
		if d == nil {
			return
		}
		c.apply(d)
	}
}

// post writes to somebody and returns the answer.
func (c *client) post(to, text string) (chat.MessagePostAnswer, *chat.Error) {
	c.t.Helper()
	var answer chat.MessagePostAnswer
	err := c.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: c.direct(c.name, to), Text: text}, &answer)
	return answer, err
}

func (c *client) mustPost(to, text string) chat.MessagePostAnswer {
	c.t.Helper()
	answer, err := c.post(to, text)
	if err != nil {
		c.t.Fatalf("%s to %s: %v", c.name, to, err)
	}
	return answer
}

// texts returns the texts of the messages with somebody that the client holds.
func (c *client) texts(with string) string {
	conv := c.convs[c.direct(c.name, with)]
	if conv == nil {
		return "(none)"
	}
	var b strings.Builder
	for _, m := range conv.Tail {
		fmt.Fprintf(&b, "%d:%s ", m.N, m.Text)
	}
	return strings.TrimSpace(b.String())
}

func (c *client) apply(d *Delivery) {
	c.t.Helper()
	set := 0
	for _, is := range []bool{d.Answer != nil, d.Events != nil, d.Reset != nil, d.Rights != nil, d.Signals != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		c.t.Fatalf("%s: a delivery of %d things: %+v", c.name, set, d)
	}
	switch {
	case d.Answer != nil:
		if c.answers[d.Answer.Re] != nil {
			c.t.Errorf("%s: request %d is answered twice", c.name, d.Answer.Re)
		}
		c.answers[d.Answer.Re] = d.Answer
	case d.Events != nil:
		c.applyEvents(d.Events)
	case d.Reset != nil:
		c.applyReset(d.Reset)
	case d.Rights != nil:
		c.rights = append(c.rights, *d.Rights)
		c.applyRights(d.Rights)
	}
	for _, s := range d.Signals {
		switch s.Type {
		case chat.SignalPresence:
			c.presence[s.Presence.UserID] = *s.Presence
		case chat.SignalPresenceAll:
			clear(c.presence)
			for _, p := range s.PresenceAll {
				c.presence[p.UserID] = p
			}
		case chat.SignalForemost:
			c.second = !s.Foremost
			c.ranked++
		case chat.SignalTyping:
			c.typing = append(c.typing, s)
		default:
			c.watching = append(c.watching, s)
		}
	}
}

func (c *client) applyEvents(e *Events) {
	c.t.Helper()
	if e.Prev != c.cursor {
		c.t.Fatalf("%s: a gap: the frame continues from another cursor than the client's", c.name)
	}
	if len(e.Events) == 0 || len(e.Cursor) != 22 || e.Cursor == e.Prev {
		c.t.Errorf("%s: a frame of %d events with cursor %q", c.name, len(e.Events), e.Cursor)
	}
	c.cursor = e.Cursor
	c.frames = append(c.frames, e)
	for _, raw := range e.Events {
		c.transcript = append(c.transcript, string(raw))
		var ev chat.Event
		if err := json.Unmarshal(raw, &ev); err != nil {
			c.t.Fatalf("%s: %v in %s", c.name, err, raw)
		}
		c.got = append(c.got, ev)
		c.applyEvent(&ev)
	}
}

func (c *client) applyEvent(ev *chat.Event) {
	c.t.Helper()
	switch ev.Type {
	case chat.ConversationOpened:
		c.convs[ev.Conversation.ID] = &chat.ConversationState{Conversation: *ev.Conversation}
	case chat.MessagePosted:
		conv := c.convs[ev.Message.ConversationID]
		if conv == nil {
			c.t.Fatalf("%s: a message of a conversation never told of: %+v", c.name, ev.Message)
		}
		if ev.Message.N != conv.LastN+1 {
			c.t.Fatalf("%s: message %d comes after %d", c.name, ev.Message.N, conv.LastN)
		}
		conv.LastN = ev.Message.N
		conv.Tail = append(conv.Tail, *ev.Message)
		if ev.Message.AuthorID == c.actor.UserID {
			conv.ReadN = ev.Message.N
		}
	case chat.MessageEdited, chat.MessageDeleted:
		if conv := c.convs[ev.Message.ConversationID]; conv != nil {
			for i := range conv.Tail {
				if conv.Tail[i].ID == ev.Message.ID {
					conv.Tail[i] = *ev.Message
				}
			}
		}
	case chat.MessageReacted:
		if conv := c.convs[ev.Reactions.ConversationID]; conv != nil {
			for i := range conv.Tail {
				if conv.Tail[i].ID == ev.Reactions.ID {
					conv.Tail[i].Reactions = append([]chat.Reaction(nil), ev.Reactions.Reactions...)
				}
			}
		}
	case chat.RoomJoined, chat.RoomLeft:
		conv := c.convs[ev.Members.ConversationID]
		if conv == nil {
			c.t.Fatalf("%s: %s of a room never told of: %+v", c.name, ev.Type, ev.Members)
		}
		ev.Members.Apply(&conv.Conversation, ev.Type == chat.RoomJoined)
	case chat.RoomChanged:
		conv := c.convs[ev.Room.ConversationID]
		if conv == nil {
			c.t.Fatalf("%s: %s of a room never told of: %+v", c.name, ev.Type, ev.Room)
		}
		ev.Room.Apply(&conv.Conversation)
	case chat.ReadMarked:
		c.convs[ev.Read.ConversationID].ReadN = ev.Read.N
	case chat.ConversationMuted:
		c.convs[ev.Mute.ConversationID].Muted = ev.Mute.Muted
	case chat.DraftChanged:
		if ev.Draft.Text == "" {
			delete(c.drafts, ev.Draft.ConversationID)
		} else {
			c.drafts[ev.Draft.ConversationID] = *ev.Draft
		}
	case chat.StatusChanged:
		c.state.Me.Status = *ev.Status
	case chat.UserChanged:
		c.people[ev.User.ID] = *ev.User
	case chat.MeChanged:
		c.state.Me = *ev.Me
	case chat.TeamChanged:
		c.teams[ev.Team.ID] = *ev.Team
	case chat.TeamGone:
		delete(c.teams, ev.Team.ID)
	case chat.OrganisationChanged:
		c.state.Organisation = *ev.Organisation
	case chat.RequestDecided:
		if ev.Request.ByID != c.actor.UserID {
			c.t.Errorf("%s was told of another's request: %+v", c.name, ev.Request)
		}
	case chat.ConfigurationChanged:
		if c.state.Me.User.Role != chat.RoleAdministrator {
			c.t.Errorf("%s was told of the configuration: %+v", c.name, ev.Audit)
		}
	default:
		c.t.Errorf("%s: an event of type %q", c.name, ev.Type)
	}
}

func (c *client) applyReset(r *Reset) {
	c.resets = append(c.resets, r.Reason)
	c.clear()
	c.cursor, c.state = r.Cursor, r.Snapshot
	for _, u := range r.Snapshot.People {
		c.people[u.ID] = u
	}
	for _, t := range r.Snapshot.Teams {
		c.teams[t.ID] = t
	}
	for _, p := range r.Snapshot.Presence {
		c.presence[p.UserID] = p
	}
	for _, conv := range r.Snapshot.Conversations {
		if conv.Draft != nil {
			c.drafts[conv.Conversation.ID] = *conv.Draft
		}
		if conv.Conversation.CreatedAt != 0 {
			conv.Draft = nil
			c.convs[conv.Conversation.ID] = &conv
		}
	}
}

func (c *client) applyRights(r *chat.Rights) {
	for _, u := range r.PeopleGained {
		c.people[u.ID] = u
	}
	for _, id := range r.PeopleLost {
		delete(c.people, id)
		delete(c.state.Rights.Start, id)
		delete(c.presence, id)
		delete(c.drafts, chat.DirectID(c.actor.UserID, id))
	}
	for _, conv := range r.ConversationsGained {
		if conv.Draft != nil {
			c.drafts[conv.Conversation.ID] = *conv.Draft
		}
		if conv.Conversation.CreatedAt != 0 {
			conv.Draft = nil
			c.convs[conv.Conversation.ID] = &conv
		}
	}
	for _, id := range r.ConversationsLost {
		delete(c.convs, id)
		delete(c.drafts, id)
		delete(c.state.Rights.Post, id)
	}
	if r.Teams != nil {
		clear(c.teams)
		for _, t := range *r.Teams {
			c.teams[t.ID] = t
		}
	}
	if news := r.Templates; news != nil {
		c.state.Templates = slices.DeleteFunc(c.state.Templates, func(t chat.Template) bool {
			return news.Whole || slices.Contains(news.Gone, t.ID) || slices.ContainsFunc(news.Changed, func(n chat.Template) bool { return n.ID == t.ID })
		})
		c.state.Templates = append(c.state.Templates, news.Changed...)
		sortTemplates(c.state.Templates)
	}
	for id, can := range r.Start {
		c.state.Rights.Start[id] = can
	}
	for id, can := range r.Post {
		c.state.Rights.Post[id] = can
	}
}

// same fails the test unless the client holds what a fresh snapshot of the same user says: snapshot then + events and
// rights in between = snapshot now.
func (c *client) same() {
	c.t.Helper()
	c.barrier()
	fresh := c.connectAs(c.name, c.actor, "")
	defer fresh.feed.Close()
	check := func(what string, got, want any) {
		c.t.Helper()
		g, w := mustEncode(got), mustEncode(want)
		if !bytes.Equal(g, w) {
			c.t.Errorf("%s holds other %s than a fresh snapshot:\n got %s\nwant %s", c.name, what, g, w)
		}
	}
	check("me", c.state.Me, fresh.state.Me)
	check("organisation", c.state.Organisation, fresh.state.Organisation)
	check("people", c.people, fresh.people)
	check("teams", c.teams, fresh.teams)
	if len(c.state.Templates)+len(fresh.state.Templates) > 0 {
		check("templates", c.state.Templates, fresh.state.Templates)
	}
	check("drafts", c.drafts, fresh.drafts)
	for id, conv := range c.convs {
		if want := fresh.convs[id]; want != nil && len(conv.Tail) > len(want.Tail) {
			conv.Tail = conv.Tail[len(conv.Tail)-len(want.Tail):]
		}
		conv.More = len(conv.Tail) > 0 && conv.Tail[0].N > 1
	}
	check("conversations", c.convs, fresh.convs)
	check("rights to start", c.state.Rights.Start, fresh.state.Rights.Start)
	for id, can := range c.state.Rights.Post {
		if want := fresh.state.Rights.Post[id]; want.UntilAt-can.UntilAt > 0 && want.UntilAt-can.UntilAt <= maxSlack {
			can.UntilAt = want.UntilAt // a window may be told a little too short
		} else if can.UntilAt != 0 && can.UntilAt <= c.hub.now() { // clients end by themselves what ends by time
			can = chat.Can{Gate: can.ThenGate, Rule: can.ThenRule}
		} else if can.Rule == chat.RuleRepliesOff && !want.Allowed {
			can.Gate, can.Rule = want.Gate, want.Rule // no is no; that it is no longer a reply is not worth telling
		}
		c.state.Rights.Post[id] = can
	}
	check("rights to post", c.state.Rights.Post, fresh.state.Rights.Post)
}
