package policy

import (
	"reflect"
	"testing"

	"parley/backend/chat"
)

// TestClass_saysAllOfAPerson fails when a person or settings get a field that the classes of Compare do not know of: two people
// who differ in it would be taken for the same.
func TestClass_saysAllOfAPerson(t *testing.T) {
	known := map[string]bool{"ID": true, "Role": true, "GroupID": true, "TeamIDs": true, "Active": true, "Settings": true,
		"rights": true, // of no meaning between users: they need neither license nor set
		"rank":   true, "users": true, "teams": true, "roles": true}
	for i := range reflect.TypeFor[Person]().NumField() {
		if name := reflect.TypeFor[Person]().Field(i).Name; !known[name] {
			t.Errorf("say in actorClass and targetClass what %s does, then name it here", name)
		}
	}
	if n := reflect.TypeFor[chat.MessagingSettings]().NumField(); n != 4 {
		t.Errorf("settings have %d fields; actorClass says 4", n)
	}
	base := func() *Person {
		return NewPerson("a", chat.RoleAgent, "north", []chat.TeamID{"sales"}, true,
			chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartTeams, Targets: []string{"sales"}})
	}
	named := map[chat.TeamID]bool{"sales": true}
	for what, change := range map[string]func(*Person){
		"role":   func(p *Person) { p.rank = rankExpert },
		"group":  func(p *Person) { p.GroupID = "south" },
		"active": func(p *Person) { p.Active = false },
	} {
		p := base()
		change(p)
		if p.actorClass() == base().actorClass() || p.targetClass(named) == base().targetClass(named) {
			t.Errorf("two who differ in %s are of one class", what)
		}
	}
	p := base()
	p.TeamIDs = nil
	if p.targetClass(named) == base().targetClass(named) || p.targetClass(nil) != base().targetClass(nil) {
		t.Error("a team that is named in a Start counts, and no other")
	}
	for what, change := range map[string]func(*chat.MessagingSettings){
		"replies": func(s *chat.MessagingSettings) { s.Replies = false },
		"start":   func(s *chat.MessagingSettings) { s.Start = false },
		"scope":   func(s *chat.MessagingSettings) { s.Scope = chat.StartUsers },
		"targets": func(s *chat.MessagingSettings) { s.Targets = []string{"service"} },
	} {
		p := base()
		change(&p.Settings)
		if p.actorClass() == base().actorClass() {
			t.Errorf("two who differ in %s are of one class", what)
		}
	}
}
