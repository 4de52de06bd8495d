//go:build desktoptest

package app

import (
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/build/screen"
)

// TestDesktop_singleSignOn: the window sends its user to the system's browser, where a real OpenID provider asks who they are, and
// shows their conversations as soon as they are back from there.
func TestDesktop_singleSignOn(t *testing.T) {
	provider := rig.StartOpenID(t, "mira")
	for name, value := range map[string]string{"ISSUER": provider.Issuer, "CLIENT_ID": rig.OpenIDClient, "CLIENT_SECRET": rig.OpenIDSecret, "NAME": "Larchfield"} {
		t.Setenv("PARLEY_OIDC_"+name, value)
	}
	server := rig.NewProcess(t)
	provider.Allow(server.URL)
	s := screen.Start(t, 1600, 1000)
	opened := s.BrowserOpens()
	mira := newDesk(t, s, "mira", server.URL, place{X: 0, Y: 0, Width: 950, Height: 900})
	s.Picture("1-sign-in")
	mira.window.Press(then(tabs(4), "Return")...)
	address := opened()
	mira.window.AwaitStill()
	browser := s.Browse(address, 960, 0, 620, 700, false)
	s.Picture("2-at-the-provider")
	browser.Press("Tab")
	browser.Type("mira")
	browser.Press("Tab")
	browser.Type(rig.PasswordOf("mira"))
	browser.Press("Return")
	server.As("renata").Until("mira is online on a desktop", func(w *rig.World) bool {
		p := w.Presence[server.ID("mira")]
		return p.Availability == chat.Online && p.Device == chat.DeviceDesktop
	})
	mira.window.AwaitStill()
	s.Picture("3-signed-in")
	mira.goTo("Liam")
	mira.awaitComposer()
	mira.say("Signed in as at everything else.")
	awaitText(server.As("liam"), server.Direct("mira", "liam"), "Signed in as at everything else.")
	if !strings.HasPrefix(address, server.URL) {
		t.Errorf("the browser was opened with %s", address)
	}
}
