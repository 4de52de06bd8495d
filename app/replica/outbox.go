package replica

import (
	"encoding/json"
	"time"

	"parley/app/link"
	"parley/backend/chat"
)

// mostSending bounds how many messages are on their way at once, each in a conversation of its own.
const mostSending = 16

// sending is a conversation's one message on its way, or waiting to be tried again.
type sending struct {
	id chat.MessageID
	// era is the connection it was sent on; see Replica.era.
	era int64
	// stop ends the wait for the next try; nil while the message is on its way.
	stop func()
}

// pump sends what waits: the first message of each conversation that has none on its way. It is called whenever something may
// have begun to wait or to be possible.
//
//	waiting --pump--> sending --answer n--> posted (goes with its event)
//	   ^                 |--final refusal--> refused, the conversation's next message goes on
//	   |--link lost------|  (result unknown: again with the same id when the link is back)
//	   \--busy, fault----/  (again after a while)
func (r *Replica) pump() {
	if !r.online() {
		return
	}
	items, err := r.cache.NextWaiting(r.ctx)
	if err != nil {
		r.failed("read the outbox", err)
		return
	}
	for i := range items {
		r.send(&items[i])
	}
}

// forgetFlights is called when there is another connection: what was sent on those before it has no answer any more that
// anybody waits for. The news that it was lost may still be on its way, behind the news of the connection.
func (r *Replica) forgetFlights() {
	r.era++
	for id, on := range r.sending {
		if on.stop == nil {
			delete(r.sending, id)
		}
	}
	clear(r.own)
}

// pumpIn is pump for one conversation.
func (r *Replica) pumpIn(id chat.ConversationID) {
	if !r.online() || r.sending[id] != nil {
		return
	}
	item, err := r.cache.NextWaitingIn(r.ctx, id)
	if err != nil {
		r.failed("read the outbox", err)
		return
	}
	if item != nil {
		r.send(item)
	}
}

func (r *Replica) send(item *chat.OutboxItem) {
	if item.State == chat.OutboxRefused { // its row was found damaged just now
		r.tellOutbox(*item)
		r.pumpIn(item.Message.ConversationID)
		return
	}
	id := item.Message.ConversationID
	if r.sending[id] != nil || len(r.sending) >= mostSending {
		return
	}
	r.sending[id] = &sending{id: item.Message.ID, era: r.era}
	item.State = chat.OutboxSending
	r.tellOutbox(*item)
	s, era := r.session, r.era
	args := chat.MessagePostArgs{ID: item.Message.ID, ConversationID: id, Document: item.Message.Document, FileIDs: item.Message.FileIDs,
		TemplateFileIDs: item.Message.TemplateFileIDs, ReplyToID: item.Message.ReplyToID, Mentions: item.Message.Mentions}
	if args.Document == nil { // else the hub derives the text, and both might be more than can be sent at once
		args.Text = item.Message.Text
	}
	s.link.Send(chat.MessagePost, r.encode(args), func(ok json.RawMessage, refusal *chat.Error) {
		r.do(func() {
			switch {
			case r.session == s && era == r.era:
				r.sent(*item, ok, refusal)
			case r.session == s && refusal == nil: // an answer of an earlier connection; its refusals are asked for again
				r.sentBefore(*item, ok)
			}
		})
	})
}

func (r *Replica) tellOutbox(item chat.OutboxItem) {
	r.tellSignals(chat.Signal{Type: chat.SignalOutbox, Outbox: &item})
}

// sent takes the result of a send.
func (r *Replica) sent(item chat.OutboxItem, ok json.RawMessage, refusal *chat.Error) {
	id := item.Message.ConversationID
	delete(r.sending, id)
	n, readable := postedN(ok)
	if refusal == nil && !readable {
		refusal = &chat.Error{Code: chat.CodeInternal, Text: "The server's answer could not be read."}
	}
	switch {
	case refusal == nil:
		delete(r.tries, id)
		r.posted(item.Message.ID, n)
	case r.reload(item, refusal):
		delete(r.tries, id)
	case refusal.Code.Final():
		delete(r.tries, id)
		r.refused(item.Message.ID, refusal)
	case refusal.Code == chat.CodeOffline:
		r.tellStill(item.Message.ID)
		return // the link's return sends it again
	default:
		r.tellStill(item.Message.ID)
		r.sendLater(item, refusal)
		return
	}
	if len(r.sending) >= mostSending-1 {
		r.pump() // others may have waited for a place
		return
	}
	r.pumpIn(id)
}

// sentBefore takes a late answer: the message is posted, though another try may be on its way.
func (r *Replica) sentBefore(item chat.OutboxItem, ok json.RawMessage) {
	if n, readable := postedN(ok); readable {
		r.posted(item.Message.ID, n)
	}
}

// postedN reads the number that the hub gave a message.
func postedN(ok json.RawMessage) (n int64, readable bool) {
	var answer chat.MessagePostAnswer
	err := json.Unmarshal(ok, &answer)
	return answer.N, err == nil && answer.N > 0
}

// tellStill tells that a message waits again, unless its event has come meanwhile.
func (r *Replica) tellStill(id chat.MessageID) {
	item, err := r.cache.OutboxItem(r.ctx, id)
	switch {
	case err != nil:
		r.failed("read the outbox", err)
	case item != nil:
		r.tellOutbox(*item)
	}
}

func (r *Replica) posted(id chat.MessageID, n int64) {
	gone, err := r.cache.MarkPosted(r.ctx, id, n)
	if err != nil {
		// The row still waits, so the message is sent again: harmless, its id is the same.
		r.failed("keep that a message was posted", err)
		return
	}
	if gone {
		r.tellGone([]chat.MessageID{id})
	}
}

func (r *Replica) refused(id chat.MessageID, reason *chat.Error) {
	r.Log.Info("a message was refused", "message", id, "code", reason.Code)
	item, err := r.cache.MarkRefused(r.ctx, id, reason)
	if err != nil {
		r.failed("keep that a message was refused", err)
		return
	}
	if item != nil {
		r.tellOutbox(*item)
	}
}

// sendLater tries a conversation again after a while: the server was busy or at fault.
func (r *Replica) sendLater(item chat.OutboxItem, refusal *chat.Error) {
	id := item.Message.ConversationID
	r.tries[id]++
	wait := max(link.Backoff(r.tries[id], r.Random), time.Duration(refusal.RetryAfterMs)*time.Millisecond)
	waiting := &sending{id: item.Message.ID}
	r.sending[id] = waiting
	s := r.session
	waiting.stop = r.after(wait, func() {
		if r.session == s && r.sending[id] == waiting {
			delete(r.sending, id)
			r.pumpIn(id)
		}
	})
}

// ownKey names something of one's own that is on its way to the hub.
type ownKey struct {
	do chat.CommandName
	id chat.ConversationID
}

// ownRetry is how long to wait when the hub was too busy for a read mark or draft.
const ownRetry = 2 * time.Second

// sendOwn sends the read marks and drafts that the hub was not told yet, one at a time for each conversation: what changes while
// one is on its way is sent after it.
func (r *Replica) sendOwn() {
	if !r.online() {
		return
	}
	marks, err := r.cache.DirtyReads(r.ctx)
	if err != nil {
		r.failed("read the read marks", err)
		return
	}
	for _, mark := range marks {
		r.sendOne(ownKey{chat.ReadMark, mark.ConversationID}, mark, func() error { return r.cache.ReadSent(r.ctx, mark) })
	}
	drafts, err := r.cache.DirtyDrafts(r.ctx)
	if err != nil {
		r.failed("read the drafts", err)
		return
	}
	for _, d := range drafts {
		args := chat.DraftSetArgs{ConversationID: d.ConversationID, Text: d.Text, Document: d.Document}
		r.sendOne(ownKey{chat.DraftSet, d.ConversationID}, args, func() error { return r.cache.DraftSent(r.ctx, d) })
	}
}

// sendOne sends one of them; sent keeps that the hub has it.
func (r *Replica) sendOne(key ownKey, args any, sent func() error) {
	if r.own[key] {
		return
	}
	r.own[key] = true
	s, era := r.session, r.era
	s.link.Send(key.do, r.encode(args), func(_ json.RawMessage, refusal *chat.Error) {
		r.do(func() {
			if r.session != s || r.era != era { // sent again since
				return
			}
			delete(r.own, key)
			switch {
			case refusal == nil || refusal.Code.Final():
				// What the hub refuses for good is kept here and not sent again.
				if err := sent(); err != nil {
					r.failed("keep what was sent", err)
					return
				}
				r.sendOwn()
			case refusal.Code != chat.CodeOffline:
				r.after(ownRetry, r.sendOwn)
			}
		})
	})
}
