// Package transfer sends files from this computer to the server, by the resumable upload protocol tus 1.0.0, and fetches them.
//
// It owns the way of the bytes: where they go on, in which portions, and what the server's answers mean. When to send, what is kept on
// this computer and what is told about it are the replica's.
package transfer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/backend/chat"
)

// portion is how many bytes one request brings: what is sent again at most when a connection ends or either side is killed.
const portion = 2_000_000

// silence bounds one request: a portion over a very slow line.
const silence = 5 * time.Minute

// Client sends to and fetches from one server, as one session.
type Client struct {
	// HTTP follows no redirects.
	HTTP *http.Client
	// Server is the base address, Token the session's.
	Server, Token string
}

// File is a file to be sent.
type File struct {
	chat.Attachment
	ConversationID chat.ConversationID
	// Bytes are all of them.
	Bytes io.ReaderAt
}

// Path is where a file is below the server's address.
func Path(id chat.FileID) string { return "/v1/files/" + string(id) }

// Send sends what the server does not have of a file; sent is told how much that is, first and after each portion. A refusal is a
// *chat.Error; every other error means that the server could not be reached, and that Send may be called again.
func (c *Client) Send(ctx context.Context, f File, sent func(bytes int64)) error {
	at, err := c.Arrived(ctx, f.ID)
	if errors.Is(err, chat.ErrUnknown) {
		at, err = 0, c.announce(ctx, f)
	}
	for conflicts := 0; err == nil; {
		sent(at)
		if at >= f.Size {
			return nil
		}
		var next int64
		next, err = c.bring(ctx, f, at)
		var refusal *chat.Error
		if errors.As(err, &refusal) && refusal.Code == chat.CodeConflict && conflicts < 3 {
			// The answer to an earlier portion was lost, or another program brings the same file.
			conflicts++
			next, err = c.Arrived(ctx, f.ID)
		}
		at = next
	}
	return err
}

// Arrived asks how many bytes of a file of one's own the server has; chat.ErrUnknown if it knows of none.
func (c *Client) Arrived(ctx context.Context, id chat.FileID) (int64, error) {
	resp, err := c.ask(ctx, http.MethodHead, Path(id), nil, nil)
	if err != nil {
		return 0, err
	}
	return offsetOf(resp)
}

func offsetOf(resp *http.Response) (int64, error) {
	resp.Body.Close() // without a body
	at, err := strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || at < 0 {
		return 0, errors.New("transfer: the server does not say how many bytes it has")
	}
	return at, nil
}

// announce has the server make room for a file.
func (c *Client) announce(ctx context.Context, f File) error {
	pairs := []string{}
	for _, p := range [][2]string{{"id", string(f.ID)}, {"conversationId", string(f.ConversationID)}, {"name", f.Name}, {"sha256", f.SHA256}} {
		pairs = append(pairs, p[0]+" "+base64.StdEncoding.EncodeToString([]byte(p[1])))
	}
	resp, err := c.ask(ctx, http.MethodPost, "/v1/files", nil, map[string]string{
		"Upload-Length": strconv.FormatInt(f.Size, 10), "Upload-Metadata": strings.Join(pairs, ",")})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// bring sends the portion from at on, and returns how many bytes the server has now.
func (c *Client) bring(ctx context.Context, f File, at int64) (int64, error) {
	size := min(portion, f.Size-at)
	resp, err := c.ask(ctx, http.MethodPatch, Path(f.ID), io.NewSectionReader(f.Bytes, at, size), map[string]string{
		"Upload-Offset": strconv.FormatInt(at, 10), "Content-Type": "application/offset+octet-stream", "Content-Length": strconv.FormatInt(size, 10)})
	if err != nil {
		return 0, err
	}
	return offsetOf(resp)
}

// Forget has the server drop what has arrived of a file. What it cannot be told goes there by itself.
func (c *Client) Forget(ctx context.Context, id chat.FileID) error {
	resp, err := c.ask(ctx, http.MethodDelete, Path(id), nil, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// ask sends a request and returns its good answer.
func (c *Client) ask(ctx context.Context, method, path string, body io.Reader, headers map[string]string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.Server+path, body)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	if size := headers["Content-Length"]; size != "" {
		req.ContentLength, _ = strconv.ParseInt(size, 10, 64) // written by bring
	}
	return c.do(req)
}

// Pass sends a page's request about an upload on, and returns the server's good answer; id is empty for an upload that is to be made.
// A refusal is a *chat.Error.
func (c *Client) Pass(r *http.Request, id chat.FileID) (*http.Response, error) {
	path := "/v1/files"
	if id != "" {
		path = Path(id)
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, c.Server+path, r.Body)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	req.ContentLength = r.ContentLength
	for _, name := range []string{"Content-Type", "Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset"} {
		if v := r.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	return c.do(req)
}

// do sends a request as the user and returns its good answer; that a file has no such range is one, too.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	if resp.StatusCode < 300 || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusalIn(resp)
}

// maxRefusal bounds what is read of a refusal, in bytes.
const maxRefusal = 16 << 10

// refusalIn returns what the server refused with: a *chat.Error, unless the answer is not this protocol's.
func refusalIn(resp *http.Response) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	var answer struct{ Error *chat.Error }
	if err == nil && json.Unmarshal(raw, &answer) == nil && answer.Error != nil {
		return answer.Error
	}
	switch resp.StatusCode { // HEAD has no body
	case http.StatusNotFound:
		return chat.ErrUnknown
	case http.StatusUnauthorized:
		return &chat.Error{Code: chat.CodeSignedOut, Text: "Your session has ended. Sign in again to go on."}
	}
	return fmt.Errorf("transfer: the server answers %s", resp.Status)
}

// Fetch asks for a file, or the range of it that ranges (a header Range) says; the caller closes the answer's body. A refusal is a
// *chat.Error.
func (c *Client) Fetch(ctx context.Context, id chat.FileID, query, ranges string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Server+Path(id)+query, nil)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	return c.do(req)
}
