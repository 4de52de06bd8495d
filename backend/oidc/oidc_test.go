package oidc

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// crooked is a provider whose ID tokens a test makes: a real one makes none that are wrong. What an honest one does is tried in
// backend/rig.
type crooked struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any
	// signer, if set, signs in place of the key that is published.
	signer *rsa.PrivateKey
	// alg is what the token's head says.
	alg string
	// info is the answer of the user info.
	info map[string]any
	// challenge is that of the last way to it, refused whether the code is.
	refused bool
}

func newCrooked(t *testing.T) *crooked {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &crooked{key: key, signer: key, alg: "RS256"}
	m := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	m.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": c.URL, "authorization_endpoint": c.URL + "/auth", "token_endpoint": c.URL + "/token", "jwks_uri": c.URL + "/keys",
			"userinfo_endpoint": c.URL + "/info", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	m.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	m.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if c.refused || r.FormValue("code_verifier") == "" {
			w.WriteHeader(http.StatusBadRequest)
			reply(w, map[string]string{"error": "invalid_grant"})
			return
		}
		reply(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.token(t)})
	})
	m.HandleFunc("/info", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.info) })
	c.Server = httptest.NewServer(m)
	t.Cleanup(c.Close)
	return c
}

// token returns the claims, signed.
func (c *crooked) token(t *testing.T) string {
	t.Helper()
	claims, err := json.Marshal(c.claims)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString(fmt.Appendf(nil, `{"alg":%q,"kid":"1"}`, c.alg)) + "." + b64.EncodeToString(claims)
	if c.alg == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, c.signer, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64.EncodeToString(signature)
}

// TestFinish: only an ID token of this provider, for us, of now, with our nonce and signed with its key, says who somebody is (B8).
func TestFinish(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		change func(*crooked, *Trip)
		state  string
		code   string
		claim  string
		want   string
	}{
		"an honest one":          {want: "ana"},
		"an audience beside us":  {change: func(c *crooked, _ *Trip) { c.claims["aud"] = []string{"another", "parley"} }, want: "ana"},
		"for another":            {change: func(c *crooked, _ *Trip) { c.claims["aud"] = "another" }},
		"of another provider":    {change: func(c *crooked, _ *Trip) { c.claims["iss"] = "https://another.example" }},
		"over":                   {change: func(c *crooked, _ *Trip) { c.claims["exp"] = time.Now().Add(-time.Minute).Unix() }},
		"another nonce":          {change: func(c *crooked, _ *Trip) { c.claims["nonce"] = "another" }},
		"no nonce":               {change: func(c *crooked, _ *Trip) { delete(c.claims, "nonce") }},
		"another's key":          {change: func(c *crooked, _ *Trip) { c.signer = other }},
		"not signed":             {change: func(c *crooked, _ *Trip) { c.alg = "none" }},
		"another state":          {state: "another"},
		"no code":                {code: "-"},
		"a code that is refused": {change: func(c *crooked, _ *Trip) { c.refused = true }},
		"no name":                {change: func(c *crooked, _ *Trip) { delete(c.claims, "preferred_username") }},
		"a name that is no text": {change: func(c *crooked, _ *Trip) { c.claims["preferred_username"] = 7 }},
		"the name in the user info": {change: func(c *crooked, _ *Trip) {
			delete(c.claims, "preferred_username")
			c.info["preferred_username"] = "ana"
		}, want: "ana"},
		"another's user info": {change: func(c *crooked, _ *Trip) {
			delete(c.claims, "preferred_username")
			c.info = map[string]any{"sub": "2", "preferred_username": "ana"}
		}},
		"an address that is checked": {claim: "email", change: func(c *crooked, _ *Trip) { c.claims["email"], c.claims["email_verified"] = "ana@example.com", true }, want: "ana@example.com"},
		"an address that is not":     {claim: "email", change: func(c *crooked, _ *Trip) { c.claims["email"] = "ana@example.com" }},
	} {
		t.Run(what, func(t *testing.T) {
			c := newCrooked(t)
			p, err := New(Options{Issuer: c.URL, ClientID: "parley", ClientSecret: "secret", Claim: test.claim})
			if err != nil {
				t.Fatal(err)
			}
			trip := NewTrip("https://parley.example.com/back")
			c.claims = map[string]any{"iss": c.URL, "sub": "1", "aud": "parley", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
				"nonce": trip.Nonce, "preferred_username": "ana", "name": "Ana"}
			c.info = map[string]any{"sub": "1"}
			if test.change != nil {
				test.change(c, &trip)
			}
			state, code := trip.State, "code"
			if test.state != "" {
				state = test.state
			}
			if test.code == "-" {
				code = ""
			}
			person, err := p.Finish(t.Context(), trip, state, code)
			switch {
			case test.want != "" && (err != nil || person.Name != test.want || person.DisplayName != "Ana"):
				t.Errorf("%+v, %v", person, err)
			case test.want == "" && (!errors.Is(err, ErrRefused) || person != (Person{})):
				t.Errorf("%+v, %v", person, err)
			}
		})
	}
}

// TestBegin: the way to the provider holds state, nonce and the challenge, and not what the challenge was made of.
func TestBegin(t *testing.T) {
	c := newCrooked(t)
	p, err := New(Options{Issuer: c.URL, ClientID: "parley"})
	if err != nil {
		t.Fatal(err)
	}
	trip := NewTrip("https://parley.example.com/back")
	address, err := p.Begin(t.Context(), trip)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q, sum := u.Query(), sha256.Sum256([]byte(trip.Verifier))
	for key, want := range map[string]string{"client_id": "parley", "response_type": "code", "redirect_uri": trip.Redirect, "state": trip.State, "nonce": trip.Nonce,
		"code_challenge_method": "S256", "code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "scope": "openid profile email"} {
		if q.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, q.Get(key), want)
		}
	}
}

// TestBegin_providerAway: a provider that does not answer is asked again later, and then found.
func TestBegin_providerAway(t *testing.T) {
	c, now := newCrooked(t), time.Now()
	down := true
	web := c.Config.Handler
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		web.ServeHTTP(w, r)
	})
	p, err := New(Options{Issuer: c.URL, ClientID: "parley", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	begin := func() error {
		_, err := p.Begin(context.Background(), NewTrip("https://parley.example.com/back"))
		return err
	}
	if err := begin(); !errors.Is(err, ErrUnreachable) {
		t.Errorf("away: %v", err)
	}
	down = false
	if err := begin(); !errors.Is(err, ErrUnreachable) {
		t.Errorf("at once after that: %v", err)
	}
	now = now.Add(rest)
	if err := begin(); err != nil {
		t.Errorf("back again: %v", err)
	}
}

// TestNew: a provider is asked over https.
func TestNew(t *testing.T) {
	for issuer, good := range map[string]bool{"https://login.example.com/realm": true, "http://127.0.0.1:9998/": true, "http://localhost:9998": true,
		"http://login.example.com": false, "login.example.com": false, "": false, "ftp://login.example.com": false} {
		if _, err := New(Options{Issuer: issuer, ClientID: "parley"}); (err == nil) != good {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}
