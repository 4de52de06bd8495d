package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/app/bring"
	"parley/app/tray"
	"parley/backend/chat"
)

// testWindow notes what is asked of a window.
type testWindow struct {
	did chan string
	at  place
	// chosen is where files are to be saved.
	chosen string
}

func (w *testWindow) setTitle(title string) { w.did <- "title " + title }
func (w *testWindow) show()                 { w.did <- "show" }
func (w *testWindow) hide()                 { w.did <- "hide" }
func (w *testWindow) open(address string)   { w.did <- "open " + address }
func (w *testWindow) quit()                 { w.did <- "quit" }
func (w *testWindow) fail(text string)      { w.did <- "fail " + text }
func (w *testWindow) saveAs(name string) (string, error) {
	w.did <- "save " + name
	return w.chosen, nil
}
func (w *testWindow) moveTo(p place) { w.at = p }
func (w *testWindow) place() place   { return w.at }

type testPeer struct {
	opened chan chat.ConversationID
	asked  []string // statuses, and what follows
	// attention is what was asked for last.
	attention chat.AttentionUpdateArgs
	closed    int
}

func (p *testPeer) Endpoint() (string, string) {
	return "ws://127.0.0.1:1/v1/socket", "secret"
}
func (p *testPeer) Server() string                          { return "" }
func (p *testPeer) OpenConversation(id chat.ConversationID) { p.opened <- id }
func (p *testPeer) Ask(do chat.CommandName, args any) {
	if attention, ok := args.(chat.AttentionUpdateArgs); ok {
		p.attention = attention
		return
	}
	p.asked = append(p.asked, fmt.Sprintf("%s %+v", do, args))
}
func (p *testPeer) Save(id chat.FileID, path string) {
	p.asked = append(p.asked, fmt.Sprintf("save %s to %s", id, path))
}
func (p *testPeer) StopSaving(id chat.FileID) {
	p.asked = append(p.asked, fmt.Sprintf("stop saving %s", id))
}
func (p *testPeer) Close() error { p.closed++; return nil }

func newTestDesktop(t *testing.T, failure error) (*desktop, *testWindow, *testPeer) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none") // no toasts on the developer's own screen
	peer := &testPeer{opened: make(chan chat.ConversationID, 1)}
	d := newDesktop(config{profile: t.TempDir(), server: "parley.example"}, slog.New(slog.DiscardHandler), nil, nil)
	d.open = func(config, *notifier, *slog.Logger) (replicaPeer, error) { return peer, failure }
	return d, &testWindow{did: make(chan string, 8)}, peer
}

func TestShell_bindsJustWhatTheProtocolNames(t *testing.T) {
	var names []string
	for method := range reflect.TypeFor[*Shell]().Methods() {
		names = append(names, method.Name)
	}
	if want := []string{"Brought", "Endpoint", "Focus", "OpenLink", "Quit", "SaveFile", "SetBadge", "SetCloseToTray", "SetTray", "StopSaving", "Try"}; !slices.Equal(names, want) {
		t.Errorf("the page can call %v; PROTOCOL.md section 5 says %v", names, want)
	}
}

func TestShell_endpointWaitsForTheReplica(t *testing.T) {
	d, w, _ := newTestDesktop(t, nil)
	shell := &Shell{desktop: d}
	answer := make(chan string)
	go func() {
		text, err := shell.Endpoint()
		if err != nil {
			t.Error(err)
		}
		answer <- text
	}()
	d.start(w, place{})
	defer d.stop()
	var got map[string]any
	if err := json.Unmarshal([]byte(<-answer), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"trial": false, "url": "ws://127.0.0.1:1/v1/socket", "token": "secret", "profile": d.config.profileID(), "server": "parley.example",
		"tray": tray.Supported, "closeToTray": false, "brings": bring.Supported}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("endpoint %v, want %v", got, want)
	}
}

func TestShell_opensOnlyWhatMayBeOpened(t *testing.T) {
	d, w, _ := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	shell := &Shell{desktop: d}
	shell.OpenLink("ms-msdt:/id")
	shell.OpenLink("https://parley.example/(x)")
	shell.Quit()
	if got := []string{<-w.did, <-w.did}; !slices.Equal(got, []string{"open https://parley.example/%28x%29", "quit"}) {
		t.Errorf("the window was asked: %q", got)
	}
}

// TestShell_savesWhereItsUserSays: nothing is saved unless a place was chosen in the dialogue, and no name leads anywhere.
func TestShell_savesWhereItsUserSays(t *testing.T) {
	d, w, peer := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	shell := &Shell{desktop: d}
	id := string(chat.NewFileID())
	if err := shell.SaveFile(id, "../../evil/invoice.pdf"); err != nil || len(peer.asked) > 0 {
		t.Errorf("the dialogue was dismissed: %v, %v", err, peer.asked)
	}
	w.chosen = "/home/mira/Invoice.pdf"
	if err := shell.SaveFile(id, "invoice.pdf"); err != nil {
		t.Error(err)
	}
	if err := shell.SaveFile("../../x", "x"); err == nil {
		t.Error("something that is no file's id can be saved")
	}
	shell.StopSaving(id)
	if got := []string{<-w.did, <-w.did}; !slices.Equal(got, []string{"save invoice.pdf", "save invoice.pdf"}) || len(w.did) > 0 {
		t.Errorf("the dialogue was asked %q", got)
	}
	if want := []string{"save " + id + " to /home/mira/Invoice.pdf", "stop saving " + id}; !slices.Equal(peer.asked, want) {
		t.Errorf("the replica was asked %q", peer.asked)
	}
}

func TestBadge_standsInTheTitle(t *testing.T) {
	d, w, _ := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	for unread, want := range map[int]string{0: "title Parley", -1: "title Parley", 3: "title (3) Parley", 1000: "title (99+) Parley"} {
		(&notifier{desktop: d}).Badge(unread)
		if got := <-w.did; got != want {
			t.Errorf("%d unread: %q, want %q", unread, got, want)
		}
	}
}

func TestToastClick_opensTheConversation(t *testing.T) {
	d, w, peer := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	d.openConversation("d.a.b")
	if got := <-w.did; got != "show" {
		t.Errorf("the window was asked: %q", got)
	}
	if id := <-peer.opened; id != "d.a.b" {
		t.Errorf("opened %q", id)
	}
}

func TestStart_aFailureIsShownAndEndsTheProgram(t *testing.T) {
	d, w, peer := newTestDesktop(t, errors.New("the disk is full"))
	d.start(w, place{})
	if _, err := (&Shell{desktop: d}).Endpoint(); err == nil {
		t.Error("an endpoint without a replica")
	}
	d.openConversation("d.a.b")
	d.reportFailure()
	if got := <-w.did; !strings.HasPrefix(got, "fail ") || !strings.Contains(got, "the disk is full") || !strings.Contains(got, d.config.profile) {
		t.Errorf("the window was asked: %q", got)
	}
	if got := <-w.did; got != "quit" {
		t.Errorf("then it was asked: %q", got)
	}
	d.stop()
	if peer.closed != 0 {
		t.Error("a replica that never was is closed")
	}
}

func TestStop_closesTheReplicaAndKeepsThePlace(t *testing.T) {
	d, w, peer := newTestDesktop(t, nil)
	was := place{X: 10, Y: 20, Width: 900, Height: 700, known: true}
	d.start(w, was)
	d.keepPlace()
	d.stop()
	if peer.closed != 1 {
		t.Errorf("the replica was closed %d times", peer.closed)
	}
	if got, err := loadPlace(d.config.profile); err != nil || got != was {
		t.Errorf("the place is %+v, %v; want %+v", got, err, was)
	}
}
