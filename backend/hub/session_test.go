package hub

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

func (r *rig) trySignIn(name, password string) (SignedIn, error) {
	return r.hub.SignIn(context.Background(), SignInArgs{Name: name, Password: password, Device: chat.Device{Kind: chat.DeviceBrowser, Name: "test"}})
}

// ended waits until the feed is cut, whatever is still in it.
func (c *client) ended() {
	c.t.Helper()
	for {
		_, err := c.tryRead()
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrSignedOut) {
			c.t.Errorf("%s: the feed ended with %v", c.name, err)
		}
		return
	}
}

func TestSignIn_oneAnswerToAllThatFail(t *testing.T) {
	r := newRig(t)
	no := false
	r.update("mia", func(a *chat.UserUpdateArgs) { a.Active = &no })
	for what, who := range map[string][2]string{
		"unknown": {"nobody", password}, "wrong": {"ana", "wrong"}, "deactivated": {"mia", password}, "empty": {"", ""},
		"megabyte": {"ana", strings.Repeat("x", 1<<20)},
	} {
		if _, err := r.trySignIn(who[0], who[1]); err != errSignIn {
			t.Errorf("%s: %v", what, err)
		}
	}
	in, err := r.trySignIn(" ANA ", password)
	if err != nil || in.UserID != r.users["ana"] || !in.ExpiresAt.Equal(r.clock.Now().Add(30*24*time.Hour)) {
		t.Errorf("ana: %+v, %v", in, err)
	}
}

func TestAuthenticate(t *testing.T) {
	r := newRig(t)
	in, err := r.trySignIn("ana", password)
	if err != nil {
		t.Fatal(err)
	}
	good := func(want bool, when string) {
		t.Helper()
		a, err := r.hub.Authenticate(in.Token)
		if (err == nil) != want || want && a != (Actor{in.UserID, in.SessionID}) || !want && chat.AsError(err).Code != chat.CodeSignedOut {
			t.Errorf("%s: %+v, %v", when, a, err)
		}
	}
	good(true, "signed in")
	if _, err := r.hub.Authenticate(in.Token + "x"); err == nil {
		t.Error("another token is good")
	}
	r.restart()
	good(true, "after a restart")
	r.clock.turn(30*24*time.Hour - time.Millisecond)
	good(true, "on the last day")
	c := r.connectAs("ana", Actor{in.UserID, in.SessionID}, "")
	r.clock.turn(time.Millisecond)
	good(false, "when its time is over")
	if err := c.ask(chat.Ping, nil, nil); err == nil || err.Code != chat.CodeSignedOut {
		t.Errorf("a command of a session whose time is over: %v", err)
	}
	if err := r.hub.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.ended()
	if s := r.hub.Stats(); s.Sessions != 0 {
		t.Errorf("%d sessions are kept", s.Sessions)
	}
}

func TestSessions_listedAndEnded(t *testing.T) {
	r := newRig(t)
	desk, phone, ben := r.connect("ana"), r.connect("ana"), r.connect("ben")
	phone.feed.Close()
	var list chat.SessionListAnswer
	desk.barrier()
	desk.mustAsk(chat.SessionList, nil, &list)
	if len(list.Sessions) != 2 {
		t.Fatalf("sessions %+v", list.Sessions)
	}
	for _, s := range list.Sessions {
		current := s.ID == desk.actor.SessionID
		if s.Current != current || s.Live != current || s.DeviceKind != chat.DeviceDesktop || s.DeviceName != "test" || s.CreatedAt == 0 {
			t.Errorf("session %+v", s)
		}
	}
	phone.attach()
	if err := ben.ask(chat.SessionEnd, chat.SessionEndArgs{SessionID: phone.actor.SessionID}, nil); err == nil || err.Code != chat.CodeUnknown {
		t.Errorf("ben ends ana's session: %v", err)
	}
	desk.mustAsk(chat.SessionEnd, chat.SessionEndArgs{SessionID: phone.actor.SessionID}, nil)
	phone.ended()
	desk.barrier()
	if err := r.hub.SignOut(t.Context(), desk.actor); err != nil {
		t.Fatal(err)
	}
	desk.ended()
	if _, err := r.hub.Connect(t.Context(), desk.actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion}); chat.AsError(err).Code != chat.CodeSignedOut {
		t.Errorf("connected with an ended session: %v", err)
	}
}

func TestSessions_passwordsAndRolesEndThem(t *testing.T) {
	r := newRig(t)
	desk, phone := r.connect("ana"), r.connect("ana")
	change := chat.PasswordChangeArgs{Old: "wrong", New: "another password"}
	if err := desk.ask(chat.PasswordChange, change, nil); err == nil || err.Code != chat.CodeDenied {
		t.Errorf("with the wrong password: %v", err)
	}
	change.Old = password
	if err := desk.ask(chat.PasswordChange, chat.PasswordChangeArgs{Old: password, New: "short"}, nil); err == nil || err.Code != chat.CodeInvalid {
		t.Errorf("to a short one: %v", err)
	}
	desk.mustAsk(chat.PasswordChange, change, nil)
	phone.ended()
	desk.barrier()
	if _, err := r.trySignIn("ana", password); err == nil {
		t.Error("the old password is still good")
	}
	if _, err := r.trySignIn("ana", change.New); err != nil {
		t.Errorf("the new password: %v", err)
	}
	r.must(r.signIn("ada"), chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: r.users["ana"], Password: password}, nil)
	desk.ended()

	sue, max := r.connect("sue"), r.connect("max")
	role, no := chat.RoleAgent, false
	r.update("sue", func(a *chat.UserUpdateArgs) { a.Role = &role })
	sue.ended()
	r.update("max", func(a *chat.UserUpdateArgs) { a.Active = &no })
	max.ended()
	if _, err := r.trySignIn("max", password); err == nil {
		t.Error("a deactivated account signs in")
	}
	if got := r.record("sue"); got.Settings.Start || got.Group == nil || got.Group.Name != firstGroup {
		t.Errorf("EXP-20, IM-5: a new agent is %+v", got)
	}
}

func TestSignIn_endsTheOldestOfTooMany(t *testing.T) {
	r := newRig(t)
	first := r.connect("ana")
	for range maxSessions {
		r.clock.turn(time.Second)
		r.signIn("ana")
	}
	first.ended()
	if s := r.hub.Stats(); s.Sessions != maxSessions {
		t.Errorf("%d sessions", s.Sessions)
	}
}

// TestUserUpdate_promotionDropsPendingSettings: what was to hold for an agent does not come back when an administrator becomes
// one again (IM-9).
func TestUserUpdate_promotionDropsPendingSettings(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	become := func(role chat.Role) {
		t.Helper()
		r.must(ada, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Role: &role}, nil)
	}
	silent := chat.MessagingSettings{Scope: chat.StartEveryone}
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: silent}, nil)
	if r.record("ana").Pending == nil {
		t.Fatal("nothing is pending")
	}
	become(chat.RoleAdministrator)
	if got := r.record("ana").Pending; got != nil {
		t.Errorf("pending of an administrator: %+v", got)
	}
	become(chat.RoleAgent)
	r.signIn("ana")
	if got := r.record("ana"); got.Pending != nil || !got.Settings.Replies {
		t.Errorf("an agent again: %+v", got)
	}
}

// TestSignIn_appliesPendingSettings is IM-19.
func TestSignIn_appliesPendingSettings(t *testing.T) {
	r := newRig(t)
	ana := r.connect("ana")
	ada := r.signIn("ada")
	update := func(s chat.MessagingSettings) {
		t.Helper()
		r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: r.record("ana").Revision, Settings: s}, nil)
	}
	update(chat.MessagingSettings{Replies: false, Scope: chat.StartEveryone})
	update(chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(r.users["max"])}})
	ana.barrier()
	if ana.state.Me.Pending == nil || !ana.state.Me.Pending.Start || ana.state.Me.Settings.Start {
		t.Errorf("pending: %+v", ana.state.Me)
	}
	if _, err := ana.post("max", "now?"); err == nil {
		t.Error("pending settings decide")
	}
	ana.feed.Close()
	ana.attach() // a resumed session is no new authentication
	if _, err := ana.post("max", "now?"); err == nil {
		t.Error("pending settings decide after a resume")
	}
	ana.same()
	r.signIn("ana")
	ana.barrier()
	if ana.state.Me.Pending != nil || !ana.state.Me.Settings.Start {
		t.Errorf("after the sign-in: %+v", ana.state.Me)
	}
	ana.mustPost("max", "now")
	ana.same()
}

// TestSignIn_givenUp: when so many sign in that nobody's turn comes in time, that is no fault of the server: the same can be tried again.
func TestSignIn_givenUp(t *testing.T) {
	r := newRig(t)
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for _, name := range []string{"ana", "nobody"} {
		_, err := r.hub.SignIn(late, SignInArgs{Name: name, Password: password})
		if told := chat.AsError(err); told.Code != chat.CodeBusy || told.RetryAfterMs == 0 {
			t.Errorf("%s was told %+v", name, told)
		}
	}
}
