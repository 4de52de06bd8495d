package replica

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"parley/app/cache"
	"parley/backend/chat"
)

// picture is what the listener does about one picture of a timeline: it keeps it as it passes, and shows it while the hub cannot.
type picture struct {
	r     *Replica
	id    chat.FileID
	small bool
	// whole is false for a part of a file, and for one to be saved elsewhere: these are neither kept nor answered from here.
	whole bool
}

// answer answers a page whose question could not be passed on, from what is kept, and tells whether it did. If the hub has answered, with
// a refusal, the picture is forgotten.
func (p *picture) answer(w http.ResponseWriter, failed error) bool {
	if !p.whole {
		return false
	}
	var refusal *chat.Error
	if errors.As(failed, &refusal) && refusal.Code.Final() {
		p.keep("forget a picture", func(c *cache.Cache) error { return c.ForgetPicture(p.r.ctx, p.id) })
		return false
	}
	var kept cache.Picture
	var found bool
	p.keep("read a picture", func(c *cache.Cache) (err error) {
		kept, found, err = c.Picture(p.r.ctx, p.id, p.small)
		return err
	})
	if !found {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", kept.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(kept.Bytes) // a page that went away misses nothing
	return true
}

// pass gives the hub's answer to the page, and keeps it if it is a picture of the right size.
func (p *picture) pass(w io.Writer, resp *http.Response) {
	kind := resp.Header.Get("Content-Type")
	small := resp.ContentLength > 0 && resp.ContentLength <= cache.MaxPictureBytes
	if !p.whole || !small || resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "image/") {
		_, _ = io.Copy(w, resp.Body)
		return
	}
	var whole bytes.Buffer
	if _, err := io.Copy(io.MultiWriter(w, &whole), resp.Body); err != nil {
		return // one that ended early, too
	}
	p.keep("keep a picture", func(c *cache.Cache) error {
		return c.KeepPicture(p.r.ctx, p.id, p.small, cache.Picture{Type: kind, Bytes: whole.Bytes()})
	})
}

// keep asks the cache as its owner, while somebody is signed in. What goes wrong is told like any fault of the disk; the page has its
// picture, or is told that it cannot be had.
func (p *picture) keep(what string, job func(c *cache.Cache) error) {
	_ = p.r.call(func() error { // fails only when the replica ends
		if p.r.session == nil {
			return nil
		}
		if err := job(p.r.cache); err != nil {
			p.r.failed(what, err)
		}
		return nil
	})
}
