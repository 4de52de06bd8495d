package screen

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os/exec"
	"slices"
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

// DialogOf does what opens another window of the program to which w belongs, and waits for that.
func (w Window) DialogOf(open func()) Window {
	w.s.t.Helper()
	pid := w.s.command("xdotool", "getwindowpid", w.id)
	windows := func() []string {
		out, _ := exec.Command("xdotool", "search", "--onlyvisible", "--pid", pid).Output() // it fails when there are none
		return strings.Fields(string(out))
	}
	before := windows()
	open()
	dialog := Window{s: w.s}
	w.s.Await("a dialogue is shown", func() bool {
		for _, id := range windows() {
			if !slices.Contains(before, id) {
				dialog.id = id
			}
		}
		return dialog.id != ""
	})
	dialog.AwaitStill()
	return dialog
}

// AwaitClosed waits until a window is gone.
func (s *Session) AwaitClosed(w Window) {
	s.t.Helper()
	s.Await("the window closes", func() bool { return exec.Command("xdotool", "getwindowname", w.id).Run() != nil })
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
	w.s.command("xdotool", "type", "--delay", "8", "--", text)
}

// Press presses keys one after the other, each by the name xdotool has for it, for example "ctrl+k" or "Return".
func (w Window) Press(keys ...string) {
	w.s.t.Helper()
	w.Focus()
	w.s.command("xdotool", append([]string{"key", "--delay", "40"}, keys...)...)
}

// AwaitSeen does something that the window shows, and waits until it has.
func (w Window) AwaitSeen(do func()) {
	w.s.t.Helper()
	w.Focus()
	w.AwaitStill()
	before := w.look()
	do()
	w.s.Await("the window shows it", func() bool {
		now := w.look()
		return before != nil && now != nil && differ(before, now) > aLot
	})
	w.AwaitStill()
}

// Tap clicks a place in the window, counted from its upper left corner, or from the lower right one where negative.
func (w Window) Tap(x, y int) {
	w.s.t.Helper()
	w.Focus()
	if now := w.look(); now != nil {
		size := now.Bounds().Size()
		x, y = (x+size.X)%size.X, (y+size.Y)%size.Y
	}
	w.s.command("xdotool", "mousemove", "--window", w.id, strconv.Itoa(x), strconv.Itoa(y), "click", "1")
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

// Part returns what stands in a part of the window; nil while it shows nothing.
func (w Window) Part(area image.Rectangle) *image.RGBA {
	whole := w.look()
	if whole == nil {
		return nil
	}
	part := image.NewRGBA(image.Rectangle{Max: area.Size()})
	draw.Draw(part, part.Bounds(), whole, area.Min, draw.Src)
	return part
}

// Alike tells whether two pictures show the same, but for a caret or a clock.
func Alike(a, b *image.RGBA) bool { return a != nil && b != nil && differ(a, b) <= aLittle }

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

// DragOver takes something up at a place in one window and holds it over a place in another, as a hand does, little by little.
func (w Window) DragOver(x, y int, over Window, toX, toY int) {
	w.s.t.Helper()
	w.Focus()
	w.move(x, y)
	w.s.command("xdotool", "mousedown", "1")
	for step := range 6 { // a drag begins some points away from where the button was pressed
		w.move(x+5*step, y)
	}
	for step := range 6 {
		over.move(toX+5*step, toY)
	}
}

// AwaitTaken moves what is held to and fro over a place until the window shows that it takes it.
func (w Window) AwaitTaken(over Window, x, y int) {
	w.s.t.Helper()
	before := over.look()
	near := 0
	w.s.Await("the window shows that it takes what is dragged", func() bool {
		near = 10 - near
		over.move(x+near, y)
		now := over.look()
		return before != nil && now != nil && differ(before, now) > 10*aLot
	})
}

// LetGo lets go of what is held.
func (w Window) LetGo() {
	w.s.t.Helper()
	w.s.command("xdotool", "mouseup", "1")
}

func (w Window) move(x, y int) {
	w.s.t.Helper()
	w.s.command("xdotool", "mousemove", "--window", w.id, strconv.Itoa(x), strconv.Itoa(y))
}
