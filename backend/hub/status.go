package hub

import (
	"strings"

	"parley/backend/chat"
	"parley/backend/policy"
)

// setStatus declares the asker's work state, one of those that their permission sets allow (SET-10). It is kept over restarts; others are told what follows from it as presence.
func setStatus(b *batch, me *user, by Actor, args chat.StatusSetArgs) (any, error) {
	if !args.State.Valid() {
		return nil, chat.Invalid("%.40q is not a work state", string(args.State))
	}
	reason := strings.TrimSpace(args.Reason)
	if reason != "" {
		var err error
		if reason, err = chat.CleanText("the reason", reason, chat.MaxReasonLength); err != nil {
			return nil, err
		}
	}
	if err := policy.Declare(me.person, args.State).Err(); err != nil {
		return nil, err
	}
	next := *me
	next.row.Status = chat.Status{State: args.State, Reason: reason, At: b.at}
	b.setUser(&next)
	b.log(chat.Event{Type: chat.StatusChanged, Status: &next.row.Status}, entry{user: me.id()}, by)
	b.present = append(b.present, me.id())
	return none{}, nil
}
