package proof

import (
	"time"

	"github.com/pquerna/otp/totp"

	"parley/backend/chat"
)

// beginsFactor begins to set up a second factor.
func beginsFactor(*equality) any { return chat.FactorBeginArgs{Password: simPassword} }

// factorCode is a code that is nobody's.
func factorCode(*equality) any { return chat.FactorCodeArgs{Code: "000000"} }

// shows returns the code of somebody's authenticator, some steps of time from now.
func (e *equality) shows(who string, steps int) string {
	e.t.Helper()
	code, err := totp.GenerateCode(e.factors[who], e.clock.Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		e.t.Fatal(err)
	}
	return code
}

// confirmsFactor has somebody set up a second factor.
func confirmsFactor(who string) equalityStep {
	return equalityStep{by: who, do: chat.FactorConfirm, args: func(e *equality) any {
		var enrolment chat.Enrolment
		e.asks(who, chat.FactorBegin, chat.FactorBeginArgs{Password: simPassword}, &enrolment)
		e.factors[who] = enrolment.Secret
		return chat.FactorCodeArgs{Code: e.shows(who, -1)}
	}}
}

// renewsRecovery and disablesFactor take a code each, of a later step than the one before.
func renewsRecovery(who string) equalityStep {
	return equalityStep{by: who, do: chat.FactorRenew, args: func(e *equality) any { return chat.FactorCodeArgs{Code: e.shows(who, 0)} }}
}

func disablesFactor(who string) equalityStep {
	return equalityStep{by: who, do: chat.FactorDisable, args: func(e *equality) any { return chat.FactorCodeArgs{Code: e.shows(who, 1)} }}
}

// resetsFactor has ada take somebody's second factor away.
func resetsFactor(who string) equalityStep {
	return equalityStep{by: "ada", do: chat.UserResetFactor, what: "of " + who, args: func(*equality) any {
		return chat.UserResetFactorArgs{UserID: simUser(who)}
	}}
}
