package chat

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what people write. They are limits of the product, checked by the hub; package wire has those of the socket.
const (
	// MaxTextLength is the longest message, in characters (Unicode code points) of its plain text.
	MaxTextLength = 20_000
	// MaxDocumentBytes and MaxDocumentDepth bound a rich document as it is sent (security.md S8).
	MaxDocumentBytes = 64 << 10
	MaxDocumentDepth = 16
	// MaxNameLength bounds names of people, teams and groups, in characters.
	MaxNameLength = 100
	// MaxReasonLength bounds the reason of a status, in characters.
	MaxReasonLength = 100
	// MaxPasswordBytes bounds a password before it is hashed; MinPasswordLength is the shortest new one, in characters.
	MaxPasswordBytes  = 256
	MinPasswordLength = 8
	// MaxReactions is the most different reactions under one message, MaxOwnReactions of one user.
	MaxReactions    = 20
	MaxOwnReactions = 5
	// MaxMentions is the most users one message mentions.
	MaxMentions = 50
	// MaxHistoryPage is the most messages one history.load answers.
	MaxHistoryPage = 200
)

// ConversationKind tells what a conversation is among.
type ConversationKind string

// The kinds.
const (
	// KindDirect is a conversation of two users (IM, EXP-19).
	KindDirect ConversationKind = "direct"
	// KindRoom is a group chat of experts, supervisors and administrators, public or entered by invitation (EXP-18).
	KindRoom ConversationKind = "room"
)

// Conversation is what messages belong to.
type Conversation struct {
	ID   ConversationID   `json:"id"`
	Kind ConversationKind `json:"kind"`
	// Name is a room's, 1 to MaxNameLength characters; absent for direct conversations.
	Name string `json:"name,omitempty"`
	// Room is what else is decided about a room; absent for direct conversations.
	Room *Room `json:"room,omitempty"`
	// Participants are in the order of their ids.
	Participants []UserID `json:"participants"`
	CreatedAt    Millis   `json:"createdAt"`
}

// Message is one utterance. The client makes ID and content; the hub gives N and At.
type Message struct {
	ID             MessageID      `json:"id"`
	ConversationID ConversationID `json:"conversationId"`
	// N is the number in the conversation: 1, 2, 3 ... without a gap, the same for everybody.
	N        int64  `json:"n"`
	AuthorID UserID `json:"authorId"`
	At       Millis `json:"at"`
	// Text is the plain text; where there is a Document it is derived from it by the hub.
	Text string `json:"text"`
	// Document is the rich text, a validated document (see Document); absent for plain messages.
	Document json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	// Attachments are the message's files, at most MaxAttachments; then Text may be empty.
	Attachments []Attachment `json:"attachments,omitempty"`
	// Revision is raised when the author edits or deletes the message; absent (0) as it was posted.
	Revision int64 `json:"revision,omitempty"`
	// EditedAt is when it was edited last; absent if never.
	EditedAt Millis `json:"editedAt,omitempty"`
	// DeletedAt is when it was deleted: then it has no content any more, and only its place in the order stays.
	DeletedAt Millis `json:"deletedAt,omitempty"`
	// ReplyToID and ReplyToN are the id and number of the message of this conversation that it quotes; absent if none. What the
	// quoted message says is its own: who deletes it takes it out of the quotes, too.
	ReplyToID MessageID `json:"replyToId,omitempty"`
	ReplyToN  int64     `json:"replyToN,omitempty"`
	// Mentions are those of the conversation whom it is meant for in particular, in the order of their ids; absent if nobody.
	Mentions []UserID `json:"mentions,omitempty"`
	// Reactions are in the order in which each was given first; absent if none.
	Reactions []Reaction `json:"reactions,omitempty"`
}

// Reaction is an emoji under a message, with those who gave it, the first one first.
type Reaction struct {
	Emoji   string   `json:"emoji"`
	UserIDs []UserID `json:"userIds"`
}

// MessageReactions are all reactions under a message.
type MessageReactions struct {
	ConversationID ConversationID `json:"conversationId"`
	ID             MessageID      `json:"id"`
	N              int64          `json:"n"`
	// Reactions may be empty: the last one was taken away.
	Reactions []Reaction `json:"reactions"`
}

// Deleted tells whether the author has deleted the message.
func (m *Message) Deleted() bool { return m.DeletedAt != 0 }

// Draft is what a user has begun to write in a conversation, on whichever device. An empty Text means there is none.
type Draft struct {
	ConversationID ConversationID  `json:"conversationId"`
	Text           string          `json:"text"`
	Document       json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	At             Millis          `json:"at"`
}

// CleanText checks s as the text of a message or a name: valid UTF-8, no control characters but line feed and tab, at most
// max characters, and something to see after trimming. It returns s with line ends made uniform and outer white space gone.
func CleanText(what, s string, max int) (string, error) {
	if !utf8.ValidString(s) {
		return "", Invalid("%s is not valid UTF-8", what)
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if !visible(s) {
		return "", Invalid("%s is empty", what)
	}
	if n := utf8.RuneCountInString(s); n > max {
		return "", Invalid("%s has %d characters; at most %d are allowed", what, n, max)
	}
	return s, refuseControl(what, s)
}

// refuseControl refuses control characters but line feed and tab.
func refuseControl(what, s string) error {
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufeff' {
			return Invalid("%s contains a control character (U+%04X)", what, r)
		}
	}
	return nil
}

// visible tells whether anything of s is drawn. Characters that only join, direct or fill others are nothing by themselves:
// a message or a name of them alone would look like nobody's.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	})
}

// CleanName checks the name of a person, team or group: like CleanText, of one line and at most MaxNameLength characters,
// and without the characters that turn the direction of what stands after them, by which one name can look like another.
func CleanName(what, s string) (string, error) { return cleanLine(what, s, MaxNameLength) }

func cleanLine(what, s string, max int) (string, error) {
	s, err := CleanText(what, s, max)
	switch {
	case err != nil:
		return "", err
	case strings.ContainsAny(s, "\n\t"):
		return "", Invalid("%s is of more than one line", what)
	case strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"):
		return "", Invalid("%s contains a character that turns the direction of the text", what)
	}
	return s, nil
}

// CleanSignInName checks a name to sign in with, and returns it as it is kept and compared: in lower case.
func CleanSignInName(name string) (string, error) {
	name, err := CleanName("the sign-in name", strings.ToLower(strings.TrimSpace(name)))
	if err == nil && strings.ContainsFunc(name, unicode.IsSpace) {
		return "", Invalid("the sign-in name contains white space")
	}
	if err == nil && strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Cf, r) }) { // or it would pass for another
		return "", Invalid("the sign-in name contains a sign that cannot be seen")
	}
	return name, err
}

// CleanPost checks the form of a message that somebody wants to post, and returns its text and document normalised: see
// CleanContent. A message with files may be without words. Whether the files are there is the hub's to say.
func CleanPost(args *MessagePostArgs, rich bool) (string, json.RawMessage, error) {
	files := slices.Concat(args.FileIDs, args.TemplateFileIDs)
	if err := CleanFileIDs(files); err != nil {
		return "", nil, err
	}
	if len(files) > 0 && wordless(args.Text, args.Document) {
		return "", nil, nil
	}
	return CleanContent(args.Text, args.Document, rich)
}

// wordless tells whether nobody wrote anything but, maybe, white space.
func wordless(text string, document json.RawMessage) bool {
	return (len(document) == 0 || string(document) == "null") && strings.TrimSpace(text) == ""
}

// CleanContent checks and normalises what somebody wants to post: either plain text, or a document whose plain text is
// derived. rich says whether the author may send a document at all (EXP-11).
func CleanContent(text string, document json.RawMessage, rich bool) (string, json.RawMessage, error) {
	return cleanContent("the message", text, document, rich)
}

func cleanContent(what, text string, document json.RawMessage, rich bool) (string, json.RawMessage, error) {
	if len(document) == 0 || string(document) == "null" {
		clean, err := CleanText(what, text, MaxTextLength)
		return clean, nil, err
	}
	if !rich {
		return "", nil, &Error{Code: CodeDenied, Text: "Experts send plain text, without formatting. The message was not sent; send it again as plain text.",
			Refusal: &Refusal{Gate: GateGrant, Rule: RulePlainTextOnly}}
	}
	doc, err := ParseDocument(document)
	if err != nil {
		return "", nil, err
	}
	if !doc.visible() {
		return "", nil, Invalid("%s is empty", what)
	}
	plain := strings.ReplaceAll(doc.PlainText(), "\r\n", "\n")
	if err := refuseControl(what, plain); err != nil { // white space at its ends, too: the document would keep it
		return "", nil, err
	}
	clean, err := CleanText(what, plain, MaxTextLength)
	if err != nil {
		return "", nil, err
	}
	canonical, err := Encode(doc)
	if err != nil {
		return "", nil, fmt.Errorf("encode document: %w", err)
	}
	if len(canonical) > MaxDocumentBytes { // some characters take more bytes than in what was sent
		return "", nil, errDocumentSize
	}
	return clean, canonical, nil
}
