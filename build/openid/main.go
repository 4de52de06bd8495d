// Command openid is a real OpenID provider for tests of single sign-on: the example server of zitadel/oidc, with a sign-in page of its own
// and users of one's choice. It is a module of its own, so that nothing of it comes near the product's.
//
// It prints its issuer. Its client "parley" with the secret "larchfield" may have people sent back to every address that was named by
// GET /allow?uri=ADDRESS.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "openid:", err)
		os.Exit(1)
	}
}

// people are the users by their ids.
type people map[string]*storage.User

// GetUserByID implements storage.UserStore.
func (p people) GetUserByID(id string) *storage.User { return p[id] }

// GetUserByUsername implements storage.UserStore.
func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

// ExampleClientID implements storage.UserStore.
func (people) ExampleClientID() string { return storage.ServiceUserID }

func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen at")
	users := flag.String("users", "", "file with the users, as JSON: {\"ID\": {\"ID\", \"Username\", \"Password\", ...}}")
	flag.Parse()
	raw, err := os.ReadFile(*users)
	if err != nil {
		return err
	}
	store := people{}
	if err := json.Unmarshal(raw, &store); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	issuer := "http://" + l.Addr().String() + "/"
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	provider := exampleop.SetupServer(issuer, storage.NewStorage(store), log, false)

	var mu sync.Mutex // the example's clients are a map
	var allowed []string
	fmt.Println(issuer)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/allow" {
			allowed = append(allowed, r.FormValue("uri"))
			storage.RegisterClients(storage.WebClient("parley", "larchfield", allowed...))
			return
		}
		provider.ServeHTTP(w, r)
	}))
}
