package proof

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/backend/rig"
)

// soak tells whether the long sizes are asked for.
var soak = os.Getenv("PARLEY_SOAK") == "1"

// size returns how much of something to do: sample in every run, long in a soak.
func size(sample, long int) int {
	if soak {
		return long
	}
	return sample
}

// figures are what the tests have found out, a line for each kind, for the page that shows them.
var figures struct {
	sync.Mutex
	lines []string
}

// report keeps the figures of a kind and logs them: report(t, "kill server", 200, "points", 0, "lost").
func report(t testing.TB, kind string, pairs ...any) {
	t.Helper()
	var words []string
	for i := 0; i < len(pairs); i += 2 {
		words = append(words, fmt.Sprintf("%s %s", number(t, pairs[i]), pairs[i+1].(string)))
	}
	t.Logf("%s: %s", kind, strings.Join(words, ", "))
	figures.Lock()
	defer figures.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf("| %s | %s |\n", kind, strings.Join(words, ", ")))
}

// number writes a figure as people read it: whole numbers in groups of three, others with at most two decimals.
func number(t testing.TB, value any) string {
	var v float64
	switch n := value.(type) {
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	case float64:
		v = n
	default:
		t.Fatalf("report: %T is no number", value)
	}
	whole, decimals, _ := strings.Cut(strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), "."), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals != "" {
		return whole + "." + decimals
	}
	return whole
}

// The figures stand between these lines of the page.
const figuresBegin, figuresEnd = "<!-- figures -->\n", "<!-- end of figures -->\n"

// publish writes the figures into the page, each in the place of that of the run before; what was not run this time stays.
func publish(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, []byte(figuresBegin))
	_, after, ends := bytes.Cut(rest, []byte(figuresEnd))
	if !begins || !ends {
		return fmt.Errorf("%s has no place for figures", page)
	}
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown") // a source that was unpacked from an archive
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(rest[:len(rest)-len(after)])) {
		if kind, ok := proofOf(line); ok {
			rows[kind] = line
		}
	}
	run := fmt.Sprintf(" %s, %s |\n", time.Now().UTC().Format(time.DateOnly), bytes.TrimSpace(commit))
	for _, line := range figures.lines {
		if kind, ok := proofOf(line); ok {
			rows[kind] = strings.TrimSuffix(line, "\n") + run
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%sOn %s with %d processors.\n\n| proof | found | run on, source |\n|---|---|---|\n", before, figuresBegin,
		runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU())
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(rows[kind])
	}
	fmt.Fprintf(&b, "%s%s", figuresEnd, after)
	return os.WriteFile(page, b.Bytes(), 0o644)
}

// proofOf returns the first cell of a row of figures.
func proofOf(line string) (kind string, ok bool) {
	cells := strings.SplitN(line, "|", 3)
	if len(cells) < 3 || cells[0] != "" {
		return "", false
	}
	kind = strings.TrimSpace(cells[1])
	return kind, kind != "proof" && !strings.HasPrefix(kind, "---")
}

func TestMain(m *testing.M) {
	code := rig.Main(m)
	if coreDir != "" {
		_ = os.RemoveAll(coreDir) // a leftover in the temporary directory harms nobody
	}
	if page := os.Getenv("PARLEY_FIGURES"); page != "" && code == 0 {
		if err := publish(page); err != nil {
			fmt.Fprintln(os.Stderr, "publish the figures:", err)
			code = 1
		}
	}
	os.Exit(code)
}
