// Package frontend carries the built user interface inside the Go binaries.
//
// It owns only the embedding: the desktop window, parley-core and parley-server all
// serve the very same bundle from here. How it is served (headers, content security
// policy, routes) is left to whoever serves it.
package frontend

import (
	"embed"
	"io/fs"
)

// Assets holds the folder dist as Vite built it, under the name "dist". In a clean
// clone that has not been built yet it holds only a placeholder, so that Go code
// compiles and vets without Node.
//
//go:embed all:dist
var Assets embed.FS

// Dist is the built bundle with index.html at its root. Opening index.html fails with
// fs.ErrNotExist when the interface was not built before the binary.
func Dist() fs.FS {
	dist, err := fs.Sub(Assets, "dist")
	if err != nil {
		// fs.Sub refuses only an invalid path, and this one is constant.
		panic("frontend: dist is not a valid path: " + err.Error())
	}
	return dist
}
