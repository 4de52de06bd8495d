package main

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"parley/backend/chat"
)

// FuzzImport reads anything as a file of users. What is found good is what the hub takes, too, so that an import is all or
// nothing; and what is found bad is said in words that are fit for a terminal. It runs on its seeds with
// the other tests; "make fuzz" looks for more inputs.
func FuzzImport(f *testing.F) {
	const good = header + "ana,Ana Castillo,agent,North,Sales;Service,a secret of ana's\n"
	for _, seed := range []string{good, "", "\ufeff" + good, strings.ReplaceAll(good, "\n", "\r\n"), strings.ReplaceAll(good, ",", ";"), header, header + header,
		good + good, header + "ana\x00,Ana,agent,,,a secret of ana's\n", header + "\"ana\n", header + "a\"na,Ana,agent,,,a secret of ana's\n",
		header + "=cmd|'/c calc'!A0,@SUM(1),agent,+1,-1,a secret of ana's\n", header + "\x1b]0;x\x07,\u202eAna,agent,,,a secret of ana's\n", header + "ana,Ana,agent\n",
		header + "İ,x,expert,,,a secret of ana's\ni̇,x,expert,,,a secret of ana's\n", header + ",,,,,\n", header + "ana,Ana,agent,\u200b,;;;,a secret of ana's\n",
		header + strings.Repeat("x", 200) + ",x,boss,x,x,short\n", "name,role,password,\x1b[2J\nana,agent,a secret of ana's,x\n", "\xff\xfe" + good,
		"NAME;ROLE;PASSWORD\n", "na me,R_O-LE,pass word\n ana , AGENT , a secret of ana's \n", strings.Repeat("\"", 1000), strings.Repeat(",", 1000)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, problems := parseImport(data)
		if len(rows) == 0 && len(problems) == 0 {
			t.Fatalf("%q is neither good nor bad", data)
		}
		for _, p := range problems {
			text := p.String()
			if p.line < 1 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsRune(text, '\u202e') {
				t.Errorf("said %q", text)
			}
		}
		if len(problems) > 0 {
			return
		}
		names := map[string]bool{}
		for _, r := range rows {
			name, err := chat.CleanSignInName(r.args.Name)
			if err != nil || names[name] {
				t.Errorf("the name %q was found good: %v", r.args.Name, err)
			}
			names[name] = true
			must := append([]string{r.args.DisplayName}, r.args.Teams...)
			for _, may := range []string{r.args.Title, r.args.Group} {
				if may != "" {
					must = append(must, may)
				}
			}
			for _, text := range must {
				if _, err := chat.CleanName("it", text); err != nil {
					t.Errorf("%q was found good: %v", text, err)
				}
			}
			if n := utf8.RuneCountInString(r.args.Password); n < chat.MinPasswordLength || len(r.args.Password) > chat.MaxPasswordBytes ||
				!r.args.Role.Valid() || r.args.Group != "" && r.args.Role != chat.RoleAgent {
				t.Errorf("found good: %+v", r.args)
			}
		}
	})
}
