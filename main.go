// Command parley is the desktop program. It lies beside wails.json because the tools of Wails want it there; all it does is
// to hand the built interface and the icon to package app.
package main

import (
	_ "embed"
	"os"
	"runtime"

	"parley/app"
	"parley/frontend"
)

//go:embed build/appicon.png
var icon []byte

// Newer versions of WebKitGTK insist on the process's first thread.
func init() { runtime.LockOSThread() }

func main() { os.Exit(app.Main(frontend.Dist(), icon, os.Args[1:])) }
