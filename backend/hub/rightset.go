package hub

import (
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// personOf makes the policy's person of a row: with what the user's license and permission sets give in the edition.
func (f *facts) personOf(row *store.User) *policy.Person {
	p := policy.NewPerson(row.User.ID, row.User.Role, row.GroupID, row.User.TeamIDs, row.User.Active, row.Settings)
	return p.With(policy.Holding(f.licensing.Edition, row.License, f.setsOf(row)))
}

// setsOf returns the permission sets of a user.
func (f *facts) setsOf(row *store.User) []*chat.PermissionSet {
	var sets []*chat.PermissionSet
	for _, id := range row.SetIDs {
		if s, ok := f.sets.get(id); ok {
			sets = append(sets, &s.PermissionSet)
		}
	}
	return sets
}

// administer asks whether me may do an act of administration: to the user concerned, if any, giving what gift says. me is nil
// for the server's command line.
func (f *facts) administer(act chat.Act, me, other *user, gift policy.Gift) error {
	if me == nil {
		me = consoleUser
	}
	gift.Watch = gift.Watch || other != nil && f.watchers.Beyond(me.id(), other.id())
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person, Other: person(other), Gift: gift}
	if err := policy.May(act, q).Err(); err != nil {
		return err
	}
	return nil
}

func listSets(_ context.Context, c *call, _ none) (any, error) {
	answer := chat.SetListAnswer{Sets: make([]chat.PermissionSet, 0, c.facts.sets.size)}
	for _, s := range c.facts.sets.all() {
		answer.Sets = append(answer.Sets, s.PermissionSet)
	}
	slices.SortFunc(answer.Sets, func(a, b chat.PermissionSet) int { return compare(a.Label, b.Label) })
	return answer, nil
}

func createSet(b *batch, me *user, by Actor, args chat.SetCreateArgs) (any, error) {
	set, err := args.Set.Clean()
	if err != nil {
		return nil, err
	}
	if err := b.facts.administer(chat.ActManageSets, me, nil, policy.Gift{Rights: policy.RightsOf(&set)}); err != nil {
		return nil, err
	}
	return b.newSet(chat.SetCreate, set, by)
}

// cloneSet makes a set that grants what another does (SET-19).
func cloneSet(b *batch, me *user, by Actor, args chat.SetCloneArgs) (any, error) {
	from, ok := b.facts.sets.get(args.SetID)
	if !ok {
		return nil, chat.ErrUnknown
	}
	set := from.PermissionSet
	set.Label, set.APIName = args.Label, args.APIName
	set, err := set.Clean()
	if err != nil {
		return nil, err
	}
	if err := b.facts.administer(chat.ActManageSets, me, nil, policy.Gift{Rights: policy.RightsOf(&set)}); err != nil {
		return nil, err
	}
	return b.newSet(chat.SetClone, set, by)
}

// newSet adds a clean set, by the command.
func (b *batch) newSet(command chat.CommandName, set chat.PermissionSet, by Actor) (any, error) {
	if b.facts.sets.size >= chat.MaxPermissionSets {
		return nil, chat.Invalid("there are %d permission sets already; delete some first", chat.MaxPermissionSets)
	}
	for _, s := range b.facts.sets.all() {
		if strings.EqualFold(s.APIName, set.APIName) {
			return nil, &chat.Error{Code: chat.CodeConflict, Text: "There is a permission set of this API name already. Nothing was changed; choose another one."}
		}
	}
	set.ID, set.Revision = chat.PermissionSetID(chat.NewUUID()), 1
	b.putSet(set, by)
	b.audit(by, command, aboutSet(&set), setChanges(nil, &set))
	return chat.SetAnswer{Set: set}, nil
}

// putSet puts a set in force, for all who hold it at once.
func (b *batch) putSet(set chat.PermissionSet, by Actor) {
	b.facts.sets = b.facts.sets.with(set.ID, &store.PermissionSet{PermissionSet: set, ChangedBy: string(by.UserID), ChangedAt: b.at})
	b.sets[set.ID] = struct{}{}
	for _, u := range b.facts.holders(set.ID) {
		b.putRights(u, u.row, by)
	}
}

// updateSet replaces a set whole. Its API name stays what it was when it was first saved (SET-8).
func updateSet(b *batch, me *user, by Actor, args chat.SetUpdateArgs) (any, error) {
	is, err := b.setOf(me, args.Set.ID, args.Set.Revision)
	if err != nil {
		return nil, err
	}
	if args.Set.APIName == "" {
		args.Set.APIName = is.APIName
	}
	set, err := args.Set.Clean()
	if err != nil {
		return nil, err
	}
	if set.APIName != is.APIName {
		return nil, chat.Invalid("the API name of a permission set stays what it was when the set was first saved: %s", is.APIName)
	}
	if err := b.facts.administer(chat.ActManageSets, me, nil, policy.Gift{Rights: policy.RightsOf(&set)}); err != nil {
		return nil, err
	}
	if b.facts.freesSelf(me, &is.PermissionSet, &set) {
		return nil, b.facts.beyondOwn(me)
	}
	changes := setChanges(&is.PermissionSet, &set)
	if len(changes) == 0 {
		return chat.SetAnswer{Set: is.PermissionSet}, nil
	}
	set.Revision++
	b.putSet(set, by)
	b.audit(by, chat.SetUpdate, aboutSet(&set), changes)
	return chat.SetAnswer{Set: set}, nil
}

// setOf returns a set that me may change: one that grants nothing me lacks.
func (b *batch) setOf(me *user, id chat.PermissionSetID, revision int64) (*store.PermissionSet, error) {
	s, ok := b.facts.sets.get(id)
	if !ok {
		return nil, chat.ErrUnknown
	}
	if err := b.facts.administer(chat.ActManageSets, me, nil, policy.Gift{Rights: policy.RightsOf(&s.PermissionSet)}); err != nil {
		return nil, err
	}
	for _, u := range b.facts.holders(id) {
		// The answer is the same whoever it is for whose sake it is refused, so it tells of nobody.
		if u != me && b.facts.administer(chat.ActManageSets, me, u, policy.Gift{}) != nil {
			return nil, b.facts.beyondOwn(me)
		}
	}
	if s.Revision != revision {
		return nil, errRevision
	}
	return s, nil
}

// beyondOwn refuses me, who is no administrator, something for going beyond their own rights.
func (f *facts) beyondOwn(me *user) error {
	return f.administer(chat.ActManageSets, me, nil, policy.Gift{Watch: true})
}

// freesSelf tells whether a set that me holds would limit their statuses otherwise; nil after: no more. An administrator may do that.
func (f *facts) freesSelf(me *user, before, after *chat.PermissionSet) bool {
	if me == nil || f.configures(me) || !slices.Contains(me.row.SetIDs, before.ID) {
		return false
	}
	return len(before.Statuses) > 0 && (after == nil || !slices.Equal(before.Statuses, after.Statuses))
}

// deleteSet removes a set, at once from all who hold it.
func deleteSet(b *batch, me *user, by Actor, args chat.SetDeleteArgs) (any, error) {
	set, err := b.setOf(me, args.SetID, args.Revision)
	if err != nil {
		return nil, err
	}
	if b.facts.freesSelf(me, &set.PermissionSet, nil) {
		return nil, b.facts.beyondOwn(me)
	}
	holders := b.facts.holders(args.SetID)
	if len(holders) != args.Holders { // whoever deletes it takes it from all of them
		return nil, errRevision
	}
	for _, u := range holders {
		row := u.row
		row.SetIDs = slices.DeleteFunc(slices.Clone(row.SetIDs), func(id chat.PermissionSetID) bool { return id == args.SetID })
		row.Revision++
		b.putRights(u, row, by)
		b.audit(by, chat.SetDelete, aboutUser(u), b.facts.userChanges(u, b.facts.user(u.id())))
	}
	b.facts.sets = b.facts.sets.without(args.SetID)
	delete(b.sets, args.SetID)
	b.changes.DeletedSets = append(b.changes.DeletedSets, args.SetID)
	b.audit(by, chat.SetDelete, aboutSet(&set.PermissionSet), setChanges(&set.PermissionSet, nil))
	return none{}, nil
}

// holders returns those who hold a set, in the order of their accounts.
func (f *facts) holders(id chat.PermissionSetID) []*user {
	var holders []*user
	for _, userID := range f.ids {
		if u := f.user(userID); u != nil && slices.Contains(u.row.SetIDs, id) {
			holders = append(holders, u)
		}
	}
	return holders
}

// putRights puts a user's row in force whose license, sets or edition have changed, in all their sessions at once.
func (b *batch) putRights(u *user, row store.User, by Actor) {
	next := *u
	next.row = row
	next.person = b.facts.personOf(&next.row)
	b.setUser(&next)
	if next.person.Rights() == u.person.Rights() && row.License == u.row.License {
		return
	}
	b.log(chat.Event{Type: chat.MeChanged, Me: b.facts.me(&next)}, entry{user: u.id()}, by)
	b.changeRules(u.id())
}

// chosen returns the users of an assignment, each once, in the revision that was seen. Who may not know of one of them is told
// that there is none.
func (b *batch) chosen(act chat.Act, me *user, seen []chat.UserRevision) ([]*user, error) {
	if n := len(seen); n == 0 || n > chat.MaxUpdatedUsers {
		return nil, chat.Invalid("an assignment is for 1 to %d users, not for %d", chat.MaxUpdatedUsers, n)
	}
	users, once := make([]*user, 0, len(seen)), map[chat.UserID]bool{}
	for _, s := range seen {
		u := b.facts.user(s.UserID)
		switch {
		case u == nil:
			return nil, chat.ErrUnknown
		case once[s.UserID]:
			return nil, chat.Invalid("a user is named twice")
		}
		if err := b.facts.administer(act, me, u, policy.Gift{}); err != nil {
			return nil, err
		}
		if u.row.Revision != s.Revision {
			return nil, errRevision
		}
		once[s.UserID] = true
		users = append(users, u)
	}
	return users, nil
}

// reassign gives users new rows, if that gives none of them a right that me lacks (SET-23).
func (b *batch) reassign(act chat.Act, command chat.CommandName, me *user, users []*user, by Actor, edit func(*store.User)) (any, error) {
	rows := make([]store.User, len(users))
	for i, u := range users {
		rows[i] = u.row
		edit(&rows[i])
		gained := b.facts.personOf(&rows[i]).Rights() &^ u.person.Rights()
		if err := b.facts.administer(act, me, u, policy.Gift{Rights: gained}); err != nil {
			return nil, err
		}
	}
	answer := chat.UsersAnswer{Users: make([]chat.UserRevision, len(users))}
	for i, u := range users {
		if rows[i].License != u.row.License || !slices.Equal(rows[i].SetIDs, u.row.SetIDs) {
			rows[i].Revision++
			b.putRights(u, rows[i], by)
			b.audit(by, command, aboutUser(u), b.facts.userChanges(u, b.facts.user(u.id())))
		}
		answer.Users[i] = chat.UserRevision{UserID: u.id(), Revision: rows[i].Revision}
	}
	return answer, nil
}

// assignSets moves sets to users' Enabled list and from it. One assigns what one holds oneself: a set counts with all it grants,
// even where the user's license does not wake it yet.
func assignSets(b *batch, me *user, by Actor, args chat.SetAssignArgs) (any, error) {
	users, err := b.chosen(chat.ActAssignSets, me, args.Users)
	if err != nil {
		return nil, err
	}
	enable, err := b.chosenSets(me, args.Enable, true)
	if err != nil {
		return nil, err
	}
	disable, err := b.chosenSets(me, args.Disable, false)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(enable, func(id chat.PermissionSetID) bool { return slices.Contains(disable, id) }) {
		return nil, chat.Invalid("a permission set is to be enabled and disabled at once")
	}
	return b.reassign(chat.ActAssignSets, chat.SetAssign, me, users, by, func(row *store.User) {
		row.SetIDs = slices.DeleteFunc(slices.Clone(row.SetIDs), func(id chat.PermissionSetID) bool { return slices.Contains(disable, id) })
		for _, id := range enable {
			if !slices.Contains(row.SetIDs, id) {
				row.SetIDs = append(row.SetIDs, id)
			}
		}
	})
}

// chosenSets returns the sets of an assignment, which must grant what was seen, and if they are given nothing that me lacks.
func (b *batch) chosenSets(me *user, seen []chat.SetRevision, give bool) ([]chat.PermissionSetID, error) {
	ids := make([]chat.PermissionSetID, len(seen))
	for i, s := range seen {
		set, ok := b.facts.sets.get(s.SetID)
		if !ok {
			return nil, chat.ErrUnknown
		}
		gift := policy.Gift{}
		if give {
			gift.Rights = policy.RightsOf(&set.PermissionSet)
		}
		if err := b.facts.administer(chat.ActAssignSets, me, nil, gift); err != nil {
			return nil, err
		}
		if set.Revision != s.Revision {
			return nil, errRevision
		}
		ids[i] = s.SetID
	}
	return ids, nil
}

// assignLicense gives users the edition's license, or takes theirs.
func assignLicense(b *batch, me *user, by Actor, args chat.LicenseAssignArgs) (any, error) {
	edition := b.facts.licensing.Edition
	if args.License != "" && args.License != edition.License() {
		return nil, chat.Invalid("%.40q is not the license of the organisation's edition; that is %s", string(args.License), edition.License())
	}
	users, err := b.chosen(chat.ActManageUsers, me, args.Users)
	if err != nil {
		return nil, err
	}
	differs := slices.ContainsFunc(users, func(u *user) bool { return u.row.License != args.License })
	answer, err := b.reassign(chat.ActManageUsers, chat.LicenseAssign, me, users, by, func(row *store.User) { row.License = args.License })
	if err == nil && differs {
		b.changeLicensing(edition, by) // what an edition's preview said is out of date
	}
	return answer, err
}
