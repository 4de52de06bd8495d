package policy

import (
	"cmp"
	"context"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"parley/backend/chat"
)

// Moved is a user before and after a change. Whoever did not change has the same pointer twice; Before is nil for somebody
// new.
type Moved struct{ Before, After *Person }

func (m *Moved) id() chat.UserID {
	if m.After != nil {
		return m.After.ID
	}
	return m.Before.ID
}

// Reach is how far a user's right to write to another goes; a greater one contains the smaller.
type Reach uint8

// The reaches, as chat.ReachNone and so on.
const (
	ReachNone Reach = iota
	ReachReply
	ReachStart
)

// Word returns the reach as clients are told it.
func (r Reach) Word() chat.Reach {
	return [...]chat.Reach{chat.ReachNone, chat.ReachReply, chat.ReachStart}[r]
}

// ReachOf returns how far a's right to write to o goes, whoever wrote when: to start, else to answer what o has just written.
// A person who is nil reaches nobody and is reached by nobody.
func ReachOf(org *chat.Organisation, a, o *Person) Reach {
	if a == nil || o == nil {
		return ReachNone
	}
	f := Facts{Organisation: org, Actor: a, Other: o, Participant: true, Now: 1}
	if May(chat.ActStart, f).Allowed {
		return ReachStart
	}
	f.OtherWroteAt = f.Now
	if May(chat.ActPost, f).Allowed {
		return ReachReply
	}
	return ReachNone
}

// Pair is one in whom the right to write has changed.
type Pair struct {
	Actor, Other  chat.UserID
	Before, After Reach
}

// Difference is what a change does to the matrix of who may write to whom (WHY-2).
type Difference struct {
	// Gained and Lost count the ordered pairs whose reach grew and shrank.
	Gained, Lost int64
	// Growth is by how many steps the reach of those grew that gained: two from none to start.
	Growth int64
	// GainedPairs and LostPairs are the first of them, as many as were asked for.
	GainedPairs, LostPairs []Pair
	// Roles counts the same pairs by the roles they have after the change, in the order of chat.Roles.
	Roles []RoleMove
	// Stranded are active agents who may write to no supervisor any more, not even to answer.
	Stranded []chat.UserID
}

// RoleMove is a part of a Difference: the pairs of an actor and another of these roles.
type RoleMove struct {
	Actor, Other chat.Role
	Gained, Lost int64
}

// move counts n pairs that are alike.
func (d *Difference) move(a, o *Moved, before, after Reach, n int64) {
	m := RoleMove{Actor: a.role(), Other: o.role()}
	i := slices.IndexFunc(d.Roles, func(r RoleMove) bool { return r.Actor == m.Actor && r.Other == m.Other })
	if i < 0 {
		i = len(d.Roles)
		d.Roles = append(d.Roles, m)
	}
	if after > before {
		d.Gained, d.Growth = d.Gained+n, d.Growth+n*int64(after-before)
		d.Roles[i].Gained += n
	} else {
		d.Lost += n
		d.Roles[i].Lost += n
	}
}

// role returns the role after the change, or the last one.
func (m *Moved) role() chat.Role {
	if m.After != nil {
		return m.After.Role
	}
	return m.Before.Role
}

// finish puts the lists that are not in the order of users into their order.
func (d *Difference) finish() {
	slices.Sort(d.Stranded)
	slices.SortFunc(d.Roles, func(a, b RoleMove) int {
		return cmp.Or(cmp.Compare(rankOf(a.Actor), rankOf(b.Actor)), cmp.Compare(rankOf(a.Other), rankOf(b.Other)))
	})
}

func (d *Difference) add(e *Difference, most int) {
	d.Gained, d.Lost, d.Growth = d.Gained+e.Gained, d.Lost+e.Lost, d.Growth+e.Growth
	d.GainedPairs = append(d.GainedPairs, e.GainedPairs[:min(len(e.GainedPairs), most-len(d.GainedPairs))]...)
	d.LostPairs = append(d.LostPairs, e.LostPairs[:min(len(e.LostPairs), most-len(d.LostPairs))]...)
	d.Stranded = append(d.Stranded, e.Stranded...)
	for _, r := range e.Roles {
		i := slices.IndexFunc(d.Roles, func(s RoleMove) bool { return s.Actor == r.Actor && s.Other == r.Other })
		if i < 0 {
			d.Roles = append(d.Roles, r)
			continue
		}
		d.Roles[i].Gained, d.Roles[i].Lost = d.Roles[i].Gained+r.Gained, d.Roles[i].Lost+r.Lost
	}
}

// Compare returns the difference a change makes among users, listing at most most pairs each way. The order of users is that
// of the pairs. It gives up with ctx's error when ctx ends.
//
// Where much changes, not every pair is decided: users whom the policy cannot tell apart are one class, and May is asked once for two classes. A
// list of single users splits a class in those it names and the others. Only what the change touched is asked about.
func Compare(ctx context.Context, before, after *chat.Organisation, users []Moved, most int) (Difference, error) {
	differs := !reflect.DeepEqual(before, after)
	if moved := changedOf(users); !differs && len(moved) <= fewChanges && !supervisorAmong(users, moved) {
		return compareFew(ctx, before, users, moved, most)
	}
	c := newCompared(before, after, users)
	parts := make([]Difference, min(runtime.GOMAXPROCS(0), max(1, len(c.actors))))
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			for _, a := range c.actors[i*len(c.actors)/len(parts) : (i+1)*len(c.actors)/len(parts)] {
				if ctx.Err() != nil {
					return
				}
				c.eachBlock(a, func(b *block) {
					if b.before != b.after {
						c.count(&parts[i], b, most)
					}
				}, func(t *class) bool { return !differs && !a.changed && !t.changed })
				c.strand(&parts[i], a)
			}
		})
	}
	all.Wait()
	var d Difference
	for i := range parts {
		d.add(&parts[i], most)
	}
	d.finish()
	return d, ctx.Err()
}

// strand adds a's members if they are agents who lose their last supervisor.
func (c *compared) strand(d *Difference, a *class) {
	first := &c.users[a.members[0]]
	if !first.strandable() {
		return
	}
	was, is := false, false
	c.eachBlock(a, func(b *block) {
		t := &c.users[b.targets[0]]
		was = was || b.before != ReachNone && t.Before.supervises()
		is = is || b.after != ReachNone && t.After.supervises()
	}, func(t *class) bool {
		t0 := &c.users[t.members[0]]
		return !t0.Before.supervises() && !t0.After.supervises()
	})
	if was && !is {
		for _, i := range a.members {
			d.Stranded = append(d.Stranded, c.users[i].id())
		}
	}
}

func (p *Person) supervises() bool { return p != nil && p.rank == rankSupervisor && p.Active }

// strandable tells whether the user is an agent who could lose supervisors: before and after the change active.
func (m *Moved) strandable() bool {
	return m.Before != nil && m.Before.Active && m.After != nil && m.After.Active && m.After.rank == rankAgent
}

// supervisorAmong tells whether one of those who changed supervises, before or afterwards: agents may lose them.
func supervisorAmong(users []Moved, moved []int) bool {
	return slices.ContainsFunc(moved, func(i int) bool { return users[i].Before.supervises() || users[i].After.supervises() })
}

// fewChanges is for how many users at most each of their pairs is asked about: that is cheaper than to sort everybody into
// classes.
const fewChanges = 4

// changedOf returns the places of the users who changed.
func changedOf(users []Moved) []int {
	var moved []int
	for i := range users {
		if users[i].Before != users[i].After {
			moved = append(moved, i)
		}
	}
	return moved
}

// compareFew is Compare for few users who changed, without a change of the organisation.
func compareFew(ctx context.Context, org *chat.Organisation, users []Moved, moved []int, most int) (Difference, error) {
	var d Difference
	ask := func(i, j int) {
		a, o := &users[i], &users[j]
		p := Pair{Actor: a.id(), Other: o.id(), Before: ReachOf(org, a.Before, o.Before), After: ReachOf(org, a.After, o.After)}
		if p.After == p.Before {
			return
		}
		d.move(a, o, p.Before, p.After, 1)
		pairs := &d.GainedPairs
		if p.After < p.Before {
			pairs = &d.LostPairs
		}
		if len(*pairs) < most {
			*pairs = append(*pairs, p)
		}
	}
	for _, i := range moved {
		if ctx.Err() != nil {
			return d, ctx.Err()
		}
		for j := range users {
			if i == j {
				continue
			}
			ask(i, j)
			if users[j].Before == users[j].After { // else asked from j's side
				ask(j, i)
			}
		}
		if strandedAlone(org, users, i) {
			d.Stranded = append(d.Stranded, users[i].id())
		}
	}
	d.finish()
	return d, ctx.Err()
}

// strandedAlone tells whether the user at i is an agent who lost the last supervisor, while no supervisor changed.
func strandedAlone(org *chat.Organisation, users []Moved, i int) bool {
	m := &users[i]
	if !m.strandable() {
		return false
	}
	was := false
	for _, s := range users {
		if s.After.supervises() {
			if ReachOf(org, m.After, s.After) != ReachNone {
				return false
			}
			was = was || ReachOf(org, m.Before, s.Before) != ReachNone
		}
	}
	return was
}

// class is users whom the policy cannot tell apart, as actors or as targets.
type class struct {
	changed bool
	// members are places in compared.users.
	members []int
}

// compared is users before and after a change, sorted into classes.
type compared struct {
	before, after   *chat.Organisation
	users           []Moved
	at              map[chat.UserID]int
	actors, targets []*class
	targetOf        []*class // by place in users
}

func newCompared(before, after *chat.Organisation, users []Moved) *compared {
	c := &compared{before: before, after: after, users: users, at: make(map[chat.UserID]int, len(users)), targetOf: make([]*class, len(users))}
	teams := map[chat.TeamID]bool{}
	for i := range users {
		c.at[users[i].id()] = i
		for _, p := range [...]*Person{users[i].Before, users[i].After} {
			if p != nil {
				for t := range p.teams {
					teams[t] = true
				}
			}
		}
	}
	actors, targets := map[[2]string]*class{}, map[[2]string]*class{}
	into := func(classes map[[2]string]*class, all *[]*class, key [2]string, i int) *class {
		k := classes[key]
		if k == nil {
			k = &class{changed: key[0] != key[1]}
			classes[key] = k
			*all = append(*all, k)
		}
		k.members = append(k.members, i)
		return k
	}
	for i := range users {
		was, is := users[i].Before, users[i].After
		actor, target := [2]string{was.actorClass()}, [2]string{was.targetClass(teams)}
		if actor[1], target[1] = actor[0], target[0]; was != is {
			actor[1], target[1] = is.actorClass(), is.targetClass(teams)
		}
		into(actors, &c.actors, actor, i)
		c.targetOf[i] = into(targets, &c.targets, target, i)
	}
	return c
}

// block is a class of actors with targets towards all of whom each of them has the same rights.
type block struct {
	actors        *class
	targets       []int
	before, after Reach
}

// eachBlock asks for the rights of a's members towards everybody; skip leaves out classes of targets.
func (c *compared) eachBlock(a *class, visit func(*block), skip func(*class) bool) {
	named := c.named(a)
	for _, t := range c.targets {
		if skip(t) {
			continue
		}
		parts := [4][]int{t.members}
		if some := named[t]; some != nil {
			parts[0] = nil
			for _, i := range t.members {
				parts[some[i]] = append(parts[some[i]], i)
			}
		}
		for _, part := range parts {
			if i, j, ok := representatives(a.members, part); ok {
				visit(&block{a, part, ReachOf(c.before, c.users[i].Before, c.users[j].Before), ReachOf(c.after, c.users[i].After, c.users[j].After)})
			}
		}
	}
}

// named returns the users whom the Start of a's members lists one by one, by their class: 1 before the change, 2 after it,
// 3 both times.
func (c *compared) named(a *class) map[*class]map[int]int {
	first := &c.users[a.members[0]]
	var named map[*class]map[int]int
	for bit, p := range [...]*Person{first.Before, first.After} {
		if p == nil {
			continue
		}
		for id := range p.users {
			i, ok := c.at[id]
			if !ok {
				continue
			}
			if named == nil {
				named = map[*class]map[int]int{}
			}
			t := c.targetOf[i]
			if named[t] == nil {
				named[t] = map[int]int{}
			}
			named[t][i] |= 1 << bit
		}
	}
	return named
}

// representatives returns one of each who are not the same user, false if there are none.
func representatives(actors, targets []int) (int, int, bool) {
	for _, j := range targets[:min(2, len(targets))] {
		for _, i := range actors[:min(2, len(actors))] {
			if i != j {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// count adds the pairs of a block to d. Both lists are in ascending order.
func (c *compared) count(d *Difference, b *block, most int) {
	n := int64(len(b.actors.members)) * int64(len(b.targets))
	for _, i := range b.actors.members {
		if _, self := slices.BinarySearch(b.targets, i); self {
			n--
		}
	}
	d.move(&c.users[b.actors.members[0]], &c.users[b.targets[0]], b.before, b.after, n)
	pairs := &d.GainedPairs
	if b.after < b.before {
		pairs = &d.LostPairs
	}
	for _, i := range b.actors.members {
		for _, j := range b.targets {
			if len(*pairs) >= most {
				return
			}
			if i != j {
				*pairs = append(*pairs, Pair{c.users[i].id(), c.users[j].id(), b.before, b.after})
			}
		}
	}
}
