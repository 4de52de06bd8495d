package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/backend/chat"
)

// Paths of the routes every client uses.
const (
	PathSocket  = "/v1/socket"
	PathSignIn  = "/v1/sign-in"
	PathSignOut = "/v1/sign-out"
	PathSession = "/v1/session"
	// Single sign-on: whether there is one, the way to the provider and back, and the exchange of a desktop's code for a session.
	PathSSO         = "/v1/sso"
	PathSSOStart    = "/v1/sso/start"
	PathSSOCallback = "/v1/sso/callback"
	PathSSORedeem   = "/v1/sso/redeem"
)

// maxAnswerBytes bounds the body of an HTTP answer that a client reads.
const maxAnswerBytes = 64 << 10

// SignInArgs is the body of POST /v1/sign-in.
type SignInArgs struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	// Code is of the second factor, once the answer was chat.CodeSecondFactor or chat.CodeEnrol.
	Code string `json:"code,omitempty"`
	// Cookie asks for the token as an HttpOnly cookie rather than in the body; for pages.
	Cookie bool         `json:"cookie,omitempty"`
	Device *chat.Device `json:"device,omitempty"`
}

// SignInAnswer is the body of its answer 200.
type SignInAnswer struct {
	// Token is a secret: it is the session. Absent where a cookie was asked for.
	Token     string         `json:"token,omitempty"`
	UserID    chat.UserID    `json:"userId"`
	SessionID chat.SessionID `json:"sessionId"`
	// Name is the sign-in name, where the client did not give it: after single sign-on.
	Name string `json:"name,omitempty"`
	// RecoveryCodes are told once, by a sign-in that has set up a second factor.
	RecoveryCodes []string `json:"recoveryCodes,omitempty"`
}

// SSOAnswer is the body of GET /v1/sso.
type SSOAnswer struct {
	// Name is what the provider is called; empty if there is none.
	Name string `json:"name"`
}

// SSORedeemArgs exchange the code that a desktop was sent for a session.
type SSORedeemArgs struct {
	Code string `json:"code"`
	// Verifier is what the challenge was made of with which the desktop began: only it knows.
	Verifier string       `json:"verifier"`
	Device   *chat.Device `json:"device,omitempty"`
}

// SSO asks what the single sign-on of the server at base is called.
func SSO(ctx context.Context, client *http.Client, base string) (SSOAnswer, error) {
	var answer SSOAnswer
	if err := ask(ctx, client, http.MethodGet, base+PathSSO, "", nil, &answer); err != nil {
		return SSOAnswer{}, fmt.Errorf("ask for single sign-on: %w", err)
	}
	return answer, nil
}

// RedeemSSO opens a session with the code that came back to a desktop.
func RedeemSSO(ctx context.Context, client *http.Client, base string, args SSORedeemArgs) (SignInAnswer, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return SignInAnswer{}, fmt.Errorf("encode single sign-on: %w", err)
	}
	var answer SignInAnswer
	if err := post(ctx, client, base+PathSSORedeem, "", body, &answer); err != nil {
		return SignInAnswer{}, fmt.Errorf("sign in: %w", err)
	}
	return answer, nil
}

// RefusedError is an HTTP answer other than success: of sign-in, sign-out, or the socket's upgrade.
type RefusedError struct {
	// Status is the HTTP status.
	Status int
	// RetryAfter is how long the server asks to wait; zero when it does not say.
	RetryAfter time.Duration
	// Answer is what the server said, never nil.
	Answer *chat.Error
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server answered %d: %s", e.Status, e.Answer.Error())
}

// Unwrap returns the server's answer, so errors.As finds the *chat.Error.
func (e *RefusedError) Unwrap() error { return e.Answer }

// MayReturn tells whether trying the same again later can succeed by itself.
func (e *RefusedError) MayReturn() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// ServerURL returns the base address of a server as people type it: "parley.example.com" means https, and http must be said.
// Path, query and user information are refused rather than dropped.
func ServerURL(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := url.Parse(typed)
	switch {
	case err != nil || u.Hostname() == "":
		return "", chat.Invalid("this is not a server's address; it looks like parley.example.com")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", chat.Invalid("a server's address begins with https:// or http://")
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", chat.Invalid("a server's address is a host and at most a port, with nothing after it")
	}
	return u.Scheme + "://" + u.Host, nil
}

// SocketURL returns the socket's address of the server at base, which is as ServerURL gives it.
func SocketURL(base string) string {
	return "ws" + strings.TrimPrefix(strings.TrimRight(base, "/"), "http") + PathSocket
}

// SignIn opens a session at the server at base and returns its token. A refusal is a *RefusedError; any other error means that
// the server was not reached. A nil client means http.DefaultClient.
func SignIn(ctx context.Context, client *http.Client, base string, args SignInArgs) (SignInAnswer, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return SignInAnswer{}, fmt.Errorf("encode sign-in: %w", err)
	}
	var answer SignInAnswer
	if err := post(ctx, client, base+PathSignIn, "", body, &answer); err != nil {
		return SignInAnswer{}, fmt.Errorf("sign in: %w", err)
	}
	return answer, nil
}

// SignOut ends the session of token.
func SignOut(ctx context.Context, client *http.Client, base, token string) error {
	if err := post(ctx, client, base+PathSignOut, token, nil, nil); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// post posts body and decodes the answer into v unless v is nil.
func post(ctx context.Context, client *http.Client, address, token string, body []byte, v any) error {
	return ask(ctx, client, http.MethodPost, address, token, body, v)
}

// ask sends a request and decodes the answer into v unless v is nil.
func ask(ctx context.Context, client *http.Client, method, address, token string, body []byte, v any) error {
	if client == nil {
		client = http.DefaultClient
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return refused(resp)
	}
	if v == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswerBytes)).Decode(v); err != nil {
		return errors.New("the answer is not of this protocol; is this a Parley server?")
	}
	return nil
}

// refused reads the error of an HTTP answer that is not a success.
func refused(resp *http.Response) *RefusedError {
	e := &RefusedError{Status: resp.StatusCode}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	var body struct {
		Error *chat.Error `json:"error"`
	}
	if resp.Body != nil {
		// An answer of a proxy in between is not JSON; then the status alone says what happened.
		_ = json.NewDecoder(io.LimitReader(resp.Body, maxAnswerBytes)).Decode(&body)
	}
	e.Answer = body.Error
	if e.Answer == nil {
		e.Answer = &chat.Error{Code: codeOfStatus(resp.StatusCode), Text: "The server refused with " + resp.Status + "."}
	}
	return e
}

func codeOfStatus(status int) chat.Code {
	switch {
	case status == http.StatusUnauthorized:
		return chat.CodeSignedOut
	case status == http.StatusForbidden:
		return chat.CodeDenied
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout:
		return chat.CodeBusy
	case status >= 500:
		return chat.CodeInternal
	}
	return chat.CodeInvalid
}
