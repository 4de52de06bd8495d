package policy

import (
	"context"

	"parley/backend/chat"
)

// Idle is somebody whom the Start of Actor names since a change, and who may not be written to first all the same.
type Idle struct {
	Actor, Other chat.UserID
	Gate         chat.Gate
	Rule         chat.Rule
}

// IdleTargets returns whom those who changed name in their Start from then on, one by one or by a team, without effect: because a wall, or
// the switch or its mode, refuses what Start would allow. Of them it lists at most most, in the order of users, and counts all. Whoever is
// deactivated is left out. It gives up with ctx's error when ctx ends.
func IdleTargets(ctx context.Context, org *chat.Organisation, users []Moved, most int) (idle []Idle, count int, err error) {
	for _, m := range users {
		if m.Before == m.After || m.After == nil || !m.After.Active || !m.After.names() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		for _, o := range users {
			if o.After == nil || !o.After.Active || o.After.ID == m.After.ID || !m.After.covers(o.After) || m.named(o.After) {
				continue
			}
			d := May(chat.ActStart, Facts{Organisation: org, Actor: m.After, Other: o.After, Participant: true, Now: 1})
			if d.Allowed {
				continue
			}
			if count++; count <= most {
				idle = append(idle, Idle{m.After.ID, o.After.ID, d.Gate, d.Rule})
			}
		}
	}
	return idle, count, nil
}

// names tells whether the person's Start names people, one by one or by a team, rather than all or a role.
func (p *Person) names() bool {
	return p.Settings.Start && (p.users != nil || p.teams != nil)
}

// named tells whether the Start of before named the other one already.
func (m *Moved) named(o *Person) bool {
	return m.Before != nil && m.Before.names() && m.Before.covers(o)
}
