package app

import (
	"fmt"
	"strings"
	"testing"

	"parley/app/tray"
)

const trayText = `{"tooltip":"Parley: 2 <unread>","open":"Open Parley","quit":"Quit Parley","doNotDisturb":"Do not disturb","doNotDisturbOn":true,
	"statuses":[{"label":"Available","state":"available","reason":"","current":true},{"label":"Break: Lunch","state":"break","reason":"Lunch"}]}`

func TestTray_menuOfWhatThePageSays(t *testing.T) {
	d, w, peer := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	words, err := parseTrayWords(trayText)
	if err != nil {
		t.Fatal(err)
	}
	if words.Tooltip != "Parley: 2 unread" {
		t.Errorf("the tooltip is %q", words.Tooltip)
	}
	var lines []string
	for _, item := range d.trayItems(words) {
		lines = append(lines, fmt.Sprint(item.Label, item.Checked))
		if item.Run != nil && item.Label != "Open Parley" && item.Label != "Quit Parley" {
			item.Run()
		}
	}
	if got := strings.Join(lines, "|"); got != "Open Parleyfalse|false|Availabletrue|Break: Lunchfalse|false|Do not disturbtrue|false|Quit Parleyfalse" {
		t.Errorf("the menu is %s", got)
	}
	if got := strings.Join(peer.asked, "|"); got != "status.set {State:available Reason:}|status.set {State:break Reason:Lunch}" {
		t.Errorf("asked for %s", got)
	}
	if d := peer.attention.DoNotDisturb; d == nil || d.On {
		t.Errorf("asked for %+v", d)
	}
}

func TestTray_refusesWhatIsNoMenu(t *testing.T) {
	d, w, _ := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	for _, text := range []string{"", "[]", `{"statuses":[{"label":"x","state":"asleep"}]}`, `{"open":"` + strings.Repeat("x", maxTrayText) + `"}`,
		`{"statuses":[` + strings.Repeat(`{"state":"break"},`, maxTrayStatuses) + `{"state":"break"}]}`} {
		if err := d.setTray(text); err == nil {
			t.Errorf("%.60q was taken", text)
		}
	}
	if err := d.setTray(trayText); err != nil {
		t.Error(err)
	}
}

func TestClose_endsTheProgramUnlessItCanBeFoundInTheTray(t *testing.T) {
	d, w, _ := newTestDesktop(t, nil)
	d.start(w, place{})
	defer d.stop()
	shell := &Shell{desktop: d}
	if d.closing() {
		t.Error("the window stays though nobody chose so")
	}
	shell.SetCloseToTray(true)
	if d.closing() { // on this desktop no sign is shown: nobody would find the window again
		t.Error("the window hides where there is no tray")
	}
	if kept, err := loadChoices(d.config.profile); err != nil || !kept.CloseToTray {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	shell.Quit()
	if got := <-w.did; got != "quit" || d.closing() {
		t.Errorf("asked to %s; the program stays", got)
	}
}

func TestTray_supportedWhereItIsSaidToBe(t *testing.T) {
	if !tray.Supported {
		t.Skip("this system has no tray")
	}
	d, w, _ := newTestDesktop(t, nil)
	d.start(w, place{})
	d.stop() // without a desktop nothing waits for one
}
