package replica

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/app/transfer"
	"parley/backend/blob"
	"parley/backend/chat"
)

// ticketLife is how long after its last use a ticket ends, mostTickets how many there are at once.
const (
	ticketLife  = 10 * time.Minute
	mostTickets = 2000
)

// tickets are the words with which a page's elements read files: each for one file.
type tickets struct {
	mu   sync.Mutex
	held map[string]*ticket
}

type ticket struct {
	id   chat.FileID
	ends time.Time
}

// issue makes a ticket for a file.
func (t *tickets) issue(id chat.FileID, now time.Time) string {
	secret := make([]byte, 24)
	rand.Read(secret) // never fails
	word := base64.RawURLEncoding.EncodeToString(secret)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == nil {
		t.held = map[string]*ticket{}
	}
	for word, held := range t.held {
		if held.ends.Before(now) || len(t.held) >= mostTickets {
			delete(t.held, word)
		}
	}
	t.held[word] = &ticket{id, now.Add(ticketLife)}
	return word
}

// use tells whether a ticket is for the file, and makes it last.
func (t *tickets) use(word string, id chat.FileID, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := t.held[word]
	if held == nil || held.id != id || held.ends.Before(now) {
		return false
	}
	held.ends = now.Add(ticketLife)
	return true
}

func (t *tickets) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.held)
}

// ticket answers file.ticket. Whether the file may be read the hub says, at each use.
func (r *Replica) ticket(args chat.FileTicketArgs) (chat.FileTicketAnswer, error) {
	if !chat.ValidUUID(string(args.ID)) {
		return chat.FileTicketAnswer{}, chat.ErrUnknown
	}
	return chat.FileTicketAnswer{Ticket: r.tickets.issue(args.ID, r.Clock.Now())}, nil
}

// fileHeaders are those of the upload protocol that a page of another origin may see.
const fileHeaders = "Location, Tus-Resumable, Upload-Offset, Upload-Length"

// serveFiles answers requests for files: a page's uploads, which show the launch's token, and its elements' downloads, which show a
// ticket. Everybody else is refused as at the socket.
func (l *listener) serveFiles(w http.ResponseWriter, q *http.Request) {
	origin := q.Header.Get("Origin")
	admitted := slices.Contains(l.origins, origin) && len(q.Header.Values("Origin")) == 1
	if q.Host != l.host || origin != "" && !admitted {
		refuse(w)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if admitted { // the window's page is of another origin than this listener
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", fileHeaders)
		h.Set("Vary", "Origin")
	}
	id := chat.FileID(strings.TrimPrefix(strings.TrimPrefix(q.URL.Path, blob.Path), "/"))
	switch {
	case q.Method == http.MethodOptions && admitted:
		h.Set("Access-Control-Allow-Methods", "POST, HEAD, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset")
		w.WriteHeader(http.StatusNoContent)
	case q.Method == http.MethodGet && l.r.tickets.use(q.URL.Query().Get("ticket"), id, l.r.Clock.Now()):
		l.fetchFile(w, q, id)
	case q.Method != http.MethodGet && (admitted || q.Method == http.MethodHead) && sameToken(strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer "), l.token):
		if err := l.takeFile(w, q, id); err != nil && q.Context().Err() == nil {
			l.refuseFile(w, err)
		}
	default:
		l.r.Log.Warn("a request for a file was refused")
		refuse(w)
	}
}

// takeFile takes an upload of a page into the stage.
func (l *listener) takeFile(w http.ResponseWriter, q *http.Request, id chat.FileID) error {
	r := l.r
	var user chat.UserID
	err := r.call(func() error {
		if r.session == nil {
			return r.signedOut()
		}
		user = r.secret.UserID
		return nil
	})
	if err != nil {
		return err
	}
	if q.Method != http.MethodPost {
		if l.passing.has(id) {
			return l.passUpload(w, q, id)
		}
		return r.stage.Serve(w, q, user, id)
	}
	c, err := blob.ParseCreation(q)
	if err != nil {
		return err
	}
	if _, ok := c.ConversationID.ForTemplate(); ok {
		l.passing.add(c.ID)
		return l.passUpload(w, q, "")
	}
	c.UserID = user
	return r.stage.Create(w, q, c, func(int64) error {
		if c.Size > chat.MaxFileBytes {
			return chat.Invalid("The file has %d bytes; at most %d (100 MB) are allowed. Nothing was sent.", c.Size, int64(chat.MaxFileBytes))
		}
		return r.call(func() error { return r.mayName(c.ConversationID) })
	})
}

// passing are the uploads of templates' files. They are no message's, so nothing waits here: they go to the hub as the page sends them.
type passing struct {
	mu  sync.Mutex
	ids map[chat.FileID]struct{}
}

// mostPassing bounds how many such uploads are known; beyond it the page must begin them again.
const mostPassing = 1000

func (p *passing) add(id chat.FileID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ids == nil || len(p.ids) >= mostPassing {
		p.ids = map[chat.FileID]struct{}{}
	}
	p.ids[id] = struct{}{}
}

func (p *passing) has(id chat.FileID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.ids[id]
	return ok
}

// passUpload has the hub answer a request about an upload; id is empty for one that is to be made.
func (l *listener) passUpload(w http.ResponseWriter, q *http.Request, id chat.FileID) error {
	client, err := l.client()
	if err != nil {
		return err
	}
	resp, err := client.Pass(q, id)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for _, name := range []string{"Location", "Tus-Resumable", "Upload-Offset", "Upload-Length"} {
		if v := resp.Header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	return nil
}

// client reaches the hub as whoever is signed in here.
func (l *listener) client() (client *transfer.Client, err error) {
	r := l.r
	err = r.call(func() error {
		if r.session == nil {
			return r.signedOut()
		}
		client = &transfer.Client{HTTP: r.HTTP, Server: r.secret.Server, Token: r.secret.Token}
		return nil
	})
	return client, err
}

// passed are the headers of a file that a page needs.
var passed = []string{"Content-Type", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges", "ETag"}

// fetchFile passes a file on from the hub, which decides about it. A picture that was shown before is there without the hub, too.
func (l *listener) fetchFile(w http.ResponseWriter, q *http.Request, id chat.FileID) {
	client, err := l.client()
	if err != nil {
		l.refuseFile(w, err)
		return
	}
	small, save := q.URL.Query().Get("preview") != "", q.URL.Query().Get("save") != ""
	query := ""
	switch {
	case small:
		query = "?preview=1"
	case save:
		query = "?save=1"
	}
	shown := picture{l.r, id, small, !save && q.Header.Get("Range") == ""}
	resp, err := client.Fetch(q.Context(), id, query, q.Header.Get("Range"))
	switch {
	case err != nil && q.Context().Err() != nil:
	case err != nil && shown.answer(w, err):
	case err != nil:
		l.refuseFile(w, err)
	default:
		defer resp.Body.Close()
		h := w.Header()
		for _, name := range passed {
			if v := resp.Header.Get(name); v != "" {
				h.Set(name, v)
			}
		}
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		w.WriteHeader(resp.StatusCode)
		shown.pass(w, resp) // whichever side went away, the page asks again
	}
}

// errStageFull answers a page whose file goes on when there is room.
var errStageFull = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 30_000,
	Text: "This computer's disk is full. What was taken of this file is kept, and it goes on by itself when there is room."}

// refuseFile answers with an error as the hub would.
func (l *listener) refuseFile(w http.ResponseWriter, err error) {
	var e *chat.Error
	if errors.Is(err, blob.ErrFull) {
		e = errStageFull
	} else if !errors.As(err, &e) {
		l.r.Log.Info("a request for a file failed", "error", err)
		e = &chat.Error{Code: chat.CodeOffline, Text: "The server cannot be reached. Nothing is lost; try again later."}
	}
	status := http.StatusServiceUnavailable
	switch e.Code {
	case chat.CodeDenied:
		status = http.StatusForbidden
	case chat.CodeUnknown:
		status = http.StatusNotFound
	case chat.CodeInvalid:
		status = http.StatusBadRequest
	case chat.CodeConflict:
		status = http.StatusConflict
	case chat.CodeSignedOut:
		status = http.StatusUnauthorized
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // a page that has gone away misses nothing
		Error *chat.Error `json:"error"`
	}{e})
}
