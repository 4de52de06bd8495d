//go:build desktoptest

package app

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/build/screen"
)

// TestDesktop_filesAreSavedWhereTheDialogueSays: a picture that comes stands in the window as its small copy and opens large, and a file
// is saved, whole, at the place that its user names in the system's own dialogue.
func TestDesktop_filesAreSavedWhereTheDialogueSays(t *testing.T) {
	server := rig.NewProcess(t)
	s := screen.Start(t, 1000, 980)
	mira := newDesk(t, s, "mira", server.URL, place{X: 0, Y: 0, Width: 950, Height: 940})
	mira.signIn()
	server.As("renata").Until("mira is online", func(w *rig.World) bool { return w.Presence[server.ID("mira")].Availability == chat.Online })
	mira.window.AwaitStill()
	liam, talk := server.As("liam"), server.Direct("mira", "liam")
	content := rig.Bytes(5_000_000, "saved in the window")
	picture, plan := liam.SendFile(talk, "glass.png", aPicture(t)), liam.SendFile(talk, "plan.txt", content)
	liam.Do(chat.MessagePost, liam.WithFiles("mira", "The glass", picture), nil)
	liam.Do(chat.MessagePost, liam.WithFiles("mira", "The plan", plan), nil)
	mira.goTo("Liam")
	mira.awaitComposer()
	s.Await("the window has asked for the small copy", func() bool {
		_, err := os.Stat(filepath.Join(server.Data, "files", "kept", string(picture)+".preview"))
		return err == nil
	})
	mira.window.AwaitStill()
	s.Picture("1-a-small-copy")

	path := filepath.Join(t.TempDir(), "saved.txt")
	// The file that came last stands just before the composer.
	dialogue := mira.window.DialogOf(func() { mira.window.Press("shift+Tab", "Return") })
	s.Picture("2-where")
	dialogue.Press("ctrl+a") // of the name that is offered all but the ending is marked
	dialogue.Type(path)
	dialogue.Press("Return")
	s.AwaitClosed(dialogue)
	s.Await("the file is saved", func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
	mira.window.AwaitStill()
	s.Picture("3-saved")
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
		t.Errorf("saved were %d bytes of %d: %v", len(got), len(content), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("beside it lies %v, %v", entries, err)
	}

	// The message before it has the picture, which opens large; Escape leads back.
	list := image.Rect(60, 100, 320, 900)
	closed := mira.window.Part(list)
	mira.window.Press("shift+Tab", "shift+Tab", "shift+Tab", "Return") // past the tools at the message with the plan
	s.Await("the picture lies over the list", func() bool { return !screen.Alike(closed, mira.window.Part(list)) })
	mira.window.AwaitStill()
	s.Picture("4-large")
	mira.window.Press("Escape")
	s.Await("it is gone again", func() bool { return screen.Alike(closed, mira.window.Part(list)) })
}

// aPicture is one of which a small copy is made.
func aPicture(t *testing.T) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 1600, 900))
	for i := range p.Pix {
		p.Pix[i] = uint8(i/6400*i%251 | 64)
		if i%4 == 3 {
			p.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDesktop_filesAreDroppedAndPasted: a file that is dragged out of another program's window and let go over the conversation is sent,
// and so are a copied file and a copied picture that are pasted. Let go elsewhere, nothing happens, least of all to the window.
func TestDesktop_filesAreDroppedAndPasted(t *testing.T) {
	server := rig.NewProcess(t)
	s := screen.Start(t, 1600, 1000)
	mira := newDesk(t, s, "mira", server.URL, place{X: 0, Y: 0, Width: 950, Height: 900})
	mira.signIn()
	server.As("renata").Until("mira is online", func(w *rig.World) bool { return w.Presence[server.ID("mira")].Availability == chat.Online })
	mira.goTo("Liam")
	mira.awaitComposer()
	keep := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	content := rig.Bytes(3_000_000, "dropped")
	path := keep("plan.txt", content)
	files := s.Files(1000, 0, 400, 300, path)
	files.DragOver(200, 150, mira.window, 200, 500) // over the list: what is dropped there must not open in the page's place
	files.LetGo()
	mira.window.AwaitStill()
	files.DragOver(200, 150, mira.window, 600, 400)
	files.AwaitTaken(mira.window, 600, 400)
	s.Picture("1-over-the-conversation")
	files.LetGo()
	mira.window.AwaitStill()
	s.Picture("2-dropped")
	mira.say("The plan")
	atLiam, talk := server.As("liam"), server.Direct("mira", "liam")
	if read := atLiam.ReadFile(awaitFile(atLiam, talk, "plan.txt").ID); !bytes.Equal(read.Body, content) {
		t.Errorf("of the dropped file %d bytes arrived, of %d", len(read.Body), len(content))
	}

	photo := aPicture(t)
	s.Files(1000, 0, 400, 300, "-copy", keep("drawing.txt", content[:1000]))
	mira.window.AwaitSeen(func() { mira.window.Press("ctrl+v") })
	s.Files(1000, 400, 400, 300, "-picture", keep("photo.png", photo))
	mira.window.AwaitSeen(func() { mira.window.Press("ctrl+v") })
	// A script in the page could have copied the address of any file: such a list alone is not believed, and that is told.
	s.Files(1000, 0, 400, 300, "-addresses", keep("secret.txt", content[:1000]))
	mira.window.AwaitSeen(func() { mira.window.Press("ctrl+v") })
	s.Picture("3-pasted")
	mira.say("And these")
	if read := atLiam.ReadFile(awaitFile(atLiam, talk, "drawing.txt").ID); !bytes.Equal(read.Body, content[:1000]) {
		t.Errorf("of the copied file %d bytes arrived", len(read.Body))
	}
	tail := atLiam.World().Conversations[talk].Tail
	if files := tail[len(tail)-1].Attachments; len(files) != 2 {
		t.Errorf("sent were %+v", files)
	}
	pasted, err := png.Decode(bytes.NewReader(atLiam.ReadFile(awaitFile(atLiam, talk, "image.png").ID).Body))
	if err != nil || pasted.Bounds() != image.Rect(0, 0, 1600, 900) {
		t.Errorf("the copied picture is %v, %v", pasted, err)
	}
}
