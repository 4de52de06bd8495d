package hub

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"parley/backend/chat"
)

// A template's files are files like those of messages: sent by who keeps the template, looked through, kept under ids of their own. A
// message that uses one gets the bytes under an id of its own, as a file of its author's: from then on it has nothing to do with the
// template any more, and whoever may read the message may read it. So using one asks for the right to the template, the right to write
// there, and room in the author's quota; and no message names a file that another one has.

// templateFile returns a file of a template that me may use or keep; nil if there is none.
func (f *facts) templateFile(me *user, id chat.FileID) *chat.Attachment {
	for _, t := range f.templates.all() {
		for i := range t.Attachments {
			if t.Attachments[i].ID == id && (f.uses(me, t) || f.may(chat.ActConfigureMessaging, me, nil, 0).Allowed && f.keeps(me, t)) {
				return &t.Attachments[i]
			}
		}
	}
	return nil
}

// mayAttachTo decides whether me may send a file for a template, which need not have been made yet.
func (f *facts) mayAttachTo(me *user, id chat.TemplateID, now chat.Millis) error {
	if err := f.may(chat.ActConfigureMessaging, me, nil, now).Err(); err != nil {
		return err
	}
	if t, ok := f.templates.get(id); ok && !f.keeps(me, t) {
		return chat.ErrUnknown
	}
	return nil
}

// copyTemplateFiles makes the copies that a message is to have of templates' files. Where the author may not write, or not use the
// file, there is none: the writer refuses the message, unless it is posted already. A repeated message finds the copies of before, since
// their ids follow from its own.
func (c *call) copyTemplateFiles(ctx context.Context, p *posting) error {
	from := p.args.TemplateFileIDs
	copies := make([]*chat.Upload, len(from))
	defer func() { p.files = append(p.files, copies...) }()
	if _, refused := c.facts.reach(chat.ActPost, c.me, p.args.ConversationID, c.now); refused != nil || len(from) == 0 || c.h.o.Files == nil || c.trying {
		return nil
	}
	var size int64
	for i, id := range from {
		if a := c.facts.templateFile(c.me, id); a != nil {
			copies[i] = &chat.Upload{Attachment: *a, UserID: c.me.id(), ConversationID: p.args.ConversationID}
			copies[i].ID = p.args.ID.CopyOf(id)
			size += a.Size
		}
	}
	if slices.Contains(copies, nil) {
		clear(copies) // refused as a whole
		return nil
	}
	if err := c.h.fitsQuota(ctx, c.me, size, 0); err != nil {
		return err
	}
	for i, u := range copies {
		err := c.h.o.Files.Copy(ctx, from[i], *u)
		if errors.Is(err, fs.ErrNotExist) { // the template has lost it meanwhile, or a restored server never had it
			err = errNoFile
		}
		if err != nil {
			return err
		}
	}
	return nil
}
