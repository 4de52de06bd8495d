package policy

import (
	"cmp"
	"context"
	"slices"

	"parley/backend/chat"
)

// Health is what is odd in who may write to whom (WHY-4). All lists are in the order in which the people were given.
type Health struct {
	// Islands are those from whom no chain of conversations leads to the rest, since nobody may start one: without the
	// largest part, the larger first. Empty if all hang together.
	Islands [][]chat.UserID
	// Unreached are those whom nobody may write to first.
	Unreached []chat.UserID
	// Unsupervised are agents who may write to no supervisor, not even to answer.
	Unsupervised []chat.UserID
}

// Examine looks at people who are active. It gives up with ctx's error when ctx ends.
func Examine(ctx context.Context, org *chat.Organisation, people []*Person) (Health, error) {
	users := make([]Moved, len(people))
	for i, p := range people {
		users[i] = Moved{p, p}
	}
	c := newCompared(org, org, users)
	reached, supervised, parts := make([]bool, len(people)), make([]bool, len(people)), newParts(len(people))
	for _, a := range c.actors {
		if err := ctx.Err(); err != nil {
			return Health{}, err
		}
		c.eachBlock(a, func(b *block) {
			if b.after >= ReachReply && people[b.targets[0]].rank == rankSupervisor {
				for _, i := range b.actors.members {
					supervised[i] = true
				}
			}
			if b.after != ReachStart {
				return
			}
			i, j, _ := representatives(b.actors.members, b.targets)
			for _, k := range b.targets {
				reached[k] = reached[k] || k != i || len(b.actors.members) > 1
				if k != i {
					parts.join(i, k)
				}
			}
			for _, k := range b.actors.members {
				if k != j {
					parts.join(k, j)
				}
			}
		}, func(*class) bool { return false })
	}
	h := Health{Islands: parts.islands(people)}
	for i, p := range people {
		if !reached[i] {
			h.Unreached = append(h.Unreached, p.ID)
		}
		if !supervised[i] && p.rank == rankAgent {
			h.Unsupervised = append(h.Unsupervised, p.ID)
		}
	}
	return h, nil
}

// parts are sets of places that grow together: each place's parent, itself at the root.
type parts []int

func newParts(n int) parts {
	p := make(parts, n)
	for i := range p {
		p[i] = i
	}
	return p
}

func (p parts) root(i int) int {
	for p[i] != i {
		p[i] = p[p[i]]
		i = p[i]
	}
	return i
}

func (p parts) join(i, j int) { p[p.root(i)] = p.root(j) }

// islands returns all parts but the largest, the larger first.
func (p parts) islands(people []*Person) [][]chat.UserID {
	var all [][]chat.UserID
	at := map[int]int{}
	for i := range p {
		r := p.root(i)
		if _, ok := at[r]; !ok {
			at[r] = len(all)
			all = append(all, nil)
		}
		all[at[r]] = append(all[at[r]], people[i].ID)
	}
	slices.SortStableFunc(all, func(a, b []chat.UserID) int { return cmp.Compare(len(b), len(a)) })
	if len(all) < 2 {
		return nil
	}
	return all[1:]
}
