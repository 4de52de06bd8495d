package server

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/picture"
)

// fileSilence is how long a download may take no byte before it is given up.
const fileSilence = 60 * time.Second

// askEvery is how often the right to read a file is asked again while it is sent.
const askEvery = time.Second

// refuseFile answers with why nothing becomes of a request for a file.
func (s *Server) refuseFile(w http.ResponseWriter, err error) {
	if errors.Is(err, blob.ErrFull) {
		s.log.Error("the disk is full: files are not taken", "err", err)
		err = errFull
	}
	s.refuseErr(w, err)
}

// errFull answers a sender whose file goes on when there is room.
var errFull = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 30_000,
	Text: "The server's disk is full. What has arrived of this file is kept, and it goes on by itself when there is room; tell an administrator."}

// noFiles answers where the server keeps no files.
func (s *Server) noFiles(w http.ResponseWriter) bool {
	if s.o.Files == nil {
		refuse(w, http.StatusNotFound, chat.ErrUnknown)
	}
	return s.o.Files == nil
}

// createFile answers POST /v1/files: the hub decides before the first byte.
func (s *Server) createFile(w http.ResponseWriter, r *http.Request, a hub.Actor) {
	if s.noFiles(w) {
		return
	}
	c, err := blob.ParseCreation(r)
	if err == nil {
		c.UserID = a.UserID
		err = s.o.Files.Create(w, r, c, func(under int64) error {
			return s.o.Hub.MayAttach(r.Context(), a, c.ConversationID, c.Size, under)
		})
	}
	if err != nil {
		s.refuseFile(w, err)
	}
}

// uploadFile answers HEAD, PATCH and DELETE /v1/files/{id}, which concern an upload of the asker's.
func (s *Server) uploadFile(w http.ResponseWriter, r *http.Request, a hub.Actor) {
	if s.noFiles(w) {
		return
	}
	r.Body = &counted{ReadCloser: r.Body, count: s.metrics.fileTaken}
	if err := s.o.Files.Serve(w, r, a.UserID, chat.FileID(r.PathValue("id"))); err != nil && r.Context().Err() == nil {
		s.refuseFile(w, err)
	}
}

// readFile answers GET /v1/files/{id}: a file, or a range of it, to whoever may read its message now. What a page may show by itself
// is sent so; all else is to be saved; with preview=1 it is the small copy of a picture. Nothing of it is kept by a browser, since the
// right may end.
func (s *Server) readFile(w http.ResponseWriter, r *http.Request, a hub.Actor) {
	if s.noFiles(w) {
		return
	}
	f, err := s.o.Hub.File(r.Context(), a, chat.FileID(r.PathValue("id")))
	if err != nil {
		s.refuseErr(w, err)
		return
	}
	if r.URL.Query().Get("preview") != "" {
		s.sendPreview(w, r, f)
		return
	}
	file, err := s.o.Files.Open(f.ID)
	if err != nil {
		s.refuseErr(w, err)
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	disposition := "attachment"
	if chat.ShownType(f.Type) && !f.Watched && r.URL.Query().Get("save") == "" {
		disposition = "inline"
	} else if !chat.ShownType(f.Type) {
		h.Set("Content-Type", "application/octet-stream")
	}
	h.Set("Content-Disposition", disposition+dispositionName(f.Name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+f.SHA256+`"`)
	if f.Watched || strings.Contains(r.Header.Get("Range"), ",") { // each call of a watcher is in the audit log; many ranges are a burden
		r = r.Clone(r.Context())
		r.Header.Del("Range")
	}
	if !f.Watched {
		w = &asking{ResponseWriter: w, control: http.NewResponseController(w), count: s.metrics.fileSent, ask: func() error {
			_, err := s.o.Hub.File(r.Context(), a, f.ID)
			return err
		}}
	}
	http.ServeContent(w, r, "", time.Time{}, file)
}

// sendPreview sends the small copy of a picture.
func (s *Server) sendPreview(w http.ResponseWriter, r *http.Request, f *hub.OpenFile) {
	small, err := s.o.Files.Preview(r.Context(), f.ID)
	if errors.Is(err, picture.ErrNone) {
		refuse(w, http.StatusNotFound, errNoPreview)
		return
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.refuseErr(w, err)
		}
		return
	}
	defer small.Close()
	h := w.Header()
	h.Del("Content-Type") // found in its first bytes, which are ours
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", time.Time{}, small)
}

// errNoPreview answers for a file that has no small copy.
var errNoPreview = &chat.Error{Code: chat.CodeUnknown, Text: "There is no small copy of this file. The file itself is there."}

// dispositionName returns the parameters of Content-Disposition that say what a file is called: in plain letters for old programs,
// and whole.
func dispositionName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// errEnded ends a download whose reader has lost the right to it.
var errEnded = errors.New("server: the right to read this file has ended")

// asking is the way of a download: it gives up a reader that takes nothing, and one whose right has ended.
type asking struct {
	http.ResponseWriter
	control *http.ResponseController
	count   func(bytes int)
	ask     func() error
	asked   time.Time
}

// Write implements io.Writer.
func (w *asking) Write(b []byte) (int, error) {
	now := time.Now() // of the connection, no decision
	if w.asked.IsZero() {
		w.asked = now
	}
	if now.Sub(w.asked) >= askEvery {
		if w.ask() != nil {
			return 0, errEnded
		}
		w.asked = now
	}
	if err := w.control.SetWriteDeadline(now.Add(fileSilence)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := w.ResponseWriter.Write(b)
	w.count(n)
	return n, err
}

// counted is a body whose bytes are counted for operators.
type counted struct {
	io.ReadCloser
	count func(bytes int)
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.count(n)
	return n, err
}

// fileRoutes are those of files.
func (s *Server) fileRoutes() []Route {
	one := blob.Path + "/{id}"
	return []Route{
		{Method: http.MethodPost, Path: blob.Path, Act: chat.ActPost, with: s.createFile},
		{Method: http.MethodHead, Path: one, Act: chat.ActOwn, with: s.uploadFile},
		{Method: http.MethodPatch, Path: one, Act: chat.ActOwn, with: s.uploadFile},
		{Method: http.MethodDelete, Path: one, Act: chat.ActOwn, with: s.uploadFile},
		{Method: http.MethodGet, Path: one, Act: chat.ActRead, with: s.readFile},
	}
}
