package cache

import (
	"slices"
	"testing"

	"parley/backend/chat"
)

// TestTemplates: they come with a snapshot and are changed by rights: some of them, or all at once.
func TestTemplates(t *testing.T) {
	c, _ := newCache(t)
	greeting, farewell := chat.Template{ID: "1", Name: "Greeting", Text: "Hello"}, chat.Template{ID: "2", Name: "Farewell", Text: "Bye"}
	s := snapshot()
	s.Templates = []chat.Template{greeting, farewell}
	reset(t, c, chat.ResetFirst, s)
	hello := chat.Template{ID: "1", Name: "Greeting", Text: "Hello {{otherName}}"}
	for _, step := range []struct {
		what string
		news *chat.TemplateNews
		want []string
	}{
		{"the snapshot", nil, []string{"Hello", "Bye"}},
		{"one changed", &chat.TemplateNews{Changed: []chat.Template{hello}}, []string{"Hello {{otherName}}", "Bye"}},
		{"one gone", &chat.TemplateNews{Gone: []chat.TemplateID{"2"}}, []string{"Hello {{otherName}}"}},
		{"all anew", &chat.TemplateNews{Whole: true, Changed: []chat.Template{farewell}}, []string{"Bye"}},
		{"none any more", &chat.TemplateNews{Whole: true}, nil},
	} {
		_, err := c.ApplyRights(t.Context(), chat.Rights{Templates: step.news})
		ok(t, err)
		var texts []string
		for _, one := range read(t, c).Templates {
			texts = append(texts, one.Text)
		}
		if !slices.Equal(texts, step.want) {
			t.Errorf("after %s: %q, want %q", step.what, texts, step.want)
		}
	}
}

// TestOutbox_keepsTemplateFiles: a message that waits names the files of templates still after the program was started again, and is
// another one without them.
func TestOutbox_keepsTemplateFiles(t *testing.T) {
	c, _ := newCache(t)
	args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: withBen, Text: "As promised", TemplateFileIDs: []chat.FileID{chat.NewFileID()}}
	if _, err := c.Enqueue(t.Context(), args, nil, 1); err != nil {
		t.Fatal(err)
	}
	items, err := c.Outbox(t.Context())
	if err != nil || len(items) != 1 || !slices.Equal(items[0].Message.TemplateFileIDs, args.TemplateFileIDs) || items[0].State != chat.OutboxWaiting {
		t.Fatalf("the outbox holds %+v, %v", items, err)
	}
	args.TemplateFileIDs = nil
	if _, err := c.Enqueue(t.Context(), args, nil, 1); err == nil {
		t.Error("another message under the same id was taken")
	}
}
