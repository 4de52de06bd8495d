package blob_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"parley/backend/blob"
	"parley/backend/chat"
)

// shelf is a store of files with a clock that the test turns, and the files that messages name.
type shelf struct {
	*blob.Store
	t     *testing.T
	dir   string
	mu    sync.Mutex
	now   time.Time
	named map[chat.FileID]struct{}
}

func (s *shelf) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *shelf) turn(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *shelf) name(ids ...chat.FileID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.named[id] = struct{}{}
	}
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{t: t, dir: t.TempDir(), now: time.Now(), named: map[chat.FileID]struct{}{}}
	s.reopen()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reopen is what a program does that is started after one was killed.
func (s *shelf) reopen() {
	s.t.Helper()
	if s.Store != nil {
		if err := s.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
	var err error
	s.Store, err = blob.Open(blob.Options{Dir: s.dir, Clock: s.clock, Log: slog.New(slog.DiscardHandler), SweepEvery: time.Hour,
		Named: func(_ context.Context, ids []chat.FileID) (map[chat.FileID]struct{}, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			found := map[chat.FileID]struct{}{}
			for _, id := range ids {
				if _, ok := s.named[id]; ok {
					found[id] = struct{}{}
				}
			}
			return found, nil
		}})
	if err != nil {
		s.t.Fatal(err)
	}
}

const owner chat.UserID = "owner"

// announce makes an upload of size bytes.
func (s *shelf) announce(size int64) chat.FileID {
	s.t.Helper()
	id := chat.NewFileID()
	r := httptest.NewRequest("POST", blob.Path, nil)
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Upload-Length", strconv.FormatInt(size, 10))
	r.Header.Set("Upload-Metadata", "id "+base64.StdEncoding.EncodeToString([]byte(id))+",name "+base64.StdEncoding.EncodeToString([]byte("a.txt")))
	c, err := blob.ParseCreation(r)
	if err != nil {
		s.t.Fatal(err)
	}
	c.UserID = owner
	w := httptest.NewRecorder()
	if err := s.Create(w, r, c, func(int64) error { return nil }); err != nil || w.Code != http.StatusCreated {
		s.t.Fatalf("announce: %d, %v", w.Code, err)
	}
	return id
}

// bring sends bytes from offset on.
func (s *shelf) bring(id chat.FileID, offset int, content []byte) error {
	r := httptest.NewRequest("PATCH", blob.Path+"/"+string(id), bytes.NewReader(content))
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Content-Type", "application/offset+octet-stream")
	r.Header.Set("Upload-Offset", strconv.Itoa(offset))
	return s.Serve(httptest.NewRecorder(), r, owner, id)
}

// head asks for an upload, which shows that somebody still wants it.
func (s *shelf) head(id chat.FileID) error {
	return s.Serve(httptest.NewRecorder(), httptest.NewRequest("HEAD", blob.Path+"/"+string(id), nil), owner, id)
}

func (s *shelf) send(content string) chat.FileID {
	s.t.Helper()
	id := s.announce(int64(len(content)))
	if err := s.bring(id, 0, []byte(content)); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *shelf) sweep() {
	s.t.Helper()
	if err := s.Sweep(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// content returns the bytes of a file, and "gone" if there are none.
func (s *shelf) content(id chat.FileID) string {
	s.t.Helper()
	f, err := s.Store.Open(id)
	if errors.Is(err, os.ErrNotExist) {
		return "gone"
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw)
}

// left counts what lies in the folders.
func (s *shelf) left() (n int) {
	for _, dir := range []string{"arriving", "kept"} {
		entries, err := os.ReadDir(filepath.Join(s.dir, dir))
		if err != nil {
			s.t.Fatal(err)
		}
		n += len(entries)
	}
	return n
}

// TestSweep_removesWhatIsAbandoned: an hour after the last sign of its sender a part is gone without a trace, and so is a whole file that
// no message names; one somebody still asks about stays, and one a message names is put in its place.
func TestSweep_removesWhatIsAbandoned(t *testing.T) {
	s := newShelf(t)
	part, whole, wanted, named := s.announce(100), s.send("whole"), s.send("wanted"), s.send("named")
	if err := s.bring(part, 0, make([]byte, 40)); err != nil {
		t.Fatal(err)
	}
	s.name(named)
	s.turn(59 * time.Minute)
	if err := s.head(wanted); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if got := s.content(whole); got != "whole" {
		t.Errorf("before an hour has passed the file is %q", got)
	}
	s.turn(2 * time.Minute)
	s.sweep()
	for id, want := range map[chat.FileID]string{part: "gone", whole: "gone", wanted: "wanted", named: "named"} {
		if got := s.content(id); got != want {
			t.Errorf("a file that is to be %q is %q", want, got)
		}
	}
	if err := s.bring(part, 40, make([]byte, 60)); !errors.Is(err, chat.ErrUnknown) {
		t.Errorf("going on with what was removed: %v", err)
	}
	s.turn(2 * time.Hour)
	s.sweep()
	if n := s.left(); n != 2 {
		t.Errorf("%d files lie in the folders, want the bytes of one file and what was found in them", n)
	}
}

// TestClaim_holdsAFileForItsMessage: between a message's decision and its commit nothing removes its file; nor does its sender.
func TestClaim_holdsAFileForItsMessage(t *testing.T) {
	s := newShelf(t)
	id := s.send("held")
	s.turn(2 * time.Hour)
	if u, err := s.Finished(t.Context(), id); err != nil || u == nil || u.Size != 4 || u.UserID != owner {
		t.Fatalf("finished: %+v, %v", u, err)
	}
	if !s.Claim(id) {
		t.Fatal("it cannot be claimed")
	}
	s.sweep()
	r := httptest.NewRequest("DELETE", blob.Path+"/"+string(id), nil)
	r.Header.Set("Tus-Resumable", "1.0.0")
	var refusal *chat.Error
	if err := s.Serve(httptest.NewRecorder(), r, owner, id); !errors.As(err, &refusal) || refusal.Code != chat.CodeConflict {
		t.Errorf("given up while a message is committed: %v", err)
	}
	s.name(id)
	s.Keep([]chat.FileID{id})
	s.turn(2 * time.Hour)
	s.sweep()
	if got := s.content(id); got != "held" {
		t.Errorf("the file of a message is %q", got)
	}
	if s.Claim(id) {
		t.Error("a file of a message can be claimed once more")
	}
	other := s.send("not claimed")
	s.turn(2 * time.Hour)
	s.sweep()
	if s.Claim(other) {
		t.Error("a file that was removed can be claimed")
	}
}

// TestOpen_afterAKill: whatever a program leaves that is killed at one moment or another, the next one finds the file of a message, and
// nothing else for ever.
func TestOpen_afterAKill(t *testing.T) {
	at := func(s *shelf, folder string, id chat.FileID, ending string) string {
		return filepath.Join(s.dir, folder, string(id)+ending)
	}
	for what, break_ := range map[string]func(s *shelf, id chat.FileID) error{
		"before it was looked through": func(s *shelf, id chat.FileID) error { return os.Remove(at(s, "arriving", id, ".json")) },
		"while that was written": func(s *shelf, id chat.FileID) error {
			return errors.Join(os.WriteFile(at(s, "arriving", id, ".json"), []byte("{"), 0o600), os.WriteFile(filepath.Join(s.dir, "arriving", "found-1"), nil, 0o600))
		},
		"before it was moved": func(s *shelf, id chat.FileID) error { s.name(id); return nil },
		"while it was moved": func(s *shelf, id chat.FileID) error {
			s.name(id)
			return os.Rename(at(s, "arriving", id, ".json"), at(s, "kept", id, ".json"))
		},
		"before it was tidied up": func(s *shelf, id chat.FileID) error {
			s.name(id)
			return errors.Join(os.Rename(at(s, "arriving", id, ".json"), at(s, "kept", id, ".json")), os.Rename(at(s, "arriving", id, ""), at(s, "kept", id, "")))
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newShelf(t)
			id := s.send("kept")
			if err := break_(s, id); err != nil {
				t.Fatal(err)
			}
			s.reopen()
			if _, named := s.named[id]; !named {
				u, err := s.Finished(t.Context(), id)
				if err != nil || u == nil || u.Name != "a.txt" || u.Size != 4 || !s.Claim(id) {
					t.Fatalf("after a kill: %+v, %v", u, err)
				}
				s.name(id)
			}
			s.turn(3 * time.Hour)
			s.sweep()
			if got := s.content(id); got != "kept" {
				t.Errorf("the file is %q", got)
			}
			if n := s.left(); n != 2 {
				t.Errorf("%d files lie in the folders", n)
			}
			s.named = map[chat.FileID]struct{}{} // its message is no more
			if err := s.DropUnnamed(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := s.left(); n != 0 {
				t.Errorf("%d files lie in the folders of a store without messages", n)
			}
		})
	}
}

// TestCopy_isAFileOfItsOwn: a copy is whole at once, stays when what it was made of is released, is made once however often it is asked
// for, and goes like any upload if no message names it.
func TestCopy_isAFileOfItsOwn(t *testing.T) {
	s := newShelf(t)
	from := s.send("our terms")
	s.name(from)
	s.Keep([]chat.FileID{from})
	found, err := s.Kept(from)
	if err != nil || found == nil {
		t.Fatalf("kept: %+v, %v", found, err)
	}
	copied := func() chat.FileID {
		t.Helper()
		to := *found
		to.ID, to.UserID, to.ConversationID = chat.NewFileID(), "another", "somewhere"
		for range 2 {
			if err := s.Copy(t.Context(), from, to); err != nil {
				t.Fatal(err)
			}
		}
		if whole, err := s.Finished(t.Context(), to.ID); err != nil || whole == nil || *whole != to || !s.Claim(to.ID) {
			t.Errorf("finished: %+v, %v", whole, err)
		}
		return to.ID
	}
	named, killed, left := copied(), copied(), copied()
	s.name(named, killed)
	s.Keep([]chat.FileID{named})
	s.reopen() // between the commit of a message and the move of its file
	again := *found
	again.ID, again.UserID, again.ConversationID = left, "another", "somewhere"
	if err := s.Copy(t.Context(), from, again); err != nil {
		t.Errorf("again after a kill: %v", err)
	}

	s.mu.Lock()
	delete(s.named, from)
	s.mu.Unlock()
	s.Release([]chat.FileID{from})
	s.reopen() // waits for what is being removed
	s.turn(2 * time.Hour)
	s.sweep()
	for id, want := range map[chat.FileID]string{from: "gone", left: "gone", named: "our terms", killed: "our terms"} {
		if got := s.content(id); got != want {
			t.Errorf("content is %q, want %q", got, want)
		}
	}
	if err := s.Copy(t.Context(), from, again); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a copy of what is gone: %v", err)
	}
}
