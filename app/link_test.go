package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestOpenable_webMailAndPhone(t *testing.T) {
	for raw, want := range map[string]string{
		"https://parley.example/a/b?c=d#e":         "https://parley.example/a/b?c=d#e",
		"HTTP://127.0.0.1:8080/":                   "http://127.0.0.1:8080/",
		"https://en.wiki.example/Tea_(drink);x~!*": "https://en.wiki.example/Tea_%28drink%29%3Bx%7E%21%2A",
		"https://parley.example/ü":                 "https://parley.example/%C3%BC",
		"https://parley.example/?q=[a]|$b":         "https://parley.example/?q=%5Ba%5D%7C%24b",
		"mailto:liam@parley.example?subject=Hi":    "mailto:liam@parley.example?subject=Hi",
		"tel:+1(555)014-2287":                      "tel:+15550142287",
	} {
		got, err := openable(raw)
		if err != nil || got != want {
			t.Errorf("openable(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestOpenable_nothingElse(t *testing.T) {
	for _, raw := range []string{
		"", "about:blank", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
		"ftp://a.example/", "ms-msdt:/id", "search-ms:query=x", "ms-officecmd:x", "ms-appinstaller:?source=x", "smb://a/b",
		"ssh://a.example", "ldap://a.example", "chrome://settings", "steam://run/1", "/etc/passwd", "//a.example/b", "a.example",
		"-h", "--version", "C:\\Windows\\system32\\calc.exe", "\\\\host\\share",
		"http://", "https:///path", "http:a.example", "http://[::1]/", "https://user:secret@a.example/", "https://a.example@b.example/",
		"https://exämple.example/", "https://a b.example/", "https://a.example:port/", "https://a.example\x00.b/", "https://a.example\n/",
		"mailto:", "mailto:-x", "tel:", "tel:abc", "tel:+1;rm", "https://a.example/" + strings.Repeat("x", maxLinkBytes),
	} {
		if got, err := openable(raw); err == nil {
			t.Errorf("openable(%q) = %q", raw, got)
		}
	}
}

// TestOpenable_examples: what the page holds itself to as well (frontend/src/shell/links.test.ts).
func TestOpenable_examples(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "backend", "chat", "testdata", "links.json"))
	if err != nil {
		t.Fatal(err)
	}
	var links []struct{ Href, Opened string }
	if err := json.Unmarshal(raw, &links); err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		got, err := openable(l.Href)
		if got != l.Opened || (err == nil) != (l.Opened != "") {
			t.Errorf("openable(%q) = %q, %v; want %q", l.Href, got, err, l.Opened)
		}
		if again, err := openable(got); l.Opened != "" && (err != nil || again != got) {
			t.Errorf("openable(%q) = %q, %v", got, again, err)
		}
	}
}

func FuzzOpenable(f *testing.F) {
	for _, s := range []string{"https://a.example/(x)", "mailto:a@b", "mailto:a@b,c?Cc=d%0A&body=%0d%2B&attach=e", "tel:+1", "ms-msdt:x", "http://a\\b", "https://a/%00"} {
		f.Add(s)
	}
	// What the way to the system's browser takes without refusing: nothing a shell or a registry template could read as more.
	safe := regexp.MustCompile(`^(https?://[A-Za-z0-9._-]+(:[0-9]+)?([/?#]|$)|mailto:[A-Za-z0-9_%]|tel:[+0-9#%])[A-Za-z0-9\-._:/?#@&+,=%]*$`)
	f.Fuzz(func(t *testing.T, raw string) {
		if got, err := openable(raw); err == nil && !safe.MatchString(got) {
			t.Fatalf("openable(%q) = %q", raw, got)
		}
	})
}
