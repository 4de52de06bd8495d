package chat

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// NodeType is the type of a block, an inline node or the document itself, named as Tiptap 3 names it.
type NodeType string

// The allow-list of nodes. Everything else is refused.
const (
	NodeDoc         NodeType = "doc"
	NodeParagraph   NodeType = "paragraph"
	NodeBlockquote  NodeType = "blockquote"
	NodeCodeBlock   NodeType = "codeBlock"
	NodeBulletList  NodeType = "bulletList"
	NodeOrderedList NodeType = "orderedList"
	NodeListItem    NodeType = "listItem"
	NodeHardBreak   NodeType = "hardBreak"
	NodeText        NodeType = "text"
)

// children is the grammar: which nodes may stand in which.
var children = map[NodeType]map[NodeType]bool{
	NodeDoc:         blocks,
	NodeBlockquote:  blocks,
	NodeListItem:    blocks,
	NodeBulletList:  {NodeListItem: true},
	NodeOrderedList: {NodeListItem: true},
	NodeParagraph:   {NodeText: true, NodeHardBreak: true},
	NodeCodeBlock:   {NodeText: true},
	NodeText:        nil,
	NodeHardBreak:   nil,
}

var blocks = map[NodeType]bool{NodeParagraph: true, NodeBlockquote: true, NodeCodeBlock: true, NodeBulletList: true, NodeOrderedList: true}

// MarkType is a mark on text.
type MarkType string

// The allow-list of marks.
const (
	MarkBold   MarkType = "bold"
	MarkItalic MarkType = "italic"
	MarkStrike MarkType = "strike"
	MarkCode   MarkType = "code"
	MarkLink   MarkType = "link"
)

// DocumentNode is a node of a rich document: ProseMirror's JSON cut down to what Parley allows. There is no HTML, no style,
// no image and no attribute but a link's address.
type DocumentNode struct {
	Type    NodeType       `json:"type"`
	Content []DocumentNode `json:"content,omitempty"`
	Text    string         `json:"text,omitempty"`
	Marks   []Mark         `json:"marks,omitempty"`
}

// Mark is a mark on a text node.
type Mark struct {
	Type  MarkType   `json:"type"`
	Attrs *LinkAttrs `json:"attrs,omitempty"`
}

// LinkAttrs is where a link leads: http, https, mailto or tel, at most MaxLinkLength bytes.
type LinkAttrs struct {
	Href string `json:"href"`
}

// MaxLinkLength bounds the address of one link, in bytes.
const MaxLinkLength = 2048

var errDocumentSize = Invalid("the message's formatting is larger than %d KB; send less at once", MaxDocumentBytes>>10)

// ParseDocument reads and checks a rich document. What is not on the allow-list is refused, not dropped, so nothing that
// somebody wrote is lost silently; attributes that editors add to allowed nodes (list start, link target) are left out.
func ParseDocument(raw json.RawMessage) (*DocumentNode, error) {
	if len(raw) > MaxDocumentBytes {
		return nil, errDocumentSize
	}
	if !utf8.Valid(raw) {
		return nil, Invalid("the document is not valid UTF-8")
	}
	if JSONDepth(raw) > 2*MaxDocumentDepth+2 { // a node is an object inside a content array: two levels of JSON each
		return nil, Invalid("the message is nested too deeply; at most %d levels are allowed", MaxDocumentDepth)
	}
	var doc DocumentNode
	if err := Decode(raw, &doc); err != nil {
		return nil, Invalid("the document is not well-formed")
	}
	if doc.Type != NodeDoc {
		return nil, Invalid("the document's root is not of type doc")
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	return &doc, nil
}

// JSONDepth returns how deep the brackets of raw are nested, without decoding it: a decoder that recurses must not be given
// more than it can bear.
func JSONDepth(raw []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

func (n *DocumentNode) check() error {
	allowed, known := children[n.Type]
	if !known {
		return Invalid("a %.40q node is not allowed in a message", string(n.Type))
	}
	if (n.Type == NodeText) != (n.Text != "") {
		return Invalid("text stands outside a text node, or a text node is empty")
	}
	if len(n.Marks) > 0 && n.Type != NodeText {
		return Invalid("only text can be marked")
	}
	for i := range n.Marks {
		if err := n.Marks[i].check(); err != nil {
			return err
		}
		for _, before := range n.Marks[:i] {
			if before.Type == n.Marks[i].Type { // no editor does it, and readers draw an element for each
				return Invalid("the mark %q stands twice on one text", string(before.Type))
			}
		}
	}
	for i := range n.Content {
		child := &n.Content[i]
		if !allowed[child.Type] {
			return Invalid("a %.40q node is not allowed in a %q", string(child.Type), string(n.Type))
		}
		if err := child.check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mark) check() error {
	switch m.Type {
	case MarkBold, MarkItalic, MarkStrike, MarkCode:
		m.Attrs = nil
		return nil
	case MarkLink:
		if m.Attrs == nil || !ValidLink(m.Attrs.Href) {
			return Invalid("a link must lead to an http, https, mailto or tel address")
		}
		return nil
	}
	return Invalid("a %.40q mark is not allowed in a message", string(m.Type))
}

// ValidLink tells whether href is an address a message may link to: http, https, mailto or tel (security.md S4). Nobody is
// named before the host: "https://bank.example@evil.example" looks like what it is not, and no shell opens it.
func ValidLink(href string) bool {
	if href == "" || len(href) > MaxLinkLength || strings.ContainsFunc(href, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return false
	}
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Hostname() != "" && u.User == nil
	case "mailto", "tel":
		return u.Opaque != ""
	}
	return false
}

// PlainText returns the document as text: a line a block, list items with a sign, for search, toasts and places without
// formatting.
func (n *DocumentNode) PlainText() string {
	var b strings.Builder
	n.write(&b, "")
	return strings.TrimRight(b.String(), "\n")
}

// visible tells whether anybody wrote anything in it. The signs of list items are not written by anybody.
func (n *DocumentNode) visible() bool {
	return visible(n.Text) || slices.ContainsFunc(n.Content, func(child DocumentNode) bool { return child.visible() })
}

func (n *DocumentNode) write(b *strings.Builder, indent string) {
	switch n.Type {
	case NodeText:
		b.WriteString(n.Text)
	case NodeHardBreak:
		b.WriteString("\n" + indent)
	case NodeParagraph, NodeCodeBlock:
		for i := range n.Content {
			n.Content[i].write(b, indent)
		}
		b.WriteByte('\n')
	case NodeBulletList, NodeOrderedList:
		for i := range n.Content {
			sign := "• "
			if n.Type == NodeOrderedList {
				sign = strconv.Itoa(i+1) + ". "
			}
			b.WriteString(indent + sign)
			n.Content[i].write(b, indent+"  ")
		}
	default:
		for i := range n.Content {
			if i > 0 && indent != "" && n.Content[i].Type == NodeParagraph {
				b.WriteString(indent)
			}
			n.Content[i].write(b, indent)
		}
	}
}
