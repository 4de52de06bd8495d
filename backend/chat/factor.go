package chat

// Enrolment is what an authenticator app is set up with. It is a secret of the user whose second factor it becomes.
type Enrolment struct {
	// Secret is for typing into the app, in base32.
	Secret string `json:"secret"`
	// Address holds it with all else an app needs: otpauth://...
	Address string `json:"address"`
	// Picture shows the address as a QR code: a PNG in a data: URL.
	Picture string `json:"picture"`
}

// MaxCodeLength bounds what is typed as a code, in bytes: authenticators show six digits, recovery codes are longer.
const MaxCodeLength = 64

// FactorState says how it stands with the asker's second factor.
type FactorState struct {
	On bool `json:"on"`
	// OnAt is since when; zero while it is off.
	OnAt Millis `json:"onAt,omitempty"`
	// Recovery is how many recovery codes are left.
	Recovery int `json:"recovery"`
	// Required is true if the organisation asks a second factor of the user's role: then it is not switched off.
	Required bool `json:"required"`
}

// FactorBeginArgs begin to set up a second factor, in place of what was begun before. What is in force stays until factor.confirm.
type FactorBeginArgs struct {
	// Password is one's own, so that a session left open is not enough.
	Password string `json:"password"`
}

// FactorCodeArgs show that one has the second factor: by the code that the authenticator shows now, good once, or where the command
// allows it by a recovery code.
type FactorCodeArgs struct {
	Code string `json:"code"`
}

// RecoveryAnswer holds the recovery codes, each of which stands for the authenticator once. They are told now and never again; older
// ones are worth nothing any more.
type RecoveryAnswer struct {
	RecoveryCodes []string `json:"recoveryCodes"`
}

// UserResetFactorArgs take a user's second factor away, who has lost it; all their sessions end.
type UserResetFactorArgs struct {
	UserID UserID `json:"userId"`
}

// ReplicaServerArgs name a server as people type it.
type ReplicaServerArgs struct {
	Server string `json:"server"`
}

// ReplicaSSONameAnswer says what single sign-on is called there; empty if there is none.
type ReplicaSSONameAnswer struct {
	Name string `json:"name"`
}

// ReplicaSSOBeginAnswer holds the address to be opened in the system's browser, where people see whom they give their password to.
type ReplicaSSOBeginAnswer struct {
	Address string `json:"address"`
}

// ReplicaSignInAnswer holds the recovery codes, if the sign-in has set up a second factor.
type ReplicaSignInAnswer struct {
	RecoveryCodes []string `json:"recoveryCodes,omitempty"`
}
