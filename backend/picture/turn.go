package picture

import (
	"encoding/binary"
	"image"
	"image/color"
	"io"
)

// turn is how a picture is to be turned to stand upright: EXIF's orientation, 1 (as it is) to 8; 0 where nothing is said. Cameras write
// what they see and say how they were held.
type turn int

// swaps tells whether width and height change places.
func (t turn) swaps() bool { return t >= 5 && t <= 8 }

// Segments of a JPEG file.
const (
	markerAPP1 = 0xE1
	markerSOS  = 0xDA // the picture itself begins
)

// turnOf looks for the orientation in the segments of a JPEG file before its picture. What is damaged says nothing.
func turnOf(r io.Reader) turn {
	var start [2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || start != [2]byte{0xFF, 0xD8} {
		return 0
	}
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil || head[0] != 0xFF || head[1] == markerSOS {
			return 0
		}
		size := int64(binary.BigEndian.Uint16(head[2:])) - 2
		if size < 0 {
			return 0
		}
		if head[1] != markerAPP1 {
			if _, err := io.CopyN(io.Discard, r, size); err != nil {
				return 0
			}
			continue
		}
		segment := make([]byte, size)
		if _, err := io.ReadFull(r, segment); err != nil {
			return 0
		}
		if t := turnIn(segment); t != 0 {
			return t
		}
	}
}

// turnIn reads the orientation of an EXIF segment: a TIFF file whose first directory has the field 0x0112.
func turnIn(segment []byte) turn {
	const name, field, fieldSize = "Exif\x00\x00", 0x0112, 12
	if len(segment) < len(name)+8 || string(segment[:len(name)]) != name {
		return 0
	}
	tiff := segment[len(name):]
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	count := int64(order.Uint16(tiff[at:]))
	for i := range count {
		f := at + 2 + i*fieldSize
		if f+fieldSize > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[f:]) != field {
			continue
		}
		if t := turn(order.Uint16(tiff[f+8:])); t <= 8 {
			return t
		}
		return 0
	}
	return 0
}

// turned is a picture seen upright.
type turned struct {
	image.Image
	turn turn
}

// Bounds implements image.Image.
func (p turned) Bounds() image.Rectangle {
	b := p.Image.Bounds()
	if p.turn.swaps() {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At implements image.Image.
func (p turned) At(x, y int) color.Color {
	b := p.Image.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	switch p.turn {
	case 2:
		x = right - x
	case 3:
		x, y = right-x, bottom-y
	case 4:
		y = bottom - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, bottom-x
	case 7:
		x, y = right-y, bottom-x
	case 8:
		x, y = right-y, x
	}
	return p.Image.At(b.Min.X+x, b.Min.Y+y)
}
