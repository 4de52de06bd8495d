package rig_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // what small copies are
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// previewOf asks for the small copy of a picture.
func previewOf(a *rig.Actor, id chat.FileID) rig.Answer {
	return a.Ask("GET", rig.FilesPath+"/"+string(id)+"?preview=1", nil)
}

// leftOf counts what lies in the server's folder of a file.
func leftOf(t *testing.T, dir string, id chat.FileID) int {
	t.Helper()
	n := 0
	for _, folder := range []string{"arriving", "kept"} {
		found, err := filepath.Glob(filepath.Join(dir, "files", folder, string(id)+"*"))
		if err != nil {
			t.Fatal(err)
		}
		n += len(found)
	}
	return n
}

// TestPreviews (E5): a picture's small copy is made in a process of its own, read by who may read the picture and by nobody else, and
// gone when the message is deleted, with the picture itself. What is no picture, or a bomb, has none, and the server goes on.
func TestPreviews(t *testing.T) {
	dir := t.TempDir()
	s := rig.Start(t, rig.Previews(t), rig.InDir(dir))
	mira, liam, una := s.As("mira"), s.As("liam"), s.As("una")
	talk := s.Direct("mira", "liam")
	large := pngOf(t, 2000, 1000)
	bomb := append(pngOf(t, 1, 1)[:16], 0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 8, 2, 0, 0, 0, 0, 0, 0, 0)
	picture, drawing, explosive := mira.SendFile(talk, "large.png", large), mira.SendFile(talk, "drawing.svg",
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`)), mira.SendFile(talk, "bomb.png", bomb)
	if got := previewOf(mira, picture); got.Status != http.StatusNotFound || string(got.Body) != unknownFile(t, mira) {
		t.Errorf("before any message names it: %d %s", got.Status, got.Body)
	}
	m := mira.WithFiles("liam", "look", picture, drawing, explosive)
	mira.Do(chat.MessagePost, m, nil)
	toldMessage(liam, m.ID)

	for range 2 { // made, and then found
		got := previewOf(liam, picture)
		small, format, err := image.Decode(bytes.NewReader(got.Body))
		if got.Status != http.StatusOK || err != nil || small.Bounds().Dx() != 640 || small.Bounds().Dy() != 320 ||
			got.Header.Get("Content-Type") != "image/"+format || got.Header.Get("Cache-Control") != "private, no-store" ||
			!strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Fatalf("the small copy: %d %v %v", got.Status, got.Header, err)
		}
	}
	for what, id := range map[string]chat.FileID{"a drawing": drawing, "a bomb": explosive} {
		for range 2 {
			if got := previewOf(liam, id); got.Status != http.StatusNotFound || got.Refusal() == nil {
				t.Errorf("%s has a small copy: %d %s", what, got.Status, got.Body)
			}
		}
	}
	if got := previewOf(una, picture); got.Status != http.StatusNotFound || string(got.Body) != unknownFile(t, una) {
		t.Errorf("behind the wall: %d %s", got.Status, got.Body)
	}
	readable(t, liam, picture, large)
	if n := leftOf(t, dir, picture); n != 3 {
		t.Errorf("%d files lie in the folders of a picture, its finding and its small copy", n)
	}

	mira.Do(chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: talk, ID: m.ID}, nil)
	hidden(t, liam, picture, "after its message was deleted")
	if got := previewOf(liam, picture); got.Status != http.StatusNotFound || string(got.Body) != unknownFile(t, liam) {
		t.Errorf("the small copy after its message was deleted: %d %s", got.Status, got.Body)
	}
	s.Stop() // waits for what is being removed
	for _, id := range []chat.FileID{picture, drawing, explosive} {
		if n := leftOf(t, dir, id); n != 0 {
			t.Errorf("%d files are left of a deleted message", n)
		}
	}
}

// eicar is what every scanner takes for a virus, and no virus: in two parts, or this file would be one.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}` + `$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// finding is a scanner that finds eicar, and answers only while up says so.
func finding(up func() error) func(context.Context, io.Reader) (string, error) {
	return func(_ context.Context, r io.Reader) (string, error) {
		raw, err := io.ReadAll(r)
		if err = errors.Join(err, up()); err != nil {
			return "", err
		}
		if bytes.Contains(raw, []byte(eicar)) {
			return "Eicar-Test", nil
		}
		return "", nil
	}
}

// TestViruses: a message with an infected file arrives, and says that the file is withheld; of its bytes nothing is left, nobody reads them,
// and the audit log says whose it was. A clean one beside it is there.
func TestViruses(t *testing.T) {
	dir := t.TempDir()
	s := rig.Start(t, rig.Checked(finding(func() error { return nil }), false), rig.InDir(dir))
	mira, liam, ines := s.As("mira"), s.As("liam"), s.As("ines")
	talk := s.Direct("mira", "liam")
	bad, good := mira.SendFile(talk, "invoice.com", []byte(eicar)), mira.SendFile(talk, "clean.txt", []byte("clean"))
	if n := mira.Arrived(bad); n != int64(len(eicar)) {
		t.Errorf("its sender is told that %d bytes have arrived", n)
	}
	m := mira.WithFiles("liam", "both", bad, good)
	mira.Do(chat.MessagePost, m, nil)
	files := toldMessage(liam, m.ID).Attachments
	if len(files) != 2 || !files[0].Withheld || files[0].Name != "invoice.com" || files[1].Withheld {
		t.Fatalf("the message says %+v", files)
	}
	readable(t, liam, good, []byte("clean"))
	for _, a := range []*rig.Actor{mira, liam} {
		got := a.ReadFile(bad)
		if e := got.Refusal(); got.Status != http.StatusNotFound || e == nil || !strings.Contains(e.Text, "virus") {
			t.Errorf("%s is answered %d %s", a.Name, got.Status, got.Body)
		}
	}
	hidden(t, s.As("una"), bad, "behind the wall")
	for _, folder := range []string{"arriving", "kept"} {
		if raw, err := os.ReadFile(filepath.Join(dir, "files", folder, string(bad))); err == nil && len(raw) > 0 {
			t.Errorf("%s has %d bytes of it", folder, len(raw))
		}
	}
	var log chat.AuditListAnswer
	ines.Do(chat.AuditList, chat.AuditListArgs{Limit: 10, Command: chat.MessagePost}, &log)
	if len(log.Entries) != 1 || log.Entries[0].Subject.ID != string(mira.ID) || string(log.Entries[0].Changes[0].To) != `"Eicar-Test"` {
		t.Errorf("the audit log says %+v", log.Entries)
	}
}

// TestViruses_unchecked: while nobody checks files, a message with one waits and is posted as soon as it was checked; or, where that is
// the setting, it passes.
func TestViruses_unchecked(t *testing.T) {
	down := errors.New("nobody answers")
	state := down
	s := rig.Start(t, rig.Checked(finding(func() error { return state }), false))
	mira, liam := s.As("mira"), s.As("liam")
	f := rig.NewFile{ID: chat.NewFileID(), In: s.Direct("mira", "liam"), Name: "a.txt", Size: 5}
	if got := mira.Announce(f); got.Status != http.StatusCreated {
		t.Fatalf("announced: %d %s", got.Status, got.Body)
	}
	if got := mira.Bring(f.ID, 0, strings.NewReader("clean")); got.Status != http.StatusServiceUnavailable || got.Refusal() == nil {
		t.Errorf("the last byte of what cannot be checked: %d %s", got.Status, got.Body)
	}
	m := mira.WithFiles("liam", "", f.ID)
	var refusal *chat.Error
	if err := mira.Try(chat.MessagePost, m, nil); !asRefusal(err, &refusal) || refusal.Code != chat.CodeBusy || !strings.Contains(refusal.Text, "viruses") {
		t.Errorf("a message with what cannot be checked: %v", err)
	}
	if n := mira.Arrived(f.ID); n != f.Size {
		t.Errorf("%d bytes are kept meanwhile", n)
	}
	state = nil
	mira.Do(chat.MessagePost, m, nil)
	toldMessage(liam, m.ID)
	readable(t, liam, f.ID, []byte("clean"))

	open := rig.Start(t, rig.Checked(finding(func() error { return down }), true))
	mira, liam = open.As("mira"), open.As("liam")
	id := mira.SendFile(open.Direct("mira", "liam"), "a.txt", []byte("unchecked"))
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "", id), nil)
	readable(t, liam, id, []byte("unchecked"))
}

// TestFiles_refusalsAreNoted: who tries to read a file that is not theirs, or to send one where they may not, stands in the audit log, once
// an hour; who reads their own does not.
func TestFiles_refusalsAreNoted(t *testing.T) {
	s := rig.Start(t)
	mira, liam, una, tomas, ines := s.As("mira"), s.As("liam"), s.As("una"), s.As("tomas"), s.As("ines")
	id := mira.SendFile(s.Direct("mira", "liam"), "a.txt", []byte("a"))
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "", id), nil)
	readable(t, liam, id, []byte("a"))
	for range 3 {
		hidden(t, una, id, "behind the wall")
	}
	if got := tomas.Announce(rig.NewFile{ID: chat.NewFileID(), In: s.Direct("tomas", "liam"), Name: "a.txt", Size: 1}); got.Status != http.StatusForbidden {
		t.Fatalf("where one may not start: %d %s", got.Status, got.Body)
	}
	var log chat.AuditListAnswer
	ines.Do(chat.AuditList, chat.AuditListArgs{Limit: 20, SubjectKind: chat.SubjectRefusal}, &log)
	noted := map[string]int{}
	for _, e := range log.Entries {
		noted[string(e.ByID)+" "+string(e.Command)+" "+e.Subject.ID+" "+e.Subject.Name]++
	}
	want := map[string]int{string(una.ID) + " file.ticket unknown read": 1, string(tomas.ID) + " message.post denied post": 1}
	if !maps.Equal(noted, want) {
		t.Errorf("noted is %v, want %v", noted, want)
	}
}
