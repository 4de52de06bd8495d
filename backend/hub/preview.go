package hub

import (
	"context"
	"reflect"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// maxListed bounds each list of a preview.
const maxListed = 200

// previewChange says what commands would do to who may write to whom (WHY-2). Nothing is changed. One is computed at a time,
// outside the writer; whoever asks waits for those before.
func previewChange(ctx context.Context, c *call, args chat.ChangePreviewArgs) (any, error) {
	if n := len(args.Changes); n == 0 || n > chat.MaxPreviewChanges {
		return nil, chat.Invalid("a preview is of 1 to %d changes, not of %d", chat.MaxPreviewChanges, n)
	}
	release, err := c.h.computing(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	t, err := c.try(ctx, args.Changes)
	if err != nil {
		return nil, err
	}
	return t.preview(c.whileAsked(ctx), c.now)
}

// computing waits for its turn to compute something long. release ends it.
func (h *Hub) computing(ctx context.Context) (release func(), err error) {
	select {
	case h.compute <- struct{}{}:
		return func() { <-h.compute }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// preview compares before and after.
func (t *trial) preview(ctx context.Context, now chat.Millis) (*chat.ChangePreviewAnswer, error) {
	users := t.moved(nil)
	d, err := policy.Compare(ctx, &t.before.organisation.Organisation, &t.after.organisation.Organisation, users, maxListed)
	if err != nil {
		return nil, err
	}
	p := &chat.ChangePreviewAnswer{Gained: d.Gained, Lost: d.Lost, GainedPairs: pairsTold(d.GainedPairs), LostPairs: pairsTold(d.LostPairs),
		Roles: []chat.RoleMove{}, Queues: []chat.QueueID{}, Blocked: []chat.BlockedStart{},
		Cut: []chat.CutConversation{}, Stranded: emptyNotNil(d.Stranded), Later: emptyNotNil(t.later), SignedOut: emptyNotNil(t.signedOut)}
	for _, r := range d.Roles {
		p.Roles = append(p.Roles, chat.RoleMove{Actor: r.Actor, Other: r.Other, Gained: r.Gained, Lost: r.Lost})
	}
	idle, count, err := policy.IdleTargets(ctx, &t.after.organisation.Organisation, users, maxListed)
	if err != nil {
		return nil, err
	}
	for _, i := range idle {
		p.Blocked = append(p.Blocked, chat.BlockedStart{ActorID: i.Actor, OtherID: i.Other, Gate: i.Gate, Rule: i.Rule})
	}
	p.BlockedCount = count
	unserved := t.before.unserved()
	for _, q := range t.after.unserved() {
		if _, was := t.before.queues.get(q); was && !slices.Contains(unserved, q) {
			p.Queues = append(p.Queues, q)
		}
	}
	t.cut(p, users, now)
	return p, ctx.Err()
}

func pairsTold(pairs []policy.Pair) []chat.PairMove {
	told := make([]chat.PairMove, len(pairs))
	for i, p := range pairs {
		told[i] = chat.PairMove{ActorID: p.Actor, OtherID: p.Other, Before: p.Before.Word(), After: p.After.Word()}
	}
	return told
}

func emptyNotNil(ids []chat.UserID) []chat.UserID {
	if ids == nil {
		return []chat.UserID{}
	}
	return ids
}

// cut finds the conversations in which somebody loses the right to write: those of the users who changed, or all if the
// organisation did.
func (t *trial) cut(p *chat.ChangePreviewAnswer, users []policy.Moved, now chat.Millis) {
	all := !reflect.DeepEqual(t.before.organisation.Organisation, t.after.organisation.Organisation)
	looked := map[chat.ConversationID]bool{}
	for _, m := range users {
		if m.Before == nil || m.Before == m.After && !all {
			continue
		}
		was := t.before.user(m.Before.ID)
		for _, id := range was.conversations {
			c := t.before.conversation(id)
			if c.kind == chat.KindRoom {
				if _, in := t.after.conversation(id).place(was.id()); !in {
					addCut(p, chat.CutConversation{ConversationID: id, Kind: chat.CutLeft, UserIDs: []chat.UserID{was.id()}})
				}
			} else if !looked[id] {
				looked[id] = true
				if kind, cut := t.cutDirect(c, now); cut {
					addCut(p, chat.CutConversation{ConversationID: id, Kind: kind, UserIDs: c.pair[:]})
				}
			}
		}
	}
}

// cutDirect tells whether and how a conversation of two is cut.
func (t *trial) cutDirect(c *conversation, now chat.Millis) (chat.CutKind, bool) {
	may := func(f *facts, a, o chat.UserID) bool {
		return f.mayIn(chat.ActPost, f.user(a), f.user(o), c, now).Allowed
	}
	a, o := c.pair[0], c.pair[1]
	wasA, wasO, isA, isO := may(t.before, a, o), may(t.before, o, a), may(t.after, a, o), may(t.after, o, a)
	switch {
	case (!wasA || isA) && (!wasO || isO):
		return "", false
	case !t.after.sees(t.after.user(a), t.after.user(o)):
		return chat.CutHidden, true
	case isA || isO:
		return chat.CutOneWay, true
	}
	return chat.CutSilent, true
}

// addCut adds a conversation, of a long list to the count only.
func addCut(p *chat.ChangePreviewAnswer, c chat.CutConversation) {
	if p.CutCount++; len(p.Cut) < maxListed {
		p.Cut = append(p.Cut, c)
	}
}

// unserved returns the queues in whose teams nobody is active, in the order of their ids.
func (f *facts) unserved() []chat.QueueID {
	staffed := map[chat.TeamID]bool{}
	for _, u := range f.users.all() {
		for _, t := range u.row.User.TeamIDs {
			staffed[t] = staffed[t] || u.person.Active
		}
	}
	var ids []chat.QueueID
	for id, q := range f.queues.all() {
		if !slices.ContainsFunc(q.TeamIDs, func(t chat.TeamID) bool { return staffed[t] }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
