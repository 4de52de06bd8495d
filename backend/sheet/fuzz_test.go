package sheet

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"parley/backend/chat"
)

const header = "name,display name,role,group,teams,password\n"

// FuzzUsers reads anything as a file of users. What is found good is what the hub takes, too, so that an import is all or
// nothing; and what is found bad is said in words that are fit for a terminal. It runs on its seeds with
// the other tests; "make fuzz" looks for more inputs.
func FuzzUsers(f *testing.F) {
	const good = header + "ana,Ana Castillo,agent,North,Sales;Service,a secret of ana's\n"
	for _, seed := range []string{good, "", "\ufeff" + good, strings.ReplaceAll(good, "\n", "\r\n"), strings.ReplaceAll(good, ",", ";"), header, header + header,
		good + good, header + "ana\x00,Ana,agent,,,a secret of ana's\n", header + "\"ana\n", header + "a\"na,Ana,agent,,,a secret of ana's\n",
		header + "=cmd|'/c calc'!A0,@SUM(1),agent,+1,-1,a secret of ana's\n", header + "\x1b]0;x\x07,\u202eAna,agent,,,a secret of ana's\n", header + "ana,Ana,agent\n",
		header + "İ,x,expert,,,a secret of ana's\ni̇,x,expert,,,a secret of ana's\n", header + ",,,,,\n", header + "ana,Ana,agent,\u200b,;;;,a secret of ana's\n",
		header + strings.Repeat("x", 200) + ",x,boss,x,x,short\n", "name,role,password,\x1b[2J\nana,agent,a secret of ana's,x\n", "\xff\xfe" + good,
		"NAME;ROLE;PASSWORD\n", "na me,R_O-LE,pass word\n ana , AGENT , a secret of ana's \n", strings.Repeat("\"", 1000), strings.Repeat(",", 1000),
		"name;teams\n'=ana;'=Sales\n", header + "ana,'=1,agent,''+1,\"'\"\"A;B\"\";C\",'=a secret\n", header + "ana,Ana,agent,,\"\"\"A\nB\"\"\n;C\",a secret of ana's\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		users, faults := Users(string(data), 0, ColumnName, ColumnRole, ColumnPassword)
		if (len(users) == 0) != (len(faults) > 0) {
			t.Fatalf("%q is read as %d users with %d faults", data, len(users), len(faults))
		}
		names := map[string]bool{}
		for i := range users {
			u := &users[i]
			wrong := append(u.Faults, u.Lacks()...)
			for _, what := range wrong {
				faults = append(faults, Fault{u.Line, what.Text})
			}
			faults = append(faults, Fault{u.Line, u.Name})
			if len(wrong) == 0 {
				if names[u.Name] {
					t.Errorf("the name %q was found good twice", u.Name)
				}
				names[u.Name] = true
				mustBeGood(t, u.Add())
			}
		}
		for _, fault := range faults {
			text := fault.String()
			if fault.Line < 1 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsRune(text, '\u202e') {
				t.Errorf("said %q", text)
			}
		}
	})
}

// mustBeGood fails unless the hub would take the user.
func mustBeGood(t *testing.T, a chat.UserAddArgs) {
	t.Helper()
	if name, err := chat.CleanSignInName(a.Name); err != nil || name != a.Name {
		t.Errorf("the name %q was found good: %v", a.Name, err)
	}
	must := append([]string{a.DisplayName}, a.Teams...)
	for _, may := range []string{a.Title, a.Group} {
		if may != "" {
			must = append(must, may)
		}
	}
	for _, text := range must {
		if clean, err := chat.CleanName("it", text); err != nil || clean != text {
			t.Errorf("%q was found good: %v", text, err)
		}
	}
	if n := utf8.RuneCountInString(a.Password); n < chat.MinPasswordLength || len(a.Password) > chat.MaxPasswordBytes ||
		!a.Role.Valid() || a.Group != "" && a.Role != chat.RoleAgent {
		t.Errorf("found good: %+v", a)
	}
}
