package replica

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/app/cache"
	"parley/app/link"
	"parley/backend/chat"
	"parley/backend/wire"
)

const (
	signInTimeout  = 20 * time.Second
	signOutTimeout = 10 * time.Second
)

// session is one sign-in's link.
type session struct {
	r    *Replica
	link Link
	end  context.CancelFunc
	// over is set when the link has ended and stays, for the pages to show why.
	over bool
}

// Link is a session's connection to the hub: a *link.Link, or what a simulation puts in its place.
type Link interface {
	Send(do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error))
	Retry()
}

var _ Link = (*link.Link)(nil)

// plainHTTP is a client that follows no redirects: a password is sent to the address that was typed and to no other.
func plainHTTP() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// resume takes up the session kept in the key store. Called before the owner runs.
func (r *Replica) resume(ctx context.Context) {
	secret, warning, err := r.Keys.Load()
	switch {
	case errors.Is(err, ErrNoSecret):
		r.whySignedOut = "Nobody is signed in on this computer. Sign in first."
	case err != nil:
		r.Log.Warn("the kept session cannot be read", "error", err)
		r.whySignedOut = "Your session could not be read from this computer's key store. Sign in again; nothing that waits to be sent is lost."
	default:
		if err := r.cache.Use(ctx, accountOf(&secret)); err != nil {
			r.Log.Error("the local data cannot be used", "error", err)
			r.whySignedOut = "The data on this computer cannot be changed. Make room on the disk and start again."
			return
		}
		r.keysWarning = warning
		r.startSession(&secret)
	}
}

func accountOf(s *Secret) cache.Account { return cache.Account{Server: s.Server, UserID: s.UserID} }

// startSession begins to connect as secret says.
func (r *Replica) startSession(secret *Secret) {
	r.endSession()
	ctx, end := context.WithCancel(r.ctx)
	s := &session{r: r, end: end}
	config := link.Config{Server: secret.Server, Token: secret.Token, Device: r.device(), Handler: s,
		Clock: r.Clock, Random: r.Random, HTTP: r.HTTP, Log: r.Log}
	r.session, r.secret = s, secret
	r.linkState = chat.Link{State: chat.LinkConnecting, SinceAt: r.now(), Server: secret.Server}
	r.tune()
	ended := func(err error) { r.do(func() { r.sessionEnded(s, err) }) }
	if r.steps != nil {
		s.link = r.steps.connect(config, ended)
		return
	}
	l := link.New(config)
	s.link = l
	r.workers.Go(func() { ended(l.Run(ctx)) })
}

func (r *Replica) device() chat.Device {
	return chat.Device{ID: r.cache.DeviceID(), Kind: chat.DeviceDesktop, Name: r.DeviceName}
}

// endSession forgets the session, if there is one; its link ends by itself.
func (r *Replica) endSession() {
	if r.session != nil {
		r.session.end()
	}
	r.session, r.secret = nil, nil
	clear(r.presence)
	clear(r.sending)
	r.stopLoading()
	r.stopSaves()
	clear(r.reloaded)
	r.tickets.clear()
	clear(r.tries)
	clear(r.own)
}

// sessionEnded is called when a link will not come back by itself.
func (r *Replica) sessionEnded(s *session, err error) {
	if r.session != s {
		return // a link of the past
	}
	if s.over = !errors.Is(err, link.ErrSignedOut); s.over {
		return
	}
	r.Log.Info("the server ended the session")
	r.whySignedOut = "Your session has ended. Sign in again to go on."
	if n, err := r.cache.Unsent(r.ctx); err == nil && n > 0 {
		r.whySignedOut = fmt.Sprintf("Your session has ended. Sign in again to go on; %d messages wait on this computer and are sent then.", n)
	}
	r.endSession()
	r.calm()
	r.forgetToken()
	r.closePages(nil)
}

// forgetToken removes the secret from the key store, which may take a while.
func (r *Replica) forgetToken() {
	r.forgetting.Add(1)
	r.aside(func() {
		defer r.forgetting.Done()
		if err := r.Keys.Delete(); err != nil {
			r.Log.Warn("the session could not be removed from the key store; the server does not accept it any more", "error", err)
		}
	})
}

// SignIn signs this computer in at a server. Errors are *chat.Error with a text for people; then nothing has changed.
func (r *Replica) SignIn(ctx context.Context, args chat.ReplicaSignInArgs) error {
	_, err := r.signIn(ctx, args, nil)
	return err
}

// SignedIn is the sign-in name and the server of the session; empty when there is none.
func (r *Replica) SignedIn() (name, server string) {
	_ = r.call(func() error { // an error means closed: nobody is signed in
		if r.secret != nil {
			name, server = r.secret.Name, r.secret.Server
		}
		return nil
	})
	return name, server
}

// signIn does the slow parts on the caller's goroutine. asking is the page that asks and may be nil.
func (r *Replica) signIn(ctx context.Context, args chat.ReplicaSignInArgs, asking *page) (done chat.ReplicaSignInAnswer, err error) {
	err = r.enter(asking, func(device chat.Device) (*Secret, string, error) {
		server, err := ServerAddress(args.Server)
		if err != nil {
			return nil, "", err
		}
		ctx, cancel := context.WithTimeout(ctx, signInTimeout)
		defer cancel()
		answer, err := wire.SignIn(ctx, r.HTTP, server, wire.SignInArgs{Name: args.Name, Password: args.Password, Code: args.Code, Device: &device})
		if err != nil {
			return nil, "", signInError(server, err)
		}
		done.RecoveryCodes = answer.RecoveryCodes
		return r.keep(server, args.Name, answer)
	})
	return done, err
}

// errSignedInAlready refuses a sign-in beside another one.
var errSignedInAlready = &chat.Error{Code: chat.CodeConflict, Text: "Somebody is signed in on this computer already. Sign out first."}

// enter signs this computer in with the session that open gets from the server, one at a time.
func (r *Replica) enter(asking *page, open func(chat.Device) (*Secret, string, error)) error {
	var device chat.Device
	err := r.call(func() error {
		if r.session != nil {
			return errSignedInAlready
		}
		if r.signingIn {
			return &chat.Error{Code: chat.CodeBusy, Text: "A sign-in is under way. Wait for it to end.", RetryAfterMs: 1000}
		}
		r.signingIn, device = true, r.device()
		return nil
	})
	if err != nil {
		return err
	}
	secret, warning, err := open(device)
	return r.call(func() error {
		r.signingIn = false
		if err != nil {
			return err
		}
		if err := r.cache.Use(r.ctx, accountOf(secret)); err != nil {
			r.failed("prepare the local data", err)
			return diskError(err)
		}
		r.calm() // whoever was here before
		r.ssoEnd()
		r.keysWarning = warning
		r.startSession(secret)
		r.closePages(asking) // those that were told to sign in come back and see it is done
		return nil
	})
}

// keep keeps a session that the server has opened.
func (r *Replica) keep(server, name string, answer wire.SignInAnswer) (*Secret, string, error) {
	secret := &Secret{Server: server, Name: name, UserID: answer.UserID, SessionID: answer.SessionID, Token: answer.Token}
	if secret.Token == "" || strings.ContainsRune(string(secret.UserID), ' ') || secret.UserID == "" {
		return nil, "", signInError(server, errors.New("its answer holds no session"))
	}
	r.forgetting.Wait() // or the old session's removal would take the new one's token
	warning, err := r.Keys.Store(*secret)
	if err != nil {
		r.Log.Error("the session cannot be kept", "error", err)
		r.signOutAt(server, secret.Token)
		return nil, "", &chat.Error{Code: chat.CodeInternal,
			Text: "Your session could not be kept on this computer. You are not signed in; make room on the disk and try again."}
	}
	return secret, warning, nil
}

// ServerAddress returns the base address of a server as people type it. It means https unless http is typed or the server is on
// this very computer.
func ServerAddress(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		if u, err := url.Parse("http://" + typed); err == nil && isLoopback(u.Hostname()) {
			typed = "http://" + typed
		}
	}
	return wire.ServerURL(typed)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// signInError turns what went wrong into words for people.
func signInError(server string, err error) *chat.Error {
	var refused *wire.RefusedError
	var answer *chat.Error
	switch {
	case errors.As(err, &refused) && refused.Status >= 300 && refused.Status < 400:
		return chat.Invalid("%s sends you on to another address. Type the server's own address; your password was sent nowhere else.", server)
	case errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusMethodNotAllowed):
		return chat.Invalid("There is no Parley server at %s. Check the address.", server)
	case errors.As(err, &answer):
		return answer
	}
	text := "%s cannot be reached. You are not signed in; check the address and your network, and try again."
	var unknownAuthority x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var certificate x509.CertificateInvalidError
	var dns *net.DNSError
	switch {
	case errors.As(err, &unknownAuthority), errors.As(err, &wrongHost), errors.As(err, &certificate):
		text = "%s shows a certificate that this computer does not trust. Nothing was sent; ask your administrator."
	case errors.As(err, &dns) && dns.IsNotFound:
		text = "There is no computer called %s. Check the address."
	case strings.Contains(err.Error(), "not of this protocol"), strings.Contains(err.Error(), "holds no session"):
		text = "There is no Parley server at %s. Check the address."
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		text = "%s does not offer an encrypted connection. If you trust the network, type the address with http:// in front."
	}
	return &chat.Error{Code: chat.CodeOffline, Text: fmt.Sprintf(text, server)}
}

// signOut removes the session and everything of the account from this computer, and tells the server if it can be reached. What
// the server cannot be told now ends there by its own rules.
func (r *Replica) signOut(asking *page) error {
	if r.secret == nil {
		return nil
	}
	secret := *r.secret
	r.endSession()
	r.whySignedOut = "You are signed out. Sign in to go on."
	r.damage = ""
	r.forgetToken()
	r.aside(func() { r.signOutAt(secret.Server, secret.Token) })
	err := r.cache.Clear(r.ctx)
	r.forgetFiles(secret.UserID)
	r.calm()
	if asking != nil {
		asking.helloed = false
	}
	r.closePages(asking)
	if err != nil {
		r.failed("clear the local data", err)
		return diskError(err)
	}
	return nil
}

func (r *Replica) signOutAt(server, token string) {
	ctx, cancel := context.WithTimeout(r.ctx, signOutTimeout)
	defer cancel()
	if err := wire.SignOut(ctx, r.HTTP, server, token); err != nil {
		r.Log.Warn("the server was not told of the sign-out", "error", err)
	}
}

// diskError is the answer when something could not be written.
func diskError(err error) *chat.Error {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	text := "This computer's disk did not take the change. Nothing was changed; try again."
	if cache.IsFull(err) {
		text = "This computer's disk is full. Nothing was changed and nothing that was kept is lost; make room and try again."
	}
	return &chat.Error{Code: chat.CodeInternal, Text: text}
}
