package rig

import (
	"encoding/csv"
	"strings"
	"testing"

	"parley/backend/chat"
)

// Member is one of the cast.
type Member struct {
	Name, DisplayName string
	Role              chat.Role
	Title             string
	Group             string
	Teams             []string
	// Start lists sign-in names this agent may write to first; others have the default of their role (IM-5, IM-6).
	Start []string
}

// Names of the cast's groups and teams.
const (
	North, South          = "North", "South"
	Sales, Service, Night = "Sales", "Service", "Night"
)

// Cast is everybody there is in every test. Mira, Tomas and Ruben are behind one wall, Yuki and Una behind the other.
//
//	mira    may start with liam and yuki (whom she may not know of); otherwise only replies
//	tomas   may start with nobody, as agents by default
//	ruben   is mira's colleague; deactivated, moved and changed by tests
var Cast = []Member{
	{Name: "ines", DisplayName: "Ines Korvalo", Role: chat.RoleAdministrator, Title: "Systems"},
	{Name: "odile", DisplayName: "Odile Rathbourne", Role: chat.RoleAdministrator, Title: "Systems"},
	{Name: "renata", DisplayName: "Renata Solvik", Role: chat.RoleSupervisor, Title: "Shift lead, north", Teams: []string{Sales, Service}},
	{Name: "stellan", DisplayName: "Stellan Vance", Role: chat.RoleSupervisor, Title: "Shift lead, south", Teams: []string{Night}},
	{Name: "mira", DisplayName: "Mira Castellan", Role: chat.RoleAgent, Title: "Orders", Group: North, Teams: []string{Sales}, Start: []string{"liam", "yuki"}},
	{Name: "tomas", DisplayName: "Tomas Ellwart", Role: chat.RoleAgent, Title: "Returns", Group: North, Teams: []string{Service}},
	{Name: "ruben", DisplayName: "Ruben Tarnow", Role: chat.RoleAgent, Title: "Orders", Group: North, Teams: []string{Sales, Night}},
	{Name: "yuki", DisplayName: "Yuki Arandel", Role: chat.RoleAgent, Title: "Orders", Group: South, Teams: []string{Sales}},
	{Name: "una", DisplayName: "Una Westerly", Role: chat.RoleAgent, Title: "Returns", Group: South, Teams: []string{Night}},
	{Name: "liam", DisplayName: "Liam Draycote", Role: chat.RoleExpert, Title: "Furniture, quality"},
	{Name: "amparo", DisplayName: "Amparo Quillen", Role: chat.RoleExpert, Title: "Payments"},
}

// PasswordOf returns the password of one of the cast.
func PasswordOf(name string) string { return name + "'s own password" }

// CastCSV returns the cast as a file for `parley-server user import`.
func CastCSV(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"name", "display name", "role", "title", "group", "teams", "password"}}
	for _, m := range Cast {
		rows = append(rows, []string{m.Name, m.DisplayName, string(m.Role), m.Title, m.Group, strings.Join(m.Teams, ";"), PasswordOf(m.Name)})
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatalf("rig: write the cast: %v", err)
	}
	return b.String()
}

// addArgs returns the command that creates m.
func (m Member) addArgs() chat.UserAddArgs {
	return chat.UserAddArgs{Name: m.Name, DisplayName: m.DisplayName, Role: m.Role, Title: m.Title, Group: m.Group, Teams: m.Teams, Password: PasswordOf(m.Name)}
}

// settings returns m's messaging settings, and false if they are the default of the role.
func (m Member) settings(people map[string]chat.UserID) (chat.MessagingSettings, bool) {
	s := chat.DefaultSettings(m.Role)
	if len(m.Start) == 0 {
		return s, false
	}
	s.Start, s.Scope = true, chat.StartUsers
	for _, name := range m.Start {
		s.Targets = append(s.Targets, string(people[name]))
	}
	return s, true
}
