// Package bring tells which files somebody drops on the window or pastes into it, on systems whose web view keeps that from the page:
// WebKitGTK has handed no such file to any page since 2.50.3 (CVE-2025-13947), and opens what is dropped in place of the page if nothing
// stops it.
//
// It owns the listening: what is told is what somebody let go over the window, or had copied when they pressed the keys of pasting in
// it, whatever a script in the page does. That the page shows where files may be let go, and that nothing opens in its place, is the
// page's (frontend/src/shell/drops.ts); how the page comes by the files, package app's.
package bring

// Taker takes what is brought. Its methods must not wait.
type Taker interface {
	// Coming is called when something was pasted that may be files: Files or Picture follows, at once or when the program in which it was
	// copied has handed it over.
	Coming()
	// Files takes the paths of files and folders; none if there were none after all.
	Files(paths []string)
	// Picture takes one, as PNG.
	Picture(content []byte)
}
