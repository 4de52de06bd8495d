package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// Open is the act of a route that anybody may ask for, signed in or not. It stands written out in the table, so that an
// entry without an act is a mistake that a test finds.
const Open chat.Act = "open"

// Route is one way in over HTTP: an entry of the one table (SPEC WHY-5). Commands over the socket have their own table,
// chat.Commands.
type Route struct {
	Method string
	// Path is exact; one that ends in a slash covers everything below it, and {id} is one part of any kind.
	Path string
	// Act is what the asker needs: Open, an act for which a live session is enough, or one in a conversation, which the handler asks
	// the hub for.
	Act chat.Act

	open func(http.ResponseWriter, *http.Request)
	with func(http.ResponseWriter, *http.Request, hub.Actor)
}

// Routes returns the table. There is no other way into the public listener.
func (s *Server) Routes() []Route {
	return append([]Route{
		{Method: http.MethodPost, Path: wire.PathSignIn, Act: Open, open: s.signIn},
		{Method: http.MethodPost, Path: wire.PathSignOut, Act: chat.ActOwn, with: s.signOut},
		{Method: http.MethodGet, Path: wire.PathSession, Act: chat.ActConnect, with: s.session},
		{Method: http.MethodGet, Path: wire.PathSocket, Act: chat.ActConnect, with: s.socket},
		{Method: http.MethodGet, Path: "/healthz", Act: Open, open: s.healthz},
		{Method: http.MethodGet, Path: "/readyz", Act: Open, open: s.readyz},
		{Method: http.MethodGet, Path: "/v1/", Act: Open, open: s.nothing},
		{Method: http.MethodGet, Path: "/", Act: Open, open: s.page},
	}, append(s.fileRoutes(), s.ssoRoutes()...)...)
}

// mux serves the table and nothing else.
func (s *Server) mux(routes []Route) http.Handler {
	byPath := map[string][]Route{}
	for _, r := range routes {
		byPath[r.Path] = append(byPath[r.Path], r)
	}
	m := http.NewServeMux()
	for path, at := range byPath {
		m.Handle(path, s.dispatch(at))
	}
	return m
}

// dispatch picks the route by method. HEAD is GET where it has no route of its own; http leaves the body out.
func (s *Server) dispatch(routes []Route) http.Handler {
	var allow []string
	for _, r := range routes {
		allow = append(allow, r.Method)
	}
	allowed := strings.Join(allow, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		by := func(method string) int {
			return slices.IndexFunc(routes, func(r Route) bool { return r.Method == method })
		}
		i := by(r.Method)
		if i < 0 && r.Method == http.MethodHead {
			i = by(http.MethodGet)
		}
		name := routes[max(0, i)].Path // never the address itself: it comes from outside
		s.secure(rec, r)
		switch {
		case !s.originFits(r):
			refuse(rec, http.StatusForbidden, foreignOrigin)
		case i < 0:
			rec.Header().Set("Allow", allowed)
			refuse(rec, http.StatusMethodNotAllowed, chat.Invalid("this address answers %s only", allowed))
		default:
			s.serve(routes[i], rec, r)
		}
		s.metrics.http(name, rec.code())
		s.log.Debug("request", "route", name, "method", r.Method, "status", rec.code(), "took", time.Since(began))
	})
}

// serve asks for the session that the route's act needs, and runs the route.
func (s *Server) serve(route Route, w http.ResponseWriter, r *http.Request) {
	if route.Act == Open {
		route.open(w, r)
		return
	}
	token, byCookie := s.tokenOf(r)
	if byCookie && r.Header.Get("Origin") == "" && (r.Method != http.MethodGet && r.Method != http.MethodHead || isUpgrade(r)) {
		// A page always names its origin where something can be changed; whoever does not is no page of ours.
		refuse(w, http.StatusForbidden, foreignOrigin)
		return
	}
	actor, err := s.o.Hub.Authenticate(token)
	if err != nil {
		if byCookie {
			http.SetCookie(w, s.cookie(r, "", time.Unix(0, 0)))
		}
		s.refuseErr(w, err)
		return
	}
	route.with(w, r, actor)
}

// nothing answers addresses under /v1/ that are not in the table.
func (s *Server) nothing(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, chat.ErrUnknown)
}

// healthz answers while the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz answers 200 while the hub can commit and the server takes connections.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() {
		refuse(w, http.StatusServiceUnavailable, restarting)
		return
	}
	if err := s.o.Hub.Ready(r.Context()); err != nil {
		s.log.Warn("not ready", "err", err)
		refuse(w, http.StatusServiceUnavailable, &chat.Error{Code: chat.CodeBusy, Text: "The server cannot commit at present. Nothing is lost; its log says why."})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
