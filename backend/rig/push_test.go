package rig_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
)

// pushing starts a server that sends to a push service.
func pushing(t *testing.T, options ...rig.Option) (*rig.Server, *rig.PushService) {
	t.Helper()
	service := rig.NewPushService(t)
	return rig.Start(t, append(options, rig.HandClock(), rig.Push(service.Options()))...), service
}

// configure changes the organisation as the server's command line does.
func configure(t *testing.T, s *rig.Server, seen *rig.Actor, change func(o *chat.Organisation)) {
	t.Helper()
	o := seen.World().Organisation
	change(&o)
	if _, err := s.Console(context.Background(), chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}); err != nil {
		t.Fatal(err)
	}
}

// TestPush_agentWithoutConsole: what is written to an agent who is nowhere signed in but in a phone's browser is told there at once,
// who wrote and no word of it, is there at the next sign-in, and that phone leaves the agent offline (EXP-8).
func TestPush_agentWithoutConsole(t *testing.T) {
	s, service := pushing(t)
	liam := s.As("liam")
	phone, browser := s.OnPhone("mira"), service.Browser()
	phone.Subscribe(browser)
	if key := phone.Client().Hello().PushKey; len(key) != 87 {
		t.Errorf("browsers subscribe with %q", key)
	}
	liam.Barrier()
	if p, here := liam.World().Presence[phone.ID]; here {
		t.Errorf("EXP-8: an agent at a phone alone is %+v", p)
	}
	liam.Post("mira", "before she goes")
	phone.ExpectText("before she goes") // the page is open and tells by itself
	phone.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: s.Direct("mira", "liam"), N: 1}, nil)
	phone.Disconnect()
	s.Clock().Turn(time.Minute)

	liam.Post("mira", "a secret of the trade")
	told := browser.Next()
	want := chat.PushNotice{Tag: string(s.Direct("mira", "liam")), ConversationID: s.Direct("mira", "liam"), From: "Liam Draycote", Messages: 1, Conversations: 1}
	if told.PushNotice != want {
		t.Errorf("the browser is told %+v, want %+v", told.PushNotice, want)
	}

	desk := s.As("mira")
	if tail := desk.World().Conversations[want.ConversationID].Tail; len(tail) != 2 || tail[1].Text != "a secret of the trade" {
		t.Errorf("EXP-8: at the next sign-in there is %+v", tail)
	}
	liam.Until("Mira is at her desk", func(w *rig.World) bool { return w.Presence[desk.ID].Availability == chat.Online })
	desk.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: want.ConversationID, N: 2}, nil)
	if gone := browser.Next(); !gone.Gone || gone.Tag != want.Tag || gone.From != "" || gone.Header.Get("Topic") != told.Header.Get("Topic") {
		t.Errorf("read at the desk, the browser is told %+v", gone.PushNotice)
	}
}

// TestPush_otherDevicesFirst: while another device is connected the browser is told 30 s later, if nobody has looked by then.
func TestPush_otherDevicesFirst(t *testing.T) {
	s, service := pushing(t)
	liam, phone, browser := s.As("liam"), s.OnPhone("mira"), service.Browser()
	phone.Subscribe(browser)
	phone.Disconnect()
	desk := s.As("mira")
	talk := s.Direct("mira", "liam")

	liam.Post("mira", "seen at the desk")
	desk.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: talk, N: 1}, nil)
	s.Clock().Turn(31 * time.Second)
	liam.Post("mira", "not seen")
	desk.ExpectText("not seen")
	s.Clock().Turn(31 * time.Second)
	desk.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true, ForMs: 40_000}, nil)
	if told := browser.Next(); told.Gone || told.Messages != 1 {
		t.Errorf("the browser is told %+v", told.PushNotice)
	}
	if n := service.Requests(); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// TestPush_quiet: quiet hours count by the clock of the browser's place, and with do-not-disturb and mutes nothing is told; what is
// still unread after is told then, once.
func TestPush_quiet(t *testing.T) {
	s, service := pushing(t) // it is Monday, 9:08 in Berlin
	liam, amparo, phone, browser := s.As("liam"), s.As("amparo"), s.OnPhone("renata"), service.Browser()
	phone.Subscribe(browser)
	hours := []chat.QuietHours{{Days: []int{1}, FromMinute: 9 * 60, ToMinute: 9*60 + 30}}
	phone.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{QuietHours: &hours}, nil)
	phone.Disconnect()
	liam.Post("renata", "one")
	liam.Post("renata", "two")
	s.Clock().Turn(30 * time.Minute)
	liam.Post("renata", "three")
	if told := browser.Next(); told.Messages != 3 {
		t.Errorf("after the quiet hours the browser is told %+v", told.PushNotice)
	}

	phone.Connect()
	phone.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: s.Direct("renata", "liam"), N: 3}, nil)
	if told := browser.Next(); !told.Gone {
		t.Errorf("read on the phone, the browser is told %+v", told.PushNotice)
	}
	phone.Do(chat.ConversationMute, chat.ConversationMuteArgs{ConversationID: s.Direct("renata", "liam"), Muted: true}, nil)
	phone.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: true}}, nil)
	phone.Disconnect()
	liam.Post("renata", "muted")
	amparo.Post("renata", "while she does not want to be disturbed")
	phone.Connect()
	phone.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil)
	phone.Do(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{}}, nil)
	if told := browser.Next(); told.From != "Amparo Quillen" || told.Messages != 1 {
		t.Errorf("disturbed again, the browser is told %+v", told.PushNotice)
	}
}

// TestPush_textIfTheOrganisationWants: text is shown where that was chosen, bounded, and never of a deleted message.
func TestPush_textIfTheOrganisationWants(t *testing.T) {
	s, service := pushing(t)
	liam, phone, browser := s.As("liam"), s.OnPhone("renata"), service.Browser()
	phone.Subscribe(browser)
	phone.Disconnect()
	configure(t, s, liam, func(o *chat.Organisation) { o.PushText = true })
	liam.Post("renata", strings.Repeat("ü", 1000))
	told := browser.Next()
	if want := strings.Repeat("ü", chat.MaxPushText-1) + "…"; told.Text != want {
		t.Errorf("the browser shows %d characters", len([]rune(told.Text)))
	}
	s.Clock().Turn(10 * time.Second)
	m := liam.Message("renata", "taken back")
	liam.Do(chat.MessagePost, m, nil)
	if told := browser.Next(); told.Text != "taken back" {
		t.Errorf("the browser is told %+v", told.PushNotice)
	}
	liam.Do(chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: m.ConversationID, ID: m.ID}, nil)
	if told := browser.Next(); !told.Gone {
		t.Errorf("of a deleted message the browser is told %+v", told.PushNotice)
	}
}

// TestPush_rightEnds: whoever left a room is told nothing more of it, though it was on its way.
func TestPush_rightEnds(t *testing.T) {
	s, service := pushing(t)
	liam, phone, browser := s.As("liam"), s.OnPhone("renata"), service.Browser()
	phone.Subscribe(browser)
	phone.Disconnect()
	desk := s.As("renata") // hence the phone waits
	room := chat.ConversationID("r." + chat.NewUUID())
	liam.Do(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Glass", Participants: []chat.UserID{desk.ID}}, nil)
	liam.Do(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Text: "in the room"}, nil)
	desk.ExpectText("in the room")
	desk.Do(chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room}, nil)
	s.Clock().Turn(time.Minute)
	desk.Disconnect()
	liam.Post("renata", "to her alone")
	if told := browser.Next(); told.ConversationID != s.Direct("renata", "liam") || told.Room != "" || service.Requests() != 1 {
		t.Errorf("the browser is told %+v, after %d requests", told.PushNotice, service.Requests())
	}
}

// TestPush_room: a notice of a room says which.
func TestPush_room(t *testing.T) {
	s, service := pushing(t)
	liam, phone, browser := s.As("liam"), s.OnPhone("renata"), service.Browser()
	phone.Subscribe(browser)
	phone.Disconnect()
	room := chat.ConversationID("r." + chat.NewUUID())
	liam.Do(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Glass", Participants: []chat.UserID{phone.ID}}, nil)
	liam.Do(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Text: "in the room"}, nil)
	if told := browser.Next(); told.ConversationID != room || told.Room != "Glass" || told.From != "Liam Draycote" || told.Text != "" {
		t.Errorf("the browser is told %+v", told.PushNotice)
	}
}

// TestPush_endsWithTheSession: a session ended from another device, one that is unsubscribed, and one in whose browser somebody else
// signs in.
func TestPush_endsWithTheSession(t *testing.T) {
	s, service := pushing(t)
	liam := s.As("liam")
	ends := map[string]func(phone *rig.Actor, browser *rig.PushBrowser){
		"unsubscribed": func(phone *rig.Actor, _ *rig.PushBrowser) {
			phone.Do(chat.PushUnsubscribe, nil, nil)
			phone.Disconnect()
		},
		"ended from elsewhere": func(phone *rig.Actor, _ *rig.PushBrowser) {
			desk := s.As("renata")
			desk.Do(chat.SessionEnd, chat.SessionEndArgs{SessionID: phone.Client().Hello().SessionID}, nil)
			phone.Ended()
			desk.Disconnect()
		},
		"another signs in": func(phone *rig.Actor, browser *rig.PushBrowser) {
			phone.Disconnect()
			other := s.OnPhone("odile")
			other.Subscribe(browser)
			other.Disconnect()
		},
	}
	for what, end := range ends {
		phone, browser, control := s.OnPhone("renata"), service.Browser(), service.Browser()
		phone.Subscribe(browser)
		end(phone, browser)
		kept := s.OnPhone("renata")
		kept.Subscribe(control)
		kept.Disconnect()
		s.Clock().Turn(time.Minute)
		before := service.Requests()
		liam.Post("renata", what)
		control.Next()
		if told, any := browser.Told(); any || service.Requests() != before+1 {
			t.Errorf("%s: the browser is told %+v", what, told.PushNotice)
		}
		kept.Connect()
		kept.Do(chat.PushUnsubscribe, nil, nil)
		kept.Disconnect()
	}
}

// TestPush_keptOverRestart: the server's key, on which all subscriptions depend, and the subscriptions themselves.
func TestPush_keptOverRestart(t *testing.T) {
	service, dir := rig.NewPushService(t), t.TempDir()
	first := rig.Start(t, rig.InDir(dir), rig.Push(service.Options()))
	phone, browser := first.OnPhone("renata"), service.Browser()
	phone.Subscribe(browser)
	key := phone.Client().Hello().PushKey
	phone.Disconnect()
	first.Stop()
	second := rig.Start(t, rig.InDir(dir), rig.Push(service.Options()))
	liam := second.As("liam")
	if again := liam.Client().Hello().PushKey; again != key || key == "" {
		t.Errorf("browsers know the server by %q, and after a restart it is %q", key, again)
	}
	liam.Post("renata", "after the restart")
	if told := browser.Next(); told.From != "Liam Draycote" {
		t.Errorf("the browser is told %+v", told.PushNotice)
	}
}

// TestPush_refused: what is no subscription.
func TestPush_refused(t *testing.T) {
	s, service := pushing(t)
	liam, good := s.As("liam"), service.Browser().Subscription()
	for what, change := range map[string]func(a *chat.PushSubscribeArgs){
		"no address":        func(a *chat.PushSubscribeArgs) { a.Endpoint = "" },
		"without TLS":       func(a *chat.PushSubscribeArgs) { a.Endpoint = "http://push.example.com/x" },
		"a file":            func(a *chat.PushSubscribeArgs) { a.Endpoint = "file:///etc/passwd" },
		"somebody's name":   func(a *chat.PushSubscribeArgs) { a.Endpoint = "https://me:you@push.example.com/x" },
		"a long address":    func(a *chat.PushSubscribeArgs) { a.Endpoint += strings.Repeat("x", chat.MaxPushEndpoint) },
		"no key":            func(a *chat.PushSubscribeArgs) { a.Key = "" },
		"another key":       func(a *chat.PushSubscribeArgs) { a.Key = strings.Repeat("A", 87) },
		"a short secret":    func(a *chat.PushSubscribeArgs) { a.Auth = a.Auth[:8] },
		"no time zone":      func(a *chat.PushSubscribeArgs) { a.TimeZone = "" },
		"a file's zone":     func(a *chat.PushSubscribeArgs) { a.TimeZone = "../../etc/passwd" },
		"the server's zone": func(a *chat.PushSubscribeArgs) { a.TimeZone = "Local" },
	} {
		bad := good
		change(&bad)
		if err := liam.Refused(chat.PushSubscribe, bad); err.Code != chat.CodeInvalid {
			t.Errorf("%s: %+v", what, err)
		}
	}
	raw, err := json.Marshal(liam.World())
	if err != nil || strings.Contains(string(raw), "push.example.com") {
		t.Errorf("somebody is told of subscriptions: %v", err)
	}
}
