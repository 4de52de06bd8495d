package hub

import (
	"context"
	"encoding/json"
	"slices"

	"parley/backend/chat"
	"parley/backend/store"
)

// Files is what the hub needs of who keeps the bytes of files (package blob).
type Files interface {
	// Finished returns what is known of an upload all of whose bytes are durably kept; nil if there is no such upload.
	Finished(ctx context.Context, id chat.FileID) (*chat.Upload, error)
	// Claim tells, at once, whether a finished upload is still there, and holds it for a message that is about to be committed.
	Claim(id chat.FileID) bool
	// Keep says that messages or templates name these files from now on. Files nobody has said this of may be asked about later.
	Keep(ids []chat.FileID)
	// Copy makes a finished upload of the bytes of a file that is kept. Making it again does nothing.
	Copy(ctx context.Context, from chat.FileID, to chat.Upload) error
	// Release says that nothing names these files any more. Their bytes are removed later.
	Release(ids []chat.FileID)
}

// errNoFile refuses a message because of one of its files. It says the same of a file that is not there, is not finished, is somebody
// else's, was meant for elsewhere or is another message's already: an id tells nothing of what others send.
var errNoFile = &chat.Error{Code: chat.CodeUnknown,
	Text: "A file of this message is not on the server, or no longer: files that are not sent within an hour are removed. The message was not sent; attach the file again."}

// uploads returns what is known of the files, in their order; nil for one that is not there.
func (h *Hub) uploads(ctx context.Context, ids []chat.FileID) ([]*chat.Upload, error) {
	found := make([]*chat.Upload, len(ids))
	for i, id := range ids {
		if h.o.Files == nil {
			continue
		}
		var err error
		if found[i], err = h.o.Files.Finished(ctx, id); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// attach decides about the files of a post and returns what the message says of them, as JSON; nil without files.
func (b *batch) attach(me *user, p *posting) ([]byte, error) {
	if len(p.files) == 0 {
		return nil, nil
	}
	attachments := make([]chat.Attachment, len(p.files))
	for i, u := range p.files {
		if from := i - len(p.args.FileIDs); from >= 0 { // the template may be gone by now
			if b.facts.templateFile(me, p.args.TemplateFileIDs[from]) == nil {
				return nil, errNoFile
			}
			if u == nil { // it has come since the message was looked at
				return nil, errBusy
			}
		} else if _, named := b.named[p.args.FileIDs[i]]; named {
			return nil, errNoFile
		}
		if u == nil || u.UserID != me.id() || u.ConversationID != p.args.ConversationID || !p.claim(u.ID) {
			return nil, errNoFile
		}
		attachments[i] = u.Attachment
	}
	return mustEncode(attachments), nil
}

// nameFiles notes that the message has its files: they can be no other's. What is withheld of them administrators are told.
func (b *batch) nameFiles(m *store.Message, me *user, by Actor, p *posting) {
	for _, u := range p.files {
		b.named[u.ID] = struct{}{}
		f := store.File{ID: u.ID, Seq: m.Seq, UserKey: m.UserKey, Size: u.Size}
		if u.Withheld {
			f.Size = 0 // its bytes are gone
			subject := chat.AuditSubject{Kind: chat.SubjectUser, ID: string(me.id()), Name: me.row.User.DisplayName}
			b.audit(by, chat.MessagePost, subject, changed("virus", nil, u.Virus))
		}
		b.changes.Files = append(b.changes.Files, f)
	}
}

// loseFiles notes that a message has its files no longer.
func (b *batch) loseFiles(m *store.Message) {
	for _, a := range attachmentsOf(m) {
		b.changes.FilesGone = append(b.changes.FilesGone, a.ID)
	}
}

// keepFiles tells who keeps the bytes which are to stay, and which to go.
func (h *Hub) keepFiles(b *batch) {
	if h.o.Files == nil {
		return
	}
	if len(b.changes.Files) > 0 {
		ids := make([]chat.FileID, len(b.changes.Files))
		for i, f := range b.changes.Files {
			ids[i] = f.ID
		}
		h.o.Files.Keep(ids)
	}
	if len(b.changes.FilesGone) > 0 {
		h.o.Files.Release(b.changes.FilesGone)
	}
}

// attachmentsOf returns what a message says of its files.
func attachmentsOf(m *store.Message) []chat.Attachment {
	if len(m.Attachments) == 0 {
		return nil
	}
	var list []chat.Attachment
	if err := json.Unmarshal(m.Attachments, &list); err != nil {
		return nil // the row's checksum fits, so this program has written it: see attach
	}
	return list
}

// errWithheld refuses bytes that are gone to whoever may read what is said of them.
var errWithheld = &chat.Error{Code: chat.CodeUnknown,
	Text: "This file is withheld: a virus was found in it. Its bytes were removed; ask who sent it for a clean one."}

// MayAttach decides whether the actor may begin to send a file of size bytes into a conversation, or for a template: nil, or a *chat.Error. under is
// how many bytes are on their way from the actor already.
func (h *Hub) MayAttach(ctx context.Context, a Actor, id chat.ConversationID, size, under int64) error {
	err := h.mayAttach(ctx, a, id, size, under)
	if err != nil {
		h.refuseNow(ctx, a, chat.MessagePost, mustEncode(chat.MessagePostArgs{ConversationID: id}), err)
	}
	return err
}

func (h *Hub) mayAttach(ctx context.Context, a Actor, id chat.ConversationID, size, under int64) error {
	f, now := h.facts.Load(), h.now()
	me, err := f.authorise(chat.ActPost, a, now)
	if err != nil {
		return err
	}
	if size < 0 || size > chat.MaxFileBytes {
		return chat.Invalid("The file has %d bytes; at most %d (100 MB) are allowed. Nothing was sent.", size, int64(chat.MaxFileBytes))
	}
	if template, ok := id.ForTemplate(); ok {
		err = f.mayAttachTo(me, template, now)
	} else if _, refused := f.reach(chat.ActPost, me, id, now); refused != nil {
		err = refused
	}
	if err != nil {
		return err
	}
	if err := h.fitsQuota(ctx, me, size, under); err != nil {
		return h.errOf("attach", err)
	}
	return nil
}

// fitsQuota refuses further bytes of a user's that are more than their files may take; under is how many are on their way already.
func (h *Hub) fitsQuota(ctx context.Context, me *user, size, under int64) error {
	if h.o.FileQuota <= 0 {
		return nil
	}
	used, err := h.o.Store.FileBytes(ctx, me.row.Key)
	if err != nil {
		return err
	}
	if used+under+size > h.o.FileQuota {
		return chat.Invalid("Your files take %d MB on the server, of %d MB that you may use; there is no room for this one. Nothing was sent; ask an administrator for more room.",
			(used+under)/1e6, h.o.FileQuota/1e6)
	}
	return nil
}

// OpenFile is a file that somebody may read now.
type OpenFile struct {
	chat.Attachment
	// Watched is true for whoever reads a transcript: that they took the file stands in the audit log, once for each call.
	Watched bool
}

// File decides whether the actor may read a file now: whoever may read its message may, and whoever may use or keep its template. What is not there, of no message, or not the
// actor's to see is chat.ErrUnknown alike. Refusals are in the audit log, as those of the command file.ticket; of a withheld file
// whoever may read its message is told so.
func (h *Hub) File(ctx context.Context, a Actor, id chat.FileID) (*OpenFile, error) {
	open, err := h.file(ctx, a, id)
	if err != nil {
		h.refuseNow(ctx, a, chat.FileTicket, nil, err)
		return nil, err
	}
	if open.Withheld {
		return nil, errWithheld
	}
	return open, nil
}

func (h *Hub) file(ctx context.Context, a Actor, id chat.FileID) (*OpenFile, error) {
	f, now := h.facts.Load(), h.now()
	me, err := f.authorise(chat.ActRead, a, now)
	if err != nil {
		return nil, err
	}
	if !chat.ValidUUID(string(id)) {
		return nil, chat.ErrUnknown
	}
	m, in, err := h.o.Store.MessageOfFile(ctx, id)
	if err != nil {
		return nil, h.errOf("file", err)
	}
	if m == nil {
		if a := f.templateFile(me, id); a != nil {
			return &OpenFile{Attachment: *a}, nil
		}
		return nil, chat.ErrUnknown
	}
	list := attachmentsOf(m)
	i := slices.IndexFunc(list, func(x chat.Attachment) bool { return x.ID == id })
	if i < 0 { // the message has lost it
		return nil, chat.ErrUnknown
	}
	if _, refused := f.reach(chat.ActRead, me, in, now); refused == nil {
		return &OpenFile{Attachment: list[i]}, nil
	}
	if !f.mayWatch(chat.ActTranscript, me, f.conversation(in)).Allowed {
		return nil, chat.ErrUnknown
	}
	t := task{write: func(b *batch, me *user) (any, error) {
		c := b.facts.conversation(in)
		if !b.facts.mayWatch(chat.ActTranscript, me, c).Allowed {
			return nil, chat.ErrUnknown
		}
		b.auditWatching(a, chat.TranscriptLoad, c, changed("read", nil, numbers{m.N, m.N}))
		return none{}, nil
	}}
	if _, err := h.perform(ctx, a, chat.ActTranscript, t); err != nil {
		return nil, h.errOf("file", err)
	}
	return &OpenFile{Attachment: list[i], Watched: true}, nil
}
