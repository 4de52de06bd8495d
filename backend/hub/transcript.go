package hub

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
)

// maxSearch bounds what is looked for in names, in bytes.
const maxSearch = 200

// listTranscripts lists what the asker may read or follow of conversations they take no part in.
func listTranscripts(_ context.Context, c *call, args chat.TranscriptListArgs) (any, error) {
	if args.Limit < 1 || args.Limit > chat.MaxHistoryPage || len(args.Text) > maxSearch {
		return nil, chat.Invalid("the list is read in pages of 1 to %d conversations, and looked through for at most %d bytes", chat.MaxHistoryPage, maxSearch)
	}
	answer := chat.TranscriptListAnswer{Conversations: []chat.TranscriptInfo{}, Groups: c.facts.watchedGroups(c.me)}
	if len(answer.Groups) == 0 {
		return answer, nil
	}
	found := c.facts.watchable(c.me, strings.ToLower(strings.TrimSpace(args.Text)))
	if args.AfterID != "" {
		i := slices.IndexFunc(found, func(t chat.TranscriptInfo) bool { return t.Conversation.ID == args.AfterID })
		found = found[i+1:]
	}
	answer.More = len(found) > args.Limit
	answer.Conversations = append(answer.Conversations, found[:min(len(found), args.Limit)]...)
	return answer, nil
}

// watchedGroups returns the groups whose agents me may watch, by name.
func (f *facts) watchedGroups(me *user) []chat.WatchedGroup {
	groups := []chat.WatchedGroup{}
	if me.row.User.Role != chat.RoleSupervisor {
		return groups
	}
	for id, g := range f.groups.all() {
		w := chat.WatchedGroup{Group: g.Group, Transcripts: f.watchers.Names(chat.ActTranscript, id, me.id()), Live: f.watchers.Names(chat.ActMonitor, id, me.id())}
		if w.Transcripts || w.Live {
			groups = append(groups, w)
		}
	}
	slices.SortFunc(groups, func(a, b chat.WatchedGroup) int {
		return cmp.Or(compare(a.Group.Name, b.Group.Name), compare(a.Group.ID, b.Group.ID))
	})
	return groups
}

// watchable returns the conversations me may read or follow in which somebody's name contains text, the last written in first.
func (f *facts) watchable(me *user, text string) []chat.TranscriptInfo {
	var found []chat.TranscriptInfo
	for id, c := range f.conversations.all() {
		if c.kind == chat.KindRoom || c.lastN == 0 {
			continue
		}
		t := chat.TranscriptInfo{Transcript: f.mayWatch(chat.ActTranscript, me, c).Allowed, Live: f.mayWatch(chat.ActMonitor, me, c).Allowed}
		if !t.Transcript && !t.Live || !f.named(c, text) {
			continue
		}
		t.Conversation = c.told()
		for _, who := range c.pair {
			p, _ := c.place(who)
			t.LastAt = max(t.LastAt, p.wroteAt)
		}
		t.Conversation.ID = id
		found = append(found, t)
	}
	slices.SortFunc(found, func(a, b chat.TranscriptInfo) int {
		return cmp.Or(cmp.Compare(b.LastAt, a.LastAt), compare(a.Conversation.ID, b.Conversation.ID))
	})
	return found
}

// named tells whether the name of a participant contains text, which is in lower case.
func (f *facts) named(c *conversation, text string) bool {
	return slices.ContainsFunc(c.pair[:], func(id chat.UserID) bool {
		return strings.Contains(strings.ToLower(f.nameOf(id)), text)
	})
}

// transcriptPage is a page of a transcript on its way to whoever asked for it.
type transcriptPage struct {
	id      chat.ConversationID
	beforeN int64
	answer  chat.HistoryLoadAnswer
}

// prepareTranscript reads a page. It is told only once the writer has decided again and noted in the audit log who read it.
func prepareTranscript(ctx context.Context, c *call, args chat.HistoryLoadArgs) (*transcriptPage, error) {
	if args.Limit < 1 || args.Limit > chat.MaxHistoryPage || args.BeforeN < 0 {
		return nil, chat.Invalid("history is read in pages of 1 to %d messages", chat.MaxHistoryPage)
	}
	p := &transcriptPage{id: args.ConversationID, beforeN: args.BeforeN}
	in := c.facts.conversation(args.ConversationID)
	if err := c.facts.mayWatch(chat.ActTranscript, c.me, in).Err(); err != nil {
		return nil, err
	}
	before := args.BeforeN
	if before == 0 || before > in.lastN+1 {
		before = in.lastN + 1
	}
	messages, err := c.h.messages(ctx, c.facts, in, before, args.Limit)
	if err != nil {
		return nil, err
	}
	p.answer = chat.HistoryLoadAnswer{Messages: messages, More: len(messages) > 0 && messages[0].N > 1}
	return p, nil
}

// numbers are those of the messages that somebody has read, as the audit log has them.
type numbers struct {
	FromN    int64 `json:"fromN"`
	ThroughN int64 `json:"throughN"`
}

func loadTranscript(b *batch, me *user, by Actor, p *transcriptPage) (any, error) {
	c := b.facts.conversation(p.id)
	if err := b.facts.mayWatch(chat.ActTranscript, me, c).Err(); err != nil {
		return nil, err
	}
	read := numbers{}
	if n := len(p.answer.Messages); n > 0 {
		read.FromN, read.ThroughN = p.answer.Messages[0].N, p.answer.Messages[n-1].N
	}
	b.auditWatching(by, chat.TranscriptLoad, c, changed("read", nil, read))
	return p.answer, nil
}

// beginning is a transcript.watch on its way to the writer, with those who follow at present.
type beginning struct {
	id      chat.ConversationID
	watches *watches
}

func prepareWatch(_ context.Context, c *call, args chat.TranscriptWatchArgs) (beginning, error) {
	return beginning{args.ConversationID, &c.h.watches}, nil
}

// watchTranscript lets the asker's session follow a conversation from the next message on. The audit log notes that once for as long as
// it follows, however often it is asked for.
func watchTranscript(b *batch, me *user, by Actor, p beginning) (any, error) {
	c := b.facts.conversation(p.id)
	if err := b.facts.mayWatch(chat.ActMonitor, me, c).Err(); err != nil {
		return nil, err
	}
	if !b.follows(p.watches, by, c.id) {
		b.auditWatching(by, chat.TranscriptWatch, c, changed("following", nil, true))
	}
	b.watching = append(b.watching, watchChange{by, c.id, true})
	return none{}, nil
}

// follows tells whether a session follows a conversation, counting what the batch has begun and ended already.
func (b *batch) follows(w *watches, by Actor, id chat.ConversationID) bool {
	for _, c := range slices.Backward(b.watching) {
		if c.actor == by && c.conversation == id {
			return c.begin
		}
	}
	return w.has(by, id)
}

// unwatchTranscript ends that. What is not followed is answered alike.
func unwatchTranscript(b *batch, _ *user, by Actor, args chat.TranscriptWatchArgs) (any, error) {
	if args.ConversationID == "" {
		return nil, chat.Invalid("a conversation is to be named")
	}
	b.watching = append(b.watching, watchChange{by, args.ConversationID, false})
	return none{}, nil
}

// auditWatching notes in the audit log that somebody has looked into a conversation of others. Nobody is told: nothing was
// configured, and whoever is watched is told only where the organisation wants it.
func (b *batch) auditWatching(by Actor, command chat.CommandName, c *conversation, changes []chat.AuditChange) {
	names := []string{b.facts.nameOf(c.pair[0]), b.facts.nameOf(c.pair[1])}
	slices.Sort(names)
	b.note(by, b.facts.addressOf(by), command, chat.AuditSubject{Kind: chat.SubjectConversation, ID: string(c.id), Name: strings.Join(names, ", ")}, changes)
}
