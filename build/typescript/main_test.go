package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func folder(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n"+source), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGenerate_everyForm(t *testing.T) {
	text, err := generate([]string{folder(t, `
// Colour is shown.
type Colour string

const (
	Red  Colour = "red"
	Blue Colour = "blue"
)

type hidden struct{ A int `+"`json:\"a\"`"+` }

// Doer cannot travel.
type Doer interface{ Do() }

// Thing has
// two lines.
type Thing struct {
	// Colour it has.
	Colour Colour            `+"`json:\"colour\"`"+`
	Next   *Thing            `+"`json:\"next,omitempty\"`"+`
	Parts  []Thing           `+"`json:\"parts\"`"+`
	By     map[Colour]int64  `+"`json:\"by\"`"+`
	Raw    json.RawMessage   `+"`json:\"raw\" tstype:\"Thing[]\"`"+`
	Kept   *bool             `+"`json:\"kept\"`"+`
	Gone   func()            `+"`json:\"-\"`"+`
	inside int
}
`)})
	if err != nil {
		t.Fatal(err)
	}
	want := `
/** Colour is shown. */
export type Colour = "red" | "blue";

/**
 * Thing has
 * two lines.
 */
export interface Thing {
  /** Colour it has. */
  colour: Colour;
  next?: Thing;
  parts: Thing[];
  by: Record<Colour, number>;
  raw: Thing[];
  kept: boolean | null;
}
`
	_, got, _ := strings.Cut(string(text), "DO NOT EDIT.\n")
	if got != want {
		t.Errorf("generated:\n%s\nwant:\n%s", got, want)
	}
}

func TestGenerate_refusesWhatItDoesNotKnow(t *testing.T) {
	for name, source := range map[string]string{
		"a field without a JSON name": "type T struct { A int `json:\"a\"`; B int }",
		"an unknown basic type":       "type T struct { A complex128 `json:\"a\"` }",
		"a nested struct":             "type T struct { A struct{} `json:\"a\"` }",
	} {
		if text, err := generate([]string{folder(t, source)}); err == nil {
			t.Errorf("%s: no error, but\n%s", name, text)
		}
	}
}
