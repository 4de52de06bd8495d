// Package push sends notices to browsers through the push services that their makers run (RFC 8030), so that somebody is told of a
// message while no page of theirs is open.
//
// It owns the way out: the server's key (VAPID, RFC 8292), the encryption for one browser (RFC 8291), where a notice may go at all,
// the queue and the tries. Whom to tell of what, and what it says, is the hub's. Nothing is kept on disk: a notice that is not
// sent when the server stops is not sent.
//
// # What leaves the server
//
// A push service is told the address of a subscription, which it has made itself, when a notice was sent, and whom to write to about
// this server. The notice is encrypted for the browser alone and always of the same length.
//
// # Where it may go
//
// The address of a push service comes from a browser, so from anybody who can sign in. It must be https on port 443, redirects are
// not followed, answers not read, and a connection is refused when the name leads to an address that is not public: see guard.
package push

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// KeyBytes is the length of the server's private key.
const KeyBytes = 32

// MaxPayload bounds what a notice says, in bytes.
const MaxPayload = 1024

// Subscription is where notices for one browser go, and how they are encrypted for it.
type Subscription struct {
	// Endpoint is the address at its push service.
	Endpoint string
	// Key is the browser's public key, an uncompressed point of P-256; Auth the secret that it shares with this server.
	Key, Auth []byte
}

// Notice is something to be told.
type Notice struct {
	To Subscription
	// Topic names what it is about to this server; the push service sees a hash. Of two notices of one topic only the later one is
	// told if neither was yet, here or at the push service.
	Topic string
	// TTL is how long the push service keeps it for a browser that is away.
	TTL time.Duration
	// Urgent wakes a device that saves its battery.
	Urgent bool
	// Make returns what it says, at most MaxPayload bytes. It is called right before each try, not under a lock, and ok is false if
	// there is nothing to be told any more.
	Make func() (payload []byte, ok bool)
	// Gone is called when the push service says that there is no such subscription any more. May be nil.
	Gone func()
}

// Options are what a sender is given. Zero values mean the defaults named beside them.
type Options struct {
	// Key is the server's private key, KeyBytes long. Browsers remember it: another one makes all subscriptions worthless.
	Key []byte
	// Contact is by what a push service reaches whoever runs this server, a mailto: or https: address.
	Contact string
	// Allow are addresses, host:port as they stand in an endpoint, that may be private or on another port.
	Allow []string
	// Roots are the certificate authorities for push services; the system's if nil.
	Roots *x509.CertPool
	// Log takes what operators should know; slog.Default if nil.
	Log *slog.Logger
	// Clock tells the time; time.Now if nil.
	Clock func() time.Time
	// Backoff is how long after the first failure to try again; each further failure of an endpoint doubles it twice. 5 s.
	Backoff time.Duration
	// MaxWaiting bounds the notices that wait; further ones are dropped. 4096.
	MaxWaiting int
	// Parallel is how many are on their way at once, to one endpoint never more than one. 4.
	Parallel int
	// Timeout bounds one try. 10 s.
	Timeout time.Duration
}

// The bounds of trying again.
const (
	maxAttempts = 5
	maxBackoff  = 15 * time.Minute
)

// Sender sends notices in goroutines of its own; nobody waits for it.
type Sender struct {
	o      Options
	key    *ecdsa.PrivateKey
	public string
	client *http.Client
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	bell   chan struct{}
	live   sync.WaitGroup

	mu        sync.Mutex
	waiting   []*try
	inFlight  int
	endpoints map[string]*endpoint
	dropped   int
}

// try is a notice on its way.
type try struct {
	Notice
	attempts int
}

// endpoint is what is known of a subscription that is being written to, or that failed lately.
type endpoint struct {
	busy bool
	// failures counts those in a row; notBefore is when to try again.
	failures  int
	notBefore time.Time
}

// New returns a sender that is at work. An error says what is wrong with the options.
func New(o Options) (*Sender, error) {
	o.Log = cmp.Or(o.Log, slog.Default())
	o.Backoff, o.Timeout = cmp.Or(o.Backoff, 5*time.Second), cmp.Or(o.Timeout, 10*time.Second)
	o.MaxWaiting, o.Parallel = cmp.Or(o.MaxWaiting, 4096), cmp.Or(o.Parallel, 4)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), o.Key)
	if err != nil {
		return nil, fmt.Errorf("push: the server's key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("push: the server's key: %w", err)
	}
	s := &Sender{o: o, key: key, public: base64.RawURLEncoding.EncodeToString(point), bell: make(chan struct{}, 1), endpoints: map[string]*endpoint{}}
	s.client = newClient(o)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.live.Add(1)
	go s.run()
	return s, nil
}

// NewKey returns a new private key for a server.
func NewKey(random io.Reader) ([]byte, error) {
	for range 100 { // a random number is a key but once in 2^32
		key := make([]byte, KeyBytes)
		if _, err := io.ReadFull(random, key); err != nil {
			return nil, fmt.Errorf("push: make a key: %w", err)
		}
		if _, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), key); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("push: make a key: the source of random numbers is none")
}

// PublicKey is what browsers subscribe with: the public key as a point, in base64url.
func (s *Sender) PublicKey() string { return s.public }

// Push takes a notice and returns at once. What waits of the same topic for the same browser is replaced. When too many wait it is
// dropped.
func (s *Sender) Push(n Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	for _, t := range s.waiting {
		if t.To.Endpoint == n.To.Endpoint && t.Topic == n.Topic {
			t.Notice = n
			return
		}
	}
	if len(s.waiting) >= s.o.MaxWaiting {
		if s.dropped++; s.dropped%s.o.MaxWaiting == 1 {
			s.o.Log.Warn("notices to browsers are dropped: too many wait", "dropped", s.dropped)
		}
		return
	}
	s.waiting = append(s.waiting, &try{Notice: n})
	s.ring()
}

// Close ends what is on its way and drops what waits.
func (s *Sender) Close() {
	s.cancel()
	s.live.Wait()
	s.client.CloseIdleConnections()
}

func (s *Sender) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// run hands out what waits.
func (s *Sender) run() {
	defer s.live.Done()
	for {
		t, wait := s.next()
		if t != nil {
			s.live.Add(1)
			go s.attempt(t)
			continue
		}
		if wait == 0 {
			wait = time.Hour // the bell comes first
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.bell:
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// next takes the first notice that may be sent now; with none, wait is how long until one may, zero if nobody knows.
func (s *Sender) next() (t *try, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight >= s.o.Parallel {
		return nil, 0
	}
	now := s.o.Clock()
	for i, t := range s.waiting {
		e := s.endpoints[t.To.Endpoint]
		switch {
		case e == nil:
			e = &endpoint{}
			s.endpoints[t.To.Endpoint] = e
		case e.busy:
			continue
		case now.Before(e.notBefore):
			if d := e.notBefore.Sub(now); wait == 0 || d < wait {
				wait = d
			}
			continue
		}
		e.busy = true
		s.inFlight++
		s.waiting = append(s.waiting[:i:i], s.waiting[i+1:]...)
		return t, 0
	}
	return nil, wait
}

// attempt sends a notice once and sees to what follows.
func (s *Sender) attempt(t *try) {
	defer s.live.Done()
	defer s.ring()
	result := s.send(t)
	if result.gone && t.Gone != nil {
		t.Gone()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	e := s.endpoints[t.To.Endpoint]
	e.busy = false
	if !result.failed {
		delete(s.endpoints, t.To.Endpoint)
		return
	}
	e.failures++
	e.notBefore = s.o.Clock().Add(max(result.after, s.backoff(e.failures)))
	s.forgetOld()
	if t.attempts++; t.attempts >= maxAttempts || s.ctx.Err() != nil {
		s.o.Log.Warn("a notice to a browser was given up", "service", hostOf(t.To.Endpoint), "attempts", t.attempts, "err", result.err)
		return
	}
	for _, other := range s.waiting { // a later one says more
		if other.To.Endpoint == t.To.Endpoint && other.Topic == t.Topic {
			return
		}
	}
	s.waiting = append(s.waiting, t)
}

// backoff is how long to leave an endpoint alone after so many failures in a row.
func (s *Sender) backoff(failures int) time.Duration {
	d := s.o.Backoff
	for range min(failures-1, 10) {
		d *= 4
	}
	d = min(d, maxBackoff)
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails
	return d + d*time.Duration(b[0])/1024
}

// forgetOld bounds what is remembered of failures. The caller holds mu.
func (s *Sender) forgetOld() {
	if len(s.endpoints) <= s.o.MaxWaiting {
		return
	}
	now := s.o.Clock()
	for address, e := range s.endpoints {
		if !e.busy && now.After(e.notBefore) {
			delete(s.endpoints, address)
		}
	}
}
