package hub

import (
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

func (b *batch) setQueue(q store.Queue) {
	b.facts.queues = b.facts.queues.with(q.ID, q)
	b.queueRows[q.ID] = struct{}{}
	b.rules.templates = true // who serves a queue uses its templates
}

func aboutQueue(q store.Queue) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectQueue, ID: string(q.ID), Name: q.Name}
}

// queueAt returns the queue as its asker saw it.
func (f *facts) queueAt(me *user, id chat.QueueID, revision int64) (store.Queue, error) {
	q, ok := f.queues.get(id)
	switch {
	case !ok, !f.seesQueue(me, q.TeamIDs):
		return q, chat.ErrUnknown
	case q.Revision != revision:
		return q, errRevision
	}
	return q, nil
}

// cleanQueue checks a queue's name and teams, which must be such as me may know of.
func (f *facts) cleanQueue(me *user, q *store.Queue) error {
	var err error
	if q.Name, err = chat.CleanName("the queue's name", q.Name); err != nil {
		return err
	}
	for _, other := range f.queues.all() {
		if other.ID != q.ID && strings.EqualFold(other.Name, q.Name) {
			if f.seesQueue(me, other.TeamIDs) {
				return errTaken("queue", other.Name)
			}
			return errTaken("queue", q.Name) // as it was typed, and no more
		}
	}
	if len(q.TeamIDs) > chat.MaxQueueTeams {
		return chat.Invalid("a queue is served by at most %d teams", chat.MaxQueueTeams)
	}
	ids := slices.Clone(q.TeamIDs)
	slices.Sort(ids)
	q.TeamIDs = append([]chat.TeamID{}, slices.Compact(ids)...)
	for _, id := range q.TeamIDs {
		if _, ok := f.teams.get(id); !ok || !f.seesTeam(me, id) {
			return chat.Invalid("%.40q is no team that could serve a queue", string(id))
		}
	}
	return nil
}

// queueTeams are the teams of a queue as the audit log keeps them: with the names they have.
func (f *facts) queueTeams(q store.Queue) []chat.Team {
	teams := make([]chat.Team, 0, len(q.TeamIDs))
	for _, id := range q.TeamIDs {
		if t, ok := f.teams.get(id); ok {
			teams = append(teams, t.Team)
		}
	}
	return teams
}

func createQueue(b *batch, me *user, by Actor, args chat.QueueCreateArgs) (any, error) {
	q := store.Queue{ID: chat.QueueID(chat.NewUUID()), Name: args.Name, TeamIDs: args.TeamIDs, Made: b.made(by)}
	if err := b.facts.cleanQueue(me, &q); err != nil {
		return nil, err
	}
	b.setQueue(q)
	b.audit(by, chat.QueueCreate, aboutQueue(q), append(changed("name", nil, q.Name), changed("teams", nil, b.facts.queueTeams(q))...))
	return chat.QueueCreateAnswer{QueueID: q.ID}, nil
}

func updateQueue(b *batch, me *user, by Actor, args chat.QueueUpdateArgs) (any, error) {
	q, err := b.facts.queueAt(me, args.QueueID, args.Revision)
	if err != nil {
		return nil, err
	}
	was := q
	if args.Name != nil {
		q.Name = *args.Name
	}
	if args.TeamIDs != nil {
		q.TeamIDs = *args.TeamIDs
	}
	if err := b.facts.cleanQueue(me, &q); err != nil {
		return nil, err
	}
	changes := append(changed("name", was.Name, q.Name), changed("teams", b.facts.queueTeams(was), b.facts.queueTeams(q))...)
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: q.Revision}, nil
	}
	b.touch(&q.Made, by)
	b.setQueue(q)
	b.audit(by, chat.QueueUpdate, aboutQueue(q), changes)
	return chat.RevisionAnswer{Revision: q.Revision}, nil
}

func deleteQueue(b *batch, me *user, by Actor, args chat.QueueDeleteArgs) (any, error) {
	q, err := b.facts.queueAt(me, args.QueueID, args.Revision)
	if err != nil {
		return nil, err
	}
	if err := b.facts.refuseScoped(me, q.Name, func(t *store.Template) bool { return slices.Contains(t.QueueIDs, q.ID) }); err != nil {
		return nil, err
	}
	b.facts.queues = b.facts.queues.without(q.ID)
	b.queueRows[q.ID] = struct{}{}
	b.audit(by, chat.QueueDelete, aboutQueue(q), append(changed("name", q.Name, nil), changed("teams", b.facts.queueTeams(q), nil)...))
	return none{}, nil
}
