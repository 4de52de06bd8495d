package hub

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // the names of time zones, on systems that do not bring them

	"parley/backend/attention"
	"parley/backend/chat"
	"parley/backend/push"
	"parley/backend/store"
)

// Pusher sends notices to browsers. *push.Sender is the one.
type Pusher interface {
	// PublicKey is what browsers subscribe with.
	PublicKey() string
	// Push takes a notice and returns at once.
	Push(n push.Notice)
	// Close drops what was not sent.
	Close()
}

// noticeLife is how long a push service keeps a notice for a browser that is away.
const noticeLife = 24 * time.Hour

// subscribePush has this session's browser told of messages while no page is open. A browser is one subscription of one session:
// whoever signed in there before is told there no more.
func subscribePush(b *batch, _ *user, by Actor, args chat.PushSubscribeArgs) (any, error) {
	if err := args.Check(); err != nil {
		return nil, err
	}
	if _, err := zoneOf(args.TimeZone); err != nil {
		return nil, chat.ErrTimeZone
	}
	for id, s := range b.facts.sessions.all() {
		if s.Push.Endpoint == args.Endpoint && id != by.SessionID {
			b.setPush(s, chat.PushSubscribeArgs{})
		}
	}
	if s, _ := b.facts.sessions.get(by.SessionID); s.Push != args {
		b.setPush(s, args)
	}
	return none{}, nil
}

// unsubscribePush ends that.
func unsubscribePush(b *batch, _ *user, by Actor, _ none) (any, error) {
	if s, _ := b.facts.sessions.get(by.SessionID); s.Push.Endpoint != "" {
		b.setPush(s, chat.PushSubscribeArgs{})
	}
	return none{}, nil
}

func (b *batch) setPush(s *store.Session, p chat.PushSubscribeArgs) {
	next := *s
	next.Push = p
	b.facts.sessions = b.facts.sessions.with(next.ID, &next)
	b.sessions[next.ID] = struct{}{}
}

// zoneOf returns the time zone of that name.
func zoneOf(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, chat.ErrTimeZone
	}
	return time.LoadLocation(name)
}

// pushes have browsers told of messages while no page is open: the rule of attention, asked once for each subscription as if the
// browser were a device of its own. The writer only leaves notes; one goroutine applies the rule, reads messages and hands notices
// to the Pusher. What waits is kept in memory: after a restart of the server nobody is told of what came before.
//
// A browser with a subscription is a device that comes after all that are connected, and of several the one seen last is first
// (attention.OthersAfter). Whether its user may read a message is asked when it is sent, by the rules of that moment.
type pushes struct {
	h      *Hub
	pusher Pusher
	bell   chan struct{}

	mu sync.Mutex
	// subscribed are the sessions with a subscription, by user; owners the user of each.
	subscribed map[chat.UserID][]chat.SessionID
	owners     map[chat.SessionID]chat.UserID
	// notes are the messages since the goroutine last looked, of users for whom anything has changed; bounded by maxNotes.
	notes map[chat.UserID][]arrival

	// rules belong to the goroutine: of subscriptions with something that waits, or stands.
	rules map[chat.SessionID]*pushRule
}

// arrival is a message that somebody else posted, or the change of one, whose number is zero.
type arrival struct {
	conversation chat.ConversationID
	n            int64
}

// maxNotes bounds the arrivals that wait for one user; beyond them the newest count.
const maxNotes = 256

// pushRule is the rule for one subscription.
type pushRule struct {
	actor Actor
	to    chat.PushSubscribeArgs
	zone  *time.Location
	rule  *attention.Rule
	// newest is the number of the last message of each conversation that waits.
	newest map[chat.ConversationID]int64
	// standing are the tags that may be shown there.
	standing map[string]struct{}
	// due is when to ask again; zero if nothing waits.
	due time.Time
}

func newPushes(h *Hub, by func(key []byte) (Pusher, error)) (*pushes, error) {
	pusher, err := by(h.log.PushKey)
	if err != nil {
		return nil, err
	}
	p := &pushes{h: h, pusher: pusher, bell: make(chan struct{}, 1), notes: map[chat.UserID][]arrival{}, rules: map[chat.SessionID]*pushRule{}}
	p.renew(h.facts.Load())
	return p, nil
}

func (p *pushes) close() {
	if p != nil {
		p.pusher.Close()
	}
}

// key is what browsers subscribe with; empty if no notices are sent.
func (p *pushes) key() string {
	if p == nil {
		return ""
	}
	return p.pusher.PublicKey()
}

// renew takes the subscriptions from the facts.
func (p *pushes) renew(f *facts) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subscribed, p.owners = map[chat.UserID][]chat.SessionID{}, map[chat.SessionID]chat.UserID{}
	for id := range f.sessions.all() {
		p.list(f, id)
	}
}

// follow takes notes of what a batch did. It runs in the writer: it asks nothing and waits for nobody.
func (p *pushes) follow(b *batch) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range b.sessions {
		p.list(&b.facts, id)
	}
	for _, id := range b.ended {
		p.unlist(id)
	}
	if len(p.subscribed) == 0 {
		return
	}
	if !b.rules.none() {
		for id := range p.subscribed {
			p.note(id)
		}
	}
	for _, e := range b.entries {
		switch {
		case e.conversation != "" && (e.n > 0 || e.amends != ""):
			for id := range b.facts.conversation(e.conversation).places.all() {
				if id != e.author {
					p.note(id, arrival{e.conversation, e.n})
				} else {
					p.note(id)
				}
			}
		case e.user != "":
			p.note(e.user)
		}
	}
}

// list notes whether a session has a subscription. The caller holds mu.
func (p *pushes) list(f *facts, id chat.SessionID) {
	s, ok := f.sessions.get(id)
	if !ok {
		return
	}
	_, was := p.owners[id]
	switch has := s.Push.Endpoint != ""; {
	case has && !was:
		user := f.ids[s.UserKey]
		p.subscribed[user], p.owners[id] = append(p.subscribed[user], id), user
	case !has:
		p.unlist(id)
	}
}

// unlist notes that a session has no subscription any more. The caller holds mu.
func (p *pushes) unlist(id chat.SessionID) {
	user, was := p.owners[id]
	if !was {
		return
	}
	p.note(user)
	delete(p.owners, id)
	left := slices.DeleteFunc(p.subscribed[user], func(other chat.SessionID) bool { return other == id })
	if p.subscribed[user] = left; len(left) == 0 {
		delete(p.subscribed, user)
	}
}

// touch has the goroutine look at a user again.
func (p *pushes) touch(id chat.UserID) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(id)
}

// note notes that something has changed for a user with a subscription. The caller holds mu.
func (p *pushes) note(id chat.UserID, came ...arrival) {
	if _, ok := p.subscribed[id]; !ok {
		return
	}
	all := append(p.notes[id], came...)
	p.notes[id] = all[max(0, len(all)-maxNotes):]
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// run applies the rules until ctx ends.
func (p *pushes) run(ctx context.Context) {
	for {
		wait := p.step(p.h.o.Clock())
		timer := time.NewTimer(wait)
		select {
		case <-p.bell:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// longest is how long nothing is looked at by itself.
const longest = time.Hour

// step does what is to be done at now, and returns how long nothing is.
func (p *pushes) step(now time.Time) time.Duration {
	p.mu.Lock()
	notes := p.notes
	p.notes = map[chat.UserID][]arrival{}
	subscribed := map[chat.UserID][]chat.SessionID{}
	for id := range notes {
		subscribed[id] = slices.Clone(p.subscribed[id])
	}
	p.mu.Unlock()

	f := p.h.facts.Load()
	for id, came := range notes {
		for _, session := range subscribed[id] {
			p.arrive(f, Actor{id, session}, came, now)
		}
	}
	wait := longest
	for session, r := range p.rules {
		_, noted := notes[r.actor.UserID]
		if (noted || !r.due.IsZero() && !now.Before(r.due)) && !p.apply(r, now) {
			delete(p.rules, session)
			continue
		}
		if !r.due.IsZero() {
			wait = min(wait, max(r.due.Sub(now), time.Millisecond))
		}
	}
	return wait
}

// arrive tells a subscription's rule of messages.
func (p *pushes) arrive(f *facts, a Actor, came []arrival, now time.Time) {
	s, me := f.session(a.SessionID, chat.MillisOf(now)), f.user(a.UserID)
	if s == nil || len(came) == 0 {
		return
	}
	r := p.rules[a.SessionID]
	if r == nil || r.to != s.Push {
		zone, err := zoneOf(s.Push.TimeZone)
		if err != nil {
			zone = time.UTC // the program that took it knew more zones than this one
		}
		r = &pushRule{actor: a, to: s.Push, zone: zone, rule: attention.New(), newest: map[chat.ConversationID]int64{}, standing: map[string]struct{}{}}
		p.rules[a.SessionID] = r
	}
	r.rule.Configure(attention.Settings{Attention: me.row.Attention, Organisation: f.organisation.Reminder})
	for _, m := range came {
		if m.n == 0 {
			p.amended(f, r, m.conversation)
			continue
		}
		mine, in := f.conversation(m.conversation).place(me.id())
		if !in || mine.muted || mine.readN >= m.n {
			continue
		}
		r.newest[m.conversation] = max(r.newest[m.conversation], m.n)
		r.rule.Posted(now.In(r.zone), attention.Message{ConversationID: m.conversation})
	}
}

// amended takes away what is shown of a conversation if its newest message was deleted.
func (p *pushes) amended(f *facts, r *pushRule, id chat.ConversationID) {
	if _, stands := r.standing[string(id)]; !stands {
		return
	}
	if m := p.newest(f.conversation(id), r.newest[id]); m != nil && m.DeletedAt != 0 {
		p.end(r, string(id))
	}
}

// newest reads a message; nil if that cannot be done.
func (p *pushes) newest(c *conversation, n int64) *store.Message {
	ctx, cancel := context.WithTimeout(context.Background(), readNotice)
	defer cancel()
	found, err := p.h.o.Store.MessagesBefore(ctx, c.key, n+1, 1)
	if err != nil || len(found) != 1 {
		p.h.o.Log.Warn("a message could not be read for a notice", "error", err)
		return nil
	}
	return &found[0]
}

// apply does what a rule says at now. It tells whether the rule is still of use.
func (p *pushes) apply(r *pushRule, now time.Time) bool {
	// In this order: what somebody read at a page before they left it is in the facts by then.
	used := p.h.feeds.used(r.actor) // a page that somebody is at tells by itself
	f := p.h.facts.Load()
	s, me := f.session(r.actor.SessionID, chat.MillisOf(now)), f.user(r.actor.UserID)
	if s == nil || s.Push != r.to || !me.row.User.Active {
		return false // nothing may be sent there, not even that something is gone
	}
	r.rule.Configure(attention.Settings{Attention: me.row.Attention, Organisation: f.organisation.Reminder})
	r.rule.Foremost(p.foremost(f, r.actor))
	for _, id := range r.rule.Waiting() {
		if !f.unread(me, id, r.newest[id]) {
			r.rule.Read(id)
			delete(r.newest, id)
			p.end(r, string(id))
		}
	}
	waiting := r.rule.Waiting()
	if len(waiting) == 0 {
		p.end(r, chat.PushSeveral)
		return false
	}
	due := r.rule.Due(now.In(r.zone))
	if !used {
		for _, toast := range due.Toasts {
			p.send(r, toast, waiting)
		}
	}
	r.due = time.Time{}
	if due.Again > 0 {
		r.due = now.Add(due.Again)
	}
	return true
}

// foremost tells whether a subscription disturbs before the user's other devices: nothing else of theirs is connected, and of those
// that could be told so it was seen last.
func (p *pushes) foremost(f *facts, a Actor) bool {
	if p.h.feeds.elsewhere(a) {
		return false
	}
	p.mu.Lock()
	others := slices.Clone(p.subscribed[a.UserID])
	p.mu.Unlock()
	mine, _ := f.sessions.get(a.SessionID)
	for _, id := range others {
		if s, ok := f.sessions.get(id); ok && id != a.SessionID && (s.SeenAt > mine.SeenAt || s.SeenAt == mine.SeenAt && id > a.SessionID) {
			return false
		}
	}
	return true
}

// unread tells whether a message of a conversation is to disturb: it may be told and is not read, and the conversation not muted.
func (f *facts) unread(me *user, id chat.ConversationID, n int64) bool {
	c := f.conversation(id)
	mine, in := c.place(me.id())
	return in && !mine.muted && mine.readN < n && f.mayIn(chat.ActDeliver, me, f.other(c, me), c, 0).Allowed
}

// send hands a toast to the pusher. What it says is made when it is sent.
func (p *pushes) send(r *pushRule, toast attention.Toast, waiting []chat.ConversationID) {
	actor, to, newest := r.actor, r.to, map[chat.ConversationID]int64{}
	for _, id := range waiting {
		newest[id] = r.newest[id]
	}
	tag := string(toast.ConversationID)
	say := func(f *facts, me *user) *chat.PushNotice {
		return p.notice(f, me, toast.ConversationID, newest[toast.ConversationID], toast.Messages)
	}
	if tag == "" {
		tag = chat.PushSeveral
		say = func(f *facts, me *user) *chat.PushNotice { return f.noticeOfSeveral(me, newest, toast.Messages) }
	}
	r.standing[tag] = struct{}{}
	p.push(actor, to, tag, true, say)
}

// end takes away what is shown with a tag, if anything may be.
func (p *pushes) end(r *pushRule, tag string) {
	if _, stands := r.standing[tag]; !stands || push.MustShow(r.to.Endpoint) {
		return
	}
	delete(r.standing, tag)
	p.push(r.actor, r.to, tag, false, func(*facts, *user) *chat.PushNotice { return &chat.PushNotice{Tag: tag, Gone: true} })
}

// push hands a notice to the pusher: what say returns when it is sent, if the session still has the subscription by then, and its
// user may be told.
func (p *pushes) push(a Actor, to chat.PushSubscribeArgs, tag string, urgent bool, say func(f *facts, me *user) *chat.PushNotice) {
	key, _ := base64.RawURLEncoding.DecodeString(to.Key) // both were checked when they were taken
	auth, _ := base64.RawURLEncoding.DecodeString(to.Auth)
	p.pusher.Push(push.Notice{
		To: push.Subscription{Endpoint: to.Endpoint, Key: key, Auth: auth}, Topic: tag, TTL: noticeLife, Urgent: urgent,
		Make: func() ([]byte, bool) {
			f := p.h.facts.Load()
			me, err := f.authorise(chat.ActOwn, a, p.h.now())
			if s := f.session(a.SessionID, p.h.now()); err != nil || s.Push != to {
				return nil, false
			}
			n := say(f, me)
			if n == nil {
				return nil, false
			}
			raw, err := json.Marshal(n)
			return raw, err == nil
		},
		Gone: func() {
			p.h.background(context.Background(), a, func(s *store.Session, _ chat.Millis) {
				if s.Push == to {
					s.Push = chat.PushSubscribeArgs{}
				}
			})
		},
	})
}

// notice says of a conversation's newest message what may be said; nil if nothing is to be told any more.
func (p *pushes) notice(f *facts, me *user, id chat.ConversationID, n int64, messages int) *chat.PushNotice {
	if !f.unread(me, id, n) {
		return nil
	}
	c := f.conversation(id)
	m := p.newest(c, n)
	if m == nil || m.DeletedAt != 0 && messages == 1 {
		return nil
	}
	told := &chat.PushNotice{Tag: string(id), ConversationID: id, From: cut(f.userOf(m.UserKey).row.User.DisplayName, chat.MaxPushName),
		Messages: messages, Conversations: 1}
	if c.kind == chat.KindRoom {
		told.Room = cut(c.name, chat.MaxPushName)
	}
	if f.organisation.PushText {
		told.Text = cut(m.Text, chat.MaxPushText)
	}
	return told
}

// readNotice bounds the reading of a message for a notice.
const readNotice = 10 * time.Second

// noticeOfSeveral says of how many of the conversations there is still something to be told; nil if of none.
func (f *facts) noticeOfSeveral(me *user, newest map[chat.ConversationID]int64, messages int) *chat.PushNotice {
	told := &chat.PushNotice{Tag: chat.PushSeveral, Messages: messages}
	for id, n := range newest {
		if f.unread(me, id, n) {
			told.Conversations++
		}
	}
	if told.Conversations == 0 {
		return nil
	}
	return told
}

// cut returns the first characters of a text.
func cut(text string, characters int) string {
	runes := []rune(text)
	if len(runes) <= characters {
		return text
	}
	return string(runes[:characters-1]) + "…"
}

// elsewhere tells whether the user of a session is connected in another one.
func (r *registry) elsewhere(a Actor) bool {
	found := false
	r.of(a.UserID, func(f *Feed) { found = found || f.actor != a })
	return found
}

// used tells whether somebody is at a page of a session.
func (r *registry) used(a Actor) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.users[a.UserID], func(f *Feed) bool { return f.actor == a && f.use.idleSince == 0 })
}
