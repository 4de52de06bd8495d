package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// reply is an HTTP answer read whole.
type reply struct {
	status int
	header http.Header
	body   string
}

// code returns the error code of the reply's body.
func (r reply) code() chat.Code {
	var body struct{ Error *chat.Error }
	if json.Unmarshal([]byte(r.body), &body) != nil || body.Error == nil {
		return ""
	}
	return body.Error.Code
}

// ask sends a request with headers given as pairs.
func ask(t *testing.T, client *http.Client, method, address, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		} else {
			req.Header.Add(headers[i], headers[i+1])
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(raw)}
}

const jsonType = "application/json"

// signIn posts a sign-in as JSON.
func signIn(t *testing.T, s *rig.Server, name, password string, headers ...string) reply {
	t.Helper()
	body, err := json.Marshal(wire.SignInArgs{Name: name, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignIn, string(body), append([]string{"Content-Type", jsonType}, headers...)...)
}

func TestSignIn_good(t *testing.T) {
	s := rig.Start(t)
	r := signIn(t, s, "mira", rig.PasswordOf("mira"))
	var a wire.SignInAnswer
	if err := json.Unmarshal([]byte(r.body), &a); err != nil || r.status != 200 || len(a.Token) < 43 || a.UserID != s.ID("mira") || a.SessionID == "" {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r.header.Get("Set-Cookie") != "" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", r.header)
	}
	who := ask(t, http.DefaultClient, "GET", s.URL+wire.PathSession, "", "Authorization", "Bearer "+a.Token)
	if who.status != 200 || !strings.Contains(who.body, string(a.SessionID)) || strings.Contains(who.body, a.Token) {
		t.Errorf("session: %d %s", who.status, who.body)
	}
	out := ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignOut, "", "Authorization", "Bearer "+a.Token)
	gone := ask(t, http.DefaultClient, "GET", s.URL+wire.PathSession, "", "Authorization", "Bearer "+a.Token)
	if out.status != 204 || gone.status != 401 || gone.code() != chat.CodeSignedOut {
		t.Errorf("sign-out %d, then %d %s", out.status, gone.status, gone.body)
	}
}

// TestSignIn_oneBody is security.md B2: an unknown name, a wrong password and a deactivated account look alike.
func TestSignIn_oneBody(t *testing.T) {
	s := rig.Start(t)
	ines := s.As("ines")
	deactivate(ines, "ruben")
	ines.Barrier()
	wrong := signIn(t, s, "mira", "not "+rig.PasswordOf("mira"))
	if wrong.status != 401 || wrong.code() != chat.CodeDenied {
		t.Fatalf("wrong password: %d %s", wrong.status, wrong.body)
	}
	for name, r := range map[string]reply{
		"unknown name":          signIn(t, s, "nobody", rig.PasswordOf("mira")),
		"deactivated":           signIn(t, s, "ruben", rig.PasswordOf("ruben")),
		"deactivated, wrong":    signIn(t, s, "ruben", "wrong password"),
		"too long":              signIn(t, s, "mira", strings.Repeat("x", 5000)),
		"right and something":   signIn(t, s, "mira", rig.PasswordOf("mira")+"\x00"),
		"a name with a control": signIn(t, s, "mira\n", "wrong password"),
		"another's password":    signIn(t, s, "mira", rig.PasswordOf("tomas")),
	} {
		if r.status != wrong.status || r.body != wrong.body {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if fmt.Sprint(keys(r.header)) != fmt.Sprint(keys(wrong.header)) {
			t.Errorf("%s: headers %v, not %v", name, keys(r.header), keys(wrong.header))
		}
	}
}

func keys(h http.Header) map[string]bool {
	m := map[string]bool{}
	for k := range h {
		m[k] = true
	}
	return m
}

// deactivate lets an administrator deactivate somebody.
func deactivate(admin *rig.Actor, name string) {
	var list chat.UserListAnswer
	admin.Do(chat.UserList, nil, &list)
	off := false
	for _, u := range list.Users {
		if u.Name == name {
			admin.Do(chat.UserUpdate, chat.UserUpdateArgs{UserID: u.User.ID, Revision: u.Revision, Active: &off}, nil)
		}
	}
}

// TestSignIn_malformed is security.md C2 and the limits of PROTOCOL.md section 1. Each case differs in one thing from a
// sign-in that works.
func TestSignIn_malformed(t *testing.T) {
	s := rig.Start(t)
	good := `{"name":"mira","password":"` + rig.PasswordOf("mira") + `"}`
	form := url.Values{"name": {"mira"}, "password": {rig.PasswordOf("mira")}}.Encode()
	at := s.URL + wire.PathSignIn
	tests := []struct {
		name, method, address, body string
		headers                     []string
		status                      int
		code                        chat.Code
	}{
		{"as it should be", "POST", at, good, []string{"Content-Type", jsonType}, 200, ""},
		{"with a charset", "POST", at, good, []string{"Content-Type", "application/json; charset=UTF-8"}, 200, ""},
		{"own origin", "POST", at, good, []string{"Content-Type", jsonType, "Origin", s.URL}, 200, ""},
		{"no content type", "POST", at, good, nil, 415, chat.CodeInvalid},
		{"text/plain", "POST", at, good, []string{"Content-Type", "text/plain"}, 415, chat.CodeInvalid},
		{"form", "POST", at, form, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, chat.CodeInvalid},
		{"another charset", "POST", at, good, []string{"Content-Type", "application/json; charset=utf-7"}, 415, chat.CodeInvalid},
		{"GET", "GET", at + "?" + form, "", nil, 405, chat.CodeInvalid},
		{"PUT", "PUT", at, good, []string{"Content-Type", jsonType}, 405, chat.CodeInvalid},
		{"method override", "GET", at, good, []string{"Content-Type", jsonType, "X-HTTP-Method-Override", "POST"}, 405, chat.CodeInvalid},
		{"17 KB", "POST", at, good + strings.Repeat(" ", 17<<10), []string{"Content-Type", jsonType}, 413, chat.CodeInvalid},
		{"a password of 1 MB", "POST", at, `{"name":"mira","password":"` + strings.Repeat("x", 1<<20) + `"}`, []string{"Content-Type", jsonType}, 413, chat.CodeInvalid},
		{"no JSON", "POST", at, `name=mira`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"empty", "POST", at, ``, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"an array", "POST", at, `[` + good + `]`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"a name twice", "POST", at, `{"name":"tomas",` + good[1:], []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"two objects", "POST", at, good + good, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"wrong types", "POST", at, `{"name":["mira"],"password":1}`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"no password", "POST", at, `{"name":"mira"}`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"no name", "POST", at, `{"password":"x"}`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"deep", "POST", at, `{"name":` + strings.Repeat("[", 8000) + `}`, []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"invalid UTF-8", "POST", at, "{\"name\":\"mira\xff\",\"password\":\"x\"}", []string{"Content-Type", jsonType}, 400, chat.CodeInvalid},
		{"foreign origin", "POST", at, good, []string{"Content-Type", jsonType, "Origin", "https://evil.example"}, 403, chat.CodeDenied},
		{"null origin", "POST", at, good, []string{"Content-Type", jsonType, "Origin", "null"}, 403, chat.CodeDenied},
		{"two origins", "POST", at, good, []string{"Content-Type", jsonType, "Origin", s.URL, "Origin", "https://evil.example"}, 403, chat.CodeDenied},
		{"cookie without an origin", "POST", at, strings.Replace(good, "}", `,"cookie":true}`, 1), []string{"Content-Type", jsonType}, 403, chat.CodeDenied},
		{"another address", "POST", s.URL + "/v1/sign-in/", good, []string{"Content-Type", jsonType}, 405, chat.CodeInvalid},
		{"nothing there", "GET", s.URL + "/v1/users", "", nil, 404, chat.CodeUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ask(t, http.DefaultClient, tt.method, tt.address, tt.body, tt.headers...)
			if r.status != tt.status || r.code() != tt.code {
				t.Errorf("got %d %s", r.status, r.body)
			}
			if tt.status != 200 && strings.Contains(r.header.Get("Set-Cookie")+r.body, "token") {
				t.Errorf("a token was given: %s", r.body)
			}
		})
	}
	if r := signIn(t, s, "mira", rig.PasswordOf("mira")); r.status != 200 {
		t.Errorf("after all that a good sign-in answers %d %s", r.status, r.body)
	}
}

// TestSignIn_throttled is security.md B4: whoever guesses is slowed, and the real user still gets in.
func TestSignIn_throttled(t *testing.T) {
	s := rig.Start(t, rig.HandClock())
	device := `,"device":{"id":"` + chat.NewUUID() + `","kind":"desktop","name":"home"}`
	post := func(password, more string) reply {
		return ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignIn, `{"name":"mira","password":"`+password+`"`+more+`}`, "Content-Type", jsonType)
	}
	if r := post(rig.PasswordOf("mira"), device); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	var throttled reply
	for i := range 50 {
		r := post(fmt.Sprint("guess ", i), "")
		if r.status == 429 {
			throttled = r
			break
		}
		if r.status != 401 {
			t.Fatalf("guess %d: %d %s", i, r.status, r.body)
		}
	}
	if throttled.code() != chat.CodeBusy || throttled.header.Get("Retry-After") == "" || throttled.header.Get("Retry-After") == "0" {
		t.Fatalf("50 guesses were not throttled: %d %s %v", throttled.status, throttled.body, throttled.header)
	}
	if r := post(rig.PasswordOf("mira"), ""); r.status != 429 {
		t.Errorf("the attacker's right guess is tried while throttled: %d", r.status)
	}
	if r := post(rig.PasswordOf("mira"), device); r.status != 200 {
		t.Errorf("the real user, on the device they use, behind the attacker's address: %d %s", r.status, r.body)
	}
	if r := signIn(t, s, "tomas", rig.PasswordOf("tomas")); r.status != 200 {
		t.Errorf("another user from the attacker's address: %d %s", r.status, r.body)
	}
	s.Clock().Turn(time.Minute)
	if r := post(rig.PasswordOf("mira"), ""); r.status != 200 {
		t.Errorf("a minute later: %d %s", r.status, r.body)
	}
}

func TestCookie(t *testing.T) {
	s := rig.Start(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := &http.Client{Jar: jar}
	body := `{"name":"mira","password":"` + rig.PasswordOf("mira") + `","cookie":true}`
	in := ask(t, page, "POST", s.URL+wire.PathSignIn, body, "Content-Type", jsonType, "Origin", s.URL)
	if in.status != 200 || strings.Contains(in.body, "token") {
		t.Fatalf("%d %s", in.status, in.body)
	}
	set := in.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/", "Expires="} {
		if !strings.Contains(set, want) {
			t.Errorf("the cookie %q lacks %s", set, want)
		}
	}
	get := func() reply { return ask(t, page, "GET", s.URL+wire.PathSession, "") }
	if r := get(); r.status != 200 {
		t.Errorf("session by cookie: %d %s", r.status, r.body)
	}
	for name, origin := range foreignOrigins(s.URL) {
		if r := ask(t, page, "POST", s.URL+wire.PathSignOut, "", origin...); r.status != 403 {
			t.Errorf("sign-out, origin %s: %d", name, r.status)
		}
	}
	if r := get(); r.status != 200 {
		t.Fatalf("a foreign page has signed the user out: %d %s", r.status, r.body)
	}
	if r := ask(t, page, "POST", s.URL+wire.PathSignOut, "", "Origin", s.URL); r.status != 204 || !strings.Contains(r.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign-out: %d %v", r.status, r.header)
	}
	if r := get(); r.status != 401 {
		t.Errorf("after sign-out: %d", r.status)
	}
	old := ask(t, http.DefaultClient, "GET", s.URL+wire.PathSession, "", "Cookie", strings.SplitN(set, ";", 2)[0])
	if old.status != 401 || !strings.Contains(old.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the old cookie: %d %v", old.status, old.header)
	}
}

// foreignOrigins are security.md C1's, and none at all, which no page sends where something can be changed.
func foreignOrigins(own string) map[string][]string {
	u, _ := url.Parse(own)
	return map[string][]string{
		"none": nil, "foreign": {"Origin", "https://evil.example"}, "null": {"Origin", "null"}, "empty": {"Origin", ""},
		"upper case": {"Origin", strings.ToUpper(own)}, "other port": {"Origin", "http://" + u.Hostname() + ":1"}, "no port": {"Origin", "http://" + u.Hostname()},
		"other scheme": {"Origin", "https://" + u.Host}, "look-alike": {"Origin", own + ".evil.example"}, "user": {"Origin", "http://" + u.Host + "@evil.example"},
		"prefix": {"Origin", own[:len(own)-1]}, "slash": {"Origin", own + "/"}, "localhost": {"Origin", "http://localhost:" + u.Port()},
		"forwarded": {"Origin", "https://evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https"},
	}
}

// TestProxy: forwarded headers count only where a proxy is trusted; a public address counts alone.
func TestProxy(t *testing.T) {
	forwarded := []string{"Content-Type", jsonType, "Origin", "https://parley.example.com", "X-Forwarded-Host", "parley.example.com", "X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.9"}
	body := `{"name":"mira","password":"` + rig.PasswordOf("mira") + `","cookie":true}`
	for name, tt := range map[string]struct {
		limits server.Options
		status int
	}{
		"not trusted":    {server.Options{}, 403},
		"trusted":        {server.Options{TrustProxy: true}, 200},
		"public address": {server.Options{PublicURL: "https://parley.example.com"}, 200},
		"another one":    {server.Options{PublicURL: "https://other.example.com", TrustProxy: true}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			s := rig.Start(t, rig.Limits(tt.limits))
			r := ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignIn, body, forwarded...)
			if r.status != tt.status {
				t.Fatalf("%d %s", r.status, r.body)
			}
			if set := r.header.Get("Set-Cookie"); r.status == 200 && (!strings.HasPrefix(set, "__Host-parley=") || !strings.Contains(set, "Secure")) {
				t.Errorf("the cookie over TLS: %q", set)
			}
			if r.status == 200 && r.header.Get("Strict-Transport-Security") == "" {
				t.Error("no Strict-Transport-Security over TLS")
			}
		})
	}
}

// TestCookie_overTLSOnlyTheBoundOne: a neighbouring site, or one of plain http, can set a cookie of the plain name.
func TestCookie_overTLSOnlyTheBoundOne(t *testing.T) {
	const public = "https://parley.example.com"
	s := rig.Start(t, rig.Limits(server.Options{PublicURL: public}))
	body := `{"name":"mira","password":"` + rig.PasswordOf("mira") + `","cookie":true}`
	in := ask(t, http.DefaultClient, "POST", s.URL+wire.PathSignIn, body, "Content-Type", jsonType, "Origin", public)
	value, _, _ := strings.Cut(strings.TrimPrefix(in.header.Get("Set-Cookie"), "__Host-parley="), ";")
	if value == "" {
		t.Fatalf("no cookie: %v", in.header)
	}
	for cookie, want := range map[string]int{"__Host-parley=" + value: 200, "parley=" + value: 401, "parley=" + value + "; __Host-parley=wrong": 401} {
		if r := ask(t, http.DefaultClient, "GET", s.URL+wire.PathSession, "", "Cookie", cookie); r.status != want {
			t.Errorf("%s: %d, want %d", strings.ReplaceAll(cookie, value, "…"), r.status, want)
		}
	}
}

var site = fstest.MapFS{
	"index.html":            {Data: []byte("<!doctype html><title>Parley</title>")},
	"assets/main-1a2b.js":   {Data: bytes.Repeat([]byte("export const parley = 1;\n"), 100)},
	"favicon.svg":           {Data: []byte("<svg/>")},
	"assets/.gitkeep":       {Data: []byte("")},
	"sounds/message.mp3":    {Data: []byte{1, 2, 3}},
	"strange/thing.unheard": {Data: []byte("x")},
}

func TestAssets(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{Assets: site}))
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	tests := []struct {
		path, kind, cache string
		status            int
	}{
		{"/", "text/html; charset=utf-8", "no-cache", 200},
		{"/index.html", "text/html; charset=utf-8", "no-cache", 200},
		{"/settings/agents", "text/html; charset=utf-8", "no-cache", 200},
		{"/assets/main-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/favicon.svg", "image/svg+xml", "no-cache", 200},
		{"/sounds/message.mp3", "audio/mpeg", "no-cache", 200},
		{"/assets/main-old.js", "", "", 404},
		{"/.env", "", "", 404},
		{"/assets/.gitkeep", "", "", 404},
		{"/..%2f..%2fetc%2fpasswd.txt", "", "", 404},
		{"/v1/", "", "", 404},
	}
	for _, tt := range tests {
		r := ask(t, plain, "GET", s.URL+tt.path, "")
		if r.status != tt.status || tt.status == 200 && (r.header.Get("Content-Type") != tt.kind || r.header.Get("Cache-Control") != tt.cache) {
			t.Errorf("%s: %d %v", tt.path, r.status, r.header)
		}
		if r.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s lacks nosniff", tt.path)
		}
	}
	js := ask(t, plain, "GET", s.URL+"/assets/main-1a2b.js", "")
	zipped := ask(t, plain, "GET", s.URL+"/assets/main-1a2b.js", "", "Accept-Encoding", "gzip")
	if zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) >= len(js.body) || js.header.Get("Content-Encoding") != "" {
		t.Errorf("gzip: %d bytes of %d, %v", len(zipped.body), len(js.body), zipped.header)
	}
	if r := ask(t, plain, "GET", s.URL+"/assets/main-1a2b.js", "", "If-None-Match", js.header.Get("ETag")); r.status != 304 || r.body != "" {
		t.Errorf("with its ETag: %d", r.status)
	}
	if r := ask(t, plain, "HEAD", s.URL+"/", ""); r.status != 200 || r.body != "" {
		t.Errorf("HEAD: %d %q", r.status, r.body)
	}
	bare := rig.Start(t)
	if r := ask(t, plain, "GET", bare.URL+"/", ""); r.status != 404 || !strings.Contains(r.body, "without the web interface") {
		t.Errorf("without an interface: %d %s", r.status, r.body)
	}
}

// TestHeaders: every answer, good or bad, has the headers of security.md C10 and S5.
func TestHeaders(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{Assets: site}))
	host := strings.TrimPrefix(s.URL, "http://")
	for _, path := range []string{"/", "/v1/session", "/v1/nothing", "/healthz", "/readyz", "/missing.js", "/v1/socket"} {
		r := ask(t, http.DefaultClient, "GET", s.URL+path, "")
		csp := r.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "connect-src 'self' ws://" + host + ";", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %q", path, csp, want)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "", "Server": ""} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	odd := ask(t, http.DefaultClient, "GET", s.URL+"/", "", "Host", "a.example;script-src-x'unsafe-eval'")
	if strings.Contains(odd.header.Get("Content-Security-Policy"), "unsafe-eval") {
		t.Errorf("Host gets into the policy: %s", odd.header.Get("Content-Security-Policy"))
	}
}

func TestHealth(t *testing.T) {
	s := rig.Start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if r := ask(t, http.DefaultClient, "GET", s.URL+path, ""); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

func TestHugeHeader(t *testing.T) {
	s := rig.Start(t)
	if r := ask(t, http.DefaultClient, "GET", s.URL+"/healthz", "", "X-Padding", strings.Repeat("x", 64<<10)); r.status != 431 {
		t.Errorf("a header of 64 KB: %d", r.status)
	}
}
