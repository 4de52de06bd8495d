package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// given is what the page is told by Brought.
func given(t *testing.T, s *Shell) []broughtFile {
	t.Helper()
	text, err := s.Brought()
	if err != nil {
		t.Fatal(err)
	}
	var files []broughtFile
	if err := json.Unmarshal([]byte(text), &files); err != nil || files == nil {
		t.Fatalf("brought %s: %v", text, err)
	}
	return files
}

// read asks for an address as the page does; nil if it is refused.
func (b *brought) read(t *testing.T, path string) []byte {
	t.Helper()
	elsewhere := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	answer := httptest.NewRecorder()
	b.serve(elsewhere).ServeHTTP(answer, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
	if answer.Code != http.StatusOK {
		return nil
	}
	if kind := answer.Header().Get("Content-Type"); kind != "application/octet-stream" {
		t.Errorf("%s is of the type %q", path, kind)
	}
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestBrought_filesAndNothingElse: the page reads each file that somebody dropped once and for a while, and by no other word any file.
func TestBrought_filesAndNothingElse(t *testing.T) {
	d, _, _ := newTestDesktop(t, nil)
	shell, b, now := &Shell{desktop: d}, d.brought, time.Unix(1_700_000_000, 0)
	b.now = func() time.Time { return now }
	if files := given(t, shell); len(files) != 0 {
		t.Errorf("before anything was brought there is %v", files)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "plan <1>.png")
	if err := os.WriteFile(path, []byte("a plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	drop := func() []broughtFile {
		t.Helper()
		b.Files([]string{folder, path, filepath.Join(folder, "gone")})
		return given(t, shell)
	}
	files := drop()
	if len(files) != 1 || files[0].Name != "plan <1>.png" || files[0].Size != 6 || files[0].Type != "image/png" {
		t.Fatalf("a folder, a file and nothing were dropped, brought are %+v", files)
	}
	if again := given(t, shell); len(again) != 0 {
		t.Errorf("the second time there is %v", again)
	}
	for _, other := range []string{broughtAt, broughtAt + path, broughtAt + "..", broughtAt + "plan.png", "/" + path} {
		if got := b.read(t, other); got != nil {
			t.Errorf("%s leads to %q", other, got)
		}
	}
	if got := b.read(t, files[0].URL); string(got) != "a plan" {
		t.Errorf("the file is %q", got)
	}
	if got := b.read(t, files[0].URL); got != nil {
		t.Errorf("the second time the file is %q", got)
	}

	earlier := drop()
	later := drop()
	if got := b.read(t, earlier[0].URL); string(got) != "a plan" {
		t.Errorf("after the next drop the file is %q", got)
	}
	now = now.Add(readLife + time.Second)
	if got := b.read(t, later[0].URL); got != nil {
		t.Errorf("after its time there is %q", got)
	}
	b.Files([]string{path})
	now = now.Add(takeLife + time.Second)
	if files := given(t, shell); len(files) != 0 {
		t.Errorf("not taken in its time, and there is %v", files)
	}
}

// TestBrought_aPictureComesLater: what was pasted is waited for, and nothing that was there before is taken for it.
func TestBrought_aPictureComesLater(t *testing.T) {
	d, _, _ := newTestDesktop(t, nil)
	shell, b := &Shell{desktop: d}, d.brought
	b.Picture([]byte("the one before"))
	b.Coming() // the key was pressed twice
	b.Coming()
	taken := make(chan []broughtFile)
	go func() { taken <- given(t, shell) }()
	picture := []byte("\x89PNG, say")
	b.Picture(picture)
	b.Picture(picture)
	files := <-taken
	if len(files) != 1 || files[0].Name != "image.png" || files[0].Type != "image/png" || files[0].Size != int64(len(picture)) {
		t.Fatalf("brought are %+v", files)
	}
	if got := b.read(t, files[0].URL); !bytes.Equal(got, picture) {
		t.Errorf("the picture is %q", got)
	}
	b.Coming()
	ended, end := context.WithCancel(t.Context())
	end()
	if files, err := b.take(ended); err == nil {
		t.Errorf("nothing is handed over, and there is %v", files)
	}
	b.Files(nil) // words
	if files := given(t, shell); len(files) != 0 {
		t.Errorf("words were pasted, and there is %v", files)
	}
}

// TestBrought_anEmptyFile is answered like any other.
func TestBrought_anEmptyFile(t *testing.T) {
	d, _, _ := newTestDesktop(t, nil)
	path := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.brought.Files([]string{path})
	files := given(t, &Shell{desktop: d})
	if got := d.brought.read(t, files[0].URL); got == nil || len(got) != 0 {
		t.Errorf("it is %v", got)
	}
}
