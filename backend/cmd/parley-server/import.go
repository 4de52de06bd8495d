package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"parley/backend/chat"
)

// maxImportBytes bounds an import file.
const maxImportBytes = 32 << 20

// importers is how many users are added at once: enough that hashing passwords keeps the processor busy and that the hub
// has several to commit together.
const importers = 8

// The columns of an import file. Case, spaces, "_" and "-" in a heading do not matter.
const (
	colName     = "name"
	colDisplay  = "displayname"
	colRole     = "role"
	colGroup    = "group"
	colTeams    = "teams"
	colTitle    = "title"
	colPassword = "password"
)

var (
	columns  = []string{colName, colDisplay, colRole, colGroup, colTeams, colTitle, colPassword}
	required = []string{colName, colRole, colPassword}
)

const noHeader = "there is no header line: name, display name, role, group, teams, title, password"

type userImportCmd struct {
	consoleFlags
	File   string `arg:"" help:"CSV in UTF-8 with a header line: name, display name, role, group, teams (separated by ;), title, password. - reads standard input."`
	DryRun bool   `help:"Check everything and change nothing."`
}

// row is one user of the file.
type row struct {
	line int
	args chat.UserAddArgs
}

// Run imports the file.
func (c *userImportCmd) Run(ctx context.Context, p *program) error {
	raw, err := c.open(p)
	if err != nil {
		return err
	}
	rows, problems := parseImport(raw)
	return c.with(ctx, p, func(con console) error {
		var list chat.UserListAnswer
		if err := con.do(ctx, chat.UserList, struct{}{}, &list); err != nil {
			return told(err)
		}
		problems = append(problems, conflicts(rows, list)...)
		if len(problems) > 0 {
			slices.SortStableFunc(problems, func(a, b problem) int { return a.line - b.line })
			for _, bad := range problems {
				fmt.Fprintln(p.stderr, bad)
			}
			fmt.Fprintf(p.stderr, "Nothing was imported. Correct these %d and import the file again.\n", len(problems))
			return errTold
		}
		if c.DryRun {
			fmt.Fprintf(p.stdout, "All %d users can be imported. Nothing was changed.\n", len(rows))
			return nil
		}
		return addAll(ctx, con, rows, p)
	})
}

func (c *userImportCmd) open(p *program) ([]byte, error) {
	in := p.stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, fmt.Errorf("read the import: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxImportBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the import: %w", err)
	}
	if len(raw) > maxImportBytes {
		return nil, fmt.Errorf("the import is larger than %d MB", maxImportBytes>>20)
	}
	return raw, nil
}

// problem is what is wrong with a line.
type problem struct {
	line int
	what string
}

// String returns it for people. Cells are quoted where they are repeated, so they cannot steer the terminal.
func (p problem) String() string { return fmt.Sprintf("line %d: %s", p.line, p.what) }

// parseImport reads the file and returns its users and all that is wrong with it, as far as the file alone can tell.
func parseImport(raw []byte) ([]row, []problem) {
	text := strings.TrimPrefix(string(raw), "\ufeff") // spreadsheets put it there
	if !utf8.ValidString(text) {
		return nil, []problem{{1, "the file is not valid UTF-8; save it as CSV in UTF-8"}}
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, []problem{{1, noHeader}}
	}
	at, bad := readHeader(header)
	if len(bad) > 0 {
		return nil, bad
	}
	var rows []row
	lines := map[string]int{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, append(bad, problem{broken.StartLine, "the quotes of this line do not fit: " + broken.Err.Error()})
		}
		line, _ := r.FieldPos(0)
		if len(cells) != len(header) {
			bad = append(bad, problem{line, fmt.Sprintf("it has %d cells, the header has %d", len(cells), len(header))})
			continue
		}
		args, wrong := readRow(cells, at)
		for _, w := range wrong {
			bad = append(bad, problem{line, w})
		}
		key := strings.ToLower(args.Name)
		if first, twice := lines[key]; twice && key != "" {
			bad = append(bad, problem{line, fmt.Sprintf("the name %q stands in line %d already", args.Name, first)})
		} else {
			lines[key] = line
		}
		rows = append(rows, row{line, args})
	}
	if len(rows) == 0 && len(bad) == 0 {
		bad = append(bad, problem{1, "there is no user below the header line"})
	}
	return rows, bad
}

// readHeader returns where each column stands. A line without any of the columns that must be there is taken for a user's:
// then nothing of it is repeated, since a password may be in it.
func readHeader(header []string) (map[string]int, []problem) {
	at, bad := map[string]int{}, []problem(nil)
	for i, h := range header {
		name := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(h))
		_, twice := at[name]
		switch {
		case !slices.Contains(columns, name):
			bad = append(bad, problem{1, fmt.Sprintf("the column %q is not known", h)})
		case twice:
			bad = append(bad, problem{1, fmt.Sprintf("the column %q stands twice", h)})
		}
		at[name] = i
	}
	missing := 0
	for _, name := range required {
		if _, ok := at[name]; !ok {
			bad = append(bad, problem{1, fmt.Sprintf("the column %q is missing", name)})
			missing++
		}
	}
	if missing == len(required) {
		return nil, []problem{{1, noHeader}}
	}
	return at, bad
}

// readRow returns the user of a line and what is wrong with it. The password is never repeated.
func readRow(cells []string, at map[string]int) (chat.UserAddArgs, []string) {
	cell := func(name string) string {
		if i, ok := at[name]; ok {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	args := chat.UserAddArgs{Name: cell(colName), DisplayName: cell(colDisplay), Role: chat.Role(strings.ToLower(cell(colRole))),
		Group: cell(colGroup), Title: cell(colTitle), Password: cells[at[colPassword]]}
	if args.DisplayName == "" {
		args.DisplayName = args.Name
	}
	for team := range strings.SplitSeq(cell(colTeams), ";") {
		if team = strings.TrimSpace(team); team != "" {
			args.Teams = append(args.Teams, team)
		}
	}
	var wrong []string
	check := func(what, text string) {
		if _, err := chat.CleanName(what, text); err != nil {
			wrong = append(wrong, told(err).Error())
		}
	}
	if _, err := chat.CleanSignInName(args.Name); err != nil {
		wrong = append(wrong, told(err).Error())
	}
	if args.Name != "" {
		check("the display name", args.DisplayName)
	}
	for _, team := range args.Teams {
		check("the team", team)
	}
	if args.Group != "" {
		check("the group", args.Group)
	}
	if args.Title != "" {
		check("the title", args.Title)
	}
	if !args.Role.Valid() {
		wrong = append(wrong, fmt.Sprintf("the role %q is none of agent, supervisor, administrator, expert", cell(colRole)))
	}
	if args.Group != "" && args.Role.Valid() && args.Role != chat.RoleAgent {
		wrong = append(wrong, "only agents are in a group")
	}
	if n := utf8.RuneCountInString(args.Password); n < chat.MinPasswordLength || len(args.Password) > chat.MaxPasswordBytes {
		wrong = append(wrong, fmt.Sprintf("the password must have at least %d characters and at most %d bytes", chat.MinPasswordLength, chat.MaxPasswordBytes))
	}
	return args, wrong
}

// conflicts returns what is wrong with rows given the users there are.
func conflicts(rows []row, list chat.UserListAnswer) []problem {
	taken := make(map[string]bool, len(list.Users))
	for _, u := range list.Users {
		taken[strings.ToLower(u.Name)] = true
	}
	var bad []problem
	for _, r := range rows {
		if taken[strings.ToLower(r.args.Name)] {
			bad = append(bad, problem{r.line, fmt.Sprintf("there is a user %q already", r.args.Name)})
		}
	}
	return bad
}

// addAll adds the users, several at a time. They have been checked; only somebody else who adds the same name meanwhile, or
// a server that fails, can still stop it, and then it is said who has been added.
func addAll(ctx context.Context, con console, rows []row, p *program) error {
	var mu sync.Mutex
	var bad []problem
	added := 0
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(importers)
	for _, r := range rows {
		g.Go(func() error {
			if gctx.Err() != nil {
				return nil
			}
			err := con.do(gctx, chat.UserAdd, r.args, nil)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				added++
				return nil
			}
			if gctx.Err() == nil {
				bad = append(bad, problem{r.line, told(err).Error()})
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		for _, b := range bad {
			fmt.Fprintln(p.stderr, b)
		}
		return fmt.Errorf("the import stopped after %d of %d users; those stay. Take them out of the file and import the rest", added, len(rows))
	}
	fmt.Fprintf(p.stdout, "Imported %d users.\n", added)
	return nil
}
