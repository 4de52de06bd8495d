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

// errRecordMoved refuses a record whose user is another one than its importer saw.
var errRecordMoved = &chat.Error{Code: chat.CodeConflict, Text: "somebody changed this user since the table was checked; check it again"}

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
	if args.DryRun {
		args.Revisions = nil
	}
	table := importTable{users: users, checked: !args.DryRun, revisions: args.Revisions}
	look := c.facts.scratch(c.now)
	outcomes, refused := look.takeUsers(c.me, c.actor, table)
	if args.DryRun {
		c.h.refuseNow(ctx, c.actor, chat.UserImport, nil, refused) // whoever tries what they may not is noted
		return task{answer: chat.UserImportAnswer{Users: outcomes}}, nil
	}
	if !anyRefused(outcomes) {
		if table.hashes, err = c.hashAll(ctx, users); err != nil {
			return task{}, err
		}
	}
	actor := c.actor
	return task{write: func(b *batch, me *user) (any, error) {
		answer, refused, err := b.importUsers(me, actor, table)
		c.h.noteRefused(b, actor, chat.UserImport, nil, refused)
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
	case len(args.Revisions) > 0 && len(args.Revisions) != len(users):
		return nil, chat.Invalid("there are %d revisions for %d users; give those that the dry run told", len(args.Revisions), len(users))
	}
	return users, nil
}

// importTable is what is to be imported.
type importTable struct {
	users []sheet.User
	// checked is false for a dry run, which says what it sees; else revisions are what its importer has seen, by the place of their users,
	// or nil if nobody is to be changed.
	checked   bool
	revisions []int64
	// hashes are of the passwords that are given, likewise; nil as long as it is only looked at.
	hashes []string
}

// seen returns the revision of a record's user that the importer has seen; 0 if they saw nobody.
func (t *importTable) seen(n int) int64 {
	if t.revisions == nil {
		return 0
	}
	return t.revisions[n]
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
// went well there goes well on those of the batch. Without hashes a first look found something to refuse. refused is why a record was,
// if one was.
func (b *batch) importUsers(me *user, by Actor, table importTable) (answer any, refused, err error) {
	look := b.facts.scratch(b.at)
	outcomes, refused := look.takeUsers(me, by, table)
	switch {
	case anyRefused(outcomes):
		return chat.UserImportAnswer{Users: outcomes}, refused, nil
	case table.hashes == nil:
		return nil, nil, errImportMoved
	}
	outcomes, _ = b.takeUsers(me, by, table)
	return chat.UserImportAnswer{Users: outcomes, Done: true}, nil, nil
}

func anyRefused(outcomes []chat.ImportedUser) bool {
	return slices.ContainsFunc(outcomes, func(u chat.ImportedUser) bool { return u.Outcome == chat.ImportRefused })
}

// takeUsers takes one record after the other, and returns what it did and why a record was refused. Hashes may be missing on scratch facts.
func (b *batch) takeUsers(me *user, by Actor, table importTable) ([]chat.ImportedUser, error) {
	i := importing{b: b, me: me, by: by, address: b.facts.addressOf(by), table: &table}
	outcomes := make([]chat.ImportedUser, len(table.users))
	for n := range table.users {
		outcomes[n] = i.take(n)
	}
	return outcomes, i.refused
}

// importing is an import under way. Rights and address are those of its beginning, whatever its records do to the importer.
type importing struct {
	b       *batch
	me      *user // nil for the console
	by      Actor
	address string
	table   *importTable
	refused error // of the last record that was
}

// take carries out the record at a place of the table and says what it did.
func (i *importing) take(n int) chat.ImportedUser {
	u, hash := &i.table.users[n], ""
	if i.table.hashes != nil {
		hash = i.table.hashes[n]
	}
	done := chat.ImportedUser{Line: int64(u.Line), Name: u.Name, Outcome: chat.ImportCreated}
	var err error
	switch is := i.account(u.Name); {
	case len(u.Faults) > 0:
		err = faultyRecord(u.Faults)
	case is == nil:
		err = i.create(u, hash)
	default:
		done.Outcome, done.Revision = chat.ImportUnchanged, is.row.Revision
		if done.Changes, err = i.change(is, u, hash, i.table.seen(n)); len(done.Changes) > 0 {
			done.Outcome = chat.ImportChanged
		}
	}
	if err != nil {
		done.Outcome, done.Revision, done.Text, done.Faults = chat.ImportRefused, 0, chat.AsError(err).Text, faultsOf(err)
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
		return faultyRecord(lacks)
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

// change changes an account in what differs, and returns that. What is so already asks for nothing, neither for the right nor for having
// been seen: so a table may be given again. seen is the revision that the importer saw.
func (i *importing) change(is *user, u *sheet.User, hash string, seen int64) ([]chat.AuditChange, error) {
	b := i.b
	args, differs, err := i.differing(is, u)
	if err != nil || !differs && u.Password == "" {
		return nil, err
	}
	if err := b.facts.mayEdit(i.me, is, args, deref(args.Teams)); err != nil {
		return nil, err
	}
	switch {
	case differs && i.table.checked && is.row.Revision != seen:
		return nil, errRecordMoved
	case u.Password != "" && i.me != nil && is.id() == i.me.id():
		return nil, errSetOwnPassword
	}
	if err := b.facts.keepsAdministrator([]*user{is}, args.Role, nil); err != nil {
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
			return args, false, faultyRecord([]sheet.Wrong{sheet.OnlyAgents})
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
