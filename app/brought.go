package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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
	// broughtAt is where the page reads files that were brought to the window, below its own address.
	broughtAt = "/brought/"
	// takeLife is how long the page may ask what was brought, readLife how long it may then read it.
	takeLife, readLife = 10 * time.Second, time.Minute
	// broughtWait is how long the page waits for what another program is still handing over.
	broughtWait = 5 * time.Second
)

// errNotBrought says that another program did not hand over what was copied there.
var errNotBrought = errors.New("what was copied was not handed over in time")

// brought are the files that were dropped on the window or pasted into it last, and the tickets with which the page may read each of them
// once. Nothing else leads to a file: whoever speaks in the page's name gets what somebody has brought, and no more.
type brought struct {
	now func() time.Time

	mu sync.Mutex
	// coming counts what was pasted and not handed over yet; all is closed while there is none.
	coming int
	all    chan struct{}
	// things are not taken by the page yet; they came at.
	things  []broughtThing
	at      time.Time
	tickets map[string]broughtTicket
}

var _ bring.Taker = (*brought)(nil)

// broughtThing is a file at a path, or a picture that is in no file.
type broughtThing struct {
	path    string
	picture []byte
}

type broughtTicket struct {
	broughtThing
	ends time.Time
}

// broughtFile is a file as the page is told of it.
type broughtFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"` // by its name; empty if that says nothing
	URL  string `json:"url"`
}

func newBrought() *brought {
	b := &brought{now: time.Now, all: make(chan struct{}), tickets: map[string]broughtTicket{}}
	close(b.all)
	return b
}

// Coming implements bring.Taker.
func (b *brought) Coming() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.coming == 0 {
		b.things, b.all = nil, make(chan struct{})
	}
	b.coming++
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
	b.at, b.things = b.now(), things
	if b.coming == 0 { // dropped
		return
	}
	if b.coming--; b.coming == 0 {
		close(b.all)
	}
}

// take returns the files that were brought last, once, as soon as they are there. Folders and what cannot be read as a file are not
// among them. It fails if ctx ends before.
func (b *brought) take(ctx context.Context) ([]broughtFile, error) {
	b.mu.Lock()
	all := b.all
	b.mu.Unlock()
	select {
	case <-all:
	case <-ctx.Done():
		return nil, errNotBrought
	}
	b.mu.Lock()
	things := b.things
	b.things = nil
	if b.now().Sub(b.at) > takeLife {
		things = nil
	}
	b.mu.Unlock()
	files := []broughtFile{}
	for _, thing := range things {
		name, size := "image.png", int64(len(thing.picture))
		if thing.path != "" { // it is looked at while nobody waits: it may lie on a disk that is far away
			info, err := os.Stat(thing.path)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			name, size = filepath.Base(thing.path), info.Size()
		}
		files = append(files, broughtFile{name, size, mime.TypeByExtension(filepath.Ext(name)), broughtAt + b.issue(thing)})
	}
	return files, nil
}

// issue makes a ticket, and forgets those that have ended.
func (b *brought) issue(thing broughtThing) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	maps.DeleteFunc(b.tickets, func(_ string, t broughtTicket) bool { return now.After(t.ends) })
	ticket := rand.Text()
	b.tickets[ticket] = broughtTicket{thing, now.Add(readLife)}
	return ticket
}

// use returns what a ticket is for, once.
func (b *brought) use(ticket string) (broughtThing, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.tickets[ticket]
	delete(b.tickets, ticket)
	return t.broughtThing, ok && !b.now().After(t.ends)
}

// serve lets the page read what was brought.
func (b *brought) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ticket, ok := strings.CutPrefix(r.URL.Path, broughtAt)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		if err := b.send(w, ticket); err != nil {
			http.Error(w, "there is no such file", http.StatusNotFound)
		}
	})
}

func (b *brought) send(w http.ResponseWriter, ticket string) error {
	thing, ok := b.use(ticket)
	if !ok {
		return os.ErrNotExist
	}
	content, size, err := thing.open()
	if err != nil {
		return err
	}
	defer content.Close()
	// Read by the page's script; shown by nobody, and run by nobody.
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(http.StatusOK)      // of an empty file, too, of which nothing is written
	_, _ = io.CopyN(w, content, size) // what breaks here the page sees as a file that is too short
	return nil
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
// (package bring), and empty where there was nothing. It waits some seconds for a program that hands over slowly, and fails after that.
func (s *Shell) Brought() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), broughtWait)
	defer cancel()
	files, err := s.desktop.brought.take(ctx)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(files)
	if err != nil {
		return "", fmt.Errorf("encode what was brought: %w", err)
	}
	return string(text), nil
}
