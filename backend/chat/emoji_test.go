package chat_test

import (
	"strings"
	"testing"

	"parley/backend/chat"
)

func TestValidEmoji(t *testing.T) {
	for _, s := range []string{"👍", "👍🏽", "❤️", "❤", "✅", "🎉", "👩‍💻", "👩🏽‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇪🇸", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🫩", "‼️", "🧑🏻‍❤️‍💋‍🧑🏿"} {
		if !chat.ValidEmoji(s) {
			t.Errorf("%q is none", s)
		}
	}
	for _, s := range []string{"", "a", "ok", "1", "#", "👍👍", "👍 ", " 👍", "👍a", "\u200d", "\ufe0f", "👍\u200d", "\u200d👍", "🇪", "🇪🇸🇪", "🏽", "👍🏽🏽", "❤️️", "1⃣", "─", "⠿",
		"🏴\U000e007f", "🏴\U000e0067", "\u202e👍", "👍\x00", "\xff", "<", strings.Repeat("👩‍", 9) + "👩"} {
		if chat.ValidEmoji(s) {
			t.Errorf("%q is one", s)
		}
	}
}
