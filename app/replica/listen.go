package replica

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"parley/backend/blob"
	"parley/backend/wire"
)

const (
	socketPath = wire.PathSocket
	// tokenBytes make the token of a launch: 256 bits.
	tokenBytes = 32
	// maxHeaderBytes bounds a request's headers.
	maxHeaderBytes = 16 << 10
)

// listener is the loopback door for pages. Who comes in must hold the token of this launch, come from an admitted page and have
// asked for exactly this address; everybody else is refused in the same words, whatever was wrong (security.md G6).
type listener struct {
	net.Listener
	r       *Replica
	host    string // 127.0.0.1:PORT
	token   string
	origins []string
	server  *http.Server
	pages   sync.WaitGroup
	passing passing
}

func (r *Replica) openListener() (*listener, error) {
	address, err := net.ResolveTCPAddr("tcp4", r.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for pages on %q: %w", r.Listen, err)
	}
	if !address.IP.Equal(net.IPv4(127, 0, 0, 1)) {
		return nil, fmt.Errorf("listen for pages on %q: only 127.0.0.1 is allowed, others on the network must not reach it", r.Listen)
	}
	tcp, err := net.ListenTCP("tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("listen for pages: %w", err)
	}
	secret := make([]byte, tokenBytes)
	rand.Read(secret) // never fails
	l := &listener{Listener: tcp, r: r, host: tcp.Addr().String(), token: base64.RawURLEncoding.EncodeToString(secret),
		origins: slices.Clone(r.Origins)}
	if r.Assets != nil {
		l.origins = append(l.origins, "http://"+l.host)
	}
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(r.Log.Handler(), slog.LevelDebug)}
	if err := r.lock.Announce(l.address()); err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	return l, nil
}

// address is where a browser finds the page, token included; empty if no page is served.
func (l *listener) address() string {
	if l.r.Assets == nil {
		return ""
	}
	return "http://" + l.host + "/#" + l.token
}

func (l *listener) serve(workers *sync.WaitGroup) {
	workers.Go(func() {
		if err := l.server.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
			l.r.Log.Error("pages can no longer connect", "error", err)
		}
	})
}

// close ends the door and waits for the pages that are inside to be gone; the replica's context has ended them.
func (l *listener) close() error {
	err := l.server.Close()
	l.pages.Wait()
	return err
}

// ServeHTTP implements http.Handler.
func (l *listener) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.URL.Path == socketPath {
		l.serveSocket(w, q)
		return
	}
	if q.URL.Path == blob.Path || strings.HasPrefix(q.URL.Path, blob.Path+"/") {
		l.serveFiles(w, q)
		return
	}
	if l.r.Assets == nil || q.Host != l.host || q.Method != http.MethodGet && q.Method != http.MethodHead {
		refuse(w)
		return
	}
	l.serveAsset(w, q)
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.Error(w, "refused", http.StatusForbidden)
}

func (l *listener) serveSocket(w http.ResponseWriter, q *http.Request) {
	if !l.admits(q) {
		l.r.Log.Warn("a request to the pages' socket was refused")
		refuse(w)
		return
	}
	ws, err := websocket.Accept(w, q, &websocket.AcceptOptions{Subprotocols: []string{wire.SubprotocolName}, OriginPatterns: l.origins})
	if err != nil {
		l.r.Log.Warn("a page's socket could not be opened", "error", err)
		return
	}
	l.pages.Add(1)
	defer l.pages.Done()
	ctx, cancel := context.WithCancel(l.r.ctx) // not the request's: that ends with the upgrade
	defer cancel()
	l.r.servePage(ctx, ws)
}

// admits makes every check, whatever the others said.
func (l *listener) admits(q *http.Request) bool {
	host := q.Host == l.host
	origin := slices.Contains(l.origins, q.Header.Get("Origin")) && len(q.Header.Values("Origin")) == 1
	upgrade := q.Method == http.MethodGet && strings.EqualFold(q.Header.Get("Upgrade"), "websocket")
	speaks, token := offered(q)
	known := sameToken(token, l.token)
	return host && origin && upgrade && speaks && known
}

// offered reads whether the page speaks our protocol, and the token it shows: as an offered subprotocol, because browsers can
// send no header, or from a script as Authorization.
func offered(q *http.Request) (speaks bool, token string) {
	token, _ = strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	for _, header := range q.Header.Values("Sec-WebSocket-Protocol") {
		for _, name := range strings.Split(header, ",") {
			name = strings.TrimSpace(name)
			if name == wire.SubprotocolName {
				speaks = true
			} else if shown, ok := strings.CutPrefix(name, wire.TokenPrefix); ok {
				token = shown
			}
		}
	}
	return speaks, token
}

// sameToken compares in constant time, whatever the lengths.
func sameToken(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// assetKinds are written out, because the system's own table differs from machine to machine.
var assetKinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav",
}

// serveAsset serves the interface, which holds no secret, under a policy that lets it talk to this listener alone.
func (l *listener) serveAsset(w http.ResponseWriter, q *http.Request) {
	name := strings.TrimPrefix(path.Clean(q.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	body, err := fs.ReadFile(l.r.Assets, name)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if err != nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "+
		"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws://"+l.host+"; manifest-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // the port, and with it the origin, may be another program's tomorrow
	h.Set("Content-Type", orElse(assetKinds[path.Ext(name)], "application/octet-stream"))
	_, _ = w.Write(body) // the browser went away
}
