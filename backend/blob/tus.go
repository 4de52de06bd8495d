package blob

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog" // what tusd logs with

	"parley/backend/chat"
)

// Path is where uploads are made; each is below it under its id.
const Path = "/v1/files"

// silence is how long a connection may bring no byte before it is given up. What has come by then is kept.
const silence = 60 * time.Second

// Creation is what a client announces of a file before its first byte.
type Creation struct {
	ID             chat.FileID
	UserID         chat.UserID
	ConversationID chat.ConversationID
	// Name is clean: see chat.CleanFileName.
	Name string
	// Size is in bytes.
	Size int64
	// SHA256 is of the bytes to come, in lower-case hexadecimal; empty if the client does not say.
	SHA256 string
}

// Keys of the metadata of an upload.
const (
	keyID           = "id"
	keyConversation = "conversationId"
	keyName         = "name"
	keySHA256       = "sha256"
	keyUser         = "userId" // ours: what a client says of it is not looked at
)

var hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ParseCreation reads what a request to make an upload announces; the error is a *chat.Error. Whose it is, the caller knows.
func ParseCreation(r *http.Request) (Creation, error) {
	if r.Header.Get("Tus-Resumable") != "1.0.0" {
		return Creation{}, chat.Invalid("uploads speak tus 1.0.0, with the header Tus-Resumable")
	}
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return Creation{}, chat.Invalid("the header Upload-Length must say how many bytes the file has")
	}
	meta, err := parseMetadata(r.Header.Get("Upload-Metadata"))
	if err != nil {
		return Creation{}, err
	}
	c := Creation{ID: chat.FileID(meta[keyID]), ConversationID: chat.ConversationID(meta[keyConversation]), Name: chat.CleanFileName(meta[keyName]),
		Size: size, SHA256: meta[keySHA256]}
	switch {
	case !chat.ValidUUID(string(c.ID)):
		return Creation{}, chat.Invalid("the file's id is not a UUID in its canonical form")
	case c.SHA256 != "" && !hexSum.MatchString(c.SHA256):
		return Creation{}, chat.Invalid("the file's SHA-256 is not 64 digits of lower-case hexadecimal")
	}
	return c, nil
}

// parseMetadata reads the header Upload-Metadata: keys with values in base64.
func parseMetadata(header string) (map[string]string, error) {
	meta := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(encoded)
		if _, twice := meta[key]; twice || err != nil {
			return nil, chat.Invalid("the header Upload-Metadata is not of tus's form")
		}
		meta[key] = string(value)
	}
	return meta, nil
}

func (c Creation) metadata() handler.MetaData {
	return handler.MetaData{keyID: string(c.ID), keyUser: string(c.UserID), keyConversation: string(c.ConversationID), keyName: c.Name, keySHA256: c.SHA256}
}

func creationOf(id chat.FileID, info handler.FileInfo) Creation {
	m := info.MetaData
	return Creation{ID: id, UserID: chat.UserID(m[keyUser]), ConversationID: chat.ConversationID(m[keyConversation]), Name: m[keyName], Size: info.Size, SHA256: m[keySHA256]}
}

// creationKey is where a request's Creation stands in its context.
type creationKey struct{}

// serveTus makes the handler of the protocol. It finds nothing out about rights, and answers no page of another origin: whoever
// calls has decided.
func (s *Store) serveTus() error {
	bytes := bytesStore{filestore.New(s.arriving())}
	composer := handler.NewStoreComposer()
	composer.UseCore(bytes)
	composer.UseTerminater(bytes)
	composer.UseLocker(memorylocker.New())
	var err error
	s.tus, err = handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, BasePath: Path + "/", MaxSize: chat.MaxFileBytes, NetworkTimeout: silence,
		Cors: &handler.CorsConfig{Disable: true}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		PreUploadCreateCallback: func(e handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
			c, ok := e.Context.Value(creationKey{}).(Creation)
			if !ok {
				return handler.HTTPResponse{}, handler.FileInfoChanges{}, errors.New("blob: an upload that nobody has announced")
			}
			return handler.HTTPResponse{}, handler.FileInfoChanges{ID: string(c.ID), MetaData: c.metadata()}, nil
		},
	})
	if err != nil {
		return fmt.Errorf("serve uploads: %w", err)
	}
	return nil
}

var (
	errUsed    = &chat.Error{Code: chat.CodeConflict, Text: "This file's id was used for something else. Nothing was sent; send it again as a new file."}
	errTooMany = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 5000, Text: "Very many of your files are on their way at once. Nothing of this one was sent; wait for the others, then send it."}
)

// Create answers the request to make the upload c. allow decides, before anything is written: it is told how many bytes the user
// has announced besides. Making the same upload again does nothing and is answered alike. Errors were not answered; those meant for
// the client are *chat.Error.
func (s *Store) Create(w http.ResponseWriter, r *http.Request, c Creation, allow func(under int64) error) error {
	u := &upload{Creation: c, heardAt: s.o.Clock(), made: make(chan struct{})}
	s.mu.Lock()
	under, count := s.under(c.UserID)
	was := s.open[c.ID]
	if was == nil {
		s.open[c.ID] = u
	} else if was.UserID == c.UserID {
		under, count = under-was.Size, count-1
	}
	s.mu.Unlock()
	err := allow(under)
	switch {
	case was != nil && err == nil:
		return s.createdBefore(w, r, was, c)
	case was != nil:
		return err
	case err == nil && count >= s.o.MaxOpen:
		err = errTooMany
	case err == nil && s.isKept(c.ID):
		err = errUsed
	case err == nil:
		err = s.ask(w, r.WithContext(context.WithValue(r.Context(), creationKey{}, c)), "", s.tus.PostFile)
	}
	if err != nil {
		s.mu.Lock()
		delete(s.open, c.ID)
		s.mu.Unlock()
		err = errors.Join(err, s.removeUpload(c.ID))
	}
	close(u.made)
	return err
}

// createdBefore answers the request to make an upload that is there.
func (s *Store) createdBefore(w http.ResponseWriter, r *http.Request, was *upload, c Creation) error {
	if was.Creation != c {
		return errUsed
	}
	select {
	case <-was.made:
	case <-r.Context().Done():
		return r.Context().Err()
	}
	if s.upload(c.ID) != was {
		return errBusy
	}
	h := w.Header()
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("Location", Path+"/"+string(c.ID))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Store) isKept(id chat.FileID) bool {
	_, err := os.Stat(s.keptPath(id))
	return err == nil
}

// Serve answers a request about an upload of the user's: HEAD how far it has come, PATCH takes bytes, DELETE gives it up. Others'
// uploads are unknown. Errors were not answered.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, user chat.UserID, id chat.FileID) error {
	u := s.upload(id)
	if u == nil || u.UserID != user {
		if r.Method == http.MethodHead && chat.ValidUUID(string(id)) {
			return s.headKept(w, user, id)
		}
		return chat.ErrUnknown
	}
	select {
	case <-u.made:
	case <-r.Context().Done():
		return r.Context().Err()
	}
	s.heard(u)
	defer s.heard(u)
	switch r.Method {
	case http.MethodHead:
		if whole := s.found(u); whole != nil { // of a withheld one there are no bytes to be counted
			headWhole(w, whole)
			return nil
		}
		return s.ask(w, r, id, s.tus.HeadFile)
	case http.MethodPatch:
		body := r.Body
		r.Body = struct {
			io.Reader
			io.Closer
		}{readerFunc(func(b []byte) (int, error) {
			n, err := body.Read(b)
			s.heard(u)
			return n, err
		}), body}
		return s.patch(w, r, u)
	case http.MethodDelete:
		return s.give(w, r, u)
	}
	return chat.ErrUnknown
}

type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// heard notes that something was heard of an upload.
func (s *Store) heard(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.heardAt = s.o.Clock()
}

// patch takes bytes. When all are there the answer waits until they are found to be those announced, and durable.
func (s *Store) patch(w http.ResponseWriter, r *http.Request, u *upload) error {
	reply, err := s.run(w, r, u.ID, s.tus.PatchFile)
	if err != nil {
		return err
	}
	if reply.header.Get("Upload-Offset") == strconv.FormatInt(u.Size, 10) {
		if _, err := s.finish(context.WithoutCancel(r.Context()), u); err != nil {
			return err
		}
	}
	reply.send()
	return nil
}

// give ends an upload that no message is about to name.
func (s *Store) give(w http.ResponseWriter, r *http.Request, u *upload) error {
	s.mu.Lock()
	claimed := !u.claimedAt.IsZero()
	if !claimed {
		delete(s.open, u.ID)
	}
	s.mu.Unlock()
	if claimed {
		return errUsed
	}
	err := s.ask(w, r, u.ID, s.tus.DelFile) // ends a request that brings bytes
	return errors.Join(err, s.removeUpload(u.ID))
}

// headKept tells the sender of a file that a message names that all of it is here.
func (s *Store) headKept(w http.ResponseWriter, user chat.UserID, id chat.FileID) error {
	whole, err := readFound(s.keptPath(id) + foundEnding)
	if err != nil {
		return err
	}
	if whole == nil || whole.UserID != user {
		return chat.ErrUnknown
	}
	headWhole(w, whole)
	return nil
}

// headWhole tells that all of a file is here.
func headWhole(w http.ResponseWriter, whole *chat.Upload) {
	h, size := w.Header(), strconv.FormatInt(whole.Size, 10)
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("Cache-Control", "no-store")
	h.Set("Upload-Offset", size)
	h.Set("Upload-Length", size)
	w.WriteHeader(http.StatusOK)
}

// ask has the protocol's handler answer.
func (s *Store) ask(w http.ResponseWriter, r *http.Request, id chat.FileID, serve http.HandlerFunc) error {
	reply, err := s.run(w, r, id, serve)
	if err == nil {
		reply.send()
	}
	return err
}

// run has the protocol's handler do a request and returns its reply, unsent. A refusal is an error in our words.
func (s *Store) run(w http.ResponseWriter, r *http.Request, id chat.FileID, serve http.HandlerFunc) (*reply, error) {
	r = r.Clone(r.Context())
	r.Header.Del("X-HTTP-Method-Override") // a method is what the request says it is
	r.URL = &url.URL{Path: "/" + string(id)}
	p := &reply{w: w, header: http.Header{}}
	s.tus.Middleware(serve).ServeHTTP(p, r)
	if p.status < 400 {
		return p, nil
	}
	word, _, _ := strings.Cut(p.body.String(), ":")
	s.o.Log.Debug("an upload is refused", "file", id, "method", r.Method, "status", p.status, "word", word)
	return nil, refusalOf(p.status, word)
}

// errBusy answers what may succeed later.
var errBusy = &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 1000, Text: "This file is in use by another request, or its bytes stopped coming. What has arrived is kept; go on from there."}

// refusalOf returns the error of the protocol's handler in our words.
func refusalOf(status int, word string) error {
	switch word {
	case "ERR_UPLOAD_LOCKED", "ERR_LOCK_TIMEOUT", "ERR_UPLOAD_INTERRUPTED", "ERR_READ_TIMEOUT", "ERR_CONNECTION_RESET", "ERR_SERVER_SHUTDOWN":
		return errBusy
	case "ERR_MISMATCHED_OFFSET":
		return &chat.Error{Code: chat.CodeConflict, Text: "The bytes do not go on where those that are here end. Nothing was taken; ask how far the file has come."}
	case "ERR_UPLOAD_SIZE_EXCEEDED", "ERR_MAX_SIZE_EXCEEDED":
		return chat.Invalid("these are more bytes than the file was said to have; they were not taken")
	case "ERR_UNSUPPORTED_VERSION":
		return chat.Invalid("uploads speak tus 1.0.0, with the header Tus-Resumable")
	case wordFull:
		return ErrFull
	case "ERR_UPLOAD_NOT_FOUND":
		return chat.ErrUnknown
	}
	if status < 500 {
		return chat.Invalid("the request is not of the form that tus 1.0.0 needs")
	}
	return fmt.Errorf("keep the bytes of a file: %s", word)
}

// reply holds what the protocol's handler answers until it is known to be the answer.
type reply struct {
	w      http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

// maxReply bounds the words of the protocol's handler, in bytes.
const maxReply = 1 << 10

// Header implements http.ResponseWriter.
func (p *reply) Header() http.Header { return p.header }

// WriteHeader implements http.ResponseWriter.
func (p *reply) WriteHeader(status int) {
	if p.status == 0 {
		p.status = status
	}
}

// Write implements http.ResponseWriter.
func (p *reply) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	p.body.Write(b[:min(len(b), maxReply-min(p.body.Len(), maxReply))])
	return len(b), nil
}

// Unwrap lets http.ResponseController reach the connection.
func (p *reply) Unwrap() http.ResponseWriter { return p.w }

// send sends the answer. The protocol's good answers have no body.
func (p *reply) send() {
	h := p.w.Header()
	for _, key := range []string{"Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Metadata", "Cache-Control"} {
		if v := p.header.Get(key); v != "" {
			h.Set(key, v)
		}
	}
	if at := p.header.Get("Location"); at != "" { // without the host, which came from the request
		h.Set("Location", Path+"/"+at[strings.LastIndexByte(at, '/')+1:])
	}
	if p.status == 0 {
		p.status = http.StatusOK
	}
	p.w.WriteHeader(p.status)
}
