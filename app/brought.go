package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/app/bring"
)

const (
	// broughtAt is where the page reads files that were brought to the window, below its own address; broughtLife how long it may do so.
	broughtAt   = "/brought/"
	broughtLife = time.Minute
	// broughtWait is how long the page waits for what another program is still handing over.
	broughtWait = 5 * time.Second
)

// brought are the files that were dropped on the window or pasted into it last, by the words with which the page may read each of them
// once. No word but these leads to a file: whoever speaks in the page's name gets what somebody has brought, and nothing else.
type brought struct {
	now func() time.Time

	mu sync.Mutex
	// coming is open while something was pasted and not handed over yet.
	coming chan struct{}
	at     time.Time
	things []broughtThing          // not taken by the page yet
	words  map[string]broughtThing // taken, and not read yet
}

var _ bring.Taker = (*brought)(nil)

// broughtThing is a file at a path, or a picture that is in no file.
type broughtThing struct {
	path    string
	picture []byte
}

// broughtFile is a file as the page is told of it.
type broughtFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"` // by its name; empty if that says nothing
	URL  string `json:"url"`
}

func newBrought() *brought { return &brought{now: time.Now, coming: closedChannel()} }

func closedChannel() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// Coming implements bring.Taker.
func (b *brought) Coming() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.things = nil
	select {
	case <-b.coming:
		b.coming = make(chan struct{})
	default:
	}
}

// Files implements bring.Taker.
func (b *brought) Files(paths []string) {
	things := make([]broughtThing, 0, len(paths))
	for _, path := range paths {
		things = append(things, broughtThing{path: path})
	}
	b.put(things)
}

// Picture implements bring.Taker.
func (b *brought) Picture(content []byte) { b.put([]broughtThing{{picture: content}}) }

func (b *brought) put(things []broughtThing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at, b.things, b.words = b.now(), things, map[string]broughtThing{}
	select {
	case <-b.coming:
	default:
		close(b.coming)
	}
}

// take returns the files that were brought last, once, as soon as they are there. Folders and what cannot be read as a file are not
// among them.
func (b *brought) take(ctx context.Context) []broughtFile {
	b.mu.Lock()
	coming := b.coming
	b.mu.Unlock()
	select {
	case <-coming:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	files := []broughtFile{}
	things := b.things
	b.things = nil
	if b.now().Sub(b.at) > broughtLife {
		return files
	}
	for _, thing := range things {
		name, size := "image.png", int64(len(thing.picture))
		if thing.path != "" {
			info, err := os.Stat(thing.path)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			name, size = filepath.Base(thing.path), info.Size()
		}
		word := rand.Text()
		b.words[word] = thing
		files = append(files, broughtFile{name, size, mime.TypeByExtension(filepath.Ext(name)), broughtAt + word})
	}
	return files
}

// find returns what is behind a word, once.
func (b *brought) find(word string) (broughtThing, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	thing, ok := b.words[word]
	delete(b.words, word)
	return thing, ok && b.now().Sub(b.at) <= broughtLife
}

// serve lets the page read what was brought.
func (b *brought) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		word, ok := strings.CutPrefix(r.URL.Path, broughtAt)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		thing, ok := b.find(word)
		content, size, err := thing.open()
		if !ok || err != nil {
			http.Error(w, "there is no such file", http.StatusNotFound)
			return
		}
		defer content.Close()
		// Read by the page's script; shown by nobody, and run by nobody.
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		_, _ = io.CopyN(w, content, size) // what breaks here the page sees as a file that is too short
	})
}

func (t broughtThing) open() (io.ReadCloser, int64, error) {
	if t.path == "" {
		return io.NopCloser(bytes.NewReader(t.picture)), int64(len(t.picture)), nil
	}
	file, err := os.Open(t.path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = os.ErrNotExist
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Brought returns the files that were dropped on the window or pasted into it just now, as JSON text: a list of name, size in bytes, type,
// and the address, below the page's own, at which each can be read once. It is for systems whose web view keeps them from the page
// (package bring), and empty where there was nothing. It waits for a program that hands over slowly.
func (s *Shell) Brought() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), broughtWait)
	defer cancel()
	text, err := json.Marshal(s.desktop.brought.take(ctx))
	if err != nil {
		return "", fmt.Errorf("encode what was brought: %w", err)
	}
	return string(text), nil
}
