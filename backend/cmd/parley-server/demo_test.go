package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parley/backend/demo"
	"parley/backend/wire"
)

func TestDemo_tellsItsAccountsAndEndsCleanly(t *testing.T) {
	if testing.Short() {
		t.Skip("hashes a password for each of the demo's people")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	for _, time := range []string{"first", "second"} {
		ctx, stop := context.WithCancel(t.Context())
		out, in := io.Pipe()
		ended := make(chan int, 1)
		var complaints bytes.Buffer // read after the end
		go func() {
			ended <- run(ctx, []string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, strings.NewReader(""), in, &complaints, nil)
			in.Close()
		}()
		var told strings.Builder
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			told.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Ctrl-C") {
				break
			}
		}
		go io.Copy(io.Discard, out)
		url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(told.String())
		if url == "" {
			stop()
			t.Fatalf("the %s time no address was told: %s; it ended with %d: %s", time, told.String(), <-ended, complaints.String())
		}
		for _, who := range demo.People() {
			if !strings.Contains(told.String(), demo.Password(who.Name)) {
				t.Errorf("the password of %s is not told", who.Name)
			}
		}
		for _, own := range []string{"mira", "liam"} {
			if _, err := wire.SignIn(t.Context(), nil, url, wire.SignInArgs{Name: own, Password: demo.Password(own)}); err != nil {
				t.Errorf("%s cannot sign in: %v", own, err)
			}
		}
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("ended with %d: %s", code, complaints.String())
		}
		if resp, err := http.Get(url + "/healthz"); err == nil {
			resp.Body.Close()
			t.Error("the server still answers")
		}
	}
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); err != nil {
		t.Error(err)
	}
}

func TestDemoAndBench_refuseWhatTheyShouldNotDo(t *testing.T) {
	for name, args := range map[string][]string{
		"all addresses":    {"demo", "--data", "x", "--listen", ":8090"},
		"an outer address": {"demo", "--data", "x", "--listen", "192.0.2.1:8090"},
		"a name":           {"demo", "--data", "x", "--listen", "parley.example.com:8090"},
		"no port":          {"demo", "--data", "x", "--listen", "127.0.0.1"},
		"no data":          {"demo"},
		"odd users":        {"bench", "--users", "3"},
		"too long":         {"bench", "--duration", "1h"},
		"too many idle":    {"bench", "--idle", "100000"},
		"too high a rate":  {"bench", "--rate", "1000000"},
		"too short":        {"bench", "--duration", "0s"},
	} {
		var out, complaints bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &complaints, nil); code != exitUsage || complaints.Len() == 0 {
			t.Errorf("%s: ended with %d: %s", name, code, complaints.String())
		}
	}
}

// A visitor may sign in as anybody and change that password. The next start cannot play the person; it says what to do.
func TestDemo_saysThatAPasswordWasChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	for _, step := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"user", "add", "--new", "--data", dir, "--role", "expert", "tomas"}, exitOK, ""},
		{[]string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, exitFailed, "remove " + dir},
	} {
		var complaints bytes.Buffer
		code := run(t.Context(), step.args, strings.NewReader("another-password\nanother-password\n"), io.Discard, &complaints, nil)
		if code != step.code || !strings.Contains(complaints.String(), step.said) {
			t.Fatalf("%s ended with %d: %s", step.args[0], code, complaints.String())
		}
	}
}
