package notify

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a toast shows, in characters.
const (
	maxTitle = 60
	maxBody  = 200
)

// maxMarks is how many combining marks may sit on one letter: enough for every script in use, too few to paint over the
// neighbours.
const maxMarks = 3

// Filter returns what of s may be shown in a toast, at most max characters of it. Systems read the text of a toast as markup,
// as a script's string or as a program's arguments, so nothing survives that any of them reads as more than text: only
// letters, digits, single spaces and simple punctuation do. Line breaks and tabs become a space; an apostrophe becomes the
// letter that looks like one, so that words stay readable; everything else is left out. The result never begins with a
// hyphen. It may be empty.
func Filter(s string, max int) string {
	var out strings.Builder
	length, marks, space := 0, 0, false
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			continue
		case unicode.IsSpace(r):
			space = length > 0
			continue
		case r == '\'' || r == '\u2019':
			r = '\u02bc' // MODIFIER LETTER APOSTROPHE
		}
		if !shown(r) || length == 0 && (r == '-' || unicode.IsMark(r)) {
			continue
		}
		if marks++; !unicode.IsMark(r) {
			marks = 0
		}
		if marks > maxMarks {
			continue
		}
		if space {
			if length+2 > max {
				break
			}
			out.WriteByte(' ')
			length, space = length+1, false
		}
		if length++; length > max {
			break
		}
		out.WriteRune(r)
	}
	return out.String()
}

// shown is the allow-list. Letters that are drawn as nothing (fillers, variation selectors) are refused with the rest that
// cannot be seen.
func shown(r rune) bool {
	switch {
	case strings.ContainsRune(".,:;!?()/+-", r):
		return true
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == '\u034f':
		return false
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd) && strconv.IsPrint(r)
}
