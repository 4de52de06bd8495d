package chat

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of templates. All that somebody may use come with their snapshot, so there are not endlessly many, nor endlessly long ones.
const (
	// MaxTemplates is the most templates there are.
	MaxTemplates = 500
	// MaxTemplateLength is the longest text of one, in characters; MaxTemplateBytes bounds its document, in bytes.
	MaxTemplateLength = 4000
	MaxTemplateBytes  = 16 << 10
	// MaxShortcutLength bounds a shortcut, in characters.
	MaxShortcutLength = 30
	// MaxTemplateScope bounds the teams, and the queues, that one template is for.
	MaxTemplateScope = 100
)

// TemplateID is a UUIDv7 made by the client that makes the template.
type TemplateID string

// Placeholder stands in a template's text between two pairs of braces, as in {{otherName}}. Whoever uses the template has it filled
// in before they send anything: a message never has one.
type Placeholder string

// The placeholders.
const (
	// PlaceholderOtherName is the name of the other user, in a room the room's; PlaceholderOtherFirstName its first word.
	PlaceholderOtherName      Placeholder = "otherName"
	PlaceholderOtherFirstName Placeholder = "otherFirstName"
	// PlaceholderMyName is the name of who uses the template; PlaceholderMyFirstName its first word.
	PlaceholderMyName      Placeholder = "myName"
	PlaceholderMyFirstName Placeholder = "myFirstName"
	// PlaceholderOrganisation is the organisation's name.
	PlaceholderOrganisation Placeholder = "organisation"
	// PlaceholderDate and PlaceholderTime are those of the moment, in the user's language and by their device's clock.
	PlaceholderDate Placeholder = "date"
	PlaceholderTime Placeholder = "time"
)

// Placeholders lists all in the order in which they are offered.
var Placeholders = []Placeholder{PlaceholderOtherName, PlaceholderOtherFirstName, PlaceholderMyName, PlaceholderMyFirstName,
	PlaceholderOrganisation, PlaceholderDate, PlaceholderTime}

// Template is a ready answer as those know it who may use it.
type Template struct {
	ID TemplateID `json:"id"`
	// Name is what it is found by, 1 to MaxNameLength characters; Shortcut a short word for who knows it by heart, without white
	// space; may be empty.
	Name     string `json:"name"`
	Shortcut string `json:"shortcut,omitempty"`
	// Text is the plain text with its placeholders; where there is a Document it is derived from it, and all that experts use.
	Text     string          `json:"text"`
	Document json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	// Attachments are its files, at most MaxAttachments.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// TemplateRecord is a template as those see it who keep templates.
type TemplateRecord struct {
	Template Template `json:"template"`
	// TeamIDs and QueueIDs say who may use it: whoever is in one of the teams, or in a team that serves one of the queues. With
	// neither everybody may.
	TeamIDs  []TeamID  `json:"teamIds"`
	QueueIDs []QueueID `json:"queueIds"`
	Revision int64     `json:"revision"`
}

// TemplateContent is what somebody wrote as a template, whole.
type TemplateContent struct {
	Name     string          `json:"name"`
	Shortcut string          `json:"shortcut,omitempty"`
	Text     string          `json:"text,omitempty"`
	Document json.RawMessage `json:"document,omitempty" tstype:"DocumentNode"`
	// FileIDs name files that the template has already, and new ones of the author's own that were sent for it: see
	// TemplateID.FilesAt.
	FileIDs  []FileID  `json:"fileIds,omitempty"`
	TeamIDs  []TeamID  `json:"teamIds,omitempty"`
	QueueIDs []QueueID `json:"queueIds,omitempty"`
}

// TemplateCreateArgs make a template under an id that the client makes. Repeating them is harmless as long as nobody changed it.
type TemplateCreateArgs struct {
	ID      TemplateID      `json:"id"`
	Content TemplateContent `json:"content"`
}

// TemplateUpdateArgs replace a template whole, of the revision that was seen.
type TemplateUpdateArgs struct {
	ID       TemplateID      `json:"id"`
	Revision int64           `json:"revision"`
	Content  TemplateContent `json:"content"`
}

// TemplateDeleteArgs delete a template. Messages that were made of it stay as they are, with their files.
type TemplateDeleteArgs struct {
	ID       TemplateID `json:"id"`
	Revision int64      `json:"revision"`
}

// TemplateListAnswer lists the templates that the asker may keep, by name, and the teams and queues that these may be for.
type TemplateListAnswer struct {
	Templates []TemplateRecord `json:"templates"`
	Teams     []Team           `json:"teams"`
	Queues    []QueueRecord    `json:"queues"`
}

// TemplateNews are templates that have changed for a reader: what they say, or whether the reader may use them.
type TemplateNews struct {
	// Whole says that Changed are all that the reader may use: what is not among them is gone.
	Whole   bool         `json:"whole,omitempty"`
	Changed []Template   `json:"changed"`
	Gone    []TemplateID `json:"gone,omitempty"`
}

const templatePrefix = "t."

// FilesAt is the place that a template's files are sent for. It is of the form of a conversation's id, since files are sent for one;
// there is no such conversation.
func (id TemplateID) FilesAt() ConversationID { return ConversationID(templatePrefix + string(id)) }

// ForTemplate returns the template for whose files c is the place, and false if c is not of that form.
func (c ConversationID) ForTemplate() (TemplateID, bool) {
	rest, found := strings.CutPrefix(string(c), templatePrefix)
	return TemplateID(rest), found && ValidUUID(rest)
}

// placeholder finds what stands between two pairs of braces, on one line.
var placeholder = regexp.MustCompile(`\{\{([^{}\n]*)\}\}`)

// Clean checks what somebody wrote as a template and returns it in its one form: trimmed, without doubles, in order. Whether its
// files, teams and queues are there is the hub's to say. Words may be missing if there are files.
func (c TemplateContent) Clean() (TemplateContent, error) {
	var err error
	if c.Name, err = CleanName("the template's name", c.Name); err != nil {
		return c, err
	}
	if c.Shortcut, err = cleanShortcut(c.Shortcut); err != nil {
		return c, err
	}
	if err := CleanFileIDs(c.FileIDs); err != nil {
		return c, err
	}
	if len(c.FileIDs) > 0 && wordless(c.Text, c.Document) {
		c.Text, c.Document = "", nil
	} else if c.Text, c.Document, err = cleanContent("the template", c.Text, c.Document, true); err != nil {
		return c, err
	}
	switch n := utf8.RuneCountInString(c.Text); {
	case n > MaxTemplateLength:
		return c, Invalid("the template has %d characters; at most %d are allowed", n, MaxTemplateLength)
	case len(c.Document) > MaxTemplateBytes:
		return c, Invalid("the template's formatting is larger than %d KB; use less of it", MaxTemplateBytes>>10)
	case len(c.TeamIDs) > MaxTemplateScope || len(c.QueueIDs) > MaxTemplateScope:
		return c, Invalid("a template is for at most %d teams and %d queues", MaxTemplateScope, MaxTemplateScope)
	}
	c.TeamIDs = slices.Compact(slices.Sorted(slices.Values(c.TeamIDs)))
	c.QueueIDs = slices.Compact(slices.Sorted(slices.Values(c.QueueIDs)))
	return c, c.checkPlaceholders()
}

func cleanShortcut(s string) (string, error) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "/")
	if s == "" {
		return "", nil
	}
	s, err := CleanName("the shortcut", s)
	switch {
	case err != nil:
		return "", err
	case utf8.RuneCountInString(s) > MaxShortcutLength:
		return "", Invalid("the shortcut has more than %d characters", MaxShortcutLength)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }):
		return "", Invalid("the shortcut contains white space, or a sign that cannot be seen")
	}
	return s, nil
}

// checkPlaceholders refuses a placeholder that nothing would be filled in for: one nobody knows, and one that is formatted in parts.
func (c *TemplateContent) checkPlaceholders() error {
	found := placeholder.FindAllStringSubmatch(c.Text, -1)
	for _, f := range found {
		if !slices.Contains(Placeholders, Placeholder(f[1])) {
			return Invalid("%.60q is no placeholder. There are %s; nothing was saved", f[0], placeholderWords())
		}
	}
	if len(c.Document) == 0 {
		return nil
	}
	var doc DocumentNode
	if err := json.Unmarshal(c.Document, &doc); err != nil {
		return Invalid("the document is not well-formed")
	}
	if doc.placeholders() != len(found) {
		return Invalid("a placeholder is formatted in parts; format the whole of it. Nothing was saved")
	}
	return nil
}

// placeholders counts those that stand in one piece of text each.
func (n *DocumentNode) placeholders() int {
	count := len(placeholder.FindAllString(n.Text, -1))
	for i := range n.Content {
		count += n.Content[i].placeholders()
	}
	return count
}

func placeholderWords() string {
	words := make([]string, len(Placeholders))
	for i, p := range Placeholders {
		words[i] = "{{" + string(p) + "}}"
	}
	return strings.Join(words, ", ")
}
