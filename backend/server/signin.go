package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// The cookie that holds a page's session. Over TLS its name binds it to this host, whole and secure; without TLS (the demo,
// a trial on one machine) a browser would not keep such a cookie.
const (
	secureCookie = "__Host-parley"
	plainCookie  = "parley"
)

// signInTimeout bounds how long somebody waits for a slot to have their password hashed in.
const signInTimeout = 10 * time.Second

// noSignIn is the one refusal for names that do not exist, wrong passwords and accounts that are deactivated.
var noSignIn = &chat.Error{Code: chat.CodeDenied, Text: "Name or password is wrong, or the account is not active. Try again, or ask an administrator."}

// signIn answers POST /v1/sign-in.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var args wire.SignInArgs
	if status, err := readBody(w, r, maxBodyBytes, &args); err != nil {
		s.metrics.signIn("malformed")
		refuse(w, status, err)
		return
	}
	if args.Name == "" || args.Password == "" {
		s.metrics.signIn("malformed")
		refuse(w, http.StatusBadRequest, chat.Invalid("a sign-in needs name and password"))
		return
	}
	if args.Cookie && r.Header.Get("Origin") == "" {
		refuse(w, http.StatusForbidden, foreignOrigin)
		return
	}
	device, deviceID := deviceOf(args.Device)
	address := s.address(r)
	attempt, wait := s.throttle.Begin(args.Name, address, deviceID)
	if attempt == nil {
		s.metrics.signIn("throttled")
		s.log.Info("sign-in throttled", "address", address, "wait", wait)
		refuse(w, http.StatusTooManyRequests, &chat.Error{Code: chat.CodeBusy, RetryAfterMs: chat.Millis(wait.Milliseconds() + 1),
			Text: "Too many failed sign-ins. The account is not locked; wait a moment and try again."})
		return
	}
	select {
	case s.signIns <- struct{}{}:
		defer func() { <-s.signIns }()
	default:
		attempt.Withdraw()
		s.metrics.signIn("busy")
		refuse(w, http.StatusServiceUnavailable, &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 2000, Text: "Very many people sign in just now. Try again in a moment."})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), signInTimeout)
	defer cancel()
	in, err := s.o.Hub.SignIn(ctx, hub.SignInArgs{Name: args.Name, Password: args.Password, Code: args.Code, Device: device, Address: address})
	if err != nil {
		if halfWay(err) && args.Code == "" {
			attempt.Withdraw() // the password was right, and no code was tried
		}
		s.signInFailed(w, err, address, attempt.Withdraw)
		return
	}
	attempt.Succeeded()
	s.metrics.signIn("ok")
	s.log.Info("signed in", "user", in.UserID, "session", in.SessionID, "device", device.Kind, "address", address)
	body := wire.SignInAnswer{Token: in.Token, UserID: in.UserID, SessionID: in.SessionID, RecoveryCodes: in.RecoveryCodes}
	if args.Cookie {
		body.Token = ""
		http.SetCookie(w, s.cookie(r, in.Token, in.ExpiresAt))
	}
	answer(w, http.StatusOK, body)
}

// halfWay tells whether a sign-in was refused for want of the second factor alone.
func halfWay(err error) bool {
	var known *chat.Error
	return errors.As(err, &known) && (known.Code == chat.CodeSecondFactor || known.Code == chat.CodeEnrol)
}

// signInFailed answers a sign-in that the hub refused. A wrong password and a wrong code count as failures to the throttle.
func (s *Server) signInFailed(w http.ResponseWriter, err error, address string, withdraw func()) {
	var known *chat.Error
	switch {
	case halfWay(err):
		s.metrics.signIn("secondFactor")
		s.log.Info("sign-in needs the second factor", "address", address)
		refuse(w, http.StatusUnauthorized, chat.AsError(err))
	case errors.As(err, &known) && (known.Code == chat.CodeDenied || known.Code == chat.CodeSignedOut || known.Code == chat.CodeUnknown):
		s.metrics.signIn("refused")
		s.log.Info("sign-in refused", "address", address)
		refuse(w, http.StatusUnauthorized, noSignIn)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		withdraw()
		s.metrics.signIn("busy")
		refuse(w, http.StatusServiceUnavailable, &chat.Error{Code: chat.CodeBusy, RetryAfterMs: 2000, Text: "The server did not get to this sign-in. Try again in a moment."})
	case errors.Is(err, hub.ErrClosed):
		withdraw()
		refuse(w, http.StatusServiceUnavailable, restarting)
	default:
		withdraw()
		s.metrics.signIn("failed")
		s.refuseErr(w, err)
	}
}

// deviceOf returns the device that signs in, and its id as the client gave it: a browser without a name where the client
// says nothing.
func deviceOf(d *chat.Device) (chat.Device, string) {
	if d == nil {
		return chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceBrowser, Name: "Unnamed program"}, ""
	}
	return *d, string(d.ID)
}

// signOut answers POST /v1/sign-out.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, a hub.Actor) {
	if err := s.o.Hub.SignOut(r.Context(), a); err != nil {
		s.refuseErr(w, err)
		return
	}
	s.log.Info("signed out", "user", a.UserID, "session", a.SessionID)
	http.SetCookie(w, s.cookie(r, "", time.Unix(0, 0)))
	w.WriteHeader(http.StatusNoContent)
}

// session answers GET /v1/session.
func (s *Server) session(w http.ResponseWriter, _ *http.Request, a hub.Actor) {
	answer(w, http.StatusOK, wire.SignInAnswer{UserID: a.UserID, SessionID: a.SessionID})
}

// cookieName returns the name of the session's cookie where this request reaches the server.
func (s *Server) cookieName(r *http.Request) string {
	if s.origin(r).Scheme == "https" {
		return secureCookie
	}
	return plainCookie
}

// cookie returns the session's cookie; an empty token takes it away.
func (s *Server) cookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	name := s.cookieName(r)
	c := &http.Cookie{Name: name, Secure: name == secureCookie, Value: token, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
