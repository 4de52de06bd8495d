package rig_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// shownBy is the code that an authenticator with the secret shows, some steps of time from the server's now.
func shownBy(t *testing.T, s *rig.Server, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.Clock().Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// signInWith tries to sign somebody in over HTTP.
func signInWith(t *testing.T, s *rig.Server, name, password, code string) (wire.SignInAnswer, *wire.RefusedError) {
	t.Helper()
	in, err := wire.SignIn(t.Context(), nil, s.URL, wire.SignInArgs{Name: name, Password: password, Code: code})
	var refused *wire.RefusedError
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	return in, refused
}

// TestFactor_overTheWire (B1, B2, B9): with a second factor neither the password alone nor what it answers opens anything; wrong codes
// are slowed as wrong passwords are, and the body for a wrong password stays that for nobody.
func TestFactor_overTheWire(t *testing.T) {
	s := rig.Start(t, rig.HandClock())
	mira := s.As("mira")
	var e chat.Enrolment
	mira.Do(chat.FactorBegin, chat.FactorBeginArgs{Password: rig.PasswordOf("mira")}, &e)
	var codes chat.RecoveryAnswer
	mira.Do(chat.FactorConfirm, chat.FactorCodeArgs{Code: shownBy(t, s, e.Secret, -1)}, &codes)

	_, half := signInWith(t, s, "mira", rig.PasswordOf("mira"), "")
	if half == nil || half.Status != http.StatusUnauthorized || half.Answer.Code != chat.CodeSecondFactor {
		t.Fatalf("the password alone: %+v", half)
	}
	code := shownBy(t, s, e.Secret, 0)
	_, wrong := signInWith(t, s, "mira", "not hers", code)
	_, nobody := signInWith(t, s, "nobody", "not hers", code)
	if wrong == nil || nobody == nil || wrong.Status != nobody.Status || *wrong.Answer != *nobody.Answer || wrong.Answer.Code != chat.CodeDenied {
		t.Errorf("a wrong password with a right code: %+v, nobody's: %+v", wrong, nobody)
	}
	in, refused := signInWith(t, s, "mira", rig.PasswordOf("mira"), code)
	if refused != nil || in.Token == "" {
		t.Fatalf("with the code: %v", refused)
	}
	if _, again := signInWith(t, s, "mira", rig.PasswordOf("mira"), code); again == nil || again.Answer.Code != chat.CodeSecondFactor {
		t.Errorf("the same code again: %v", again)
	}
	var last *wire.RefusedError
	for i := range 30 {
		_, last = signInWith(t, s, "mira", rig.PasswordOf("mira"), fmt.Sprintf("%06d", i))
		if last != nil && last.Status == http.StatusTooManyRequests {
			break
		}
	}
	if last == nil || last.Status != http.StatusTooManyRequests {
		t.Errorf("guessing at codes is not slowed: %+v", last)
	}
	s.Clock().Turn(time.Hour)
	if in, refused := signInWith(t, s, "mira", rig.PasswordOf("mira"), codes.RecoveryCodes[0]); refused != nil || in.Token == "" {
		t.Errorf("a recovery code, later: %v", refused)
	}
}

// TestFactor_guessedInASession: a session that somebody left open is no place to guess at codes either.
func TestFactor_guessedInASession(t *testing.T) {
	s := rig.Start(t)
	mira := s.As("mira")
	var refused chat.Error
	for range 30 {
		if refused = mira.Refused(chat.FactorBegin, chat.FactorBeginArgs{Password: "a guess"}); refused.Code == chat.CodeBusy {
			break
		}
	}
	if refused.Code != chat.CodeBusy || refused.RetryAfterMs == 0 {
		t.Errorf("guessing is not slowed: %+v", refused)
	}
}
