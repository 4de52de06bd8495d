package hub

import (
	"context"
	"slices"

	"parley/backend/auth"
	"parley/backend/chat"
	"parley/backend/policy"
	"parley/backend/store"
)

// The second factor. A code is decided by the writer, on facts that contain every code used before: so none is good twice, not even
// at the same moment.

// Refusals of codes in a session.
var (
	errCode = &chat.Error{Code: chat.CodeDenied,
		Text: "The code is wrong, or it was used already. Nothing was changed; wait for the next code of your authenticator and try again."}
	errOwnPassword = &chat.Error{Code: chat.CodeDenied, Text: "The password is wrong. Nothing was changed; try again."}
	errFactorOff   = &chat.Error{Code: chat.CodeConflict, Text: "There is no second factor to do this with. Nothing was changed; set one up first."}
	errFactorKept  = &chat.Error{Code: chat.CodeDenied,
		Text: "Your organisation asks for a second factor, so it stays on. Nothing was changed; to use another authenticator, set it up in place of this one."}
)

// Answers to a sign-in whose password was right.
var (
	errCodeNeeded = &chat.Error{Code: chat.CodeSecondFactor, Text: "Your password is right. Now type the code that your authenticator app shows, or a recovery code."}
	errCodeWrong  = &chat.Error{Code: chat.CodeSecondFactor,
		Text: "This code is wrong, or it was used already. You are not signed in; wait for the next code and try again."}
)

// factorSetUp is a second factor about to be set up.
type factorSetUp struct {
	secret []byte
	setup  auth.FactorSetup
}

// recovery are fresh recovery codes: as they are shown, and what is kept of them.
type recovery struct {
	shown []string
	kept  [][]byte
}

// confirmation is a code, and the recovery codes that are told if it is right.
type confirmation struct {
	code  string
	codes recovery
}

// random reads the hub's random bytes.
type random struct{ h *Hub }

// Read implements io.Reader.
func (r random) Read(p []byte) (int, error) {
	b, err := r.h.secret(len(p))
	return copy(p, b), err
}

// newRecovery makes recovery codes.
func (h *Hub) newRecovery() (recovery, error) {
	shown, kept, err := auth.NewRecoveryCodes(random{h})
	return recovery{shown, kept}, err
}

// newFactor makes a secret for a user's authenticator.
func (h *Hub) newFactor(u *user) (factorSetUp, error) {
	secret, err := auth.NewFactorSecret(random{h})
	if err != nil {
		return factorSetUp{}, err
	}
	return h.factorOf(u, secret)
}

// factorOf says how the user takes the secret into an authenticator.
func (h *Hub) factorOf(u *user, secret []byte) (factorSetUp, error) {
	setup, err := auth.SetUpFactor(h.facts.Load().organisation.Name, u.row.Name, secret)
	return factorSetUp{secret, setup}, err
}

// enrolment returns what the user is told to set the factor up.
func (f *factorSetUp) enrolment() *chat.Enrolment {
	return &chat.Enrolment{Secret: f.setup.Secret, Address: f.setup.Address, Picture: f.setup.Picture}
}

// needsFactor tells whether the organisation asks a second factor of the user.
func (f *facts) needsFactor(u *user) bool {
	return slices.Contains(f.organisation.SecondFactor, u.row.User.Role)
}

func showFactor(_ context.Context, c *call, _ none) (any, error) {
	factor := &c.me.row.Factor
	return chat.FactorState{On: factor.On(), OnAt: factor.OnAt, Recovery: len(factor.Recovery), Required: c.facts.needsFactor(c.me)}, nil
}

func prepareFactor(ctx context.Context, c *call, args chat.FactorBeginArgs) (factorSetUp, error) {
	if c.me == nil {
		return factorSetUp{}, chat.ErrUnknown
	}
	if len(args.Password) > chat.MaxPasswordBytes {
		return factorSetUp{}, errOwnPassword
	}
	right, err := c.h.o.Passwords.Verify(ctx, c.me.row.Password, args.Password)
	if err != nil {
		return factorSetUp{}, err
	}
	if !right {
		return factorSetUp{}, errOwnPassword
	}
	return c.h.newFactor(c.me)
}

// beginFactor keeps a secret until a code confirms it. Whoever asked again before has the older one for nothing.
func beginFactor(b *batch, me *user, _ Actor, f factorSetUp) (any, error) {
	b.setFactor(me, func(factor *store.Factor) { factor.Next = f.secret })
	return f.enrolment(), nil
}

// setFactor changes a user's second factor.
func (b *batch) setFactor(u *user, change func(*store.Factor)) {
	next := *u
	change(&next.row.Factor)
	b.setUser(&next)
}

func prepareConfirm(_ context.Context, c *call, args chat.FactorCodeArgs) (confirmation, error) {
	codes, err := c.h.newRecovery()
	return confirmation{args.Code, codes}, err
}

// confirmFactor switches the second factor on, or another one in its place, by a code of the authenticator that was set up.
func confirmFactor(b *batch, me *user, by Actor, c confirmation) (any, error) {
	if len(me.row.Factor.Next) == 0 {
		return nil, errFactorOff
	}
	if !b.confirm(me, c, by, chat.FactorConfirm) {
		return nil, errCode
	}
	return chat.RecoveryAnswer{RecoveryCodes: c.codes.shown}, nil
}

// confirm puts the factor that was begun in force if the code is one of it.
func (b *batch) confirm(u *user, c confirmation, by Actor, command chat.CommandName) bool {
	step, ok := auth.MatchCode(u.row.Factor.Next, c.code, b.at.Time(), 0)
	if !ok {
		return false
	}
	was := u.row.Factor.On()
	b.setFactor(u, func(f *store.Factor) {
		*f = store.Factor{Secret: f.Next, OnAt: b.at, Step: step, Recovery: c.codes.kept}
	})
	b.audit(by, command, aboutUser(u), []chat.AuditChange{{Field: "secondFactor", From: mustEncode(was), To: mustEncode(true)}})
	return true
}

// useCode uses up a code of the user's authenticator, or a recovery code, and tells whether it was one. Both are looked at in any case.
func (b *batch) useCode(u *user, code string) bool {
	factor := &u.row.Factor
	step, shown := auth.MatchCode(factor.Secret, code, b.at.Time(), factor.Step)
	i := auth.MatchRecovery(factor.Recovery, code)
	switch {
	case shown:
		b.setFactor(u, func(f *store.Factor) { f.Step = step })
	case i >= 0:
		b.setFactor(u, func(f *store.Factor) { f.Recovery = slices.Delete(slices.Clone(f.Recovery), i, i+1) })
	default:
		return false
	}
	return true
}

// renewRecovery replaces the recovery codes.
func renewRecovery(b *batch, me *user, _ Actor, c confirmation) (any, error) {
	if !me.row.Factor.On() {
		return nil, errFactorOff
	}
	if !b.useCode(me, c.code) {
		return nil, errCode
	}
	b.setFactor(b.facts.user(me.id()), func(f *store.Factor) { f.Recovery = c.codes.kept })
	return chat.RecoveryAnswer{RecoveryCodes: c.codes.shown}, nil
}

// disableFactor switches the asker's second factor off.
func disableFactor(b *batch, me *user, by Actor, args chat.FactorCodeArgs) (any, error) {
	switch {
	case !me.row.Factor.On():
		return nil, errFactorOff
	case b.facts.needsFactor(me):
		return nil, errFactorKept
	case !b.useCode(me, args.Code):
		return nil, errCode
	}
	b.dropFactor(b.facts.user(me.id()), by, chat.FactorDisable)
	return none{}, nil
}

// dropFactor takes a user's second factor away, and notes it.
func (b *batch) dropFactor(u *user, by Actor, command chat.CommandName) {
	b.setFactor(u, func(f *store.Factor) { *f = store.Factor{} })
	b.audit(by, command, aboutUser(u), []chat.AuditChange{{Field: "secondFactor", From: mustEncode(true), To: mustEncode(false)}})
}

// errResetOwnFactor refuses to take away one's own second factor without a code of it; see errSetOwnPassword.
var errResetOwnFactor = &chat.Error{Code: chat.CodeInvalid,
	Text: "Your own second factor is switched off with a code of it, where you change your own settings. Nothing was changed."}

// resetFactor takes a user's second factor away, who has lost it. All their sessions end: one may be in the hands of whoever has it now.
func resetFactor(b *batch, me *user, by Actor, args chat.UserResetFactorArgs) (any, error) {
	u := b.facts.user(args.UserID)
	if u == nil {
		return nil, chat.ErrUnknown
	}
	if err := b.facts.administer(chat.ActEditUsers, me, u, policy.Gift{}); err != nil {
		return nil, err
	}
	if u == me {
		return nil, errResetOwnFactor
	}
	if !u.row.Factor.On() {
		b.setFactor(u, func(f *store.Factor) { *f = store.Factor{} })
		return none{}, nil
	}
	b.dropFactor(u, by, chat.UserResetFactor)
	b.endSessions(u, "")
	return none{}, nil
}

// proof is what a sign-in shows beside the right password.
type proof struct {
	code string
	// fresh and codes set up a second factor, should the user need one and have none.
	fresh []byte
	codes recovery
}

// proven says what came of it.
type proven struct {
	// enrol is the secret of a second factor that must be set up first; nil: the user is in.
	enrol []byte
	// wrong is true if a code was tried on it.
	wrong bool
	// recovery are the codes of a factor that the sign-in has set up.
	recovery []string
}

// prove asks for the second factor of a user whose password was right.
func (b *batch) prove(u *user, p proof) (proven, error) {
	factor := &u.row.Factor
	switch {
	case factor.On() && p.code == "":
		return proven{}, errCodeNeeded
	case factor.On():
		if !b.useCode(u, p.code) {
			return proven{}, errCodeWrong
		}
		return proven{}, nil
	case !b.facts.needsFactor(u):
		return proven{}, nil
	case p.fresh == nil:
		return proven{}, errBusy // it was required, or reset, at this very moment
	case p.code == "" || len(factor.Next) == 0:
		b.setFactor(u, func(f *store.Factor) { f.Next = p.fresh })
		return proven{enrol: p.fresh}, nil
	case !b.confirm(u, confirmation{p.code, p.codes}, Actor{UserID: u.id()}, chat.FactorConfirm):
		return proven{enrol: factor.Next, wrong: true}, nil
	}
	return proven{recovery: p.codes.shown}, nil
}

// enrol answers a sign-in that needs a second factor which is not there yet.
func (h *Hub) enrol(u *user, p proven) error {
	f, err := h.factorOf(u, p.enrol)
	if err != nil {
		return h.errOf("sign-in", err)
	}
	text := "Your password is right, and your organisation asks for a second factor. Set one up in an authenticator app and type the code that it shows."
	if p.wrong {
		text = "This code is not one of the authenticator that is being set up. You are not signed in; wait for the next code and try again."
	}
	return &chat.Error{Code: chat.CodeEnrol, Text: text, Enrolment: f.enrolment()}
}
