package sheet

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// said returns what a text is read as, in one line: what is given, and faults.
func said(users []User, faults []Fault) string {
	var all []string
	for _, f := range faults {
		all = append(all, f.String())
	}
	for _, u := range users {
		s := fmt.Sprintf("%d %s", u.Line, u.Name)
		for _, field := range []struct {
			name  string
			value any
		}{{"display", u.DisplayName}, {"role", u.Role}, {"group", u.Group}, {"teams", u.Teams}, {"title", u.Title}} {
			if v := reflect.ValueOf(field.value); !v.IsNil() {
				s += fmt.Sprintf(" %s=%v", field.name, v.Elem())
			}
		}
		if u.Password != "" {
			s += " password"
		}
		for _, f := range u.Faults {
			s += " !" + f.Text
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func TestUsers(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
		first      int
	}{
		"all columns": {text: "name,display name,role,group,teams,title,password\nAna,Ana Castillo,Agent,North,Sales;Service,Returns,a good secret\n",
			want: "2 ana display=Ana Castillo role=agent group=North teams=[Sales Service] title=Returns password"},
		"a column that is not there asks for nothing, an empty cell for nothing where nothing is impossible": {
			text: "name,display name,role,title,password\nana,,,,\n", want: "2 ana title="},
		"a byte order mark, CRLF, semicolons":      {text: "\ufeffname;title;teams\r\nana;\"a;b\";\"Sales;Service\"\r\n", want: "2 ana teams=[Sales Service] title=a;b"},
		"semicolons in the records decide nothing": {text: "name,teams\nana,a;b;c;d\n", want: "2 ana teams=[a b c d]"},
		"a semicolon in quotes of the header":      {text: "\"name\",\"na;;me\"\nana,x\n", want: `line 1: the column "na;;me" is not known`},
		"quotes and lines within":                  {text: "name,title\n\"ana\",\"a \"\"good\"\" one\"\n\nben,\"two\nlines\"\n", want: `2 ana title=a "good" one | 4 ben title= !the title is of more than one line`},
		"formulas come back":                       {text: "name,display name,title,teams,password\n'=ana,'+1,''-x,'@a;'=b,'=a secret\n", want: `2 =ana display=+1 teams=[@a '=b] title='-x password`},
		"an apostrophe alone stays":                {text: "name,title\nana,'t Hooft\n", want: "2 ana title='t Hooft"},
		"a name of a team with a semicolon":        {text: "name,teams\nana,\"\"\"a;b\"\";c; \"\"d\"\"\"\"\"\"\"\n", want: `2 ana teams=[a;b c d"]`},
		"a part of a longer file":                  {text: "name,title\nana,a\nben,\"b\n\"\neve,e\n", first: 401, want: "401 ana title=a | 402 ben title=b | 404 eve title=e"},
		"rows that spreadsheets leave":             {text: "name,title\nana,a\n,\n , \n,,,\n", want: "2 ana title=a"},
		"nothing below the header":                 {text: "name,title\n,\n", want: "line 1: there is no user below the header line"},
		"nothing":                                  {want: "line 1: " + noHeader},
		"a record of a user for a header":          {text: "ana,Ana,agent,,,a secret\n", want: "line 1: " + noHeader},
		"unknown and double columns":               {text: "name,Name,tilte\nana,a,b\n", want: `line 1: the column "Name" stands twice | line 1: the column "tilte" is not known`},
		"cells too few and a double":               {text: "name,title\nana\nben,b\nBEN,b\n", want: `2  !it has 1 cells, the header has 2 | 3 ben title=b | 4 ben title=b !the name "ben" stands in line 3 already`},
		"an open quote":                            {text: "name,title\nana,a\n\"ben,b\n", first: 11, want: `line 12: the quotes of this line do not fit: extraneous or missing " in quoted-field`},
		"another encoding":                         {text: "name\n\xc1na\n", want: "line 1: the file is not valid UTF-8; save it as CSV in UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := said(Users(tt.text, tt.first, ColumnName)); got != tt.want {
				t.Errorf("read as\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestInert: no cell is calculated, and each comes back as it was, also one that looked as if it was made inert.
func TestInert(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "a": "a", "'": "'", "'t Hooft": "'t Hooft", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\ta": "'\ta", "\ra": "'\ra", "'=1": "''=1", "''@": "'''@", "a=1": "a=1",
	} {
		got := Inert(cell)
		if got != want {
			t.Errorf("%q is written %q, want %q", cell, got, want)
		}
		if back := literal(got); back != cell {
			t.Errorf("%q comes back as %q", cell, back)
		}
	}
}

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"plain ü": "plain ü", "a\x1b[31mb\x07": `a\u001b[31mb\u0007`, "\u202egnp": `\u202egnp`, "\u009b2J\x7f\r\n": `\u009b2J\u007f\u000d\u000a`,
	} {
		if got := Harmless(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}
