package main

import (
	"fmt"
	"io"
	"os"

	"parley/backend/picture"
)

// previewCmd is the process in which a picture is decoded that somebody has sent: from the standard input, which must be a file, to the
// standard output.
type previewCmd struct{}

// Run ends with an error where there can be no small copy.
func (*previewCmd) Run(p *program) error {
	in, ok := p.stdin.(io.ReadSeeker)
	if !ok {
		return fmt.Errorf("preview reads a file")
	}
	return picture.Run(in, p.stdout)
}

// shrinker makes small copies by this program's own file.
func shrinker() (*picture.Shrinker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	return picture.NewShrinker(nil, self, "preview"), nil
}
