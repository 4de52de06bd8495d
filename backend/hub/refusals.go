package hub

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
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

// refused is when a refusal was noted, and what has come of it since.
type refused struct {
	at time.Time
	tries
}

// tries are how often something was refused, and the first that it was about, each once.
type tries struct {
	times   int64
	towards []target
}

// and adds further tries.
func (t tries) and(more tries) tries {
	t.times += more.times
	t.towards = slices.Clip(t.towards) // what was told before is not written over
	for _, other := range more.towards {
		if len(t.towards) < chat.MaxRefusalTargets && !slices.Contains(t.towards, other) {
			t.towards = append(t.towards, other)
		}
	}
	return t
}

// refusalOf tells whether an error refuses a command to a user for want of a right.
func refusalOf(by Actor, command chat.CommandName, err error) (r refusal, ok bool) {
	var told *chat.Error
	if !errors.As(err, &told) || told.Code != chat.CodeDenied && told.Code != chat.CodeUnknown || by == Console || actOf(command) == "" {
		return refusal{}, false
	}
	r = refusal{by: by.UserID, command: command, code: told.Code}
	if told.Refusal != nil {
		r.rule = told.Refusal.Rule
	}
	return r, true
}

// actOf returns the act that a command needs; empty for none of the hub's. To read a file is asked for without a command here.
func actOf(command chat.CommandName) chat.Act {
	if command == chat.FileTicket {
		return chat.ActRead
	}
	return chat.Commands[command]
}

// take counts a refusal, and tells whether it is to be noted now: with which tries, itself included.
func (rs *refusals) take(r refusal, towards []target, now time.Time) (all tries, note bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	before, known := rs.known[r]
	all = before.and(tries{1, towards})
	if known && now.Sub(before.at) < refusalRest {
		rs.known[r] = refused{before.at, all}
		return tries{}, false
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
	return all, true
}

// forget makes a refusal one that was not noted: it could not be committed.
func (rs *refusals) forget(r refusal, all tries) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.known[r] = refused{tries: all.and(rs.known[r].tries)}
}

// rested returns the refusals that came again since they were noted, and are due by now; they count as noted.
func (rs *refusals) rested(now time.Time) map[refusal]tries {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	due := map[refusal]tries{}
	for r, was := range rs.known {
		if now.Sub(was.at) < refusalRest {
			continue
		}
		if delete(rs.known, r); was.times > 0 {
			due[r] = was.tries
		}
	}
	return due
}

// noteRefused notes in the batch what a command of it was refused for, unless that was done a while ago.
func (h *Hub) noteRefused(b *batch, by Actor, command chat.CommandName, args json.RawMessage, err error) {
	r, ok := refusalOf(by, command, err)
	if !ok {
		return
	}
	if all, note := h.refusals.take(r, targetsOf(args), b.at.Time()); note {
		b.noteRefusal(by, b.facts.addressOf(by), r, all)
	}
}

// refuse has a refusal noted that was made outside the writer, and calls done once it is; at once if there is nothing to note.
func (h *Hub) refuse(ctx context.Context, by Actor, command chat.CommandName, args json.RawMessage, err error, done func()) {
	r, ok := refusalOf(by, command, err)
	if !ok {
		done()
		return
	}
	all, note := h.refusals.take(r, targetsOf(args), h.now().Time())
	if !note {
		done()
		return
	}
	h.noteLater(ctx, by, h.facts.Load().addressOf(by), r, all, done)
}

// refuseNow is refuse for whoever can wait.
func (h *Hub) refuseNow(ctx context.Context, by Actor, command chat.CommandName, args json.RawMessage, err error) {
	noted := make(chan struct{})
	h.refuse(ctx, by, command, args, err, func() { close(noted) })
	h.stepAll()
	select {
	case <-noted:
	case <-ctx.Done():
	}
}

// noteLater has the writer note a refusal, whether or not the session still lives in which it was made.
func (h *Hub) noteLater(ctx context.Context, by Actor, address string, r refusal, all tries, done func()) {
	j := &job{actor: Console, act: chat.ActConnect, done: func(_ any, err error) {
		if err != nil {
			h.refusals.forget(r, all)
		}
		done()
	}, write: func(b *batch, _ *user) (any, error) {
		b.noteRefusal(by, address, r, all)
		return none{}, nil
	}}
	if err := h.submit(ctx, j); err != nil {
		h.refusals.forget(r, all)
		done()
	}
}

// noteRested notes what was refused again after it was noted.
func (h *Hub) noteRested(ctx context.Context) {
	for r, all := range h.refusals.rested(h.now().Time()) {
		h.noteLater(ctx, Actor{UserID: r.by}, "", r, all, func() {})
	}
}

func (b *batch) noteRefusal(by Actor, address string, r refusal, all tries) {
	subject := chat.AuditSubject{Kind: chat.SubjectRefusal, ID: string(r.code), Name: string(actOf(r.command))}
	changes := changed("times", nil, all.times)
	if r.rule != "" {
		changes = append(changed("rule", nil, r.rule), changes...)
	}
	if len(all.towards) > 0 {
		changes = append(changes, changed("towards", nil, b.facts.targetsNamed(by.UserID, all.towards))...)
	}
	b.refused = append(b.refused, r)
	b.note(by, address, r.command, subject, changes)
}
