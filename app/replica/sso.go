package replica

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// ssoPatience is how long somebody may take at the provider.
const ssoPatience = 5 * time.Minute

// Refusals of single sign-on, with the words of the server where it has some.
var (
	errSSOLate  = &chat.Error{Code: chat.CodeDenied, Text: "The sign-in in the browser took too long, or another one was begun. You are not signed in; begin again."}
	errSSONone  = &chat.Error{Code: chat.CodeConflict, Text: "No sign-in in the browser is under way. Begin one."}
	errSSOWords = map[string]*chat.Error{
		"refused":     {Code: chat.CodeDenied, Text: "You are known to the sign-in service, but there is no active account for you here. Ask an administrator."},
		"unreachable": {Code: chat.CodeOffline, Text: "The sign-in service does not answer. You are not signed in; try again, or sign in with your password."},
		"busy":        {Code: chat.CodeBusy, Text: "Very many people sign in just now. Try again in a moment.", RetryAfterMs: 2000},
	}
	errSSOFailed = &chat.Error{Code: chat.CodeDenied, Text: "The sign-in in the browser did not succeed. You are not signed in; begin again."}
)

// single is a sign-in that goes on in the system's browser, and comes back to a loopback address (RFC 8252).
type single struct {
	server, verifier, state string
	// got takes what came back, once.
	got  chan came
	once sync.Once
	stop context.CancelFunc
	// awaited is true once a page waits for the end. The owner's.
	awaited bool
}

// came is what came back: a code, or the word for what went wrong.
type came struct{ code, word string }

// ssoName asks a server what its single sign-on is called.
func (r *Replica) ssoName(p *page, q wire.Request) {
	var args chat.ReplicaServerArgs
	if err := wire.DecodeArgs(q.Args, &args); err != nil {
		p.refuse(q.ID, err)
		return
	}
	r.aside(func() {
		name, err := r.askSSO(args.Server)
		r.do(func() { finish(p, q, chat.ReplicaSSONameAnswer{Name: name}, err) })
	})
}

func (r *Replica) askSSO(typed string) (string, error) {
	server, err := ServerAddress(typed)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(r.ctx, signInTimeout)
	defer cancel()
	answer, err := wire.SSO(ctx, r.HTTP, server)
	var refused *wire.RefusedError
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusNotFound:
		return "", nil // an older server
	case err != nil:
		return "", signInError(server, err)
	}
	return answer.Name, nil
}

// ssoBegin opens the loopback address and says what the browser is to open.
func (r *Replica) ssoBegin(args chat.ReplicaServerArgs) (answer chat.ReplicaSSOBeginAnswer, err error) {
	if r.session != nil {
		return answer, errSignedInAlready
	}
	server, err := ServerAddress(args.Server)
	if err != nil {
		return answer, err
	}
	r.ssoEnd()
	s := &single{server: server, verifier: rand.Text() + rand.Text(), state: randomWord(), got: make(chan came, 1)}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		r.Log.Error("no loopback address for single sign-on", "error", err)
		return answer, &chat.Error{Code: chat.CodeInternal, Text: "This computer gives Parley no address for the browser to come back to. You are not signed in; try again."}
	}
	ctx, stop := context.WithTimeout(r.ctx, ssoPatience)
	s.stop, r.single = stop, s
	web := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	r.workers.Go(func() { _ = web.Serve(l) }) // it ends when it is closed
	r.workers.Go(func() {
		<-ctx.Done()
		// Whoever came back is still being told so.
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = web.Shutdown(within)
		_ = web.Close()
		s.end(came{})
	})
	sum := sha256.Sum256([]byte(s.verifier))
	answer.Address = fmt.Sprintf("%s%s?desktop=%d.%s.%s", server, wire.PathSSOStart, l.Addr().(*net.TCPAddr).Port,
		base64.RawURLEncoding.EncodeToString(sum[:]), s.state)
	return answer, nil
}

// randomWord returns 256 random bits in base64url.
func randomWord() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// ssoEnd gives up the sign-in in the browser, if one is under way.
func (r *Replica) ssoEnd() {
	if r.single != nil {
		r.single.stop()
		r.single = nil
	}
}

// end notes what came back; the first counts.
func (s *single) end(c came) {
	s.once.Do(func() { s.got <- c })
}

// ServeHTTP takes what the browser comes back with. Only the state that this sign-in was begun with is listened to; everything else is
// answered alike, and changes nothing.
func (s *single) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	parts := strings.Split(strings.TrimPrefix(req.URL.Path, "/"), "/")
	host, _, _ := net.SplitHostPort(req.Host)
	if req.Method != http.MethodGet || host != "127.0.0.1" || len(parts) != 3 || subtle.ConstantTimeCompare([]byte(parts[1]), []byte(s.state)) != 1 {
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprintf(w, ssoPage, "Nothing is here")
		return
	}
	switch parts[0] {
	case "code":
		_, _ = fmt.Fprintf(w, ssoPage, "Go on in Parley. You can close this page.")
		s.end(came{code: parts[2]})
	default:
		_, _ = fmt.Fprintf(w, ssoPage, "You are not signed in. Parley says why; you can close this page.")
		s.end(came{word: parts[2]})
	}
}

// ssoPage is what the browser shows at the end.
const ssoPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Parley</title>
<body style="font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0"><main><h1 style="font-size: 20px">Parley</h1><p>%s</p></main></body></html>
`

// ssoAwait waits for the end of the sign-in in the browser, and signs this computer in.
func (r *Replica) ssoAwait(p *page, q wire.Request) {
	s := r.single
	if s == nil || s.awaited {
		p.refuse(q.ID, errSSONone)
		return
	}
	s.awaited = true
	r.aside(func() {
		err := r.ssoFinish(s, p)
		r.do(func() {
			if r.single == s {
				r.ssoEnd()
			}
			finish(p, q, struct{}{}, err)
		})
	})
}

func (r *Replica) ssoFinish(s *single, asking *page) error {
	var c came
	select {
	case c = <-s.got:
	case <-r.ctx.Done():
		return errSSOLate
	}
	switch {
	case c.word != "" && errSSOWords[c.word] != nil:
		return errSSOWords[c.word]
	case c.word != "":
		return errSSOFailed
	case c.code == "":
		return errSSOLate
	}
	return r.enter(asking, func(device chat.Device) (*Secret, string, error) {
		ctx, cancel := context.WithTimeout(r.ctx, signInTimeout)
		defer cancel()
		in, err := wire.RedeemSSO(ctx, r.HTTP, s.server, wire.SSORedeemArgs{Code: c.code, Verifier: s.verifier, Device: &device})
		if err != nil {
			return nil, "", signInError(s.server, err)
		}
		return r.keep(s.server, in.Name, in)
	})
}
