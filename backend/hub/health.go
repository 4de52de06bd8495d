package hub

import (
	"context"
	"slices"

	"parley/backend/chat"
	"parley/backend/policy"
)

// checkHealth looks for what is odd in how the organisation is set up (WHY-4): what nobody would do on purpose, and nothing
// refuses.
func checkHealth(ctx context.Context, c *call, _ none) (any, error) {
	release, err := c.h.computing(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	x := &examination{facts: c.facts, answer: chat.HealthCheckAnswer{Findings: []chat.Finding{}}}
	for _, u := range c.facts.sorted() {
		if u.person.Active {
			x.active = append(x.active, u)
		}
	}
	x.answer.Users = len(x.active)
	x.administrators(c.now)
	if err := x.reach(c.whileAsked(ctx)); err != nil {
		return nil, err
	}
	x.starts()
	x.teams()
	x.sets()
	for _, id := range c.facts.unserved() {
		q, _ := c.facts.queues.get(id)
		x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: chat.FindEmptyQueue, QueueID: id, Name: q.Name})
	}
	slices.SortStableFunc(x.answer.Findings, func(a, b chat.Finding) int {
		return slices.Index(graver, a.Kind) - slices.Index(graver, b.Kind)
	})
	return x.answer, nil
}

// graver lists the kinds of findings in the order in which they are told.
var graver = []chat.FindingKind{chat.FindNoAdministrator, chat.FindMessagingOff, chat.FindEmptyQueue, chat.FindUnsupervised, chat.FindUnreached, chat.FindIsland,
	chat.FindStartNobody, chat.FindUnlicensed, chat.FindOneAdministrator, chat.FindEmptyTeam, chat.FindEmptySet}

// examination is one look at the facts.
type examination struct {
	facts  *facts
	active []*user
	answer chat.HealthCheckAnswer
}

// find notes something about users, unless there are none.
func (x *examination) find(kind chat.FindingKind, ids []chat.UserID) {
	if len(ids) > 0 {
		x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: kind, Count: len(ids), UserIDs: ids[:min(len(ids), maxListed)]})
	}
}

// administrators looks for those who may change the rules.
func (x *examination) administrators(now chat.Millis) {
	var ids []chat.UserID
	for _, u := range x.active {
		if x.facts.may(chat.ActConfigure, u, nil, now).Allowed {
			ids = append(ids, u.id())
		}
	}
	switch len(ids) {
	case 0:
		x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: chat.FindNoAdministrator})
	case 1:
		x.find(chat.FindOneAdministrator, ids)
	}
}

// reach looks at who may write to whom.
func (x *examination) reach(ctx context.Context) error {
	if !x.facts.organisation.Messaging {
		x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: chat.FindMessagingOff})
		return nil
	}
	people := make([]*policy.Person, len(x.active))
	for i, u := range x.active {
		people[i] = u.person
	}
	h, err := policy.Examine(ctx, &x.facts.organisation.Organisation, people)
	if err != nil {
		return err
	}
	x.find(chat.FindUnsupervised, h.Unsupervised)
	x.find(chat.FindUnreached, h.Unreached)
	for _, island := range h.Islands {
		if len(island) > 1 { // one alone is unreached
			x.find(chat.FindIsland, island)
		}
	}
	return nil
}

// starts looks for Starts that are on for nobody: their users left, or their teams are empty.
func (x *examination) starts() {
	inTeam, ofRole := map[string]bool{}, map[string]bool{}
	for _, u := range x.active {
		ofRole[string(u.row.User.Role)] = true
		for _, t := range u.row.User.TeamIDs {
			inTeam[string(t)] = true
		}
	}
	alive := map[chat.StartScope]func(string) bool{
		chat.StartUsers: func(id string) bool { u := x.facts.user(chat.UserID(id)); return u != nil && u.person.Active },
		chat.StartTeams: func(id string) bool { return inTeam[id] },
		chat.StartRoles: func(role string) bool { return ofRole[role] },
	}
	var ids []chat.UserID
	for _, u := range x.active {
		s := u.person.Settings
		if is := alive[s.Scope]; s.Start && is != nil && !slices.ContainsFunc(s.Targets, is) {
			ids = append(ids, u.id())
		}
	}
	x.find(chat.FindStartNobody, ids)
}

// teams looks for teams without members.
func (x *examination) teams() {
	used := map[chat.TeamID]bool{}
	for _, u := range x.active {
		for _, t := range u.row.User.TeamIDs {
			used[t] = true
		}
	}
	for _, t := range x.facts.teamsSeen(nil) {
		if !used[t.ID] {
			x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: chat.FindEmptyTeam, TeamID: t.ID})
		}
	}
}

// sets looks for permission sets that grant nothing, and for those that give their holder nothing for want of a license.
func (x *examination) sets() {
	var ids []chat.UserID
	for _, u := range x.active {
		all := x.facts.setsOf(&u.row)
		if slices.ContainsFunc(all, func(s *chat.PermissionSet) bool { return policy.RightsOf(s).NeedLicense() }) && !u.person.Rights().Licensed() {
			ids = append(ids, u.id())
		}
	}
	x.find(chat.FindUnlicensed, ids)
	var empty []chat.PermissionSet
	for _, s := range x.facts.sets.all() {
		if policy.RightsOf(&s.PermissionSet) == 0 {
			empty = append(empty, s.PermissionSet)
		}
	}
	slices.SortFunc(empty, func(a, b chat.PermissionSet) int { return compare(a.Label, b.Label) })
	for _, s := range empty {
		x.answer.Findings = append(x.answer.Findings, chat.Finding{Kind: chat.FindEmptySet, SetID: s.ID, Name: s.Label})
	}
}
