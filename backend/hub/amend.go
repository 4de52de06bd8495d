package hub

import (
	"bytes"
	"context"
	"encoding/json"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// What authors do with messages that were posted: they edit and delete them. The message's row is then another one, its number,
// author and time stay, and what it was before is kept beside it. The log says only that it was changed; whoever reads it there is
// told the message as it stands, so what was deleted goes to nobody any more, however long they were away.

// maxVersions is how often a message is edited at most.
const maxVersions = 100

var (
	errNotAuthor       = policy.Decision{Gate: chat.GatePlace, Rule: chat.RuleNotAuthor}.Err()
	errEditedMeanwhile = &chat.Error{Code: chat.CodeConflict,
		Text: "This message was changed meanwhile, on another device. Nothing was changed; look at it as it is now and edit it again."}
	errDeleted = &chat.Error{Code: chat.CodeConflict, Text: "This message was deleted. Nothing was changed; write a new one."}
)

// amendment is a command about a message that was posted, ready for the writer.
type amendment struct {
	id       chat.MessageID
	edit     chat.MessageEditArgs
	text     string
	document json.RawMessage
}

// amended implements amending.
func (a *amendment) amended() chat.MessageID { return a.id }

// amending is prepared work on a message that must be known when the writer decides.
type amending interface{ amended() chat.MessageID }

// prepareEdit checks the new content's form, as that of a new message.
func prepareEdit(_ context.Context, _ *call, args chat.MessageEditArgs) (*amendment, error) {
	if len(args.Mentions) > chat.MaxMentions {
		return nil, errMentions
	}
	text, document, err := chat.CleanContent(args.Text, args.Document, true)
	if err != nil {
		return nil, err
	}
	return &amendment{id: args.ID, edit: args, text: text, document: document}, nil
}

func prepareDelete(_ context.Context, _ *call, args chat.MessageDeleteArgs) (*amendment, error) {
	return &amendment{id: args.ID, edit: chat.MessageEditArgs{ConversationID: args.ConversationID, ID: args.ID}}, nil
}

// fetch gets to know a message that a command is about.
func (b *batch) fetch(ctx context.Context, s Store, id chat.MessageID) error {
	if _, known := b.messages[id]; known {
		return nil
	}
	for i := range b.changes.Messages {
		if b.changes.Messages[i].ID == id {
			return nil
		}
	}
	m, err := s.MessageOf(ctx, id)
	if err == nil && m != nil {
		b.messages[id] = m
	}
	return err
}

// message returns a message of a conversation as it stands in this batch; chat.ErrUnknown if there is none.
func (b *batch) message(c *conversation, id chat.MessageID) (*store.Message, error) {
	m := b.messages[id]
	for i := range b.changes.Messages {
		if m == nil && b.changes.Messages[i].ID == id {
			m = &b.changes.Messages[i]
		}
	}
	if c == nil || m == nil || m.ConversationKey != c.key {
		return nil, chat.ErrUnknown
	}
	return m, nil
}

// own returns a message of the asker's that they can read, and its conversation.
func (b *batch) own(me *user, a *amendment) (*conversation, *store.Message, error) {
	r, refused := b.facts.reach(chat.ActRead, me, a.edit.ConversationID, b.at)
	if refused != nil {
		return nil, nil, refused
	}
	m, err := b.message(r.c, a.id)
	if err != nil {
		return nil, nil, err
	}
	if m.UserKey != me.row.Key {
		return nil, nil, errNotAuthor
	}
	return r.c, m, nil
}

// editMessage replaces the content of one of the asker's messages. It takes the right to write there at this moment. A repeat of
// what is done already is answered as it was.
func editMessage(b *batch, me *user, by Actor, a *amendment) (any, error) {
	c, m, err := b.own(me, a)
	if err != nil {
		return nil, err
	}
	same := m.Text == a.text && bytes.Equal(m.Document, a.document)
	switch {
	case m.DeletedAt != 0:
		return nil, errDeleted
	case same && (m.Revision == a.edit.Revision || m.Revision == a.edit.Revision+1):
		return chat.RevisionAnswer{Revision: m.Revision}, nil
	case m.Revision != a.edit.Revision:
		return nil, errEditedMeanwhile
	}
	r, refused := b.facts.reach(chat.ActPost, me, c.id, b.at)
	if refused != nil {
		return nil, refused
	}
	mentions, err := b.mentioned(r, a.edit.Mentions)
	if err != nil {
		return nil, err
	}
	if a.document != nil && !me.row.User.Role.Rich() {
		_, _, err := chat.CleanContent(a.text, a.document, false)
		return nil, err
	}
	if m.Revision >= maxVersions {
		return nil, chat.Invalid("a message is edited at most %d times. Nothing was changed; write a new one", maxVersions)
	}
	next := *m
	next.Text, next.Document, next.Mentions, next.EditedAt = a.text, a.document, mentions, b.at
	next.Revision++
	b.keep(m)
	b.amend(c, &next, chat.MessageEdited, by)
	return chat.RevisionAnswer{Revision: next.Revision}, nil
}

// deleteMessage takes the content of one of the asker's messages away. Whoever may read a conversation may always take back what
// they said there.
func deleteMessage(b *batch, me *user, by Actor, a *amendment) (any, error) {
	c, m, err := b.own(me, a)
	if err != nil || m.DeletedAt != 0 {
		return none{}, err
	}
	next := *m
	next.Text, next.Document, next.Attachments, next.Mentions, next.Reactions, next.DeletedAt = "", nil, nil, nil, nil, b.at
	next.Revision++
	b.keep(m)
	b.loseFiles(m)
	b.amend(c, &next, chat.MessageDeleted, by)
	return none{}, nil
}

// keep keeps what a message is as what it was.
func (b *batch) keep(m *store.Message) { b.changes.Versions = append(b.changes.Versions, m.Version()) }

// amend puts a changed message in force and says in the log that it was changed.
func (b *batch) amend(c *conversation, m *store.Message, t chat.EventType, by Actor) {
	b.changes.Amended = append(b.changes.Amended, *m)
	b.messages[m.ID] = m
	b.facts.head++
	b.changes.Events = append(b.changes.Events, store.Event{
		Seq: b.facts.head, Audience: store.ConversationAudience(c.key), Subject: string(m.ID), Type: t, By: string(by.UserID), At: b.at,
	})
	b.entries = append(b.entries, b.facts.amendedEntry(b.facts.head, t, c, m))
	next := *b.facts.conversation(c.id)
	next.eventHead = b.facts.head
	b.setConversation(&next)
}

// amendedEntry returns the log's entry of a change of a message, with the message as it stands.
func (f *facts) amendedEntry(seq int64, t chat.EventType, c *conversation, m *store.Message) *entry {
	e := &entry{seq: seq, conversation: c.id, amends: m.ID}
	if t == chat.MessageReacted {
		e.bytes = mustEncode(chat.Event{Type: t, Reactions: &chat.MessageReactions{ConversationID: c.id, ID: m.ID, N: m.N,
			Reactions: append([]chat.Reaction{}, f.reactions(m)...)}})
		return e
	}
	e.bytes = f.encodeMessage(t, c, m)
	return e
}

// amended returns the entry of a change of a message that is read from the log. The message may have changed again since; then that
// is told twice, which is harmless.
func (r *logReader) amended(ctx context.Context, in chat.ConversationID, e *store.Event) (*entry, error) {
	m, err := r.h.o.Store.MessageOf(ctx, chat.MessageID(e.Subject))
	if err != nil || m == nil {
		return nil, err
	}
	return r.facts.amendedEntry(e.Seq, e.Type, r.facts.conversation(in), m), nil
}

// messageVersions tells what a message was before, to whoever may read it. Nobody who takes part in the conversation reads what
// its author has deleted.
func messageVersions(ctx context.Context, c *call, args chat.MessageVersionsArgs) (any, error) {
	r, refused := c.facts.reach(chat.ActRead, c.me, args.ConversationID, c.now)
	if refused != nil {
		return nil, refused
	}
	return c.versions(ctx, r.c, args.ID, false)
}

// versions reads what a message was before.
func (c *call) versions(ctx context.Context, in *conversation, id chat.MessageID, deleted bool) (chat.MessageVersionsAnswer, error) {
	answer := chat.MessageVersionsAnswer{Versions: []chat.MessageVersion{}}
	m, err := c.h.o.Store.MessageOf(ctx, id)
	if err != nil {
		return answer, err
	}
	if in == nil || m == nil || m.ConversationKey != in.key {
		return answer, chat.ErrUnknown
	}
	if m.DeletedAt != 0 && !deleted {
		return answer, nil
	}
	rows, err := c.h.o.Store.Versions(ctx, in.key, m.N)
	for _, v := range rows {
		answer.Versions = append(answer.Versions, chat.MessageVersion{Revision: v.Revision, At: v.At, Text: v.Text, Document: v.Document})
	}
	return answer, err
}

// versionsRead are the earlier versions of a message of others on their way to whoever asked for them.
type versionsRead struct {
	id     chat.ConversationID
	n      int64
	answer chat.MessageVersionsAnswer
}

// prepareVersions reads what a message of others was, deleted or not. It is told only once the writer has decided again and noted in
// the audit log who read it.
func prepareVersions(ctx context.Context, c *call, args chat.MessageVersionsArgs) (*versionsRead, error) {
	in := c.facts.conversation(args.ConversationID)
	if err := c.facts.mayWatch(chat.ActTranscript, c.me, in).Err(); err != nil {
		return nil, err
	}
	answer, err := c.versions(ctx, in, args.ID, true)
	if err != nil {
		return nil, err
	}
	m, err := c.h.o.Store.MessageOf(ctx, args.ID)
	if err != nil {
		return nil, err
	}
	return &versionsRead{id: in.id, n: m.N, answer: answer}, nil
}

func readVersions(b *batch, me *user, by Actor, p *versionsRead) (any, error) {
	c := b.facts.conversation(p.id)
	if err := b.facts.mayWatch(chat.ActTranscript, me, c).Err(); err != nil {
		return nil, err
	}
	b.auditWatching(by, chat.TranscriptVersions, c, changed("read", nil, struct {
		FromN    int64 `json:"fromN"`
		ThroughN int64 `json:"throughN"`
	}{p.n, p.n}))
	return p.answer, nil
}
