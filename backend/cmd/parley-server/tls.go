package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme/autocert"
)

// tls returns how to serve over TLS, or nil to serve without.
func (c *serveCmd) tls(log *slog.Logger) (*tls.Config, error) {
	switch {
	case len(c.ACMEDomain) > 0:
		m := &autocert.Manager{
			Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.ACMEDomain...),
			Cache: autocert.DirCache(filepath.Join(c.Data, "acme")),
		}
		config := m.TLSConfig()
		config.MinVersion = tls.VersionTLS12
		return config, nil
	case c.TLSCert != "":
		f := &certificateFile{cert: c.TLSCert, key: c.TLSKey, log: log, clock: time.Now}
		if _, err := f.get(nil); err != nil {
			return nil, err
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.get}, nil
	}
	return nil, nil
}

// lookAgain is how often a certificate's files are looked at for a change.
const lookAgain = time.Minute

// certificateFile is a certificate that is renewed on disk by somebody else while the server runs.
type certificateFile struct {
	cert, key string
	log       *slog.Logger
	clock     func() time.Time

	mu       sync.Mutex
	loaded   *tls.Certificate
	written  time.Time // when the file loaded was written
	lookedAt time.Time
}

// get returns the certificate in force. If a new one cannot be read, the old one stays, and the log says so.
func (f *certificateFile) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock()
	if f.loaded != nil && now.Sub(f.lookedAt) < lookAgain {
		return f.loaded, nil
	}
	f.lookedAt = now
	err := f.load()
	if err != nil && f.loaded != nil {
		f.log.Error("the new certificate cannot be used; the old one stays", "err", err)
		err = nil
	}
	return f.loaded, err
}

func (f *certificateFile) load() error {
	info, err := os.Stat(f.cert)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	if f.loaded != nil && info.ModTime().Equal(f.written) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	if f.loaded != nil {
		f.log.Info("certificate renewed", "expires", pair.Leaf.NotAfter)
	}
	f.loaded, f.written = &pair, info.ModTime()
	return nil
}
