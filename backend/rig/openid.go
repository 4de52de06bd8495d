package rig

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// OpenID is a real OpenID provider of its own: build/openid.
type OpenID struct {
	// Issuer is its address.
	Issuer string
	t      testing.TB
}

// The client that the provider knows.
const (
	OpenIDClient = "parley"
	OpenIDSecret = "larchfield"
)

// openIDProgram builds the provider once for all tests of a process.
var openIDProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "parley-openid-")
	if err != nil {
		return "", err
	}
	mod, err := exec.Command("go", "env", "GOMOD").Output() // at the repository's root, whichever package's tests these are
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "openid")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "build", "openid")
	build.Stderr = os.Stderr
	return program, build.Run()
})

// StartOpenID starts a provider whose users have these names, each with the password PasswordOf.
func StartOpenID(t testing.TB, names ...string) *OpenID {
	t.Helper()
	program, err := openIDProgram()
	if err != nil {
		t.Fatalf("rig: build the OpenID provider: %v", err)
	}
	users := map[string]map[string]any{}
	for _, name := range names {
		users[name] = map[string]any{"ID": name, "Username": name, "Password": PasswordOf(name), "FirstName": strings.ToUpper(name[:1]) + name[1:], "LastName": "Own",
			"Email": name + "@example.com", "EmailVerified": true}
	}
	raw, err := json.Marshal(users)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-users", file)
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatalf("rig: start the OpenID provider: %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it says that it was killed
	})
	issuer, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("rig: the OpenID provider does not say where it is: %v", err)
	}
	return &OpenID{Issuer: strings.TrimSpace(issuer), t: t}
}

// Allow lets the provider send people back to the server.
func (o *OpenID) Allow(server string) {
	o.t.Helper()
	resp, err := http.Get(o.Issuer + "allow?uri=" + url.QueryEscape(server+"/v1/sso/callback"))
	if err != nil {
		o.t.Fatal(err)
	}
	_ = resp.Body.Close()
}
