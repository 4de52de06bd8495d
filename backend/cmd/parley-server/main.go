// Command parley-server is Parley's server and the tools around it: it serves, manages users, shows the audit log,
// backs up and restores.
//
// It owns flags, environment, configuration file, signals and the data directory: database, ACME certificates, and the file
// by which its subcommands find the running server. What is served is package server's and package hub's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli lists the commands. A further one is a file of its own and a line here.
type cli struct {
	Config configFlag `help:"Read settings from this JSON file; its keys are the names of flags." placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" help:"Run the server."`
	User    userCmd    `cmd:"" help:"Add, import, disable users and set their passwords; also while the server runs."`
	Audit   auditCmd   `cmd:"" help:"Check and export the audit log; also while the server runs."`
	Backup  backupCmd  `cmd:"" help:"Write a copy of the database; also while the server runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup in place of the database. The server must be stopped."`
	Demo    demoCmd    `cmd:"" help:"Run a server with a demo organisation whose people write and answer, on this computer only."`
	Bench   benchCmd   `cmd:"" help:"Measure: a fresh server, many users, messages delivered and what they cost."`
	Version versionCmd `cmd:"" help:"Print the version."`

	Preview previewCmd `cmd:"" hidden:"" help:"Make a small copy of a picture: what the server runs itself as, for each."`
}

// program is what a command is given: the streams, and what it would otherwise take from its surroundings.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            map[string]string
	log            *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // the first signal stops gracefully; from now on another one ends the program at once
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// exit is how kong ends early, for help: as a panic that run catches.
type exit int

// run is the whole program. It ends when the command is done or, for those that run on, when ctx ends. env holds
// NAME=VALUE pairs.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			e, early := fault.(exit)
			if !early {
				panic(fault)
			}
			code = int(e)
		}
	}()
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, env: map[string]string{}, log: slog.New(slog.NewTextHandler(stderr, nil))}
	for _, pair := range env {
		if name, value, ok := strings.Cut(pair, "="); ok {
			p.env[name] = value
		}
	}
	set := &settings{env: p.env}
	parser, err := kong.New(&cli{}, kong.Name("parley-server"), kong.Description("Parley's server, and the tools around it."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { panic(exit(code)) }), kong.UsageOnError(),
		kong.Resolvers(set), kong.Bind(set, p), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(stderr, "parley-server:", err)
		return exitFailed
	}
	if err := set.fromEnv(parser); err != nil {
		fmt.Fprintln(stderr, "parley-server:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "parley-server: %v\nTry parley-server --help.\n", err)
		return exitUsage
	}
	if err := parsed.Run(); err != nil {
		if !errors.Is(err, errTold) {
			fmt.Fprintln(stderr, "parley-server:", err)
		}
		return exitFailed
	}
	return exitOK
}

// errTold ends a command that has already said what is wrong.
var errTold = errors.New("already told")
