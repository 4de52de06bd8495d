package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/backend/auth"
	"parley/backend/blob"
	"parley/backend/chat"
	"parley/backend/clamd"
	"parley/backend/folder"
	"parley/backend/hub"
	"parley/backend/push"
	"parley/backend/server"
	"parley/backend/store"
	"parley/frontend"
)

// Names in the data directory: of the database, of the search index, which is made from it, and of the folder of files.
const (
	databaseFile = "parley.db"
	searchFile   = "search.db"
	filesFolder  = "files"
)

// stopWithin bounds a graceful stop; what is still open then is cut.
const stopWithin = 15 * time.Second

// serveCmd runs the server.
type serveCmd struct {
	Data          string    `required:"" placeholder:"DIR" help:"Directory for the database and all else that is kept; a new installation is begun where there is none."`
	Listen        string    `default:"127.0.0.1:8420" placeholder:"ADDR" help:"Address to serve on, host:port."`
	TLSCert       string    `name:"tls-cert" placeholder:"FILE" help:"Certificate chain (PEM). Read again when it changes."`
	TLSKey        string    `name:"tls-key" placeholder:"FILE" help:"Its private key (PEM)."`
	ACMEDomain    []string  `name:"acme-domain" placeholder:"NAME" help:"Get certificates for these names by ACME (Let's Encrypt); the server must be reached at port 443 of them."`
	PublicURL     string    `name:"public-url" placeholder:"URL" help:"The address people use, where it differs from --listen, e.g. https://parley.example.com behind a proxy."`
	TrustProxy    bool      `help:"Take client address, scheme and host from X-Forwarded-*. Only behind a proxy that sets them."`
	OIDC          oidcFlags `embed:"" prefix:"oidc-"`
	MetricsListen string    `placeholder:"ADDR" help:"Serve Prometheus metrics at this address. They are not protected: keep it private."`
	FileQuota     int64     `default:"10000" placeholder:"MB" help:"How much the files of one user's messages may take, in MB (1,000,000 bytes); 0 for no bound."`
	Clamd         string    `placeholder:"ADDR" help:"Have ClamAV's daemon check each file before anybody can read it: the path of its socket, or host:port. Its StreamMaxLength must be 101M or more."`
	ClamdDown     string    `default:"wait" enum:"wait,pass" help:"While clamd does not answer, files wait for it, and their messages with them (wait), or pass unchecked (pass)."`
	PushContact   string    `placeholder:"URL" help:"By what push services reach you, mailto: or https:; --public-url unless told otherwise. Apple's wants one."`
	PushAllow     []string  `placeholder:"ADDR" help:"A push service of your own, host:port, that may be at a private address."`
	NoPush        bool      `help:"Tell browsers of nothing while no page is open: no connections to push services."`
	CPUProfile    string    `name:"cpu-profile" placeholder:"FILE" help:"Write to this file where the processor's time goes, until the server stops; for go tool pprof."`
	LogLevel      string    `default:"info" enum:"debug,info,warn,error" help:"The least important lines to log: debug, info, warn or error."`
	LogFormat     string    `default:"text" enum:"text,json" help:"Form of log lines: text or json."`
}

// Validate is called by kong.
func (c *serveCmd) Validate() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key belong together")
	case c.TLSCert != "" && len(c.ACMEDomain) > 0:
		return errors.New("either --tls-cert or --acme-domain, not both")
	case c.PushContact != "" && !strings.HasPrefix(c.PushContact, "https:") && !strings.HasPrefix(c.PushContact, "mailto:"):
		return errors.New("--push-contact is a mailto: or https: address")
	}
	return c.OIDC.validate()
}

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, p *program) error {
	p.log = c.logger(p)
	r, err := start(ctx, c, p.log, frontend.Dist())
	if err != nil {
		return err
	}
	if r.begun {
		fmt.Fprintf(p.stdout, "There was no database in %s: a new installation was begun there. If yours is elsewhere, stop this one and correct --data.\n", c.Data)
	}
	fmt.Fprintf(p.stdout, "Parley %s serves %s (data in %s). Ctrl-C stops it.\n", version(), cmp.Or(c.PublicURL, r.URL), c.Data)
	if r.empty {
		fmt.Fprintf(p.stdout, "There are no users yet. Create the first administrator, in another terminal:\n"+
			"  parley-server user add --data %s --role administrator NAME\n", c.Data)
	}
	select {
	case <-ctx.Done():
		p.log.Info("stopping")
	case err = <-r.failed:
		p.log.Error("a listener failed; stopping", "err", err)
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return errors.Join(err, r.stop(within))
}

func (c *serveCmd) logger(p *program) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong has compared it with the list
	o := &slog.HandlerOptions{Level: level}
	// Both handlers quote what is not plain text, so nothing in a log line can pass for another line or move a terminal's
	// cursor.
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, o))
	}
	return slog.New(slog.NewTextHandler(p.stderr, o))
}

// running is a server that has been started.
type running struct {
	// URL is its base address.
	URL string
	// Hub is its authority, for commands by the console.
	Hub *hub.Hub

	begun  bool       // there was no database before
	empty  bool       // there are no users
	failed chan error // a listener has ended by itself
	stops  []func(context.Context) error
}

// start opens the data directory and serves it. On an error nothing stays open.
func start(ctx context.Context, c *serveCmd, log *slog.Logger, assets fs.FS) (_ *running, err error) {
	r := &running{failed: make(chan error, 3)}
	defer func() {
		if err != nil {
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
			defer cancel()
			err = errors.Join(err, r.stop(within))
		}
	}()
	if c.CPUProfile != "" {
		stop, err := startProfile(c.CPUProfile)
		if err != nil {
			return nil, err
		}
		r.later(stop)
	}
	r.begun = !hasDatabase(c.Data)
	st, err := openStore(ctx, c.Data, false, log)
	if err != nil {
		return nil, err
	}
	r.later(func(context.Context) error { return st.Close() })
	files, err := c.openFiles(st, log)
	if err != nil {
		return nil, err
	}
	r.later(func(context.Context) error { return files.Close() })
	r.tidy(files, log)
	h, err := openHub(ctx, hub.Options{Store: st, SearchPath: filepath.Join(c.Data, searchFile), Files: files, FileQuota: c.FileQuota * 1e6, Push: c.push(log), Log: log})
	if err != nil {
		return nil, err
	}
	r.Hub = h
	sso, err := c.OIDC.open()
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	srv, err := server.New(server.Options{Hub: h, Files: files, Log: log, Assets: assets, PublicURL: c.PublicURL, TrustProxy: c.TrustProxy, SSO: sso})
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	r.later(srv.Shutdown)
	if r.empty, err = hasNoUsers(ctx, h); err != nil {
		return nil, err
	}
	backup := func(ctx context.Context, path string) error { return backUp(ctx, st, files, path) }
	if err := r.admin(srv, backup, c.Data, log); err != nil {
		return nil, err
	}
	if c.MetricsListen != "" {
		if _, err := r.listen(c.MetricsListen, srv.MetricsHandler(), nil, log); err != nil {
			return nil, err
		}
	}
	secure, err := c.tls(log)
	if err != nil {
		return nil, err
	}
	address, err := r.listen(c.Listen, srv.Handler(), secure, log)
	if err != nil {
		return nil, err
	}
	r.URL = "http://" + address.String()
	if secure != nil {
		r.URL = "https://" + address.String()
	} else if !address.(*net.TCPAddr).IP.IsLoopback() && !c.TrustProxy {
		log.Warn("passwords and messages travel unencrypted: use --tls-cert, --acme-domain, or a proxy with TLS and --trust-proxy")
	}
	log.Info("serving", "url", r.URL, "data", c.Data, "version", version())
	return r, nil
}

// push returns what makes the sender of notices to browsers; nil if none are to be sent.
func (c *serveCmd) push(log *slog.Logger) func(key []byte) (hub.Pusher, error) {
	if c.NoPush {
		return nil
	}
	contact := cmp.Or(c.PushContact, c.PublicURL)
	if contact == "" && len(c.ACMEDomain) > 0 {
		contact = "https://" + c.ACMEDomain[0]
	}
	if !strings.HasPrefix(contact, "https:") && !strings.HasPrefix(contact, "mailto:") {
		contact = "mailto:postmaster@localhost"
	}
	return func(key []byte) (hub.Pusher, error) {
		return push.New(push.Options{Key: key, Contact: contact, Allow: c.PushAllow, Log: log})
	}
}

// later adds something to be done at the stop; the last added is done first.
func (r *running) later(stop func(context.Context) error) { r.stops = append(r.stops, stop) }

// stop undoes start within ctx.
func (r *running) stop(ctx context.Context) error {
	var errs []error
	for i := len(r.stops) - 1; i >= 0; i-- {
		errs = append(errs, r.stops[i](ctx))
	}
	r.stops = nil
	return errors.Join(errs...)
}

// listen serves h on address, over TLS unless secure is nil.
func (r *running) listen(address string, h http.Handler, secure *tls.Config, log *slog.Logger) (net.Addr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	web := server.HTTPServer(h, log)
	web.TLSConfig = secure
	go func() {
		err := error(nil)
		if secure != nil {
			err = web.ServeTLS(l, "", "")
		} else {
			err = web.Serve(l)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			r.failed <- fmt.Errorf("serve %s: %w", address, err)
		}
	}()
	r.later(func(ctx context.Context) error {
		if err := web.Shutdown(ctx); err != nil {
			return errors.Join(fmt.Errorf("stop serving %s: %w", address, err), web.Close())
		}
		return nil
	})
	return l.Addr(), nil
}

// admin opens the endpoint for this program's subcommands and writes down where it is.
func (r *running) admin(srv *server.Server, backup func(context.Context, string) error, dir string, log *slog.Logger) error {
	token, err := auth.NewToken(rand.Reader)
	if err != nil {
		return err
	}
	address, err := r.listen("127.0.0.1:0", srv.AdminHandler(token, backup), nil, log)
	if err != nil {
		return err
	}
	if err := writeAdminFile(dir, adminFile{Address: address.String(), Token: token}); err != nil {
		return err
	}
	r.later(func(context.Context) error { return removeAdminFile(dir) })
	return nil
}

// openStore opens the database of a data directory, making both where there are none; with mustExist nothing is made, and the
// error is store.ErrNone.
func openStore(ctx context.Context, dir string, mustExist bool, log *slog.Logger) (*store.Store, error) {
	if !mustExist || hasDatabase(dir) {
		if err := folder.Private(dir, databaseFile); err != nil {
			return nil, fmt.Errorf("the data directory: %w", err)
		}
	}
	return store.Open(ctx, filepath.Join(dir, databaseFile), store.Options{Log: log, MustExist: mustExist, Now: chat.MillisOf(time.Now())})
}

// hasDatabase tells whether a data directory has a database, of whatever state.
func hasDatabase(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return err == nil
}

// openFiles opens the folder of files of a server that serves them: they are checked, and pictures are made small.
func (c *serveCmd) openFiles(st *store.Store, log *slog.Logger) (*blob.Store, error) {
	small, err := shrinker()
	if err != nil {
		return nil, err
	}
	o := filesOptions(c.Data, st, log)
	o.Shrink = small.Shrink
	if c.Clamd != "" {
		daemon, err := clamd.New(c.Clamd)
		if err != nil {
			return nil, err
		}
		o.Scan, o.PassUnchecked = daemon.Scan, c.ClamdDown == "pass"
	}
	return blob.Open(o)
}

// filesOptions say where the files of a data directory are.
func filesOptions(dir string, st *store.Store, log *slog.Logger) blob.Options {
	return blob.Options{Dir: filepath.Join(dir, filesFolder), Named: st.NamedFiles, Log: log}
}

// tidy removes, beside all else, the bytes that no message names any more: of messages that were deleted just before the program ended.
func (r *running) tidy(files *blob.Store, log *slog.Logger) {
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := files.DropUnnamed(ctx); err != nil && ctx.Err() == nil {
			log.Error("the bytes of deleted messages were not removed yet", "error", err)
		}
	}()
	r.later(func(context.Context) error {
		end()
		<-done
		return nil
	})
}

// openHub opens the hub; o says what it works on. Commands that end soon need neither a search index nor files.
func openHub(ctx context.Context, o hub.Options) (*hub.Hub, error) {
	o.Clock, o.Rand, o.Version = time.Now, rand.Reader, version()
	o.Passwords = auth.NewPasswords(server.ParallelHashes(), rand.Reader)
	return hub.Open(ctx, o)
}

func hasNoUsers(ctx context.Context, h *hub.Hub) (bool, error) {
	raw, err := h.Do(ctx, hub.Console, chat.UserList, struct{}{})
	if err != nil {
		return false, fmt.Errorf("list users: %w", err)
	}
	var list chat.UserListAnswer
	if err := json.Unmarshal(raw, &list); err != nil {
		return false, fmt.Errorf("list users: %w", err)
	}
	return len(list.Users) == 0, nil
}
