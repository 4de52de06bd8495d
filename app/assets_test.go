package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPolicy_everyFileCarriesIt(t *testing.T) {
	handler := withPolicy(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/nothing.js", nil))
	if got := answer.Header().Get("Content-Security-Policy"); got != contentPolicy {
		t.Errorf("the policy is %q", got)
	}
	if got := answer.Header().Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options: %q", got)
	}
}

func TestPolicy_scriptsOnlyFromTheBundle(t *testing.T) {
	directives := map[string]string{}
	for directive := range strings.SplitSeq(contentPolicy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		directives[name] = sources
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "connect-src": "'self' ws://127.0.0.1:* http://127.0.0.1:*", "base-uri": "'none'",
		"form-action": "'none'", "frame-ancestors": "'none'",
	} {
		if directives[name] != want {
			t.Errorf("%s is %q, want %q", name, directives[name], want)
		}
	}
}
