package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"parley/backend/chat"
)

// userCmd holds the commands about users.
type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a user. The password is asked for, read from --password-file, or from standard input."`
	Import  userImportCmd  `cmd:"" help:"Add the users of a CSV file: all of them, or none if a line is wrong."`
	Disable userDisableCmd `cmd:"" help:"Deactivate a user. All their sessions end at once; their history stays."`
	Passwd  userPasswdCmd  `cmd:"" help:"Set a user's password. All their sessions end."`

	ResetFactor userResetFactorCmd `cmd:"" help:"Take away the second factor of a user who has lost it. All their sessions end."`
}

// consoleFlags are those of every command that works on a data directory.
type consoleFlags struct {
	Data string `required:"" placeholder:"DIR" help:"The server's data directory."`
}

// newFlags are those of commands that may come before the first start of the server.
type newFlags struct {
	consoleFlags
	New bool `help:"Begin a new installation if the data directory has none. Without it, a directory without a database is refused."`
}

// with runs f with the console of the data directory; with --new both are made if there are none.
func (c newFlags) with(ctx context.Context, p *program, f func(console) error) error {
	return c.open(ctx, p, !c.New, f)
}

// withExisting runs f with the console of a data directory that has a database, so that a mistyped --data is said and leaves
// nothing behind.
func (c consoleFlags) withExisting(ctx context.Context, p *program, f func(console) error) error {
	return c.open(ctx, p, true, f)
}

func (c consoleFlags) open(ctx context.Context, p *program, mustExist bool, f func(console) error) (err error) {
	con, err := openConsole(ctx, c.Data, mustExist, p.quietLog())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, con.close()) }()
	return f(con)
}

// passwordFlags say where a password comes from. There is no flag for the password itself: everybody on the machine can
// read a running program's arguments.
type passwordFlags struct {
	PasswordFile string `placeholder:"FILE" help:"Read the password from the first line of this file (also PARLEY_PASSWORD_FILE)."`
}

// read returns the password: from the file, the variable PARLEY_PASSWORD, the terminal, or the first line of standard input.
func (f passwordFlags) read(p *program) (string, error) {
	if f.PasswordFile != "" {
		raw, err := os.ReadFile(f.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return firstLine(string(raw))
	}
	if password := p.env["PARLEY_PASSWORD"]; password != "" {
		return password, nil
	}
	if file, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return ask(p, int(file.Fd()))
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if line == "" && err != nil {
		return "", errors.New("no password: give it on standard input, by --password-file, or in PARLEY_PASSWORD")
	}
	return firstLine(line)
}

func firstLine(s string) (string, error) {
	line, _, _ := strings.Cut(s, "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", errors.New("the password is empty")
	}
	return line, nil
}

// ask reads a password twice from the terminal, without showing it.
func ask(p *program, fd int) (string, error) {
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Once more: "} {
		fmt.Fprint(p.stderr, prompt)
		raw, err := term.ReadPassword(fd)
		fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(raw)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same; nothing was changed")
	}
	return firstLine(typed[0])
}

type userAddCmd struct {
	newFlags
	passwordFlags
	Name        string    `arg:"" help:"The name to sign in with."`
	DisplayName string    `placeholder:"TEXT" help:"The name people read; the sign-in name if not given."`
	Role        chat.Role `required:"" enum:"agent,supervisor,administrator,expert" help:"agent, supervisor, administrator or expert."`
	Title       string    `placeholder:"TEXT" help:"What the person does or knows about."`
	Group       string    `placeholder:"NAME" help:"An agent's group; the default group if not given."`
	Team        []string  `placeholder:"NAME" help:"Teams; may be repeated."`
}

// Run adds the user.
func (c *userAddCmd) Run(ctx context.Context, p *program) error {
	password, err := c.read(p)
	if err != nil {
		return err
	}
	args := chat.UserAddArgs{Name: c.Name, DisplayName: c.DisplayName, Role: c.Role, Title: c.Title, Group: c.Group, Teams: c.Team, Password: password}
	if args.DisplayName == "" {
		args.DisplayName = c.Name
	}
	return c.with(ctx, p, func(con console) error {
		if err := con.do(ctx, chat.UserAdd, args, nil); err != nil {
			return told(err)
		}
		fmt.Fprintf(p.stdout, "Added %s %q.\n", c.Role, c.Name)
		return nil
	})
}

type userDisableCmd struct {
	consoleFlags
	Name string `arg:"" help:"The name the user signs in with."`
}

// Run deactivates the user.
func (c *userDisableCmd) Run(ctx context.Context, p *program) error {
	return c.withExisting(ctx, p, func(con console) error {
		user, err := find(ctx, con, c.Name)
		if err != nil {
			return err
		}
		active := false
		if err := con.do(ctx, chat.UserUpdate, chat.UserUpdateArgs{UserID: user.User.ID, Revision: user.Revision, Active: &active}, nil); err != nil {
			return told(err)
		}
		fmt.Fprintf(p.stdout, "Deactivated %q. Their sessions have ended.\n", user.Name)
		return nil
	})
}

type userPasswdCmd struct {
	consoleFlags
	passwordFlags
	Name string `arg:"" help:"The name the user signs in with."`
}

// Run sets the password.
func (c *userPasswdCmd) Run(ctx context.Context, p *program) error {
	password, err := c.read(p)
	if err != nil {
		return err
	}
	return c.withExisting(ctx, p, func(con console) error {
		user, err := find(ctx, con, c.Name)
		if err != nil {
			return err
		}
		if err := con.do(ctx, chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: user.User.ID, Password: password}, nil); err != nil {
			return told(err)
		}
		fmt.Fprintf(p.stdout, "The password of %q is set. Their sessions have ended.\n", user.Name)
		return nil
	})
}

type userResetFactorCmd struct {
	consoleFlags
	Name string `arg:"" help:"The name the user signs in with."`
}

// Run takes the second factor away.
func (c *userResetFactorCmd) Run(ctx context.Context, p *program) error {
	return c.withExisting(ctx, p, func(con console) error {
		user, err := find(ctx, con, c.Name)
		if err != nil {
			return err
		}
		if !user.SecondFactor {
			fmt.Fprintf(p.stdout, "%q has no second factor; nothing was changed.\n", user.Name)
			return nil
		}
		if err := con.do(ctx, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: user.User.ID}, nil); err != nil {
			return told(err)
		}
		fmt.Fprintf(p.stdout, "The second factor of %q is off. Their sessions have ended.\n", user.Name)
		return nil
	})
}

// find returns the user who signs in with name. Names are compared as sign-in compares them, in lower case: folding letters
// further would find somebody else.
func find(ctx context.Context, con console, name string) (chat.UserRecord, error) {
	var list chat.UserListAnswer
	if err := con.do(ctx, chat.UserList, struct{}{}, &list); err != nil {
		return chat.UserRecord{}, told(err)
	}
	wanted := strings.ToLower(strings.TrimSpace(name))
	for _, u := range list.Users {
		if u.Name == wanted {
			return u, nil
		}
	}
	return chat.UserRecord{}, fmt.Errorf("nobody signs in with the name %q; nothing was changed", name)
}

// told returns err in the words meant for people, without the code in front. What came from outside is quoted, so that it
// cannot steer the terminal.
func told(err error) error {
	var known *chat.Error
	if !errors.As(err, &known) {
		return err
	}
	return errors.New(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, known.Text))
}
