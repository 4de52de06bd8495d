package replica_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/app/transfer"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// saver is a desktop with a file of another's to be saved, behind a line that the test cuts.
type saver struct {
	*desk
	page    *wire.Client
	proxy   *rig.Proxy
	server  *rig.Server
	content []byte
	id      chat.FileID
	message chat.MessageID
	savings chan chat.Saving
	told    []chat.Saving
}

// openPage opens a page that notes what it is told of savings.
func (s *saver) openPage() *wire.Client {
	s.t.Helper()
	s.savings = make(chan chat.Saving, 1000)
	url, token := s.Endpoint()
	client, err := wire.Dial(s.t.Context(), wire.DialOptions{URL: url, Token: token, HTTPClient: &http.Client{Transport: originOf("wails://wails")},
		Hello: chat.HelloArgs{Device: chat.Device{ID: "page", Kind: chat.DeviceBrowser, Name: "page"}},
		Handle: func(f wire.Frame) error {
			for _, one := range f.Signals {
				if one.Saving != nil {
					s.savings <- *one.Saving
				}
			}
			return nil
		}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(client.Cut)
	return client
}

func newSaver(t *testing.T, size int) *saver {
	t.Helper()
	server := rig.Start(t)
	s := &saver{desk: newDesk(t), server: server, proxy: rig.NewProxy(t, server.URL), content: rig.Bytes(size, "saved")}
	if err := s.SignIn(t.Context(), chat.ReplicaSignInArgs{Server: s.proxy.URL, Name: "mira", Password: rig.PasswordOf("mira")}); err != nil {
		t.Fatal(err)
	}
	openPage(t, s.Replica) // waits for the first picture
	s.page = s.openPage()
	caughtUp(t, s.page)
	liam, with := server.As("liam"), server.Direct("mira", "liam")
	s.id = liam.SendFile(with, "film.bin", s.content)
	m := liam.WithFiles("mira", "", s.id)
	s.message = m.ID
	liam.Do(chat.MessagePost, m, nil)
	caughtUp(t, s.page)
	return s
}

// until reads what the page is told of savings until one is in the state.
func (s *saver) until(state chat.SavingState) chat.Saving {
	s.t.Helper()
	for {
		select {
		case one := <-s.savings:
			s.told = append(s.told, one)
			if one.State == state {
				return one
			}
		case <-time.After(rig.Patience):
			s.t.Fatalf("nothing is %s; told was %+v", state, s.told)
		}
	}
}

// holds checks what lies in a folder: names with their bytes.
func (s *saver) holds(dir string, want map[string][]byte) {
	s.t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(entries) != len(want) {
		s.t.Errorf("the folder holds %v", entries)
	}
	for name, content := range want {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, content) {
			s.t.Errorf("%s has %d bytes, want %d: %v", name, len(got), len(content), err)
		}
	}
}

// TestSaving_throughACut (P14, F23): a file is saved whole though the line is cut on the way, replaces what was there only then, and its page
// is told how far it is.
func TestSaving_throughACut(t *testing.T) {
	s := newSaver(t, 9_000_000)
	dir := t.TempDir()
	path := filepath.Join(dir, "film.bin")
	if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.proxy.CutAfter(rig.Down, 3_000_000)
	s.Save(s.id, path)
	s.until(chat.SavingWaiting)
	if got, err := os.ReadFile(path); err != nil || string(got) != "what was there" {
		t.Errorf("before all has come its place holds %d bytes: %v", len(got), err)
	}
	part, err := os.Stat(path + transfer.Partly)
	if err != nil || part.Size() == 0 {
		t.Fatalf("nothing of it is kept: %v", err)
	}
	s.proxy.Heal()
	do(t, s.page, chat.ReplicaRetry, struct{}{}, nil)
	if done := s.until(chat.SavingDone); done.Got != 9_000_000 || done.Size != 9_000_000 || done.Name != "film.bin" {
		t.Errorf("it ends with %+v", done)
	}
	for i, now := range s.told[1:] {
		if now.Got < s.told[i].Got {
			t.Errorf("it went back from %d to %d bytes", s.told[i].Got, now.Got)
		}
	}
	s.holds(dir, map[string][]byte{"film.bin": s.content})
}

// TestSaving_goesOnFromWhatIsThere: what an earlier program had saved is not fetched again; what is no part of the file is.
func TestSaving_goesOnFromWhatIsThere(t *testing.T) {
	s := newSaver(t, 200_000)
	for name, part := range map[string][]byte{"half": s.content[:100_000], "all": s.content, "another's": rig.Bytes(100_000, "another"),
		"more": rig.Bytes(300_000, "more")} {
		dir := t.TempDir()
		path := filepath.Join(dir, "film.bin")
		if err := os.WriteFile(path+transfer.Partly, part, 0o600); err != nil {
			t.Fatal(err)
		}
		s.told = nil
		s.Save(s.id, path)
		s.until(chat.SavingDone)
		s.holds(dir, map[string][]byte{"film.bin": s.content})
		if name == "half" && s.told[1].Got < 100_000 {
			t.Errorf("it begins again at %d", s.told[1].Got)
		}
	}
}

// TestSaving_refused: what the hub refuses, what the disk refuses and what is given up leaves nothing behind, and what was there as it was.
func TestSaving_refused(t *testing.T) {
	s := newSaver(t, 9_000_000)
	dir := t.TempDir()
	path := filepath.Join(dir, "film.bin")
	s.Save(chat.NewFileID(), path)
	if failed := s.until(chat.SavingFailed); failed.Error == nil || failed.Error.Code != chat.CodeUnknown {
		t.Errorf("a file that is not there: %+v", failed)
	}
	s.Save(s.id, filepath.Join(dir, "no such folder", "film.bin"))
	if failed := s.until(chat.SavingFailed); failed.Error == nil || len(failed.Error.Text) < 40 {
		t.Errorf("a folder that is not there: %+v", failed)
	}
	s.proxy.CutAfter(rig.Down, 2_000_000)
	s.Save(s.id, path)
	s.until(chat.SavingWaiting)
	s.StopSaving(s.id)
	s.until(chat.SavingStopped)
	s.holds(dir, map[string][]byte{})
	s.proxy.Heal()
	do(t, s.page, chat.ReplicaRetry, struct{}{}, nil)
	liam := s.server.As("liam")
	liam.Do(chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: s.server.Direct("mira", "liam"), ID: s.message}, nil)
	s.Save(s.id, path)
	if failed := s.until(chat.SavingFailed); failed.Error == nil || failed.Error.Code != chat.CodeUnknown {
		t.Errorf("the file of a deleted message: %+v", failed)
	}
	s.holds(dir, map[string][]byte{})
}
