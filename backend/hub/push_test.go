package hub

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/push"
)

// post is a pusher that leaves the notices to the test.
type post struct{ taken chan push.Notice }

func (p *post) PublicKey() string  { return "the server's key" }
func (p *post) Push(n push.Notice) { p.taken <- n }
func (p *post) Close()             {}
func (p *post) next() push.Notice  { return <-p.taken }
func (p *post) use(o *Options)     { o.Push = func([]byte) (Pusher, error) { return p, nil } }
func newPost() *post               { return &post{taken: make(chan push.Notice, 64)} }
func said(n push.Notice) (told chat.PushNotice, ok bool) {
	raw, ok := n.Make()
	if ok {
		ok = json.Unmarshal(raw, &told) == nil
	}
	return told, ok
}

// subscription is one at a push service; n tells it from others. Its key is the generator of P-256.
func subscription(n int) chat.PushSubscribeArgs {
	return chat.PushSubscribeArgs{Endpoint: fmt.Sprintf("https://push.example.com/%d", n),
		Key:  "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
		Auth: strings.Repeat("A", 22), TimeZone: "Europe/Berlin"}
}

// TestPush_saysWhatIsTrueThen: what a notice says is made when it is sent, so what was read, deleted, muted or is hidden by then is not
// said.
func TestPush_saysWhatIsTrueThen(t *testing.T) {
	for what, change := range map[string]func(r *rig, ana Actor){
		"read": func(r *rig, ana Actor) {
			r.must(ana, chat.ReadMark, chat.ReadMarkArgs{ConversationID: r.direct("ana", "max"), N: 1}, nil)
		},
		"muted": func(r *rig, ana Actor) {
			r.must(ana, chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: r.direct("ana", "max"), Muted: true}, nil)
		},
		"deleted": func(r *rig, _ Actor) {
			r.must(r.signIn("max"), chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: r.direct("ana", "max"), ID: "01900000-0000-7000-8000-000000000001"}, nil)
		},
		"unsubscribed": func(r *rig, ana Actor) { r.must(ana, chat.PushUnsubscribe, nil, nil) },
		"the session ended": func(r *rig, ana Actor) {
			r.must(r.signIn("ana"), chat.SessionEnd, chat.SessionEndArgs{SessionID: ana.SessionID}, nil)
		},
		"the account is not active": func(r *rig, _ Actor) {
			no := false
			r.must(r.signIn("ada"), chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Active: &no}, nil)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := newPost()
			r := newRig(t, p.use)
			ana := r.signIn("ana")
			r.must(ana, chat.PushSubscribe, subscription(1), nil)
			r.must(r.signIn("max"), chat.MessagePost, chat.MessagePostArgs{ID: "01900000-0000-7000-8000-000000000001",
				ConversationID: r.direct("ana", "max"), Text: "hello"}, nil)
			n := p.next()
			if told, ok := said(n); !ok || told.From != "Max" || told.Messages != 1 || n.Topic != told.Tag {
				t.Fatalf("ana is told %+v, %v", told, ok)
			}
			change(r, ana)
			if told, ok := said(n); ok {
				t.Errorf("ana is told %+v all the same", told)
			}
		})
	}
}

// TestPush_several: more conversations than toasts are told of as one, with those that are hidden by then left out.
func TestPush_several(t *testing.T) {
	p := newPost()
	r := newRig(t, p.use)
	ana := r.signIn("ana")
	on := true
	r.must(ana, chat.PushSubscribe, subscription(1), nil)
	r.must(ana, chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: on}}, nil)
	for _, by := range []string{"max", "mia", "sue", "ada"} {
		r.must(r.signIn(by), chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("ana", by), Text: "hello"}, nil)
	}
	r.must(ana, chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{}}, nil)
	n := p.next()
	if told, ok := said(n); !ok || told != (chat.PushNotice{Tag: chat.PushSeveral, Messages: 4, Conversations: 4}) {
		t.Errorf("ana is told %+v, %v", told, ok)
	}
	for i, with := range []string{"max", "mia", "sue", "ada"} {
		r.must(ana, chat.ReadMark, chat.ReadMarkArgs{ConversationID: r.direct("ana", with), N: 1}, nil)
		if told, ok := said(n); ok != (i < 3) || told.Conversations != 3-i {
			t.Errorf("after reading what %s wrote: %+v, %v", with, told, ok)
		}
	}
	if told, ok := said(p.next()); !ok || !told.Gone || told.Tag != chat.PushSeveral {
		t.Errorf("when all is read ana is told %+v, %v", told, ok)
	}
}

// TestPush_theOneSeenLast of several browsers without a page is told first, the others 30 s later.
func TestPush_theOneSeenLast(t *testing.T) {
	p := newPost()
	r := newRig(t, p.use)
	for i := range 3 {
		r.clock.turn(time.Minute)
		r.must(r.signIn("ana"), chat.PushSubscribe, subscription(i), nil)
	}
	max := r.signIn("max")
	r.must(max, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("ana", "max"), Text: "hello"}, nil)
	if n := p.next(); n.To.Endpoint != subscription(2).Endpoint {
		t.Errorf("first is told %s", n.To.Endpoint)
	}
	r.clock.turn(31 * time.Second)
	r.must(r.signIn("ana"), chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{}, QuietHours: &[]chat.QuietHours{
		{Days: []int{6}, FromMinute: 1, ToMinute: 2}}}, nil) // has the rules looked at
	got := map[string]bool{p.next().To.Endpoint: true, p.next().To.Endpoint: true}
	if !got[subscription(0).Endpoint] || !got[subscription(1).Endpoint] {
		t.Errorf("then are told %v", got)
	}
}

// TestPush_gone: a subscription that its push service does not know any more ends, unless there is another by then.
func TestPush_gone(t *testing.T) {
	p := newPost()
	r := newRig(t, p.use)
	ana, max := r.signIn("ana"), r.signIn("max")
	r.must(ana, chat.PushSubscribe, subscription(1), nil)
	r.must(max, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: r.direct("ana", "max"), Text: "hello"}, nil)
	n := p.next()
	has := func() string {
		r.must(max, chat.Ping, nil, nil) // what was handed to the writer is done
		return r.hub.facts.Load().session(ana.SessionID, r.hub.now()).Push.Endpoint
	}
	r.must(ana, chat.PushSubscribe, subscription(2), nil)
	n.Gone()
	if got := has(); got != subscription(2).Endpoint {
		t.Errorf("the new subscription is %q", got)
	}
	r.must(ana, chat.PushSubscribe, subscription(1), nil)
	n.Gone()
	if got := has(); got != "" {
		t.Errorf("the subscription is still %q", got)
	}
	r.close()
	r.open(p.use)
	if got := r.hub.facts.Load().session(ana.SessionID, r.hub.now()).Push.Endpoint; got != "" {
		t.Errorf("after a restart it is %q", got)
	}
}
