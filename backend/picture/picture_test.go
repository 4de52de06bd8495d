package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// The test's own program stands in for the process that makes a copy: what it does this variable says.
const as = "PARLEY_TEST_PICTURE"

func TestMain(m *testing.M) {
	switch os.Getenv(as) {
	case "":
		os.Exit(m.Run())
	case "run":
		if err := Run(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "hog": // holds more than it may
		if err := limit(memory, within); err != nil {
			os.Exit(1)
		}
		hog := make([]byte, memory+memory/4)
		for i := 0; i < len(hog); i += 4096 {
			hog[i] = 1
		}
		os.Stdout.Write(hog[:8192])
	case "flood": // writes more than a copy has
		os.Stdout.Write(make([]byte, maxCopy+1))
	}
}

func shrinkerAs(what string) *Shrinker { return NewShrinker([]string{as + "=" + what}, os.Args[0]) }

// painted returns a picture that is red on its left half, but for a green corner at the top left, and blue on its right.
func painted(width, height int, alpha uint8) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{R: 255, A: 255}
			switch {
			case x >= width/2:
				c = color.NRGBA{B: 255, A: alpha}
			case x < width/4 && y < height/4:
				c = color.NRGBA{G: 255, A: 255}
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

func asPNG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asJPEG says with EXIF how the camera was held, unless orientation is 0.
func asJPEG(t *testing.T, p image.Image, orientation uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	if orientation == 0 {
		return b.Bytes()
	}
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	exif = binary.LittleEndian.AppendUint16(exif, orientation)
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(exif)+2))
	return append(append(append([]byte{}, b.Bytes()[:2]...), append(segment, exif...)...), b.Bytes()[2:]...)
}

func asGIF(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// aWebP is one point.
func aWebP(t *testing.T) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// hugePNG is a few bytes that say they are so many points.
func hugePNG(width, height uint32) []byte {
	chunk := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), width), height)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func fileOf(t *testing.T, content []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestSizeOf(t *testing.T) {
	p := painted(40, 24, 255)
	for name, c := range map[string]struct {
		content       []byte
		width, height int
	}{
		"png":                {asPNG(t, p), 40, 24},
		"gif":                {asGIF(t, p), 40, 24},
		"webp":               {aWebP(t), 1, 1},
		"jpeg":               {asJPEG(t, p, 0), 40, 24},
		"upside down":        {asJPEG(t, p, 3), 40, 24},
		"held upright":       {asJPEG(t, p, 6), 24, 40},
		"held in no way":     {asJPEG(t, p, 77), 40, 24},
		"huge":               {hugePNG(100_000, 100_000), 100_000, 100_000},
		"without a point":    {hugePNG(0, 10), 0, 0},
		"half a header":      {asPNG(t, p)[:20], 0, 0},
		"a drawing":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>`), 0, 0},
		"words":              {[]byte("words"), 0, 0},
		"nothing":            {nil, 0, 0},
		"an endless segment": {append([]byte{0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF}, "Exif\x00\x00"...), 0, 0},
	} {
		if width, height := SizeOf(bytes.NewReader(c.content)); width != c.width || height != c.height {
			t.Errorf("%s: %d by %d, want %d by %d", name, width, height, c.width, c.height)
		}
	}
}

// TestShrink: a copy is no larger than its side, keeps its proportions, its holes, and the way up.
func TestShrink(t *testing.T) {
	for name, c := range map[string]struct {
		content       []byte
		width, height int
		format        string
		// greenX and greenY are where, in parts of a hundred, the green corner is.
		greenX, greenY int
	}{
		"large":          {asPNG(t, painted(1600, 800, 255)), 640, 320, "jpeg", 5, 5},
		"small":          {asPNG(t, painted(60, 40, 255)), 60, 40, "jpeg", 5, 5},
		"with holes":     {asPNG(t, painted(1600, 800, 0)), 640, 320, "png", 5, 5},
		"a photo":        {asJPEG(t, painted(1600, 800, 255), 0), 640, 320, "jpeg", 5, 5},
		"mirrored":       {asJPEG(t, painted(1600, 800, 255), 2), 640, 320, "jpeg", 95, 5},
		"upside down":    {asJPEG(t, painted(1600, 800, 255), 3), 640, 320, "jpeg", 95, 95},
		"on its head":    {asJPEG(t, painted(1600, 800, 255), 4), 640, 320, "jpeg", 5, 95},
		"transposed":     {asJPEG(t, painted(1600, 800, 255), 5), 320, 640, "jpeg", 5, 5},
		"turned right":   {asJPEG(t, painted(1600, 800, 255), 6), 320, 640, "jpeg", 95, 5},
		"transversed":    {asJPEG(t, painted(1600, 800, 255), 7), 320, 640, "jpeg", 95, 95},
		"turned left":    {asJPEG(t, painted(1600, 800, 255), 8), 320, 640, "jpeg", 5, 95},
		"of few colours": {asGIF(t, painted(1600, 800, 255)), 640, 320, "jpeg", 5, 5},
		"a line":         {asPNG(t, painted(3000, 1, 255)), 640, 1, "jpeg", -1, -1},
	} {
		var out bytes.Buffer
		if err := shrinkerAs("run").Shrink(t.Context(), fileOf(t, c.content), &out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, format, err := image.Decode(&out)
		if err != nil || got.Bounds().Dx() != c.width || got.Bounds().Dy() != c.height || format != c.format {
			t.Errorf("%s: %s %v, %v; want %s of %d by %d", name, format, got.Bounds(), err, c.format, c.width, c.height)
			continue
		}
		if c.greenX < 0 {
			continue
		}
		if r, g, b, _ := got.At(c.greenX*c.width/100, c.greenY*c.height/100).RGBA(); g < 0xC000 || r > 0x4000 || b > 0x4000 {
			t.Errorf("%s: the corner is %x %x %x", name, r, g, b)
		}
	}
}

// TestShrink_bombs (E5): what was made to break a decoder breaks nothing here, and is told as a picture without a copy.
func TestShrink_bombs(t *testing.T) {
	for name, content := range map[string][]byte{
		"far too many points": hugePNG(60_000, 60_000),
		"one point too many":  hugePNG(50_000, 1_001),
		"nothing behind it":   hugePNG(5_000, 5_000),
		"cut off":             asPNG(t, painted(400, 400, 255))[:300],
		"a drawing":           []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"nothing":             nil,
	} {
		var out bytes.Buffer
		if err := shrinkerAs("run").Shrink(t.Context(), fileOf(t, content), &out); !errors.Is(err, ErrNone) || out.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes", name, err, out.Len())
		}
	}
	for _, what := range []string{"hog", "flood"} {
		if what == "hog" && runtime.GOOS != "linux" {
			continue // see limit
		}
		var out bytes.Buffer
		if err := shrinkerAs(what).Shrink(t.Context(), fileOf(t, []byte("x")), &out); !errors.Is(err, ErrNone) || out.Len() > 0 {
			t.Errorf("a process that goes beyond its bounds (%s): %v, and %d bytes", what, err, out.Len())
		}
	}
	if err := NewShrinker(nil, filepath.Join(t.TempDir(), "none")).Shrink(t.Context(), fileOf(t, nil), &bytes.Buffer{}); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a program that is not there: %v", err)
	}
}
