package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"parley/backend/chat"
	"parley/backend/store"
)

// The time machine (WHY-3): the rules of an earlier moment are those of now with what the audit log says of later ones undone,
// the newest first.

// auditPage is how many entries of the audit log are read at once.
const auditPage = 500

// keptSince returns from when on the history of rules is kept: when the first entry was made.
func (c *call) keptSince(ctx context.Context) (chat.Millis, error) {
	first, err := c.h.o.Store.AuditEntries(ctx, chat.AuditListArgs{BeforeN: 2, Limit: 1})
	if err != nil || len(first) == 0 {
		return c.now, err
	}
	return first[0].At, nil
}

// goBack moves the question to an earlier moment.
func (x *explaining) goBack(ctx context.Context, at chat.Millis) error {
	if at < x.keptSince || at > x.call.now {
		return chat.Invalid("the history of rules is kept from %s to now. Nothing is known of other times; ask about one in between",
			x.keptSince.Time().UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	then, err := x.factsAt(ctx, at)
	if err != nil {
		return err
	}
	x.facts, x.now = then, at
	return x.wroteThen(ctx)
}

// factsAt returns the facts as rules stood at a moment, with the conversations of now.
func (c *call) factsAt(ctx context.Context, at chat.Millis) (*facts, error) {
	then := *c.facts
	page := chat.AuditListArgs{FromAt: at + 1, Limit: auditPage}
	for {
		entries, err := c.h.o.Store.AuditEntries(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, e := range entries[:min(len(entries), auditPage)] {
			if err := then.undo(&e); err != nil {
				return nil, fmt.Errorf("undo entry %d of the audit log: %w", e.N, err)
			}
			page.BeforeN = e.N
		}
		if len(entries) <= auditPage {
			return &then, nil
		}
	}
}

// undo takes back what an entry of the audit log says, as far as rights follow from it.
func (f *facts) undo(e *chat.AuditEntry) error {
	switch e.Subject.Kind {
	case chat.SubjectOrganisation:
		return undoEach(e, func(c chat.AuditChange) error { return undoOrganisation(&f.organisation.Organisation, c) })
	case chat.SubjectUser:
		u := f.user(chat.UserID(e.Subject.ID))
		if u == nil {
			return nil
		}
		if madeUser(e) {
			f.users = f.users.without(u.id())
			return nil
		}
		next := *u
		if err := undoEach(e, next.undo); err != nil {
			return err
		}
		next.person = f.personOf(&next.row)
		f.users = f.users.with(u.id(), &next)
	case chat.SubjectPermissionSet:
		return f.undoSet(e)
	case chat.SubjectEdition:
		if err := undoEach(e, func(c chat.AuditChange) error { return was(c, &f.licensing.Edition) }); err != nil {
			return err
		}
		f.regrant(func(u *user) bool { return u.row.License != "" })
	}
	return nil
}

// madeUser tells whether an account began with the entry: a name to sign in with never changes, so it comes from nothing only then.
func madeUser(e *chat.AuditEntry) bool {
	return slices.ContainsFunc(e.Changes, func(c chat.AuditChange) bool { return c.Field == "name" && len(c.From) == 0 })
}

// undoSet takes back what an entry says of a permission set, for all who held it then.
func (f *facts) undoSet(e *chat.AuditEntry) error {
	id := chat.PermissionSetID(e.Subject.ID)
	set := store.PermissionSet{PermissionSet: chat.PermissionSet{ID: id}}
	if s, ok := f.sets.get(id); ok {
		set = *s
	}
	err := undoEach(e, func(c chat.AuditChange) error {
		switch c.Field {
		case "label":
			return was(c, &set.Label)
		case "license":
			return was(c, &set.License)
		case "permissions":
			return was(c, &set.Permissions)
		case "sessions":
			return was(c, &set.Sessions)
		case "contacts":
			return was(c, &set.Contacts)
		case "statuses":
			return was(c, &set.Statuses)
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.sets = f.sets.with(id, &set)
	if e.Command == chat.SetCreate || e.Command == chat.SetClone {
		f.sets = f.sets.without(id)
	}
	f.regrant(func(u *user) bool { return slices.Contains(u.row.SetIDs, id) })
	return nil
}

// regrant gives users what their sets and license give now. For whoever is making these facts.
func (f *facts) regrant(to func(*user) bool) {
	for _, u := range f.sorted() {
		if to(u) {
			next := *u
			next.person = f.personOf(&next.row)
			f.users = f.users.with(u.id(), &next)
		}
	}
}

func undoEach(e *chat.AuditEntry, undo func(chat.AuditChange) error) error {
	for _, c := range e.Changes {
		if err := undo(c); err != nil {
			return err
		}
	}
	return nil
}

func undoOrganisation(o *chat.Organisation, c chat.AuditChange) error {
	switch c.Field {
	case "messaging":
		return was(c, &o.Messaging)
	case "mode":
		return was(c, &o.Mode)
	case "replyWindowMs":
		return was(c, &o.ReplyWindowMs)
	}
	return nil
}

// undo is for a user that nobody else holds.
func (u *user) undo(c chat.AuditChange) error {
	switch c.Field {
	case "role":
		return was(c, &u.row.User.Role)
	case "active":
		return was(c, &u.row.User.Active)
	case "settings":
		return was(c, &u.row.Settings)
	case "group":
		var g chat.Group
		err := was(c, &g)
		u.row.GroupID = g.ID
		return err
	case "license":
		return was(c, &u.row.License)
	case "sets":
		var sets []chat.PermissionSetName
		err := was(c, &sets)
		u.row.SetIDs = nil
		for _, s := range sets {
			u.row.SetIDs = append(u.row.SetIDs, s.ID)
		}
		return err
	case "teams":
		var teams []chat.Team
		err := was(c, &teams)
		u.row.User.TeamIDs = nil
		for _, t := range teams {
			u.row.User.TeamIDs = append(u.row.User.TeamIDs, t.ID)
		}
		return err
	}
	return nil
}

// was puts what a field was before into its place: nothing, if nothing was there. The value is always a new one, since what
// stands in its place is shared with other facts.
func was[T any](c chat.AuditChange, place *T) error {
	var v T
	if c.From != nil {
		if err := json.Unmarshal(c.From, &v); err != nil {
			return fmt.Errorf("%s: %w", c.Field, err)
		}
	}
	*place = v
	return nil
}

// wroteThen puts into the facts of then when the other side had written in the conversation that is asked about.
func (x *explaining) wroteThen(ctx context.Context) error {
	actor, other := x.call.facts.user(x.q.actor), x.call.facts.user(x.q.other)
	c := x.facts.conversation(chat.DirectID(x.q.actor, x.q.other))
	if actor == nil || other == nil || c == nil {
		return nil
	}
	wrote, err := x.h.o.Store.WroteAt(ctx, c.key, other.row.Key, x.now)
	if err != nil {
		return err
	}
	p, _ := c.place(other.id())
	p.wroteAt = wrote
	x.facts.conversations = x.facts.conversations.with(c.id, c.withPlace(p))
	return nil
}

// lastChange returns the newest entry about a field that is not later than the moment asked about; nil if there is none.
func (x *explaining) lastChange(ctx context.Context, o origin) (*chat.AuditEntry, error) {
	page := chat.AuditListArgs{SubjectKind: o.kind, SubjectID: o.id, ToAt: x.now + 1, Limit: auditPage}
	entries, err := x.h.o.Store.AuditEntries(ctx, page)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		for _, c := range e.Changes {
			if c.Field == o.field {
				return &e, nil
			}
		}
	}
	return nil, nil
}
