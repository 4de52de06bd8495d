package server

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/backend/auth"
	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/oidc"
	"parley/backend/wire"
)

// SSO is single sign-on: people sign in at an OpenID provider.
type SSO struct {
	Provider *oidc.Provider
	// Name is what people read on the button, for example "Larchfield".
	Name string
	// Create is the role with which somebody gets an account whom the provider knows and we do not; empty refuses them.
	Create chat.Role
}

// What a browser is sent back to the page with, as ?sso=WORD, when single sign-on did not succeed. The page has the words.
const (
	ssoRefused     = "refused"     // nobody here is so called, or their account is not active
	ssoFailed      = "failed"      // it took too long, or did not begin here
	ssoUnreachable = "unreachable" // the provider does not answer
	ssoBusy        = "busy"        // ours does not get to it
)

const (
	// tripCookie keeps a trip with the browser that began it. It is sent with the provider's redirect, so it is not a strict one.
	tripCookie = "parley-sso"
	tripLife   = 10 * time.Minute
	// codeLife is how long a desktop may take to fetch its session.
	codeLife = time.Minute
	// maxCodes bounds the codes that wait. Each was made for a user of ours, so a flood needs real accounts.
	maxCodes = 10_000
)

// trip is what a browser keeps between the two ends of a sign-in, sealed.
type trip struct {
	oidc.Trip
	ExpiresAt int64 `json:"e"`
	// Desktop is where a desktop waits for its code; nil if a browser signs itself in.
	Desktop *desktop `json:"d,omitempty"`
}

// desktop is a desktop that waits at its loopback address for a code.
type desktop struct {
	Port int `json:"p"`
	// Challenge is the SHA-256, in base64url, of what only the desktop knows.
	Challenge string `json:"c"`
	// State is the desktop's own, by which it knows its code.
	State string `json:"s"`
}

// ticket is a code that a desktop may exchange for a session, once.
type ticket struct {
	person    oidc.Person
	challenge string
	expiresAt time.Time
}

// ssoState is what the server keeps for single sign-on. It lasts as long as the process: whoever was on the way begins again.
type ssoState struct {
	seal cipher.AEAD

	mu    sync.Mutex
	codes map[auth.TokenHash]ticket
}

func newSSOState() (*ssoState, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make a key for single sign-on: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a key for single sign-on: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a key for single sign-on: %w", err)
	}
	return &ssoState{seal: seal, codes: map[auth.TokenHash]ticket{}}, nil
}

// ssoRoutes are the routes of single sign-on. They are there without a provider too, and say that there is none.
func (s *Server) ssoRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: wire.PathSSO, Act: Open, open: s.ssoName},
		{Method: http.MethodGet, Path: wire.PathSSOStart, Act: Open, open: s.ssoStart},
		{Method: http.MethodGet, Path: wire.PathSSOCallback, Act: Open, open: s.ssoCallback},
		{Method: http.MethodPost, Path: wire.PathSSORedeem, Act: Open, open: s.ssoRedeem},
	}
}

// ssoName answers GET /v1/sso.
func (s *Server) ssoName(w http.ResponseWriter, _ *http.Request) {
	var name string
	if s.o.SSO != nil {
		name = cmp.Or(s.o.SSO.Name, "OpenID")
	}
	answer(w, http.StatusOK, wire.SSOAnswer{Name: name})
}

// ssoStart answers GET /v1/sso/start: it sends the browser to the provider.
func (s *Server) ssoStart(w http.ResponseWriter, r *http.Request) {
	if s.o.SSO == nil {
		refuse(w, http.StatusNotFound, chat.ErrUnknown)
		return
	}
	waiting, err := parseDesktop(r.URL.Query().Get("desktop"))
	if err != nil {
		refuse(w, http.StatusBadRequest, chat.AsError(err))
		return
	}
	t := trip{Trip: oidc.NewTrip(s.origin(r).String() + wire.PathSSOCallback), ExpiresAt: s.o.Clock().Add(tripLife).Unix(), Desktop: waiting}
	if !s.takeSlot() {
		s.ssoEnd(w, r, t.Desktop, ssoBusy)
		return
	}
	defer s.freeSlot()
	address, err := s.o.SSO.Provider.Begin(r.Context(), t.Trip)
	if err != nil {
		s.log.Warn("single sign-on", "err", err)
		s.metrics.signIn("failed")
		s.ssoEnd(w, r, t.Desktop, ssoUnreachable)
		return
	}
	sealed, err := s.sso.sealed(t)
	if err != nil {
		s.refuseErr(w, err)
		return
	}
	http.SetCookie(w, s.tripCookie(r, sealed, int(tripLife/time.Second)))
	away(w, r, address)
}

// ssoCallback answers GET /v1/sso/callback, to which the provider sends people back.
func (s *Server) ssoCallback(w http.ResponseWriter, r *http.Request) {
	if s.o.SSO == nil {
		refuse(w, http.StatusNotFound, chat.ErrUnknown)
		return
	}
	http.SetCookie(w, s.tripCookie(r, "", -1))
	t, ok := s.sso.opened(r)
	if !ok || s.o.Clock().Unix() >= t.ExpiresAt {
		s.metrics.signIn("refused")
		s.ssoEnd(w, r, nil, ssoFailed)
		return
	}
	if !s.takeSlot() {
		s.ssoEnd(w, r, t.Desktop, ssoBusy)
		return
	}
	defer s.freeSlot()
	q := r.URL.Query()
	person, err := s.o.SSO.Provider.Finish(r.Context(), t.Trip, q.Get("state"), q.Get("code"))
	switch {
	case errors.Is(err, oidc.ErrUnreachable):
		s.log.Warn("single sign-on", "err", err)
		s.metrics.signIn("failed")
		s.ssoEnd(w, r, t.Desktop, ssoUnreachable)
		return
	case err != nil:
		s.log.Info("single sign-on refused", "address", s.address(r), "err", err)
		s.metrics.signIn("refused")
		s.ssoEnd(w, r, t.Desktop, ssoFailed)
		return
	}
	if t.Desktop != nil {
		s.ssoToDesktop(w, r, t.Desktop, person)
		return
	}
	in, err := s.signInAs(r, person, chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceBrowser})
	if err != nil {
		s.ssoEnd(w, r, nil, ssoWord(err))
		return
	}
	http.SetCookie(w, s.cookie(r, in.Token, in.ExpiresAt))
	away(w, r, "/")
}

// ssoToDesktop sends a desktop its code: to this computer's own loopback address and nowhere else.
func (s *Server) ssoToDesktop(w http.ResponseWriter, r *http.Request, d *desktop, person oidc.Person) {
	code, err := auth.NewToken(rand.Reader)
	if err != nil {
		s.refuseErr(w, err)
		return
	}
	if !s.sso.keep(code, ticket{person: person, challenge: d.Challenge, expiresAt: s.o.Clock().Add(codeLife)}, s.o.Clock()) {
		s.ssoEnd(w, r, d, ssoBusy)
		return
	}
	away(w, r, d.address("code", code))
}

// ssoRedeem answers POST /v1/sso/redeem: a code, and what its challenge was made of, for a session.
func (s *Server) ssoRedeem(w http.ResponseWriter, r *http.Request) {
	var args wire.SSORedeemArgs
	if status, err := readBody(w, r, maxBodyBytes, &args); err != nil {
		refuse(w, status, err)
		return
	}
	kept, ok := s.sso.take(args.Code)
	sum := sha256.Sum256([]byte(args.Verifier))
	made := base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || !s.o.Clock().Before(kept.expiresAt) || subtle.ConstantTimeCompare([]byte(made), []byte(kept.challenge)) != 1 {
		s.metrics.signIn("refused")
		refuse(w, http.StatusUnauthorized, noSSO)
		return
	}
	device, _ := deviceOf(args.Device)
	in, err := s.signInAs(r, kept.person, device)
	if err != nil {
		if ssoWord(err) == ssoRefused {
			err = noSSOAccount
		}
		refuse(w, statusOfSSO(err), chat.AsError(err))
		return
	}
	answer(w, http.StatusOK, wire.SignInAnswer{Token: in.Token, UserID: in.UserID, SessionID: in.SessionID, Name: strings.ToLower(strings.TrimSpace(kept.person.Name))})
}

// Refusals of single sign-on on a desktop.
var (
	noSSO        = &chat.Error{Code: chat.CodeDenied, Text: "This sign-in took too long, or was used already. You are not signed in; begin again."}
	noSSOAccount = &chat.Error{Code: chat.CodeDenied, Text: "You are known to the sign-in service, but there is no active account for you here. Ask an administrator."}
)

func statusOfSSO(err error) int {
	if errors.Is(err, noSSOAccount) {
		return http.StatusUnauthorized
	}
	return statusOf(chat.AsError(err).Code)
}

// signInAs opens a session of somebody whom the provider vouches for.
func (s *Server) signInAs(r *http.Request, person oidc.Person, device chat.Device) (hub.SignedIn, error) {
	in, err := s.o.Hub.SignInAs(r.Context(), hub.SignInAsArgs{Name: person.Name, DisplayName: person.DisplayName, Create: s.o.SSO.Create,
		Device: device, Address: s.address(r)})
	if err != nil {
		s.metrics.signIn("refused")
		s.log.Info("single sign-on refused", "address", s.address(r), "err", err)
		return in, err
	}
	s.metrics.signIn("ok")
	s.log.Info("signed in by single sign-on", "user", in.UserID, "session", in.SessionID, "address", s.address(r))
	return in, nil
}

// ssoWord says which word the page gets for an error of the hub.
func ssoWord(err error) string {
	switch chat.AsError(err).Code {
	case chat.CodeDenied, chat.CodeInvalid, chat.CodeUnknown:
		return ssoRefused // an invalid name is nobody's here
	case chat.CodeBusy:
		return ssoBusy
	}
	return ssoFailed
}

// ssoEnd sends somebody back who was not signed in: to the page, or to the desktop that waits.
func (s *Server) ssoEnd(w http.ResponseWriter, r *http.Request, d *desktop, word string) {
	if d != nil {
		away(w, r, d.address("error", word))
		return
	}
	away(w, r, "/?sso="+word)
}

// away redirects with GET. What the browser shows on the way is kept nowhere.
func away(w http.ResponseWriter, r *http.Request, address string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// address is where the desktop waits, with what it is told.
func (d *desktop) address(key, value string) string {
	return "http://127.0.0.1:" + strconv.Itoa(d.Port) + "/" + key + "/" + d.State + "/" + value
}

// parseDesktop reads PORT.CHALLENGE.STATE; nil if empty. It is one word, since desktops hand the address to the system's launcher.
func parseDesktop(word string) (*desktop, error) {
	if word == "" {
		return nil, nil
	}
	parts := strings.Split(word, ".")
	if len(parts) == 3 && isToken(parts[1]) && isToken(parts[2]) {
		if port, err := strconv.ParseUint(parts[0], 10, 16); err == nil && port >= 1024 {
			return &desktop{Port: int(port), Challenge: parts[1], State: parts[2]}, nil
		}
	}
	return nil, chat.Invalid("a desktop names its port, a challenge and a state")
}

// isToken tells whether text is 256 bits in base64url.
func isToken(text string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(raw) == sha256.Size
}

// sealed returns a trip as a browser may keep it: unreadable, and of no use if changed.
func (x *ssoState) sealed(t trip) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("seal a sign-in: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(x.seal.Seal(nil, nil, raw, []byte(tripCookie))), nil
}

// opened returns the trip that a browser kept.
func (x *ssoState) opened(r *http.Request) (t trip, ok bool) {
	c, err := r.Cookie(tripCookie)
	if err != nil {
		return t, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err == nil {
		raw, err = x.seal.Open(nil, nil, raw, []byte(tripCookie))
	}
	if err == nil {
		err = json.Unmarshal(raw, &t)
	}
	return t, err == nil
}

// keep holds a ticket until it is taken, or its time is over; false if too many wait.
func (x *ssoState) keep(code string, t ticket, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for h, old := range x.codes {
		if !now.Before(old.expiresAt) {
			delete(x.codes, h)
		}
	}
	if len(x.codes) >= maxCodes {
		return false
	}
	x.codes[auth.HashToken(code)] = t
	return true
}

// take returns the ticket of a code and forgets it.
func (x *ssoState) take(code string) (ticket, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	h := auth.HashToken(code)
	t, ok := x.codes[h]
	delete(x.codes, h)
	return t, ok
}

// tripCookie returns the cookie of a trip; no value takes it away.
func (s *Server) tripCookie(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: tripCookie, Value: value, Path: wire.PathSSO, MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: s.origin(r).Scheme == "https"}
}

// takeSlot takes one of the places of those who sign in; false if there is none.
func (s *Server) takeSlot() bool {
	select {
	case s.signIns <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s *Server) freeSlot() { <-s.signIns }
