package replica

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"parley/app/cache"
	"parley/app/link"
	"parley/app/transfer"
	"parley/backend/chat"
)

// saving is a file on its way to a place on this computer.
type saving struct {
	chat.Saving
	stop context.CancelFunc
	// wake has a try that waits made at once.
	wake chan struct{}
}

// Save fetches a file to path, which its user has chosen; what is there is replaced once all of it has come. Pages are told how far it is.
// After a lost connection it goes on by itself from where it was; the hub decides each time. A file that is being saved already is not
// begun again.
func (r *Replica) Save(id chat.FileID, path string) {
	r.do(func() {
		if r.saves[id] != nil {
			return
		}
		told := chat.Saving{FileID: id, Name: filepath.Base(path), State: chat.SavingGoing}
		if r.session == nil {
			told.State, told.Error = chat.SavingFailed, r.signedOut()
			r.tellSignals(chat.Signal{Type: chat.SignalSaving, Saving: &told})
			return
		}
		ctx, stop := context.WithCancel(r.ctx)
		s := &saving{Saving: told, stop: stop, wake: make(chan struct{}, 1)}
		r.saves[id] = s
		r.tellSaving(s)
		client := &transfer.Client{HTTP: r.HTTP, Server: r.secret.Server, Token: r.secret.Token}
		r.aside(func() {
			defer stop()
			r.save(ctx, client, s, path)
		})
	})
}

// StopSaving gives a file up that is being saved, and removes what has come of it.
func (r *Replica) StopSaving(id chat.FileID) {
	r.do(func() {
		if s := r.saves[id]; s != nil {
			s.stop()
		}
	})
}

// stopSaves gives up everything: the session is over.
func (r *Replica) stopSaves() {
	for _, s := range r.saves {
		s.stop()
	}
}

// wakeSaves has everything that waits for the connection tried now.
func (r *Replica) wakeSaves() {
	for _, s := range r.saves {
		select {
		case s.wake <- struct{}{}:
		default: // is woken already
		}
	}
}

// save tries until the file is there, is refused or is given up. Beside the owner.
func (r *Replica) save(ctx context.Context, client *transfer.Client, s *saving, path string) {
	var last time.Time
	got := func(bytes, size int64) {
		if now := r.Clock.Now(); now.Sub(last) >= tellEvery || bytes == size {
			last = now
			r.do(func() {
				s.Got, s.Size = bytes, size
				r.saveIs(s, chat.SavingGoing)
			})
		}
	}
	var err error
	for tries := 0; ; tries++ {
		err = client.Save(ctx, s.FileID, path, got)
		if err == nil || ctx.Err() != nil || isFinal(err) {
			break
		}
		r.Log.Info("a file is saved later", "file", s.FileID, "error", err)
		r.do(func() { r.saveIs(s, chat.SavingWaiting) })
		again := make(chan struct{})
		cancel := r.Clock.AfterFunc(link.Backoff(tries+1, r.Random), func() { close(again) })
		select {
		case <-again:
		case <-s.wake:
		case <-ctx.Done():
		}
		cancel()
	}
	if err != nil && r.ctx.Err() == nil { // when the program ends what has come stays, for whoever saves it there again
		if derr := transfer.Discard(path); derr != nil && !errors.Is(derr, fs.ErrNotExist) {
			r.Log.Warn("part of a file that was not saved is left", "path", path+transfer.Partly, "error", derr)
		}
	}
	stopped := ctx.Err() != nil
	r.do(func() { r.saved(s, err, stopped) })
}

// isFinal tells whether trying again is of no use.
func isFinal(err error) bool {
	var refusal *chat.Error
	var disk *transfer.DiskError
	return errors.As(err, &disk) || errors.As(err, &refusal) && refusal.Code.Final()
}

// saved takes the end of a saving.
func (r *Replica) saved(s *saving, err error, stopped bool) {
	delete(r.saves, s.FileID)
	switch {
	case err == nil:
		s.State, s.Got = chat.SavingDone, s.Size
	case stopped:
		s.State = chat.SavingStopped
	default:
		s.State, s.Error = chat.SavingFailed, savingError(err)
		r.Log.Warn("a file was not saved", "file", s.FileID, "error", err)
	}
	r.tellSaving(s)
}

// savingError says for people why a file was not saved.
func savingError(err error) *chat.Error {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	text := "This computer's disk did not take the file. It was not saved, and what was there under its name is as it was; choose another place."
	if cache.IsFull(err) {
		text = "This computer's disk is full. The file was not saved, and nothing of it is left; it is still in the conversation. Make room and save it again."
	}
	return &chat.Error{Code: chat.CodeInternal, Text: text}
}

// saveIs tells how it is with a file that is still being saved.
func (r *Replica) saveIs(s *saving, state chat.SavingState) {
	if r.saves[s.FileID] == s {
		s.State = state
		r.tellSaving(s)
	}
}

func (r *Replica) tellSaving(s *saving) {
	told := s.Saving
	r.tellSignals(chat.Signal{Type: chat.SignalSaving, Saving: &told})
}
