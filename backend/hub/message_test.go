package hub

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

func TestPost_isToldToBothSides(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	answer := max.mustPost("ana", "hello")
	if answer.N != 1 || answer.At != r.hub.now() || answer.Waiting {
		t.Errorf("answer %+v", answer)
	}
	ana.barrier()
	for _, c := range []*client{max, ana} {
		other := "ana"
		if c == ana {
			other = "max"
		}
		if got := c.texts(other); got != "1:hello" {
			t.Errorf("%s has %q", c.name, got)
		}
	}
	ana.mustPost("max", "hello yourself")
	max.barrier()
	if got := max.texts("ana"); got != "1:hello 2:hello yourself" {
		t.Errorf("max has %q", got)
	}
}

// TestPost_pipelined hands many posts in before taking any answer: their order stays, and the barrier comes after all.
func TestPost_pipelined(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	const n = 40
	var want []string
	for i := range n {
		text := fmt.Sprint("no ", i)
		max.send(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: text})
		want = append(want, fmt.Sprintf("%d:%s", i+1, text))
	}
	max.barrier()
	if len(max.answers) != n+3 { // hello, and the barriers of the beginning and now
		t.Errorf("%d answers before that of the barrier, want %d", len(max.answers), n+3)
	}
	ana.barrier()
	for who, got := range map[string]string{"max": max.texts("ana"), "ana": ana.texts("max")} {
		if got != strings.Join(want, " ") {
			t.Errorf("%s has %q", who, got)
		}
	}
	if s := r.hub.Stats(); s.Posts != n || s.Batches >= s.Commands {
		t.Errorf("no group commit: %+v", s)
	}
}

func TestPost_repeatedIsAnsweredAgainForEver(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: "once"}
	var first, again chat.MessagePostAnswer
	max.mustAsk(chat.MessagePost, args, &first)
	repeat := func(when string) {
		t.Helper()
		if err := r.do(max.actor, chat.MessagePost, args, &again); err != nil || again != first {
			t.Errorf("repeated %s: %+v, %v; first %+v", when, again, err, first)
		}
	}
	repeat("at once")
	r.clock.turn(time.Hour)
	repeat("later")
	org := max.state.Organisation
	org.Messaging = false
	r.must(Console, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: org}, nil)
	repeat("when nothing may be posted any more")
	if _, err := max.post("ana", "other"); err == nil || err.Refusal.Rule != chat.RuleMessagingOff {
		t.Errorf("the twin that is no repeat: %v", err)
	}
	r.restart()
	repeat("after a restart")
	max.attach()
	if got := max.texts("ana"); got != "1:once" {
		t.Errorf("max has %q", got)
	}
}

func TestPost_repeatedInOneBatch(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: "once"}
	var sent []int64
	for range 10 {
		sent = append(sent, max.send(chat.MessagePost, args))
	}
	max.barrier()
	for _, re := range sent {
		if a := max.answers[re]; a.Err != nil || string(a.OK) != string(max.answers[sent[0]].OK) {
			t.Errorf("answer %+v", a)
		}
	}
	if got := max.texts("ana"); got != "1:once" {
		t.Errorf("max has %q", got)
	}
}

func TestPost_sameIDOtherContentIsConflict(t *testing.T) {
	r := newRig(t)
	max, mia := r.signIn("max"), r.signIn("mia")
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "ana"), Text: "once"}
	r.must(max, chat.MessagePost, args, nil)
	text, place, own := args, args, args
	text.Text = "twice"
	place.ConversationID = r.direct("max", "mia")
	own.ConversationID = r.direct("mia", "ana")
	for what, err := range map[string]error{
		"other text":         r.do(max, chat.MessagePost, text, nil),
		"other conversation": r.do(max, chat.MessagePost, place, nil),
		"other author":       r.do(mia, chat.MessagePost, own, nil),
	} {
		if chat.AsError(err).Code != chat.CodeConflict {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Whoever may not write there at all does not learn that there is such a message.
	if err := r.do(mia, chat.MessagePost, args, nil); chat.AsError(err).Code != chat.CodeUnknown {
		t.Errorf("somebody else's message: %v", err)
	}
}

// TestPost_unknownIsUnknown compares, byte for byte, the answers about somebody behind the wall and about nobody.
func TestPost_unknownIsUnknown(t *testing.T) {
	r := newRig(t)
	r.users["nobody"] = chat.UserID(chat.NewUUID())
	ana := r.connect("ana")
	commands := map[chat.CommandName]func(with string) any{
		chat.MessagePost: func(with string) any {
			return chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("ana", with), Text: "hello"}
		},
		chat.HistoryLoad: func(with string) any {
			return chat.HistoryLoadArgs{ConversationID: r.direct("ana", with), Limit: 10}
		},
		chat.ReadMark: func(with string) any { return chat.ReadMarkArgs{ConversationID: r.direct("ana", with), N: 1} },
		chat.DraftSet: func(with string) any {
			return chat.DraftSetArgs{ConversationID: r.direct("ana", with), Text: "dear"}
		},
		chat.TypingSet: func(with string) any {
			return chat.TypingSetArgs{ConversationID: r.direct("ana", with), Typing: true}
		},
	}
	for name, args := range commands {
		answer := func(with string) string {
			re := ana.send(name, args(with))
			ana.until("answered", func() bool { return ana.answers[re] != nil })
			a := *ana.answers[re]
			a.Re = 0
			raw, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		if walled, nobody := answer("eve"), answer("nobody"); walled != nobody {
			t.Errorf("%s: behind the wall %s, nobody %s", name, walled, nobody)
		}
		if name != chat.TypingSet && !strings.Contains(answer("eve"), `"unknown"`) {
			t.Errorf("%s: %s", name, answer("eve"))
		}
		if known := answer("ben"); strings.Contains(known, `"unknown"`) {
			t.Errorf("%s: the twin in the same group: %s", name, known)
		}
	}
	ana.barrier()
	if len(ana.convs) != 0 || len(ana.drafts) != 1 {
		t.Errorf("ana has conversations %v and drafts %v", ana.convs, ana.drafts)
	}
}

func TestPost_conversationsOfOthersAreUnknown(t *testing.T) {
	r := newRig(t)
	max, mia := r.connect("max"), r.signIn("mia")
	max.mustPost("sue", "between us")
	for name, args := range map[chat.CommandName]any{
		chat.MessagePost: chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "sue"), Text: "me too"},
		chat.HistoryLoad: chat.HistoryLoadArgs{ConversationID: r.direct("max", "sue"), Limit: 10},
		chat.ReadMark:    chat.ReadMarkArgs{ConversationID: r.direct("max", "sue"), N: 1},
	} {
		if err := r.do(mia, name, args, nil); chat.AsError(err) != chat.ErrUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPost_form(t *testing.T) {
	r := newRig(t)
	max, sue := r.signIn("max"), r.signIn("sue")
	to := func(name string) chat.ConversationID { return r.direct(name, "ana") }
	bold := json.RawMessage(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"hi","marks":[{"type":"bold"}]}]}]}`)
	tests := []struct {
		name string
		as   Actor
		args chat.MessagePostArgs
		want chat.Code
		rule chat.Rule
	}{
		{"no id", max, chat.MessagePostArgs{ConversationID: to("max"), Text: "x"}, chat.CodeInvalid, ""},
		{"id in capitals", max, chat.MessagePostArgs{ID: chat.MessageID(strings.ToUpper(chat.NewUUID())), ConversationID: to("max"), Text: "x"}, chat.CodeInvalid, ""},
		{"empty", max, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to("max"), Text: " \n"}, chat.CodeInvalid, ""},
		{"too long", max, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to("max"), Text: strings.Repeat("x", chat.MaxTextLength+1)}, chat.CodeInvalid, ""},
		{"EXP-11 an expert's rich text", max, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to("max"), Document: bold}, chat.CodeDenied, chat.RulePlainTextOnly},
		{"EXP-12 its twin by a supervisor", sue, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to("sue"), Document: bold}, "", ""},
		{"no conversation", max, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: "x", Text: "x"}, chat.CodeUnknown, ""},
		{"with oneself", max, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("max", "max"), Text: "x"}, chat.CodeUnknown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := r.do(tt.as, chat.MessagePost, tt.args, nil)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			got := chat.AsError(err)
			if err == nil || got.Code != tt.want || tt.rule != "" && got.Refusal.Rule != tt.rule {
				t.Errorf("%v, want %s %s", err, tt.want, tt.rule)
			}
		})
	}
	ana := r.connect("ana")
	if conv := ana.convs[r.direct("sue", "ana")]; conv == nil || conv.Tail[0].Text != "hi" || string(conv.Tail[0].Document) != string(bold) {
		t.Errorf("the rich message came as %+v", conv)
	}
}

// TestPost_startAndReply is IM-5 and SPEC 1.1: an agent does not start, may answer within the reply window, and no longer.
func TestPost_startAndReply(t *testing.T) {
	r := newRig(t)
	ana, max := r.connect("ana"), r.connect("max")
	if _, err := ana.post("max", "may I?"); err == nil || err.Code != chat.CodeDenied || err.Refusal.Rule != chat.RuleStartOff {
		t.Errorf("IM-5: an agent started: %v", err)
	}
	max.mustPost("ana", "you may")
	ana.mustPost("max", "thank you")
	r.clock.turn(time.Duration(chat.DefaultReplyWindowMs)*time.Millisecond - time.Millisecond)
	ana.mustPost("max", "at the last moment")
	r.clock.turn(time.Millisecond)
	if _, err := ana.post("max", "too late"); err == nil || err.Refusal.Rule != chat.RuleStartOff {
		t.Errorf("the window is over: %v", err)
	}
	max.mustPost("ana", "once more")
	ana.mustPost("max", "thanks")
}

// TestHistory_largeMessages: who writes the largest messages there can be makes nobody's pages and first picture a burden.
func TestHistory_largeMessages(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	const messages = 20
	for i := range messages {
		max.mustPost("ana", fmt.Sprint(i+1, " ", strings.Repeat("😀", chat.MaxTextLength-10)))
	}
	ana := r.connect("ana")
	conv := ana.convs[r.direct("max", "ana")]
	const most = 512 << 10
	size := func(all []chat.Message) (bytes int) {
		for _, m := range all {
			bytes += len(m.Text)
		}
		return bytes
	}
	if n := len(conv.Tail); n == 0 || size(conv.Tail) > most || conv.Tail[n-1].N != messages || !conv.More {
		t.Errorf("the tail is %d messages of %d bytes, more %v", n, size(conv.Tail), conv.More)
	}
	for before := int64(messages + 1); before > 1; {
		var page chat.HistoryLoadAnswer
		ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, BeforeN: before, Limit: chat.MaxHistoryPage}, &page)
		n := len(page.Messages)
		if n == 0 || size(page.Messages) > most || page.Messages[n-1].N != before-1 || page.More != (page.Messages[0].N > 1) {
			t.Fatalf("before %d come %d messages of %d bytes, more %v", before, n, size(page.Messages), page.More)
		}
		before = page.Messages[0].N
	}
}

func TestHistory_pages(t *testing.T) {
	r := newRig(t)
	max := r.connect("max")
	for i := range 50 {
		max.mustPost("ana", fmt.Sprint(i+1))
	}
	ana := r.connect("ana")
	conv := ana.convs[r.direct("max", "ana")]
	if len(conv.Tail) != tailLength || conv.Tail[0].N != 21 || conv.Tail[29].N != 50 || !conv.More || conv.LastN != 50 || conv.ReadN != 0 {
		t.Errorf("the tail is %d messages of %d, more %v, read %d", len(conv.Tail), conv.LastN, conv.More, conv.ReadN)
	}
	var page chat.HistoryLoadAnswer
	ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, BeforeN: 21, Limit: 15}, &page)
	if len(page.Messages) != 15 || page.Messages[0].N != 6 || page.Messages[14].N != 20 || page.Messages[0].AuthorID != r.users["max"] || !page.More {
		t.Errorf("page %+v", page)
	}
	ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, BeforeN: 6, Limit: 200}, &page)
	if len(page.Messages) != 5 || page.More {
		t.Errorf("last page %+v", page)
	}
	ana.mustAsk(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, Limit: 2}, &page)
	if len(page.Messages) != 2 || page.Messages[1].N != 50 {
		t.Errorf("newest page %+v", page)
	}
	for _, limit := range []int{0, -1, chat.MaxHistoryPage + 1} {
		if err := ana.ask(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: conv.Conversation.ID, Limit: limit}, nil); err == nil || err.Code != chat.CodeInvalid {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}
