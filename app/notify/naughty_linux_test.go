package notify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/build/screen"
)

// naughty are texts of the kinds on which programs have stumbled: what a shell, a markup, a query, a format or an option would read as
// more than text, what has no width, no letters or no end, and what is no text at all.
var naughty = []string{
	"", " ", "\t\n\r", "\x00", "undefined", "null", "NULL", "(null)", "nil", "true", "0", "-1", "1/0", "NaN", "0x0", "1E+02",
	"--help", "-h", "--wait", "-u critical", "--hint=string:image-path:/etc/passwd", "- - -",
	"$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "&& touch pwned", "> pwned", "$HOME", "${IFS}", "%PATH%", "!!",
	"<b>bold</b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='file:///etc/passwd'>x</a>", "&lt;b&gt;", "&#x41;", "]]>", "<![CDATA[x]]>", "<!-- -->", "<?xml?>",
	"'; DROP TABLE message; --", "' OR 1=1 --", "\\", "\\\\", "\\u0041", "\"quoted\"", "'quoted'",
	"%s%s%s%n", "%d", "{0}", "{{7*7}}", "${7*7}", "#{7*7}",
	"../../../etc/passwd", "C:\\Windows\\System32", "CON", "file:///etc/passwd", "javascript:alert(1)",
	"\u202ereversed\u202c", "\u200b\u200c\u200d\u2060\ufeff", "\u061c\u2066\u2069", "\ufff9\ufffa\ufffb", "\u3164\u115f\u1160", "\u00ad",
	"Z\u0351\u036b\u0343\u036a\u0302A\u0351\u036b\u0343\u036a\u0302L\u0351\u036b\u0343\u036a\u0302", strings.Repeat("\u0301", 2000),
	"\U0001f600\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0645\u0631\u062d\u0628\u0627", "\u7530\u4e2d\u3055\u3093", "\uff8e\uff9f", "\u1e9e\u0130\u0131",
	"\xff\xfe", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "a\xffb",
	"\x1b[31mred\x1b[0m", "\a\b\f\v", "\u0085\u2028\u2029", strings.Repeat("A", 100_000), strings.Repeat("long words ", 5_000),
	"powershell -Command calc", "$PSVersionTable", "@{a=1}", "@'\nx\n'@", "`n`0", "\" & (system attribute \"x\") & \"",
}

// TestDunst_naughtyStrings: each, as title and as body, yields a toast, and no process but those that were there.
func TestDunst_naughtyStrings(t *testing.T) {
	s := screen.Start(t, 800, 600)
	before := children(t)
	system := newSystem(func(string) {})
	defer system.close()
	for i, text := range naughty {
		title, body := texts(text, text)
		if err := system.show(t.Context(), "one", title, body); err != nil {
			t.Fatalf("string %d, %.40q: %v", i, text, err)
		}
		s.Await("it is shown", func() bool { return s.Shown() == "1" })
		system.clear(t.Context(), "one")
		s.Await("it is gone", func() bool { return s.Shown() == "0" })
		if now := children(t); now != before {
			t.Fatalf("string %d, %.40q, has started a process: %s, before: %s", i, text, now, before)
		}
	}
	if gone := s.Gone(); len(gone) == 0 {
		t.Error("dunst remembers no toast")
	}
	if _, err := os.Stat("pwned"); err == nil {
		t.Error("a toast has made a file")
	}
}

// children are the processes that this one has started and that still are.
func children(t *testing.T) string {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, list := range lists {
		raw, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended meanwhile, and with it its list
		}
		all = append(all, strings.Fields(string(raw))...)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
