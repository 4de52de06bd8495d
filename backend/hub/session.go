package hub

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"parley/backend/auth"
	"parley/backend/chat"
	"parley/backend/store"
)

// SignInArgs are what somebody signs in with.
type SignInArgs struct {
	Name, Password string
	// Code is of the second factor; empty in the first try.
	Code   string
	Device chat.Device
	// Address is where the request came from, kept beside the session; it decides nothing.
	Address string
}

// SignedIn is a new session. The token is told once and kept only as a hash.
type SignedIn struct {
	Token     string
	UserID    chat.UserID
	SessionID chat.SessionID
	ExpiresAt time.Time
	// RecoveryCodes are told if the sign-in has set up a second factor.
	RecoveryCodes []string
}

// errSignIn is the one answer to every sign-in that fails: it does not say whether there is such an account.
var errSignIn = &chat.Error{Code: chat.CodeDenied, Text: "The name or the password is wrong, or the account is not active. Nothing was changed; try again, or ask an administrator."}

// maxSessions bounds the sessions of one user; a further sign-in ends the one that was seen longest ago.
const maxSessions = 50

// SignIn opens a session: a new authentication, which applies settings that are pending (IM-19). Unknown names, wrong
// passwords and deactivated accounts get one and the same *chat.Error, after the same work. Whoever needs a second factor gets
// chat.CodeSecondFactor or chat.CodeEnrol after the right password, and nothing that could be used in place of a session: the next try
// names password and code. Throttling is the server's.
func (h *Hub) SignIn(ctx context.Context, args SignInArgs) (SignedIn, error) {
	device, err := cleanDevice(args.Device)
	if err != nil {
		return SignedIn{}, err
	}
	f := h.facts.Load()
	encoded := h.dummy
	id, known := f.names.get(foldName(args.Name))
	if known {
		encoded = f.user(id).row.Password
	}
	password := args.Password
	if len(password) > chat.MaxPasswordBytes {
		password, known = "", false // too long for anybody's, and not worth hashing
	}
	right, err := h.o.Passwords.Verify(ctx, encoded, password)
	if err != nil {
		return SignedIn{}, h.errOf("sign-in", err)
	}
	if !right || !known || !f.user(id).row.User.Active {
		return SignedIn{}, errSignIn
	}
	if len(args.Code) > chat.MaxCodeLength {
		return SignedIn{}, errCodeWrong
	}
	try := proof{code: args.Code}
	if u := f.user(id); f.needsFactor(u) && !u.row.Factor.On() {
		if try.fresh, err = auth.NewFactorSecret(random{h}); err == nil {
			try.codes, err = h.newRecovery()
		}
		if err != nil {
			return SignedIn{}, h.errOf("sign-in", err)
		}
	}
	return h.openSession(ctx, id, device, args.Address, func(b *batch, u *user) (proven, error) {
		if u.row.Password != encoded {
			return proven{}, errSignIn // it was changed meanwhile
		}
		return b.prove(u, try)
	})
}

// SignInAsArgs say who comes by single sign-on.
type SignInAsArgs struct {
	// Name is the sign-in name that the provider vouches for, DisplayName how it calls them; may be empty.
	Name, DisplayName string
	// Create is the role that somebody unknown gets an account with; empty refuses them.
	Create  chat.Role
	Device  chat.Device
	Address string
}

// SignInAs opens a session of somebody whom an OpenID provider vouches for: the provider's are password and second factor. Unknown names
// and deactivated accounts get one and the same *chat.Error.
func (h *Hub) SignInAs(ctx context.Context, args SignInAsArgs) (SignedIn, error) {
	device, err := cleanDevice(args.Device)
	if err != nil {
		return SignedIn{}, err
	}
	id, known := h.facts.Load().names.get(foldName(args.Name))
	if !known && args.Create != "" {
		if id, err = h.createFor(ctx, args); err != nil {
			return SignedIn{}, err
		}
	} else if !known {
		return SignedIn{}, errSignIn
	}
	return h.openSession(ctx, id, device, args.Address, func(*batch, *user) (proven, error) { return proven{}, nil })
}

// createFor makes an account, with a password that nobody knows, for somebody whom the provider vouches for.
func (h *Hub) createFor(ctx context.Context, args SignInAsArgs) (chat.UserID, error) {
	secret, err := h.secret(32)
	if err != nil {
		return "", h.errOf("sign-in", err)
	}
	add := chat.UserAddArgs{Name: args.Name, DisplayName: args.DisplayName, Role: args.Create, Password: base64.RawURLEncoding.EncodeToString(secret)}
	if _, err := chat.CleanName("the display name", add.DisplayName); err != nil {
		add.DisplayName = args.Name
	}
	if _, err := h.Do(ctx, Console, chat.UserAdd, add); err != nil && chat.AsError(err).Code != chat.CodeConflict { // then they came twice at once
		return "", err
	}
	id, known := h.facts.Load().names.get(foldName(args.Name))
	if !known {
		return "", errSignIn
	}
	return id, nil
}

// openSession opens a session of a user of whom check, which the writer calls, finds that it is them.
func (h *Hub) openSession(ctx context.Context, id chat.UserID, device chat.Device, address string, check func(*batch, *user) (proven, error)) (SignedIn, error) {
	token, err := h.secret(32)
	if err != nil {
		return SignedIn{}, h.errOf("sign-in", err)
	}
	in := SignedIn{Token: base64.RawURLEncoding.EncodeToString(token), UserID: id, SessionID: chat.SessionID(chat.NewUUID())}
	sum := sha256.Sum256([]byte(in.Token))
	session := &store.Session{ID: in.SessionID, TokenHash: sum[:], Device: device, Address: truncate(address, 64)}
	life := chat.Millis(h.o.SessionLife / time.Millisecond)
	done, err := h.perform(ctx, Console, chat.ActConnect, task{write: func(b *batch, _ *user) (any, error) {
		if !b.facts.user(id).row.User.Active {
			return nil, errSignIn
		}
		found, err := check(b, b.facts.user(id))
		if err == nil && found.enrol == nil {
			b.signIn(session, id, life)
		}
		return found, err
	}})
	if err != nil {
		return SignedIn{}, h.errOf("sign-in", err)
	}
	found := done.(proven)
	if found.enrol != nil {
		return SignedIn{}, h.enrol(h.facts.Load().user(id), found)
	}
	in.ExpiresAt, in.RecoveryCodes = session.ExpiresAt.Time(), found.recovery
	return in, nil
}

// signIn adds the session of a user.
func (b *batch) signIn(s *store.Session, id chat.UserID, life chat.Millis) {
	u := b.facts.user(id)
	s.UserKey, s.CreatedAt, s.SeenAt, s.ExpiresAt = u.row.Key, b.at, b.at, b.at+life
	if mine := b.facts.sessionsOf(u); len(mine) >= maxSessions {
		b.endSession(mine[len(mine)-1].ID)
	}
	b.facts.sessions = b.facts.sessions.with(s.ID, s)
	b.facts.tokens = b.facts.tokens.with(tokenHash(s.TokenHash), s.ID)
	b.sessions[s.ID] = struct{}{}
	if u.row.Pending != nil {
		b.applySettings(u, *u.row.Pending, Actor{UserID: id, SessionID: s.ID})
		b.auditBy(Actor{UserID: chat.UserID(u.row.SettingsBy)}, "", chat.SettingsUpdate, aboutUser(u), b.facts.userChanges(u, b.facts.user(id)))
	}
}

// Authenticate returns who the token stands for, from memory; a *chat.Error of CodeSignedOut if nobody.
func (h *Hub) Authenticate(token string) (Actor, error) {
	f := h.facts.Load()
	sum := tokenHash(sha256.Sum256([]byte(token)))
	id, ok := f.tokens.get(sum)
	if !ok {
		return Actor{}, errSignedOut
	}
	s := f.session(id, h.now())
	if s == nil || subtle.ConstantTimeCompare(s.TokenHash, sum[:]) != 1 {
		return Actor{}, errSignedOut
	}
	a := Actor{UserID: f.ids[s.UserKey], SessionID: id}
	if _, err := f.authorise(chat.ActConnect, a, h.now()); err != nil {
		return Actor{}, errSignedOut
	}
	return a, nil
}

// SignOut ends the actor's session and cuts its feeds.
func (h *Hub) SignOut(ctx context.Context, a Actor) error {
	_, err := h.perform(ctx, a, chat.ActConnect, task{write: func(b *batch, _ *user) (any, error) {
		b.endSession(a.SessionID)
		return none{}, nil
	}})
	if told := h.errOf("sign-out", err); told != nil {
		return told
	}
	return nil
}

// sweepOften ends sessions whose time is over.
func (h *Hub) sweepOften(ctx context.Context) {
	ticker := time.NewTicker(h.o.SweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			h.noteRested(ctx)
			if err := h.Sweep(ctx); err != nil && ctx.Err() == nil {
				h.o.Log.Warn("sessions whose time is over were not ended", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Sweep ends the sessions whose time is over and cuts their feeds. The hub does it by itself every Options.SweepEvery.
func (h *Hub) Sweep(ctx context.Context) error {
	now, over := h.now(), false
	for _, s := range h.facts.Load().sessions.all() {
		over = over || s.ExpiresAt <= now
	}
	if !over {
		return nil
	}
	_, err := h.perform(ctx, Console, chat.ActConnect, task{write: func(b *batch, _ *user) (any, error) {
		for id, s := range b.facts.sessions.all() {
			if s.ExpiresAt <= b.at {
				b.endSession(id)
			}
		}
		return none{}, nil
	}})
	return err
}

// sessionsOf returns the sessions of a user, newest first.
func (f *facts) sessionsOf(u *user) []*store.Session {
	var mine []*store.Session
	for _, s := range f.sessions.all() {
		if s.UserKey == u.row.Key {
			mine = append(mine, s)
		}
	}
	slices.SortFunc(mine, func(a, b *store.Session) int {
		if a.CreatedAt != b.CreatedAt {
			return int(b.CreatedAt - a.CreatedAt)
		}
		return compare(a.ID, b.ID)
	})
	return mine
}

func listSessions(_ context.Context, c *call, _ none) (any, error) {
	answer := chat.SessionListAnswer{Sessions: []chat.SessionInfo{}}
	for _, s := range c.facts.sessionsOf(c.me) {
		if s.ExpiresAt <= c.now {
			continue
		}
		info := chat.SessionInfo{ID: s.ID, DeviceKind: s.Device.Kind, DeviceName: s.Device.Name, CreatedAt: s.CreatedAt, LastSeenAt: s.SeenAt,
			Live: c.h.feeds.live(Actor{c.me.id(), s.ID}), Current: s.ID == c.actor.SessionID}
		if info.Live {
			info.LastSeenAt, info.IdleSinceAt = c.now, c.h.feeds.idleSince(Actor{c.me.id(), s.ID})
		}
		answer.Sessions = append(answer.Sessions, info)
	}
	return answer, nil
}

// endSession ends one of the asker's own sessions. Others' are unknown.
func endSession(b *batch, me *user, _ Actor, args chat.SessionEndArgs) (any, error) {
	s, ok := b.facts.sessions.get(args.SessionID)
	if !ok || s.UserKey != me.row.Key {
		return nil, chat.ErrUnknown
	}
	b.endSession(s.ID)
	return none{}, nil
}

// newPassword is a password that was checked and hashed before the writer meets it.
type newPassword struct {
	userID  chat.UserID
	encoded string
	// was is the hash that the old password was found to match.
	was string
}

// errOldPassword refuses a change of password.
var errOldPassword = &chat.Error{Code: chat.CodeDenied, Text: "The old password is wrong. Nothing was changed."}

func preparePasswordChange(ctx context.Context, c *call, args chat.PasswordChangeArgs) (newPassword, error) {
	if c.me == nil {
		return newPassword{}, chat.ErrUnknown
	}
	p := newPassword{userID: c.me.id(), was: c.me.row.Password}
	if err := checkPassword(args.New); err != nil {
		return p, err
	}
	if len(args.Old) > chat.MaxPasswordBytes {
		return p, errOldPassword
	}
	right, err := c.h.o.Passwords.Verify(ctx, p.was, args.Old)
	if err != nil {
		return p, err
	}
	if !right {
		return p, errOldPassword
	}
	p.encoded, err = c.h.o.Passwords.Hash(ctx, args.New)
	return p, err
}

// changePassword replaces the asker's own password and ends all their other sessions.
func changePassword(b *batch, me *user, by Actor, p newPassword) (any, error) {
	if me.row.Password != p.was {
		return nil, errOldPassword
	}
	b.replacePassword(me, p.encoded, by)
	b.endSessions(me, by.SessionID)
	return none{}, nil
}

func (b *batch) replacePassword(u *user, encoded string, by Actor) {
	next := *u
	next.row.Password = encoded
	next.row.ChangedBy, next.row.ChangedAt = string(by.UserID), b.at
	b.setUser(&next)
}

// checkPassword checks the form of a new password.
func checkPassword(password string) error {
	if n := len([]rune(password)); n < chat.MinPasswordLength {
		return chat.Invalid("the password has %d characters; at least %d are needed", n, chat.MinPasswordLength)
	}
	if len(password) > chat.MaxPasswordBytes {
		return chat.Invalid("the password is longer than %d bytes", chat.MaxPasswordBytes)
	}
	return nil
}

// cleanDevice checks what a client says of its device; what is absent is a nameless browser.
func cleanDevice(d chat.Device) (chat.Device, error) {
	if d.Kind == "" {
		d.Kind = chat.DeviceBrowser
	}
	if !d.Kind.Valid() {
		return d, chat.Invalid("%.40q is not a kind of device", string(d.Kind))
	}
	if len(d.ID) > 64 {
		return d, chat.Invalid("the device's id is longer than 64 bytes")
	}
	if d.Name = strings.TrimSpace(d.Name); d.Name == "" {
		return d, nil
	}
	var err error
	d.Name, err = chat.CleanText("the device's name", d.Name, chat.MaxNameLength)
	return d, err
}

// foldName returns a sign-in name as it is compared: names differ in more than case.
func foldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func truncate(s string, bytes int) string {
	if len(s) > bytes {
		return strings.ToValidUTF8(s[:bytes], "")
	}
	return s
}
