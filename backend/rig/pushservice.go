package rig

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/push"
)

// PushService is a push service over HTTPS on the loopback address. It checks each request as RFC 8030, 8291 and 8292 have it, and
// fails the test for one that is not in order.
type PushService struct {
	// URL is its address, Host the same without scheme, Roots what its certificate is checked against.
	URL, Host string
	Roots     *x509.CertPool

	t   testing.TB
	web *httptest.Server

	mu       sync.Mutex
	browsers map[string]*PushBrowser
	answers  []int
	requests int
}

// PushBrowser is one subscription at a PushService, with the browser's own keys.
type PushBrowser struct {
	service *PushService
	path    string
	key     *ecdh.PrivateKey
	auth    []byte
	got     chan Pushed
}

// Pushed is a notice as a browser has got it.
type Pushed struct {
	chat.PushNotice
	// Header is the request's; Length that of its body.
	Header http.Header
	Length int
}

// NewPushService starts a push service that ends with the test.
func NewPushService(t testing.TB) *PushService {
	t.Helper()
	p := &PushService{t: t, browsers: map[string]*PushBrowser{}, Roots: x509.NewCertPool()}
	p.web = httptest.NewTLSServer(http.HandlerFunc(p.take))
	t.Cleanup(p.web.Close)
	p.URL = p.web.URL
	p.Host = strings.TrimPrefix(p.URL, "https://")
	p.Roots.AddCert(p.web.Certificate())
	return p
}

// Options let a server send to this service, and try again without delay.
func (p *PushService) Options() push.Options {
	return push.Options{Allow: []string{p.Host}, Roots: p.Roots, Backoff: time.Millisecond}
}

// Browser returns a new subscription.
func (p *PushService) Browser() *PushBrowser {
	p.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		p.t.Fatalf("rig: make a browser's key: %v", err)
	}
	b := &PushBrowser{service: p, path: "/push/" + chat.NewUUID(), key: key, auth: make([]byte, 16), got: make(chan Pushed, 64)}
	_, _ = rand.Read(b.auth)
	p.mu.Lock()
	p.browsers[b.path] = b
	p.mu.Unlock()
	return b
}

// Answer has the next requests answered with these statuses, and those after them as usual.
func (p *PushService) Answer(statuses ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = append(p.answers, statuses...)
}

// Requests is how many have come so far.
func (p *PushService) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// Subscription is what the browser tells the server.
func (b *PushBrowser) Subscription() chat.PushSubscribeArgs {
	encode := base64.RawURLEncoding.EncodeToString
	return chat.PushSubscribeArgs{Endpoint: b.service.URL + b.path, Key: encode(b.key.PublicKey().Bytes()), Auth: encode(b.auth), TimeZone: "Europe/Berlin"}
}

// Next waits for the next notice.
func (b *PushBrowser) Next() Pushed {
	b.service.t.Helper()
	select {
	case n := <-b.got:
		return n
	case <-time.After(Patience):
		b.service.t.Fatal("rig: the browser was told of nothing")
	}
	return Pushed{}
}

// Told returns a notice that has come already.
func (b *PushBrowser) Told() (Pushed, bool) {
	select {
	case n := <-b.got:
		return n, true
	default:
		return Pushed{}, false
	}
}

func (p *PushService) take(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	b := p.browsers[r.URL.Path]
	status := http.StatusCreated
	if p.requests++; len(p.answers) > 0 {
		status, p.answers = p.answers[0], p.answers[1:]
	}
	p.mu.Unlock()
	if status != http.StatusCreated || b == nil {
		if b == nil {
			status = http.StatusNotFound
		}
		w.Header().Set("Location", p.URL+"/elsewhere")
		w.WriteHeader(status)
		return
	}
	n, err := b.read(r)
	if err != nil {
		p.t.Errorf("rig: a request to the push service is not in order: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(status)
	b.got <- n
}

// read checks and decrypts a request.
func (b *PushBrowser) read(r *http.Request) (n Pushed, err error) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Encoding") != "aes128gcm" || r.Header.Get("TTL") == "" {
		return n, fmt.Errorf("%s with %v", r.Method, r.Header)
	}
	if topic := r.Header.Get("Topic"); len(topic) != 32 {
		return n, fmt.Errorf("the topic is %q", topic)
	}
	if err := checkVapid(r.Header.Get("Authorization"), b.service.URL); err != nil {
		return n, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 8192))
	if err != nil || len(body) > 4096 {
		return n, fmt.Errorf("a body of %d bytes: %w", len(body), err)
	}
	text, err := b.decrypt(body)
	if err != nil {
		return n, err
	}
	n.Header, n.Length = r.Header, len(body)
	return n, json.Unmarshal(text, &n.PushNotice)
}

// decrypt is the browser's side of RFC 8291.
func (b *PushBrowser) decrypt(body []byte) ([]byte, error) {
	const header = 16 + 4 + 1 + 65
	if len(body) < header || body[20] != 65 || binary.BigEndian.Uint32(body[16:20]) < uint32(len(body)-header) {
		return nil, errors.New("the header of the encryption is wrong")
	}
	salt, theirs := body[:16], body[21:header]
	public, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		key, _ := hkdf.Key(sha256.New, secret, salt, info, n) // fails for lengths of kilobytes only
		return key
	}
	input := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(theirs), 32)
	block, err := aes.NewCipher(derive(input, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := gcm.Open(nil, derive(input, salt, "Content-Encoding: nonce\x00", 12), body[header:], nil)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	text := strings.TrimRight(string(padded), "\x00")
	if !strings.HasSuffix(text, "\x02") {
		return nil, errors.New("the last record has no end")
	}
	return []byte(strings.TrimSuffix(text, "\x02")), nil
}

// checkVapid checks what shows that a request is its server's (RFC 8292).
func checkVapid(authorization, audience string) error {
	token, key, ok := strings.Cut(strings.TrimPrefix(authorization, "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return fmt.Errorf("the authorization is %q", authorization)
	}
	decode := base64.RawURLEncoding.DecodeString
	point, err := decode(key)
	if err != nil {
		return err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	signature, err := decode(parts[2])
	if err != nil || len(signature) != 64 {
		return fmt.Errorf("a signature of %d bytes: %w", len(signature), err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errors.New("the signature of the token is another's")
	}
	raw, err := decode(parts[1])
	if err != nil {
		return err
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return err
	}
	if claims.Aud != audience || claims.Exp == 0 || !strings.HasPrefix(claims.Sub, "mailto:") {
		return fmt.Errorf("the token says %+v", claims)
	}
	return nil
}
