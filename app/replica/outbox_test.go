package replica

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

func TestPost_waitingThenPosted(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	v.post(withBen, "hello")
	v.shows(withBen, "hello")
	v.noOutbox()
	if got := d.hub.texts(withBen); !slices.Equal(got, []string{"hello"}) {
		t.Errorf("the hub has %q", got)
	}
}

func TestPost_orderTypedIsKeptWithOneInFlight(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprint("message ", i))
		v.post(withBen, want[i])
	}
	v.shows(withBen, want...)
	if got := d.hub.texts(withBen); !slices.Equal(got, want) {
		t.Errorf("the hub has %q", got)
	}
}

// The link breaks at every place between the send and the event; each message must be there once, in the order typed.
func TestPost_exactlyOnceWhenTheLinkBreaks(t *testing.T) {
	for _, broken := range []verdict{cutBefore, cutAfter, answerThenIt} {
		t.Run(string(broken), func(t *testing.T) {
			d := newDesk(t)
			d.hub.judge = func(args chat.MessagePostArgs, try int) verdict {
				if args.Text == "two" && try == 1 {
					return broken
				}
				return commit
			}
			v := d.ready()
			for _, text := range []string{"one", "two", "three"} {
				v.post(withBen, text)
			}
			v.offline() // after answerThenIt it is the next event that shows the gap
			d.comeBack()
			v.shows(withBen, "one", "two", "three")
			v.noOutbox()
			if got := d.hub.texts(withBen); !slices.Equal(got, []string{"one", "two", "three"}) {
				t.Errorf("the hub has %q", got)
			}
		})
	}
}

func TestPost_offlineWaitsAndSurvivesARestart(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	first := v.post(withBen, "one")
	v.post(withCem, "another")
	v.post(withBen, "two")
	v.await("all wait", func() bool { return len(v.outbox) == 3 && v.outbox[first].State == chat.OutboxWaiting })

	d.restart()
	v = d.page()
	if items := v.snap.Outbox; len(items) != 3 || items[0].Message.Text != "one" {
		t.Fatalf("after a restart the outbox is %v", items)
	}
	d.hub.set(func() { d.hub.refuseSockets = false })
	v.do(chat.ReplicaRetry, struct{}{}, nil)
	v.shows(withBen, "one", "two")
	v.shows(withCem, "another")
	v.noOutbox()
}

func TestPost_sentButUnansweredAtACrashIsRepeated(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(_ chat.MessagePostArgs, try int) verdict {
		if try == 1 {
			return silent
		}
		return commit
	}
	v := d.ready()
	id := v.post(withBen, "hello")
	v.await("it is being sent", func() bool { return v.outbox[id].State == chat.OutboxSending })
	d.hub.await("the hub was asked", func() bool { return len(d.hub.attempt) == 1 })
	d.restart()
	v = d.page()
	v.shows(withBen, "hello")
	v.noOutbox()
	if got := d.hub.texts(withBen); len(got) != 1 {
		t.Errorf("the hub has %q", got)
	}
}

func TestPost_answeredIsNeverSentAgain(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(chat.MessagePostArgs, int) verdict { return answerThenIt }
	v := d.ready()
	id := v.post(withBen, "hello")
	d.hub.await("the hub was asked", func() bool { return len(d.hub.attempt) == 1 })
	for onItsWay := true; onItsWay; { // until the owner has taken the answer
		if err := d.r.call(func() error { onItsWay = len(d.r.sending) > 0; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	v.await("it still shows as on its way", func() bool { return v.outbox[id].State == chat.OutboxSending })
	d.restart()
	v = d.page()
	v.shows(withBen, "hello")
	v.noOutbox()
	if n := d.hub.attempts(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestPost_refusedIsKeptAndTheNextGoesOn(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(args chat.MessagePostArgs, _ int) verdict {
		if args.Text == "no" {
			return denied
		}
		return commit
	}
	v := d.ready()
	no := v.post(withBen, "no")
	v.post(withBen, "yes")
	v.shows(withBen, "yes")
	item := v.item(no)
	if item.State != chat.OutboxRefused || item.Error == nil || item.Error.Refusal == nil || item.Error.Refusal.Rule != chat.RuleStartOff {
		t.Fatalf("the refused message is %+v", item)
	}
	d.restart()
	v = d.page()
	if item := v.item(no); item.State != chat.OutboxRefused || item.Error.Code != chat.CodeDenied {
		t.Fatalf("after a restart the refused message is %+v", item)
	}
	v.do(chat.OutboxDiscard, chat.OutboxDiscardArgs{ID: no}, nil)
	v.noOutbox()
	v.refused(chat.CodeUnknown, chat.OutboxDiscard, chat.OutboxDiscardArgs{ID: no})
}

func TestPost_refusedCanBeSentAgain(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(_ chat.MessagePostArgs, try int) verdict {
		if try == 1 {
			return denied
		}
		return commit
	}
	v := d.ready()
	id := v.post(withBen, "please")
	v.await("it was refused", func() bool { return v.outbox[id].State == chat.OutboxRefused })
	v.do(chat.MessagePost, chat.MessagePostArgs{ID: id, ConversationID: withBen, Text: "please"}, nil)
	v.shows(withBen, "please")
	v.noOutbox()
}

func TestPost_busyIsTriedAgainAfterTheTimeAsked(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(_ chat.MessagePostArgs, try int) verdict {
		if try == 1 {
			return busy
		}
		return commit
	}
	v := d.ready()
	v.post(withBen, "hello")
	v.await("it waits again", func() bool {
		return slices.Equal(v.history, []chat.OutboxState{chat.OutboxWaiting, chat.OutboxSending, chat.OutboxWaiting})
	})
	if err := d.r.call(func() error { return nil }); err != nil { // the timer is set
		t.Fatal(err)
	}
	d.clock.Advance(1499 * time.Millisecond)
	if n := d.hub.attempts(); n != 1 {
		t.Fatalf("tried %d times before the time", n)
	}
	d.clock.Advance(time.Millisecond)
	v.shows(withBen, "hello")
}

func TestPost_repeatedByThePageIsOneMessage(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: "hello"}
	v.do(chat.MessagePost, args, nil)
	v.shows(withBen, "hello")
	var answer chat.MessagePostAnswer
	v.do(chat.MessagePost, args, &answer)
	if answer.N != 1 || answer.Waiting {
		t.Errorf("the repeat was answered %+v", answer)
	}
	args.Text = "something else"
	v.refused(chat.CodeConflict, chat.MessagePost, args)
	if got := d.hub.texts(withBen); len(got) != 1 {
		t.Errorf("the hub has %q", got)
	}
}

func TestPost_badInputIsRefusedBeforeItIsKept(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	for name, args := range map[string]chat.MessagePostArgs{
		"no id":         {ConversationID: withBen, Text: "x"},
		"empty":         {ID: chat.NewMessageID(), ConversationID: withBen, Text: " \n"},
		"control":       {ID: chat.NewMessageID(), ConversationID: withBen, Text: "\x00"},
		"bad document":  {ID: chat.NewMessageID(), ConversationID: withBen, Document: []byte(`{"type":"doc","content":[{"type":"image"}]}`)},
		"unknown thing": {ID: chat.NewMessageID(), ConversationID: chat.DirectID(ben, cem), Text: "x"},
	} {
		code := chat.CodeInvalid
		if name == "unknown thing" {
			code = chat.CodeUnknown
		}
		v.refused(code, chat.MessagePost, args)
	}
	items, err := d.r.cache.Outbox(t.Context())
	if err != nil || len(items) != 0 {
		t.Errorf("the outbox holds %v, %v", items, err)
	}
}

func TestPost_expertsSendPlainText(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	document := []byte(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"bold","marks":[{"type":"bold"}]}]}]}`)
	rich := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Document: document}
	v.do(chat.MessagePost, rich, nil)
	v.shows(withBen, "bold")

	expert := chat.Me{User: chat.User{ID: ana, DisplayName: "Ana", Role: chat.RoleExpert, TeamIDs: []chat.TeamID{}, Active: true}}
	d.hub.set(func() { d.hub.append(chat.Event{Type: chat.MeChanged, Me: &expert}) })
	v.await("the role has changed", func() bool { return last(v.events).Type == chat.MeChanged })
	rich.ID = chat.NewMessageID()
	v.refused(chat.CodeDenied, chat.MessagePost, rich)
}

// TestSend_largest: what the replica takes can be sent to the hub, also signs that JSON for HTML pages has six bytes for. A frame
// that is too large would end the connection, and come again with the next.
func TestSend_largest(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	text := strings.Repeat("<", 18_000)
	document := []byte(`{"type":"doc","content":[{"type":"codeBlock","content":[{"type":"text","text":"` + text + `"}]}]}`)
	v.do(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Document: document}, nil)
	v.shows(withBen, text)
	v.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withBen, Text: text + text, Document: document}, nil)
	d.hub.await("the draft was sent", func() bool { return len(d.hub.drafts) == 1 && d.hub.drafts[0].Text == text+text })
}

func TestReset_keepsOutboxAndDrafts(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.hub.says(ben, "before")
	v.shows(withBen, "before")
	d.hub.set(func() { d.hub.refuseSockets = true })
	d.hub.cutAll()
	v.offline()
	v.post(withBen, "typed offline")
	v.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withCem, Text: "half a"}, nil)
	d.hub.set(func() { d.hub.refuseSockets, d.hub.epoch = false, "restored" })
	v.do(chat.ReplicaRetry, struct{}{}, nil)
	v.await("it was reset", func() bool { return v.resets == 2 })
	v.shows(withBen, "before", "typed offline")
	v.noOutbox()
	d.hub.await("the draft was sent", func() bool { return len(d.hub.drafts) == 1 && d.hub.drafts[0].Text == "half a" })
}

// A backup was restored: what was posted after it is gone there, and comes back from the outbox if its event never came.
func TestReset_renewedLogGetsWhatItLost(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(_ chat.MessagePostArgs, try int) verdict {
		if try == 1 {
			return answerThenIt
		}
		return commit
	}
	v := d.ready()
	v.post(withBen, "hello")
	d.hub.await("the hub was asked", func() bool { return len(d.hub.attempt) == 1 })
	v.do(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkAvailable}, nil)
	d.hub.set(func() { d.hub.posts, d.hub.log, d.hub.epoch = nil, nil, "restored" })
	d.hub.cutAll()
	v.offline()
	d.comeBack()
	v.shows(withBen, "hello")
	v.noOutbox()
}

func TestRights_lostConversationGoesEverywhereAtOnce(t *testing.T) {
	d := newDesk(t)
	d.hub.judge = func(chat.MessagePostArgs, int) verdict { return silent }
	v := d.ready()
	d.hub.says(ben, "confidential")
	d.hub.says(cem, "stays")
	v.shows(withCem, "stays")
	id := v.post(withBen, "unsent")
	v.do(chat.DraftSet, chat.DraftSetArgs{ConversationID: withBen, Text: "draft"}, nil)
	d.hub.tell(wire.Frame{Rights: &chat.Rights{ConversationsLost: []chat.ConversationID{withBen}, PeopleLost: []chat.UserID{ben}}})
	v.await("the page was told", func() bool { _, there := v.outbox[id]; return len(v.rights) == 1 && !there })

	d.restart()
	v = d.page()
	if len(v.snap.Conversations) != 1 || v.snap.Conversations[0].Conversation.ID != withCem || len(v.snap.Outbox) != 0 {
		t.Errorf("after the loss there are %+v and %+v", v.snap.Conversations, v.snap.Outbox)
	}
	for _, p := range v.snap.People {
		if p.ID == ben {
			t.Error("Ben is still known")
		}
	}
	drafts, err := d.r.cache.LooseDrafts(t.Context())
	if err != nil || len(drafts) != 0 {
		t.Errorf("drafts are left: %v, %v", drafts, err)
	}
}
