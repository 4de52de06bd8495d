//go:build desktoptest

package app

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/build/screen"
)

// These tests run the desktop program as it is shipped, build/bin/parley, on a virtual display and against a real server, by
// keys only, and ask the server what came of it. make desktop-test builds what they need.

func TestMain(m *testing.M) { os.Exit(rig.Main(m)) }

// seat is where one person uses Parley: a window with the page in it.
type seat struct {
	t      testing.TB
	s      *screen.Session
	name   string
	window screen.Window
}

// desk is one person's desktop program.
type desk struct {
	seat
	server  string
	profile string
	cmd     *exec.Cmd
}

// newDesk starts the program for one of the cast on a profile of its own.
func newDesk(t testing.TB, s *screen.Session, name, server string, at place) *desk {
	t.Helper()
	d := &desk{seat: seat{t: t, s: s, name: name}, server: server, profile: filepath.Join(t.TempDir(), name)}
	if err := os.Mkdir(d.profile, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := at.save(d.profile); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	d.start()
	return d
}

func (d *desk) start() {
	d.t.Helper()
	d.run()
	d.window = d.s.WindowOf(d.cmd.Process.Pid)
	d.window.AwaitStill()
}

// run starts the program and does not wait for anything.
func (d *desk) run() {
	d.t.Helper()
	d.cmd = exec.Command(filepath.Join("..", "build", "bin", "parley"), "--profile", d.profile, "--server", d.server)
	if err := d.cmd.Start(); err != nil {
		d.t.Fatalf("start the desktop program; is it built? %v", err)
	}
}

// kill ends the program as kill -9 does.
func (d *desk) kill() {
	_ = d.cmd.Process.Kill() // it may have ended
	_ = d.cmd.Wait()
}

// signIn fills in the sign-in page, where the name has the keyboard and, at a desk, the server's address stands already.
func (p *seat) signIn() {
	p.t.Helper()
	p.window.Type(p.name)
	p.window.Press("Tab")
	p.window.Type(rig.PasswordOf(p.name))
	p.window.Press("Return")
}

// goTo opens the conversation with somebody by the palette, or does what it offers.
func (p *seat) goTo(person string) {
	p.t.Helper()
	p.window.AwaitSeen(func() { p.window.Press("ctrl+k") })
	p.window.AwaitSeen(func() { p.window.Type(person) })
	p.window.Press("Return")
	p.window.AwaitStill()
}

// awaitComposer makes sure that the composer of the open conversation takes what is typed, and is empty.
func (p *seat) awaitComposer() {
	p.t.Helper()
	p.window.AwaitTakes("x")
	p.window.Press("ctrl+a", "BackSpace")
	p.window.AwaitStill()
}

// say writes into the open conversation.
func (p *seat) say(text string) {
	p.t.Helper()
	p.window.Type(text)
	p.window.Press("Return")
}

// awaitText waits until somebody has a message with this text. It may have been there before they came.
func awaitText(a *rig.Actor, in chat.ConversationID, text string) {
	a.Until("message "+text, func(w *rig.World) bool {
		return slices.ContainsFunc(w.Conversations[in].Tail, func(m chat.Message) bool { return m.Text == text })
	})
}

// twoDesks opens two desktops side by side and signs both in. What the server knows of it, tests are told as sessions of the same
// two people elsewhere.
func twoDesks(t *testing.T, server *rig.Process, left, right string) (s *screen.Session, a, b *desk) {
	t.Helper()
	s = screen.Start(t, 1920, 1000)
	a = newDesk(t, s, left, server.URL, place{X: 0, Y: 0, Width: 950, Height: 960})
	b = newDesk(t, s, right, server.URL, place{X: 960, Y: 0, Width: 950, Height: 960})
	watcher := server.As("renata")
	for _, d := range []*desk{a, b} {
		d.signIn()
		id := server.ID(d.name)
		watcher.Until(d.name+" is online on a desktop", func(w *rig.World) bool {
			return w.Presence[id].Availability == chat.Online && w.Presence[id].Device == chat.DeviceDesktop
		})
		d.window.AwaitStill()
	}
	return s, a, b
}

func TestDesktop_twoWindowsExchangeMessages(t *testing.T) {
	server := rig.NewProcess(t)
	s, mira, liam := twoDesks(t, server, "mira", "liam")
	s.Picture("1-signed-in")
	atLiams := server.As("liam")
	atLiams.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil) // Liam sits at his desktop

	mira.goTo("Liam")
	mira.awaitComposer()
	mira.say("Hello Liam, is the oak table <b>back</b> in stock?")
	atLiams.ExpectText("Hello Liam, is the oak table <b>back</b> in stock?")
	s.Await("Liam's window counts it in its title", func() bool { return liam.window.Title() == "(1) Parley" })
	s.Await("a toast tells Liam", func() bool { return s.Shown() == "1" })
	mira.window.AwaitStill()
	liam.window.AwaitStill()
	s.Picture("2-toast")

	s.Click()
	conversation := server.Direct("mira", "liam")
	atLiams.Until("the toast's click shows the conversation, which marks it as read", func(w *rig.World) bool {
		return w.Conversations[conversation].ReadN == 1
	})
	s.Await("Liam's title counts nothing", func() bool { return liam.window.Title() == "Parley" })
	s.CloseToasts()
	if shown := strings.Join(s.Gone(), "; "); !strings.Contains(shown, "Mira Castellan|Hello Liam, is the oak table bback/b in stock?") {
		t.Errorf("the toasts were: %s", shown)
	}
	liam.awaitComposer()
	liam.say("Yes, four of them came this morning.")
	awaitText(server.As("mira"), conversation, "Yes, four of them came this morning.")
	mira.window.AwaitStill()
	liam.window.AwaitStill()
	s.Picture("3-answered")

	// Mira may answer experts and write first to Liam, but not to Amparo.
	mira.goTo("Amparo")
	mira.window.AwaitStill()
	s.Picture("4-refused-start")
	if amparo := server.As("amparo").World(); len(amparo.Conversations) != 0 {
		t.Errorf("Amparo has %d conversations", len(amparo.Conversations))
	}
}

func TestDesktop_nothingIsLostWhenServerAndProgramDie(t *testing.T) {
	server := rig.NewProcess(t)
	s, mira, liam := twoDesks(t, server, "mira", "liam")
	mira.goTo("Liam")
	mira.awaitComposer()
	observer := server.As("liam")
	mira.say("one")
	observer.ExpectText("one")
	liam.goTo("Mira")
	liam.awaitComposer()

	server.Kill()
	mira.say("two, while the server is away")
	liam.say("three, while the server is away")
	mira.window.AwaitStill()
	liam.window.AwaitStill()
	s.Picture("1-offline")
	mira.kill()
	mira.start() // it comes back with the conversation it showed
	mira.awaitComposer()
	mira.say("four, after the program was killed")
	mira.window.AwaitStill()
	s.Picture("2-killed-and-back")

	server.Start()
	observer.Connect()
	s.Await("both desktops find the server again and post what waited", func() bool {
		return observer.World().Conversations[server.Direct("mira", "liam")].LastN == 4
	})
	mira.window.AwaitStill()
	liam.window.AwaitStill()
	s.Picture("3-all-arrived")
	texts := map[string]int{}
	for i, m := range observer.History("mira") {
		if m.N != int64(i+1) {
			t.Errorf("message %d has the number %d", i+1, m.N)
		}
		texts[m.Text]++
	}
	want := map[string]int{"one": 1, "two, while the server is away": 1, "three, while the server is away": 1, "four, after the program was killed": 1}
	if !maps.Equal(texts, want) {
		t.Errorf("the server has %v", texts)
	}
}

func TestDesktop_oneInstanceAndItsPlace(t *testing.T) {
	server := rig.NewProcess(t)
	s := screen.Start(t, 1600, 1000)
	mira := newDesk(t, s, "mira", server.URL, place{X: 100, Y: 60, Width: 900, Height: 700})
	second := exec.Command(filepath.Join("..", "build", "bin", "parley"), "--profile", mira.profile)
	if err := second.Run(); err == nil {
		t.Error("a second program on the same profile ended as if all were well")
	}
	if err := mira.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := mira.cmd.Wait(); err != nil {
		t.Errorf("the program did not end in order: %v", err)
	}
	was, err := loadPlace(mira.profile)
	if err != nil || was.Width != 900 || was.Height != 700 {
		t.Errorf("the place kept is %+v, %v", was, err)
	}
	mira.start()
}

// TestDesktop_anAdministratorGivesARight: in the administrator's window a right is given and applied, and the agent's window has
// it at once; a second change waits for the next sign-in, and both windows say so.
func TestDesktop_anAdministratorGivesARight(t *testing.T) {
	server := rig.NewProcess(t)
	s, ines, tomas := twoDesks(t, server, "ines", "tomas")
	atTomas := server.As("tomas")

	tomas.goTo("Stellan")
	tomas.window.AwaitStill()
	s.Picture("1-refused")
	ines.goTo("Tomas replies") // the gear
	ines.window.AwaitStill()
	ines.window.Press(then(tabs(6), "space")...) // past Close, the sections and Replies to Start
	ines.window.AwaitStill()
	ines.window.Press("Tab", "Right") // what Start is for: it begins with users, of whom none is allowed; teams
	ines.window.AwaitStill()
	ines.window.Press(then(tabs(3), "Home", "Return")...) // the first of the disallowed: Night
	ines.window.AwaitStill()
	s.Picture("2-what-it-changes")
	if me := atTomas.Fresh().Me; me.Settings.Start {
		t.Errorf("before a button was pressed the agent has %+v", me.Settings)
	}
	ines.window.Press(then(tabs(10), "Return")...) // the arrows, the allowed, Details, Cancel, Now
	atTomas.Until("the agent may start with one team", func(w *rig.World) bool {
		return w.Me.Settings.Start && w.Me.Settings.Scope == chat.StartTeams && len(w.Me.Settings.Targets) == 1
	})
	tomas.goTo("Stellan")
	tomas.awaitComposer()
	tomas.say("Good evening, Stellan.")
	awaitText(server.As("stellan"), server.Direct("tomas", "stellan"), "Good evening, Stellan.")
	ines.window.AwaitStill()
	s.Picture("3-applied")

	ines.window.Press("Escape")
	ines.window.AwaitStill()
	ines.goTo("Tomas replies")
	ines.window.AwaitStill()
	ines.window.Press(then(tabs(5), "space")...) // Replies, off
	ines.window.AwaitStill()
	ines.window.Press(then(tabs(16), "Return")...) // Start, its two columns, Details, Cancel, Now, At next sign-in
	atTomas.Until("Replies off waits for the agent's next sign-in", func(w *rig.World) bool {
		return w.Me.Settings.Replies && w.Me.Pending != nil && !w.Me.Pending.Replies
	})
	tomas.goTo("Settings")
	ines.window.AwaitStill()
	tomas.window.AwaitStill()
	s.Picture("4-pending")
}

func tabs(n int) []string { return slices.Repeat([]string{"Tab"}, n) }

func then(keys []string, more ...string) []string { return append(keys, more...) }
