package replica

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"parley/app/link"
	"parley/app/transfer"
	"parley/backend/blob"
	"parley/backend/chat"
)

// mostLoading bounds how many messages have their files sent at once.
const mostLoading = 2

// tellEvery is how often, at most, pages are told how far a file is.
const tellEvery = 250 * time.Millisecond

// loading is a message whose files are on their way to the hub, or wait to be tried again.
type loading struct {
	stop  context.CancelFunc
	tries int
	// busy is false while it waits.
	busy bool
}

// errNoFile refuses a message one of whose files is not on this computer.
var errNoFile = &chat.Error{Code: chat.CodeUnknown,
	Text: "A file of this message is not on this computer, or no longer. The message was not sent; attach the file again."}

// staged says what the files are that a message names, and holds those that no message names yet.
func (r *Replica) staged(ids []chat.FileID) ([]chat.OutboxFile, error) {
	var files []chat.OutboxFile
	for _, id := range ids {
		u, err := r.uploadOf(id)
		if err != nil {
			return nil, err
		}
		if u == nil {
			return nil, errNoFile
		}
		files = append(files, chat.OutboxFile{ID: id, Name: u.Name, Size: u.Size})
	}
	return files, nil
}

func (r *Replica) uploadOf(id chat.FileID) (*chat.Upload, error) {
	if r.stage == nil {
		return nil, nil
	}
	u, err := r.stage.Finished(r.ctx, id)
	if err != nil || u != nil && !r.stage.Claim(id) {
		return nil, err
	}
	if u == nil {
		u, err = r.stage.Kept(id)
	}
	return u, err
}

// load sends the files of messages that have any, a few messages at once:
//
//	loading --all files are there--> waiting (see pump)
//	   ^  |--refused for good--> refused
//	   \--/ link lost, or busy: again after a while, and at once when the link is back; from where they were
func (r *Replica) load() {
	if !r.online() || r.stage == nil {
		return
	}
	items, err := r.cache.Loading(r.ctx)
	if err != nil {
		r.failed("read the outbox", err)
		return
	}
	for i := range items {
		item := items[i]
		if item.State == chat.OutboxRefused { // its row was found damaged just now
			r.tellOutbox(item)
			continue
		}
		l := r.loads[item.Message.ID]
		if l != nil && l.busy || r.busyLoads() >= mostLoading {
			continue
		}
		if l == nil {
			l = &loading{}
			r.loads[item.Message.ID] = l
		}
		r.begin(l, item)
	}
}

func (r *Replica) busyLoads() (n int) {
	for _, l := range r.loads {
		if l.busy {
			n++
		}
	}
	return n
}

func (r *Replica) begin(l *loading, item chat.OutboxItem) {
	if l.stop != nil {
		l.stop()
	}
	ctx, stop := context.WithCancel(r.ctx)
	l.busy, l.stop = true, stop
	s := r.session
	client := &transfer.Client{HTTP: r.HTTP, Server: r.secret.Server, Token: r.secret.Token}
	r.aside(func() {
		err := r.sendFiles(ctx, client, s, item)
		r.do(func() {
			if r.session == s && r.loads[item.Message.ID] == l && ctx.Err() == nil {
				r.loaded(l, item, err)
			}
			stop()
		})
	})
}

// sendFiles sends a message's files one after the other, beside the owner.
func (r *Replica) sendFiles(ctx context.Context, client *transfer.Client, s *session, item chat.OutboxItem) error {
	told := item
	told.Files = slices.Clone(item.Files)
	var last time.Time
	for i, f := range item.Files {
		u, err := r.stage.Kept(f.ID)
		if err != nil {
			return err
		}
		if u == nil {
			return errNoFile
		}
		bytes, err := r.stage.Open(f.ID)
		if errors.Is(err, fs.ErrNotExist) {
			return errNoFile
		}
		if err != nil {
			return err
		}
		err = client.Send(ctx, transfer.File{Attachment: u.Attachment, ConversationID: item.Message.ConversationID, Bytes: bytes}, func(sent int64) {
			told.Files[i].Sent = sent
			if now := r.Clock.Now(); now.Sub(last) >= tellEvery || sent == f.Size {
				last = now
				news := told
				news.Files = slices.Clone(told.Files)
				r.do(func() {
					if r.session == s {
						r.tellOutbox(news)
					}
				})
			}
		})
		if err := errors.Join(err, bytes.Close()); err != nil {
			return err
		}
	}
	return nil
}

// loaded takes the result of a message's files.
func (r *Replica) loaded(l *loading, item chat.OutboxItem, err error) {
	id := item.Message.ID
	l.busy = false
	var refusal *chat.Error
	switch {
	case err == nil:
		delete(r.loads, id)
		waits, err := r.cache.MarkLoaded(r.ctx, id, true)
		if err != nil {
			r.failed("keep that a message's files are sent", err)
		} else if waits != nil {
			r.tellOutbox(*waits)
			r.pumpIn(item.Message.ConversationID)
		}
	case errors.As(err, &refusal) && refusal.Code.Final():
		delete(r.loads, id)
		r.refused(id, refusal)
	default:
		r.Log.Info("the files of a message are sent later", "message", id, "error", err)
		l.tries++
		l.stop = r.after(link.Backoff(l.tries, r.Random), func() {
			if r.loads[id] == l && !l.busy {
				r.load()
			}
		})
		return
	}
	r.load() // another may have waited for a place
}

// reload is asked when the hub does not know a message, or one of its files: files that nothing was heard of for an hour are gone there.
// It tells whether they are sent once more.
func (r *Replica) reload(item chat.OutboxItem, refusal *chat.Error) bool {
	id := item.Message.ID
	if len(item.Files) == 0 || refusal.Code != chat.CodeUnknown || r.reloaded[id] {
		return false
	}
	r.reloaded[id] = true
	again, err := r.cache.MarkLoaded(r.ctx, id, false)
	if err != nil || again == nil {
		return false
	}
	r.tellOutbox(*again)
	r.load()
	return true
}

// stopLoading ends what is on its way: the session is over.
func (r *Replica) stopLoading() {
	for _, l := range r.loads {
		if l.stop != nil {
			l.stop()
		}
	}
	clear(r.loads)
}

// hasten has every file that waits to be tried again tried now: the link is back.
func (r *Replica) hasten() {
	for id, l := range r.loads {
		if !l.busy {
			l.stop()
			delete(r.loads, id)
		}
	}
	r.load()
	r.wakeSaves()
}

// forgetFiles removes all files of a user from this computer, once the outbox holds none of their messages any more.
func (r *Replica) forgetFiles(user chat.UserID) {
	if r.stage == nil {
		return
	}
	if err := r.stage.Abandon(user); err != nil {
		r.Log.Warn("files of who signed out are not removed yet", "error", err)
	}
	r.tidy()
}

// tidy removes the bytes of messages that have left the outbox.
func (r *Replica) tidy() {
	if r.stage == nil {
		return
	}
	r.aside(func() {
		if err := r.stage.DropUnnamed(r.ctx); err != nil && r.ctx.Err() == nil {
			r.Log.Warn("files of messages that were sent are not removed yet", "error", err)
		}
	})
}

// openStage opens the folder of files of the profile: what pages hand in lies there until its message is posted.
func (r *Replica) openStage() (err error) {
	r.stage, err = blob.Open(blob.Options{Dir: filepath.Join(r.Profile, "files"), Clock: r.Clock.Now, Log: r.Log,
		Named: func(_ context.Context, ids []chat.FileID) (named map[chat.FileID]struct{}, err error) {
			err = r.call(func() (err error) {
				named, err = r.cache.NamedFiles(r.ctx, ids)
				return err
			})
			return named, err
		}})
	return err
}
