package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/backend/chat"
)

// Partly is added to the name of a file that is being saved, until all of it is there.
const Partly = ".parley-part"

// quiet is how long a connection may bring no byte of a file before it is given up.
const quiet = 60 * time.Second

// DiskError says that this computer's disk refuses a file that is being saved.
type DiskError struct{ err error }

// Error implements error.
func (e *DiskError) Error() string {
	return fmt.Sprintf("transfer: the disk refuses the file: %v", e.err)
}

// Unwrap returns what the system says.
func (e *DiskError) Unwrap() error { return e.err }

// Save writes a file of the server's to path, in the place of what is there. Until all of it is there and is what was sent, its bytes lie
// beside it, under a name that ends in Partly, and whoever saves it there again goes on from their end. got is told how many bytes are on
// the disk, of how many.
//
// A refusal is a *chat.Error, a disk that takes it not a *DiskError; every other error means that the server could not be reached, and
// that Save may be called again.
func (c *Client) Save(ctx context.Context, id chat.FileID, path string, got func(bytes, size int64)) (err error) {
	part, err := os.OpenFile(path+Partly, os.O_CREATE|os.O_RDWR, 0o644) // as other programs save; no program is made of it
	if err != nil {
		return &DiskError{err}
	}
	sum := ""
	for again := 0; ; again++ {
		var resumed bool
		if sum, resumed, err = c.fetchInto(ctx, id, part, got); err != nil {
			break
		}
		var is string
		if is, err = sumOf(part); err != nil || is == sum {
			break
		}
		if err = part.Truncate(0); err != nil {
			err = &DiskError{err}
			break
		}
		if !resumed || again > 0 { // else the first part may have been of another file
			err = errors.New("transfer: the bytes are not those that were sent")
			break
		}
	}
	if err == nil {
		if serr := part.Sync(); serr != nil {
			err = &DiskError{serr}
		}
	}
	if cerr := part.Close(); cerr != nil && err == nil {
		err = &DiskError{cerr}
	}
	if err != nil {
		return err
	}
	if err := os.Rename(path+Partly, path); err != nil {
		return &DiskError{err}
	}
	return markForeign(path)
}

// Discard removes what has been saved of a file that will not be.
func Discard(path string) error { return os.Remove(path + Partly) }

// fetchInto appends what is missing of a file. It returns the SHA-256 that the server says it has, and whether there was something already.
func (c *Client) fetchInto(ctx context.Context, id chat.FileID, part *os.File, got func(bytes, size int64)) (sum string, resumed bool, err error) {
	at, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return "", false, &DiskError{err}
	}
	ranges := ""
	if at > 0 {
		ranges = fmt.Sprintf("bytes=%d-", at)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(quiet, cancel)
	defer silence.Stop()
	resp, err := c.Fetch(ctx, id, "?save=1", ranges)
	if err != nil {
		return "", false, err
	}
	defer resp.Body.Close()
	sum = strings.Trim(resp.Header.Get("ETag"), `"`)
	size, err := sizeIn(resp, at)
	if err != nil {
		return "", false, err
	}
	if resp.StatusCode != http.StatusPartialContent && !(resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && at == size) {
		if at > 0 { // it is sent from its beginning, or was longer than the file is
			if err := errors.Join(part.Truncate(0), seekStart(part)); err != nil {
				return "", false, &DiskError{err}
			}
		}
		if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
			return "", true, errors.New("transfer: what there was is no part of this file")
		}
		at = 0
	}
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return sum, true, nil // all of it is there
	}
	got(at, size)
	if _, err := io.Copy(&progress{part, at, size, got}, awake{resp.Body, silence}); err != nil {
		return "", false, err
	}
	if now, err := part.Seek(0, io.SeekEnd); err != nil || now != size {
		return "", false, errors.Join(err, errors.New("transfer: the connection ended before the file"))
	}
	return sum, at > 0, nil
}

// sizeIn returns how many bytes the whole file has, by an answer to a request for those from at on.
func sizeIn(resp *http.Response, at int64) (int64, error) {
	if resp.StatusCode == http.StatusOK && resp.ContentLength >= 0 {
		return resp.ContentLength, nil
	}
	span, whole, _ := strings.Cut(resp.Header.Get("Content-Range"), "/")
	size, err := strconv.ParseInt(whole, 10, 64)
	begins := resp.StatusCode != http.StatusPartialContent || strings.HasPrefix(span, fmt.Sprintf("bytes %d-", at))
	if err != nil || size < 0 || !begins {
		return 0, errors.New("transfer: the server does not say which bytes it sends")
	}
	return size, nil
}

func seekStart(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// sumOf returns the SHA-256 of a whole file in hexadecimal.
func sumOf(f *os.File) (string, error) {
	if err := seekStart(f); err != nil {
		return "", &DiskError{err}
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", &DiskError{err}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// progress writes to a file and tells how far it is.
type progress struct {
	file     *os.File
	at, size int64
	got      func(bytes, size int64)
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	if err != nil {
		return n, &DiskError{err}
	}
	p.at += int64(n)
	p.got(p.at, p.size)
	return n, nil
}

// awake is a body whose every byte puts the end of patience off.
type awake struct {
	io.Reader
	silence *time.Timer
}

// Read implements io.Reader.
func (a awake) Read(b []byte) (int, error) {
	n, err := a.Reader.Read(b)
	a.silence.Reset(quiet)
	return n, err
}
