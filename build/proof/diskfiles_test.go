package proof

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// TestDisk_files gives the server no room for a file's bytes (F5): its sender is told so, what has arrived stays, messages go on, and with
// room again the file goes on from there.
func TestDisk_files(t *testing.T) {
	needStrace(t)
	p := rig.NewProcess(t)
	mira, liam := p.As("mira"), p.As("liam")
	content := rig.Bytes(3_000_000, "film")
	f := rig.NewFile{ID: chat.NewFileID(), In: p.Direct("mira", "liam"), Name: "film.mp4", Size: int64(len(content))}
	full := diskFault{calls: "write,pwrite64", err: "ENOSPC", from: 4}
	p.Interrupt()
	if err := p.StartUnder(full.under(filepath.Join(p.Data, "files", "arriving", string(f.ID)))...); err != nil {
		t.Fatal(err)
	}
	if got := mira.Announce(f); got.Status != http.StatusCreated {
		t.Fatalf("announced: %d %s", got.Status, got.Body)
	}
	got := mira.Bring(f.ID, 0, bytes.NewReader(content))
	if told := got.Refusal(); told == nil || told.Code != chat.CodeBusy || told.RetryAfterMs == 0 || !strings.Contains(told.Text, "disk is full") {
		t.Errorf("sent to a full disk: %d %s", got.Status, got.Body)
	}
	if at := mira.Arrived(f.ID); at < 0 || at >= f.Size {
		t.Errorf("%d bytes have arrived", at)
	}
	for _, a := range []*rig.Actor{mira, liam} {
		a.Disconnect()
		a.Connect()
	}
	mira.Post("liam", "the film follows")
	liam.ExpectText("the film follows")

	heal(t, p.PID())
	at := mira.Arrived(f.ID)
	if got := mira.Bring(f.ID, at, bytes.NewReader(content[at:])); got.Status != http.StatusNoContent {
		t.Fatalf("going on at %d: %d %s", at, got.Status, got.Body)
	}
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "here it is", f.ID), nil)
	liam.ExpectText("here it is")
	if got := liam.ReadFile(f.ID); !bytes.Equal(got.Body, content) {
		t.Errorf("liam reads %d, %d bytes", got.Status, len(got.Body))
	}
}
