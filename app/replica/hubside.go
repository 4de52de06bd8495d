package replica

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"parley/app/cache"
	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/wire"
)

// presenceGrace is how long without a connection what was known of others' presence is still shown.
const presenceGrace = 10 * time.Second

var errStale = errors.New("this session is over")

var _ link.Handler = (*session)(nil)

// Cursor implements link.Handler.
func (s *session) Cursor() (cursor chat.Cursor) {
	_ = s.r.call(func() error { // an error means closed: the link ends, too
		cursor = s.r.cache.Cursor()
		return nil
	})
	return cursor
}

// LinkChanged implements link.Handler.
func (s *session) LinkChanged(state link.State) {
	s.r.do(func() {
		if s.r.session == s {
			s.r.linkChanged(state)
		}
	})
}

// TakeFrame implements link.Handler.
func (s *session) TakeFrame(f *wire.Frame) error {
	return s.r.call(func() error {
		if s.r.session != s {
			return errStale
		}
		return s.r.take(f)
	})
}

func (r *Replica) online() bool { return r.session != nil && r.linkState.State == chat.LinkOnline }

func (r *Replica) linkChanged(state link.State) {
	r.linkState = chat.Link{State: state.State, SinceAt: chat.MillisOf(state.SinceAt), Server: r.secret.Server}
	if !state.NextTryAt.IsZero() {
		r.linkState.NextTryAt = chat.MillisOf(state.NextTryAt)
	}
	if errors.Is(state.Cause, link.ErrOutdated) {
		r.linkState.Warning = "The server speaks another version of Parley's protocol. Update Parley; what waits is kept."
	}
	if state.Hello != nil {
		r.version = state.Hello.Version
		r.serverLag = state.Hello.ServerAt.Time().Sub(r.Clock.Now())
	}
	r.tellLink()
	switch state.State {
	case chat.LinkOnline:
		r.attention.Foremost(true) // until the hub says otherwise, for every connection
		if !r.idling.since.IsZero() {
			r.tellIdle()
		}
		r.catching = catching{active: true}
		r.forgetFlights()
		r.pump()
		r.hasten()
		r.sendOwn()
		r.fillAnew()
	case chat.LinkOffline:
		r.tellFilling(nil)
		r.caughtUp()
		s := r.session
		r.after(presenceGrace, func() {
			if r.session == s && !r.online() && len(r.presence) > 0 {
				clear(r.presence)
				r.tellSignals(chat.Signal{Type: chat.SignalPresenceAll, PresenceAll: []chat.Presence{}})
			}
		})
	}
}

// tellLink tells the pages of the link.
func (r *Replica) tellLink() {
	link := r.describeLink()
	r.tellSignals(chat.Signal{Type: chat.SignalLink, Link: &link})
}

// describeLink is the link as pages are told, with everything people should know about it.
func (r *Replica) describeLink() chat.Link {
	told := r.linkState
	warnings := []string{}
	if u, err := url.Parse(told.Server); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		warnings = append(warnings, "The connection to the server is not encrypted.")
	}
	for _, w := range []string{told.Warning, r.keysWarning, r.damage} {
		if w != "" {
			warnings = append(warnings, w)
		}
	}
	told.Warning, told.Filling, told.CatchUp = strings.Join(warnings, " "), r.filling.told, r.catching.told
	return told
}

// take stores one frame and tells the pages. An error makes the link come back, so the frame comes again.
func (r *Replica) take(f *wire.Frame) error {
	var err error
	switch {
	case f.Reset != nil:
		err = r.takeReset(f.Reset)
	case f.MovesCursor():
		err = r.takeEvents(f)
	case f.Rights != nil:
		err = r.takeRights(*f.Rights)
	case len(f.Signals) > 0:
		r.takeSignals(f.Signals)
	}
	if err == nil {
		return nil
	}
	r.failed("store what the server told", err)
	if errors.Is(err, cache.ErrMalformed) {
		if forget := r.cache.ForgetCursor(r.ctx); forget != nil {
			r.failed("forget the cursor", forget)
		}
	}
	return err
}

func (r *Replica) takeReset(reset *wire.Reset) error {
	r.Log.Info("starting from a snapshot", "reason", reset.Reason)
	if _, err := r.cache.ApplyReset(r.ctx, reset.Cursor, reset.Reason, reset.Snapshot); err != nil {
		return err
	}
	clear(r.presence)
	r.keepPresence(reset.Snapshot.Presence)
	r.cursor++
	for _, p := range r.pages {
		if p.helloed {
			r.resetPage(p, reset.Reason)
		}
	}
	r.lookAgain()
	r.tidy()
	r.pump()
	r.hasten()
	r.sendOwn()
	r.fill()
	return nil
}

func (r *Replica) takeEvents(f *wire.Frame) error {
	done, err := r.cache.ApplyEvents(r.ctx, f.Cursor, f.Events)
	if err != nil {
		return err
	}
	r.tellEvents(done.Events)
	r.tellGone(done.OutboxGone)
	if len(done.OutboxGone) > 0 {
		r.tidy()
	}
	r.tellWhole(done.Restarted)
	r.catchUp(done.Posted)
	r.attend(done.Posted, done.Events)
	return nil
}

// tellEvents sends events to the pages.
func (r *Replica) tellEvents(events []json.RawMessage) {
	if len(events) == 0 {
		return
	}
	prev, next := r.nextCursor()
	r.tell(eventsFrame{prev, next, events})
}

// tellEvent sends something that happened here.
func (r *Replica) tellEvent(e chat.Event) {
	r.tellEvents([]json.RawMessage{r.encode(e)})
}

func (r *Replica) tellGone(ids []chat.MessageID) {
	signals := make([]chat.Signal, 0, len(ids))
	for _, id := range ids {
		signals = append(signals, chat.Signal{Type: chat.SignalOutboxGone, MessageID: id})
	}
	r.tellSignals(signals...)
}

// tellWhole tells conversations anew, in the form in which gained ones come.
func (r *Replica) tellWhole(ids []chat.ConversationID) {
	var gained []chat.ConversationState
	for _, id := range ids {
		state, err := r.cache.Conversation(r.ctx, id, longTail)
		if err != nil {
			r.failed("read a conversation", err)
			return
		}
		gained = append(gained, state)
	}
	if len(gained) > 0 {
		r.tell(rightsFrame{chat.Rights{ConversationsGained: gained}})
	}
}

func (r *Replica) takeRights(rights chat.Rights) error {
	done, err := r.cache.ApplyRights(r.ctx, rights)
	if err != nil {
		return err
	}
	for _, id := range rights.PeopleLost {
		delete(r.presence, id)
	}
	gained := make([]chat.ConversationState, 0, len(rights.ConversationsGained))
	for i := range rights.ConversationsGained {
		// As it is here now: with the read mark or draft of this computer, if they are newer.
		state, err := r.cache.Conversation(r.ctx, rights.ConversationsGained[i].Conversation.ID, longTail)
		if err != nil {
			return fmt.Errorf("read a gained conversation: %w", err)
		}
		gained = append(gained, state)
	}
	rights.ConversationsGained = gained
	r.tell(rightsFrame{rights})
	r.tellGone(done.OutboxGone)
	for _, id := range rights.ConversationsLost {
		r.quiet(id)
	}
	r.showBadge()
	r.fill()
	return nil
}

// takeSignals keeps presence and passes signals on. Those that only a replica makes are not taken from outside.
func (r *Replica) takeSignals(signals []chat.Signal) {
	passed := make([]chat.Signal, 0, len(signals))
	for _, s := range signals {
		switch s.Type {
		case chat.SignalOutbox, chat.SignalOutboxGone, chat.SignalLink, chat.SignalAlert, chat.SignalSaving:
			continue
		case chat.SignalForemost: // among this user's devices; what the page of this one does follows from alerts
			r.attention.Foremost(s.Foremost)
			r.disturb()
			continue
		case chat.SignalPresence:
			if s.Presence == nil {
				continue
			}
			r.keepPresence([]chat.Presence{*s.Presence})
		case chat.SignalPresenceAll:
			clear(r.presence)
			r.keepPresence(s.PresenceAll)
			r.caughtUp()
		}
		passed = append(passed, s)
	}
	r.tellSignals(passed...)
}

func (r *Replica) keepPresence(list []chat.Presence) {
	for _, p := range list {
		if p.Availability == chat.Offline {
			delete(r.presence, p.UserID)
		} else {
			r.presence[p.UserID] = p
		}
	}
}
