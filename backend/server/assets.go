package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"parley/backend/chat"
)

// assets are the files of the web interface, read and compressed once at start: they are few and small, and the program
// carries them anyway.
type assets struct{ files map[string]*asset }

type asset struct {
	kind, etag  string
	body, zip   []byte // zip is nil where it would save nothing
	cacheHeader string
}

// Vite puts a hash of the content into the name of every file in this folder, so they never change.
const hashedFolder = "assets/"

func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]*asset{}}
	if files == nil {
		return a, nil
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		a.files[name], err = newAsset(name, body)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the web interface: %w", err)
	}
	return a, nil
}

func newAsset(name string, body []byte) (*asset, error) {
	sum := sha256.Sum256(body)
	f := &asset{body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, cacheHeader: "no-cache", kind: kindOf(name)}
	if strings.HasPrefix(name, hashedFolder) {
		f.cacheHeader = "public, max-age=31536000, immutable"
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if zipped.Len() < len(body)*9/10 {
		f.zip = zipped.Bytes()
	}
	return f, nil
}

// kinds are written out, because the system's own table differs from machine to machine.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".webmanifest": "application/manifest+json",
	".txt": "text/plain; charset=utf-8", ".map": "application/json",
}

func kindOf(name string) string {
	ext := path.Ext(name)
	if kind := kinds[ext]; kind != "" {
		return kind
	}
	if kind := mime.TypeByExtension(ext); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// page answers GET for the web interface. An address without a file's ending is one of the interface's own, and gets the
// start page.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	f := s.assets.files[name]
	if f == nil && path.Ext(name) == "" {
		f = s.assets.files["index.html"]
		if f == nil {
			refuse(w, http.StatusNotFound, &chat.Error{Code: chat.CodeUnknown, Text: "This server was built without the web interface. Use the desktop program, or build the interface first."})
			return
		}
	}
	if f == nil {
		refuse(w, http.StatusNotFound, chat.ErrUnknown)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", f.cacheHeader)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	body := f.body
	if f.zip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a client that has gone away misses nothing
}
