package proof

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// routes returns the table of what the server's program answers over HTTP.
func routes(t *testing.T) []server.Route {
	t.Helper()
	s, err := server.New(server.Options{Hub: new(hub.Hub)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Routes()
}

// httpAnswer is what a route answered.
type httpAnswer struct {
	status int
	header http.Header
	body   string
}

func callRoute(t *testing.T, method, url string, header http.Header, body string) httpAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultTransport.RoundTrip(req) // no redirect is followed
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return httpAnswer{resp.StatusCode, resp.Header, string(text)}
}

// orderly checks an answer: no fault of the server's, and a refusal is in words.
func (a httpAnswer) orderly(t *testing.T, what string) {
	t.Helper()
	switch {
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
		if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
			t.Errorf("%s: %d without a time to come back: %v", what, a.status, a.header)
		}
	case a.status >= 500 || a.status < 200:
		t.Errorf("%s: %d %.200s", what, a.status, a.body)
	}
	if a.status < 400 || a.body == "" || a.header.Get("Content-Type") == "text/html; charset=utf-8" {
		return
	}
	var e struct{ Error *chat.Error }
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || e.Error == nil {
		t.Errorf("%s: %d %.200s", what, a.status, a.body)
		return
	}
	if e.Error.Code != chat.CodeSignedOut {
		wellFormed(t, e.Error, what)
	}
}

// TestHostile_routes asks every route by every method, as nobody, with wrong tokens and with that of a session that has ended: what
// needs a session is refused in the same bytes for each.
func TestHostile_routes(t *testing.T) {
	p := rig.NewProcess(t)
	w := newWitness(t, p.Server)
	before := w.picture()
	ended := p.SignIn("tomas").Token
	if err := wire.SignOut(t.Context(), nil, p.URL, ended); err != nil {
		t.Fatal(err)
	}
	credentials := []http.Header{{}, {"Authorization": {"Bearer " + ended}}, {"Authorization": {"Bearer " + strings.Repeat("x", 43)}}, {"Authorization": {"Bearer " + strings.Repeat("x", 8000)}},
		{"Authorization": {"Bearer"}}, {"Authorization": {"Bearer \x80\xff"}}, {"Authorization": {"Basic bWlyYTp4"}}, {"Sec-Websocket-Protocol": {wire.TokenPrefix + ended}},
		{"Cookie": {"parley=" + ended}, "Origin": {p.URL}}}
	asks := 0
	answers := map[string]bool{} // methods and paths
	for _, r := range routes(t) {
		answers[r.Method+r.Path] = true
	}
	for _, r := range routes(t) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PARLEY"} {
			var first *httpAnswer
			for _, c := range credentials {
				header := c.Clone()
				header.Set("Content-Type", "application/json")
				if r.Path == wire.PathSocket && method == "GET" {
					header.Set("Connection", "Upgrade")
					header.Set("Upgrade", "websocket")
				}
				a := callRoute(t, method, p.URL+r.Path, header, `{}`)
				asks++
				what := method + " " + r.Path
				a.orderly(t, what)
				served := answers[method+r.Path] || method == "HEAD" && answers["GET"+r.Path]
				switch {
				case !served && a.status != http.StatusMethodNotAllowed:
					t.Errorf("%s: %d %.100s", what, a.status, a.body)
				case served && r.Act != server.Open && a.status != http.StatusUnauthorized:
					t.Errorf("%s with %v: %d %.100s", what, c, a.status, a.body)
				case first != nil && (a.status != first.status || a.body != first.body):
					t.Errorf("%s with %.80v: %d %s, and without: %d %s", what, c, a.status, a.body, first.status, first.body)
				}
				if first == nil {
					first = &a
				}
			}
		}
	}
	w.same(before, "asking every route")
	report(t, "hostile routes", len(routes(t)), "routes", asks, "requests", 0, "answered to somebody without a session", 0, "faults of the server")
}

// TestHostile_signIn gives the one route with a body every fault that it can have, in every length and as other kinds of content.
func TestHostile_signIn(t *testing.T) {
	p := rig.NewProcess(t)
	w := newWitness(t, p.Server)
	before := w.picture()
	good := `{"cookie":true,"device":{"id":"d","kind":"browser","name":"rough"},"name":"nobody at all","password":"a guess at it"}`
	asks := 0
	ask := func(what, body, kind string) httpAnswer {
		a := callRoute(t, "POST", p.URL+wire.PathSignIn, http.Header{"Content-Type": {kind}, "Origin": {p.URL}}, body)
		asks++
		a.orderly(t, what)
		if a.status < 400 {
			t.Errorf("%s signs in: %d %s", what, a.status, a.body)
		}
		return a
	}
	for _, v := range spoil(t, good) {
		if a := ask(v.what, v.raw, "application/json"); v.refused && !slices.Contains([]int{400, 413}, a.status) {
			t.Errorf("%s: %d %s", v.what, a.status, a.body)
		}
	}
	for what, body := range map[string]string{"no body": "", "not UTF-8": "{\"name\":\"\xff\",\"password\":\"x\"}", "two values": good + good, "a megabyte": `{"name":"` + strings.Repeat("n", 1<<20) + `"}`,
		"100,000 levels": strings.Repeat("[", 100_000), "NUL": good + "\x00", "a mark of byte order": "\ufeff" + good} {
		if a := ask(what, body, "application/json"); a.status != 400 && a.status != 413 {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/jsonx", "text/html", "*/*", "application/json, text/plain"} {
		if a := ask(kind, good, kind); a.status != http.StatusUnsupportedMediaType {
			t.Errorf("as %q: %d %s", kind, a.status, a.body)
		}
	}
	w.same(before, "signing in")
	report(t, "hostile sign-in", asks, "requests", 0, "signed in", 0, "faults of the server")
}
