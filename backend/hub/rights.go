package hub

import (
	"cmp"
	"context"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// Rights are not kept anywhere: they follow from facts, and facts never change. A feed remembers by which facts it told
// rights last. What it must tell when rules change is the difference between what follows from those rules and from the
// present ones, both asked about the present time and the present conversations. What messages change is told with them.

// sawSince tells whether between the place seq and now there was a time when me could know of the other user, and one
// when me could not. A time before the other existed is neither.
func (f *facts) sawSince(me, other *user, seq int64) (saw, hidden bool) {
	look := func(seq int64) {
		was := other.at(seq)
		if was == nil {
			return
		}
		q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.at(seq), Other: was}
		if policy.May(chat.ActSee, q).Allowed {
			saw = true
		} else {
			hidden = true
		}
	}
	look(seq)
	for _, past := range [][]standing{me.past, other.past} {
		for _, s := range slices.Backward(past) {
			if s.seq <= seq {
				break
			}
			look(s.seq)
		}
	}
	return saw, hidden
}

// canStart says whether me may write to other first.
func (f *facts) canStart(me, other *user, now chat.Millis) chat.Can {
	return f.may(chat.ActStart, me, other, now).Can()
}

// canPost says whether me may write in the conversation with other.
func (f *facts) canPost(me, other *user, c *conversation, now chat.Millis) chat.Can {
	return f.mayIn(chat.ActPost, me, other, c, now).Can()
}

// people returns those me may know of, oneself excepted, in the order of their ids.
func (f *facts) people(me *user) []*user {
	var seen []*user
	for id, u := range f.users.all() {
		if id != me.id() && f.sees(me, u) {
			seen = append(seen, u)
		}
	}
	slices.SortFunc(seen, func(a, b *user) int { return compare(a.id(), b.id()) })
	return seen
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// fullRights fills in Start and Post whole.
func (f *facts) fullRights(me *user, people []*user, now chat.Millis) chat.Rights {
	r := chat.Rights{Start: make(map[chat.UserID]chat.Can, len(people)), Post: map[chat.ConversationID]chat.Can{}}
	for _, u := range people {
		r.Start[u.id()] = f.canStart(me, u, now)
	}
	for _, id := range me.conversations {
		if c := f.conversation(id); f.holds(me, c) {
			r.Post[id] = f.canPost(me, f.other(c, me), c, now)
		}
	}
	return r
}

// allRights returns a resuming client's rights in full, with who and what was gained and lost since they were told.
func (f *Feed) allRights(ctx context.Context) (*chat.Rights, error) {
	facts, now := f.h.facts.Load(), f.h.now()
	me := facts.user(f.actor.UserID)
	r := facts.fullRights(me, facts.people(me), now)
	for _, u := range facts.sorted() {
		if _, err := f.crossWall(ctx, facts, &r, me, u); err != nil {
			return nil, err
		}
	}
	if err := f.crossRooms(ctx, facts, &r, me); err != nil {
		return nil, err
	}
	teams := facts.teamsSeen(me)
	r.Teams = &teams
	r.Templates = &chat.TemplateNews{Whole: true, Changed: facts.templatesFor(me)}
	f.toldAt(facts)
	f.posts, f.toldPosts = nil, nil
	return &r, nil
}

// sorted returns all users in the order of their ids.
func (f *facts) sorted() []*user {
	all := make([]*user, 0, f.users.size)
	for _, u := range f.users.all() {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b *user) int { return compare(a.id(), b.id()) })
	return all
}

// toldAt notes that rights were told as they follow from facts. What is kept of these holds no conversations, so a feed
// that is told nothing for days does not hold on to what was written before.
func (f *Feed) toldAt(now *facts) {
	f.told, f.toldSeq = &facts{head: now.head, rules: now.rules, organisation: now.organisation, users: now.users, teams: now.teams, staff: now.staff,
		templates: now.templates, queues: now.queues}, now.head
	f.checked = now.rules
}

// crossWall adds to r what has become of the wall between me and u since rights were last told, and returns whether
// anything has. Who was hidden in between comes whole, even if known before: the client may have been told to purge.
func (f *Feed) crossWall(ctx context.Context, facts *facts, r *chat.Rights, me, u *user) (bool, error) {
	if u.id() == me.id() {
		return false, nil
	}
	saw, hidden := facts.sawSince(me, u, f.toldSeq)
	if !facts.sees(me, u) {
		if saw {
			r.PeopleLost = append(r.PeopleLost, u.id())
			if c := facts.conversation(chat.DirectID(me.id(), u.id())); c != nil {
				r.ConversationsLost = append(r.ConversationsLost, c.id)
			}
		}
		return saw, nil
	}
	if !hidden && u.at(f.toldSeq) != nil {
		return false, nil
	}
	r.PeopleGained = append(r.PeopleGained, u.row.User)
	if !hidden { // of somebody who is new, all comes by the log
		return true, nil
	}
	state, ok, err := f.h.regained(ctx, facts, me, u)
	if ok {
		r.ConversationsGained = append(r.ConversationsGained, state)
	}
	if f.gained == nil {
		f.gained = map[chat.UserID]int64{}
	}
	f.gained[u.id()] = facts.head
	return true, err
}

// dueRights returns the rights that must be told before anything else; nil if none differ from what was told.
func (f *Feed) dueRights(ctx context.Context) (*Delivery, error) {
	f.mu.Lock()
	due := f.rules
	f.rules = ruleChange{}
	f.mu.Unlock()
	if due.none() && len(f.posts) == 0 {
		return nil, nil
	}
	facts, now := f.h.facts.Load(), f.h.now()
	me := facts.user(f.actor.UserID)
	r := &chat.Rights{Start: map[chat.UserID]chat.Can{}, Post: map[chat.ConversationID]chat.Can{}}
	if !due.none() {
		whom := facts.sorted()
		later := facts.rules != cmp.Or(due.through, f.checked) // a further change is published, and not noted here yet
		if !due.all && !later && !slices.Contains(due.users, me.id()) {
			whom = whom[:0]
			slices.Sort(due.users)
			for _, id := range slices.Compact(due.users) {
				whom = append(whom, facts.user(id))
			}
		}
		for _, u := range whom {
			if err := f.changedRights(ctx, facts, me, u, r, now); err != nil {
				return nil, err
			}
		}
		if err := f.changedRooms(ctx, facts, me, r); err != nil {
			return nil, err
		}
		f.changedTeams(facts, me, r)
		f.changedTemplates(facts, me, r)
		// Where nothing differs all stays as it was told, or it could be seen that rules have changed for others.
		if f.checked = facts.rules; !noRights(r) {
			f.toldAt(facts)
		}
	}
	f.writtenRights(facts, me, r, now)
	if noRights(r) {
		return nil, nil
	}
	for _, u := range r.PeopleGained {
		f.appeared, f.turn = append(f.appeared, u.ID), true
	}
	return &Delivery{Rights: r}, nil
}

func noRights(r *chat.Rights) bool {
	return len(r.Start) == 0 && len(r.Post) == 0 && r.Teams == nil && r.Templates == nil && len(r.PeopleGained) == 0 && len(r.PeopleLost) == 0 &&
		len(r.ConversationsGained) == 0 && len(r.ConversationsLost) == 0
}

// changedRights adds what differs in the rights of me towards u.
func (f *Feed) changedRights(ctx context.Context, facts *facts, me, u *user, r *chat.Rights, now chat.Millis) error {
	crossed, err := f.crossWall(ctx, facts, r, me, u)
	if err != nil || u.id() == me.id() || !facts.sees(me, u) {
		return err
	}
	meThen, then := f.told.user(me.id()), f.told.user(u.id())
	start := facts.canStart(me, u, now)
	if crossed || start != f.told.canStart(meThen, then, now) {
		r.Start[u.id()] = start
	}
	c := facts.conversation(chat.DirectID(me.id(), u.id()))
	if c == nil {
		return nil
	}
	if post := facts.canPost(me, u, c, now); crossed || post != f.told.canPost(meThen, then, c, now) {
		r.Post[c.id] = post
		delete(f.toldPosts, c.id)
	}
	return nil
}

// postDue notes that the reader's right to post in a conversation may have changed by what was written in it. It is told in
// any case if the conversation is new, if it is not known how it was before, and if rights were told by facts that knew of
// the entry already; else if it makes a difference.
func (f *Feed) postDue(facts *facts, me *user, e *entry) {
	if facts.conversation(e.conversation).kind == chat.KindRoom {
		return // there membership decides, not who wrote when
	}
	if f.posts == nil {
		f.posts = map[chat.ConversationID]bool{}
	}
	if f.toldPosts == nil {
		f.toldPosts = map[chat.ConversationID]chat.Can{}
	}
	if e.n == 0 || e.wasAt == wroteUnknown || e.seq <= f.toldSeq {
		f.posts[e.conversation] = true
		return
	}
	if !f.posts[e.conversation] {
		f.posts[e.conversation] = false // to be looked at
	}
	if _, ok := f.toldPosts[e.conversation]; !ok {
		f.toldPosts[e.conversation] = policy.May(chat.ActPost, policy.Facts{Organisation: &facts.organisation.Organisation, Actor: me.person,
			Other: person(facts.user(e.author)), OtherWroteAt: e.wasAt, Participant: true, Now: f.h.now()}).Can()
	}
}

// writtenRights adds rights to post that messages have opened or renewed. A window that is merely a little longer than
// told is not worth a frame with each message.
func (f *Feed) writtenRights(facts *facts, me *user, r *chat.Rights, now chat.Millis) {
	slack := min(maxSlack, facts.organisation.ReplyWindowMs/64)
	for id, changed := range f.posts {
		c := facts.conversation(id)
		other := facts.other(c, me)
		if !facts.sees(me, other) || !f.steady(facts, me, other) {
			continue
		}
		can, told := facts.canPost(me, other, c, now), f.toldPosts[id]
		grown := can.UntilAt - told.UntilAt
		told.UntilAt = can.UntilAt
		if changed || can != told || grown > slack || grown < 0 { // it shrinks where the clock was set back
			r.Post[id] = can
			f.toldPosts[id] = can
		}
		if can.UntilAt == 0 { // nothing that a further message could make longer
			delete(f.toldPosts, id)
		}
	}
	f.posts = nil
}

// maxSlack is by how much, at most, a client may think that its reply window ends before it does.
const maxSlack chat.Millis = 3600 * 1000
