package server_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/rig"
	"parley/backend/server"
)

// table returns the routes, as they are without a hub behind them.
func table(t *testing.T) []server.Route {
	t.Helper()
	s, err := server.New(server.Options{Hub: new(hub.Hub)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Routes()
}

// TestRoutes_everyOneHasItsAct is WHY-5: a route without an act fails, and those anybody may ask are written down here.
func TestRoutes_everyOneHasItsAct(t *testing.T) {
	open := map[string]bool{"POST /v1/sign-in": true, "GET /healthz": true, "GET /readyz": true, "GET /v1/": true, "GET /": true,
		"GET /v1/sso": true, "GET /v1/sso/start": true, "GET /v1/sso/callback": true, "POST /v1/sso/redeem": true}
	inConversations := map[string]chat.Act{"POST /v1/files": chat.ActPost, "GET /v1/files/{id}": chat.ActRead}
	for _, r := range table(t) {
		name := r.Method + " " + r.Path
		switch {
		case r.Act == server.Open && !open[name]:
			t.Errorf("%s is open to anybody", name)
		case r.Act != server.Open && r.Act != chat.ActConnect && r.Act != chat.ActOwn && r.Act != inConversations[name]:
			t.Errorf("%s needs the act %q, which a session alone does not give", name, r.Act)
		}
	}
}

// TestRoutes_refuseWithoutSession asks each route that needs a session for it without one, with wrong ones and by other
// methods.
func TestRoutes_refuseWithoutSession(t *testing.T) {
	s := rig.Start(t)
	for _, r := range table(t) {
		if r.Act == server.Open {
			continue
		}
		for name, headers := range map[string][]string{
			"none": nil, "wrong": {"Authorization", "Bearer " + strings.Repeat("x", 43)}, "empty": {"Authorization", "Bearer "},
			"basic": {"Authorization", "Basic bWlyYTp4"}, "cookie": {"Cookie", "parley=wrong", "Origin", s.URL}, "in the address": {},
		} {
			address := s.URL + r.Path
			if name == "in the address" {
				address += "?token=" + s.SignIn("mira").Token
			}
			got := ask(t, http.DefaultClient, r.Method, address, "", headers...)
			if got.status != 401 || r.Method != "HEAD" && got.code() != chat.CodeSignedOut { // the answer to HEAD has no body
				t.Errorf("%s %s, token %s: %d %s", r.Method, r.Path, name, got.status, got.body)
			}
		}
		if got := ask(t, http.DefaultClient, "PUT", s.URL+r.Path, ""); got.status != 405 || !strings.Contains(got.header.Get("Allow"), r.Method) {
			t.Errorf("PUT %s: %d, Allow %q", r.Path, got.status, got.header.Get("Allow"))
		}
	}
}

// TestRoutes_onlyByTheTable: the sources register handlers in the loop over the table, and on the two private listeners,
// and nowhere else.
func TestRoutes_onlyByTheTable(t *testing.T) {
	registers := regexp.MustCompile(`\.(Handle|HandleFunc)\(`)
	allowed := map[string]int{"routes.go": 1, "metrics.go": 3, "admin.go": 2}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(registers.FindAll(source, -1)); n != allowed[f.Name()] {
			t.Errorf("%s registers %d handlers, want %d", f.Name(), n, allowed[f.Name()])
		}
	}
}

// TestRoutes_documented: PROTOCOL.md names every route but the interface's own, with the act it needs.
func TestRoutes_documented(t *testing.T) {
	raw, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table(t) {
		if strings.HasSuffix(r.Path, "/") {
			continue
		}
		row := regexp.MustCompile("(?m)^\\|.*`" + regexp.QuoteMeta(r.Method+" "+r.Path) + "`[^|]*\\| " + string(r.Act) + " \\|")
		if !row.Match(raw) {
			t.Errorf("PROTOCOL.md does not say that %s %s needs %q", r.Method, r.Path, r.Act)
		}
	}
}
