package hub

import (
	"context"
	"errors"
	"sync"
	"time"

	"parley/backend/chat"
)

const (
	// refusalRest is how long the same refusal is only counted after it was noted: honest programs are refused, too, when rules change
	// under them, and whoever tries doors must not be able to fill the audit log.
	refusalRest = time.Hour
	// maxRefusals bounds what is remembered; beyond it each refusal is noted.
	maxRefusals = 20_000
)

// refusals are the refused commands of the last while. What was refused is in the audit log: who tried what, which rule refused it, and
// how often since the entry before. Of that nobody is told; administrators find it when they look.
type refusals struct {
	mu    sync.Mutex
	known map[refusal]refused
}

// refusal is what is noted once in a while.
type refusal struct {
	by      chat.UserID
	command chat.CommandName
	// code is denied, with the rule, or unknown: of what one may not know of, and of what is not there.
	code chat.Code
	rule chat.Rule
}

// refused is when a refusal was noted, and how often it has come since.
type refused struct {
	at    time.Time
	times int64
}

// refusalOf tells whether an error refuses a command to a user for want of a right.
func refusalOf(by Actor, command chat.CommandName, err error) (r refusal, ok bool) {
	var told *chat.Error
	if !errors.As(err, &told) || told.Code != chat.CodeDenied && told.Code != chat.CodeUnknown || by == Console || chat.Commands[command] == "" {
		return refusal{}, false
	}
	r = refusal{by: by.UserID, command: command, code: told.Code}
	if told.Refusal != nil {
		r.rule = told.Refusal.Rule
	}
	return r, true
}

// take counts a refusal, and tells whether it is to be noted now: with how many times, itself included.
func (rs *refusals) take(r refusal, now time.Time) (times int64, note bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	before, known := rs.known[r]
	if known && now.Sub(before.at) < refusalRest {
		before.times++
		rs.known[r] = before
		return 0, false
	}
	if !known && len(rs.known) >= maxRefusals {
		for old, was := range rs.known {
			if now.Sub(was.at) >= refusalRest {
				delete(rs.known, old)
			}
		}
	}
	if known || len(rs.known) < maxRefusals {
		rs.known[r] = refused{at: now}
	}
	return before.times + 1, true
}

// noteRefused notes in the batch what a command of it was refused for, unless that was done a while ago.
func (h *Hub) noteRefused(b *batch, by Actor, command chat.CommandName, err error) {
	r, ok := refusalOf(by, command, err)
	if !ok {
		return
	}
	if times, note := h.refusals.take(r, b.at.Time()); note {
		b.noteRefusal(by, r, times)
	}
}

// refuse has a refusal noted that was made outside the writer, and calls done once it is; at once if there is nothing to note.
func (h *Hub) refuse(ctx context.Context, by Actor, command chat.CommandName, err error, done func()) {
	r, ok := refusalOf(by, command, err)
	if !ok {
		done()
		return
	}
	times, note := h.refusals.take(r, h.now().Time())
	if !note {
		done()
		return
	}
	j := &job{actor: by, act: chat.ActConnect, done: func(any, error) { done() }, write: func(b *batch, _ *user) (any, error) {
		b.noteRefusal(by, r, times)
		return none{}, nil
	}}
	if err := h.submit(ctx, j); err != nil {
		done()
	}
}

func (b *batch) noteRefusal(by Actor, r refusal, times int64) {
	subject := chat.AuditSubject{Kind: chat.SubjectRefusal, ID: string(r.code), Name: string(chat.Commands[r.command])}
	changes := changed("times", nil, times)
	if r.rule != "" {
		changes = append(changed("rule", nil, r.rule), changes...)
	}
	b.note(by, b.facts.addressOf(by), r.command, subject, changes)
}
