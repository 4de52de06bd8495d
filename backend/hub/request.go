package hub

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

// Requests (WHY-1): whoever is refused may ask for the right, in the panel that says why. An administrator sees the smallest
// change that grants it and what else that would change, and applies or declines it.

// Limits of one user's requests.
const (
	maxOpenRequests = 20
	maxHourRequests = 10
	hour            = chat.Millis(3600 * 1000)
)

var (
	errManyRequests = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 60_000,
		Text: "You have asked for much already. Nothing was sent; wait for the answers, and ask again later."}
	errAllowedAlready = &chat.Error{Code: chat.CodeConflict, Text: "You may do this by now. Nothing was sent; just do it."}
	errDecided        = &chat.Error{Code: chat.CodeConflict,
		Text: "This request was decided meanwhile. Nothing was changed by you; look at it again."}
	errNotGranted = &chat.Error{Code: chat.CodeConflict,
		Text: "These changes would not allow what was asked for, because the rules have changed. Nothing was changed; look at the request again."}
)

// queryOf returns what a request asks for as a question of explain.ask.
func queryOf(r *chat.RightsRequest) (query, error) {
	return newQuery(chat.ExplainAskArgs{ActorID: r.ByID, Act: r.Act, OtherID: r.OtherID, ConversationID: r.ConversationID})
}

// makeRequest puts a request before the administrators. What the asker may not know of cannot be asked for: it is answered as
// in explain.ask.
func makeRequest(b *batch, me *user, by Actor, args chat.RequestMakeArgs) (any, error) {
	text := strings.TrimSpace(args.Text)
	if text != "" {
		var err error
		if text, err = chat.CleanText("the request", text, chat.MaxRequestText); err != nil {
			return nil, err
		}
	}
	r := &chat.RightsRequest{ID: chat.RequestID(chat.NewUUID()), ByID: me.id(), Act: args.Act, OtherID: args.OtherID, ConversationID: args.ConversationID,
		Text: text, At: b.at, State: chat.RequestOpen}
	q, err := queryOf(r)
	if err != nil {
		return nil, err
	}
	if b.facts.hides(me, q) || b.facts.hidesRoom(me, q) {
		return nil, chat.ErrUnknown
	}
	e := b.facts.explain(q, b.at)
	switch {
	case e.Allowed:
		return nil, errAllowedAlready
	case e.Err() == chat.ErrUnknown:
		return nil, chat.ErrUnknown
	}
	open, recent := 0, 0
	for _, other := range b.facts.requests.all() {
		if other.ByID != me.id() {
			continue
		}
		if other.State == chat.RequestOpen {
			if other.Act == r.Act && other.OtherID == r.OtherID && other.ConversationID == r.ConversationID {
				return chat.RequestMakeAnswer{Request: *other}, nil
			}
			open++
		}
		if other.At > b.at-hour {
			recent++
		}
	}
	if open >= maxOpenRequests || recent >= maxHourRequests {
		return nil, errManyRequests
	}
	b.setRequest(r)
	b.audit(by, chat.RequestMake, b.facts.aboutRequest(r), append(changed("state", nil, r.State), changed("text", nil, r.Text)...))
	return chat.RequestMakeAnswer{Request: *r}, nil
}

// setRequest puts a request in force.
func (b *batch) setRequest(r *chat.RightsRequest) {
	b.facts.requests = b.facts.requests.with(r.ID, r)
	b.changes.Requests = append(b.changes.Requests, store.Request{UserKey: b.facts.user(r.ByID).row.Key, RightsRequest: *r})
}

// aboutRequest names a request in the audit log: by who asks.
func (f *facts) aboutRequest(r *chat.RightsRequest) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectRequest, ID: string(r.ID), Name: f.user(r.ByID).row.User.DisplayName}
}

// listRequests lists one's own requests, or for administrators everybody's.
func listRequests(_ context.Context, c *call, args chat.RequestListArgs) (any, error) {
	if args.All {
		if err := c.facts.may(chat.ActConfigure, c.me, nil, c.now).Err(); err != nil {
			return nil, err
		}
	}
	answer := chat.RequestListAnswer{Requests: []chat.RightsRequest{}}
	for _, r := range c.facts.requests.all() {
		switch {
		case args.All:
			answer.Requests = append(answer.Requests, *r)
		case r.ByID == c.me.id() && c.facts.knowsOf(c.me, r):
			answer.Requests = append(answer.Requests, toldAsker(r))
		}
	}
	slices.SortFunc(answer.Requests, func(a, b chat.RightsRequest) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) })
	return answer, nil
}

// knowsOf tells whether the asker may still know of what the request is about.
func (f *facts) knowsOf(me *user, r *chat.RightsRequest) bool {
	q, err := queryOf(r)
	switch {
	case err != nil:
		return false
	case q.room != "":
		return !f.hidesRoom(me, q)
	case q.other != "":
		return f.sees(me, f.user(q.other))
	}
	return true
}

// toldAsker returns a request as its asker is told it: not by whom it was decided, who may be hidden from them one day.
func toldAsker(r *chat.RightsRequest) chat.RightsRequest {
	told := *r
	told.DecidedByID = ""
	return told
}

// decision is a request.decide ready for the writer.
type decision struct {
	args  chat.RequestDecideArgs
	tasks []task
}

func prepareDecision(ctx context.Context, c *call, args chat.RequestDecideArgs) (decision, error) {
	if args.Note = strings.TrimSpace(args.Note); args.Note != "" {
		var err error
		if args.Note, err = chat.CleanText("the note", args.Note, chat.MaxRequestText); err != nil {
			return decision{}, err
		}
	}
	if !args.Apply && len(args.Changes) > 0 || len(args.Changes) > maxFixSteps {
		return decision{}, chat.Invalid("a request is declined without changes, and applied by at most %d", maxFixSteps)
	}
	tasks, err := c.tasksOf(ctx, args.Changes)
	return decision{args, tasks}, err
}

// decideRequest applies a request or declines it. What applies it is tried first, since a handler that has begun to change
// things may not fail.
func decideRequest(b *batch, _ *user, by Actor, d decision) (any, error) {
	was, ok := b.facts.requests.get(d.args.ID)
	switch {
	case !ok:
		return nil, chat.ErrUnknown
	case was.State != chat.RequestOpen:
		return nil, errDecided
	}
	r := *was
	r.State, r.DecidedByID, r.DecidedAt, r.Note = chat.RequestDeclined, by.UserID, b.at, d.args.Note
	if d.args.Apply {
		r.State = chat.RequestApplied
		if err := b.grant(by, &r, d.tasks); err != nil {
			return nil, err
		}
	}
	b.setRequest(&r)
	told := toldAsker(&r)
	to := entry{user: r.ByID, subject: r.OtherID}
	if r.ConversationID.IsRoom() {
		if _, in := b.facts.conversation(r.ConversationID).place(r.ByID); in { // else they asked about a public room
			to.room = r.ConversationID
		}
	} else if other, mine := r.ConversationID.OtherThan(r.ByID); mine {
		to.subject = other
	}
	b.log(chat.Event{Type: chat.RequestDecided, Request: &told}, to, by)
	b.audit(by, chat.RequestDecide, b.facts.aboutRequest(&r), append(changed("state", was.State, r.State), changed("note", nil, r.Note)...))
	return none{}, nil
}

// grant executes what applies a request, if it does: all of it, or nothing.
func (b *batch) grant(by Actor, r *chat.RightsRequest, tasks []task) error {
	q, err := queryOf(r)
	if err != nil {
		return err
	}
	trial := b.facts.scratch(b.at)
	if err := trial.perform(by, tasks); err != nil {
		return err
	}
	if !trial.facts.explain(q, b.at).Allowed {
		return errNotGranted
	}
	return b.perform(by, tasks)
}
