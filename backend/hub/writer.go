package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/backend/chat"
	"parley/backend/store"
)

// maxBatch bounds the commands of one transaction.
const maxBatch = 512

// errBusy answers commands of a batch that could not be committed.
var errBusy = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 1000,
	Text: "The server cannot write at present. Nothing is known to be changed; the same command can be repeated safely."}

// errSignedOut answers whoever has no session.
var errSignedOut = &chat.Error{Code: chat.CodeSignedOut, Text: "You are signed out. Nothing was changed; sign in again."}

// job is a command in the hands of the writer.
type job struct {
	actor Actor
	act   chat.Act
	// post is the id of the message to be posted, if any: repeats are looked up for the whole batch at once.
	post chat.MessageID
	// files are the ids of its files, looked up likewise.
	files []chat.FileID
	// name and args are the command's; see task.
	name chat.CommandName
	args json.RawMessage
	// amends is the id of the message that the command is about, if any.
	amends chat.MessageID
	// write decides and changes; me is nil for the console.
	write func(b *batch, me *user) (any, error)
	// done is called once, after everybody concerned was told.
	done func(answer any, err error)

	answer any
	err    error
}

// submit hands a job to the writer.
func (h *Hub) submit(ctx context.Context, j *job) error {
	h.closing.RLock()
	defer h.closing.RUnlock()
	if h.closed {
		return ErrClosed
	}
	select {
	case h.jobs <- j:
		h.count.commands.Add(1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write is the writer: the only goroutine that changes anything. It takes what is waiting, decides and commits it in one
// transaction, then tells and answers.
func (h *Hub) write() {
	defer close(h.stopped)
	var jobs []*job
	for first := range h.jobs {
		jobs = append(jobs[:0], first)
	collect:
		for len(jobs) < maxBatch {
			select {
			case j, ok := <-h.jobs:
				if !ok {
					break collect
				}
				jobs = append(jobs, j)
			default:
				break collect
			}
		}
		h.run(jobs, nil)
		clear(jobs)
	}
}

// run executes one batch. untold, if any, is called when the batch is committed and
// nobody was told yet.
func (h *Hub) run(jobs []*job, untold func()) {
	b, err := h.decide(jobs)
	if err == nil {
		err = h.commit(b, len(jobs))
	}
	if err != nil {
		if b != nil {
			for _, r := range b.refused {
				h.refusals.forget(r, tries{})
			}
		}
		h.fail(err)
		for _, j := range jobs {
			j.done(nil, errBusy)
		}
		return
	}
	if untold != nil {
		untold()
	}
	h.tell(b)
	h.keepFiles(b)
	for _, j := range jobs {
		j.done(j.answer, j.err)
	}
}

// decide executes the commands on the facts of a new batch.
func (h *Hub) decide(jobs []*job) (*batch, error) {
	if h.broken {
		if err := h.recover(); err != nil {
			return nil, err
		}
	}
	var ids []chat.MessageID
	var files []chat.FileID
	for _, j := range jobs {
		if j.post != "" {
			ids = append(ids, j.post)
		}
		files = append(files, j.files...)
	}
	posted, err := h.o.Store.Posted(ids)
	if err != nil {
		return nil, err
	}
	b := newBatch(h.facts.Load(), h.now(), posted)
	if len(files) > 0 {
		if b.named, err = h.o.Store.NamedFiles(context.Background(), files); err != nil {
			return nil, err
		}
	}
	for _, j := range jobs {
		var me *user
		if me, j.err = b.facts.authorise(j.act, j.actor, b.at); j.err == nil && j.amends != "" {
			j.err = b.fetch(context.Background(), h.o.Store, j.amends)
		}
		if j.err == nil {
			j.answer, j.err = j.write(b, me)
		}
		if j.err != nil && j.name != "" {
			h.noteRefused(b, j.actor, j.name, j.args, j.err)
		}
	}
	return b, nil
}

// commit makes the batch durable and publishes its facts.
func (h *Hub) commit(b *batch, commands int) error {
	changes := b.collect()
	if changes.Empty() {
		return nil
	}
	began := time.Now() // a figure for operators, no decision
	if err := h.o.Store.Commit(changes); err != nil {
		h.broken = store.Uncertain(err)
		return err
	}
	h.count.lastCommit.Store(int64(time.Since(began)))
	h.count.lastBatch.Store(int64(commands))
	h.count.batches.Add(1)
	h.count.posts.Add(int64(len(changes.Messages)))
	h.count.events.Add(int64(len(b.entries)))
	h.facts.Store(&b.facts)
	return nil
}

// fail notes that a batch was dropped, and tries at once to get to know what is on disk if that is uncertain.
func (h *Hub) fail(err error) {
	h.count.failed.Add(1)
	h.o.Log.Error("a batch could not be committed; its commands are answered busy", "error", err, "uncertain", h.broken)
	if !h.broken {
		return
	}
	if err := h.recover(); err != nil {
		h.o.Log.Error("the store cannot be used; trying again with the next command", "error", err)
	}
}

// recover opens the store again and takes the facts from it: after a failed sync nobody knows whether the last batch is
// in the log. If it is, everybody reads it from there.
func (h *Hub) recover() error {
	if err := h.o.Store.Reopen(context.Background()); err != nil {
		return err
	}
	st, err := h.o.Store.Load(context.Background())
	if err != nil {
		return err
	}
	before, after := h.facts.Load(), newFacts(st)
	after.rules = before.rules + 1
	h.facts.Store(after)
	h.broken = false
	h.o.Log.Warn("the store was opened again", "head", after.head, "headBefore", before.head)
	h.feeds.each(func(f *Feed) {
		if after.session(f.actor.SessionID, h.now()) == nil {
			f.finish(ErrSignedOut)
			return
		}
		f.fallBehind(after.head)
		f.rulesChanged(ruleChange{all: true})
	})
	h.reviewWatches(after)
	h.pushes.renew(after)
	for id := range after.users.all() { // statuses may be among what is in the log after all
		h.presenceChanged(id)
	}
	return nil
}

// tell hands what a published batch did to the feeds it concerns. Rights come first: a feed asks for them before it takes
// the events that were committed with them.
func (h *Hub) tell(b *batch) {
	for _, id := range b.ended {
		h.feeds.each(func(f *Feed) {
			if f.actor.SessionID == id {
				f.finish(ErrSignedOut)
			}
		})
	}
	if !b.rules.none() {
		h.feeds.each(func(f *Feed) { f.rulesChanged(b.rules) })
	}
	for k := range b.members {
		h.feeds.of(k.user, func(f *Feed) { f.rulesChanged(ruleChange{rooms: true}) })
	}
	for _, e := range b.entries {
		switch {
		case e.conversation != "":
			for id := range b.facts.conversation(e.conversation).places.all() {
				h.feeds.of(id, func(f *Feed) { f.queueEntry(e) })
			}
		case e.user != "":
			h.feeds.of(e.user, func(f *Feed) { f.queueEntry(e) })
		case e.configuring:
			h.feeds.each(func(f *Feed) {
				if b.facts.configures(b.facts.user(f.actor.UserID)) {
					f.queueEntry(e)
				}
			})
		case e.subject != "":
			// Not to those who may not know of the subject: it would take room in their queues, and they could see that.
			subject := b.facts.user(e.subject)
			h.feeds.each(func(f *Feed) {
				if b.facts.sees(b.facts.user(f.actor.UserID), subject) {
					f.queueEntry(e)
				}
			})
		case e.team != "": // likewise
			h.feeds.each(func(f *Feed) {
				if b.facts.seesTeam(b.facts.user(f.actor.UserID), e.team) {
					f.queueEntry(e)
				}
			})
		default:
			h.feeds.each(func(f *Feed) { f.queueEntry(e) })
		}
	}
	h.tellWatching(b)
	h.pushes.follow(b)
	if len(b.changes.Messages)+len(b.changes.Amended) > 0 {
		h.indexing.ring()
	}
	for _, id := range b.present {
		h.presenceChanged(id)
	}
}

// perform hands a job to the writer and waits for its result.
func (h *Hub) perform(ctx context.Context, actor Actor, act chat.Act, t task) (any, error) {
	type result struct {
		answer any
		err    error
	}
	results := make(chan result, 1)
	j := &job{actor: actor, act: act, post: t.post, files: t.files, amends: t.amends, name: t.name, args: t.args, write: t.write, done: func(answer any, err error) { results <- result{answer, err} }}
	if err := h.submit(ctx, j); err != nil {
		return nil, err
	}
	h.stepAll()
	select {
	case r := <-results:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the writer, which goes on: %w", ctx.Err())
	}
}

// errOf returns err as it is told, and logs what is not meant for the asker.
func (h *Hub) errOf(what string, err error) *chat.Error {
	var told *chat.Error
	if err == nil || errors.As(err, &told) {
		return told
	}
	if errors.Is(err, ErrClosed) || errors.Is(err, store.ErrClosed) {
		return errBusy
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		// The asker has left or has waited too long; neither is a fault of the server.
		h.o.Log.Debug("a command was given up", "command", what, "error", err)
		return errBusy
	}
	h.o.Log.Error("a command failed", "command", what, "error", err)
	return chat.AsError(err)
}
