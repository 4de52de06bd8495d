package hub

import (
	"fmt"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

func (b *batch) setTeam(t store.Team) {
	b.facts.teams = b.facts.teams.with(t.ID, t)
	b.teamRows[t.ID] = struct{}{}
}

func aboutTeam(t store.Team) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectTeam, ID: string(t.ID), Name: t.Name}
}

// teamNamed finds a team by its name, whatever its case.
func (f *facts) teamNamed(name string) (store.Team, bool) {
	for _, t := range f.teams.all() {
		if strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return store.Team{}, false
}

// teams returns the ids of the teams of the names, making those that are not there.
func (b *batch) teams(names []string, by Actor) []chat.TeamID {
	ids := make([]chat.TeamID, 0, len(names))
	for _, name := range names {
		if id := b.team(name, by); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (b *batch) team(name string, by Actor) chat.TeamID {
	if t, ok := b.facts.teamNamed(name); ok {
		return t.ID
	}
	return b.newTeam(name, by).ID
}

// newTeam makes a team of a name that none has, and notes it in the audit log: also where another command makes it by naming it.
func (b *batch) newTeam(name string, by Actor) store.Team {
	t := store.Team{Team: chat.Team{ID: chat.TeamID(chat.NewUUID()), Name: name}, Made: b.made(by)}
	b.setTeam(t)
	b.log(chat.Event{Type: chat.TeamChanged, Team: &t.Team}, entry{team: t.ID}, by)
	b.audit(by, chat.TeamCreate, aboutTeam(t), changed("name", nil, t.Name))
	return t
}

// teamAt returns the team as its asker saw it.
func (f *facts) teamAt(id chat.TeamID, revision int64) (store.Team, error) {
	t, ok := f.teams.get(id)
	switch {
	case !ok:
		return t, chat.ErrUnknown
	case t.Revision != revision:
		return t, errRevision
	}
	return t, nil
}

// cleanTeam checks what a team is to be called; id is the team's own.
func (f *facts) cleanTeam(id chat.TeamID, name string) (string, error) {
	name, err := chat.CleanName("the team's name", name)
	if err != nil {
		return "", err
	}
	if t, ok := f.teamNamed(name); ok && t.ID != id {
		return "", errTaken("team", t.Name)
	}
	return name, nil
}

func createTeam(b *batch, _ *user, by Actor, args chat.TeamCreateArgs) (any, error) {
	name, err := b.facts.cleanTeam("", args.Name)
	if err != nil {
		return nil, err
	}
	return chat.TeamCreateAnswer{TeamID: b.newTeam(name, by).ID}, nil
}

func renameTeam(b *batch, _ *user, by Actor, args chat.TeamRenameArgs) (any, error) {
	t, err := b.facts.teamAt(args.TeamID, args.Revision)
	if err != nil {
		return nil, err
	}
	name, err := b.facts.cleanTeam(t.ID, args.Name)
	if err != nil {
		return nil, err
	}
	changes := changed("name", t.Name, name)
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: t.Revision}, nil
	}
	t.Name = name
	b.touch(&t.Made, by)
	b.setTeam(t)
	b.log(chat.Event{Type: chat.TeamChanged, Team: &t.Team}, entry{team: t.ID}, by)
	b.audit(by, chat.TeamRename, aboutTeam(t), changes)
	return chat.RevisionAnswer{Revision: t.Revision}, nil
}

// deleteTeam removes a team that nobody is in, nobody may start with, that serves no queue and that no template is for.
func deleteTeam(b *batch, me *user, by Actor, args chat.TeamDeleteArgs) (any, error) {
	t, err := b.facts.teamAt(args.TeamID, args.Revision)
	if err != nil {
		return nil, err
	}
	if in := b.facts.those(func(u *user) bool { return slices.Contains(u.row.User.TeamIDs, t.ID) }); len(in) > 0 {
		return nil, errInUse(fmt.Sprintf("%s still in %s. Nothing was changed; take them out of the team first.", namesOf(in), t.Name))
	}
	if start := b.facts.those(func(u *user) bool { return u.mayStartWith(t.ID) }); len(start) > 0 {
		return nil, errInUse(fmt.Sprintf("%s allowed to write first to %s. Nothing was changed; take it out of their Start first.", namesOf(start), t.Name))
	}
	for _, q := range b.facts.queues.all() {
		if slices.Contains(q.TeamIDs, t.ID) {
			return nil, errInUse(fmt.Sprintf("%s serves the queue %s. Nothing was changed; let other teams serve it first.", t.Name, q.Name))
		}
	}
	if err := b.facts.refuseScoped(me, t.Name, func(x *store.Template) bool { return slices.Contains(x.TeamIDs, t.ID) }); err != nil {
		return nil, err
	}
	b.facts.teams = b.facts.teams.without(t.ID)
	b.teamRows[t.ID] = struct{}{}
	b.log(chat.Event{Type: chat.TeamGone, Team: &t.Team}, entry{team: t.ID}, by)
	b.audit(by, chat.TeamDelete, aboutTeam(t), changed("name", t.Name, nil))
	return none{}, nil
}

// mayStartWith tells whether a team is among those that the user's Start names, in force or pending.
func (u *user) mayStartWith(id chat.TeamID) bool {
	names := func(s chat.MessagingSettings) bool {
		return s.Scope == chat.StartTeams && slices.Contains(s.Targets, string(id))
	}
	return names(u.row.Settings) || u.row.Pending != nil && names(*u.row.Pending)
}
