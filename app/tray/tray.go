// Package tray shows the program among the signs beside the clock: marked while messages are unread, with a menu.
//
// It owns the sign and its pictures. What stands in the menu and what follows from it is package app's. On macOS there is none: its
// library and the window's would both own the program's loop, and the dock does the same service there.
package tray

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// Item is a line of the menu; one without a label parts those before it from those behind.
type Item struct {
	Label   string
	Checked bool
	// Run is called when it is chosen, by a goroutine of its own.
	Run func()
}

// pictures are the sign without and with a mark.
type pictures struct{ plain, marked []byte }

// side is the width and height of the pictures in points: what trays show at most.
const side = 64

// markRed is the red of unread messages, as in the interface (--red).
var markRed = color.NRGBA{R: 0xc8, G: 0x24, B: 0x2f, A: 0xff}

// draw makes the pictures of the program's icon, a PNG.
func newPictures(icon []byte) (p pictures, err error) {
	whole, err := png.Decode(bytes.NewReader(icon))
	if err != nil {
		return p, fmt.Errorf("read the icon: %w", err)
	}
	small := shrink(whole)
	if p.plain, err = encode(small); err != nil {
		return p, err
	}
	mark(small)
	p.marked, err = encode(small)
	return p, err
}

// shrink returns the picture in the size of the sign: each point is the middle of those it stands for.
func shrink(from image.Image) *image.NRGBA {
	to, b := image.NewNRGBA(image.Rect(0, 0, side, side)), from.Bounds()
	plain := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(plain, plain.Bounds(), from, b.Min, draw.Src)
	for y := range side {
		for x := range side {
			to.SetNRGBA(x, y, middle(plain, image.Rect(x*b.Dx()/side, y*b.Dy()/side, (x+1)*b.Dx()/side, (y+1)*b.Dy()/side)))
		}
	}
	return to
}

// middle is the middle of the colours in an area, which has a point at least; what is transparent has none.
func middle(from *image.NRGBA, area image.Rectangle) color.NRGBA {
	area.Max.X, area.Max.Y = max(area.Max.X, area.Min.X+1), max(area.Max.Y, area.Min.Y+1)
	var r, g, b, a, n int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := from.NRGBAAt(x, y)
			r, g, b = r+int(c.R)*int(c.A), g+int(c.G)*int(c.A), b+int(c.B)*int(c.A)
			a, n = a+int(c.A), n+1
		}
	}
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{R: uint8(r / a), G: uint8(g / a), B: uint8(b / a), A: uint8(a / n)}
}

// mark draws a red disc into the upper right corner.
func mark(p *image.NRGBA) {
	const radius, centre = side / 4, side - side/4
	for y := range side {
		for x := range side {
			if dx, dy := x-centre, y-side/4; dx*dx+dy*dy <= radius*radius {
				p.SetNRGBA(x, y, markRed)
			}
		}
	}
}

// encode returns the picture in the form that this system's tray reads.
func encode(p image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		return nil, fmt.Errorf("draw the sign: %w", err)
	}
	if !wantsICO {
		return b.Bytes(), nil
	}
	return ico(b.Bytes()), nil
}

// ico wraps a PNG of the sign's size in the form of Windows: a directory of one picture.
func ico(picture []byte) []byte {
	const head = 6 + 16
	b := []byte{0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(picture)))
	b = binary.LittleEndian.AppendUint32(b, head)
	return append(b, picture...)
}
