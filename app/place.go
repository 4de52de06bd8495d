package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The window's size, in logical pixels.
const (
	minWidth, minHeight         = 720, 480
	defaultWidth, defaultHeight = 1280, 800
	// maxSide refuses sizes and places that no screen has: a damaged file must not hide the window.
	maxSide = 16_000
)

// place is where the window was when it was last closed. It is kept in the profile.
type place struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
	// known is false until there is a place to go back to: then the system chooses.
	known bool
}

func placeFile(profile string) string { return filepath.Join(profile, "window.json") }

// loadPlace returns the kept place, or the default size at a place of the system's choice. A file that cannot be read or
// makes no sense is an error beside that default, so it can be logged and the window opens all the same.
func loadPlace(profile string) (place, error) {
	standard := place{Width: defaultWidth, Height: defaultHeight}
	data, err := os.ReadFile(placeFile(profile))
	if errors.Is(err, fs.ErrNotExist) {
		return standard, nil
	}
	if err != nil {
		return standard, fmt.Errorf("read the window's place: %w", err)
	}
	p := place{known: true}
	if err := json.Unmarshal(data, &p); err != nil {
		return standard, fmt.Errorf("read the window's place: %w", err)
	}
	if p.Width < minWidth || p.Height < minHeight || p.Width > maxSide || p.Height > maxSide ||
		p.X < -maxSide || p.Y < -maxSide || p.X > maxSide || p.Y > maxSide {
		return standard, fmt.Errorf("the window's place makes no sense: %+v", p)
	}
	return p, nil
}

// onScreen tells whether the place is on a screen of this size, with enough of the window to take hold of. The screen it was
// on may be gone, or be another than the one new windows open on; then the system chooses better.
func (p place) onScreen(width, height int) bool {
	const hold = 120
	return p.X > hold-p.Width && p.X < width-hold && p.Y >= 0 && p.Y < height-hold
}

func (p place) save(profile string) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the window's place: %w", err)
	}
	if err := replaceFile(placeFile(profile), data); err != nil {
		return fmt.Errorf("keep the window's place: %w", err)
	}
	return nil
}
