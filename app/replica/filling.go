package replica

import (
	"encoding/json"
	"time"

	"parley/backend/chat"
)

// UsualKeep is Config.Keep of people's computers: some 40 MB of messages of usual length.
const UsualKeep = 100_000

const (
	// fillPage is how many older messages are loaded at once, fillRest how long the next ones wait: whoever uses the program, here or at
	// the hub, comes first.
	fillPage = chat.MaxHistoryPage
	fillRest = 100 * time.Millisecond
	// fillShown is how much there must be to load for pages to be told of it.
	fillShown = 2 * fillPage
)

// filling loads what is older than the messages that are kept here, until there are Config.Keep of them, so that it can be read and
// searched without a connection: page by page, of the conversations with the newest messages first.
type filling struct {
	// busy is true while a page is on its way, and while the next one waits.
	busy bool
	// passed are conversations of which this connection brings no more.
	passed map[chat.ConversationID]bool
	told   *chat.Filling
}

// fill asks for the next page, if there is one to ask for. It is called whenever there may be.
func (r *Replica) fill() {
	if r.Keep == 0 || r.filling.busy || !r.online() {
		return
	}
	next, err := r.cache.NextToFill(r.ctx, r.filling.passed)
	if err != nil {
		r.failed("look for history to load", err)
		return
	}
	left := min(int64(r.Keep), next.Of) - next.Kept
	if next.ConversationID == "" || left <= 0 {
		r.tellFilling(nil)
		return
	}
	if left >= fillShown || r.filling.told != nil {
		r.tellFilling(&chat.Filling{Kept: next.Kept, Of: next.Kept + left})
	}
	args := chat.HistoryLoadArgs{ConversationID: next.ConversationID, BeforeN: next.BeforeN, Limit: fillPage}
	r.filling.busy = true
	era := r.era
	r.session.link.Send(chat.HistoryLoad, json.RawMessage(r.encode(args)), func(ok json.RawMessage, refusal *chat.Error) {
		r.do(func() {
			if era == r.era {
				r.filled(args, ok, refusal)
			}
		})
	})
}

// filled takes a page. A conversation of which nothing more came, for whatever reason, is passed over until the next connection.
func (r *Replica) filled(args chat.HistoryLoadArgs, ok json.RawMessage, refusal *chat.Error) {
	kept := false
	if refusal == nil {
		kept = r.keepHistory(args.ConversationID, ok)
	}
	if !kept {
		r.filling.passed[args.ConversationID] = true
	}
	era := r.era
	r.after(fillRest, func() {
		if era == r.era {
			r.filling.busy = false
			r.fill()
		}
	})
}

// fillAnew begins with a new connection.
func (r *Replica) fillAnew() {
	r.filling = filling{passed: map[chat.ConversationID]bool{}, told: r.filling.told}
	r.fill()
}

// tellFilling tells the pages how far it is; nil when nothing is being loaded.
func (r *Replica) tellFilling(now *chat.Filling) {
	if now == nil && r.filling.told == nil {
		return
	}
	r.filling.told = now
	r.tellLink()
}
