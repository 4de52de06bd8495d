//go:build desktoptest

package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/app/cache"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/build/screen"
)

// video is the size of the largest file there may be.
const video = chat.MaxFileBytes

// TestDesktop_aDay is a morning of an agent and an expert, at two desks, in a browser and on a telephone: an expert asks while the agent
// is on break, she is called and answers with a list and a picture, a film of 100 MB goes over a connection that is cut three
// times, her network goes away and comes back, and in the end both have the same.
func TestDesktop_aDay(t *testing.T) {
	server := rig.NewProcess(t)
	network := rig.NewProxy(t, server.URL)
	s := screen.Start(t, 1920, 1880)
	mira := newDesk(t, s, "mira", network.URL, place{X: 0, Y: 0, Width: 950, Height: 900})
	liam := newDesk(t, s, "liam", server.URL, place{X: 960, Y: 0, Width: 950, Height: 900})
	renata := &seat{t: t, s: s, name: "renata", window: s.Browse(server.URL, 0, 940, 1440, 900, false)}
	phone := &seat{t: t, s: s, name: "liam", window: s.Browse(server.URL, 1460, 940, 430, 900, true)}
	for _, p := range []*seat{&mira.seat, &liam.seat, renata, phone} {
		p.signIn()
		p.window.AwaitStill()
	}
	atMira, atLiam, watcher := server.As("mira"), server.As("liam"), server.As("renata")
	for _, elsewhere := range []*rig.Actor{atMira, atLiam} {
		elsewhere.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil) // nobody sits there
	}
	conversation := server.Direct("mira", "liam")

	mira.goTo("on break, lunch")
	watcher.Until("Mira is away, on break", func(w *rig.World) bool {
		p := w.Presence[server.ID("mira")]
		return p.Availability == chat.Away && p.Rule == chat.RuleBreak
	})
	phone.goTo("Mira")
	phone.window.Tap(120, -34) // the composer: on a telephone it takes the keyboard, which is large, only when it is asked to
	phone.awaitComposer()
	phone.say("Which corner of the glass is cracked, Mira?")
	atMira.ExpectText("Which corner of the glass is cracked, Mira?")
	s.Await("Mira's window counts it", func() bool { return mira.window.Title() == "(1) Parley" })
	s.Await("a toast calls Mira", func() bool { return s.Shown() == "1" })
	mira.window.AwaitStill()
	s.Picture("1-asked-on-break")

	s.Click()
	atMira.Until("the toast's click shows it, which marks it as read", func(w *rig.World) bool {
		return w.Conversations[conversation].ReadN == 1
	})
	s.CloseToasts()
	mira.goTo("Status: available")
	watcher.Until("Mira is back", func(w *rig.World) bool { return w.Presence[server.ID("mira")].Availability == chat.Online })
	mira.awaitComposer()
	mira.window.Type("- lower left, next to the hinge")
	mira.window.Press("shift+Return")
	mira.say("upper left, a hair only")
	atLiam.Until("Liam has the list", func(w *rig.World) bool {
		tail := w.Conversations[conversation].Tail
		return len(tail) == 2 && strings.Contains(string(tail[1].Document), `"bulletList"`)
	})
	picture, err := os.ReadFile(filepath.Join("..", "build", "appicon.png"))
	if err != nil {
		t.Fatal(err)
	}
	mira.attach("glass.png", picture)
	mira.say("This is how it came.")
	awaitFile(atLiam, conversation, "glass.png")
	s.Picture("2-a-list-and-a-picture")

	film := rig.Bytes(video, "film")
	mira.attach("film.mp4", film)
	mira.say("And how it was packed.")
	for range 3 {
		network.CutAfter(rig.Up, 20_000_000)
		network.AwaitCut(rig.Up)
	}
	s.Picture("3-cut-three-times")
	brought := awaitFile(atLiam, conversation, "film.mp4")
	if got := atLiam.ReadFile(brought.ID); !slices.Equal(got.Body, film) {
		t.Errorf("of the film %d bytes arrived, or others", len(got.Body))
	}

	network.Refuse()
	mira.say("Typed in the lift.")
	liam.goTo("Mira")
	liam.awaitComposer()
	liam.say("Are you still there?")
	mira.window.AwaitStill()
	s.Picture("4-without-a-network")
	network.Heal()
	atLiam.ExpectText("Typed in the lift.")
	atMira.ExpectText("Are you still there?")
	for _, p := range []*seat{&mira.seat, &liam.seat, renata, phone} {
		p.window.AwaitStill()
	}
	s.Picture("5-all-arrived")

	want := atLiam.History("mira")
	for _, d := range []*desk{mira, liam} {
		d.kill()
		if kept := d.kept(conversation); !reflect.DeepEqual(kept, want) {
			t.Errorf("%s's desktop keeps %+v, the server %+v", d.name, kept, want)
		}
	}
}

// attach adds a file to what is being written, by the palette and the system's own dialogue.
func (d *desk) attach(name string, content []byte) {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		d.t.Fatal(err)
	}
	chooser := d.window.DialogOf(func() { d.goTo("Attach files") })
	chooser.AwaitSeen(func() { chooser.Type(path) }) // the first stroke opens a line for it
	chooser.Press("Return")
	d.s.AwaitClosed(chooser)
	d.awaitComposer()
}

// awaitFile waits until somebody was told a message with this file, and returns it.
func awaitFile(a *rig.Actor, in chat.ConversationID, name string) (file chat.Attachment) {
	a.Until(name+" has arrived", func(w *rig.World) bool {
		for _, m := range w.Conversations[in].Tail {
			for _, f := range m.Attachments {
				if f.Name == name {
					file = f
					return true
				}
			}
		}
		return false
	})
	return file
}

// kept returns the messages of a conversation that a desktop keeps while its program does not run.
func (d *desk) kept(id chat.ConversationID) []chat.Message {
	d.t.Helper()
	c, err := cache.Open(d.t.Context(), d.profile, slog.New(slog.DiscardHandler))
	if err != nil {
		d.t.Fatal(err)
	}
	defer c.Close()
	state, err := c.Conversation(d.t.Context(), id, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	return state.Tail
}
