package check

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors are the lowest versions without a known fault that concerns Parley. A module may be absent, never older.
var floors = map[string]string{
	"golang.org/x/net":                  "v0.56.0",
	"golang.org/x/crypto":               "v0.52.0",
	"golang.org/x/image":                "v0.45.0",
	"golang.org/x/text":                 "v0.39.0",
	"github.com/jackc/pgx/v5":           "v5.9.2",
	"github.com/nats-io/nats-server/v2": "v2.12.6",
	"github.com/go-jose/go-jose/v4":     "v4.1.4",
	"github.com/golang-jwt/jwt/v5":      "v5.2.2",
	"github.com/wailsapp/wails/v2":      "v2.16.0", // before it, a wildcard among allowed origins could be bypassed
}

func TestVersions_noneBelowItsFloor(t *testing.T) {
	required := requirements(t, filepath.Join(root, "go.mod"))
	for module, floor := range floors {
		if have, ok := required[module]; ok && older(have, floor) {
			t.Errorf("%s is %s; at least %s is needed", module, have, floor)
		}
	}
}

// The SQLite module is translated C and fits exactly one version of its C library; another one corrupts data silently.
func TestVersions_sqliteAndItsLibraryFit(t *testing.T) {
	required := requirements(t, filepath.Join(root, "go.mod"))
	cmd := exec.Command("go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ask for modernc.org/sqlite's go.mod: %v", err)
	}
	const library = "modernc.org/libc"
	want := requirements(t, strings.TrimSpace(string(out)))[library]
	if have := required[library]; want == "" || have != want {
		t.Errorf("%s is %q; modernc.org/sqlite %s needs exactly %q", library, have, required["modernc.org/sqlite"], want)
	}
}

// requirements reads the required modules of a go.mod with their versions.
func requirements(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	found := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(lines.Text()), "require "))
		if len(words) >= 2 && strings.HasPrefix(words[1], "v") {
			found[words[0]] = words[1]
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("%s requires nothing: not read rightly", path)
	}
	return found
}

// older tells whether version a comes before b. Both are vX.Y.Z, what follows a hyphen or plus is left out.
func older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

func numbers(version string) (n [3]int) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "-")
	for i, word := range strings.SplitN(version, ".", 3) {
		n[i], _ = strconv.Atoi(word) // a word that is no number counts as zero: the oldest
	}
	return n
}

func TestOlder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"v0.9.0", "v0.10.0", true},
		{"v0.10.0", "v0.9.0", false},
		{"v1.2.3", "v1.2.3", false},
		{"v1.2.3-rc.1", "v1.2.4", true},
		{"v2.0.0", "v1.9.9", false},
	} {
		if got := older(c.a, c.b); got != c.want {
			t.Errorf("older(%s, %s) = %v", c.a, c.b, got)
		}
	}
}
