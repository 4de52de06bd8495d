package app

import (
	"os"
	"testing"
)

func TestPlace_comesBack(t *testing.T) {
	dir := t.TempDir()
	if p, err := loadPlace(dir); err != nil || p.known || p.Width != defaultWidth {
		t.Errorf("a new profile: %+v, %v", p, err)
	}
	want := place{X: -20, Y: 30, Width: 900, Height: 700, Maximised: true, known: true}
	if err := want.save(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := loadPlace(dir); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestPlace_aDamagedFileGivesTheDefault(t *testing.T) {
	for _, text := range []string{"", "{", `{"width":1}`, `{"width":900,"height":99999999}`, `{"width":900,"height":700,"x":1000000}`} {
		dir := t.TempDir()
		if err := os.WriteFile(placeFile(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := loadPlace(dir)
		if err == nil || p.known || p.Width != defaultWidth || p.Height != defaultHeight {
			t.Errorf("%q: %+v, %v", text, p, err)
		}
	}
}

func TestPlace_goesBackOnlyToAScreen(t *testing.T) {
	for _, c := range []struct {
		x, y int
		want bool
	}{
		{100, 100, true},
		{-700, 0, true},
		{1700, 900, true},
		{3000, 100, false},
		{100, 1000, false},
		{-800, 100, false},
		{100, -10, false},
	} {
		if got := (place{X: c.x, Y: c.y, Width: 900, Height: 700}).onScreen(1920, 1080); got != c.want {
			t.Errorf("%d,%d: %v", c.x, c.y, got)
		}
	}
}
