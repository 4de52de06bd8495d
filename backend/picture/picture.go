// Package picture knows the formats of pictures that pages show: it reads how large one is, and makes a small copy of it.
//
// Whoever sends a picture may have made it to break what reads it. So only headers are read in the caller's process (SizeOf); a picture is
// decoded in a process of its own (Shrinker, Run), one at a time, with bounds on time and memory, and only after its header has said
// that it has not too many points. SVG is no picture here: it is a program. Where small copies are kept, and who may see them, is others'.
package picture

import (
	"bufio"
	"fmt"
	"image"
	_ "image/gif"  // a format
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"

	_ "golang.org/x/image/webp" // likewise
)

const (
	// maxPoints is the largest picture of which a small copy is made, in points: what the cameras of telephones make.
	maxPoints = 50_000_000
	// maxHeader is how far into a picture its size is looked for, in bytes.
	maxHeader = 1 << 20
)

// SizeOf returns the size of a picture as it is shown, in points; zero if it is none of the formats known here, or its header is damaged.
// Nothing is decoded but that header.
func SizeOf(r io.ReadSeeker) (width, height int) {
	config, turn, err := header(r)
	if err != nil {
		return 0, 0
	}
	if turn.swaps() {
		return config.Height, config.Width
	}
	return config.Width, config.Height
}

// header reads what the beginning of a picture says, and goes back to it.
func header(r io.ReadSeeker) (config image.Config, turn turn, err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return config, turn, err
	}
	config, format, err := image.DecodeConfig(io.LimitReader(r, maxHeader))
	if err != nil {
		return config, turn, fmt.Errorf("picture: read its header: %w", err)
	}
	if config.Width < 1 || config.Height < 1 {
		return config, turn, fmt.Errorf("picture: it is %d by %d points", config.Width, config.Height)
	}
	if format == "jpeg" {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return config, turn, err
		}
		turn = turnOf(bufio.NewReader(io.LimitReader(r, maxHeader)))
	}
	_, err = r.Seek(0, io.SeekStart)
	return config, turn, err
}
