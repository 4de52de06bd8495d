package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/backend/chat"
)

// Column is a column of a table of users, as its heading is compared: case, spaces, "_" and "-" do not matter.
type Column string

// The columns.
const (
	ColumnName        Column = "name"
	ColumnDisplayName Column = "displayname"
	ColumnRole        Column = "role"
	ColumnGroup       Column = "group"
	ColumnTeams       Column = "teams"
	ColumnTitle       Column = "title"
	ColumnPassword    Column = "password"
)

var columns = []Column{ColumnName, ColumnDisplayName, ColumnRole, ColumnGroup, ColumnTeams, ColumnTitle, ColumnPassword}

const noHeader = "there is no header line: name, display name, role, group, teams, title, password"

// User is what a record says of a user. A pointer is nil where the table has no such column, that of a display name or a role also
// where the cell is empty: neither can be empty, so an empty cell asks for nothing. An empty title or list of teams is a wish.
type User struct {
	// Line is where the record begins in the file, from 1.
	Line int
	// Name is the sign-in name as it is kept and compared; if it is not a good one, as it was written, fit for a terminal.
	Name        string
	DisplayName *string
	Role        *chat.Role
	Group       *string
	Teams       *[]string
	Title       *string
	// Password is empty if none is given. It is taken as it stands, outer spaces included.
	Password string
	// Faults are what is wrong with the record, fit for a terminal and without the password.
	Faults []Wrong
}

// Wrong is one thing that is wrong with a record: for programs, and in English for people.
type Wrong struct {
	chat.ImportFault
	Text string
}

// Fault is what is wrong with a line of a file.
type Fault struct {
	Line int
	What string
}

// String returns it for people. Cells are quoted where they are repeated, so they cannot steer a terminal.
func (f Fault) String() string { return fmt.Sprintf("line %d: %s", f.Line, f.What) }

// Users reads a table of users: CSV in UTF-8 with a header line, its cells separated by commas or, as the header line shows, by
// semicolons. required are the columns that must be there. firstLine is the number of the line below the header where the text is a
// part of a longer file, 0 where it is the file. Faults are of the table as a whole; those of one record stand in it. Without faults
// there are users.
func Users(text string, firstLine int, required ...Column) ([]User, []Fault) {
	text = strings.TrimPrefix(text, "\ufeff") // spreadsheets put it there
	if !utf8.ValidString(text) {
		return nil, []Fault{{1, "the file is not valid UTF-8; save it as CSV in UTF-8"}}
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, []Fault{{1, noHeader}}
	}
	at, faults := readHeader(header, required)
	if len(faults) > 0 {
		return nil, faults
	}
	shift := 0
	if firstLine > 0 {
		shift = firstLine - 1 - strings.Count(text[:r.InputOffset()], "\n")
	}
	var users []User
	lines := map[string]int{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, []Fault{{broken.StartLine + shift, "the quotes of this line do not fit: " + broken.Err.Error()}}
		}
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // spreadsheets leave such rows at the end
		}
		line, _ := r.FieldPos(0)
		u := User{Line: line + shift}
		if len(cells) != len(header) {
			u.fault(chat.ImportFault{Kind: chat.FaultCells, N: int64(len(cells)), Of: int64(len(header))},
				"it has %d cells, the header has %d", len(cells), len(header))
		} else {
			u.read(cells, at)
			key := strings.ToLower(u.Name)
			if first, twice := lines[key]; twice && key != "" {
				u.fault(chat.ImportFault{Kind: chat.FaultDouble, Value: u.Name, N: int64(first)}, "the name %.40q stands in line %d already", u.Name, first)
			} else {
				lines[key] = u.Line
			}
		}
		users = append(users, u)
	}
	if len(users) == 0 {
		faults = []Fault{{1, "there is no user below the header line"}}
	}
	return users, faults
}

// separator returns what separates the cells: whichever of the two stands more often in the header line outside of quotes.
func separator(text string) rune {
	count, quoted := 0, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == ',':
			count--
		case r == ';':
			count++
		}
		if r == '\n' && !quoted {
			break
		}
	}
	if count > 0 {
		return ';'
	}
	return ','
}

// readHeader returns where each column stands. A line without any of the columns that must be there is taken for a user's:
// then nothing of it is repeated, since a password may be in it.
func readHeader(header []string, required []Column) (map[Column]int, []Fault) {
	at, faults := map[Column]int{}, []Fault(nil)
	for i, h := range header {
		name := Column(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(h)))
		_, twice := at[name]
		switch {
		case !slices.Contains(columns, name):
			faults = append(faults, Fault{1, fmt.Sprintf("the column %.40q is not known", h)})
		case twice:
			faults = append(faults, Fault{1, fmt.Sprintf("the column %.40q stands twice", h)})
		}
		at[name] = i
	}
	missing := 0
	for _, name := range required {
		if _, ok := at[name]; !ok {
			faults = append(faults, Fault{1, fmt.Sprintf("the column %q is missing", string(name))})
			missing++
		}
	}
	if missing == len(required) {
		return nil, []Fault{{1, noHeader}}
	}
	return at, faults
}

func (u *User) fault(f chat.ImportFault, format string, args ...any) {
	f.Value = Harmless(fmt.Sprintf("%.40s", f.Value))
	u.Faults = append(u.Faults, Wrong{f, fmt.Sprintf(format, args...)})
}

// read takes what the cells say and notes what is wrong with it.
func (u *User) read(cells []string, at map[Column]int) {
	cell := func(c Column) (string, bool) {
		i, ok := at[c]
		if !ok {
			return "", false
		}
		return literal(strings.TrimSpace(cells[i])), true
	}
	clean := func(column Column, what, text string) string {
		good, err := chat.CleanName(what, text)
		if err != nil {
			u.fault(chat.ImportFault{Kind: chat.FaultText, Column: string(column)}, "%s", chat.AsError(err).Text)
		}
		return good
	}
	written, _ := cell(ColumnName)
	var err error
	if u.Name, err = chat.CleanSignInName(written); err != nil {
		u.Name = Harmless(fmt.Sprintf("%.40s", written))
		u.fault(chat.ImportFault{Kind: chat.FaultName, Value: u.Name}, "%s", chat.AsError(err).Text)
	}
	if name, _ := cell(ColumnDisplayName); name != "" {
		name = clean(ColumnDisplayName, "the display name", name)
		u.DisplayName = &name
	}
	if text, ok := cell(ColumnTeams); ok {
		teams := namesIn(text)
		for i, team := range teams {
			teams[i] = clean(ColumnTeams, "the team", team)
		}
		u.Teams = &teams
	}
	for _, may := range []struct {
		column Column
		what   string
		into   **string
	}{{ColumnGroup, "the group", &u.Group}, {ColumnTitle, "the title", &u.Title}} {
		if text, ok := cell(may.column); ok {
			if text != "" {
				text = clean(may.column, may.what, text)
			}
			*may.into = &text
		}
	}
	if text, _ := cell(ColumnRole); text != "" {
		role := chat.Role(strings.ToLower(text))
		if !role.Valid() {
			u.fault(chat.ImportFault{Kind: chat.FaultRole, Value: text}, "the role %.40q is none of agent, supervisor, administrator, expert", text)
		}
		u.Role = &role
	}
	u.readPassword(cells, at)
}

// readPassword takes the password as it stands: an apostrophe in front may be a part of it.
func (u *User) readPassword(cells []string, at map[Column]int) {
	i, ok := at[ColumnPassword]
	if !ok || strings.TrimSpace(cells[i]) == "" {
		return
	}
	u.Password = cells[i]
	if n := utf8.RuneCountInString(u.Password); n < chat.MinPasswordLength || len(u.Password) > chat.MaxPasswordBytes {
		u.fault(chat.ImportFault{Kind: chat.FaultPassword}, "the password must have at least %d characters and at most %d bytes", chat.MinPasswordLength, chat.MaxPasswordBytes)
	}
}

// namesIn returns the names of a cell of teams, separated by semicolons. A name with a semicolon in it stands in double quotes, those
// within doubled: the cell is a line of CSV itself.
func namesIn(cell string) []string {
	parts := strings.Split(cell, ";")
	if strings.Contains(cell, `"`) {
		r := csv.NewReader(strings.NewReader(cell))
		r.Comma, r.LazyQuotes, r.TrimLeadingSpace = ';', true, true
		var err error
		if parts, err = r.Read(); err != nil {
			return []string{cell}
		}
		if _, err = r.Read(); !errors.Is(err, io.EOF) {
			return []string{cell} // of several lines, which no name is
		}
	}
	names := []string{}
	for _, name := range parts {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Lacks returns what a new account would need that the record does not say, or must not say of it.
func (u *User) Lacks() []Wrong {
	var lacks []Wrong
	if u.Role == nil {
		lacks = append(lacks, Wrong{chat.ImportFault{Kind: chat.FaultRoleMissing}, "a new user needs a role"})
	} else if u.Group != nil && *u.Group != "" && *u.Role != chat.RoleAgent {
		lacks = append(lacks, OnlyAgents)
	}
	if u.Password == "" {
		lacks = append(lacks, Wrong{chat.ImportFault{Kind: chat.FaultPasswordMissing}, "a new user needs a password"})
	}
	return lacks
}

// OnlyAgents says what is wrong with a group for anybody else.
var OnlyAgents = Wrong{chat.ImportFault{Kind: chat.FaultOnlyAgents}, "only agents are in a group"}

// Add returns the record as a new account: who is given no name for people is called as they sign in. For a record without faults
// that lacks nothing.
func (u *User) Add() chat.UserAddArgs {
	args := chat.UserAddArgs{Name: u.Name, DisplayName: u.Name, Role: *u.Role, Password: u.Password}
	if u.DisplayName != nil {
		args.DisplayName = *u.DisplayName
	}
	if u.Title != nil {
		args.Title = *u.Title
	}
	if u.Group != nil {
		args.Group = *u.Group
	}
	if u.Teams != nil {
		args.Teams = *u.Teams
	}
	return args
}
