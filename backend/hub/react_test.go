package hub

import (
	"reflect"
	"slices"
	"testing"

	"parley/backend/chat"
)

// answerOf posts a message that quotes another one.
func (c *client) answerOf(m chat.Message, text string) (chat.MessagePostArgs, *chat.Error) {
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: m.ConversationID, Text: text, ReplyToID: m.ID}
	return args, c.ask(chat.MessagePost, args, nil)
}

// TestReply_quotesItsConversation: a message quotes one of its own conversation, deleted or not, and the same again is the same.
func TestReply_quotesItsConversation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, max, ben := r.connect("ana"), r.connect("max"), r.connect("ben")
	ana.mustPost("max", "which one?")
	ben.mustPost("max", "to somebody else")
	ana.barrier()
	ben.barrier()
	question, foreign := ana.tail("max"), ben.tail("max")

	args, err := max.answerOf(question, "the lower")
	if err != nil {
		t.Fatal(err)
	}
	max.mustAsk(chat.MessagePost, args, nil)
	other := args
	other.ReplyToID = ""
	if err := max.ask(chat.MessagePost, other, nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("the same id without the quote: %v", err)
	}
	ana.barrier()
	if got := ana.tail("max"); got.ReplyToID != question.ID || got.ReplyToN != question.N || got.N != 2 {
		t.Errorf("told was %+v", got)
	}
	if fresh := r.connect("ana"); !reflect.DeepEqual(fresh.tail("max"), ana.tail("max")) {
		t.Errorf("somebody new is told %+v", fresh.tail("max"))
	}

	foreign.ConversationID = question.ConversationID
	if _, err := max.answerOf(foreign, "what was said elsewhere"); err == nil || *err != *chat.ErrUnknown {
		t.Errorf("a quote of another conversation: %v", err)
	}
	question.ID = "no id"
	if _, err := max.answerOf(question, "nothing"); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("a quote of nothing: %v", err)
	}
	question.ID = args.ReplyToID
	ana.mustAsk(chat.MessageDelete, deleteOf(question), nil)
	if _, err := max.answerOf(question, "too late"); err != nil {
		t.Errorf("a quote of what was deleted meanwhile: %v", err)
	}
}

// TestReact: reactions are told to all, joined and taken away, bounded, and gone with their message.
func TestReact(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, max := r.connect("ana"), r.connect("max")
	away := r.connect("max")
	ana.mustPost("max", "done")
	ana.barrier()
	away.barrier()
	away.feed.Close()
	m := ana.tail("max")
	react := func(c *client, emoji string, on bool) *chat.Error {
		return c.ask(chat.MessageReact, chat.MessageReactArgs{ConversationID: m.ConversationID, ID: m.ID, Emoji: emoji, On: on}, nil)
	}
	must := func(c *client, emoji string, on bool) {
		t.Helper()
		if err := react(c, emoji, on); err != nil {
			t.Fatal(err)
		}
	}
	must(max, "👍", true)
	must(max, "👍", true)
	must(ana, "👍\ufe0f", true) // the same, as some keyboards write it
	must(ana, "🎉", true)
	must(ana, "🎉", false)
	must(ana, "🎉", false)
	ana.barrier()
	max.barrier()
	away.attach()
	away.barrier()
	want := []chat.Reaction{{Emoji: "👍", UserIDs: []chat.UserID{r.users["max"], r.users["ana"]}}}
	for _, c := range []*client{ana, max, away, r.connect("ana")} {
		if got := c.tail(map[bool]string{true: "max", false: "ana"}[c.name == "ana"]); !reflect.DeepEqual(got.Reactions, want) || got.Revision != 0 {
			t.Errorf("%s holds %+v", c.name, got)
		}
	}

	for _, emoji := range []string{"❤️", "✅", "😀", "🎉"} {
		must(max, emoji, true)
	}
	if err := react(max, "🙈", true); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("one too many: %v", err)
	}
	for _, word := range []string{"", "ok", "👍👍"} {
		if err := react(max, word, true); err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("%q: %v", word, err)
		}
	}
	if err := react(r.connect("eve"), "👍", true); err == nil || *err != *chat.ErrUnknown {
		t.Errorf("a stranger: %v", err)
	}

	r.organisation(func(o *chat.Organisation) { o.Messaging = false })
	if err := react(ana, "😀", true); err == nil || err.Refusal == nil || err.Refusal.Rule != chat.RuleMessagingOff {
		t.Errorf("while messaging is off: %v", err)
	}
	must(ana, "👍", false)
	ana.mustAsk(chat.MessageDelete, deleteOf(m), nil)
	ana.barrier()
	if got := ana.tail("max"); got.Reactions != nil {
		t.Errorf("a deleted message has %+v", got.Reactions)
	}
}

// TestMention: who takes part is mentioned, nobody else is, and nobody learns by it who there is.
func TestMention(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, max := r.connect("ana"), r.connect("max")
	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Quality", Participants: []chat.UserID{r.users["mia"], r.users["sue"]}}, nil)
	mention := func(c *client, in chat.ConversationID, who ...chat.UserID) *chat.Error {
		return c.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: in, Text: "look", Mentions: who}, nil)
	}
	if err := mention(max, room, r.users["sue"], r.users["mia"], r.users["sue"]); err != nil {
		t.Fatal(err)
	}
	max.barrier()
	want := []chat.UserID{r.users["mia"], r.users["sue"]}
	slices.Sort(want)
	posted := max.convs[room].Tail[0]
	if !slices.Equal(posted.Mentions, want) {
		t.Errorf("mentioned are %v, want %v", posted.Mentions, want)
	}
	if err := mention(ana, r.direct("ana", "max"), r.users["max"]); err != nil { // the first message of a conversation
		t.Error(err)
	}
	for what, who := range map[string]chat.UserID{"who is not in": r.users["ada"], "who does not exist": chat.UserID(chat.NewUUID()), "who is behind the wall": r.users["eve"]} {
		if err := mention(max, room, who); err == nil || *err != *chat.ErrUnknown {
			t.Errorf("%s in a room: %v", what, err)
		}
		if err := mention(ana, r.direct("ana", "max"), who); err == nil || *err != *chat.ErrUnknown {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := mention(max, room, make([]chat.UserID, chat.MaxMentions+1)...); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("too many: %v", err)
	}

	edit := editOf(posted, "look here")
	edit.Mentions = want[:1]
	max.mustAsk(chat.MessageEdit, edit, nil)
	max.barrier()
	if got := max.convs[room].Tail[0]; !slices.Equal(got.Mentions, want[:1]) {
		t.Errorf("after the edit mentioned are %v", got.Mentions)
	}
	max.mustAsk(chat.MessageDelete, deleteOf(posted), nil)
	max.barrier()
	if got := max.convs[room].Tail[0]; got.Mentions != nil {
		t.Errorf("a deleted message mentions %v", got.Mentions)
	}
}
