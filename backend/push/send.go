package push

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// result is what came of one try.
type result struct {
	// failed says that it may go better another time, not before after.
	failed bool
	after  time.Duration
	// gone says that there is no such subscription any more.
	gone bool
	err  error
}

// send sends a notice once.
func (s *Sender) send(t *try) result {
	payload, ok := t.Make()
	if !ok {
		return result{}
	}
	request, err := s.request(&t.Notice, payload)
	if err != nil {
		s.o.Log.Warn("a notice to a browser cannot be sent", "service", hostOf(t.To.Endpoint), "err", err)
		return result{}
	}
	answer, err := s.client.Do(request)
	if errors.Is(err, errPrivate) {
		s.o.Log.Warn("a subscription leads to an address that is not public; its notices are not sent", "service", hostOf(t.To.Endpoint))
		return result{gone: true}
	}
	if err != nil {
		return result{failed: true, err: err}
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.CopyN(io.Discard, answer.Body, 1024) // enough to use the connection again
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return result{}
	case code == http.StatusNotFound || code == http.StatusGone:
		return result{gone: true}
	case code == http.StatusTooManyRequests || code >= 500:
		return result{failed: true, after: retryAfter(answer.Header.Get("Retry-After"), s.o.Clock()), err: fmt.Errorf("answered %d", code)}
	}
	s.o.Log.Warn("a push service refuses a notice", "service", hostOf(t.To.Endpoint), "status", answer.StatusCode)
	return result{}
}

// request makes the request of a notice (RFC 8030, section 5).
func (s *Sender) request(n *Notice, payload []byte) (*http.Request, error) {
	to, err := url.Parse(n.To.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("the endpoint: %w", err)
	}
	if err := s.o.fits(to); err != nil {
		return nil, err
	}
	body, err := encrypt(n.To.Key, n.To.Auth, payload)
	if err != nil {
		return nil, err
	}
	authorization, err := s.authorize(to)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(s.ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the request: %w", err)
	}
	topic := sha256.Sum256(append([]byte(n.To.Auth), n.Topic...))
	urgency := "normal"
	if n.Urgent {
		urgency = "high"
	}
	for name, value := range map[string]string{
		"Authorization": authorization, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": strconv.Itoa(int(n.TTL / time.Second)), "Urgency": urgency, "Topic": base64.RawURLEncoding.EncodeToString(topic[:24]),
	} {
		r.Header.Set(name, value)
	}
	return r, nil
}

// retryAfter is how long a push service asks to be left alone: at most maxBackoff.
func retryAfter(said string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(said); err == nil {
		return min(max(time.Duration(seconds)*time.Second, 0), maxBackoff)
	}
	if at, err := http.ParseTime(said); err == nil {
		return min(max(at.Sub(now), 0), maxBackoff)
	}
	return 0
}

// hostOf is what the log says of an endpoint: the rest of it is a secret between browser, push service and this server.
func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return u.Host
}
