package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"time"

	"golang.org/x/image/draw"
)

const (
	// Side is the longest side of a small copy, in points: what a timeline shows, at two points a pixel.
	Side = 640
	// maxCopy bounds a small copy, in bytes. One without loss (it has holes) of this size is larger than any that is right.
	maxCopy = 4 << 20
	// within bounds the time of one copy.
	within = 20 * time.Second
	// memory bounds what the process that decodes may hold, in bytes; where the system does not do that, only the number of points does.
	memory = 768 << 20
	// quality is that of JPEG, of 100.
	quality = 82
)

// ErrNone says that there is no small copy of a picture: it is none, is damaged, too large, or would take too long.
var ErrNone = errors.New("picture: no small copy can be made of it")

// Shrinker makes small copies in a process of its own, one at a time.
type Shrinker struct {
	command []string
	env     []string
	busy    chan struct{}
}

// NewShrinker returns one that runs a command, whose process must call Run. env is what the process gets of an environment.
func NewShrinker(env []string, command ...string) *Shrinker {
	return &Shrinker{command: command, env: env, busy: make(chan struct{}, 1)}
}

// Shrink writes a small copy, PNG or JPEG, of a picture. ErrNone if there can be none; every other error may be another one next time.
func (s *Shrinker) Shrink(ctx context.Context, from *os.File, to io.Writer) error {
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(short, s.command[0], s.command[1:]...)
	cmd.Env, cmd.Dir = append([]string{"GOMAXPROCS=1"}, s.env...), os.TempDir()
	small := &bounded{left: maxCopy}
	cmd.Stdin, cmd.Stdout, cmd.WaitDelay = from, small, time.Second
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &ended) || small.left < 0 || err == nil && len(small.taken) == 0:
		return ErrNone
	case err != nil:
		return fmt.Errorf("picture: %w", err)
	}
	if _, err := to.Write(small.taken); err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	return nil
}

// bounded takes what a process writes, up to a bound.
type bounded struct {
	taken []byte
	left  int
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, ErrNone
	}
	b.taken = append(b.taken, p...)
	return len(p), nil
}

// Run is the process that makes one small copy: of what stands in the file in, which need not be at its beginning, into out. It takes
// bounds upon the whole process, so nothing else may run in it.
func Run(in io.ReadSeeker, out io.Writer) error {
	debug.SetMemoryLimit(memory / 2)
	if err := limit(memory, within); err != nil {
		return fmt.Errorf("picture: bound this process: %w", err)
	}
	return shrink(in, out)
}

// shrink decodes a picture and writes a small copy.
func shrink(in io.ReadSeeker, out io.Writer) error {
	config, turn, err := header(in)
	if err != nil {
		return err
	}
	if int64(config.Width)*int64(config.Height) > maxPoints {
		return fmt.Errorf("picture: it has %d by %d points", config.Width, config.Height)
	}
	whole, _, err := image.Decode(in)
	if err != nil {
		return fmt.Errorf("picture: decode it: %w", err)
	}
	scale := min(1, float64(Side)/float64(max(config.Width, config.Height)))
	small := image.NewNRGBA(image.Rect(0, 0, max(1, int(float64(config.Width)*scale+0.5)), max(1, int(float64(config.Height)*scale+0.5))))
	draw.BiLinear.Scale(small, small.Bounds(), whole, whole.Bounds(), draw.Src, nil)
	upright := image.NewNRGBA(turned{small, turn}.Bounds())
	draw.Copy(upright, image.Point{}, turned{small, turn}, turned{small, turn}.Bounds(), draw.Src, nil)
	if upright.Opaque() {
		err = jpeg.Encode(out, upright, &jpeg.Options{Quality: quality})
	} else {
		err = png.Encode(out, upright)
	}
	if err != nil {
		return fmt.Errorf("picture: encode the copy: %w", err)
	}
	return nil
}
