package rig

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"parley/backend/chat"
)

// FilesPath is where files are.
const FilesPath = "/v1/files"

// Answer is what a route answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Refusal returns the error in the answer; nil if it holds none.
func (a Answer) Refusal() *chat.Error {
	var e struct{ Error *chat.Error }
	if json.Unmarshal(a.Body, &e) != nil {
		return nil
	}
	return e.Error
}

// Ask sends an HTTP request with the actor's token. headers are names and values in turn.
func (a *Actor) Ask(method, path string, body io.Reader, headers ...string) Answer {
	a.t.Helper()
	answer, err := a.TryAsk(method, path, body, headers...)
	if err != nil {
		a.failf("%s %s: %v", method, path, err)
	}
	return answer
}

// TryAsk is Ask that returns what went wrong with the connection.
func (a *Actor) TryAsk(method, path string, body io.Reader, headers ...string) (Answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, a.via+path, body)
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return Answer{resp.StatusCode, resp.Header, raw}, err
}

// NewFile is a file that somebody means to send.
type NewFile struct {
	ID   chat.FileID
	In   chat.ConversationID
	Name string
	Size int64
	// SHA256 may be empty.
	SHA256 string
}

// Announce asks to send a file; nothing of its bytes goes along.
func (a *Actor) Announce(f NewFile) Answer {
	a.t.Helper()
	pair := func(key, value string) string { return key + " " + base64.StdEncoding.EncodeToString([]byte(value)) }
	meta := []string{pair("id", string(f.ID)), pair("conversationId", string(f.In)), pair("name", f.Name)}
	if f.SHA256 != "" {
		meta = append(meta, pair("sha256", f.SHA256))
	}
	return a.Ask("POST", FilesPath, nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.FormatInt(f.Size, 10), "Upload-Metadata", strings.Join(meta, ","))
}

// Bring sends bytes of an announced file, which go on at offset.
func (a *Actor) Bring(id chat.FileID, offset int64, content io.Reader) Answer {
	a.t.Helper()
	return a.Ask("PATCH", FilesPath+"/"+string(id), content, tusHeaders(offset)...)
}

func tusHeaders(offset int64) []string {
	return []string{"Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.FormatInt(offset, 10)}
}

// TryBring is Bring that returns what went wrong with the connection.
func (a *Actor) TryBring(id chat.FileID, offset int64, content io.Reader) (Answer, error) {
	return a.TryAsk("PATCH", FilesPath+"/"+string(id), content, tusHeaders(offset)...)
}

// Arrived asks how many bytes of a file of the actor's have arrived; -1 if the server knows no such file.
func (a *Actor) Arrived(id chat.FileID) int64 {
	a.t.Helper()
	answer := a.Ask("HEAD", FilesPath+"/"+string(id), nil, "Tus-Resumable", "1.0.0")
	n, err := strconv.ParseInt(answer.Header.Get("Upload-Offset"), 10, 64)
	if answer.Status != http.StatusOK || err != nil {
		return -1
	}
	return n
}

// SendFile sends a whole file, for a message in a conversation.
func (a *Actor) SendFile(in chat.ConversationID, name string, content []byte) chat.FileID {
	a.t.Helper()
	f := NewFile{ID: chat.NewFileID(), In: in, Name: name, Size: int64(len(content))}
	if got := a.Announce(f); got.Status != http.StatusCreated {
		a.failf("announces %q: %d %s", name, got.Status, got.Body)
		return f.ID
	}
	if got := a.Bring(f.ID, 0, bytes.NewReader(content)); got.Status != http.StatusNoContent {
		a.failf("sends %q: %d %s", name, got.Status, got.Body)
	}
	return f.ID
}

// ReadFile asks for a file, or with a header Range for a part of it.
func (a *Actor) ReadFile(id chat.FileID, headers ...string) Answer {
	a.t.Helper()
	return a.Ask("GET", FilesPath+"/"+string(id), nil, headers...)
}

// WithFiles returns a message to another of the cast that names files.
func (a *Actor) WithFiles(to, text string, ids ...chat.FileID) chat.MessagePostArgs {
	m := a.Message(to, text)
	m.FileIDs = ids
	return m
}

// Bytes returns n bytes that look like nothing in particular, the same for the same seed.
func Bytes(n int, seed string) []byte {
	b := make([]byte, 0, n+64)
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, "%s %d; ", seed, i*i)
	}
	return b[:n]
}
