package push_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/push"
	"parley/backend/rig"
)

// sender returns one that sends to the service.
func sender(t *testing.T, o push.Options) *push.Sender {
	t.Helper()
	var err error
	if o.Key, err = push.NewKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	o.Contact, o.Log = "mailto:push@example.com", slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := push.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// notice says text to the browser; made is told when it is made.
func notice(t *testing.T, b *rig.PushBrowser, topic, text string) push.Notice {
	t.Helper()
	a := b.Subscription()
	key, err := base64.RawURLEncoding.DecodeString(a.Key)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := base64.RawURLEncoding.DecodeString(a.Auth)
	if err != nil {
		t.Fatal(err)
	}
	return push.Notice{To: push.Subscription{Endpoint: a.Endpoint, Key: key, Auth: auth}, Topic: topic, TTL: time.Hour, Urgent: true,
		Make: func() ([]byte, bool) {
			raw, err := json.Marshal(chat.PushNotice{Tag: topic, Text: text})
			return raw, err == nil
		}}
}

// TestSender_delivers what only the browser reads, all of one length.
func TestSender_delivers(t *testing.T) {
	service := rig.NewPushService(t)
	s := sender(t, service.Options())
	b := service.Browser()
	s.Push(notice(t, b, "d.a.b", "hello"))
	first := b.Next()
	if first.Text != "hello" || first.Header.Get("TTL") != "3600" || first.Header.Get("Urgency") != "high" {
		t.Errorf("the browser is told %+v", first)
	}
	s.Push(notice(t, b, "d.a.c", "a longer word than that"))
	second := b.Next()
	if second.Length != first.Length || second.Header.Get("Topic") == first.Header.Get("Topic") {
		t.Errorf("lengths %d and %d, topics %q and %q", first.Length, second.Length, first.Header.Get("Topic"), second.Header.Get("Topic"))
	}
	if bytes.Contains([]byte(first.Header.Get("Topic")), []byte("d.a")) {
		t.Error("the push service reads the topic")
	}
}

// TestSender_triesAgain what a push service could not take, and makes it anew for each try.
func TestSender_triesAgain(t *testing.T) {
	service := rig.NewPushService(t)
	s := sender(t, service.Options())
	b := service.Browser()
	service.Answer(http.StatusServiceUnavailable, http.StatusTooManyRequests)
	n := notice(t, b, "a", "")
	tries := 0
	n.Make = func() ([]byte, bool) {
		tries++
		raw, err := json.Marshal(chat.PushNotice{Tag: "a", Messages: tries})
		return raw, err == nil
	}
	s.Push(n)
	if got := b.Next(); got.Messages != 3 {
		t.Errorf("told after %d tries", got.Messages)
	}
}

// TestSender_leavesOff when there is nothing to be told any more, when it is refused, and after some tries.
func TestSender_leavesOff(t *testing.T) {
	service := rig.NewPushService(t)
	s := sender(t, service.Options())
	b := service.Browser()
	nothing := notice(t, b, "nothing", "")
	nothing.Make = func() ([]byte, bool) { return nil, false }
	s.Push(nothing)
	service.Answer(http.StatusForbidden)
	s.Push(notice(t, b, "refused", ""))
	s.Push(notice(t, b, "told", "told")) // one at a time to one browser, so this comes after both
	if got := b.Next(); got.Tag != "told" || service.Requests() != 2 {
		t.Errorf("told %+v after %d requests", got.PushNotice, service.Requests())
	}
	service.Answer(500, 500, 500, 500, 500)
	failing := notice(t, b, "failing", "failing")
	say, fifth := failing.Make, make(chan struct{})
	tries := 0
	failing.Make = func() ([]byte, bool) {
		if tries++; tries == 5 {
			close(fifth)
		}
		return say()
	}
	s.Push(failing)
	<-fifth
	for _, text := range []string{"one", "two"} { // a sixth try would come between them
		s.Push(notice(t, b, text, text))
		if got := b.Next(); got.Text != text {
			t.Errorf("told %q, want %q", got.Text, text)
		}
	}
	if n := service.Requests(); n != 2+5+2 {
		t.Errorf("%d requests", n)
	}
}

// TestSender_gone says that a subscription has ended.
func TestSender_gone(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		service := rig.NewPushService(t)
		s := sender(t, service.Options())
		service.Answer(status)
		gone := make(chan struct{})
		n := notice(t, service.Browser(), "a", "")
		n.Gone = func() { close(gone) }
		s.Push(n)
		select {
		case <-gone:
		case <-time.After(rig.Patience):
			t.Fatalf("%d ends nothing", status)
		}
	}
}

// TestSender_staysOutside: an address that is not public is not written to, whatever allows another one, and a redirect not followed.
func TestSender_staysOutside(t *testing.T) {
	service := rig.NewPushService(t)
	o := service.Options()
	o.Allow = nil
	closed := sender(t, o)
	refused := make(chan struct{})
	n := notice(t, service.Browser(), "a", "")
	n.Gone = func() { close(refused) }
	n.To.Endpoint = "https://127.0.0.1/x"
	closed.Push(n)
	select {
	case <-refused:
	case <-time.After(rig.Patience):
		t.Fatal("nobody is told that the address is private")
	}
	closed.Push(notice(t, service.Browser(), "a", "on another port"))
	closed.Close()

	s := sender(t, service.Options())
	b := service.Browser()
	service.Answer(http.StatusTemporaryRedirect)
	s.Push(notice(t, b, "redirected", ""))
	s.Push(notice(t, b, "told", "told"))
	if got := b.Next(); got.Tag != "told" || service.Requests() != 2 {
		t.Errorf("told %+v after %d requests", got.PushNotice, service.Requests())
	}
}

// TestSender_laterReplacesEarlier while neither was told, and what is beyond the bound is dropped.
func TestSender_laterReplacesEarlier(t *testing.T) {
	service := rig.NewPushService(t)
	o := service.Options()
	o.MaxWaiting = 2
	s := sender(t, o)
	b := service.Browser()
	begun, goOn := make(chan struct{}), make(chan struct{})
	held := notice(t, b, "held", "held")
	say := held.Make
	held.Make = func() ([]byte, bool) {
		close(begun)
		<-goOn
		return say()
	}
	s.Push(held)
	<-begun // the browser has one at a time: what follows waits
	for _, n := range []push.Notice{notice(t, b, "a", "first"), notice(t, b, "b", "b"), notice(t, b, "a", "second"), notice(t, b, "c", "too many")} {
		s.Push(n)
	}
	close(goOn)
	for _, want := range []string{"held", "second", "b"} {
		if got := b.Next(); got.Text != want {
			t.Errorf("told %q, want %q", got.Text, want)
		}
	}
	s.Push(notice(t, b, "d", "room again"))
	if got := b.Next(); got.Text != "room again" {
		t.Errorf("told %q", got.Text)
	}
}
