package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFilter(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain words stay", "Hello Liam, is it 7/8? (yes!)", "Hello Liam, is it 7/8? (yes!)"},
		{"words stay readable without quotes", `don't say "no" – she’s in`, "donʼt say no sheʼs in"},
		{"letters of every script", "Grüße Ελλάδα مرحبا 你好 हिन्दी", "Grüße Ελλάδα مرحبا 你好 हिन्दी"},
		{"markup", "<b>bold</b> &amp; <img src=x>", "bbold/b amp; img srcx"},
		{"a script", "$(Start-Process calc)`n${env:PATH}", "(Start-Process calc)nenv:PATH"},
		{"an option", "--wait -i x", "wait -i x"},
		{"an option behind a space", "  - - help", "help"},
		{"the end of an XML section", "]]>x", "x"},
		{"a here-string", "a\n\"@\nb", "a b"},
		{"line breaks and tabs", "a\r\nb\tc\u2028d", "a b c d"},
		{"control and escape characters", "a\x00b\x1b[31mc\x7f", "ab31mc"},
		{"characters that turn the direction", "user\u202egnp.exe\u2066", "usergnp.exe"},
		{"characters without width", "a\u200bb\ufeffc\u00adde\u3164f", "abcdef"},
		{"no marks to paint with", "a" + strings.Repeat("\u0301", 50) + "b", "a" + strings.Repeat("\u0301", maxMarks) + "b"},
		{"a mark without a letter", "\u0301a", "a"},
		{"emoji only", "🎉👍🏽", ""},
		{"bytes that are no text", "a\xff\xfeb", "ab"},
	} {
		if got := Filter(c.in, maxBody); got != c.want {
			t.Errorf("%s: Filter(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestFilter_capsTheLength(t *testing.T) {
	if got := Filter(strings.Repeat("é", 500), 20); utf8.RuneCountInString(got) != 20 {
		t.Errorf("%d characters: %q", utf8.RuneCountInString(got), got)
	}
	if got := Filter("abc def", 4); got != "abc" {
		t.Errorf("a space at the end is left: %q", got)
	}
}

func TestTexts_neverEmpty(t *testing.T) {
	title, body := texts("🎉", "\u200b")
	if title != appName || body != constantBody {
		t.Errorf("texts of nothing that can be shown: %q, %q", title, body)
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"Hello", "--wait", "$(x)`n", "<b>&amp;]]>", "\u202e\u200b\u0301", "\"@\n", "don't", "a\xffb", "\u3164"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Filter(s, maxBody)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxBody {
			t.Fatalf("not text, or too long: %q", got)
		}
		if strings.HasPrefix(got, "-") || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Fatalf("reads as an option, or has loose spaces: %q", got)
		}
		if i := strings.IndexAny(got, "$`'\"<>&[]{}@\\|*~^=#%_\n\r\t"); i >= 0 {
			t.Fatalf("%q holds %q", got, got[i])
		}
		for _, r := range got {
			if unicode.Is(unicode.C, r) || r != ' ' && unicode.IsSpace(r) || unicode.In(r, unicode.Pi, unicode.Pf, unicode.Zl, unicode.Zp) {
				t.Fatalf("%q holds U+%04X", got, r)
			}
		}
		if again := Filter(got, maxBody); again != got {
			t.Fatalf("not stable: %q becomes %q", got, again)
		}
	})
}
