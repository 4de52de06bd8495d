package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"

	"parley/backend/chat"
	"parley/backend/store"
)

// errConflict answers a post whose id stands for something else. It does not say for what, nor whose it is.
var errConflict = &chat.Error{Code: chat.CodeConflict, Text: "This message's id was used for something else. Nothing was sent; send it again as a new message."}

// posting is a message.post ready for the writer.
type posting struct {
	args     chat.MessagePostArgs
	text     string
	document json.RawMessage
	// files are the uploads that the message names, as far as they are there, then the copies it gets of templates' files.
	files []*chat.Upload
	claim func(id chat.FileID) bool
	// hash is of the command as it came: whoever repeats it repeats the hash, whatever became of message, rules or roles.
	hash [16]byte
}

// fileIDs are the ids of the files that the message is to have, as far as they are there.
func (p *posting) fileIDs() []chat.FileID {
	ids := slices.Clone(p.args.FileIDs)
	for _, u := range p.files[min(len(ids), len(p.files)):] {
		if u != nil {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// amended implements amending: the message that is quoted.
func (p *posting) amended() chat.MessageID { return p.args.ReplyToID }

// preparePost checks a message's form. Whether its author may write rich text at all is asked by the writer.
func preparePost(ctx context.Context, c *call, args chat.MessagePostArgs) (*posting, error) {
	if !chat.ValidUUID(string(args.ID)) {
		return nil, chat.Invalid("the message's id is not a UUID in its canonical form")
	}
	if args.ReplyToID != "" && !chat.ValidUUID(string(args.ReplyToID)) {
		return nil, chat.Invalid("the quoted message's id is not a UUID in its canonical form")
	}
	if len(args.Mentions) > chat.MaxMentions {
		return nil, errMentions
	}
	text, document, err := chat.CleanPost(&args, true)
	if err != nil {
		return nil, err
	}
	p := &posting{args: args, text: text, document: document, hash: hashPost(c.actor.UserID, &args)}
	if len(args.FileIDs)+len(args.TemplateFileIDs) == 0 {
		return p, nil
	}
	if c.h.o.Files != nil {
		p.claim = c.h.o.Files.Claim
	}
	if p.files, err = c.h.uploads(ctx, args.FileIDs); err == nil {
		err = c.copyTemplateFiles(ctx, p)
	}
	return p, err
}

func hashPost(author chat.UserID, args *chat.MessagePostArgs) [16]byte {
	document := []byte(args.Document)
	var compact bytes.Buffer
	if err := json.Compact(&compact, document); err == nil {
		document = compact.Bytes()
	}
	size := len(author) + len(args.ConversationID) + len(args.Text) + len(document) + len(args.ReplyToID) + 5*4
	b := make([]byte, 0, size)
	add := func(part string) {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	for _, part := range [...]string{string(author), string(args.ConversationID), args.Text, string(document)} {
		add(part)
	}
	for _, id := range args.FileIDs { // without files the hash is what it was before there were any
		add(string(id))
	}
	if len(args.TemplateFileIDs) > 0 { // likewise
		add("templates")
		for _, id := range args.TemplateFileIDs {
			add(string(id))
		}
	}
	if args.ReplyToID != "" || len(args.Mentions) > 0 { // likewise
		add("reply")
		add(string(args.ReplyToID))
		for _, id := range args.Mentions {
			add(string(id))
		}
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// postMessage posts. A repeat is answered before the policy is asked: what was posted once stays posted.
func postMessage(b *batch, me *user, by Actor, p *posting) (any, error) {
	if was, ok := b.posted[p.args.ID]; ok {
		if was.UserKey != me.row.Key || !bytes.Equal(was.Hash, p.hash[:]) {
			// Whoever may not write here is answered as ever: the id tells nothing of what others have posted.
			if _, err := b.facts.reach(chat.ActPost, me, p.args.ConversationID, b.at); err != nil {
				return nil, err
			}
			return nil, errConflict
		}
		return postAnswer(was.N, was.At), nil
	}
	r, refused := b.facts.reach(chat.ActPost, me, p.args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if p.document != nil && !me.row.User.Role.Rich() {
		_, _, err := chat.CleanContent(p.text, p.document, false)
		return nil, err
	}
	attachments, err := b.attach(me, p)
	if err != nil {
		return nil, err
	}
	c := r.c
	quoted := &store.Message{}
	if p.args.ReplyToID != "" {
		var err error
		if quoted, err = b.message(c, p.args.ReplyToID); err != nil {
			return nil, err
		}
	}
	mentions, err := b.mentioned(r, p.args.Mentions)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = b.open(r.id, me, r.other)
	}
	b.facts.head++
	m := store.Message{Seq: b.facts.head, ID: p.args.ID, ConversationKey: c.key, N: c.lastN + 1, UserKey: me.row.Key, At: b.at,
		Text: p.text, Document: p.document, Attachments: attachments, Hash: p.hash[:], ReplyToID: quoted.ID, ReplyToN: quoted.N, Mentions: mentions}
	mine, _ := c.place(me.id())
	wasAt := mine.wroteAt
	mine.readN, mine.wroteAt = m.N, m.At
	next := c.withPlace(mine)
	next.lastN, next.head = m.N, m.Seq
	b.setConversation(next, me.id())
	b.nameFiles(&m, me, by, p)
	b.logPosted(next, &m, wasAt)
	b.posted[m.ID] = store.Posted{ConversationKey: c.key, UserKey: m.UserKey, N: m.N, At: m.At, Hash: m.Hash}
	return postAnswer(m.N, m.At), nil
}

var errMentions = chat.Invalid("a message mentions at most %d users", chat.MaxMentions)

// mentioned returns the keys of users whom a message in a conversation is to mention, in the order of their ids; chat.ErrUnknown if
// one of them takes no part in it, whoever that is.
func (b *batch) mentioned(r reach, ids []chat.UserID) ([]store.UserKey, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var keys []store.UserKey
	for _, id := range ids {
		var in bool
		if r.c != nil {
			_, in = r.c.place(id)
		} else {
			in = id == r.other.id() // the first message opens the conversation
		}
		if !in {
			return nil, chat.ErrUnknown
		}
		keys = append(keys, b.facts.user(id).row.Key)
	}
	return keys, nil
}

func postAnswer(n int64, at chat.Millis) json.RawMessage {
	b := append(make([]byte, 0, 48), `{"n":`...)
	b = strconv.AppendInt(b, n, 10)
	b = append(b, `,"at":`...)
	b = strconv.AppendInt(b, int64(at), 10)
	return append(b, '}')
}

// open begins the direct conversation of two users.
func (b *batch) open(id chat.ConversationID, me, other *user) *conversation {
	b.facts.lastConversation++
	c := &conversation{
		key: b.facts.lastConversation, id: id, kind: chat.KindDirect, createdAt: b.at,
	}
	c.pair[0], c.pair[1], _ = id.DirectPair()
	for _, u := range []*user{me, other} {
		c.places = c.places.with(u.id(), place{userID: u.id(), userKey: u.row.Key})
	}
	b.changes.Conversations = append(b.changes.Conversations, store.Conversation{Key: c.key, ID: c.id, Kind: c.kind, CreatedAt: c.createdAt})
	b.setConversation(c, me.id(), other.id())
	for _, u := range []*user{me, other} {
		next := *u
		next.conversations = append(u.conversations[:len(u.conversations):len(u.conversations)], id)
		b.facts.users = b.facts.users.with(u.id(), &next) // its row stays as it is
	}
	told := c.told()
	next := *c
	next.eventHead = b.log(chat.Event{Type: chat.ConversationOpened, Conversation: &told}, entry{conversation: id, author: me.id()}, Actor{UserID: me.id()})
	b.setConversation(&next)
	return &next
}

// loadHistory reads older messages.
func loadHistory(ctx context.Context, c *call, args chat.HistoryLoadArgs) (any, error) {
	if args.Limit < 1 || args.Limit > chat.MaxHistoryPage || args.BeforeN < 0 {
		return nil, chat.Invalid("history is read in pages of 1 to %d messages", chat.MaxHistoryPage)
	}
	r, refused := c.facts.reach(chat.ActRead, c.me, args.ConversationID, c.now)
	if refused != nil {
		return nil, refused
	}
	if r.c == nil { // not begun: the same answer as for a conversation that has no older messages
		return chat.HistoryLoadAnswer{Messages: []chat.Message{}}, nil
	}
	before := args.BeforeN
	if before == 0 || before > r.c.lastN+1 {
		before = r.c.lastN + 1
	}
	messages, err := c.h.messages(ctx, c.facts, r.c, before, args.Limit)
	if err != nil {
		return nil, err
	}
	return chat.HistoryLoadAnswer{Messages: messages, More: len(messages) > 0 && messages[0].N > 1}, nil
}

// messages reads the newest messages of a conversation with numbers below before.
func (h *Hub) messages(ctx context.Context, f *facts, c *conversation, before int64, limit int) ([]chat.Message, error) {
	rows, err := h.o.Store.MessagesBefore(ctx, c.key, before, limit)
	if err != nil {
		return nil, err
	}
	messages := make([]chat.Message, len(rows))
	for i := range rows {
		messages[i] = f.message(c, &rows[i])
	}
	return messages, nil
}
