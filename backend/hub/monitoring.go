package hub

import (
	"context"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// setMonitoring puts a group's rule in force. For whoever is making these facts.
func (f *facts) setMonitoring(m store.Monitoring) {
	f.monitoring = f.monitoring.with(m.GroupID, m)
	next := make(policy.Monitoring, f.monitoring.size)
	for id, m := range f.monitoring.all() {
		next[id] = policy.Watchers{Transcripts: setOf(m.Transcripts), Live: setOf(m.Live)}
	}
	f.watchers = next
}

func setOf(ids []chat.UserID) map[chat.UserID]struct{} {
	set := make(map[chat.UserID]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return set
}

// mayWatch asks the policy about reading or following a conversation that me takes no part in; c is nil if there is none.
func (f *facts) mayWatch(act chat.Act, me *user, c *conversation) policy.Decision {
	q := policy.Facts{Organisation: &f.organisation.Organisation, Actor: me.person}
	switch {
	case c == nil:
	case c.kind == chat.KindRoom:
		return f.mayInRoom(act, me, c)
	default:
		q.Watched = policy.Watched{Monitoring: f.watchers, Pair: [2]*policy.Person{person(f.user(c.pair[0])), person(f.user(c.pair[1]))}}
	}
	return policy.May(act, q)
}

func listMonitoring(_ context.Context, c *call, _ none) (any, error) {
	answer := chat.MonitoringListAnswer{Rules: []chat.MonitoringRule{}, Shown: c.facts.organisation.WatchingShown}
	for _, m := range c.facts.monitoring.all() {
		answer.Rules = append(answer.Rules, m.MonitoringRule)
	}
	slices.SortFunc(answer.Rules, func(a, b chat.MonitoringRule) int { return compare(a.GroupID, b.GroupID) })
	return answer, nil
}

// updateMonitoring replaces the rule of a group. Who is no longer named follows nothing of it from this moment on.
func updateMonitoring(b *batch, _ *user, by Actor, args chat.MonitoringUpdateArgs) (any, error) {
	rule := args.Rule
	group, ok := b.facts.groups.get(rule.GroupID)
	if !ok {
		return nil, chat.ErrUnknown
	}
	was, _ := b.facts.monitoring.get(rule.GroupID)
	if was.Revision != rule.Revision {
		return nil, errRevision
	}
	var err error
	if rule.Transcripts, err = b.facts.supervisors(rule.Transcripts); err != nil {
		return nil, err
	}
	if rule.Live, err = b.facts.supervisors(rule.Live); err != nil {
		return nil, err
	}
	changes := slices.Concat(changed("transcripts", emptyNotNil(was.Transcripts), rule.Transcripts), changed("live", emptyNotNil(was.Live), rule.Live))
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: rule.Revision}, nil
	}
	rule.Revision++
	next := store.Monitoring{MonitoringRule: rule, ChangedBy: string(by.UserID), ChangedAt: b.at}
	b.facts.setMonitoring(next)
	b.changes.Monitoring = append(b.changes.Monitoring, next)
	b.audit(by, chat.MonitoringUpdate, chat.AuditSubject{Kind: chat.SubjectGroup, ID: string(group.ID), Name: group.Name}, changes)
	if concerned := distinct(slices.Concat(was.Transcripts, was.Live, rule.Transcripts, rule.Live), ""); len(concerned) > 0 {
		b.changeRules(concerned...)
		b.supervising = append(b.supervising, concerned...)
	}
	return chat.RevisionAnswer{Revision: rule.Revision}, nil
}

// supervisors checks that all are supervisors and returns each once, in the order of their ids.
func (f *facts) supervisors(ids []chat.UserID) ([]chat.UserID, error) {
	ids = emptyNotNil(distinct(ids, ""))
	for _, id := range ids {
		if u := f.user(id); u == nil || u.row.User.Role != chat.RoleSupervisor {
			return nil, chat.Invalid("only supervisors watch; %.40q is none", string(id))
		}
	}
	return ids, nil
}

// showWatching says whether those who are watched are told of it.
func showWatching(b *batch, _ *user, by Actor, args chat.MonitoringShowArgs) (any, error) {
	next := &b.facts.organisation
	if next.WatchingShown == args.Shown {
		return none{}, nil
	}
	b.audit(by, chat.MonitoringShow, chat.AuditSubject{Kind: chat.SubjectOrganisation, Name: next.Name}, changed("watchingShown", next.WatchingShown, args.Shown))
	next.WatchingShown = args.Shown
	next.ChangedBy, next.ChangedAt = string(by.UserID), b.at
	row := *next
	b.changes.Organisation = &row
	b.showing = true
	return none{}, nil
}
