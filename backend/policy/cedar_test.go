package policy_test

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"parley/backend/chat"
	"parley/backend/policy"
)

//go:embed testdata/policies.cedar
var cedarText []byte

// cedarWorld decides by the policies in testdata/policies.cedar.
type cedarWorld struct{ policies *cedar.PolicySet }

func newCedarWorld(t testing.TB) cedarWorld {
	t.Helper()
	set, err := cedar.NewPolicySetFromBytes("policies.cedar", cedarText)
	if err != nil {
		t.Fatalf("the Cedar policies are not understood: %v", err)
	}
	return cedarWorld{set}
}

// cedarVerdict is Cedar's answer: with allowed no rules; else those of the first gate that refuses.
type cedarVerdict struct {
	allowed bool
	rules   []chat.Rule
}

// says tells whether the verdict is the decision's: the same gate, and a rule that Cedar gives for it, too.
func (v cedarVerdict) says(d policy.Decision) bool {
	return v.allowed == d.Allowed && (d.Allowed || slices.Contains(v.rules, d.Rule) && gateOf(d.Rule) == d.Gate)
}

// gateOf returns the gate of which a rule is: the first word of its name.
func gateOf(rule chat.Rule) chat.Gate {
	gate, _, _ := strings.Cut(string(rule), ".")
	return chat.Gate(gate)
}

func (w cedarWorld) may(t testing.TB, act chat.Act, f scene) cedarVerdict {
	t.Helper()
	request, entities := cedarRequest(act, f)
	decision, diagnostic := cedar.Authorize(w.policies, entities, request)
	if len(diagnostic.Errors) > 0 {
		t.Fatalf("Cedar fails at %s of %+v: %v", act, f, diagnostic.Errors)
	}
	if decision == types.Allow {
		return cedarVerdict{allowed: true}
	}
	if len(diagnostic.Reasons) == 0 { // default deny
		return cedarVerdict{rules: []chat.Rule{chat.RuleNoGrant}}
	}
	first := len(chat.Gates)
	var v cedarVerdict
	for _, r := range diagnostic.Reasons {
		rule := chat.Rule(w.policies.Get(r.PolicyID).Annotations()["rule"])
		switch i := slices.Index(chat.Gates, gateOf(rule)); {
		case i < 0:
			t.Fatalf("a policy forbids by %q, which is of no gate", rule)
		case i < first:
			first, v.rules = i, []chat.Rule{rule}
		case i == first:
			v.rules = append(v.rules, rule)
		}
	}
	return v
}

// cedarRequest puts a question into Cedar's words.
func cedarRequest(act chat.Act, f scene) (cedar.Request, types.EntityMap) {
	actor := cedarUser(f.Actor, f.actor)
	entities := types.EntityMap{actor.UID: actor}
	resource := types.NewEntityUID("Nothing", "nothing")
	covered := false
	if f.Other != nil {
		other := cedarUser(f.Other, f.other)
		resource, entities[other.UID] = other.UID, other
		covered = cedarCovers(actor, other)
	} else if f.Room {
		resource = types.NewEntityUID("Room", "room")
	}
	answer := act != chat.ActStart && f.OtherWroteAt > 0 && f.OtherWroteAt+f.Organisation.ReplyWindowMs > f.Now
	return cedar.Request{
		Principal: actor.UID,
		Action:    types.NewEntityUID("Action", types.String(act)),
		Resource:  resource,
		Context: types.NewRecord(types.RecordMap{
			"messaging":      types.Boolean(f.Organisation.Messaging),
			"mode":           types.String(f.Organisation.Mode),
			"room":           types.Boolean(f.Room),
			"member":         types.Boolean(f.Participant),
			"public":         types.Boolean(f.Public),
			"owner":          types.Boolean(f.Owner),
			"ownersOnly":     types.Boolean(f.OwnersOnly),
			"answer":         types.Boolean(answer),
			"covered":        types.Boolean(covered),
			"strangers":      types.Boolean(f.Watched.Pair[0] != nil && f.Watched.Pair[1] != nil && f.Watched.Pair[0].ID != f.Actor.ID && f.Watched.Pair[1].ID != f.Actor.ID),
			"watchedA":       cedarWatchers(act, f.Facts, 0),
			"watchedB":       cedarWatchers(act, f.Facts, 1),
			"relation":       types.String([]string{"foreign", "shared", "own"}[f.Relation]),
			"giftRole":       types.String(f.Gift.Role),
			"giftGroup":      types.Boolean(f.Gift.Group),
			"giftMakes":      types.Boolean(f.Gift.Makes),
			"giftWatch":      types.Boolean(f.Gift.Watch),
			"gift":           cedarWords(f.gift.given()),
			"giftUnlicensed": cedarWords(without(f.gift.given(), "license")),
		}),
	}, entities
}

// cedarWatchers are those whom the rule of a participant's group names for the act: nobody unless it is an agent in a group.
func cedarWatchers(act chat.Act, f policy.Facts, i int) types.Set {
	var ids []types.Value
	if p := f.Watched.Pair[i]; p != nil && p.Role == chat.RoleAgent && p.GroupID != "" {
		rule := f.Watched.Monitoring[p.GroupID]
		named := map[chat.Act]map[chat.UserID]struct{}{chat.ActTranscript: rule.Transcripts, chat.ActMonitor: rule.Live}[act]
		for id := range named {
			ids = append(ids, types.NewEntityUID("User", types.String(id)))
		}
	}
	return types.NewSet(ids...)
}

func cedarUser(p *policy.Person, k kit) types.Entity {
	has := k.words(p.Role)
	return types.Entity{UID: types.NewEntityUID("User", types.String(p.ID)), Attributes: types.NewRecord(types.RecordMap{
		"role":    types.String(p.Role),
		"group":   types.String(p.GroupID),
		"active":  types.Boolean(p.Active),
		"replies": types.Boolean(p.Settings.Replies),
		"start":   types.Boolean(p.Settings.Start),
		"scope":   types.String(p.Settings.Scope),
		"targets": cedarSet(p.Settings.Targets),
		"teams":   cedarSet(p.TeamIDs),
		"rights":  cedarWords(has),
		// What somebody is mightier by than others: more statuses are no more might.
		"might":           cedarWords(without(has, "status.")),
		"mightUnlicensed": cedarWords(without(has, "status.", "license")),
	})}
}

func cedarWords(has map[string]bool) types.Set { return cedarSet(slices.Collect(maps.Keys(has))) }

func cedarSet[T ~string](words []T) types.Set {
	values := make([]types.Value, len(words))
	for i, w := range words {
		values[i] = types.String(w)
	}
	return types.NewSet(values...)
}

// cedarCovers asks which of the names that other goes by in the actor's kind of scope is among the targets.
func cedarCovers(actor, other types.Entity) bool {
	get := func(e types.Entity, name types.String) types.Value {
		v, ok := e.Attributes.Get(name)
		if !ok {
			panic(fmt.Sprintf("no attribute %s", name))
		}
		return v
	}
	targets := get(actor, "targets").(types.Set)
	switch scope := get(actor, "scope").(types.String); scope {
	case "everyone":
		return true
	case "users":
		return targets.Contains(other.UID.ID)
	case "roles":
		return targets.Contains(get(other, "role"))
	case "teams":
		for t := range get(other, "teams").(types.Set).All() {
			if targets.Contains(t) {
				return true
			}
		}
	}
	return false
}
