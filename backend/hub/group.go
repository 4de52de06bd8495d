package hub

import (
	"fmt"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

// firstGroup is what the default group is called when it is made for the first agent who is given none (EXP-20).
const firstGroup = "Agents"

// maxNamed bounds how many names a refusal spells out.
const maxNamed = 3

// errTaken answers a name that something else of the kind has.
func errTaken(kind, name string) error {
	return &chat.Error{Code: chat.CodeConflict, Text: fmt.Sprintf("There is a %s called %q already. Nothing was changed; choose another name.", kind, name)}
}

// errInUse answers the deletion of something that others stand on.
func errInUse(text string) error { return &chat.Error{Code: chat.CodeConflict, Text: text} }

// made is what a row says of who made it, when it is made now.
func (b *batch) made(by Actor) store.Made {
	return store.Made{CreatedBy: string(by.UserID), CreatedAt: b.at, Revision: 1, ChangedBy: string(by.UserID), ChangedAt: b.at}
}

// touch notes in a row that it is changed now.
func (b *batch) touch(m *store.Made, by Actor) {
	m.Revision++
	m.ChangedBy, m.ChangedAt = string(by.UserID), b.at
}

func (b *batch) setGroup(g store.Group) {
	b.facts.groups = b.facts.groups.with(g.ID, g)
	b.groups[g.ID] = struct{}{}
}

// setDefaultGroup makes a group the one that agents enter who are given none.
func (b *batch) setDefaultGroup(id chat.GroupID) {
	b.facts.organisation.DefaultGroup = id
	row := b.facts.organisation
	b.changes.Organisation = &row
}

func aboutGroup(g store.Group) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectGroup, ID: string(g.ID), Name: g.Name}
}

// groupNamed finds a group by its name, whatever its case.
func (f *facts) groupNamed(name string) (store.Group, bool) {
	for _, g := range f.groups.all() {
		if strings.EqualFold(g.Name, name) {
			return g, true
		}
	}
	return store.Group{}, false
}

// group returns the id of the group of the name, making it if there is none; agents without a name are in the default one.
func (b *batch) group(name string, role chat.Role, by Actor) chat.GroupID {
	if name == "" {
		if role != chat.RoleAgent {
			return ""
		}
		if b.facts.organisation.DefaultGroup == "" {
			b.setDefaultGroup(b.group(firstGroup, role, by))
			first, _ := b.facts.groups.get(b.facts.organisation.DefaultGroup)
			b.audit(by, chat.GroupSetDefault, aboutGroup(first), changed("default", nil, first.Group))
		}
		return b.facts.organisation.DefaultGroup
	}
	if g, ok := b.facts.groupNamed(name); ok {
		return g.ID
	}
	return b.newGroup(name, chat.GroupFunctional, by).ID
}

// newGroup makes a group of a name that none has, and notes it in the audit log: also where another command makes it by naming it.
func (b *batch) newGroup(name string, kind chat.GroupKind, by Actor) store.Group {
	g := store.Group{Group: chat.Group{ID: chat.GroupID(chat.NewUUID()), Name: name}, Kind: kind, Made: b.made(by)}
	b.setGroup(g)
	b.audit(by, chat.GroupCreate, aboutGroup(g), append(changed("name", nil, g.Name), changed("kind", nil, g.Kind)...))
	return g
}

// groupAt returns the group as its asker saw it.
func (f *facts) groupAt(id chat.GroupID, revision int64) (store.Group, error) {
	g, ok := f.groups.get(id)
	switch {
	case !ok:
		return g, chat.ErrUnknown
	case g.Revision != revision:
		return g, errRevision
	}
	return g, nil
}

// cleanGroup checks what a group is to be called and of which kind; id is the group's own.
func (f *facts) cleanGroup(id chat.GroupID, name string, kind chat.GroupKind) (string, error) {
	name, err := chat.CleanName("the group's name", name)
	if err != nil {
		return "", err
	}
	if !kind.Valid() {
		return "", chat.Invalid("%.40q is not a kind of group", string(kind))
	}
	if g, ok := f.groupNamed(name); ok && g.ID != id {
		return "", errTaken("group", g.Name)
	}
	return name, nil
}

func createGroup(b *batch, _ *user, by Actor, args chat.GroupCreateArgs) (any, error) {
	name, err := b.facts.cleanGroup("", args.Name, args.Kind)
	if err != nil {
		return nil, err
	}
	return chat.GroupCreateAnswer{GroupID: b.newGroup(name, args.Kind, by).ID}, nil
}

// updateGroup changes a group's name and kind; its members are told the new name.
func updateGroup(b *batch, _ *user, by Actor, args chat.GroupUpdateArgs) (any, error) {
	g, err := b.facts.groupAt(args.GroupID, args.Revision)
	if err != nil {
		return nil, err
	}
	was := g
	if args.Name != nil {
		g.Name = *args.Name
	}
	if args.Kind != nil {
		g.Kind = *args.Kind
	}
	if g.Name, err = b.facts.cleanGroup(g.ID, g.Name, g.Kind); err != nil {
		return nil, err
	}
	changes := append(changed("name", was.Name, g.Name), changed("kind", was.Kind, g.Kind)...)
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: g.Revision}, nil
	}
	b.touch(&g.Made, by)
	b.setGroup(g)
	if g.Name != was.Name {
		for _, u := range b.facts.inGroup(g.ID) {
			b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(u)}, entry{user: u.id()}, by)
		}
	}
	b.audit(by, chat.GroupUpdate, aboutGroup(g), changes)
	return chat.RevisionAnswer{Revision: g.Revision}, nil
}

// defaultGroup makes a group the one that agents enter who are given none, unless another one than was seen is that by now. Nobody is moved.
func defaultGroup(b *batch, _ *user, by Actor, args chat.GroupSetDefaultArgs) (any, error) {
	g, err := b.facts.groupAt(args.GroupID, args.Revision)
	if err != nil {
		return nil, err
	}
	was, given := b.facts.groups.get(b.facts.organisation.DefaultGroup)
	switch {
	case was.ID == g.ID:
		return chat.RevisionAnswer{Revision: g.Revision}, nil
	case was.ID != args.InsteadOfID:
		return nil, errRevision
	}
	var from any
	if given {
		from = was.Group
		b.touch(&was.Made, by)
		b.setGroup(was)
	}
	b.touch(&g.Made, by)
	b.setGroup(g)
	b.setDefaultGroup(g.ID)
	b.audit(by, chat.GroupSetDefault, aboutGroup(g), changed("default", from, g.Group))
	return chat.RevisionAnswer{Revision: g.Revision}, nil
}

// deleteGroup removes a group that nobody is in.
func deleteGroup(b *batch, _ *user, by Actor, args chat.GroupRevisionArgs) (any, error) {
	g, err := b.facts.groupAt(args.GroupID, args.Revision)
	if err != nil {
		return nil, err
	}
	if g.ID == b.facts.organisation.DefaultGroup {
		return nil, errInUse(fmt.Sprintf("%s is the group that new agents enter, so it stays. Nothing was changed; make another group the default first.", g.Name))
	}
	if in := b.facts.inGroup(g.ID); len(in) > 0 {
		return nil, errInUse(fmt.Sprintf("%s still in %s. Nothing was changed; move them to another group first.", namesOf(in), g.Name))
	}
	if m, ok := b.facts.monitoring.get(g.ID); ok && len(m.Transcripts)+len(m.Live) > 0 {
		return nil, errInUse(fmt.Sprintf("There is a rule who monitors %s. Nothing was changed; take everybody out of the rule first.", g.Name))
	}
	b.facts.groups = b.facts.groups.without(g.ID)
	b.groups[g.ID] = struct{}{}
	b.audit(by, chat.GroupDelete, aboutGroup(g), append(changed("name", g.Name, nil), changed("kind", g.Kind, nil)...))
	return none{}, nil
}

// inGroup returns who is in a group, in the order of their names. Deactivated accounts are in theirs.
func (f *facts) inGroup(id chat.GroupID) []*user {
	return f.those(func(u *user) bool { return u.row.GroupID == id })
}

// those returns the users of whom is says so, in the order of their names.
func (f *facts) those(is func(*user) bool) []*user {
	all := slices.DeleteFunc(f.sorted(), func(u *user) bool { return !is(u) })
	slices.SortStableFunc(all, func(a, b *user) int { return compare(a.row.User.DisplayName, b.row.User.DisplayName) })
	return all
}

// namesOf says who users are, with the verb: "Ana is", "Ana and Ben are", "Ana, Ben, Eve and 4 more are".
func namesOf(users []*user) string {
	names := make([]string, 0, maxNamed)
	for _, u := range users {
		name := u.row.User.DisplayName
		if !u.row.User.Active {
			name += " (deactivated)"
		}
		names = append(names, name)
	}
	if n := len(names) - maxNamed; n > 0 {
		return fmt.Sprintf("%s and %d more are", strings.Join(names[:maxNamed], ", "), n)
	}
	if len(names) == 1 {
		return names[0] + " is"
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " are"
}
