package rig_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/oidc"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// browser is a browser without scripts: it keeps cookies and follows redirects, but for those the test looks at.
type browser struct {
	t    *testing.T
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// get asks for an address and returns where it leads, or the body if nowhere.
func (b *browser) get(address string) (next, body string) {
	b.t.Helper()
	resp, err := b.http.Get(address)
	return b.took(resp, err)
}

func (b *browser) took(resp *http.Response, err error) (next, body string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if at, err := resp.Location(); err == nil {
		next = at.String()
	}
	return next, string(raw)
}

// atProvider signs in at the provider, from the server's start on, and returns the address that leads back to the server.
func (b *browser) atProvider(s *rig.Server, p *rig.OpenID, name, start string) string {
	b.t.Helper()
	next, body := b.get(s.URL + start)
	if !strings.HasPrefix(next, p.Issuer) {
		b.t.Fatalf("the way to the provider leads to %q: %s", next, body)
	}
	login, body := b.get(next)
	at, err := url.Parse(login)
	if err != nil || at.Query().Get("authRequestID") == "" {
		b.t.Fatalf("the provider has no sign-in page: %q, %s", login, body)
	}
	form := url.Values{"username": {name}, "password": {rig.PasswordOf(name)}, "id": {at.Query().Get("authRequestID")}}
	next, body = b.took(b.http.PostForm(p.Issuer+"login/username", form))
	for range 5 {
		if strings.HasPrefix(next, s.URL) {
			return next
		}
		next, body = b.get(next)
	}
	b.t.Fatalf("the provider does not send %s back: %s", name, body)
	return ""
}

// session returns the status of the session that the browser has at the server.
func (b *browser) session(s *rig.Server) int {
	b.t.Helper()
	resp, err := b.http.Get(s.URL + wire.PathSession)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// startWithSSO starts a server with a real provider, which knows these names.
func startWithSSO(t *testing.T, create chat.Role, names ...string) (*rig.Server, *rig.OpenID) {
	t.Helper()
	p := rig.StartOpenID(t, names...)
	provider, err := oidc.New(oidc.Options{Issuer: p.Issuer, ClientID: rig.OpenIDClient, ClientSecret: rig.OpenIDSecret})
	if err != nil {
		t.Fatal(err)
	}
	s := rig.Start(t, rig.HandClock(), rig.Limits(server.Options{SSO: &server.SSO{Provider: provider, Name: "Larchfield", Create: create}}))
	p.Allow(s.URL)
	return s, p
}

// TestSSO_browser: a browser signs in at a real provider, and nothing that comes back twice, changed, late or with another browser
// opens anything.
func TestSSO_browser(t *testing.T) {
	s, p := startWithSSO(t, "", "mira", "liam", "stranger")
	b := newBrowser(t)
	back := b.atProvider(s, p, "mira", wire.PathSSOStart)
	if next, _ := b.get(back); next != s.URL+"/" || b.session(s) != http.StatusOK {
		t.Fatalf("signed in: to %q, session %d", next, b.session(s))
	}

	refused := func(what string, b *browser, address, word string) {
		t.Helper()
		if next, body := b.get(address); next != s.URL+"/?sso="+word {
			t.Errorf("%s: to %q, %s", what, next, body)
		}
		if status := b.session(s); status != http.StatusUnauthorized {
			t.Errorf("%s: session %d", what, status)
		}
	}
	refused("the same again, elsewhere", newBrowser(t), back, "failed")
	b = newBrowser(t)
	back = b.atProvider(s, p, "mira", wire.PathSSOStart)
	refused("with another browser", newBrowser(t), back, "failed")
	b = newBrowser(t)
	back = b.atProvider(s, p, "mira", wire.PathSSOStart)
	refused("another state", b, strings.Replace(back, "state=", "state=x", 1), "failed")
	refused("the right one after that", b, back, "failed")

	b = newBrowser(t)
	back = b.atProvider(s, p, "mira", wire.PathSSOStart)
	s.Clock().Turn(11 * time.Minute)
	refused("late", b, back, "failed")

	b = newBrowser(t)
	refused("somebody unknown", b, b.atProvider(s, p, "stranger", wire.PathSSOStart), "refused")
	off := false
	ines := s.As("ines")
	revision := func() (n int64) {
		var list chat.UserListAnswer
		ines.Do(chat.UserList, struct{}{}, &list)
		for _, u := range list.Users {
			if u.Name == "liam" {
				n = u.Revision
			}
		}
		return n
	}
	ines.Do(chat.UserUpdate, chat.UserUpdateArgs{UserID: s.ID("liam"), Revision: revision(), Active: &off}, nil)
	b = newBrowser(t)
	refused("somebody deactivated", b, b.atProvider(s, p, "liam", wire.PathSSOStart), "refused")
}

// TestSSO_replayedCode: the provider gives nothing twice for a code, even to the browser that keeps the cookie of the way.
func TestSSO_replayedCode(t *testing.T) {
	s, p := startWithSSO(t, "", "mira")
	b := newBrowser(t)
	back := b.atProvider(s, p, "mira", wire.PathSSOStart)
	at, err := url.Parse(s.URL + wire.PathSSO)
	if err != nil {
		t.Fatal(err)
	}
	kept := b.http.Jar.Cookies(at)
	if next, _ := b.get(back); next != s.URL+"/" {
		t.Fatalf("to %q", next)
	}
	again := newBrowser(t)
	for _, c := range kept {
		c.Path = wire.PathSSO
	}
	again.http.Jar.SetCookies(at, kept)
	if next, _ := again.get(back); next != s.URL+"/?sso=failed" || again.session(s) != http.StatusUnauthorized {
		t.Errorf("replayed: to %q, session %d", next, again.session(s))
	}
}

// TestSSO_create: where the server is told so, whom the provider knows gets an account, with the role that was named and no password
// that anybody knows.
func TestSSO_create(t *testing.T) {
	s, p := startWithSSO(t, chat.RoleExpert, "stranger")
	for range 2 {
		b := newBrowser(t)
		if next, body := b.get(b.atProvider(s, p, "stranger", wire.PathSSOStart)); next != s.URL+"/" || b.session(s) != http.StatusOK {
			t.Fatalf("to %q, %s", next, body)
		}
	}
	raw, err := s.Console(t.Context(), chat.UserList, nil)
	if err != nil {
		t.Fatal(err)
	}
	var list chat.UserListAnswer
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, u := range list.Users {
		if u.Name == "stranger" {
			found++
			if u.User.Role != chat.RoleExpert || u.User.DisplayName != "Stranger Own" {
				t.Errorf("%+v", u)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d accounts", found)
	}
}

// TestSSO_providerAway: without the provider people sign in by password, and are told what is the matter.
func TestSSO_providerAway(t *testing.T) {
	provider, err := oidc.New(oidc.Options{Issuer: "http://127.0.0.1:1/", ClientID: "parley"})
	if err != nil {
		t.Fatal(err)
	}
	s := rig.Start(t, rig.Limits(server.Options{SSO: &server.SSO{Provider: provider, Name: "Larchfield"}}))
	if next, _ := newBrowser(t).get(s.URL + wire.PathSSOStart); next != s.URL+"/?sso=unreachable" {
		t.Errorf("to %q", next)
	}
	if s.SignIn("mira").Token == "" {
		t.Error("no sign-in by password")
	}
	if answer, err := wire.SSO(t.Context(), nil, s.URL); err != nil || answer.Name != "Larchfield" {
		t.Errorf("%+v, %v", answer, err)
	}
}

// TestSSO_none: a server without a provider says so.
func TestSSO_none(t *testing.T) {
	s := rig.Start(t)
	if answer, err := wire.SSO(t.Context(), nil, s.URL); err != nil || answer.Name != "" {
		t.Errorf("%+v, %v", answer, err)
	}
	for _, path := range []string{wire.PathSSOStart, wire.PathSSOCallback + "?state=a&code=b"} {
		if next, body := newBrowser(t).get(s.URL + path); next != "" || !strings.Contains(body, string(chat.CodeUnknown)) {
			t.Errorf("%s: to %q, %s", path, next, body)
		}
	}
}

// TestSSO_desktop: a desktop's code is sent to its loopback address and nowhere else, and is good once, soon, and with what only the
// desktop knows.
func TestSSO_desktop(t *testing.T) {
	s, p := startWithSSO(t, "", "mira", "stranger")
	const verifier = "a secret of the desktop's own"
	word := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	challenge, state := word(verifier), word("state")
	start := wire.PathSSOStart + "?desktop=50123." + challenge + "." + state
	code := func(name string) string {
		t.Helper()
		b := newBrowser(t)
		next, _ := b.get(b.atProvider(s, p, name, start))
		code, ok := strings.CutPrefix(next, "http://127.0.0.1:50123/code/"+state+"/")
		if !ok || b.session(s) != http.StatusUnauthorized {
			t.Fatalf("to %q, session %d", next, b.session(s))
		}
		return code
	}
	redeem := func(code, verifier string) (wire.SignInAnswer, int) {
		t.Helper()
		in, err := wire.RedeemSSO(t.Context(), nil, s.URL, wire.SSORedeemArgs{Code: code, Verifier: verifier})
		var refused *wire.RefusedError
		switch {
		case errors.As(err, &refused):
			return in, refused.Status
		case err != nil:
			t.Fatal(err)
		}
		return in, http.StatusOK
	}
	first := code("mira")
	if in, status := redeem(first, verifier); status != http.StatusOK || in.Token == "" || in.UserID != s.ID("mira") || in.Name != "mira" {
		t.Fatalf("%+v, %d", in, status)
	}
	for what, try := range map[string]func() (string, string){
		"again": func() (string, string) { return first, verifier }, "invented": func() (string, string) { return word("x"), verifier },
		"another's verifier": func() (string, string) { return code("mira"), "a guess" }, "none": func() (string, string) { return "", "" },
		"late": func() (string, string) {
			c := code("mira")
			s.Clock().Turn(2 * time.Minute)
			return c, verifier
		},
		"somebody unknown": func() (string, string) { return code("stranger"), verifier },
	} {
		if in, status := redeem(try()); status != http.StatusUnauthorized || in.Token != "" {
			t.Errorf("%s: %+v, %d", what, in, status)
		}
	}
	for _, bad := range []string{"80." + challenge + "." + state, "evil.example." + challenge, "50123.x." + state, "50123." + challenge + ".x/../y", "50123"} {
		if next, body := newBrowser(t).get(s.URL + wire.PathSSOStart + "?desktop=" + url.QueryEscape(bad)); next != "" || !strings.Contains(body, string(chat.CodeInvalid)) {
			t.Errorf("%q: to %q, %s", bad, next, body)
		}
	}
}
