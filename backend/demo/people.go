// Package demo is an organisation to try Parley with: some twenty invented people with roles, groups, teams and rights that
// show what the rules do, a little history, and life. Most of the people are played: they are ordinary clients of the wire
// with no more rights than anybody, who write, type, take breaks and answer.
//
// It owns who these people are and how they behave. It leaves starting a server, and keeping it on the loopback address, to
// package main: the passwords are public.
package demo

import (
	"context"
	"encoding/json"
	"fmt"

	"parley/backend/chat"
)

// Person is one of the people of the demo organisation.
type Person struct {
	// Name is the sign-in name, DisplayName what colleagues read.
	Name, DisplayName string
	Role              chat.Role
	Title             string
	Group             string
	Teams             []string
	// Replies is false for one whose Replies are switched off; Start and what follows are as in chat.MessagingSettings, with
	// sign-in names and team names instead of ids. Only agents differ from the default of their role.
	RepliesOff bool
	Start      bool
	Scope      chat.StartScope
	Targets    []string
	// Own is true for the people whom nobody plays: they are for whoever tries the demo.
	Own bool
}

// Groups and teams of the organisation.
const (
	groupNorth, groupSouth                  = "North", "South"
	teamDeliveries, teamClaims, teamWebShop = "Deliveries", "Claims", "Web shop"
)

// organisation is the demo's name and rules.
var organisation = chat.Organisation{Name: "Larchfield Home", Messaging: true, Mode: chat.ModeEveryone, ReplyWindowMs: chat.DefaultReplyWindowMs, Revision: 1}

// Password returns the password of one of the people. It is printed to whoever starts the demo, and no secret.
func Password(name string) string { return name + "-larchfield" }

// People returns everybody. Mira may write first to agents and supervisors but not to experts, so her message to Amparo is
// refused with a reason; Tomas may only answer; Jonas may write first to two experts; Una may not even answer; and nobody in
// the north can tell that there is a south.
func People() []Person {
	roles := func(roles ...chat.Role) []string {
		var names []string
		for _, r := range roles {
			names = append(names, string(r))
		}
		return names
	}
	return []Person{
		{Name: "mira", DisplayName: "Mira Castellan", Role: chat.RoleAgent, Title: "Deliveries, north", Group: groupNorth, Teams: []string{teamDeliveries},
			Start: true, Scope: chat.StartRoles, Targets: roles(chat.RoleAgent, chat.RoleSupervisor), Own: true},
		{Name: "tomas", DisplayName: "Tomas Ellwart", Role: chat.RoleAgent, Title: "Deliveries, trainee", Group: groupNorth, Teams: []string{teamDeliveries}},
		{Name: "ana", DisplayName: "Ana Novik", Role: chat.RoleAgent, Title: "Claims", Group: groupNorth, Teams: []string{teamClaims},
			Start: true, Scope: chat.StartRoles, Targets: roles(chat.RoleAgent, chat.RoleSupervisor, chat.RoleExpert)},
		{Name: "pia", DisplayName: "Pia Manderley", Role: chat.RoleAgent, Title: "Claims, goodwill", Group: groupNorth, Teams: []string{teamClaims},
			Start: true, Scope: chat.StartTeams, Targets: []string{teamDeliveries, teamClaims}},
		{Name: "ruben", DisplayName: "Ruben Tarnow", Role: chat.RoleAgent, Title: "Deliveries, business customers", Group: groupNorth, Teams: []string{teamDeliveries, teamWebShop},
			Start: true, Scope: chat.StartTeams, Targets: []string{teamDeliveries, teamWebShop}},
		{Name: "jonas", DisplayName: "Jonas Veldt", Role: chat.RoleAgent, Title: "Returns", Group: groupNorth, Teams: []string{teamDeliveries},
			Start: true, Scope: chat.StartUsers, Targets: []string{"mira", "liam", "winnie"}},
		{Name: "yuki", DisplayName: "Yuki Arandel", Role: chat.RoleAgent, Title: "Claims", Group: groupSouth, Teams: []string{teamClaims},
			Start: true, Scope: chat.StartTeams, Targets: []string{teamClaims}},
		{Name: "una", DisplayName: "Una Westerly", Role: chat.RoleAgent, Title: "Claims, trainee", Group: groupSouth, Teams: []string{teamClaims}, RepliesOff: true},
		{Name: "bram", DisplayName: "Bram Oosterveen", Role: chat.RoleAgent, Title: "Deliveries, south", Group: groupSouth, Teams: []string{teamDeliveries}},
		{Name: "saskia", DisplayName: "Saskia Kerrigold", Role: chat.RoleAgent, Title: "Web shop", Group: groupSouth, Teams: []string{teamWebShop},
			Start: true, Scope: chat.StartRoles, Targets: roles(chat.RoleAgent, chat.RoleExpert)},
		{Name: "nour", DisplayName: "Nour Bellamar", Role: chat.RoleAgent, Title: "Web shop, payments", Group: groupSouth, Teams: []string{teamWebShop}},

		{Name: "sigrun", DisplayName: "Sigrun Halloway", Role: chat.RoleSupervisor, Title: "Shift lead, north", Teams: []string{teamDeliveries, teamClaims}},
		{Name: "stellan", DisplayName: "Stellan Vance", Role: chat.RoleSupervisor, Title: "Shift lead, south", Teams: []string{teamWebShop}},
		{Name: "tove", DisplayName: "Tove Almgard", Role: chat.RoleAdministrator, Title: "Systems"},
		{Name: "idris", DisplayName: "Idris Falkner", Role: chat.RoleAdministrator, Title: "Systems, nights"},

		{Name: "liam", DisplayName: "Liam Draycote", Role: chat.RoleExpert, Title: "Furniture, quality", Own: true},
		{Name: "amparo", DisplayName: "Amparo Quillen", Role: chat.RoleExpert, Title: "Electrics, Lisbon workshop"},
		{Name: "birger", DisplayName: "Birger Holmdal", Role: chat.RoleExpert, Title: "Furniture, returns"},
		{Name: "elin", DisplayName: "Elin Marchetta", Role: chat.RoleExpert, Title: "Glass and mirrors"},
		{Name: "farid", DisplayName: "Farid Talesh", Role: chat.RoleExpert, Title: "Customs and import"},
		{Name: "winnie", DisplayName: "Winnie Yarrow", Role: chat.RoleExpert, Title: "Spare parts"},
	}
}

// Do executes a command with the right to configure, as the server's console has it, and returns the answer's JSON.
type Do func(ctx context.Context, name chat.CommandName, args any) (json.RawMessage, error)

// IDs are the people's user ids by sign-in name.
type IDs map[string]chat.UserID

// Populate creates the organisation where it is missing and returns everybody's id. Accounts that are there already are left
// as they are: whoever tries the demo may have changed them.
func Populate(ctx context.Context, do Do) (IDs, error) {
	var before chat.UserListAnswer
	if err := ask(ctx, do, chat.UserList, struct{}{}, &before); err != nil {
		return nil, err
	}
	ids := IDs{}
	for _, r := range before.Users {
		ids[r.Name] = r.User.ID
	}
	added := map[string]bool{}
	for _, p := range People() {
		if ids[p.Name] != "" {
			continue
		}
		var answer chat.UserAddAnswer
		if err := ask(ctx, do, chat.UserAdd, chat.UserAddArgs{Name: p.Name, DisplayName: p.DisplayName, Role: p.Role, Title: p.Title,
			Group: p.Group, Teams: p.Teams, Password: Password(p.Name)}, &answer); err != nil {
			return nil, err
		}
		ids[p.Name], added[p.Name] = answer.UserID, true
	}
	if len(before.Users) == 0 { // so nothing was changed yet, and the revision is the first
		if err := ask(ctx, do, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: organisation}, nil); err != nil {
			return nil, err
		}
	}
	return ids, grant(ctx, do, ids, added)
}

// grant sets the messaging settings of the agents that were added.
func grant(ctx context.Context, do Do, ids IDs, added map[string]bool) error {
	var now chat.UserListAnswer
	if err := ask(ctx, do, chat.UserList, struct{}{}, &now); err != nil {
		return err
	}
	teams := map[string]chat.TeamID{}
	for _, t := range now.Teams {
		teams[t.Name] = t.ID
	}
	revision := map[chat.UserID]int64{}
	for _, r := range now.Users {
		revision[r.User.ID] = r.Revision
	}
	for _, p := range People() {
		if !added[p.Name] || !p.Start && !p.RepliesOff {
			continue
		}
		s := chat.MessagingSettings{Replies: !p.RepliesOff, Start: p.Start, Scope: p.Scope, Targets: []string{}}
		if s.Scope == "" {
			s.Scope = chat.StartEveryone
		}
		for _, target := range p.Targets {
			switch p.Scope {
			case chat.StartUsers:
				target = string(ids[target])
			case chat.StartTeams:
				target = string(teams[target])
			}
			s.Targets = append(s.Targets, target)
		}
		id := ids[p.Name]
		if err := ask(ctx, do, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: id, Revision: revision[id], Settings: s, ApplyNow: true}, nil); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

// ask executes a command and decodes its answer into v unless v is nil.
func ask(ctx context.Context, do Do, name chat.CommandName, args, v any) error {
	raw, err := do(ctx, name, args)
	if err != nil {
		return fmt.Errorf("demo: %s: %w", name, err)
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("demo: decode the answer of %s: %w", name, err)
	}
	return nil
}
