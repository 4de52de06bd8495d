package check

import (
	"slices"
	"strings"
	"testing"
)

// mayImport is the architecture: to each package its own other packages that it may import, relative to the module. A name
// that ends in "/" stands for all packages below. A package without an entry fails, so a new one is placed on purpose.
var mayImport = map[string][]string{
	".": {"app", "frontend"},

	"backend/chat":      {},
	"backend/policy":    {"backend/chat"},
	"backend/wire":      {"backend/chat"},
	"backend/presence":  {"backend/chat"},
	"backend/attention": {"backend/chat"},
	"backend/push":      {},
	"backend/auth":      {},
	"backend/oidc":      {},
	"backend/folder":    {},
	"backend/sheet":     {"backend/chat"},
	"backend/store":     {"backend/chat"},
	"backend/search":    {"backend/chat"},
	"backend/picture":   {},
	"backend/clamd":     {},
	"backend/blob":      {"backend/chat", "backend/folder", "backend/picture"},
	"backend/hub":       {"backend/attention", "backend/auth", "backend/chat", "backend/policy", "backend/presence", "backend/push", "backend/search", "backend/sheet", "backend/store"},
	"backend/server":    {"backend/auth", "backend/blob", "backend/chat", "backend/hub", "backend/oidc", "backend/picture", "backend/wire"},
	"backend/demo":      {"backend/chat", "backend/wire"},
	"backend/bench":     {"backend/chat", "backend/hub", "backend/store", "backend/wire"},
	"backend/rig":       {"backend/", "frontend"},

	"backend/cmd/parley-server": {"backend/", "frontend"},

	"app":                 {"app/", "backend/chat", "backend/wire", "frontend"},
	"app/notify":          {},
	"app/bring":           {},
	"app/idle":            {},
	"app/taskbar":         {},
	"app/tray":            {},
	"app/replica":         {"backend/attention", "app/cache", "app/link", "app/transfer", "backend/blob", "backend/chat", "backend/wire"},
	"app/transfer":        {"backend/chat"},
	"app/cache":           {"backend/chat", "backend/folder"},
	"app/link":            {"backend/chat", "backend/wire"},
	"app/cmd/parley-core": {"backend/attention", "app/cache", "app/link", "app/replica", "backend/chat", "backend/wire", "frontend"},

	"frontend": {},

	"build/check":        {},
	"build/screen/files": {},
	"build/demo":         {"backend/demo"},
	"build/openid":       {}, // a module of its own: nothing of it is the product's
	"build/proof":        {},
	"build/screen":       {},
	"build/typescript":   {},
}

// testsOnly may be imported by tests and by nothing else.
var testsOnly = []string{"backend/rig", "build/screen"}

// doors names, for a third party, the only packages that may import it, so that it can be replaced in one place.
var doors = map[string][]string{
	"github.com/wailsapp/":           {"app"},
	"github.com/gen2brain/beeep":     {"app/notify"},
	"github.com/godbus/dbus/":        {"app/notify", "app/idle", "app/taskbar", "app/tray"},
	"fyne.io/systray":                {"app/tray"},
	"modernc.org/sqlite":             {"backend/store", "backend/search", "app/cache"},
	"github.com/tus/tusd/":           {"backend/blob"},
	"github.com/gabriel-vasile/":     {"backend/blob"},
	"golang.org/x/image/":            {"backend/picture"},
	"github.com/coder/websocket":     {"backend/wire", "backend/server", "app/link", "app/replica"},
	"golang.org/x/crypto/argon2":     {"backend/auth"},
	"github.com/coreos/go-oidc/":     {"backend/oidc"},
	"golang.org/x/oauth2":            {"backend/oidc"},
	"github.com/pquerna/otp":         {"backend/auth"},
	"github.com/go-json-experiment/": {"backend/chat"},
	"github.com/google/uuid":         {"backend/chat", "backend/store"},
	"github.com/prometheus/":         {"backend/server", "backend/cmd/parley-server"},
	"github.com/zalando/go-keyring":  {"app/cache", "app/replica"},
}

// testDoors names, for a third party that tests alone may use, the packages whose tests may import it.
var testDoors = map[string][]string{
	"github.com/cedar-policy/": {"backend/policy"},
}

func TestLayers(t *testing.T) {
	for _, f := range sources(t) {
		allowed, known := mayImport[f.pkg]
		if !known {
			t.Errorf("%s: package %s has no entry in mayImport: say what it may import", f.path, f.pkg)
			continue
		}
		for _, path := range f.imports {
			own, ours := strings.CutPrefix(path, "parley/")
			switch {
			case ours && f.test:
				checkTestImport(t, f, own)
			case ours && slices.Contains(testsOnly, own):
				t.Errorf("%s imports %s, which is for tests only", f.path, own)
			case ours && !covers(allowed, own):
				t.Errorf("%s imports %s; %s may import of ours: %v", f.path, own, f.pkg, allowed)
			case !ours:
				checkDoor(t, f, path)
			}
		}
	}
}

// checkTestImport lets a test stand up anything of its own side. Only what would turn the arrows round is refused: the server
// never knows the desktop, not even in its tests.
func checkTestImport(t *testing.T, f source, own string) {
	t.Helper()
	if strings.HasPrefix(f.pkg, "backend/") && (own == "app" || strings.HasPrefix(own, "app/")) {
		t.Errorf("%s imports %s: nothing in backend knows app", f.path, own)
	}
}

func checkDoor(t *testing.T, f source, path string) {
	t.Helper()
	for third, only := range doors {
		if !f.test && strings.HasPrefix(path, third) && !slices.Contains(only, f.pkg) {
			t.Errorf("%s imports %s; only %v may", f.path, path, only)
		}
	}
	for third, only := range testDoors {
		if strings.HasPrefix(path, third) && !(f.test && slices.Contains(only, f.pkg)) {
			t.Errorf("%s imports %s; only tests of %v may", f.path, path, only)
		}
	}
}

func covers(allowed []string, own string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return a == own || strings.HasSuffix(a, "/") && strings.HasPrefix(own, a)
	})
}

func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sources(t) {
		if !f.test {
			documented[f.pkg] = documented[f.pkg] || f.doc
		}
	}
	for pkg, has := range documented {
		if !has {
			t.Errorf("package %s has no package comment: say what it owns and what it leaves to others", pkg)
		}
	}
}
