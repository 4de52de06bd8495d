package chat

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestTemplate_clean: what somebody wrote as a template is trimmed and put in order, and refused where it could not be used.
func TestTemplate_clean(t *testing.T) {
	doc := func(texts ...string) json.RawMessage {
		d := DocumentNode{Type: NodeDoc, Content: []DocumentNode{{Type: NodeParagraph}}}
		for i, text := range texts {
			n := DocumentNode{Type: NodeText, Text: text}
			if i%2 == 1 {
				n.Marks = []Mark{{Type: MarkBold}}
			}
			d.Content[0].Content = append(d.Content[0].Content, n)
		}
		raw, err := Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	file := NewFileID()
	for _, c := range []struct {
		name string
		give TemplateContent
		text string // as it is kept
		want string // part of the refusal; empty if it is taken
	}{
		{"plain", TemplateContent{Name: " Greeting ", Text: " Good day, {{otherName}} "}, "Good day, {{otherName}}", ""},
		{"all placeholders", TemplateContent{Name: "All", Text: placeholderWords()}, placeholderWords(), ""},
		{"a placeholder in bold", TemplateContent{Name: "Bold", Document: doc("Dear ", "{{otherFirstName}}", "!")}, "Dear {{otherFirstName}}!", ""},
		{"a file alone", TemplateContent{Name: "Form", FileIDs: []FileID{file}}, "", ""},
		{"braces that are none", TemplateContent{Name: "Code", Text: "{{ \n }} {otherName} {{"}, "{{ \n }} {otherName} {{", ""},
		{"unknown", TemplateContent{Name: "x", Text: "Dear {{customer}}"}, "", `"{{customer}}" is no placeholder`},
		{"with white space", TemplateContent{Name: "x", Text: "Dear {{ otherName }}"}, "", "is no placeholder"},
		{"unknown, formatted", TemplateContent{Name: "x", Document: doc("Dear ", "{{nobody}}")}, "", "is no placeholder"},
		{"formatted in parts", TemplateContent{Name: "x", Document: doc("Dear {{other", "Name}}")}, "", "formatted in parts"},
		{"too long", TemplateContent{Name: "x", Text: strings.Repeat("é", MaxTemplateLength+1)}, "", "has 4001 characters; at most 4000"},
		{"of the greatest length", TemplateContent{Name: "x", Text: strings.Repeat("é", MaxTemplateLength)}, strings.Repeat("é", MaxTemplateLength), ""},
		{"nothing", TemplateContent{Name: "x", Text: " \n"}, "", "the template is empty"},
		{"no name", TemplateContent{Text: "x"}, "", "the template's name is empty"},
		{"two words as a shortcut", TemplateContent{Name: "x", Text: "x", Shortcut: "good day"}, "", "white space"},
		{"a long shortcut", TemplateContent{Name: "x", Text: "x", Shortcut: strings.Repeat("s", 31)}, "", "more than 30"},
		{"a file twice", TemplateContent{Name: "x", FileIDs: []FileID{file, file}}, "", "twice"},
		{"an image", TemplateContent{Name: "x", Document: json.RawMessage(`{"type":"doc","content":[{"type":"image"}]}`)}, "", "not allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.give.Clean()
			if c.want == "" {
				if err != nil || got.Text != c.text {
					t.Fatalf("got %q, %v; want %q", got.Text, err, c.text)
				}
				return
			}
			var refused *Error
			if !errors.As(err, &refused) || refused.Code != CodeInvalid || !strings.Contains(refused.Text, c.want) {
				t.Fatalf("refused with %v, want %q", err, c.want)
			}
		})
	}
}

func TestTemplate_shortcutAndScope(t *testing.T) {
	got, err := TemplateContent{Name: "x", Text: "x", Shortcut: " /hi ", TeamIDs: []TeamID{"b", "a", "b"}}.Clean()
	if err != nil || got.Shortcut != "hi" || !slices.Equal(got.TeamIDs, []TeamID{"a", "b"}) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

// TestTemplate_filesAt: the place of a template's files names the template, and no conversation does.
func TestTemplate_filesAt(t *testing.T) {
	id := TemplateID(NewUUID())
	if got, ok := id.FilesAt().ForTemplate(); !ok || got != id {
		t.Errorf("got %q, %t", got, ok)
	}
	for _, c := range []ConversationID{"", "t.", "t.x", NewRoomID(), DirectID(UserID(NewUUID()), UserID(NewUUID()))} {
		if _, ok := c.ForTemplate(); ok {
			t.Errorf("%q names a template", c)
		}
	}
}
