package replica

import (
	"fmt"
	"testing"

	"parley/backend/chat"
)

// fill turns the clock through the rests between so many pages of history.
func (d *desk) fill(pages int) {
	d.t.Helper()
	for range pages {
		d.clock.AwaitTimer(fillRest)
		d.clock.Advance(fillRest)
	}
}

func (v *view) finds(text string) chat.MessageSearchAnswer {
	v.t.Helper()
	var found chat.MessageSearchAnswer
	v.do(chat.MessageSearch, chat.MessageSearchArgs{Text: text, Limit: 10}, &found)
	return found
}

// TestFilling: what is older than what was told is loaded while there is a connection, and read and searched without one.
func TestFilling(t *testing.T) {
	d := newDesk(t)
	d.stop()
	d.keep = 10_000
	d.start()
	const messages = 5*fillPage + 3 + 7 // of which the hub tells 3
	for n := range messages {
		d.hub.says(ben, fmt.Sprintf("zebra %d", n))
	}
	v := d.ready()
	v.await("it is told how far that is", func() bool { return v.link.Filling != nil && *v.link.Filling == chat.Filling{Kept: 3, Of: messages} })
	d.fill(6)
	v.await("it is told that it is done", func() bool { return v.link.Filling == nil })

	d.hub.set(func() { d.hub.refuseSockets = true })
	d.restart()
	v = d.page()
	v.offline()
	var page chat.HistoryLoadAnswer
	v.do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: withBen, BeforeN: 3, Limit: 50}, &page)
	if len(page.Messages) != 2 || page.More {
		t.Errorf("the beginning is %d messages, more %v", len(page.Messages), page.More)
	}
	if found := v.finds("zebra"); !found.Here || len(found.Messages) != 10 || found.Messages[0].N != messages || !found.More {
		t.Errorf("found %+v", found)
	}
	v.refused(chat.CodeInvalid, chat.MessageSearch, chat.MessageSearchArgs{Text: "!", Limit: 10})
}

// TestFilling_bounded: no more is loaded than is to be kept, and a page that brings nothing is not asked for again.
func TestFilling_bounded(t *testing.T) {
	for what, tt := range map[string]struct{ keep, brought, pages, kept int }{
		"as many as are kept": {fillPage + 10, fillPage, 2, 3 + 2*fillPage},
		"nothing is":          {0, fillPage, 0, 3},
		"no page comes":       {10_000, 0, 1, 3},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDesk(t)
			d.stop()
			d.keep = tt.keep
			d.start()
			for n := range 4 * fillPage {
				d.hub.says(ben, fmt.Sprintf("zebra %d", n))
			}
			d.hub.set(func() { d.hub.historyPage = tt.brought })
			v := d.ready()
			d.fill(tt.pages)
			v.do(chat.Ping, struct{}{}, nil) // what the clock has begun is done
			err := d.r.call(func() error {
				next, err := d.r.cache.NextToFill(t.Context(), nil)
				if next.Kept != int64(tt.kept) || d.r.filling.busy {
					t.Errorf("kept %+v, busy %v", next, d.r.filling.busy)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			d.hub.await("it was asked for so many pages", func() bool { return d.hub.histories == tt.pages })
		})
	}
}
