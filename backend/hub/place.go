package hub

import (
	"context"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/store"
)

// markRead moves the asker's read mark forward. Only their own devices are told (EXP-16).
func markRead(b *batch, me *user, by Actor, args chat.ReadMarkArgs) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if args.N < 0 {
		return nil, chat.Invalid("a read mark is the number of a message")
	}
	if r.c == nil {
		return none{}, nil
	}
	mine, _ := r.c.place(me.id())
	n := min(args.N, r.c.lastN)
	if n <= mine.readN {
		return none{}, nil
	}
	mine.readN = n
	b.setConversation(r.c.withPlace(mine), me.id())
	b.log(chat.Event{Type: chat.ReadMarked, Read: &chat.ReadMarkArgs{ConversationID: r.id, N: n}}, r.about(entry{user: me.id()}), by)
	return none{}, nil
}

// prepareDraft checks a draft's form: like a message's, but white space stays, since its writer goes on.
func prepareDraft(_ context.Context, _ *call, args chat.DraftSetArgs) (chat.Draft, error) {
	d := chat.Draft{ConversationID: args.ConversationID, Text: args.Text}
	if !utf8.ValidString(d.Text) {
		return d, chat.Invalid("the draft is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(d.Text); n > chat.MaxTextLength {
		return d, chat.Invalid("the draft has %d characters; at most %d are allowed", n, chat.MaxTextLength)
	}
	if d.Text == "" || len(args.Document) == 0 || string(args.Document) == "null" {
		return d, nil
	}
	doc, err := chat.ParseDocument(args.Document)
	if err != nil {
		return d, err
	}
	d.Document, err = chat.Encode(doc)
	return d, err
}

// setDraft keeps a draft for the asker's own devices. It may be for somebody who was not written to yet, but only for
// somebody one may know of.
func setDraft(b *batch, me *user, by Actor, d chat.Draft) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, d.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	if d.Document != nil && !me.row.User.Role.Rich() {
		_, _, err := chat.CleanContent(d.Text, d.Document, false)
		return nil, err
	}
	d.At = b.at
	b.drafts[draftKey{me.row.Key, d.ConversationID}] = store.Draft{UserKey: me.row.Key, Draft: d}
	b.log(chat.Event{Type: chat.DraftChanged, Draft: &d}, r.about(entry{user: me.id()}), by)
	return none{}, nil
}
