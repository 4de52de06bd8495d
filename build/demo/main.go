// Command demo shows Parley on one computer: a server with the demo organisation, and two desktops that are signed in to it,
// an agent's and an expert's. It is what "make demo" starts once everything is built.
//
// It owns only the order of things: start the server and wait for it, sign two profiles in, open two windows or, without a
// display, two cores whose addresses a browser can open, and end everything in order. Who lives in the demo is package
// backend/demo's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"parley/backend/demo"
)

// listen is the demo server's address: loopback only, since its passwords are public.
const listen = "127.0.0.1:8090"

// desks are the two people whose desktops are shown, with the place of their windows.
var desks = []desk{
	{name: "mira", place: `{"x":40,"y":40,"width":1120,"height":720}`},
	{name: "liam", place: `{"x":340,"y":160,"width":1120,"height":720}`},
}

type desk struct{ name, place string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// folders are where the programs lie and where the demo keeps its data, in the repository.
type folders struct{ programs, data string }

func run(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the programs: %w", err)
	}
	at := folders{programs: filepath.Dir(program), data: filepath.Join(filepath.Dir(filepath.Dir(program)), ".demo")}
	if err := os.MkdirAll(at.data, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	var all family
	defer all.end()
	told := newWatch(os.Stdout, "The demo is at")
	populated := told.seen
	server, err := all.start(at, "server", start{program: "parley-server", out: told,
		args: []string{"demo", "--data", filepath.Join(at.data, "server"), "--listen", listen}})
	if err != nil {
		return err
	}
	select {
	case <-populated:
	case <-server.ended:
		return fmt.Errorf("the server ended instead of starting; see %s. Is something else listening on %s?", at.log("server"), listen)
	case <-ctx.Done():
		return nil
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return showAddresses(ctx, &all, at, server)
	}
	return showWindows(ctx, &all, at, server)
}

// showWindows opens the two desktops and waits until both are closed, or the demo is ended.
func showWindows(ctx context.Context, all *family, at folders, server *child) error {
	var windows []*child
	for _, d := range desks {
		core, _, err := startCore(ctx, all, at, d)
		if err != nil {
			return err
		}
		core.stop() // it has signed in; the window takes the profile over
		profile := at.profile(d)
		if _, err := os.Stat(filepath.Join(profile, "window.json")); errors.Is(err, os.ErrNotExist) {
			if err := os.WriteFile(filepath.Join(profile, "window.json"), []byte(d.place), 0o600); err != nil {
				return fmt.Errorf("place the window of %s: %w", d.name, err)
			}
		}
		window, err := all.start(at, d.name, start{program: "parley", args: []string{"--profile", profile}})
		if err != nil {
			return err
		}
		windows = append(windows, window)
	}
	fmt.Printf("\nTwo desktops are open: %s and %s. The browser's view is at http://%s\nCtrl-C ends the demo.\n", desks[0].name, desks[1].name, listen)
	return await(ctx, append(windows, server)...)
}

// showAddresses serves the same two desktops to browsers.
func showAddresses(ctx context.Context, all *family, at folders, server *child) error {
	fmt.Printf("\nThere is no display here, so no windows are opened. The same two desktops, for a browser on this computer:\n\n")
	var cores []*child
	for _, d := range desks {
		core, address, err := startCore(ctx, all, at, d)
		if err != nil {
			return err
		}
		fmt.Printf("  %-6s %s\n", d.name, address)
		cores = append(cores, core)
	}
	fmt.Printf("\nThe server's own page is at http://%s\nCtrl-C ends the demo.\n", listen)
	return await(ctx, append(cores, server)...)
}

// startCore starts the desktop's core on a desk's profile and signs it in. It returns the address of its page.
func startCore(ctx context.Context, all *family, at folders, d desk) (core *child, address string, err error) {
	printed := newWatch(io.Discard, "http://")
	first := printed.seen
	name := d.name + "-core"
	core, err = all.start(at, name, start{program: "parley-core", out: printed, env: []string{"PARLEY_PASSWORD=" + demo.Password(d.name)},
		args: []string{"--profile", at.profile(d), "--server", "http://" + listen, "--sign-in", d.name}})
	if err != nil {
		return nil, "", err
	}
	select {
	case line := <-first:
		return core, strings.TrimSpace(line), nil
	case <-core.ended:
		return nil, "", fmt.Errorf("the desktop's core of %s ended instead of starting; see %s", d.name, at.log(name))
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
}

// await returns when the demo is ended, or when one of the first programs has ended and no other of them is left, or when
// the last, the server, has ended.
func await(ctx context.Context, programs ...*child) error {
	server := programs[len(programs)-1]
	closed := make(chan struct{})
	go func() {
		for _, p := range programs[:len(programs)-1] {
			<-p.ended
		}
		close(closed)
	}()
	select {
	case <-ctx.Done():
		return nil
	case <-closed:
		fmt.Println("Both desktops are closed; the demo ends.")
		return nil
	case <-server.ended:
		return errors.New("the server ended")
	}
}

func (f folders) profile(d desk) string  { return filepath.Join(f.data, d.name) }
func (f folders) log(name string) string { return filepath.Join(f.data, name+".log") }
