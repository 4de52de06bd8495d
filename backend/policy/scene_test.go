package policy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

// kit is what somebody was assigned, as the evaluators beside May read it: in words, by SPEC 1.2. What May reads are bits that were
// computed of it.
type kit struct {
	edition chat.Edition
	license chat.License
	sets    []*chat.PermissionSet
}

// licenseOf says which license counts in an edition (SET-4).
var licenseOf = map[chat.Edition]chat.License{chat.EditionStandard: user, chat.EditionContactCenter: unlimited}

// licensed tells whether the license is one that counts.
func (k kit) licensed() bool { return k.license != "" && k.license == licenseOf[k.edition] }

// words lists what somebody of the role has: "license", "may.manageUsers", "sessions.own", "contacts.edit", "status.break" and the
// like. An administrator has everything but a license; a set that is tied to a license counts for its holders (SET-9); several are
// a union (SET-24); who has no set that names statuses may choose all (SET-10).
func (k kit) words(role chat.Role) map[string]bool {
	has := map[string]bool{}
	for _, s := range k.sets {
		if s.License == "" || k.licensed() && s.License == k.license {
			addWords(has, s)
		}
	}
	if role == chat.RoleAdministrator {
		addWords(has, wholeSet)
	}
	if !slices.ContainsFunc(chat.WorkStates, func(s chat.WorkState) bool { return has["status."+string(s)] }) {
		addWords(has, &chat.PermissionSet{Statuses: chat.WorkStates})
	}
	if k.licensed() {
		has["license"] = true
	}
	return has
}

// given lists what assigning the kit's sets, and its license, would give: a set counts with all that it grants, whether or not a
// license wakes it.
func (k kit) given() map[string]bool {
	has := map[string]bool{}
	for _, s := range k.sets {
		addWords(has, s)
	}
	if k.licensed() {
		has["license"] = true
	}
	return has
}

// wholeSet grants all that a set can.
var wholeSet = &chat.PermissionSet{Permissions: slices.Concat(chat.AppPermissions, chat.AdminPermissions), Sessions: chat.AccessEdit,
	Contacts: chat.AccessEdit, Statuses: chat.WorkStates}

// steps are the accesses to objects that grant something; each contains those before it (SET-11).
var steps = []chat.ObjectAccess{chat.AccessOwn, chat.AccessShared, chat.AccessViewAll, chat.AccessEdit}

func addWords(has map[string]bool, s *chat.PermissionSet) {
	for _, p := range s.Permissions {
		has["may."+string(p)] = true
	}
	for _, state := range s.Statuses {
		has["status."+string(state)] = true
	}
	for object, access := range map[string]chat.ObjectAccess{"sessions.": s.Sessions, "contacts.": s.Contacts} {
		for _, step := range steps[:slices.Index(steps, access)+1] {
			has[object+string(step)] = true
		}
	}
}

// without returns the words but those that begin so.
func without(has map[string]bool, prefixes ...string) map[string]bool {
	rest := map[string]bool{}
	for w := range has {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(w, p) }) {
			rest[w] = true
		}
	}
	return rest
}

// contains tells whether has holds all the words.
func contains(has, words map[string]bool) bool {
	for w := range words {
		if !has[w] {
			return false
		}
	}
	return true
}

// scene is a question as all evaluators read it.
type scene struct {
	policy.Facts
	actor, other, gift kit
}

// newScene equips the people of the facts.
func newScene(f policy.Facts, actor, other, gift kit) scene {
	if f.Other == f.Actor {
		other = actor
	}
	s := scene{f, actor, other, gift}
	s.Actor = s.Actor.With(policy.Holding(actor.edition, actor.license, actor.sets))
	if s.Other != nil {
		s.Other = s.Other.With(policy.Holding(other.edition, other.license, other.sets))
	}
	for _, set := range gift.sets {
		s.Gift.Rights |= policy.RightsOf(set)
	}
	s.Gift.Rights |= policy.Holding(gift.edition, gift.license, nil) &^ policy.Holding(gift.edition, "", nil)
	return s
}

// administrative and onCustomers are the acts of SPEC 1.2.
var (
	administrative = []chat.Act{chat.ActViewSetup, chat.ActManageUsers, chat.ActEditUsers, chat.ActManageSets, chat.ActAssignSets,
		chat.ActConfigureMessaging, chat.ActConfigureChannels}
	onCustomers = []chat.Act{chat.ActEngage, chat.ActSupervise, chat.ActInitiate, chat.ActInitialSMS, chat.ActReadEntries, chat.ActRunFlow,
		chat.ActUseMobile, chat.ActSeeSession, chat.ActEditSession, chat.ActSeeContact, chat.ActEditContact}
)

func randomKit(r *rand.Rand, edition chat.Edition) kit {
	k := kit{edition: edition, license: pick(r, "", licenseOf[edition], licenseOf[edition], user, unlimited)}
	for range r.IntN(4) {
		k.sets = append(k.sets, randomSet(r))
	}
	return k
}

func randomSet(r *rand.Rand) *chat.PermissionSet {
	s := &chat.PermissionSet{License: pick(r, "", "", user, unlimited), Sessions: pick(r, chat.ObjectAccesses...), Contacts: pick(r, chat.ObjectAccesses...)}
	for _, p := range wholeSet.Permissions {
		if r.IntN(4) == 0 {
			s.Permissions = append(s.Permissions, p)
		}
	}
	for _, state := range chat.WorkStates {
		if r.IntN(6) == 0 {
			s.Statuses = append(s.Statuses, state)
		}
	}
	return s
}

// randomScene is a question about the act. Acts on customers concern no user and give nothing.
func randomScene(r *rand.Rand, act chat.Act) scene {
	f := randomFacts(r)
	edition := pick(r, chat.Editions...)
	actor, other, gift := randomKit(r, edition), randomKit(r, edition), kit{edition: edition}
	switch {
	case slices.Contains(onCustomers, act):
		f.Other = nil
		f.Relation = pick(r, policy.RelationForeign, policy.RelationShared, policy.RelationOwn)
	case slices.Contains(administrative, act):
		if r.IntN(2) == 0 { // mostly enough to ask for more
			actor.sets = append(actor.sets, wholeSet)
		}
		if r.IntN(3) == 0 {
			gift = randomKit(r, edition)
		}
		f.Gift = policy.Gift{Role: pick(r, append(chat.Roles, "", "", "")...), Group: r.IntN(5) == 0, Makes: r.IntN(8) == 0, Watch: r.IntN(8) == 0}
	}
	return newScene(f, actor, other, gift)
}

// TestActs_everyOneIsDecidedThreeTimes: an act that stands in chat's source and not in the list of this package's tests would be
// compared by nobody.
func TestActs_everyOneIsDecidedThreeTimes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../chat/command.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, typed := spec.Type.(*ast.Ident); typed && name.Name == "Act" {
			literal, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if found++; !slices.Contains(acts, chat.Act(literal)) {
				t.Errorf("%s is not among the acts that the evaluators are compared in: add it there, its row to the table and its policy to Cedar's", literal)
			}
		}
		return true
	})
	if found != len(acts) {
		t.Errorf("chat has %d acts, the tests %d", found, len(acts))
	}
	for _, act := range acts {
		if act != chat.ActConnect && !slices.ContainsFunc(verdictRows, func(r tableRow) bool { return slices.Contains(r.acts, string(act)) }) {
			t.Errorf("%s has no row in the decision table", act)
		}
		if !strings.Contains(string(cedarText), `Action::"`+string(act)+`"`) {
			t.Errorf("%s has no policy of Cedar's", act)
		}
	}
}
