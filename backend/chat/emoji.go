package chat

import (
	"unicode"
	"unicode/utf8"
)

// What is one emoji (Unicode Technical Standard 51): a picture with its variation and colour of skin, several of them joined, a
// flag, or a key. The form is checked, not whether anybody draws it: a list of all there are would be old next year.

// pictures are the characters that may be drawn as a picture: whole blocks where Unicode keeps them for that.
var pictures = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00a9, 0x00a9, 1}, {0x00ae, 0x00ae, 1}, {0x203c, 0x203c, 1}, {0x2049, 0x2049, 1}, {0x2122, 0x2122, 1}, {0x2139, 0x2139, 1},
		{0x2194, 0x2199, 1}, {0x21a9, 0x21aa, 1}, {0x231a, 0x231b, 1}, {0x2328, 0x2328, 1}, {0x23cf, 0x23cf, 1}, {0x23e9, 0x23f3, 1},
		{0x23f8, 0x23fa, 1}, {0x24c2, 0x24c2, 1}, {0x25aa, 0x25ab, 1}, {0x25b6, 0x25b6, 1}, {0x25c0, 0x25c0, 1}, {0x25fb, 0x25fe, 1},
		{0x2600, 0x2604, 1}, {0x260e, 0x260e, 1}, {0x2611, 0x2611, 1}, {0x2614, 0x2615, 1}, {0x2618, 0x2618, 1}, {0x261d, 0x261d, 1},
		{0x2620, 0x2620, 1}, {0x2622, 0x2623, 1}, {0x2626, 0x2626, 1}, {0x262a, 0x262a, 1}, {0x262e, 0x262f, 1}, {0x2638, 0x263a, 1},
		{0x2640, 0x2640, 1}, {0x2642, 0x2642, 1}, {0x2648, 0x2653, 1}, {0x265f, 0x2660, 1}, {0x2663, 0x2663, 1}, {0x2665, 0x2666, 1},
		{0x2668, 0x2668, 1}, {0x267b, 0x267b, 1}, {0x267e, 0x267f, 1}, {0x2692, 0x2697, 1}, {0x2699, 0x2699, 1}, {0x269b, 0x269c, 1},
		{0x26a0, 0x26a1, 1}, {0x26a7, 0x26a7, 1}, {0x26aa, 0x26ab, 1}, {0x26b0, 0x26b1, 1}, {0x26bd, 0x26be, 1}, {0x26c4, 0x26c5, 1},
		{0x26c8, 0x26c8, 1}, {0x26ce, 0x26cf, 1}, {0x26d1, 0x26d1, 1}, {0x26d3, 0x26d4, 1}, {0x26e9, 0x26ea, 1}, {0x26f0, 0x26f5, 1},
		{0x26f7, 0x26fa, 1}, {0x26fd, 0x26fd, 1}, {0x2702, 0x2702, 1}, {0x2705, 0x2705, 1}, {0x2708, 0x270d, 1}, {0x270f, 0x270f, 1},
		{0x2712, 0x2712, 1}, {0x2714, 0x2714, 1}, {0x2716, 0x2716, 1}, {0x271d, 0x271d, 1}, {0x2721, 0x2721, 1}, {0x2728, 0x2728, 1},
		{0x2733, 0x2734, 1}, {0x2744, 0x2744, 1}, {0x2747, 0x2747, 1}, {0x274c, 0x274c, 1}, {0x274e, 0x274e, 1}, {0x2753, 0x2755, 1},
		{0x2757, 0x2757, 1}, {0x2763, 0x2764, 1}, {0x2795, 0x2797, 1}, {0x27a1, 0x27a1, 1}, {0x27b0, 0x27b0, 1}, {0x27bf, 0x27bf, 1},
		{0x2934, 0x2935, 1}, {0x2b05, 0x2b07, 1}, {0x2b1b, 0x2b1c, 1}, {0x2b50, 0x2b50, 1}, {0x2b55, 0x2b55, 1}, {0x3030, 0x3030, 1},
		{0x303d, 0x303d, 1}, {0x3297, 0x3297, 1}, {0x3299, 0x3299, 1},
	},
	R32: []unicode.Range32{
		{0x1f004, 0x1f004, 1}, {0x1f0cf, 0x1f0cf, 1}, {0x1f170, 0x1f171, 1}, {0x1f17e, 0x1f17f, 1}, {0x1f18e, 0x1f18e, 1},
		{0x1f191, 0x1f19a, 1}, {0x1f201, 0x1f202, 1}, {0x1f21a, 0x1f21a, 1}, {0x1f22f, 0x1f22f, 1}, {0x1f232, 0x1f23a, 1},
		{0x1f250, 0x1f251, 1}, {0x1f300, 0x1f3fa, 1}, {0x1f400, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f7e0, 0x1f7eb, 1},
		{0x1f7f0, 0x1f7f0, 1}, {0x1f900, 0x1f9ff, 1}, {0x1fa70, 0x1faff, 1},
	},
	LatinOffset: 2,
}

// The characters that make one emoji of several.
const (
	asPicture    = '\ufe0f'
	joiner       = '\u200d'
	keycap       = '\u20e3'
	blackFlag    = '\U0001f3f4'
	endOfTags    = '\U000e007f'
	maxJoined    = 8  // pictures in one emoji
	maxEmojiSize = 64 // bytes
)

func between(r, from, to rune) bool { return r >= from && r <= to }

// ValidEmoji tells whether s has the form of exactly one emoji.
func ValidEmoji(s string) bool {
	if s == "" || len(s) > maxEmojiSize || !utf8.ValidString(s) {
		return false
	}
	rs := []rune(s)
	switch {
	case between(rs[0], 0x1f1e6, 0x1f1ff): // a flag is two letters
		return len(rs) == 2 && between(rs[1], 0x1f1e6, 0x1f1ff)
	case between(rs[0], '0', '9') || rs[0] == '#' || rs[0] == '*':
		return len(rs) == 3 && rs[1] == asPicture && rs[2] == keycap
	case rs[0] == blackFlag && len(rs) > 2 && rs[1] != joiner && rs[1] != asPicture: // a region's flag: letters for machines
		for _, r := range rs[1 : len(rs)-1] {
			if !between(r, 0xe0030, 0xe0039) && !between(r, 0xe0061, 0xe007a) {
				return false
			}
		}
		return rs[len(rs)-1] == endOfTags
	}
	for n := 1; n <= maxJoined; n++ {
		rest := afterPicture(rs)
		switch {
		case len(rest) == len(rs):
			return false
		case len(rest) == 0:
			return true
		case rest[0] != joiner:
			return false
		}
		rs = rest[1:]
	}
	return false
}

// afterPicture returns what follows the picture with which rs begins; all of rs if it begins with none.
func afterPicture(rs []rune) []rune {
	if len(rs) == 0 || !unicode.Is(pictures, rs[0]) {
		return rs
	}
	rs = rs[1:]
	if len(rs) > 0 && (rs[0] == asPicture || between(rs[0], 0x1f3fb, 0x1f3ff)) {
		rs = rs[1:]
	}
	return rs
}
