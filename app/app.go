// Package app is the desktop program around the page: the window and its place, the start and end of the replica, links, the
// title's badge, toasts. It is the only importer of Wails.
//
// It holds no conversation and decides nothing about one. The page in the window speaks with the replica (package replica)
// over a socket on this computer, exactly as it would with a server; see Shell for the little that goes another way. The text
// filter of toasts is package notify's, the rule when to show one package attention's.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
)

// Main runs the desktop program until its window is closed, or it is asked to end by a signal, and returns the process's exit
// code. Assets is the built
// interface, icon the program's picture as PNG, args the command line without the program's name.
func Main(assets fs.FS, icon []byte, args []string) int {
	config, err := parseConfig(args, os.Getenv, os.Stderr)
	if errors.Is(err, errHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err)
		return 2
	}
	file, err := config.openLog()
	if err != nil {
		fmt.Fprintln(os.Stderr, "parley:", err)
		return 1
	}
	defer file.Close()
	log := slog.New(slog.NewTextHandler(io.MultiWriter(os.Stderr, file), nil))
	d := newDesktop(config, log, icon, openReplica)
	defer d.quitOnSignal()()
	if err := wails.Run(d.options(assets, icon)); err != nil {
		log.Error("the window could not be opened", "err", err)
		return 1
	}
	if _, err := d.started(); err != nil {
		return 1
	}
	return 0
}

// options describes the window to Wails.
func (d *desktop) options(assets fs.FS, icon []byte) *options.App {
	p, err := loadPlace(d.config.profile)
	if err != nil {
		d.log.Warn("the window opens at its default place", "err", err)
	}
	state := options.Normal
	if p.Maximised {
		state = options.Maximised
	}
	return &options.App{
		Title: title(0),
		Width: p.Width, Height: p.Height, MinWidth: minWidth, MinHeight: minHeight,
		WindowStartState: state,
		AssetServer:      &assetserver.Options{Assets: assets, Middleware: assetserver.ChainMiddleware(withPolicy, d.brought.serve)},
		Bind:             []any{&Shell{desktop: d}},
		OnStartup:        func(ctx context.Context) { d.start(wailsWindow{ctx}, p) },
		// By then the check for a second instance, which on Linux runs beside OnStartup, has ended a second one; a failure
		// that is still here concerns this window.
		OnDomReady: func(context.Context) {
			go d.reportFailure()
			d.watchBrought()
		},
		OnBeforeClose: func(context.Context) bool { return d.closing() },
		OnShutdown:    func(context.Context) { d.stop() },
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: "parley_" + d.config.profileID(),
			// The second one's arguments are not looked at: it only wants this window.
			OnSecondInstanceLaunch: func(options.SecondInstanceData) { d.show() },
		},
		Linux:   &linux.Options{Icon: icon, ProgramName: "parley", WebviewGpuPolicy: linux.WebviewGpuPolicyOnDemand},
		Windows: &windows.Options{WebviewUserDataPath: d.config.webviewFolder()},
	}
}
