package hub

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/backend/chat"
)

// freeToStart are the settings of somebody who may write first to everybody.
var freeToStart = chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone, Targets: []string{}}

// tail returns the last message that a client holds of its conversation with somebody.
func (c *client) tail(with string) chat.Message {
	c.t.Helper()
	conv := c.convs[c.rig.direct(c.name, with)]
	if conv == nil || len(conv.Tail) == 0 {
		c.t.Fatalf("%s holds no message of %s", c.name, with)
	}
	return conv.Tail[len(conv.Tail)-1]
}

func editOf(m chat.Message, text string) chat.MessageEditArgs {
	return chat.MessageEditArgs{ConversationID: m.ConversationID, ID: m.ID, Revision: m.Revision, Text: text}
}

func deleteOf(m chat.Message) chat.MessageDeleteArgs {
	return chat.MessageDeleteArgs{ConversationID: m.ConversationID, ID: m.ID}
}

func versionsOf(m chat.Message) chat.MessageVersionsArgs {
	return chat.MessageVersionsArgs{ConversationID: m.ConversationID, ID: m.ID}
}

// TestAmend_toldLiveAwayAndNew: an edited and a deleted message are the same to who was there, who was away and who is new, and what
// it was is kept.
func TestAmend_toldLiveAwayAndNew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, max, away := r.connect("ana"), r.connect("max"), r.connect("max")
	ana.mustPost("max", "the frist")
	ana.mustPost("max", "a slip of the tongue")
	ana.barrier()
	away.barrier()
	away.feed.Close()

	slip, first := ana.tail("max"), ana.convs[r.direct("ana", "max")].Tail[0]
	var edited chat.RevisionAnswer
	ana.mustAsk(chat.MessageEdit, editOf(first, "the first"), &edited)
	ana.mustAsk(chat.MessageDelete, deleteOf(slip), nil)
	if edited.Revision != 1 {
		t.Errorf("the revision is %d", edited.Revision)
	}
	max.barrier()
	away.attach()
	away.barrier()
	for _, c := range []*client{max, away, r.connect("max")} {
		tail := c.convs[r.direct("ana", "max")].Tail
		if got := tail[0]; got.Text != "the first" || got.Revision != 1 || got.EditedAt == 0 || got.At != first.At || got.Deleted() {
			t.Errorf("%s holds %+v", c.name, got)
		}
		if got := tail[1]; got.Text != "" || got.Revision != 1 || !got.Deleted() || got.N != 2 || got.AuthorID != ana.actor.UserID {
			t.Errorf("%s holds %+v", c.name, got)
		}
	}
	if strings.Contains(strings.Join(away.transcript[3:], ""), "slip") {
		t.Errorf("who was away is told what was deleted: %s", away.transcript)
	}

	var was chat.MessageVersionsAnswer
	max.mustAsk(chat.MessageVersions, versionsOf(first), &was)
	if len(was.Versions) != 1 || was.Versions[0].Text != "the frist" || was.Versions[0].Revision != 0 || was.Versions[0].At != first.At {
		t.Errorf("it was %+v", was.Versions)
	}
	max.mustAsk(chat.MessageVersions, versionsOf(slip), &was)
	if len(was.Versions) != 0 {
		t.Errorf("who takes part reads what was deleted: %+v", was.Versions)
	}

	r.restart()
	max = r.connect("max")
	if got := max.convs[r.direct("ana", "max")].Tail; got[0].Text != "the first" || !got[1].Deleted() {
		t.Errorf("after a restart there is %+v", got)
	}
	if d, err := r.store.Check(t.Context()); err != nil || !d.Sound() {
		t.Errorf("check: %v, %+v", err, d)
	}
}

// TestAmend_refused: only the author, only what is seen, only while it is as it was seen, and by the rules of a new message.
func TestAmend_refused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, max, eve := r.connect("ana"), r.connect("max"), r.connect("eve")
	max.mustPost("ana", "as it was")
	ana.mustPost("max", "mine")
	ana.barrier()
	mine := ana.tail("max")
	theirs := ana.convs[mine.ConversationID].Tail[0]
	elsewhere := mine
	elsewhere.ConversationID = r.direct("ana", "sue")
	nowhere := mine
	nowhere.ID = chat.NewMessageID()
	bold := json.RawMessage(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"b","marks":[{"type":"bold"}]}]}]}`)
	rich := editOf(theirs, "")
	rich.Document = bold

	for _, c := range []struct {
		what string
		by   *client
		do   chat.CommandName
		args any
		code chat.Code
		rule chat.Rule
	}{
		{"another's edit", ana, chat.MessageEdit, editOf(theirs, "x"), chat.CodeDenied, chat.RuleNotAuthor},
		{"another's deletion", ana, chat.MessageDelete, deleteOf(theirs), chat.CodeDenied, chat.RuleNotAuthor},
		{"a stranger's edit", eve, chat.MessageEdit, editOf(mine, "x"), chat.CodeUnknown, ""},
		{"a stranger's deletion", eve, chat.MessageDelete, deleteOf(mine), chat.CodeUnknown, ""},
		{"a stranger's look", eve, chat.MessageVersions, versionsOf(mine), chat.CodeUnknown, ""},
		{"of another conversation", ana, chat.MessageEdit, editOf(elsewhere, "x"), chat.CodeUnknown, ""},
		{"of none", ana, chat.MessageDelete, deleteOf(nowhere), chat.CodeUnknown, ""},
		{"nothing left", ana, chat.MessageEdit, editOf(mine, " \n "), chat.CodeInvalid, ""},
		{"too long", ana, chat.MessageEdit, editOf(mine, strings.Repeat("x", chat.MaxTextLength+1)), chat.CodeInvalid, ""},
		{"EXP-11 an expert's rich text", max, chat.MessageEdit, rich, chat.CodeDenied, chat.RulePlainTextOnly},
	} {
		err := c.by.ask(c.do, c.args, nil)
		if err == nil || err.Code != c.code || c.rule != "" && (err.Refusal == nil || err.Refusal.Rule != c.rule) {
			t.Errorf("%s: %v", c.what, err)
		}
		if err != nil && c.code == chat.CodeUnknown && *err != *chat.ErrUnknown {
			t.Errorf("%s is answered in words of its own: %v", c.what, err)
		}
	}
	ana.barrier()
	if ana.tail("max").Revision != 0 || ana.convs[mine.ConversationID].Tail[0].Revision != 0 {
		t.Error("a refusal changed something")
	}
}

// TestAmend_twice: the same once more changes nothing, and of two that differ only the first counts.
func TestAmend_twice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana := r.connect("ana")
	ana.mustPost("max", "one")
	ana.barrier()
	m := ana.tail("max")
	for range 2 {
		var a chat.RevisionAnswer
		if ana.mustAsk(chat.MessageEdit, editOf(m, "two"), &a); a.Revision != 1 {
			t.Errorf("the revision is %d", a.Revision)
		}
	}
	if err := ana.ask(chat.MessageEdit, editOf(m, "three"), nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("edited twice: %v", err)
	}
	head := r.hub.facts.Load().head
	ana.mustAsk(chat.MessageDelete, deleteOf(m), nil)
	ana.mustAsk(chat.MessageDelete, deleteOf(m), nil)
	if now := r.hub.facts.Load().head; now != head+1 {
		t.Errorf("the log has %d entries more", now-head)
	}
	ana.barrier()
	m = ana.tail("max")
	if err := ana.ask(chat.MessageEdit, editOf(m, "four"), nil); err == nil || err.Code != chat.CodeConflict {
		t.Errorf("edited after it was deleted: %v", err)
	}
}

// TestAmend_rights: who may not write any more edits nothing, but takes back what they said; behind a wall there is nothing.
func TestAmend_rights(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana, ben := r.connect("ana"), r.connect("ben")
	ana.mustPost("max", "to max")
	ana.mustPost("ben", "to ben")
	ana.barrier()
	ben.barrier()
	toMax, toBen := ana.tail("max"), ana.tail("ben")
	r.organisation(func(o *chat.Organisation) { o.Messaging = false })
	if err := ana.ask(chat.MessageEdit, editOf(toMax, "x"), nil); err == nil || err.Refusal == nil || err.Refusal.Rule != chat.RuleMessagingOff {
		t.Errorf("edited while messaging is off: %v", err)
	}
	ana.mustAsk(chat.MessageDelete, deleteOf(toMax), nil)
	r.organisation(func(o *chat.Organisation) { o.Messaging = true })

	r.moveTo("ben", "South")
	for _, do := range []struct {
		name chat.CommandName
		args any
	}{{chat.MessageEdit, editOf(toBen, "x")}, {chat.MessageDelete, deleteOf(toBen)}, {chat.MessageVersions, versionsOf(toBen)}} {
		if err := ana.ask(do.name, do.args, nil); err == nil || *err != *chat.ErrUnknown {
			t.Errorf("%s behind the wall: %v", do.name, err)
		}
	}
}

// TestAmend_search: what was edited is found by its new words alone, what was deleted by none.
func TestAmend_search(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	r.settings("ben", freeToStart)
	ana := r.connect("ana")
	ana.mustPost("max", "apples")
	ana.mustPost("max", "apples and plums")
	ana.barrier()
	finds := func(text string) (n int) {
		var a chat.MessageSearchAnswer
		ana.mustAsk(chat.MessageSearch, chat.MessageSearchArgs{Text: text, Limit: 10}, &a)
		return len(a.Messages)
	}
	if n := finds("apples"); n != 2 {
		t.Fatalf("%d are found", n)
	}
	tail := ana.convs[r.direct("ana", "max")].Tail
	ana.mustAsk(chat.MessageEdit, editOf(tail[0], "pears"), nil)
	ana.mustAsk(chat.MessageDelete, deleteOf(tail[1]), nil)
	for text, want := range map[string]int{"apples": 0, "plums": 0, "pears": 1} {
		if n := finds(text); n != want {
			t.Errorf("of %s %d are found, want %d", text, n, want)
		}
	}
}

// TestAmend_watched: who follows a conversation is told of changes, and who may read its transcript reads what was deleted, which the
// audit log notes.
func TestAmend_watched(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.settings("ana", freeToStart)
	group := r.record("ana").Group.ID
	r.must(r.signIn("ada"), chat.MonitoringUpdate, chat.MonitoringUpdateArgs{Rule: chat.MonitoringRule{GroupID: group,
		Transcripts: []chat.UserID{r.users["sue"]}, Live: []chat.UserID{r.users["sue"]}}}, nil)
	ana, sue := r.connect("ana"), r.connect("sue")
	ana.mustPost("max", "in private")
	ana.barrier()
	m := ana.tail("max")
	sue.mustAsk(chat.TranscriptWatch, chat.TranscriptWatchArgs{ConversationID: m.ConversationID}, nil)
	ana.mustAsk(chat.MessageDelete, deleteOf(m), nil)
	sue.until("the deletion", func() bool {
		for _, s := range sue.watching {
			if s.Type == chat.SignalTranscript && s.Message.ID == m.ID && s.Message.Deleted() && s.Message.Text == "" {
				return true
			}
		}
		return false
	})
	before := r.auditLog(chat.AuditListArgs{})
	var was chat.MessageVersionsAnswer
	sue.mustAsk(chat.TranscriptVersions, versionsOf(m), &was)
	if len(was.Versions) != 1 || was.Versions[0].Text != "in private" {
		t.Errorf("it was %+v", was.Versions)
	}
	after := r.auditLog(chat.AuditListArgs{})
	if len(after) != len(before)+1 || after[0].Command != chat.TranscriptVersions || after[0].ByID != r.users["sue"] {
		t.Errorf("the audit log has %+v", after[0])
	}
	for _, who := range []string{"ana", "max", "ada"} {
		if err := r.connect(who).ask(chat.TranscriptVersions, versionsOf(m), nil); err == nil || err.Code == chat.CodeInternal {
			t.Errorf("%s reads it: %v", who, err)
		}
	}
}
