package hub

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"parley/backend/chat"
	"parley/backend/search"
	"parley/backend/store"
)

// indexing keeps the search index filled: some time after each commit, and always before it is asked, so that whoever has posted a
// message finds it. It reads the log like a client that was away, and slows nobody who writes.
type indexing struct {
	h    *Hub
	path string
	bell chan struct{}
	// turn holds whoever fills; the rest belongs to them.
	turn    chan struct{}
	index   *search.Index
	through int64
}

const (
	// indexPage is how many messages are read and indexed in one go.
	indexPage = 2000
	// indexRest is how long messages are gathered before they are indexed: one large go costs far less than many small ones.
	indexRest = time.Second
	// indexPatience is how long a search waits for the index to be filled, before it is answered that it takes longer.
	indexPatience = 5 * time.Second
	// maxFoundBytes is the most text and formatting that is found beyond the first message.
	maxFoundBytes = 256 << 10
)

func newIndexing(h *Hub) *indexing {
	return &indexing{h: h, path: h.o.SearchPath, bell: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
}

// ring says that there is something new.
func (x *indexing) ring() {
	select {
	case x.bell <- struct{}{}:
	default:
	}
}

// fillOften fills the index until ctx ends, page by page, and rests three times as long as it works: after an update, or under load,
// there may be much to fill, and others come first.
func (x *indexing) fillOften(ctx context.Context) {
	failed := false
	for {
		began := time.Now()
		more, err := x.fillPage(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failed {
			x.h.o.Log.Error("messages cannot be indexed; search waits", "error", err)
		}
		failed = err != nil
		rest := 3 * time.Since(began)
		if !more {
			rest = indexRest
		}
		if !wait(ctx, time.After(rest)) || !more && err == nil && !wait(ctx, x.bell) {
			return
		}
	}
}

// wait returns false if ctx ended before.
func wait[T any](ctx context.Context, due <-chan T) bool {
	select {
	case <-due:
		return true
	case <-ctx.Done():
		return false
	}
}

// fillPage fills in a page and tells whether there is more.
func (x *indexing) fillPage(ctx context.Context) (more bool, err error) {
	if err := x.begin(ctx); err != nil {
		return false, err
	}
	defer x.end()
	through := x.h.facts.Load().head
	if x.through < through {
		err = x.page(ctx, through)
	}
	return err == nil && x.through < through, err
}

// begin takes the turn and opens the index if it is not open yet. Whoever got it gives it back by end.
func (x *indexing) begin(ctx context.Context) error {
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if x.index != nil {
		return nil
	}
	index, err := search.Open(ctx, x.path, hex.EncodeToString(x.h.log.Epoch), x.h.facts.Load().head, x.h.o.Log)
	if err == nil {
		if x.through, err = index.Through(ctx); err == nil {
			x.index = index
			return nil
		}
		err = errors.Join(err, index.Close())
	}
	x.end()
	return err
}

func (x *indexing) end() { <-x.turn }

// filled returns the index when everything is in it that was committed before the call.
func (x *indexing) filled(ctx context.Context) (*search.Index, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	defer x.end()
	for through := x.h.facts.Load().head; x.through < through; {
		if err := x.page(ctx, through); err != nil {
			return nil, err
		}
	}
	return x.index, nil
}

// page fills in the next messages of the log, at most through a place in it.
func (x *indexing) page(ctx context.Context, through int64) error {
	rows, err := x.h.o.Store.MessagesSince(ctx, x.through, through, indexPage)
	if err != nil {
		return err
	}
	if len(rows) == indexPage {
		through = rows[len(rows)-1].Seq
	}
	amended, err := x.h.o.Store.Amended(ctx, x.through, through)
	if err != nil {
		return err
	}
	documents, err := x.documents(ctx, rows)
	if err != nil {
		return err
	}
	changed, err := x.documents(ctx, amended)
	if err != nil {
		return err
	}
	if err := x.index.Add(ctx, documents, changed, through); err != nil {
		return err
	}
	x.through = through
	return nil
}

// between returns the keys of the two users of a direct conversation; of a room none.
func (x *indexing) between(ctx context.Context, key store.ConversationKey) ([]int64, error) {
	id, err := x.h.o.Store.ConversationOf(ctx, key)
	if err != nil {
		return nil, err
	}
	a, b, direct := id.DirectPair()
	if !direct {
		return nil, nil
	}
	f := x.h.facts.Load()
	return []int64{int64(f.user(a).row.Key), int64(f.user(b).row.Key)}, nil
}

// searchText is what a message is found by: its words, and the names of its files.
func searchText(m *store.Message) string {
	text := m.Text
	for _, a := range attachmentsOf(m) {
		text += "\n" + a.Name
	}
	return text
}

// documents returns messages as they are indexed. A deleted one has no words.
func (x *indexing) documents(ctx context.Context, rows []store.Message) ([]search.Document, error) {
	documents, between := make([]search.Document, len(rows)), map[store.ConversationKey][]int64{}
	for i, m := range rows {
		two, known := between[m.ConversationKey]
		if !known {
			var err error
			if two, err = x.between(ctx, m.ConversationKey); err != nil {
				return nil, err
			}
			between[m.ConversationKey] = two
		}
		documents[i] = search.Document{Seq: m.Seq, Conversation: int64(m.ConversationKey), Author: int64(m.UserKey), Between: two, At: m.At, Text: searchText(&m)}
	}
	return documents, nil
}

// close closes the index, once nobody uses it any more.
func (x *indexing) close() error {
	x.turn <- struct{}{}
	if x.index == nil {
		return nil
	}
	return x.index.Close()
}

var errIndexing = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 5000,
	Text: "The index of all messages is being made, which takes some minutes after an update. Nothing is lost; search again then."}

// searchMessages finds messages in what the asker may read, the newest first. There are no totals and no ranks: both would tell of
// messages that are hidden.
func searchMessages(ctx context.Context, c *call, args chat.MessageSearchArgs) (any, error) {
	words, err := args.Words()
	if err != nil {
		return nil, err
	}
	q := search.Query{Words: words, Limit: args.Limit + 1, FromAt: args.FromAt, ToAt: args.ToAt}
	within, err := c.searchable(args.ConversationID, &q)
	if err != nil {
		return nil, err
	}
	answer := chat.MessageSearchAnswer{Messages: []chat.Message{}}
	if args.AuthorID != "" {
		author := c.facts.user(args.AuthorID)
		if author == nil || author != c.me && !c.facts.sees(c.me, author) { // alike, whoever that is and however it is asked
			return answer, nil
		}
		q.Author = int64(author.row.Key)
	}
	if args.BeforeID != "" {
		before, err := c.h.o.Store.MessageOf(ctx, args.BeforeID)
		if err != nil {
			return nil, err
		}
		if before == nil || within[before.ConversationKey] == nil {
			return nil, chat.ErrUnknown
		}
		q.BeforeSeq = before.Seq
	}
	err = c.find(ctx, q, args, within, &answer)
	return answer, err
}

// searchable returns the conversations that the asker may read, or of them the one that is asked about, and narrows the query down to
// them. All direct conversations of one user are one word in the index; those that a wall hides at present are taken out of it.
func (c *call) searchable(only chat.ConversationID, q *search.Query) (map[store.ConversationKey]*conversation, error) {
	within := map[store.ConversationKey]*conversation{}
	if only != "" {
		r, refused := c.facts.reach(chat.ActRead, c.me, only, c.now)
		if refused != nil {
			return nil, refused
		}
		if r.c != nil {
			within[r.c.key], q.Conversations = r.c, []int64{int64(r.c.key)}
		}
		return within, nil
	}
	q.Of = int64(c.me.row.Key)
	for _, id := range c.me.conversations {
		in := c.facts.conversation(id)
		switch reads := c.facts.mayIn(chat.ActRead, c.me, c.facts.other(in, c.me), in, c.now).Allowed; {
		case !reads:
			q.Except = append(q.Except, int64(in.key))
			continue
		case in.kind == chat.KindRoom:
			q.Conversations = append(q.Conversations, int64(in.key))
		}
		within[in.key] = in
	}
	return within, nil
}

// find asks the index and reads what it has found, until the page is full.
func (c *call) find(ctx context.Context, q search.Query, args chat.MessageSearchArgs, within map[store.ConversationKey]*conversation, answer *chat.MessageSearchAnswer) error {
	waiting, stop := context.WithTimeout(ctx, indexPatience)
	defer stop()
	index, err := c.h.indexing.filled(waiting)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return errIndexing
	}
	if err != nil {
		return err
	}
	for size := 0; ; {
		places, err := index.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, seq := range places {
			m, err := c.h.o.Store.MessageAt(ctx, seq)
			if err != nil {
				return err
			}
			q.BeforeSeq = seq
			in := within[m.ConversationKey]
			if in == nil || m.DeletedAt != 0 || m.At < args.FromAt || args.ToAt > 0 && m.At >= args.ToAt { // the index knows days only
				continue
			}
			if size += len(m.Text) + len(m.Document); len(answer.Messages) == args.Limit || size > maxFoundBytes && len(answer.Messages) > 0 {
				answer.More = true
				return nil
			}
			answer.Messages = append(answer.Messages, c.facts.message(in, m))
		}
		if len(places) < q.Limit {
			return nil
		}
	}
}
