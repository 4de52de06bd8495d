//go:build desktoptest

package app

import (
	"net/http"
	"slices"
	"testing"

	"parley/backend/chat"
	"parley/backend/demo"
	"parley/backend/wire"
	"parley/build/screen"
)

// TestDesktop_triesItOnThisComputer: without any server one is started from the sign-in page, by keys; one is somebody there, the server
// ends with the program however that ends, and goes on with it.
func TestDesktop_triesItOnThisComputer(t *testing.T) {
	s := screen.Start(t, 1280, 800)
	d := newDesk(t, s, "nobody", "", place{X: 0, Y: 0, Width: 1200, Height: 760})
	ready := func() bool {
		answer, err := http.Get("http://" + trialAddress + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}
	d.window.AwaitStill()
	s.Picture("1-offered")
	d.window.Press(then(tabs(4), "Return")...) // past the password, its eye and Sign in
	s.Await("the trial's server serves", ready)
	d.window.AwaitStill()
	s.Picture("2-whom")
	d.window.Press("Return") // the first: Mira

	// live signs Mira in once more, as a test, and returns what tells whether her desktop is connected.
	live := func() func() bool {
		answer, err := wire.SignIn(t.Context(), nil, "http://"+trialAddress, wire.SignInArgs{Name: "mira", Password: demo.Password("mira")})
		if err != nil {
			t.Fatal(err)
		}
		client, err := wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL("http://" + trialAddress), Token: answer.Token,
			Handle: func(wire.Frame) error { return nil }, Hello: chat.HelloArgs{Device: chat.Device{Kind: chat.DeviceBrowser, Name: "test"}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Cut)
		return func() bool {
			var list chat.SessionListAnswer
			err := client.Request(t.Context(), chat.SessionList, struct{}{}, &list)
			return err == nil && slices.ContainsFunc(list.Sessions, func(i chat.SessionInfo) bool { return i.DeviceKind == chat.DeviceDesktop && i.Live })
		}
	}
	s.Await("Mira is there by her desktop", live())
	d.window.AwaitStill()
	s.Picture("3-signed-in")

	d.kill()
	s.Await("the server has ended with the program", func() bool { return !ready() })
	d.start()
	s.Await("the trial goes on with the program", ready)
	s.Await("Mira is there again", live())
}
