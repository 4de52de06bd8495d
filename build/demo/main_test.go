package main

import (
	"bytes"
	"testing"
)

func TestWatch_passesAllOnAndTellsTheLine(t *testing.T) {
	var out bytes.Buffer
	w := newWatch(&out, "is at http://")
	seen := w.seen
	for _, part := range []string{"a table\nThe de", "mo is at ht", "tp://127.0.0.1\nmore is at http://x\n"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if line := <-seen; line != "The demo is at http://127.0.0.1" {
		t.Errorf("told %q", line)
	}
	if want := "a table\nThe demo is at http://127.0.0.1\nmore is at http://x\n"; out.String() != want {
		t.Errorf("passed on %q", out.String())
	}
}
