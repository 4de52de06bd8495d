package rig_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// TestCut_exactlyOnce writes through a network that breaks at every possible and impossible byte.
func TestCut_exactlyOnce(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	liam, mira := s.AsVia("liam", proxy.URL), s.AsVia("mira", proxy.URL)
	random := rand.New(rand.NewPCG(2, 11))
	answers := map[chat.MessageID]int64{}
	for i := range 120 {
		writer, reader := liam, mira
		if i%3 == 2 {
			writer, reader = mira, liam
		}
		way := rig.Way(random.IntN(2))
		proxy.CutAfter(way, random.IntN(900))
		args := writer.Message(reader.Name, fmt.Sprintf("message %03d %s", i, strings.Repeat("x", random.IntN(500))))
		answer, err := writer.Insist(args, func() {})
		if err != nil {
			t.Fatalf("message %d was not posted: %v", i, err)
		}
		answers[args.ID] = answer.N
	}
	proxy.Heal()
	checkConversation(t, s, "liam", "mira", answers, liam, mira)
}

// checkConversation checks the promises for a conversation: what was answered posted is there once, with the number that was
// answered, numbers are gapless, each author's messages are in the order written, and those who were told know the same.
func checkConversation(t *testing.T, s *rig.Server, one, other string, answered map[chat.MessageID]int64, told ...*rig.Actor) {
	t.Helper()
	history := s.As(one).History(other)
	place := map[chat.MessageID]int64{}
	last := map[chat.UserID]string{}
	for i, m := range history {
		if m.N != int64(i+1) {
			t.Errorf("message %d of the history has number %d", i+1, m.N)
		}
		if place[m.ID] != 0 {
			t.Errorf("message %q is there twice, as %d and %d", m.Text, place[m.ID], m.N)
		}
		place[m.ID] = m.N
		if m.Text <= last[m.AuthorID] {
			t.Errorf("%.20q stands after %.20q", m.Text, last[m.AuthorID])
		}
		last[m.AuthorID] = m.Text
	}
	for id, n := range answered {
		if place[id] != n {
			t.Errorf("message %s was answered as number %d and is number %d", id, n, place[id])
		}
	}
	for _, a := range told {
		a.Disconnect()
		a.Connect()
		var got []chat.MessageID
		for _, e := range a.Events() {
			if e.Type == chat.MessagePosted && e.Message.ConversationID == s.Direct(one, other) {
				got = append(got, e.Message.ID)
			}
		}
		if len(got) != len(history) {
			t.Errorf("%s was told %d of %d messages", a.Name, len(got), len(history))
			continue
		}
		for i, m := range history {
			if got[i] != m.ID {
				t.Errorf("%s was told %s as message %d, the history has %s", a.Name, got[i], i+1, m.ID)
				break
			}
		}
		if resets := a.Resets(); len(resets) != 1 || resets[0] != chat.ResetFirst {
			t.Errorf("%s was reset: %v", a.Name, resets)
		}
	}
}

func TestResume_givesExactlyWhatWasMissed(t *testing.T) {
	s := rig.Start(t)
	mira, liam, renata := s.As("mira"), s.As("liam"), s.As("renata")
	liam.Post("mira", "before")
	mira.ExpectText("before")
	mira.Disconnect()
	before := len(mira.Events())
	var want strings.Builder
	for i := range 300 { // more than a frame holds, and than a session's queue
		text := fmt.Sprintf("missed %03d %s", i, strings.Repeat("y", 400))
		liam.Post("mira", text)
		renata.Post("tomas", "none of her business")
		want.WriteString(text + "\n")
	}
	mira.Connect()
	var got strings.Builder
	for _, e := range mira.Events()[before:] {
		if e.Type != chat.MessagePosted {
			t.Errorf("was told %s", e.Type)
			continue
		}
		got.WriteString(e.Message.Text + "\n")
	}
	if got.String() != want.String() || len(mira.Resets()) != 1 {
		t.Errorf("was told %d events and %v", len(mira.Events())-before, mira.Resets())
	}
	if strings.Contains(mira.Heard(), "none of her business") {
		t.Error("was told of others' traffic")
	}
	// Once more with nothing missed.
	before = len(mira.Events())
	mira.Disconnect()
	mira.Connect()
	if n := len(mira.Events()); n != before {
		t.Errorf("was told %d events again", n-before)
	}
}

func TestResume_foreignOrDamagedCursorResets(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	liam.Post("mira", "hello")
	mira.ExpectText("hello")
	for name, cursor := range map[string]chat.Cursor{
		"another user's": mira.Client().Cursor(), "nonsense": "nonsense", "long": chat.Cursor(strings.Repeat("A", 5000)),
	} {
		var first wire.Frame
		got := make(chan wire.Frame, 100)
		c, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(s.URL), Token: s.SignIn("amparo").Token,
			Hello: hello(cursor), Handle: func(f wire.Frame) error { got <- f; return nil }})
		if err != nil {
			if e := chat.AsError(err); e.Code != chat.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if first = <-got; first.Reset == nil {
			t.Errorf("%s cursor: the first frame is %+v", name, first)
		}
		c.Close()
	}
}

func hello(cursor chat.Cursor) chat.HelloArgs {
	return chat.HelloArgs{Cursor: cursor, Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceBrowser, Name: "test"}}
}

func TestNetwork_oneByteAtATime(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	proxy.Dribble(rig.Up)
	proxy.Dribble(rig.Down)
	mira, liam := s.AsVia("mira", proxy.URL), s.As("liam")
	liam.Post("mira", "slowly")
	mira.ExpectText("slowly")
	mira.Post("liam", "but surely")
	liam.ExpectText("but surely")
}

func TestNetwork_answerLostIsAnsweredAgain(t *testing.T) {
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	mira, liam := s.As("mira"), s.AsVia("liam", proxy.URL)
	proxy.Hold(rig.Down) // the command goes through, its answer does not
	args := liam.Message("mira", "did you get this?")
	var posting sync.WaitGroup
	posting.Go(func() {
		if err := liam.Try(chat.MessagePost, args, nil); err == nil {
			t.Error("the answer came through a cut connection")
		}
	})
	mira.ExpectText("did you get this?") // committed and told
	proxy.Cut()
	posting.Wait()
	proxy.Heal()
	liam.Disconnect()
	liam.Connect()
	var answer chat.MessagePostAnswer
	liam.Do(chat.MessagePost, args, &answer)
	if answer.N != 1 || len(liam.History("mira")) != 1 {
		t.Errorf("answered %+v, the history has %d messages", answer, len(liam.History("mira")))
	}
}

func TestNetwork_halfOpenConnectionIsGivenUp(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{PingEvery: 100 * time.Millisecond, PingTimeout: time.Second}))
	proxy := rig.NewProxy(t, s.URL)
	liam, mira := s.As("liam"), s.AsVia("mira", proxy.URL)
	liam.Until("mira is here", func(w *rig.World) bool { return w.Presence[mira.ID].Availability == chat.Online })
	proxy.Swallow(rig.Up)
	proxy.Swallow(rig.Down)
	liam.Until("mira is given up", func(w *rig.World) bool { _, here := w.Presence[mira.ID]; return !here })
	liam.Post("mira", "into the void")
	proxy.Heal()
	mira.Ended()
	mira.Disconnect()
	mira.Connect()
	mira.ExpectText("into the void")
}

func TestSlowReader_isCutAndNobodyElse(t *testing.T) {
	var small atomic.Bool
	narrowed := func(l net.Listener) net.Listener { return smallBuffers{l, &small} }
	s := rig.Start(t, rig.Network(narrowed), rig.Limits(server.Options{WriteTimeout: 2 * time.Second}))
	liam, mira, renata := s.As("liam"), s.As("mira"), s.As("renata")

	release, stuck := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var missed []string
	narrow := &http.Client{Transport: &http.Transport{DialContext: dialSmall}}
	session := s.SignIn("mira")
	small.Store(true) // for this connection only: small buffers make everybody slow
	slow, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(s.URL), Token: session.Token, HTTPClient: narrow, Hello: hello(""),
		Handle: func(f wire.Frame) error {
			if len(f.Events) > 0 {
				once.Do(func() { close(stuck) })
				<-release // takes no bytes from now on
			}
			missed = append(missed, texts(t, f)...)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	small.Store(false)
	var want []string
	long := strings.Repeat("z", 15_000)
	for i := range 200 { // far more than buffers and the session's queue hold
		text := fmt.Sprintf("%03d %s", i, long)
		liam.Post("mira", text)
		want = append(want, text)
		if i == 0 {
			<-stuck
		}
	}
	renata.Post("liam", "nobody else notices")
	liam.ExpectText("nobody else notices")
	mira.ExpectText(want[len(want)-1])

	close(release)
	<-slow.Done()
	var end *wire.CloseError
	if !errors.As(slow.Err(), &end) || !end.MayReturn() {
		t.Errorf("the slow reader ended with %v", slow.Err())
	}
	if len(missed) >= len(want) {
		t.Fatalf("the slow reader was told everything: it was not slow")
	}
	done := make(chan struct{})
	var told atomic.Int64
	told.Store(int64(len(missed)))
	again, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(s.URL), Token: session.Token, Hello: hello(slow.Cursor()),
		Handle: func(f wire.Frame) error {
			missed = append(missed, texts(t, f)...)
			told.Store(int64(len(missed)))
			if len(f.Events) > 0 && len(missed) == len(want) {
				close(done)
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	ctx, cancel := context.WithTimeout(t.Context(), rig.Patience)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatalf("after coming back %d of %d messages were told", told.Load(), len(want))
	}
	for i := range want {
		if missed[i] != want[i] {
			t.Fatalf("message %d came as %.10q", i, missed[i])
		}
	}
}

// texts returns the texts of the messages in f.
func texts(t *testing.T, f wire.Frame) []string {
	events, err := f.DecodeEvents()
	if err != nil {
		t.Error(err)
	}
	var all []string
	for _, e := range events {
		if e.Type == chat.MessagePosted {
			all = append(all, e.Message.Text)
		}
	}
	return all
}

// smallBuffers gives connections small buffers of the system while on is set, so that a reader's slowness is felt soon.
type smallBuffers struct {
	net.Listener
	on *atomic.Bool
}

const fewBytes = 8 << 10

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || !l.on.Load() {
		return c, err
	}
	return c, c.(*net.TCPConn).SetWriteBuffer(fewBytes)
}

func dialSmall(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return c, c.(*net.TCPConn).SetReadBuffer(fewBytes)
}
