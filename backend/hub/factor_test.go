package hub

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parley/backend/chat"
)

// authenticator is somebody's app: it knows the secret and the rig's time.
type authenticator struct {
	r      *rig
	secret string
}

// code is what it shows now.
func (a authenticator) code() string {
	a.r.t.Helper()
	code, err := totp.GenerateCode(a.secret, a.r.clock.Now())
	if err != nil {
		a.r.t.Fatal(err)
	}
	return code
}

// next waits for another code.
func (a authenticator) next() string {
	a.r.clock.turn(30 * time.Second)
	return a.code()
}

// enrolled switches the second factor of somebody on, who is signed in.
func (r *rig) enrolled(who Actor) (authenticator, []string) {
	r.t.Helper()
	var e chat.Enrolment
	r.must(who, chat.FactorBegin, chat.FactorBeginArgs{Password: password}, &e)
	a := authenticator{r, e.Secret}
	var codes chat.RecoveryAnswer
	r.must(who, chat.FactorConfirm, chat.FactorCodeArgs{Code: a.code()}, &codes)
	return a, codes.RecoveryCodes
}

// signsIn tries to sign somebody in with a code.
func (r *rig) signsIn(name, code string) (SignedIn, *chat.Error) {
	r.t.Helper()
	in, err := r.hub.SignIn(r.t.Context(), SignInArgs{Name: name, Password: password, Code: code})
	if err == nil {
		return in, nil
	}
	return in, chat.AsError(err)
}

// mustNotSignIn fails unless the sign-in is refused with the code.
func (r *rig) mustNotSignIn(name, code string, want chat.Code) *chat.Error {
	r.t.Helper()
	in, err := r.signsIn(name, code)
	if err == nil || err.Code != want || in.Token != "" {
		r.t.Fatalf("%s with the code %q: %+v, %v", name, code, in, err)
	}
	return err
}

// TestFactor_atSignIn: with a second factor the password alone opens nothing; a code is good once, a recovery code too.
func TestFactor_atSignIn(t *testing.T) {
	r := newRig(t)
	ana := r.signIn("ana")
	app, recovery := r.enrolled(ana)
	confirmed := app.code()
	r.mustNotSignIn("ana", "", chat.CodeSecondFactor)
	r.mustNotSignIn("ana", "000000", chat.CodeSecondFactor)
	r.mustNotSignIn("ana", confirmed, chat.CodeSecondFactor) // it was used to confirm
	code := app.next()
	if in, err := r.signsIn("ana", code); err != nil || in.Token == "" || in.RecoveryCodes != nil {
		t.Fatalf("%+v, %v", in, err)
	}
	r.mustNotSignIn("ana", code, chat.CodeSecondFactor)
	if _, err := r.signsIn("ana", recovery[3]); err != nil {
		t.Fatal(err)
	}
	r.mustNotSignIn("ana", recovery[3], chat.CodeSecondFactor)
	var state chat.FactorState
	r.must(ana, chat.FactorShow, struct{}{}, &state)
	if !state.On || state.Recovery != 9 || state.Required || state.OnAt == 0 {
		t.Errorf("%+v", state)
	}
	if _, err := r.hub.SignIn(t.Context(), SignInArgs{Name: "ana", Password: "wrong", Code: app.next()}); chat.AsError(err).Text != errSignIn.Text {
		t.Errorf("a wrong password beside a right code: %v", err)
	}
	r.restart()
	r.mustNotSignIn("ana", code, chat.CodeSecondFactor)
	if _, err := r.signsIn("ana", app.code()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

// TestFactor_onceInParallel: of many who use the same code at the same moment one gets in.
func TestFactor_onceInParallel(t *testing.T) {
	r := newRig(t)
	app, recovery := r.enrolled(r.signIn("ana"))
	for what, code := range map[string]string{"the authenticator's": app.next(), "a recovery code": recovery[0]} {
		var in atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := r.hub.SignIn(t.Context(), SignInArgs{Name: "ana", Password: password, Code: code}); err == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%s: %d got in", what, in.Load())
		}
	}
}

// TestFactor_required: who has none sets it up on the way in; there is no session before, and no way to switch it off.
func TestFactor_required(t *testing.T) {
	r := newRig(t)
	ada, ana := r.signIn("ada"), r.signIn("ana")
	o := r.hub.facts.Load().organisation.Organisation
	o.SecondFactor = []chat.Role{chat.RoleSupervisor, chat.RoleAgent, chat.RoleAgent}
	r.must(ada, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil)
	sessions := r.hub.facts.Load().sessions.size
	first := r.mustNotSignIn("ana", "", chat.CodeEnrol)
	if first.Enrolment == nil || first.Enrolment.Secret == "" || first.Enrolment.Picture == "" {
		t.Fatalf("%+v", first.Enrolment)
	}
	second := r.mustNotSignIn("ana", "", chat.CodeEnrol)
	r.mustNotSignIn("ana", authenticator{r, first.Enrolment.Secret}.code(), chat.CodeEnrol) // another one was begun since
	app := authenticator{r, second.Enrolment.Secret}
	if again := r.mustNotSignIn("ana", "123", chat.CodeEnrol); again.Enrolment.Secret != app.secret {
		t.Error("a mistyped code made another secret")
	}
	if n := r.hub.facts.Load().sessions.size; n != sessions {
		t.Errorf("half a sign-in left a session: %d, %d", n, sessions)
	}
	in, err := r.signsIn("ana", app.code())
	if err != nil || len(in.RecoveryCodes) != 10 {
		t.Fatalf("%+v, %v", in, err)
	}
	if err := r.do(ana, chat.FactorDisable, chat.FactorCodeArgs{Code: app.next()}, nil); chat.AsError(err).Code != chat.CodeDenied {
		t.Errorf("a required one is switched off: %v", err)
	}
	if _, err := r.signsIn("ana", app.code()); err != nil {
		t.Errorf("the refusal used up the code: %v", err)
	}
	if _, err := r.signsIn("max", ""); err != nil {
		t.Errorf("an expert, of whom none is asked: %v", err)
	}
	if err := r.do(ada, chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: chat.Organisation{Name: "x", Mode: o.Mode, ReplyWindowMs: 1,
		SecondFactor: []chat.Role{"boss"}}}, nil); chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("a role that is none: %v", err)
	}
}

// TestFactor_inSession: setting up needs the password, switching off and new recovery codes a code; a secret that was begun is not in
// force before it is confirmed.
func TestFactor_inSession(t *testing.T) {
	r := newRig(t)
	ana := r.signIn("ana")
	refused := func(do chat.CommandName, args any, want chat.Code) {
		t.Helper()
		if err := r.do(ana, do, args, nil); chat.AsError(err).Code != want {
			t.Errorf("%s %+v: %v", do, args, err)
		}
	}
	refused(chat.FactorBegin, chat.FactorBeginArgs{Password: "wrong"}, chat.CodeDenied)
	refused(chat.FactorConfirm, chat.FactorCodeArgs{Code: "123456"}, chat.CodeConflict)
	refused(chat.FactorDisable, chat.FactorCodeArgs{Code: "123456"}, chat.CodeConflict)
	refused(chat.FactorRenew, chat.FactorCodeArgs{Code: "123456"}, chat.CodeConflict)
	app, old := r.enrolled(ana)
	refused(chat.FactorDisable, chat.FactorCodeArgs{Code: app.code()}, chat.CodeDenied) // it has confirmed it
	refused(chat.FactorRenew, chat.FactorCodeArgs{}, chat.CodeDenied)
	var fresh chat.RecoveryAnswer
	r.must(ana, chat.FactorRenew, chat.FactorCodeArgs{Code: app.next()}, &fresh)
	r.mustNotSignIn("ana", old[0], chat.CodeSecondFactor)

	var e chat.Enrolment
	r.must(ana, chat.FactorBegin, chat.FactorBeginArgs{Password: password}, &e)
	other := authenticator{r, e.Secret}
	r.mustNotSignIn("ana", other.next(), chat.CodeSecondFactor)
	if _, err := r.signsIn("ana", app.code()); err != nil {
		t.Errorf("the one in force is not good before the other is confirmed: %v", err)
	}
	refused(chat.FactorConfirm, chat.FactorCodeArgs{Code: app.next()}, chat.CodeDenied)
	r.must(ana, chat.FactorConfirm, chat.FactorCodeArgs{Code: other.code()}, nil)
	r.mustNotSignIn("ana", app.next(), chat.CodeSecondFactor)
	r.must(ana, chat.FactorDisable, chat.FactorCodeArgs{Code: other.code()}, nil)
	if _, err := r.signsIn("ana", ""); err != nil {
		t.Errorf("after switching off: %v", err)
	}
}

// TestFactor_reset: an administrator takes it away, and all sessions end; who may edit accounts reaches nobody mightier, and not themselves.
func TestFactor_reset(t *testing.T) {
	r := newRig(t)
	ada, ana := r.signIn("ada"), r.signIn("ana")
	r.enrolled(ana)
	r.enrolled(ada)
	if !r.record("ana").SecondFactor || r.record("max").SecondFactor {
		t.Error("the list does not say who has a second factor")
	}
	r.grant([]string{"sue"}, chat.PermissionManageInternalUsers)
	sue := r.signIn("sue")
	if err := r.do(sue, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users["ada"]}, nil); chat.AsError(err).Code != chat.CodeDenied {
		t.Errorf("an administrator's, by a supervisor: %v", err)
	}
	r.must(sue, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users["ana"]}, nil)
	if err := r.do(ana, chat.FactorShow, struct{}{}, nil); chat.AsError(err).Code != chat.CodeSignedOut {
		t.Errorf("her session goes on: %v", err)
	}
	if _, err := r.signsIn("ana", ""); err != nil {
		t.Error(err)
	}
	if err := r.do(ada, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users["ada"]}, nil); chat.AsError(err).Code != chat.CodeInvalid || !r.record("ada").SecondFactor {
		t.Errorf("one's own, without a code of it: %v", err)
	}
	r.must(Console, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users["ada"]}, nil)
	if _, err := r.signsIn("ada", ""); err != nil {
		t.Error(err)
	}
	if err := r.do(Console, chat.UserResetFactor, chat.UserResetFactorArgs{UserID: "nobody"}, nil); chat.AsError(err).Code != chat.CodeUnknown {
		t.Errorf("nobody's: %v", err)
	}
}
