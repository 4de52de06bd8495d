package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

// eachKit calls do with the small world of licenses and sets until it returns false.
func eachKit(do func(scene) bool) {
	var grants []chat.PermissionSet
	for _, p := range wholeSet.Permissions {
		grants = append(grants, chat.PermissionSet{Permissions: []chat.Permission{p}, Sessions: chat.AccessNone, Contacts: chat.AccessNone})
	}
	for _, access := range chat.ObjectAccesses { // the first grants nothing at all
		grants = append(grants, chat.PermissionSet{Sessions: access, Contacts: chat.AccessNone}, chat.PermissionSet{Sessions: chat.AccessNone, Contacts: access})
	}
	grants = append(grants, *wholeSet)
	channels := chat.PermissionSet{Permissions: slices.Clone(chat.AdminPermissions)} // with the five, and with four of them
	grants = append(grants, channels, chat.PermissionSet{Permissions: append(slices.Clone(chat.AdminPermissions), chat.PermissionConfigureMessaging)})
	for _, role := range chat.Roles {
		for _, edition := range chat.Editions {
			for _, license := range []chat.License{"", user, unlimited} {
				for _, tied := range []chat.License{"", user, unlimited} {
					for _, set := range grants {
						set.License = tied
						actor := policy.NewPerson(ana, role, "north", nil, true, chat.DefaultSettings(role))
						for _, relation := range []policy.Relation{policy.RelationForeign, policy.RelationShared, policy.RelationOwn} {
							f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: actor, Relation: relation}
							if !do(newScene(f, kit{edition, license, []*chat.PermissionSet{&set}}, kit{}, kit{})) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// eachGift calls do with the small world of administration until it returns false: who acts, with which sets, on whom, giving what.
func eachGift(do func(scene) bool) {
	free := func(license chat.License, permissions ...chat.Permission) kit {
		return kit{edition: chat.EditionStandard, license: license, sets: []*chat.PermissionSet{set(permissions...)}}
	}
	four := []chat.Permission{chat.PermissionManageUsers, chat.PermissionManageInternalUsers, chat.PermissionManagePermissionSets, chat.PermissionAssignPermissionSets}
	few := &chat.PermissionSet{Statuses: []chat.WorkState{chat.WorkAvailable}}
	withData := append(slices.Clone(four), chat.PermissionModifyAllData)
	actors := []kit{{}, free("", four...), free(user, four...), free("", withData...), free(user, wholeSet.Permissions...),
		{edition: chat.EditionStandard, sets: []*chat.PermissionSet{set(four...), few}}}
	others := []kit{{}, free(""), free(user), free("", chat.PermissionModifyAllData)}
	gifts := []kit{{}, free(user), free("", chat.PermissionModifyAllData), {sets: []*chat.PermissionSet{few}}}
	words := []policy.Gift{{}, {Group: true}, {Makes: true}, {Watch: true}}
	for _, role := range chat.Roles {
		words = append(words, policy.Gift{Role: role})
	}
	for _, role := range chat.Roles {
		for _, actor := range actors {
			for _, other := range concerned() {
				for _, has := range others {
					for _, gift := range gifts {
						for _, word := range words {
							f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: policy.NewPerson(ana, role, "north", nil, true, chat.DefaultSettings(role)),
								Other: other, Gift: word}
							if !do(newScene(f, actor, has, gift)) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// concerned are nobody, one of each role, and an agent behind the wall.
func concerned() []*policy.Person {
	all := []*policy.Person{nil, policy.NewPerson(eva, chat.RoleAgent, "south", nil, true, chat.DefaultSettings(chat.RoleAgent))}
	for _, role := range chat.Roles {
		all = append(all, policy.NewPerson(ben, role, "north", nil, true, chat.DefaultSettings(role)))
	}
	return all
}

// TestAgree_mutantsAreFound lets May overlook something, one thing at a time: the table must find it, and Cedar too. A comparison
// that finds none of this would find nothing.
func TestAgree_mutantsAreFound(t *testing.T) {
	reequip := func(edit func(k *kit)) func(scene) policy.Facts {
		return func(s scene) policy.Facts {
			actor := s.actor
			actor.sets = slices.Clone(actor.sets)
			edit(&actor)
			s.Actor = s.Actor.With(policy.Holding(actor.edition, actor.license, actor.sets))
			return s.Facts
		}
	}
	facts := func(edit func(f *policy.Facts)) func(scene) policy.Facts {
		return func(s scene) policy.Facts {
			edit(&s.Facts)
			return s.Facts
		}
	}
	bySets := append(slices.Clone(administrative), onCustomers...)
	mutants := map[string]struct {
		of    []chat.Act
		blind func(scene) policy.Facts
	}{
		"the license (SET-4)": {bySets, reequip(func(k *kit) { k.license = licenseOf[k.edition] })},
		"which license the edition counts": {bySets, reequip(func(k *kit) {
			k.edition = map[chat.License]chat.Edition{user: chat.EditionStandard, unlimited: chat.EditionContactCenter}[k.license]
		})},
		"that a set is tied to a license (SET-9)":  {bySets, reequip(func(k *kit) { k.sets = untied(k.sets) })},
		"all sets but the first (SET-24)":          {bySets, reequip(func(k *kit) { k.sets = k.sets[:min(1, len(k.sets))] })},
		"whom administration concerns (SET-23)":    {administrative, facts(func(f *policy.Facts) { f.Other = nil })},
		"the rights that it gives (SET-23)":        {administrative, facts(func(f *policy.Facts) { f.Gift.Rights = 0 })},
		"the role that it gives":                   {administrative, facts(func(f *policy.Facts) { f.Gift.Role = "" })},
		"that it moves somebody (EXP-20)":          {administrative, facts(func(f *policy.Facts) { f.Gift.Group = false })},
		"that it makes a group or a team":          {administrative, facts(func(f *policy.Facts) { f.Gift.Makes = false })},
		"that one would watch more by it (EXP-17)": {administrative, facts(func(f *policy.Facts) { f.Gift.Watch = false })},
		"the wall before administration":           {administrative, facts(withoutWall)},
		"whose messaging session it is (SET-11)":   {onCustomers, facts(func(f *policy.Facts) { f.Relation = policy.RelationOwn })},
		"the wall (EXP-20)":                        {betweenUsers, facts(withoutWall)},
		"that messaging is off (IM-2)":             {betweenUsers, facts(func(f *policy.Facts) { f.Organisation = inMode(f, true, f.Organisation.Mode) })},
		"the mode (IM-3, IM-4)": {betweenUsers, facts(func(f *policy.Facts) {
			f.Organisation = inMode(f, f.Organisation.Messaging, chat.ModeEveryone)
		})},
		"who takes part":                 {betweenUsers, facts(func(f *policy.Facts) { f.Participant = true })},
		"that a room is public (EXP-18)": {ofRooms, facts(func(f *policy.Facts) { f.Public = true })},
		"who owns a room":                {ofRooms, facts(func(f *policy.Facts) { f.Owner = true })},
		"what owners keep to themselves": {ofRooms, facts(func(f *policy.Facts) { f.OwnersOnly = false })},
		"that the reply window has closed (SPEC 1.1)": {betweenUsers, facts(func(f *policy.Facts) {
			if f.OtherWroteAt > 0 {
				f.OtherWroteAt = f.Now
			}
		})},
		"which of reading and following is allowed": {betweenUsers, facts(func(f *policy.Facts) {
			swapped := policy.Monitoring{}
			for group, w := range f.Watched.Monitoring {
				swapped[group] = policy.Watchers{Transcripts: w.Live, Live: w.Transcripts}
			}
			f.Watched.Monitoring = swapped
		})},
	}
	world := newCedarWorld(t)
	for name, mutant := range mutants {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			byTheTable, byCedar := false, false
			for range 40_000 {
				act := pick(r, mutant.of...)
				s := randomScene(r, act)
				d := policy.May(act, mutant.blind(s))
				byTheTable = byTheTable || inWords(d) != byTable(act, s)
				if byTheTable && !byCedar {
					byCedar = !world.may(t, act, s).says(d)
				}
				if byTheTable && byCedar {
					return
				}
			}
			t.Errorf("May overlooks %s: found by the table: %t, by Cedar: %t", name, byTheTable, byCedar)
		})
	}
}

func untied(sets []*chat.PermissionSet) []*chat.PermissionSet {
	free := make([]*chat.PermissionSet, len(sets))
	for i, s := range sets {
		one := *s
		one.License = ""
		free[i] = &one
	}
	return free
}

// withoutWall puts both sides into one group.
func withoutWall(f *policy.Facts) {
	join := func(p *policy.Person) *policy.Person {
		return policy.NewPerson(p.ID, p.Role, "north", p.TeamIDs, p.Active, p.Settings).With(p.Rights())
	}
	f.Actor = join(f.Actor)
	if f.Other != nil {
		f.Other = join(f.Other)
	}
}

func inMode(f *policy.Facts, messaging bool, mode chat.MessagingMode) *chat.Organisation {
	return &chat.Organisation{Messaging: messaging, Mode: mode, ReplyWindowMs: f.Organisation.ReplyWindowMs}
}
