// Command parley-core is the desktop's local core without a window: it opens a profile, keeps the connection to the server, and
// serves the same interface on this computer's loopback address. It is for tests, for scripts, and for screens that are not
// there.
//
// It owns the command line and the process's life; everything else is package replica's.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"parley/app/cache"
	"parley/app/replica"
	"parley/backend/chat"
	"parley/frontend"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	// exitInUse: another process has the profile open.
	exitInUse = 3
)

type options struct {
	Profile  string           `required:"" type:"path" env:"PARLEY_PROFILE" help:"Folder of this user's data; it is made if it is not there. One process at a time may have it open."`
	Server   string           `env:"PARLEY_SERVER" help:"Address of the server to sign in to, for example parley.example.com. It means https unless http:// is typed or the server is on this computer."`
	Listen   string           `default:"127.0.0.1:0" env:"PARLEY_LISTEN" help:"Loopback address of the page; port 0 takes a free one."`
	SignIn   string           `placeholder:"NAME" help:"Sign in under this name before serving, with the password from PARLEY_PASSWORD, the file named by PARLEY_PASSWORD_FILE, or a line on standard input; a code of the second factor, if one is asked for, from PARLEY_CODE or a further line. Nothing happens if that name is signed in already."`
	KeyFile  bool             `env:"PARLEY_KEY_FILE" help:"Keep the session in a file of the profile rather than in the system's key store."`
	LogLevel string           `default:"info" enum:"debug,info,warn,error" env:"PARLEY_LOG_LEVEL" help:"What to log to standard error: debug, info, warn or error."`
	Version  kong.VersionFlag `help:"Show the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program. It prints the page's address on stdout when it is ready, and ends with ctx.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	parser, err := kong.New(&o, kong.Name("parley-core"), kong.Writers(stdout, stderr), kong.Vars{"version": version()},
		kong.Description("Parley's desktop without a window: keeps the connection and the data, and serves the page on this computer."))
	if err != nil {
		fmt.Fprintln(stderr, "parley-core:", err)
		return exitFailed
	}
	if _, err := parser.Parse(args); err != nil {
		fmt.Fprintln(stderr, "parley-core:", err)
		return exitUsage
	}
	err = serve(ctx, &o, stdin, stdout, logger(o.LogLevel, stderr))
	var inUse *cache.InUseError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &inUse):
		fmt.Fprintln(stderr, inUse.Error())
		return exitInUse
	}
	fmt.Fprintln(stderr, "parley-core:", err)
	return exitFailed
}

// version is that of the build: of the source it was made from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func logger(level string, stderr io.Writer) *slog.Logger {
	var at slog.Level
	if err := at.UnmarshalText([]byte(level)); err != nil { // kong admits only levels
		at = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: at}))
}

func serve(ctx context.Context, o *options, stdin io.Reader, stdout io.Writer, log *slog.Logger) (err error) {
	config := replica.Config{Profile: o.Profile, Listen: o.Listen, Assets: frontend.Dist(), DeviceName: "parley-core",
		Version: version(), Keep: replica.UsualKeep, Log: log}
	if o.KeyFile {
		config.Keys = replica.FileKeys(o.Profile)
	}
	r, err := replica.Open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if o.SignIn != "" {
		if err := signIn(ctx, r, o, stdin); err != nil {
			return fmt.Errorf("sign in as %s: %w", o.SignIn, err)
		}
	}
	fmt.Fprintln(stdout, r.Address())
	select {
	case <-ctx.Done():
		return nil
	case <-r.Done():
		return errors.New("the profile's data can be used no more; see the log, and start again")
	}
}

// signIn signs in unless that is done already.
func signIn(ctx context.Context, r *replica.Replica, o *options, stdin io.Reader) error {
	if o.Server == "" {
		return errors.New("name the server with --server")
	}
	server, err := replica.ServerAddress(o.Server)
	if err != nil {
		return err
	}
	name, at := r.SignedIn()
	if name == o.SignIn && at == server {
		return nil
	}
	if name != "" {
		return fmt.Errorf("%s is signed in at %s on this profile; sign out there first, or use another profile", name, at)
	}
	lines := bufio.NewReader(io.LimitReader(stdin, 4*chat.MaxPasswordBytes+chat.MaxCodeLength))
	password, err := readPassword(lines)
	if err != nil {
		return err
	}
	args := chat.ReplicaSignInArgs{Server: server, Name: o.SignIn, Password: password}
	err = r.SignIn(ctx, args)
	var refused *chat.Error
	if !errors.As(err, &refused) || refused.Code != chat.CodeSecondFactor {
		return err
	}
	if args.Code = os.Getenv("PARLEY_CODE"); args.Code == "" {
		if args.Code, err = readLine(lines); err != nil {
			return fmt.Errorf("read the code of the second factor: %w", err)
		}
	}
	return r.SignIn(ctx, args)
}

// readLine reads a line, the last of which may lack its end.
func readLine(lines *bufio.Reader) (string, error) {
	line, err := lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// readPassword takes the password from where it does not show in the list of processes.
func readPassword(lines *bufio.Reader) (string, error) {
	if password := os.Getenv("PARLEY_PASSWORD"); password != "" {
		return password, nil
	}
	if path := os.Getenv("PARLEY_PASSWORD_FILE"); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(string(text), "\r\n"), nil
	}
	line, err := readLine(lines)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line == "" {
		return "", errors.New("no password was given: set PARLEY_PASSWORD or PARLEY_PASSWORD_FILE, or write it on standard input")
	}
	return line, nil
}
