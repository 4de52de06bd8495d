package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxSearchLength bounds what is searched for, in characters, MaxSearchWords in words; further ones are left out.
const (
	MaxSearchLength = 200
	MaxSearchWords  = 16
)

// MessageSearchArgs ask for messages that the asker may read, in which each word of Text begins a word, without regard to case and
// accents. Text needs a letter or a digit; more than 16 words are not looked at. All other fields but Limit narrow it down and may be left out.
type MessageSearchArgs struct {
	Text           string         `json:"text"`
	ConversationID ConversationID `json:"conversationId,omitempty"`
	AuthorID       UserID         `json:"authorId,omitempty"`
	// FromAt is the first moment, ToAt the first one after.
	FromAt Millis `json:"fromAt,omitempty"`
	ToAt   Millis `json:"toAt,omitempty"`
	// BeforeID asks for what is older than a message: the last one of the page before.
	BeforeID MessageID `json:"beforeId,omitempty"`
	// Limit is from 1 to MaxHistoryPage.
	Limit int `json:"limit"`
}

// MessageSearchAnswer holds the messages found, the newest first. How many there are in all is not told: it would tell of hidden ones.
type MessageSearchAnswer struct {
	Messages []Message `json:"messages"`
	// More is true if there are older ones.
	More bool `json:"more"`
	// Here is true if a desktop without a connection found them, among what it keeps itself.
	Here bool `json:"here,omitempty"`
}

// Words returns the words that are searched for, or why nothing can be: an *Error with CodeInvalid.
func (a *MessageSearchArgs) Words() ([]string, error) {
	words := SearchWords(a.Text)
	switch {
	case a.Limit < 1 || a.Limit > MaxHistoryPage:
		return nil, Invalid("messages are found in pages of 1 to %d", MaxHistoryPage)
	case utf8.RuneCountInString(a.Text) > MaxSearchLength:
		return nil, Invalid("a search has at most %d characters", MaxSearchLength)
	case len(words) == 0:
		return nil, Invalid("type at least one letter or digit to search for")
	}
	return words, nil
}

// SearchWords returns the words of what somebody types, as SQLite's full-text index (its tokenizer unicode61) tells words apart: runs of
// letters and digits. At most MaxSearchWords are looked at.
func SearchWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
	return words[:min(len(words), MaxSearchWords)]
}

// SearchExpression writes, in the language of SQLite's full-text index (FTS5, section 3 of its document), that in a column each word begins a
// word. Words are quoted, so that nothing in them is taken for an operator.
func SearchExpression(column string, words []string) string {
	each := make([]string, len(words))
	for i, w := range words {
		each[i] = column + ` : "` + strings.ReplaceAll(w, `"`, `""`) + `" *`
	}
	return strings.Join(each, " AND ")
}
