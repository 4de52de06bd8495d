package replica_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/oidc"
	"parley/backend/rig"
	"parley/backend/server"
)

// systemBrowser signs somebody in at the provider, beginning at an address, and returns what it shows at the end.
func systemBrowser(t *testing.T, p *rig.OpenID, address, name string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	show := func(resp *http.Response, err error) (*url.URL, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Request.URL, string(body)
	}
	at, body := show(client.Get(address))
	id := at.Query().Get("authRequestID")
	if id == "" {
		t.Fatalf("no sign-in page at %s: %s", at, body)
	}
	_, body = show(client.PostForm(p.Issuer+"login/username", url.Values{"username": {name}, "password": {rig.PasswordOf(name)}, "id": {id}}))
	return body
}

// TestSingleSignOn: the desktop signs in through the system's browser and a real provider, and is told when that does not succeed;
// what comes back with another state is not listened to.
func TestSingleSignOn(t *testing.T) {
	p := rig.StartOpenID(t, "mira", "stranger")
	provider, err := oidc.New(oidc.Options{Issuer: p.Issuer, ClientID: rig.OpenIDClient, ClientSecret: rig.OpenIDSecret})
	if err != nil {
		t.Fatal(err)
	}
	s := rig.Start(t, rig.Limits(server.Options{SSO: &server.SSO{Provider: provider, Name: "Larchfield"}}))
	p.Allow(s.URL)
	r, err := replica.Open(t.Context(), replica.Config{Profile: t.TempDir(), Origins: []string{"wails://wails"}, Keys: replica.FileKeys(t.TempDir()),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	page := openSignedOut(t, r)
	here := chat.ReplicaServerArgs{Server: s.URL}
	var name chat.ReplicaSSONameAnswer
	if refused := page.try(chat.ReplicaSSOName, here, &name); refused != nil || name.Name != "Larchfield" {
		t.Fatalf("%+v, %v", name, refused)
	}
	if refused := page.try(chat.ReplicaSSOAwait, struct{}{}, nil); refused == nil {
		t.Error("it waits for what was not begun")
	}

	var begun chat.ReplicaSSOBeginAnswer
	if refused := page.try(chat.ReplicaSSOBegin, here, &begun); refused != nil {
		t.Fatal(refused)
	}
	if shown := systemBrowser(t, p, begun.Address, "stranger"); !strings.Contains(shown, "Go on in Parley") {
		t.Errorf("the browser shows %s", shown)
	}
	if refused := page.try(chat.ReplicaSSOAwait, struct{}{}, nil); refused == nil || refused.Code != chat.CodeDenied || !strings.Contains(refused.Text, "no active account") {
		t.Errorf("somebody unknown: %v", refused)
	}

	if refused := page.try(chat.ReplicaSSOBegin, here, &begun); refused != nil {
		t.Fatal(refused)
	}
	at, err := url.Parse(begun.Address)
	if err != nil {
		t.Fatal(err)
	}
	port, _, _ := strings.Cut(at.Query().Get("desktop"), ".")
	forged, err := http.Get("http://127.0.0.1:" + port + "/code/another/xyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = forged.Body.Close()
	if forged.StatusCode != http.StatusNotFound {
		t.Errorf("another state: %d", forged.StatusCode)
	}
	if shown := systemBrowser(t, p, begun.Address, "mira"); !strings.Contains(shown, "Go on in Parley") {
		t.Errorf("the browser shows %s", shown)
	}
	if refused := page.try(chat.ReplicaSSOAwait, struct{}{}, nil); refused != nil {
		t.Fatal(refused)
	}
	if who, where := r.SignedIn(); who != "mira" || where != s.URL {
		t.Errorf("signed in as %q at %q", who, where)
	}
	if refused := page.try(chat.ReplicaSSOBegin, here, nil); refused == nil || refused.Code != chat.CodeConflict {
		t.Errorf("another one beside it: %v", refused)
	}
}
