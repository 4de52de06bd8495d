package chat

import (
	"slices"
	"strings"
	"testing"
)

func TestSearchWords(t *testing.T) {
	if got := SearchWords("Glass-ware, 88%  (été)\x00'x'"); !slices.Equal(got, []string{"Glass", "ware", "88", "été", "x"}) {
		t.Errorf("%q", got)
	}
	if got := SearchWords(strings.Repeat("a ", 100)); len(got) != MaxSearchWords {
		t.Errorf("%d words", len(got))
	}
}
