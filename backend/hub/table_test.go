package hub

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// TestTable_isAMap compares with Go's map, and looks whether older versions stay as they were.
func TestTable_isAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tab table[int, int]
		model := map[int]int{}
		type version struct {
			tab   table[int, int]
			model map[int]int
		}
		var versions []version
		for i := range rapid.IntRange(0, 400).Draw(t, "steps") {
			key := rapid.IntRange(0, 100).Draw(t, "key")
			if rapid.IntRange(0, 3).Draw(t, "do") == 0 {
				tab = tab.without(key)
				delete(model, key)
			} else {
				tab = tab.with(key, i)
				model[key] = i
			}
			if i%50 == 0 {
				versions = append(versions, version{tab, maps.Clone(model)})
			}
		}
		for _, v := range append(versions, version{tab, model}) {
			if got := maps.Collect(v.tab.all()); !maps.Equal(got, v.model) || v.tab.size != len(v.model) {
				t.Fatalf("table %v of size %d, want %v", got, v.tab.size, v.model)
			}
			for key := range 101 {
				got, ok := v.tab.get(key)
				if want, is := v.model[key]; got != want || ok != is {
					t.Fatalf("get(%d) = %d, %v; want %d, %v", key, got, ok, want, is)
				}
			}
		}
	})
}
