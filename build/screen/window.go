package screen

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os/exec"
	"strconv"
	"strings"
)

// aLittle is how many points may change while nothing happens: a caret blinks, a clock goes on.
const aLittle = 200

// aLot is how many points change at least when a button is lit.
const aLot = 1000

// Window is a window of a program under test.
type Window struct {
	s  *Session
	id string
}

// WindowOf waits for the window of the process.
func (s *Session) WindowOf(pid int) Window {
	s.t.Helper()
	w := Window{s: s}
	s.Await(fmt.Sprintf("process %d shows a window", pid), func() bool {
		out, err := exec.Command("xdotool", "search", "--onlyvisible", "--pid", strconv.Itoa(pid)).Output()
		ids := strings.Fields(string(out))
		if err != nil || len(ids) == 0 {
			return false
		}
		w.id = ids[len(ids)-1]
		return true
	})
	return w
}

// Title returns what stands in the window's frame.
func (w Window) Title() string {
	w.s.t.Helper()
	return w.s.command("xdotool", "getwindowname", w.id)
}

// Focus brings the window to the front and gives it the keyboard.
func (w Window) Focus() {
	w.s.t.Helper()
	w.s.command("xdotool", "windowactivate", "--sync", w.id)
}

// Type writes text by the keyboard.
func (w Window) Type(text string) {
	w.s.t.Helper()
	w.Focus()
	w.s.command("xdotool", "type", "--delay", "8", text)
}

// Press presses keys one after the other, each by the name xdotool has for it, for example "ctrl+k" or "Return".
func (w Window) Press(keys ...string) {
	w.s.t.Helper()
	w.Focus()
	w.s.command("xdotool", append([]string{"key", "--delay", "40"}, keys...)...)
}

// AwaitStill waits until the window shows something and has stopped changing: then it has drawn what it had to. A page has no
// other way to tell a stranger that it is ready. A blinking caret and a clock may go on.
func (w Window) AwaitStill() {
	w.s.t.Helper()
	var before *image.RGBA
	same := 0
	w.s.Await("the window stands still", func() bool {
		now := w.look()
		if now == nil || blank(now) {
			return false
		}
		if before != nil && differ(before, now) <= aLittle {
			same++
		} else {
			same = 0
		}
		before = now
		return same >= 3
	})
}

// AwaitTakes presses a key again and again until the window shows clearly that it has taken it. It is for a field that is
// being made ready: what comes too early is lost.
func (w Window) AwaitTakes(key string) {
	w.s.t.Helper()
	w.s.Await("the window takes the key "+key, func() bool {
		before := w.look()
		w.Press(key)
		w.AwaitStill()
		after := w.look()
		return before != nil && after != nil && differ(before, after) > aLot
	})
}

// look returns a picture of the window, or nil while it has none.
func (w Window) look() *image.RGBA {
	out, err := exec.Command("import", "-silent", "-window", w.id, "png:-").Output()
	if err != nil {
		return nil
	}
	picture, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		return nil
	}
	plain := image.NewRGBA(picture.Bounds())
	draw.Draw(plain, plain.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return plain
}

// differ counts the points in which two pictures are not the same.
func differ(a, b *image.RGBA) int {
	if a.Bounds() != b.Bounds() {
		return len(a.Pix) / 4
	}
	n := 0
	for i := 0; i < len(a.Pix); i += 4 {
		if !bytes.Equal(a.Pix[i:i+4], b.Pix[i:i+4]) {
			n++
		}
	}
	return n
}

// blank tells whether a picture is all one colour.
func blank(a *image.RGBA) bool {
	return len(a.Pix) < 8 || bytes.Equal(a.Pix[4:], a.Pix[:len(a.Pix)-4])
}
