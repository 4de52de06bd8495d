package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/policy"
)

// set returns a permission set with these permissions.
func set(permissions ...chat.Permission) *chat.PermissionSet {
	return &chat.PermissionSet{Permissions: permissions, Sessions: chat.AccessNone, Contacts: chat.AccessNone}
}

// holds returns the person with a license of the Standard edition, or none (""), and sets.
func holds(p *policy.Person, license chat.License, sets ...*chat.PermissionSet) *policy.Person {
	return p.With(policy.Holding(chat.EditionStandard, license, sets))
}

const user, unlimited = chat.LicenseMessagingUser, chat.LicenseMessagingUnlimited

// TestMay_grants goes through the rules of permission sets by their ids. Each refusal has a twin that differs in one thing and
// is allowed.
func TestMay_grants(t *testing.T) {
	alone := func(p *policy.Person) policy.Facts {
		return policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: p}
	}
	on := func(p, other *policy.Person) policy.Facts {
		f := alone(p)
		f.Other = other
		return f
	}
	gives := func(p *policy.Person, g policy.Gift) policy.Facts {
		f := alone(p)
		f.Gift = g
		return f
	}
	agent := set(chat.PermissionMessagingAgent)
	bound := set(chat.PermissionManageUsers)
	bound.License = user
	accounts, assign := set(chat.PermissionManageInternalUsers), set(chat.PermissionAssignPermissionSets)
	data := set(chat.PermissionModifyAllData)
	lunch := &chat.PermissionSet{Statuses: []chat.WorkState{chat.WorkBreak}}
	four := []chat.Permission{chat.PermissionCustomizeApplication, chat.PermissionManageAuthProviders, chat.PermissionViewSetup, chat.PermissionModifyAllData}
	tests := []struct {
		id      string
		act     chat.Act
		refused policy.Facts
		rule    chat.Rule
		twin    policy.Facts
	}{
		{"SET-4 agent", chat.ActEngage, alone(holds(person(ana), "", agent)), chat.RuleNoLicense, alone(holds(person(ana), user, agent))},
		{"SET-4 supervisor", chat.ActSupervise, alone(holds(person(sue), "")), chat.RuleNoLicense, alone(holds(person(sue), user))},
		{"SET-4 administrator", chat.ActEngage, alone(holds(person(ada), "")), chat.RuleNoLicense, alone(holds(person(ada), user))},
		{"SET-4 of another edition", chat.ActEngage, alone(holds(person(ana), unlimited, agent)), chat.RuleNoLicense, alone(holds(person(ana), user, agent))},
		{"agents do not supervise", chat.ActSupervise, alone(holds(person(ana), user)), chat.RuleNoGrant, alone(holds(person(sue), user))},
		{"SET-9 bound set", chat.ActManageUsers, alone(holds(person(ana), "", bound)), chat.RuleNoGrant, alone(holds(person(ana), user, bound))},
		{"SET-13", chat.ActEngage, alone(holds(person(ana), user)), chat.RuleNoGrant, alone(holds(person(ana), user, agent))},
		{"SET-14", chat.ActInitiate, alone(holds(person(ana), user, agent)), chat.RuleNoGrant, alone(holds(person(ana), user, set(chat.PermissionInitiateSessions)))},
		{"SET-15", chat.ActReadEntries, alone(holds(person(ana), user, agent)), chat.RuleNoGrant, alone(holds(person(ana), user, set(chat.PermissionAccessEntries)))},
		{"SET-16", chat.ActRunFlow, alone(holds(person(ana), user, agent)), chat.RuleNoGrant, alone(holds(person(ana), user, set(chat.PermissionRunFlows)))},
		{"SET-17", chat.ActUseMobile, alone(holds(person(ana), user, agent)), chat.RuleNoGrant, alone(holds(person(ana), user, set(chat.PermissionMessageOnMobile)))},
		{"SET-18", chat.ActInitialSMS, alone(holds(person(ana), user, agent)), chat.RuleNoGrant, alone(holds(person(ana), user, set(chat.PermissionSendInitialSMS)))},
		{"SET-20", chat.ActConfigureMessaging, alone(person(sue)), chat.RuleNoGrant, alone(holds(person(sue), "", set(chat.PermissionConfigureMessaging)))},
		{"SET-21", chat.ActConfigureChannels, alone(holds(person(sue), "", set(four...))), chat.RuleNoGrant,
			alone(holds(person(sue), "", set(four...), set(chat.PermissionConfigureMessaging)))},
		{"SET-3 view", chat.ActViewSetup, alone(person(sue)), chat.RuleNoGrant, alone(holds(person(sue), "", assign))},
		{"SET-3 licenses", chat.ActManageUsers, alone(holds(person(sue), "", accounts)), chat.RuleNoGrant, alone(holds(person(sue), "", set(chat.PermissionManageUsers)))},
		{"SET-3 accounts", chat.ActEditUsers, alone(holds(person(sue), "", assign)), chat.RuleNoGrant, alone(holds(person(sue), "", accounts))},
		{"SET-3 sets", chat.ActManageSets, alone(holds(person(sue), "", assign)), chat.RuleNoGrant, alone(holds(person(sue), "", set(chat.PermissionManagePermissionSets)))},
		{"SET-3 assigning", chat.ActAssignSets, alone(holds(person(sue), "", accounts)), chat.RuleNoGrant, alone(holds(person(sue), "", assign))},
		{"IM-7 stays the administrators'", chat.ActConfigure, alone(holds(person(sue), user, set(slices.Concat(chat.AppPermissions, chat.AdminPermissions)...))),
			chat.RuleNotAdministrator, alone(person(ada))},
		{"an administrator's account", chat.ActEditUsers, on(holds(person(sue), "", accounts), person(ada)), chat.RuleBeyondOwn, on(holds(person(sue), "", accounts), person(ana))},
		{"an account with a right one lacks", chat.ActEditUsers, on(holds(person(sue), "", accounts), holds(person(ana), "", data)), chat.RuleBeyondOwn,
			on(holds(person(sue), "", accounts, data), holds(person(ana), "", data))},
		{"an account of a higher role", chat.ActEditUsers, on(holds(person(max), "", accounts), person(sue)), chat.RuleBeyondOwn, on(holds(person(max), "", accounts), person(ana))},
		{"an account with a license", chat.ActEditUsers, on(holds(person(sue), "", accounts), holds(person(ana), user)), chat.RuleBeyondOwn,
			on(holds(person(sue), user, accounts), holds(person(ana), user))},
		{"more statuses are no more power", chat.ActEditUsers, on(holds(person(sue), "", accounts, lunch), holds(person(ana), "", data)), chat.RuleBeyondOwn,
			on(holds(person(sue), "", accounts, lunch), person(ana))},
		{"the wall stands", chat.ActEditUsers, on(holds(person(ana), "", accounts), person(eva)), chat.RuleWall, on(holds(person(ana), "", accounts), person(ben))},
		{"no administrators are made", chat.ActEditUsers, gives(holds(person(sue), "", accounts), policy.Gift{Role: chat.RoleAdministrator}), chat.RuleBeyondOwn,
			gives(holds(person(sue), "", accounts), policy.Gift{Role: chat.RoleSupervisor})},
		{"no superiors are made by experts", chat.ActEditUsers, gives(holds(person(max), "", accounts), policy.Gift{Role: chat.RoleSupervisor}), chat.RuleBeyondOwn,
			gives(holds(person(max), "", accounts), policy.Gift{Role: chat.RoleAgent})},
		{"agents move nobody through the wall", chat.ActEditUsers, gives(holds(person(ana), "", accounts), policy.Gift{Group: true}), chat.RuleBeyondOwn,
			gives(holds(person(sue), "", accounts), policy.Gift{Group: true})},
		{"nobody makes groups and teams by naming them", chat.ActEditUsers, gives(holds(person(sue), "", accounts), policy.Gift{Makes: true}), chat.RuleBeyondOwn,
			gives(person(ada), policy.Gift{Makes: true})},
		{"nobody brings others under their own eyes", chat.ActEditUsers, gives(holds(person(sue), "", accounts), policy.Gift{Group: true, Watch: true}), chat.RuleBeyondOwn,
			gives(holds(person(sue), "", accounts), policy.Gift{Group: true})},
		{"SET-23", chat.ActAssignSets, gives(holds(person(sue), "", assign), policy.Gift{Rights: policy.RightsOf(data)}), chat.RuleBeyondOwn,
			gives(holds(person(sue), "", assign, data), policy.Gift{Rights: policy.RightsOf(data)})},
		{"SET-23 administrators", chat.ActAssignSets, gives(holds(person(sue), "", assign), policy.Gift{Rights: policy.RightsOf(data)}), chat.RuleBeyondOwn,
			gives(person(ada), policy.Gift{Rights: policy.RightsOf(data)})},
		{"a license wakes a bound set", chat.ActManageUsers, gives(holds(person(sue), "", set(chat.PermissionManageUsers)), policy.Gift{Rights: policy.RightsOf(data)}), chat.RuleBeyondOwn,
			gives(holds(person(sue), "", set(chat.PermissionManageUsers)), policy.Gift{Rights: policy.Holding(chat.EditionStandard, user, nil)})},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			if d := policy.May(tt.act, tt.refused); d.Allowed || d.Rule != tt.rule {
				t.Errorf("refused: %+v, want %s", d, tt.rule)
			}
			if d := policy.May(tt.act, tt.twin); !d.Allowed {
				t.Errorf("twin: %+v", d)
			}
		})
	}
}

// TestMay_objects says who sees and edits a messaging session (SET-11), access by access. Messaging users (SET-12) are decided
// alike, by their own access.
func TestMay_objects(t *testing.T) {
	want := strings.Join([]string{
		"none: own -- shared -- foreign --",
		"own: own se shared -- foreign --",
		"teamOrQueue: own se shared s- foreign --",
		"viewAll: own se shared s- foreign s-",
		"edit: own se shared se foreign se",
	}, "\n")
	table := func(see, edit chat.Act, license chat.License, build func(chat.ObjectAccess) *chat.PermissionSet) string {
		var lines []string
		for _, access := range chat.ObjectAccesses {
			line := string(access) + ":"
			for i, relation := range []policy.Relation{policy.RelationOwn, policy.RelationShared, policy.RelationForeign} {
				f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: holds(person(ana), license, build(access)), Relation: relation}
				word := map[bool]string{true: "s", false: "-"}[policy.May(see, f).Allowed]
				d := policy.May(edit, f)
				if d.Err() == chat.ErrUnknown == policy.May(see, f).Allowed && !d.Allowed {
					t.Errorf("%s %d: what is seen, and that alone, is refused by name: %+v", access, relation, d)
				}
				line += fmt.Sprintf(" %s %s%s", []string{"own", "shared", "foreign"}[i], word, map[bool]string{true: "e", false: "-"}[d.Allowed])
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	sessions := func(a chat.ObjectAccess) *chat.PermissionSet {
		return &chat.PermissionSet{Sessions: a, Contacts: chat.AccessNone}
	}
	contacts := func(a chat.ObjectAccess) *chat.PermissionSet {
		return &chat.PermissionSet{Sessions: chat.AccessNone, Contacts: a}
	}
	if got := table(chat.ActSeeSession, chat.ActEditSession, user, sessions); got != want {
		t.Errorf("sessions:\n%s", got)
	}
	if got := table(chat.ActSeeContact, chat.ActEditContact, user, contacts); got != want {
		t.Errorf("contacts:\n%s", got)
	}
	nothing := func(got string) bool { return !strings.Contains(got, "se") && !strings.Contains(got, "s-") }
	for what, got := range map[string]string{
		"access to sessions, for contacts": table(chat.ActSeeContact, chat.ActEditContact, user, sessions),
		"access to contacts, for sessions": table(chat.ActSeeSession, chat.ActEditSession, user, contacts),
		"access without a license (SET-4)": table(chat.ActSeeSession, chat.ActEditSession, "", sessions),
		"the license of the other edition": table(chat.ActSeeSession, chat.ActEditSession, unlimited, sessions),
	} {
		if !nothing(got) {
			t.Errorf("%s opens something:\n%s", what, got)
		}
	}
}

func drawSet(t *rapid.T, label string) *chat.PermissionSet {
	all := slices.Concat(chat.AppPermissions, chat.AdminPermissions)
	return &chat.PermissionSet{
		License:     rapid.SampledFrom([]chat.License{"", user, unlimited}).Draw(t, label+" license"),
		Permissions: rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID[chat.Permission]).Draw(t, label+" permissions"),
		Sessions:    rapid.SampledFrom(chat.ObjectAccesses).Draw(t, label+" sessions"),
		Contacts:    rapid.SampledFrom(chat.ObjectAccesses).Draw(t, label+" contacts"),
	}
}

// What one set grants is granted still with any others beside it, and nothing is granted that no set grants (SET-24).
func TestProperty_setsAreAUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t, "a"), drawSet(t, "b")
		license := rapid.SampledFrom([]chat.License{"", user, unlimited}).Draw(t, "license")
		edition := rapid.SampledFrom(chat.Editions).Draw(t, "edition")
		of := func(sets ...*chat.PermissionSet) *policy.Person {
			return person(sue).With(policy.Holding(edition, license, sets))
		}
		act := rapid.SampledFrom(acts).Draw(t, "act")
		relation := policy.Relation(rapid.IntRange(0, 2).Draw(t, "relation"))
		may := func(p *policy.Person) bool {
			return policy.May(act, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: p, Relation: relation}).Allowed
		}
		// Channels alone take several rights at once, which may come from several sets.
		if one, both := may(of(a)) || may(of(b)), may(of(a, b)); both != one && (one || act != chat.ActConfigureChannels) {
			t.Fatalf("%s: alone %v and %v, together %v", act, may(of(a)), may(of(b)), both)
		}
	})
}

// TestDeclare says which presence statuses one may choose (SET-10).
func TestDeclare(t *testing.T) {
	lunch := &chat.PermissionSet{Statuses: []chat.WorkState{chat.WorkAvailable, chat.WorkBreak}}
	wrap := &chat.PermissionSet{Statuses: []chat.WorkState{chat.WorkWrapUp}}
	for _, tt := range []struct {
		what string
		who  *policy.Person
		want []chat.WorkState
	}{
		{"no sets", person(ana), chat.WorkStates},
		{"no set that names any", holds(person(ana), "", set(chat.PermissionViewSetup)), chat.WorkStates},
		{"one set", holds(person(ana), "", lunch), lunch.Statuses},
		{"the union of two", holds(person(ana), "", lunch, wrap), []chat.WorkState{chat.WorkAvailable, chat.WorkBreak, chat.WorkWrapUp}},
		{"administrators", holds(person(ada), "", lunch), chat.WorkStates},
	} {
		var got []chat.WorkState
		for _, s := range chat.WorkStates {
			if d := policy.Declare(tt.who, s); d.Allowed {
				got = append(got, s)
			} else if d.Err().Refusal.Rule != chat.RuleStatusNotAllowed {
				t.Errorf("%s: %+v", tt.what, d)
			}
		}
		if !slices.Equal(got, tt.want) || !slices.Equal(tt.who.Rights().Statuses(), tt.want) {
			t.Errorf("%s: %v, listed %v", tt.what, got, tt.who.Rights().Statuses())
		}
	}
}

func BenchmarkMay_grant(b *testing.B) {
	f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: holds(person(sue), user, set(chat.PermissionManageInternalUsers)), Other: holds(person(ana), user)}
	b.ReportAllocs()
	for b.Loop() {
		if !policy.May(chat.ActEditUsers, f).Allowed {
			b.Fatal("refused")
		}
	}
}
