package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/policy"
)

// needed lists the permissions that each act needs which sets grant; supervising is the role's.
var needed = map[chat.Act][]chat.Permission{
	chat.ActViewSetup: {chat.PermissionViewSetup}, chat.ActManageUsers: {chat.PermissionManageUsers}, chat.ActEditUsers: {chat.PermissionManageInternalUsers},
	chat.ActManageSets: {chat.PermissionManagePermissionSets}, chat.ActAssignSets: {chat.PermissionAssignPermissionSets},
	chat.ActConfigureMessaging: {chat.PermissionConfigureMessaging},
	chat.ActConfigureChannels: {chat.PermissionConfigureMessaging, chat.PermissionCustomizeApplication, chat.PermissionManageAuthProviders,
		chat.PermissionViewSetup, chat.PermissionModifyAllData},
	chat.ActEngage: {chat.PermissionMessagingAgent}, chat.ActSupervise: {}, chat.ActInitiate: {chat.PermissionInitiateSessions},
	chat.ActInitialSMS: {chat.PermissionSendInitialSMS}, chat.ActReadEntries: {chat.PermissionAccessEntries}, chat.ActRunFlow: {chat.PermissionRunFlows},
	chat.ActUseMobile: {chat.PermissionMessageOnMobile},
}

// TestSetMatrix_golden keeps what license and permission sets give, to each role, as a text that people review.
func TestSetMatrix_golden(t *testing.T) {
	var b strings.Builder
	b.WriteString("What license and permission sets give (SPEC 1.2). \"set\": one that grants what the act needs, and nothing else; \"tied\": that set tied\n")
	b.WriteString("to the license (the server keeps no tied set with app permissions; the columns show that one would wake nothing else). The license is\n")
	b.WriteString("that of the organisation's edition. A rule's name is the reason of the refusal.\n")
	setsAndRoles(&b)
	objects(&b)
	whom(&b)
	gifts(&b)
	golden(t, "sets.txt", b.String())
}

// setsAndRoles writes each act for each role, with and without what it needs.
func setsAndRoles(b *strings.Builder) {
	fmt.Fprintf(b, "\n== Acts, roles, license and set (SET-3, SET-4, SET-9, SET-13..18, SET-20, SET-21)\n%-18s %-14s %-14s %-14s %-14s %-14s %-14s %s\n",
		"act", "role", "nothing", "license", "set", "license, set", "tied", "license, tied")
	for _, act := range slices.Concat(administrative, onCustomers[:7]) {
		tied := set(needed[act]...)
		tied.License = user
		for _, id := range []chat.UserID{ana, sue, ada, max} {
			line := fmt.Sprintf("%-18s %-14s", act, person(id).Role)
			for _, p := range []*policy.Person{holds(person(id), ""), holds(person(id), user), holds(person(id), "", set(needed[act]...)),
				holds(person(id), user, set(needed[act]...)), holds(person(id), "", tied), holds(person(id), user, tied)} {
				line += fmt.Sprintf(" %-14s", verdict(policy.May(act, policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: p})))
			}
			fmt.Fprintln(b, strings.TrimRight(line, " "))
		}
	}
}

// objects writes who sees and edits messaging sessions; messaging users are decided alike.
func objects(b *strings.Builder) {
	fmt.Fprintf(b, "\n== Messaging sessions, and alike messaging users, with the license (SET-11, SET-12)\n%-14s %-12s %-32s %s\n", "access", "whose", "see", "edit")
	for _, access := range chat.ObjectAccesses {
		for i, whose := range []string{"one's own", "team, queue", "others'"} {
			relation := []policy.Relation{policy.RelationOwn, policy.RelationShared, policy.RelationForeign}[i]
			f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Relation: relation,
				Actor: holds(person(ana), user, &chat.PermissionSet{Sessions: access, Contacts: chat.AccessNone})}
			fmt.Fprintf(b, "%-14s %-12s %-32s %s\n", access, whose, verdict(policy.May(chat.ActSeeSession, f)), verdict(policy.May(chat.ActEditSession, f)))
		}
	}
}

// editors are those who may edit accounts, of each role, and assign licenses and sets; but for the administrator they may no more.
func editors() []*policy.Person {
	all := []*policy.Person{}
	for _, id := range []chat.UserID{ana, sue, max, ada} {
		all = append(all, holds(person(id), "", set(chat.PermissionManageInternalUsers, chat.PermissionManageUsers, chat.PermissionAssignPermissionSets)))
	}
	return all
}

// whom writes whose account may be touched.
func whom(b *strings.Builder) {
	fmt.Fprintf(b, "\n== Whom one administers who is given the permissions for it (SET-23, EXP-20)\n%-14s %-34s %-26s %s\n", "actor", "other", "editUsers", "manageUsers")
	others := []struct {
		name string
		p    *policy.Person
	}{
		{"agent, same group", person(ben)}, {"agent, other group", person(eva)}, {"expert", member("mia")}, {"supervisor", member("sun")},
		{"administrator", member("ali")}, {"agent with a right that one lacks", holds(person(ben), "", set(chat.PermissionModifyAllData))},
		{"agent with the license", holds(person(ben), user)},
	}
	for _, actor := range editors() {
		for _, o := range others {
			f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: actor, Other: o.p}
			fmt.Fprintf(b, "%-14s %-34s %-26s %s\n", actor.Role, o.name, verdict(policy.May(chat.ActEditUsers, f)), verdict(policy.May(chat.ActManageUsers, f)))
		}
	}
}

// gifts writes what may be given.
func gifts(b *strings.Builder) {
	fmt.Fprintf(b, "\n== What one gives to others or oneself (SET-23)\n%-14s %-44s %-20s %-20s %s\n", "actor", "gives", "editUsers", "manageUsers", "assignSets")
	license := policy.Holding(chat.EditionStandard, user, nil) &^ policy.Holding(chat.EditionStandard, "", nil)
	list := []struct {
		name string
		gift policy.Gift
	}{
		{"the role of an agent", policy.Gift{Role: chat.RoleAgent}}, {"the role of an expert", policy.Gift{Role: chat.RoleExpert}},
		{"the role of a supervisor", policy.Gift{Role: chat.RoleSupervisor}}, {"the role of an administrator", policy.Gift{Role: chat.RoleAdministrator}},
		{"another group", policy.Gift{Group: true}}, {"a group or team that is not there, or hidden", policy.Gift{Makes: true}},
		{"oneself the sight of further conversations", policy.Gift{Watch: true}},
		{"a right that one holds", policy.Gift{Rights: policy.RightsOf(set(chat.PermissionAssignPermissionSets))}},
		{"a right that one lacks", policy.Gift{Rights: policy.RightsOf(set(chat.PermissionModifyAllData))}}, {"the license", policy.Gift{Rights: license}},
	}
	for _, actor := range editors() {
		for _, g := range list {
			f := policy.Facts{Organisation: organisation(chat.ModeEveryone), Actor: actor, Gift: g.gift}
			fmt.Fprintf(b, "%-14s %-44s %-20s %-20s %s\n", actor.Role, g.name, verdict(policy.May(chat.ActEditUsers, f)),
				verdict(policy.May(chat.ActManageUsers, f)), verdict(policy.May(chat.ActAssignSets, f)))
		}
	}
}
