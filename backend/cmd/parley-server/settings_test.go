package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSettings_order: the command line before the environment before the file before the default.
func TestSettings_order(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	config := in("parley.json")
	if err := os.WriteFile(config, []byte(`{"data": "`+in("file")+`", "log-level": "debug", "acme-domain": ["a.example", "b.example"], "trust-proxy": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	add := []string{"user", "add", "--new", "--role", "expert", "--config", config, "max"}
	made := func(name string) bool {
		_, err := os.Stat(filepath.Join(in(name), databaseFile))
		return err == nil
	}
	must(t, command(t, password, add...))
	if !made("file") {
		t.Error("the file's setting is not taken")
	}
	must(t, command(t, password, append([]string{"PARLEY_DATA=" + in("environment")}, add...)...))
	if !made("environment") {
		t.Error("the environment does not go before the file")
	}
	must(t, command(t, password, append(append([]string{"PARLEY_DATA=" + in("unused")}, add...), "--data", in("flag"))...))
	if !made("flag") || made("unused") {
		t.Error("the flag does not go before the environment")
	}
	must(t, command(t, password, "PARLEY_CONFIG="+config, "user", "add", "--role", "expert", "eva"))
	mustFail(t, command(t, password, "user", "add", "--role", "expert", "max"), exitUsage, "--data")
}

func TestSettings_mistakes(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "parley.json")
	for name, tt := range map[string]struct{ content, want string }{
		"a word misspelt": {`{"datta": "x"}`, `has the key "datta", which is no setting`},
		"no JSON":         {`data: x`, "is not a JSON object"},
		"a wrong value":   {`{"data": "x", "log-level": "loud"}`, "log-level"},
	} {
		if err := os.WriteFile(config, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		mustFail(t, command(t, "", "serve", "--config", config), exitUsage, tt.want)
		if name == "a word misspelt" {
			mustFail(t, command(t, "", "PARLEY_CONFIG="+config, "serve"), exitUsage, tt.want)
		}
	}
	mustFail(t, command(t, "", "serve", "--config", filepath.Join(dir, "missing.json")), exitUsage, "missing.json")
	mustFail(t, command(t, "", "serve", "--data", dir, "--tls-cert", "x"), exitUsage, "belong together")
	mustFail(t, command(t, "", "serve", "--data", dir, "--tls-cert", "x", "--tls-key", "y", "--acme-domain", "z"), exitUsage, "not both")
	mustFail(t, command(t, "", "serve", "--data", dir, "--tls-cert", "x", "--tls-key", "y", "--listen", "127.0.0.1:0"), exitFailed, "read the certificate")
	mustFail(t, command(t, "", "serve", "--data", dir, "--public-url", "ftp://x", "--listen", "127.0.0.1:0"), exitFailed, "public address")
	mustFail(t, command(t, "", "server"), exitUsage, "unexpected argument server")
	mustFail(t, command(t, ""), exitUsage, "expected one of")
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"user", "import", "--help"}} {
		if r := must(t, command(t, "", args...)); !strings.Contains(r.out, "Usage: parley-server") {
			t.Errorf("%v: %q", args, r.out)
		}
	}
	if r := must(t, command(t, "", "version")); !strings.HasPrefix(r.out, "parley-server ") {
		t.Errorf("version: %q", r.out)
	}
}

// writeCertificate writes a new self-signed certificate for 127.0.0.1 with the serial number, as of at.
func writeCertificate(t *testing.T, cert, key string, serial int64, at time.Time) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool
}

func TestServe_tls(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool := writeCertificate(t, cert, key, 1, time.Now())
	s := serve(t, filepath.Join(dir, "data"), "--tls-cert", cert, "--tls-key", key)
	if !strings.HasPrefix(s.url, "https://") {
		t.Fatalf("it serves %s", s.url)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	resp, err := client.Get(s.url + "/healthz")
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%v, %v", resp, err)
	}
	if _, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("a client that does not know the certificate is content")
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}}}
	if _, err := old.Get(s.url + "/healthz"); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
}

// TestCertificate_renewed: a new file is taken up within a minute, a broken one is not.
func TestCertificate_renewed(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	f := &certificateFile{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"),
		log: slog.New(slog.NewTextHandler(io.Discard, nil)), clock: func() time.Time { return now }}
	serial := func() int64 {
		t.Helper()
		c, err := f.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	if _, err := f.get(nil); err == nil {
		t.Fatal("no file, no error")
	}
	now = now.Add(lookAgain)
	writeCertificate(t, f.cert, f.key, 1, now)
	if got := serial(); got != 1 {
		t.Fatalf("serial %d", got)
	}
	writeCertificate(t, f.cert, f.key, 2, now.Add(time.Second))
	if got := serial(); got != 1 {
		t.Errorf("the files are read at each connection: serial %d", got)
	}
	now = now.Add(lookAgain)
	if got := serial(); got != 2 {
		t.Errorf("after a minute: serial %d", got)
	}
	if err := os.WriteFile(f.cert, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookAgain)
	if got := serial(); got != 2 {
		t.Errorf("with a broken file: serial %d", got)
	}
}
