package hub

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// scratch returns a batch on facts that is never committed, told or audited: what commands do to it is only looked at. That is
// how Parley foretells what a change does: by making it, not by a second set of rules.
func (f *facts) scratch(at chat.Millis) *batch {
	b := newBatch(f, at, nil)
	b.facts.ids = slices.Clip(b.facts.ids) // or a new user would be written where the writer puts its next
	return b
}

// tried are the commands that configure and may be among the changes of another one: those that change the rules or an account, and
// nothing else, so no templates. One that takes changes itself would try them within a trial, twice as often with each level; one that only reads has
// no effect to look at, and may wait for the very trial it would be part of.
var tried = func() map[chat.CommandName]bool {
	names := map[chat.CommandName]bool{}
	for name, act := range chat.Commands {
		names[name] = act.Administers()
	}
	for _, name := range []chat.CommandName{chat.ChangePreview, chat.HealthCheck, chat.RequestDecide, chat.EditionPreview, chat.UserList, chat.SetList,
		chat.AuditList, chat.AuditVerify, chat.MonitoringList, chat.TemplateList, chat.TemplateCreate, chat.TemplateUpdate, chat.TemplateDelete} {
		delete(names, name)
	}
	return names
}()

// tasksOf prepares commands that configure.
func (c *call) tasksOf(ctx context.Context, changes []chat.Change) ([]task, error) {
	tasks := make([]task, len(changes))
	for i, change := range changes {
		if !tried[change.Do] {
			return nil, chat.Invalid("%.40q cannot be one of the changes; they are commands that configure, one by one", string(change.Do))
		}
		var err error
		if tasks[i], err = handlers[change.Do](ctx, c, change.Args); err != nil {
			return nil, err
		}
		if tasks[i].write == nil {
			return nil, chat.Invalid("%.40q changes nothing", string(change.Do))
		}
		tasks[i].act = chat.Commands[change.Do]
	}
	return tasks, nil
}

// perform executes tasks for somebody, each on what the ones before it did, until one is refused.
func (b *batch) perform(by Actor, tasks []task) error {
	for _, t := range tasks {
		me, err := b.facts.authorise(t.act, by, b.at)
		if err != nil {
			return err
		}
		if _, err := t.write(b, me); err != nil {
			return err
		}
	}
	return nil
}

// trial is facts before and after a change that was only tried.
type trial struct {
	before, after *facts
	// later are users whose new settings wait for their next sign-in; after has them in force.
	later []chat.UserID
	// signedOut are users of whom sessions end.
	signedOut []chat.UserID
}

// try executes commands on a scratch batch.
func (c *call) try(ctx context.Context, changes []chat.Change) (*trial, error) {
	b := c.facts.scratch(c.now)
	tried := *c
	tried.trying = true
	tasks, err := tried.tasksOf(ctx, changes)
	if err != nil {
		return nil, err
	}
	if err := b.perform(c.actor, tasks); err != nil {
		return nil, err
	}
	t := &trial{before: c.facts, after: &b.facts}
	for _, id := range b.users {
		was, is := c.facts.user(id), b.facts.user(id)
		if is.row.Pending == nil || was != nil && was.row.Pending != nil && sameSettings(*was.row.Pending, *is.row.Pending) {
			continue
		}
		next := *is
		next.row.Settings = *is.row.Pending
		next.person = b.facts.personOf(&next.row)
		b.facts.users = b.facts.users.with(id, &next)
		t.later = append(t.later, id)
	}
	for _, id := range b.ended {
		if s, ok := c.facts.sessions.get(id); ok {
			t.signedOut = append(t.signedOut, c.facts.ids[s.UserKey])
		}
	}
	slices.Sort(t.later)
	slices.Sort(t.signedOut)
	t.signedOut = slices.Compact(t.signedOut)
	return t, nil
}

// moved pairs everybody with who they are afterwards; only narrows it to some.
func (t *trial) moved(only func(*user) bool) []policy.Moved {
	var users []policy.Moved
	for _, is := range t.after.sorted() {
		was := t.before.user(is.id())
		if only != nil && (was == nil || !only(was)) {
			continue
		}
		m := policy.Moved{Before: person(was), After: is.person}
		if was != nil && was.sameRights(is) {
			m.Before = m.After
		}
		users = append(users, m)
	}
	return users
}

// sameRights tells whether a change of the user left everything as it was that rights follow from.
func (u *user) sameRights(v *user) bool {
	return u.person == v.person || u.row.User.Role == v.row.User.Role && u.row.User.Active == v.row.User.Active && u.row.GroupID == v.row.GroupID &&
		slices.Equal(u.row.User.TeamIDs, v.row.User.TeamIDs) && sameSettings(u.row.Settings, v.row.Settings)
}

// change returns a command with its arguments.
func change(do chat.CommandName, args any) chat.Change {
	return chat.Change{Do: do, Args: json.RawMessage(mustEncode(args))}
}

// errAway answers nobody: the session that asked has ended.
var errAway = errors.New("hub: whoever asked has gone")

// whileAsked returns a context that ends with the asker's session, to be looked at between pieces of long work.
func (c *call) whileAsked(ctx context.Context) context.Context {
	return asked{ctx, c}
}

// asked is a context that has ended too when the session has.
type asked struct {
	context.Context
	c *call
}

func (a asked) Err() error {
	if err := a.Context.Err(); err != nil {
		return err
	}
	if a.c.me != nil && a.c.h.facts.Load().session(a.c.actor.SessionID, a.c.h.now()) == nil {
		return errAway
	}
	return nil
}
