package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"text/tabwriter"

	"parley/backend/chat"
	"parley/backend/demo"
	"parley/backend/hub"
	"parley/backend/wire"
	"parley/frontend"
)

// demoSeed decides what the demo's people do; always the same, so that what one visitor saw another can see.
const demoSeed = 2026

// demoCmd runs a server with the demo organisation and its people.
type demoCmd struct {
	Data   string `required:"" placeholder:"DIR" help:"Directory for the demo's database; made if missing. Use one of its own."`
	JSON   bool   `name:"json" help:"For a program that starts it: tell where it is, and whom one may sign in as, in one line of JSON, and end when standard input does."`
	Listen string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Loopback address to serve on: the demo's passwords are public."`
}

// Validate is called by kong.
func (c *demoCmd) Validate() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("--listen: the demo serves this computer only, for example 127.0.0.1:8090, because its passwords are public")
	}
	return nil
}

// Run serves and lets the people live until ctx ends.
func (c *demoCmd) Run(ctx context.Context, p *program) (err error) {
	log := p.quietLog()
	ids, err := c.populate(ctx, log)
	if err != nil {
		return err
	}
	r, err := start(ctx, &serveCmd{Data: c.Data, Listen: c.Listen}, log, frontend.Dist())
	if err != nil {
		return err
	}
	defer func() {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err = errors.Join(err, r.stop(within))
	}()
	stage, err := demo.Open(ctx, demo.Options{URL: r.URL, IDs: ids, Seed: demoSeed, Log: log})
	var refused *wire.RefusedError
	if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		return fmt.Errorf("somebody has changed the password of one of the demo's people, who cannot sign in any more; remove %s to begin the demo anew: %w", c.Data, err)
	}
	if err != nil {
		return err
	}
	playing, end := context.WithCancel(ctx)
	defer end()
	if c.JSON {
		tellProgram(p.stdout, r.URL)
		go func() {
			_, _ = io.Copy(io.Discard, p.stdin) // however it ends
			end()
		}()
	} else {
		tellDemo(p.stdout, r.URL)
	}
	go func() {
		select {
		case err := <-r.failed:
			log.Error("a listener failed; stopping", "err", err)
			end()
		case <-playing.Done():
		}
	}()
	stage.Play(playing)
	return nil
}

// populate brings the demo's people into the database, before anybody can sign in.
func (c *demoCmd) populate(ctx context.Context, log *slog.Logger) (_ demo.IDs, err error) {
	st, err := openStore(ctx, c.Data, false, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	h, err := openHub(ctx, hub.Options{Store: st, Log: log})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return demo.Populate(ctx, func(ctx context.Context, name chat.CommandName, args any) (json.RawMessage, error) {
		return h.Do(ctx, hub.Console, name, args)
	})
}

// tellProgram prints where the demo is, and whom one may be in it: those whom nobody plays, and an administrator.
func tellProgram(w io.Writer, url string) {
	type person struct {
		Name        string    `json:"name"`
		Password    string    `json:"password"`
		DisplayName string    `json:"displayName"`
		Role        chat.Role `json:"role"`
	}
	told := struct {
		URL    string   `json:"url"`
		People []person `json:"people"`
	}{URL: url}
	administrator := false
	for _, who := range demo.People() {
		if who.Own || who.Role == chat.RoleAdministrator && !administrator {
			administrator = administrator || who.Role == chat.RoleAdministrator
			told.People = append(told.People, person{who.Name, demo.Password(who.Name), who.DisplayName, who.Role})
		}
	}
	_ = json.NewEncoder(w).Encode(told) // to a program that is gone, nothing can be told
}

// tellDemo prints who there is and how to sign in.
func tellDemo(w io.Writer, url string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sign-in name\tpassword\tname\trole\tgroup\tteams\tplayed by")
	for _, who := range demo.People() {
		by := "itself"
		if who.Own {
			by = "you"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", who.Name, demo.Password(who.Name), who.DisplayName, who.Role, who.Group, strings.Join(who.Teams, ", "), by)
	}
	_ = t.Flush() // to a terminal that is gone, nothing can be told
	fmt.Fprintf(w, "\nThe demo is at %s for a browser, and for the desktop's sign-in. Ctrl-C ends it.\n", url)
}
