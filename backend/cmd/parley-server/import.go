package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"parley/backend/chat"
	"parley/backend/sheet"
)

// maxImportBytes bounds an import file.
const maxImportBytes = 32 << 20

// importers is how many users are added at once: enough that hashing passwords keeps the processor busy and that the hub
// has several to commit together.
const importers = 8

type userImportCmd struct {
	newFlags
	File   string `arg:"" help:"New users as CSV in UTF-8 with a header line: name, display name, role, group, teams (separated by ;), title, password. - reads standard input."`
	DryRun bool   `help:"Check everything and change nothing."`
}

// Validate is called by kong.
func (c *userImportCmd) Validate() error {
	if c.New && c.DryRun {
		return errors.New("--new begins an installation, and --dry-run changes nothing: not both")
	}
	return nil
}

// Run imports the file.
func (c *userImportCmd) Run(ctx context.Context, p *program) error {
	raw, err := c.read(p)
	if err != nil {
		return err
	}
	users, faults := parseImport(raw)
	return c.with(ctx, p, func(con console) error {
		var list chat.UserListAnswer
		if err := con.do(ctx, chat.UserList, struct{}{}, &list); err != nil {
			return told(err)
		}
		faults = append(faults, conflicts(users, list)...)
		if len(faults) > 0 {
			slices.SortStableFunc(faults, func(a, b sheet.Fault) int { return a.Line - b.Line })
			for _, bad := range faults {
				fmt.Fprintln(p.stderr, bad)
			}
			fmt.Fprintf(p.stderr, "Nothing was imported. Correct these %d and import the file again.\n", len(faults))
			return errTold
		}
		if c.DryRun {
			fmt.Fprintf(p.stdout, "All %d users can be imported. Nothing was changed.\n", len(users))
			return nil
		}
		return addAll(ctx, con, users, p)
	})
}

func (c *userImportCmd) read(p *program) ([]byte, error) {
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

// parseImport reads the file and returns its users and all that is wrong with it, as far as the file alone can tell. All users are
// new ones.
func parseImport(raw []byte) ([]sheet.User, []sheet.Fault) {
	users, faults := sheet.Users(string(raw), 0, sheet.ColumnName, sheet.ColumnRole, sheet.ColumnPassword)
	for _, u := range users {
		wrong := u.Faults
		if len(wrong) == 0 {
			wrong = u.Lacks()
		}
		for _, what := range wrong {
			faults = append(faults, sheet.Fault{Line: u.Line, What: what.Text})
		}
	}
	return users, faults
}

// conflicts returns what is wrong with users given those there are.
func conflicts(users []sheet.User, list chat.UserListAnswer) []sheet.Fault {
	taken := make(map[string]bool, len(list.Users))
	for _, u := range list.Users {
		taken[u.Name] = true
	}
	var bad []sheet.Fault
	for _, u := range users {
		if taken[u.Name] {
			bad = append(bad, sheet.Fault{Line: u.Line, What: fmt.Sprintf("there is a user %q already", u.Name)})
		}
	}
	return bad
}

// addAll adds the users, several at a time. They have been checked; only somebody else who adds the same name meanwhile, or
// a server that fails, can still stop it, and then it is said who has been added.
func addAll(ctx context.Context, con console, users []sheet.User, p *program) error {
	var mu sync.Mutex
	var bad []sheet.Fault
	added := 0
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(importers)
	for _, u := range users {
		g.Go(func() error {
			if gctx.Err() != nil {
				return nil
			}
			err := con.do(gctx, chat.UserAdd, u.Add(), nil)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				added++
				return nil
			}
			if gctx.Err() == nil {
				bad = append(bad, sheet.Fault{Line: u.Line, What: told(err).Error()})
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		for _, b := range bad {
			fmt.Fprintln(p.stderr, b)
		}
		return fmt.Errorf("the import stopped after %d of %d users; those stay. Take them out of the file and import the rest", added, len(users))
	}
	fmt.Fprintf(p.stdout, "Imported %d users.\n", added)
	return nil
}
