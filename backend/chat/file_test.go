package chat

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCleanFileName: whatever a file is said to be called, what is left is one part of a path on every system, and shows its ending.
func TestCleanFileName(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf":              "report.pdf",
		"/etc/passwd":             "passwd",
		`..\..\autoexec.bat`:      "autoexec.bat",
		"..":                      "file",
		". . .":                   "file",
		"":                        "file",
		"\u200b\u2060":            "file",
		"a\u202etxt.exe":          "atxt.exe",
		"trailing.txt. .":         "trailing.txt",
		"stream.txt::$DATA":       "stream.txt__$DATA",
		"nul":                     "_nul",
		"COM1.txt":                "_COM1.txt",
		"con .txt":                "_con .txt",
		"console.txt":             "console.txt",
		"tab\tand\nline.txt":      "tabandline.txt",
		"wide\u3000space.txt":     "wide space.txt",
		"\xff\xfe.txt":            "_.txt",
		".htaccess":               ".htaccess",
		"ein Straßenfest 日本.docx": "ein Straßenfest 日本.docx",
	} {
		if got := CleanFileName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	long := CleanFileName(strings.Repeat("ä", 500) + ".jpeg")
	if len(long) > MaxFileNameBytes || !strings.HasSuffix(long, "ä.jpeg") || !utf8.ValidString(long) {
		t.Errorf("a long name becomes %q", long)
	}
}

// FuzzCleanFileName: the result is clean itself, and stays inside whatever folder it is put into.
func FuzzCleanFileName(f *testing.F) {
	for _, seed := range []string{"a.txt", `..\x`, "\u202e", "nul.", strings.Repeat("x", 400), "a/b:c*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanFileName(name)
		if again := CleanFileName(got); again != got {
			t.Errorf("%q becomes %q, and that %q", name, got, again)
		}
		if len(got) == 0 || len(got) > MaxFileNameBytes || !utf8.ValidString(got) || got != filepath.Base(got) || got == "." || got == ".." || strings.ContainsAny(got, `/\:`) {
			t.Errorf("%q becomes %q", name, got)
		}
	})
}

// TestFitFileName: a name says what the bytes are where a page shows them.
func TestFitFileName(t *testing.T) {
	for _, c := range []struct{ name, kind, want string }{
		{"cat.png", "image/png", "cat.png"}, {"cat.JPG", "image/jpeg", "cat.JPG"}, {"cat.exe", "image/png", "cat.exe.png"},
		{"cat", "image/webp", "cat.webp"}, {"cat.png", "application/pdf", "cat.png"}, {"film.m4v", "video/mp4", "film.m4v"},
	} {
		if got := FitFileName(c.name, c.kind); got != c.want {
			t.Errorf("%q of %s becomes %q, want %q", c.name, c.kind, got, c.want)
		}
	}
	if long := FitFileName(strings.Repeat("x", MaxFileNameBytes), "image/png"); len(long) > MaxFileNameBytes || !strings.HasSuffix(long, ".png") {
		t.Errorf("a long name becomes %q", long)
	}
}
