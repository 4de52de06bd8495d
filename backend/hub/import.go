package hub

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/sheet"
)

// maxFirstLine bounds where in a file a table may stand.
const maxFirstLine = 1 << 40

// errImportMoved answers an import that could not be carried out when it was looked at, and can be now.
var errImportMoved = &chat.Error{Code: chat.CodeConflict,
	Text: "Somebody changed the users or the rules while this was checked. Nothing was imported; check it again."}

// importUsers adds and changes users by a table. A dry run is told what would happen on the facts of this moment. An import is looked
// at before its passwords are hashed, so that what cannot be done costs nothing, and decided by the writer.
func importUsers(ctx context.Context, c *call, raw json.RawMessage) (task, error) {
	var args chat.UserImportArgs
	if err := decode(raw, &args); err != nil {
		return task{}, err
	}
	users, err := importedUsers(args)
	if err != nil {
		return task{}, err
	}
	look := c.facts.scratch(c.now)
	outcomes, refused := look.takeUsers(c.me, c.actor, users, nil)
	if args.DryRun {
		c.h.refuseNow(ctx, c.actor, chat.UserImport, refused) // whoever tries what they may not is noted
		return task{answer: chat.UserImportAnswer{Users: outcomes}}, nil
	}
	var hashes []string
	if !anyRefused(outcomes) {
		if hashes, err = c.hashAll(ctx, users); err != nil {
			return task{}, err
		}
	}
	actor := c.actor
	return task{write: func(b *batch, me *user) (any, error) {
		answer, refused, err := b.importUsers(me, actor, users, hashes)
		c.h.noteRefused(b, actor, chat.UserImport, refused)
		return answer, err
	}}, nil
}

// importedUsers reads the table.
func importedUsers(args chat.UserImportArgs) ([]sheet.User, error) {
	if args.FirstLine < 0 || args.FirstLine > maxFirstLine {
		return nil, chat.Invalid("the first line is from 0 to %d", int64(maxFirstLine))
	}
	users, faults := sheet.Users(args.CSV, int(args.FirstLine), sheet.ColumnName)
	switch {
	case len(faults) > 0:
		return nil, chat.Invalid("%s", faults[0])
	case len(users) > chat.MaxImportedUsers:
		return nil, chat.Invalid("at most %d users are imported at once, not %d", chat.MaxImportedUsers, len(users))
	}
	return users, nil
}

// hashAll returns the hashes of the passwords that are given, by the place of their users.
func (c *call) hashAll(ctx context.Context, users []sheet.User) ([]string, error) {
	hashes := make([]string, len(users))
	for i, u := range users {
		if u.Password == "" || c.trying {
			continue
		}
		var err error
		if hashes[i], err = c.h.o.Passwords.Hash(ctx, u.Password); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// importUsers carries out an import whole, or nothing of it. What each record does is found by doing it on scratch facts first: what
// went well there goes well on those of the batch. hashes is nil if a first look found something to refuse. refused is why a record was,
// if one was.
func (b *batch) importUsers(me *user, by Actor, users []sheet.User, hashes []string) (answer any, refused, err error) {
	look := b.facts.scratch(b.at)
	outcomes, refused := look.takeUsers(me, by, users, hashes)
	switch {
	case anyRefused(outcomes):
		return chat.UserImportAnswer{Users: outcomes}, refused, nil
	case hashes == nil:
		return nil, nil, errImportMoved
	}
	outcomes, _ = b.takeUsers(me, by, users, hashes)
	return chat.UserImportAnswer{Users: outcomes, Done: true}, nil, nil
}

func anyRefused(outcomes []chat.ImportedUser) bool {
	return slices.ContainsFunc(outcomes, func(u chat.ImportedUser) bool { return u.Outcome == chat.ImportRefused })
}

// takeUsers takes one record after the other, and returns what it did and why a record was refused. hashes may be nil on scratch facts.
func (b *batch) takeUsers(me *user, by Actor, users []sheet.User, hashes []string) ([]chat.ImportedUser, error) {
	i := importing{b: b, me: me, by: by, address: b.facts.addressOf(by)}
	outcomes := make([]chat.ImportedUser, len(users))
	for n := range users {
		hash := ""
		if hashes != nil {
			hash = hashes[n]
		}
		outcomes[n] = i.take(&users[n], hash)
	}
	return outcomes, i.refused
}

// importing is an import under way. Rights and address are those of its beginning, whatever its records do to the importer.
type importing struct {
	b       *batch
	me      *user // nil for the console
	by      Actor
	address string
	refused error // of the last record that was
}

// take carries out a record and says what it did.
func (i *importing) take(u *sheet.User, hash string) chat.ImportedUser {
	done := chat.ImportedUser{Line: int64(u.Line), Name: u.Name, Outcome: chat.ImportCreated}
	var err error
	switch is := i.account(u.Name); {
	case len(u.Faults) > 0:
		err = chat.Invalid("%s", strings.Join(u.Faults, "; "))
	case is == nil:
		err = i.create(u, hash)
	default:
		done.Outcome = chat.ImportUnchanged
		if done.Changes, err = i.change(is, u, hash); len(done.Changes) > 0 {
			done.Outcome = chat.ImportChanged
		}
	}
	if err != nil {
		done.Outcome, done.Text = chat.ImportRefused, chat.AsError(err).Text
		i.refused = err
	}
	return done
}

// account returns who signs in by the name; nil if that is nobody, or somebody whom the importer may not know of. To both the same
// happens as with user.add.
func (i *importing) account(name string) *user {
	id, taken := i.b.facts.names.get(name)
	if !taken {
		return nil
	}
	u := i.b.facts.user(id)
	if err := i.b.facts.administer(chat.ActEditUsers, i.me, u, policy.Gift{}); err != nil && chat.AsError(err).Code == chat.CodeUnknown {
		return nil
	}
	return u
}

func (i *importing) create(u *sheet.User, hash string) error {
	if lacks := u.Lacks(); len(lacks) > 0 {
		return chat.Invalid("%s", strings.Join(lacks, "; "))
	}
	n := newUser{args: u.Add(), encoded: hash}
	n.args.Password = ""
	made, err := i.b.createUser(i.me, i.by, n)
	if err != nil {
		return err
	}
	i.audit(made, i.b.facts.userChanges(nil, made))
	return nil
}

// change changes an account in what differs, and returns that. What is so already asks for nothing, not even for the right.
func (i *importing) change(is *user, u *sheet.User, hash string) ([]chat.AuditChange, error) {
	b := i.b
	args, differs, err := i.differing(is, u)
	if err != nil || !differs && u.Password == "" {
		return nil, err
	}
	if err := b.facts.mayEdit(i.me, is, args, deref(args.Teams)); err != nil {
		return nil, err
	}
	next := is
	if differs {
		if next, err = b.alterUser(is, args, i.by); err != nil {
			return nil, err
		}
	}
	changes := b.facts.userChanges(is, next)
	if u.Password != "" {
		b.replacePassword(next, hash, i.by)
		changes = append(changes, chat.AuditChange{Field: "password"})
	}
	i.audit(is, changes)
	if b.endAltered(is, next, i.by); u.Password != "" {
		b.endSessions(next, "")
	}
	return changes, nil
}

func (i *importing) audit(u *user, changes []chat.AuditChange) {
	i.b.auditBy(i.by, i.address, chat.UserImport, aboutUser(u), changes)
}

// differing returns the change that makes an account what a record says, and whether it is one.
func (i *importing) differing(is *user, u *sheet.User) (chat.UserUpdateArgs, bool, error) {
	args, row := chat.UserUpdateArgs{UserID: is.id()}, &is.row.User
	role := row.Role
	if u.Role != nil && *u.Role != role {
		role = *u.Role
		args.Role = u.Role
	}
	if u.DisplayName != nil && *u.DisplayName != row.DisplayName {
		args.DisplayName = u.DisplayName
	}
	if u.Title != nil && *u.Title != row.Title {
		args.Title = u.Title
	}
	if u.Group != nil && i.isElsewhere(is, role, *u.Group) {
		if role != chat.RoleAgent && *u.Group != "" {
			return args, false, chat.Invalid(sheet.OnlyAgents)
		}
		args.Group = u.Group
	}
	if u.Teams != nil && !i.b.facts.areTeams(row.TeamIDs, *u.Teams) {
		args.Teams = u.Teams
	}
	return args, args != (chat.UserUpdateArgs{UserID: is.id()}), nil
}

// isElsewhere tells whether an account is to leave its group for the named one, or for none. An agent is always in a group, so no name
// asks for nothing of them. An agent who imports is told nothing of other groups: to them whoever is in one is in none.
func (i *importing) isElsewhere(u *user, role chat.Role, name string) bool {
	f, in := &i.b.facts, u.row.GroupID
	if i.me != nil && i.me.row.User.Role == chat.RoleAgent && in != i.me.row.GroupID {
		in = ""
	}
	if name != "" {
		g, known := f.groups.get(in)
		return !known || !strings.EqualFold(g.Name, name)
	}
	return in != "" && role != chat.RoleAgent
}

// areTeams tells whether the teams of the ids, which are in order, are those of the names.
func (f *facts) areTeams(ids []chat.TeamID, names []string) bool {
	var named []chat.TeamID
	for _, name := range names {
		t, ok := f.teamNamed(name)
		if !ok {
			return false
		}
		named = append(named, t.ID)
	}
	slices.Sort(named)
	return slices.Equal(ids, slices.Compact(named))
}
