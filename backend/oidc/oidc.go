// Package oidc sends people to an OpenID provider to sign in, and finds out who came back: authorization code with PKCE, state and nonce.
//
// It owns what is said to the provider and what its answers must be like. It knows neither users nor sessions, and keeps nothing: what must
// be remembered between the two ends of a sign-in is in Trip, which the server keeps with the browser.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Errors of Begin and Finish. What is behind them is for the log.
var (
	// ErrUnreachable: the provider did not answer, or not as one.
	ErrUnreachable = errors.New("the OpenID provider cannot be reached")
	// ErrRefused: what came back is not a sign-in that was begun here, or not one of this provider for us.
	ErrRefused = errors.New("the sign-in is not one that was begun here")
)

// patience bounds everything that is asked of the provider for one end of a sign-in.
const patience = 10 * time.Second

// maxAnswer bounds an answer of the provider, in bytes.
const maxAnswer = 1 << 20

// Options say which provider, and what we are to it.
type Options struct {
	// Issuer is the provider's address, as its configuration names it.
	Issuer, ClientID, ClientSecret string
	// Claim is the claim that holds the sign-in name; "preferred_username" if empty. An "email" must be a verified one.
	Claim string
	// Clock tells the time, against which tokens are checked; time.Now if nil.
	Clock func() time.Time
}

// Provider is an OpenID provider. It may be away: what is asked of it at first is asked until it answers.
type Provider struct {
	o    Options
	http *http.Client

	mu    sync.Mutex
	found *oidc.Provider
	// tryAt is when it is asked again, after it did not answer.
	tryAt time.Time
}

// rest is how long a provider that did not answer is left alone, so that those who wait for it do not wait one after the other.
const rest = 2 * time.Second

// New returns the provider that o names. Nothing is asked of it yet.
func New(o Options) (*Provider, error) {
	issuer, err := url.Parse(o.Issuer)
	if err != nil || issuer.Host == "" || o.ClientID == "" {
		return nil, errors.New("an OpenID provider needs its issuer, https://..., and our client id")
	}
	if ip := net.ParseIP(issuer.Hostname()); issuer.Scheme != "https" && !(issuer.Scheme == "http" && (ip.IsLoopback() || issuer.Hostname() == "localhost")) {
		return nil, errors.New("an OpenID provider is asked over https, unless it is on this very computer")
	}
	if o.Claim == "" {
		o.Claim = "preferred_username"
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Provider{o: o, http: &http.Client{Timeout: patience, Transport: bounded{http.DefaultTransport}}}, nil
}

// bounded cuts answers that are too large.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// Trip is what ties the two ends of a sign-in together. It is secret.
type Trip struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	// Redirect is the address to which the provider sends people back.
	Redirect string `json:"r"`
}

// NewTrip begins a sign-in that comes back to redirect.
func NewTrip(redirect string) Trip {
	// GenerateVerifier gives 256 random bits as text, which the other two need as well.
	return Trip{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
}

// Person is who signed in at the provider.
type Person struct {
	// Name is the sign-in name, as the claim holds it; DisplayName may be empty.
	Name, DisplayName string
}

// discover returns the provider's own description, which is asked for until it was answered once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.found != nil:
		return p.found, nil
	case p.o.Clock().Before(p.tryAt):
		return nil, ErrUnreachable
	}
	// Its keys are fetched later, whenever they are needed: by this client, without the end of this request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.http), p.o.Issuer)
	if err != nil {
		p.tryAt = p.o.Clock().Add(rest)
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) config(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// Begin returns the address at the provider where somebody signs in. Who is signed in there already is asked who they are: at a shared
// desk the next one must not come in as the one before.
func (p *Provider) Begin(ctx context.Context, t Trip) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.config(found, t.Redirect).AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier),
		oauth2.SetAuthURLParam("prompt", "select_account")), nil
}

// Finish finds out who came back with a state and a code.
func (p *Provider) Finish(ctx context.Context, t Trip, state, code string) (Person, error) {
	if t.State == "" || code == "" || subtle.ConstantTimeCompare([]byte(t.State), []byte(state)) != 1 {
		return Person{}, fmt.Errorf("%w: another state, or no code", ErrRefused)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.http), patience)
	defer cancel()
	token, err := p.config(found, t.Redirect).Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500:
		return Person{}, fmt.Errorf("%w: the provider refuses the code: %s", ErrRefused, refused.ErrorCode)
	case err != nil:
		return Person{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Person{}, fmt.Errorf("%w: there is no ID token", ErrRefused)
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.o.ClientID, Now: p.o.Clock}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(t.Nonce)) != 1 {
		return Person{}, fmt.Errorf("%w: another nonce", ErrRefused)
	}
	return p.person(ctx, found, id, token)
}

// person reads the claims of the ID token, or where it does not say the name, what the provider says of its user.
func (p *Provider) person(ctx context.Context, found *oidc.Provider, id *oidc.IDToken, token *oauth2.Token) (Person, error) {
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return Person{}, fmt.Errorf("%w: the claims cannot be read: %w", ErrRefused, err)
	}
	if _, said := claims[p.o.Claim]; !said {
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return Person{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		if info.Subject != id.Subject {
			return Person{}, fmt.Errorf("%w: the user info is somebody else's", ErrRefused)
		}
		if err := info.Claims(&claims); err != nil {
			return Person{}, fmt.Errorf("%w: the user info cannot be read: %w", ErrRefused, err)
		}
	}
	name, _ := claims[p.o.Claim].(string)
	verified, _ := claims["email_verified"].(bool)
	if name == "" || p.o.Claim == "email" && !verified {
		return Person{}, fmt.Errorf("%w: the claim %q holds no name that can be trusted", ErrRefused, p.o.Claim)
	}
	display, _ := claims["name"].(string)
	return Person{Name: name, DisplayName: display}, nil
}
