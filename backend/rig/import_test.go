package rig_test

import (
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// TestImport: a table that one administrator gives is felt by everybody it concerns at once, and by nobody else.
func TestImport(t *testing.T) {
	s := rig.Start(t)
	ines, odile, tomas, una, ruben := s.As("ines"), s.As("odile"), s.As("tomas"), s.As("una"), s.As("ruben")
	table := chat.UserImportArgs{CSV: "\ufeffname;display name;role;group;title;password\r\n" +
		"mira;;;;Orders by table;\r\n" +
		"ruben;;;;;" + "another password of ruben's" + "\r\n" +
		"zoe;Zoe Importa;agent;North;Newcomer;" + rig.PasswordOf("zoe") + "\r\n", DryRun: true}
	for _, who := range []*rig.Actor{tomas, s.As("renata"), s.As("liam")} {
		refusedBy(t, who.Refused(chat.UserImport, table), chat.GateGrant, chat.RuleNoGrant)
	}
	var dry, done chat.UserImportAnswer
	ines.Do(chat.UserImport, table, &dry)
	table.DryRun = false
	for _, u := range dry.Users {
		table.Revisions = append(table.Revisions, u.Revision)
	}
	ines.Do(chat.UserImport, table, &done)
	for i, want := range []chat.ImportOutcome{chat.ImportChanged, chat.ImportChanged, chat.ImportCreated} {
		if dry.Users[i].Outcome != want || done.Users[i].Outcome != want || done.Users[i].Line != int64(i+2) {
			t.Errorf("record %d: dry %+v, done %+v", i, dry.Users[i], done.Users[i])
		}
	}
	if dry.Done || !done.Done {
		t.Errorf("done is %v, then %v", dry.Done, done.Done)
	}
	named := func(w *rig.World, name string) bool {
		for _, u := range w.People {
			if u.DisplayName == name {
				return true
			}
		}
		return false
	}
	tomas.Until("he knows the newcomer, and mira's title", func(w *rig.World) bool {
		return named(w, "Zoe Importa") && w.People[s.ID("mira")].Title == "Orders by table"
	})
	odile.Expect("the entry of the audit log about mira", func(e chat.Event) bool {
		return e.Audit != nil && e.Audit.Command == chat.UserImport && e.Audit.Subject.ID == string(s.ID("mira")) && e.Audit.ByID == ines.ID
	})
	if end := ruben.Ended(); end.Code != wire.CloseSignedOut {
		t.Errorf("ruben's connection ended with %v", end)
	}
	s.SignIn("zoe")
	una.Barrier()
	for _, secret := range []string{"Zoe", "Newcomer", "by table"} {
		if strings.Contains(una.Heard(), secret) {
			t.Errorf("una was told of %q", secret)
		}
	}
	before := tomas.Fresh()
	table.CSV = strings.Replace(table.CSV, "Newcomer", "No newcomer any more", 1) + "yuki;;boss;;;\r\n"
	table.Revisions = append(table.Revisions, 0)
	var refused chat.UserImportAnswer
	ines.Do(chat.UserImport, table, &refused)
	if refused.Done || refused.Users[3].Outcome != chat.ImportRefused || !strings.Contains(refused.Users[3].Text, "boss") {
		t.Errorf("a table with a bad record: %+v", refused)
	}
	after := tomas.Fresh()
	if len(after.People) != len(before.People) || named(&after, "No newcomer any more") {
		t.Error("a part of the bad table was imported")
	}
	for _, u := range after.People {
		if u.Title == "No newcomer any more" {
			t.Errorf("%s was changed by a table that was refused", u.DisplayName)
		}
	}
}

// TestImport_large: as many records as a command takes fit into a frame, with everything that a table can say.
func TestImport_large(t *testing.T) {
	s := rig.Start(t)
	ines := s.As("ines")
	var b strings.Builder
	b.WriteString("name,display name,role,group,teams,title\n")
	for range chat.MaxImportedUsers - 1 {
		b.WriteString(`"nobody-` + chat.NewUUID() + `","` + strings.Repeat("n", chat.MaxNameLength) + `","agent","` + strings.Repeat("g", chat.MaxNameLength) + `","Sales;Night","` +
			strings.Repeat("t", chat.MaxNameLength) + "\"\n")
	}
	b.WriteString("mira,,,,,\n")
	var answer chat.UserImportAnswer
	ines.Do(chat.UserImport, chat.UserImportArgs{CSV: b.String(), DryRun: true}, &answer)
	last := answer.Users[len(answer.Users)-1]
	if len(answer.Users) != chat.MaxImportedUsers || answer.Users[0].Text != "a new user needs a password" || last.Outcome != chat.ImportChanged {
		t.Errorf("%d records, %+v … %+v", len(answer.Users), answer.Users[0], last)
	}
}
