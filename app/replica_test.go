package app

import (
	"log/slog"
	"strings"
	"testing"

	"parley/app/cache"
	"parley/app/replica"
	"parley/frontend"
)

func TestOpenReplica_inUseNamesNoToken(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	// A core serves its page and says where, token included, to a second start by the same person.
	first, err := replica.Open(t.Context(), replica.Config{Profile: dir, Assets: frontend.Dist(), Keys: replica.FileKeys(dir), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, token, _ := strings.Cut(first.Address(), "#")
	if token == "" {
		t.Fatal("the first has no token to tell")
	}
	_, err = openReplica(config{profile: dir}, nil, log)
	if err == nil || !strings.Contains(err.Error(), "already running") {
		t.Fatalf("a second one opened the profile: %v", err)
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("the error tells the token: %v", err)
	}
	if other := withoutAddress(&cache.InUseError{Dir: dir, Running: cache.Running{Address: first.Address()}}); strings.Contains(other.Error(), token) {
		t.Errorf("the error tells the token: %v", other)
	}
}

func TestPageOrigin(t *testing.T) {
	for system, want := range map[string]string{"linux": "wails://wails", "darwin": "wails://wails", "windows": "http://wails.localhost"} {
		if got := pageOrigin(system); got != want {
			t.Errorf("%s: %s, want %s", system, got, want)
		}
	}
}
