// Package sheet reads and writes tables as people exchange them with spreadsheets: users coming in as CSV, and cells going out
// that no spreadsheet calculates and no terminal obeys.
//
// It owns the form of such a table: separators, columns, what a record says. It knows no users and no rules: what a record would
// change, and who may change it, is the hub's to decide.
package sheet

import (
	"fmt"
	"strings"
	"unicode"
)

// formulas are the signs by which a spreadsheet takes a cell for something to calculate (OWASP, CSV injection).
const formulas = "=+-@\t\r"

// Inert returns the cell as text that a spreadsheet shows and does not calculate: with an apostrophe in front where it needs one.
// Reading a table takes off exactly that apostrophe.
func Inert(cell string) string {
	if calculated(cell) {
		return "'" + cell
	}
	return cell
}

// literal takes back what Inert did.
func literal(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && calculated(rest) {
		return rest
	}
	return cell
}

// calculated tells whether a spreadsheet might calculate the cell. A cell that looks as if it was made inert counts too: it gets one
// apostrophe more, so that the two stay apart and each comes back as it was.
func calculated(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte(formulas, rest[0]) >= 0
}

// Harmless returns text that can be written to a terminal: control characters, and those that turn the direction of what follows,
// as \u and four digits.
func Harmless(text string) string {
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	if !strings.ContainsFunc(text, odd) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if odd(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
