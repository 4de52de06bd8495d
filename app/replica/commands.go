package replica

import (
	"encoding/json"
	"errors"

	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/wire"
)

// command is one that the replica answers by itself. It answers the page, now or later, exactly once.
type command struct {
	// early commands are those of a page that is not signed in.
	early bool
	run   func(r *Replica, p *page, q wire.Request)
}

// commands is the one table of what the replica answers by itself. Everything else belongs to the hub.
var commands = map[chat.CommandName]command{
	chat.Hello:           {true, (*Replica).hello},
	chat.Ping:            {true, func(_ *Replica, p *page, q wire.Request) { p.answer(q.ID, struct{}{}) }},
	chat.MessagePost:     {false, answered((*Replica).post)},
	chat.HistoryLoad:     {false, (*Replica).loadHistory},
	chat.MessageSearch:   {false, (*Replica).search},
	chat.ReadMark:        {false, answered((*Replica).markRead)},
	chat.DraftSet:        {false, answered((*Replica).setDraft)},
	chat.ReplicaSignIn:   {true, (*Replica).pageSignIn},
	chat.ReplicaSSOName:  {true, (*Replica).ssoName},
	chat.ReplicaSSOBegin: {true, answered((*Replica).ssoBegin)},
	chat.ReplicaSSOAwait: {true, (*Replica).ssoAwait},
	chat.ReplicaSignOut:  {true, func(r *Replica, p *page, q wire.Request) { finish(p, q, struct{}{}, r.signOut(p)) }},
	chat.ReplicaRetry:    {true, (*Replica).retry},
	chat.OutboxDiscard:   {false, answered((*Replica).discard)},
	chat.FileTicket:      {false, answered((*Replica).ticket)},
	chat.AttentionLook:   {false, (*Replica).lookAt},
	chat.IdleSet:         {false, (*Replica).pageIdle},
}

// answered makes a command of a function from arguments to an answer.
func answered[Args, OK any](f func(*Replica, Args) (OK, error)) func(*Replica, *page, wire.Request) {
	return func(r *Replica, p *page, q wire.Request) {
		var args Args
		if err := wire.DecodeArgs(q.Args, &args); err != nil {
			p.refuse(q.ID, err)
			return
		}
		ok, err := f(r, args)
		finish(p, q, ok, err)
	}
}

func finish(p *page, q wire.Request, ok any, err error) {
	if err != nil {
		p.refuse(q.ID, err)
		return
	}
	p.answer(q.ID, ok)
}

// handle runs a page's request.
func (r *Replica) handle(p *page, q wire.Request) {
	c, own := commands[q.Do]
	switch {
	case own && (c.early || p.helloed):
		c.run(r, p, q)
	case r.session == nil:
		p.refuse(q.ID, r.signedOut())
	case !p.helloed:
		p.close(wire.CloseProtocol, "hello comes first")
	default:
		r.relay(p, q)
	}
}

func (r *Replica) signedOut() *chat.Error {
	return &chat.Error{Code: chat.CodeSignedOut, Text: orElse(r.whySignedOut, "Sign in first.")}
}

// hello begins a page's session: the answer, everything from the cache, then everything live.
func (r *Replica) hello(p *page, q wire.Request) {
	var args chat.HelloArgs
	if err := wire.DecodeArgs(q.Args, &args); err != nil {
		p.refuse(q.ID, err)
		return
	}
	switch {
	case p.helloed || args.Protocol != chat.ProtocolVersion:
		p.close(wire.CloseProtocol, "hello comes once, with protocol 1")
		return
	case r.session == nil:
		p.refuse(q.ID, r.signedOut())
		return
	}
	p.answer(q.ID, chat.HelloAnswer{UserID: r.secret.UserID, SessionID: r.secret.SessionID, ServerAt: r.serverNow(),
		Version: orElse(r.version, r.Version), Replica: true})
	p.helloed = true
	r.resetPage(p, chat.ResetFirst)
}

// post puts a message into the outbox. The answer says that it is on the disk.
func (r *Replica) post(args chat.MessagePostArgs) (answer chat.MessagePostAnswer, err error) {
	if !chat.ValidUUID(string(args.ID)) {
		return answer, chat.Invalid("the message's id is not a UUID")
	}
	if args.ReplyToID != "" && !chat.ValidUUID(string(args.ReplyToID)) {
		return answer, chat.Invalid("the quoted message's id is not a UUID")
	}
	if err := r.mayName(args.ConversationID); err != nil {
		return answer, err
	}
	me, found, err := r.cache.Me(r.ctx)
	if err != nil {
		return answer, err
	}
	// Before the first snapshot one's role is unknown; then the hub alone decides about formatting.
	args.Text, args.Document, err = chat.CleanPost(&args, !found || me.User.Role.Rich())
	if err != nil {
		return answer, err
	}
	files, err := r.staged(args.FileIDs)
	if err != nil {
		return answer, r.diskFailed("find the files of a message", err)
	}
	kept, err := r.cache.Enqueue(r.ctx, args, files, r.now())
	if err != nil {
		return answer, r.diskFailed("keep a message", err)
	}
	if len(files) > 0 {
		r.stage.Keep(args.FileIDs)
	}
	if kept.Posted != nil {
		return chat.MessagePostAnswer{N: kept.Posted.N, At: kept.Posted.At}, nil
	}
	if on := r.sending[args.ConversationID]; on == nil || on.id != args.ID {
		r.tellOutbox(kept.Item)
	}
	r.load()
	r.pumpIn(args.ConversationID)
	return chat.MessagePostAnswer{Waiting: true}, nil
}

// mayName checks that a conversation is here, or is one that this user can begin. Whether they may is the hub's to say.
func (r *Replica) mayName(id chat.ConversationID) error {
	if _, ok := id.OtherThan(r.secret.UserID); ok {
		return nil
	}
	found, err := r.cache.Has(r.ctx, id)
	if err == nil && !found {
		return chat.ErrUnknown
	}
	return err
}

// diskFailed takes an error of the cache in a page's command: a refusal passes, damage is seen to.
func (r *Replica) diskFailed(what string, err error) error {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	r.failed(what, err)
	return diskError(err)
}

func (r *Replica) markRead(args chat.ReadMarkArgs) (struct{}, error) {
	mark, err := r.cache.MarkRead(r.ctx, args.ConversationID, args.N)
	if err != nil {
		return struct{}{}, r.diskFailed("mark as read", err)
	}
	event := chat.Event{Type: chat.ReadMarked, Read: &mark}
	r.tellEvent(event)
	r.quietIfRead(mark.ConversationID)
	r.showBadge()
	r.sendOwn()
	return struct{}{}, nil
}

func (r *Replica) setDraft(args chat.DraftSetArgs) (struct{}, error) {
	if err := r.mayName(args.ConversationID); err != nil {
		return struct{}{}, err
	}
	if len(args.Text) > 4*chat.MaxTextLength || len(args.Document) > chat.MaxDocumentBytes {
		return struct{}{}, chat.Invalid("the draft is too long to be kept; shorten it")
	}
	if string(args.Document) == "null" {
		args.Document = nil
	}
	draft := chat.Draft{ConversationID: args.ConversationID, Text: args.Text, Document: args.Document, At: r.now()}
	if err := r.cache.SetDraft(r.ctx, draft); err != nil {
		return struct{}{}, r.diskFailed("keep a draft", err)
	}
	r.tellEvent(chat.Event{Type: chat.DraftChanged, Draft: &draft})
	r.sendOwn()
	return struct{}{}, nil
}

func (r *Replica) discard(args chat.OutboxDiscardArgs) (struct{}, error) {
	if err := r.cache.Discard(r.ctx, args.ID); err != nil {
		return struct{}{}, r.diskFailed("discard a message", err)
	}
	r.tellGone([]chat.MessageID{args.ID})
	r.tidy()
	return struct{}{}, nil
}

func (r *Replica) lookAt(p *page, q wire.Request) {
	var args chat.AttentionLookArgs
	err := wire.DecodeArgs(q.Args, &args)
	if err == nil {
		r.look(p, args.ConversationID)
	}
	finish(p, q, struct{}{}, err)
}

func (r *Replica) retry(p *page, q wire.Request) {
	switch {
	case r.session == nil:
	case r.session.over: // the server may have been changed since
		r.startSession(r.secret)
	default:
		r.session.link.Retry()
	}
	p.answer(q.ID, struct{}{})
}

func (r *Replica) pageSignIn(p *page, q wire.Request) {
	var args chat.ReplicaSignInArgs
	if err := wire.DecodeArgs(q.Args, &args); err != nil {
		p.refuse(q.ID, err)
		return
	}
	r.aside(func() {
		done, err := r.signIn(r.ctx, args, p)
		r.do(func() { finish(p, q, done, err) })
	})
}

// loadHistory answers from the cache where its tail reaches, else from the hub. Offline it gives what there is: More stays true
// if the hub has older ones, and a page of which nothing is here answers offline.
func (r *Replica) loadHistory(p *page, q wire.Request) {
	var args chat.HistoryLoadArgs
	err := wire.DecodeArgs(q.Args, &args)
	if err == nil && (args.Limit < 1 || args.Limit > chat.MaxHistoryPage || args.BeforeN < 0) {
		err = chat.Invalid("history is loaded in pages of 1 to %d messages", chat.MaxHistoryPage)
	}
	if err != nil {
		p.refuse(q.ID, err)
		return
	}
	here, complete, err := r.cache.History(r.ctx, args)
	if err != nil && !errors.Is(err, chat.ErrUnknown) {
		p.refuse(q.ID, r.diskFailed("read the history", err))
		return
	}
	unknown := err != nil
	if complete {
		p.answer(q.ID, here)
		return
	}
	r.ask(p, q, func(ok json.RawMessage, refusal *chat.Error) {
		switch {
		case refusal != nil && refusal.Code == chat.CodeOffline && unknown:
			p.refuse(q.ID, chat.ErrUnknown)
		case refusal != nil && (refusal.Code.Final() || len(here.Messages) == 0):
			p.refuse(q.ID, refusal)
		case refusal != nil:
			p.answer(q.ID, here)
		default:
			r.keepHistory(args.ConversationID, ok)
			p.answer(q.ID, ok)
		}
	})
}

// search asks the hub, which knows all messages; without a connection it finds those that are kept here.
func (r *Replica) search(p *page, q wire.Request) {
	r.ask(p, q, func(ok json.RawMessage, refusal *chat.Error) {
		switch {
		case refusal == nil:
			p.answer(q.ID, ok)
		case refusal.Code == chat.CodeOffline:
			answered((*Replica).searchHere)(r, p, q)
		default:
			p.refuse(q.ID, refusal)
		}
	})
}

func (r *Replica) searchHere(args chat.MessageSearchArgs) (chat.MessageSearchAnswer, error) {
	found, err := r.cache.Search(r.ctx, args)
	if err != nil {
		return found, r.diskFailed("search messages", err)
	}
	return found, nil
}

// keepHistory stores a page of history and tells whether there was something new in it. If not, it is shown all the same.
func (r *Replica) keepHistory(id chat.ConversationID, ok json.RawMessage) bool {
	var loaded chat.HistoryLoadAnswer
	if err := json.Unmarshal(ok, &loaded); err != nil {
		r.Log.Warn("history could not be read", "error", err)
		return false
	}
	kept, err := r.cache.KeepHistory(r.ctx, id, loaded)
	if err != nil {
		r.failed("keep history", err)
	}
	return kept
}

// relay passes a command to the hub and its answer back, unopened.
func (r *Replica) relay(p *page, q wire.Request) {
	r.ask(p, q, func(ok json.RawMessage, refusal *chat.Error) {
		if refusal != nil {
			p.refuse(q.ID, refusal)
			return
		}
		p.answer(q.ID, ok)
	})
}

// ask sends a page's request to the hub; done is called by the owner with the result, ErrOffline at once when there is no
// connection. After the session has changed nobody waits any more.
func (r *Replica) ask(p *page, q wire.Request, done func(json.RawMessage, *chat.Error)) {
	switch {
	case !r.online():
		done(nil, link.ErrOffline)
		return
	case p.relayed >= mostRelayed:
		done(nil, &chat.Error{Code: chat.CodeBusy, Text: "Too much is being asked at once. Nothing was changed; try again in a moment.", RetryAfterMs: 1000})
		return
	}
	p.relayed++
	r.session.link.Send(q.Do, q.Args, func(ok json.RawMessage, refusal *chat.Error) {
		r.do(func() {
			p.relayed--
			done(ok, refusal)
		})
	})
}
