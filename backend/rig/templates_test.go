package rig_test

import (
	"net/http"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// newTemplate has the administrator make a template with a file.
func newTemplate(s *rig.Server, content []byte, scope ...chat.TeamID) (id chat.TemplateID, file chat.FileID) {
	ines := s.As("ines")
	id = chat.TemplateID(chat.NewUUID())
	file = ines.SendFile(id.FilesAt(), "terms.txt", content)
	ines.Do(chat.TemplateCreate, chat.TemplateCreateArgs{ID: id, Content: chat.TemplateContent{Name: "Terms", Text: "Our terms", FileIDs: []chat.FileID{file}, TeamIDs: scope}}, nil)
	return id, file
}

// withTemplate returns a message to another of the cast with the file of a template.
func withTemplate(a *rig.Actor, to string, file chat.FileID) chat.MessagePostArgs {
	m := a.Message(to, "As promised")
	m.TemplateFileIDs = []chat.FileID{file}
	return m
}

// TestTemplates_file: whoever may use a template sends its file without uploading it. The message has it as a file of its own, which
// its readers read, and which stays when the template is gone; the template's own file is read by who may use the template alone.
func TestTemplates_file(t *testing.T) {
	s := rig.Start(t)
	content := rig.Bytes(300_000, "terms")
	id, file := newTemplate(s, content)
	mira, liam := s.As("mira"), s.As("liam")
	readable(t, mira, file, content)
	m := withTemplate(mira, "liam", file)
	var first, again chat.MessagePostAnswer
	mira.Do(chat.MessagePost, m, &first)
	mira.Do(chat.MessagePost, m, &again)
	if first != again {
		t.Errorf("the repeat is answered %+v, the first %+v", again, first)
	}
	told := toldMessage(liam, m.ID)
	if len(told.Attachments) != 1 || told.Attachments[0].ID == file || told.Attachments[0].Name != "terms.txt" || told.Attachments[0].SHA256 != sumOf(content) {
		t.Fatalf("told %+v", told.Attachments)
	}
	own := told.Attachments[0].ID
	readable(t, liam, own, content)
	hidden(t, s.As("stellan"), own, "a message between others")

	ines := s.As("ines")
	var list chat.TemplateListAnswer
	ines.Do(chat.TemplateList, struct{}{}, &list)
	ines.Do(chat.TemplateDelete, chat.TemplateDeleteArgs{ID: id, Revision: list.Templates[0].Revision}, nil)
	hidden(t, mira, file, "of a template that is gone")
	readable(t, liam, own, content)
	if err := mira.Refused(chat.MessagePost, withTemplate(mira, "liam", file)); err.Code != chat.CodeUnknown {
		t.Errorf("a message with a file of a template that is gone is answered %+v", err)
	}
}

// TestTemplates_fileOfOthers: a template of others gives nobody its file, whichever way it is asked for, and answers like none.
func TestTemplates_fileOfOthers(t *testing.T) {
	s := rig.Start(t)
	ines := s.As("ines")
	var made chat.TeamCreateAnswer
	ines.Do(chat.TeamCreate, chat.TeamCreateArgs{Name: "Nobody is in it"}, &made)
	id, file := newTemplate(s, []byte("a secret of others"), made.TeamID)
	mira := s.As("mira")
	hidden(t, mira, file, "of a template of others")
	readable(t, ines, file, []byte("a secret of others"))
	for _, from := range []chat.FileID{file, chat.NewFileID()} {
		if err := mira.Refused(chat.MessagePost, withTemplate(mira, "liam", from)); err.Code != chat.CodeUnknown {
			t.Errorf("a message with it is answered %+v", err)
		}
	}
	refused := mira.Announce(rig.NewFile{ID: chat.NewFileID(), In: id.FilesAt(), Name: "x.txt", Size: 1})
	if refused.Status != http.StatusForbidden {
		t.Errorf("sending a file for a template is answered %d %s", refused.Status, refused.Body)
	}
	stolen := mira.SendFile(s.Direct("mira", "liam"), "mine.txt", []byte("mine"))
	err := ines.Refused(chat.TemplateCreate, chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()),
		Content: chat.TemplateContent{Name: "Stolen", Text: "x", FileIDs: []chat.FileID{stolen}}})
	if err.Code != chat.CodeUnknown {
		t.Errorf("a template with somebody's file is answered %+v", err)
	}
}
