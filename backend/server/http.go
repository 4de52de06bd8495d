package server

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/wire"
)

// maxBodyBytes bounds the body of a public request.
const maxBodyBytes = 16 << 10

var (
	foreignOrigin = &chat.Error{Code: chat.CodeDenied, Text: "This request comes from another site. Nothing was changed."}
	restarting    = &chat.Error{Code: chat.CodeBusy, Text: "The server restarts. Nothing is lost; try again in a moment.", RetryAfterMs: 1000}
)

// secure sets the headers that every answer has.
func (s *Server) secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	connect := "'self'"
	// Some engines do not count the socket of the same origin as 'self'.
	if origin := s.origin(r); origin != nil && plainHost(origin.Host) {
		connect += " ws" + strings.TrimPrefix(origin.Scheme, "http") + "://" + origin.Host
	}
	h.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self'; manifest-src 'self'; connect-src "+connect+
		"; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if origin := s.origin(r); origin != nil && origin.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// plainHost tells whether host is fit to be repeated in a header: it came from the request.
func plainHost(host string) bool {
	for _, c := range []byte(host) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-:[]", rune(c)) {
			return false
		}
	}
	return host != ""
}

// origin returns the server's own origin as this request reaches it: the public address if one is set, otherwise scheme and
// Host of the request. X-Forwarded-* count only where a proxy is trusted.
func (s *Server) origin(r *http.Request) *url.URL {
	if s.public != nil {
		return s.public
	}
	u := &url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	if s.o.TrustProxy {
		if proto := r.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
			u.Scheme = proto
		}
		if host := r.Header.Get("X-Forwarded-Host"); host != "" {
			u.Host = host
		}
	}
	return u
}

// originFits tells whether the request names no origin, or exactly the server's own. Exactly means byte by byte: look-alikes,
// other ports, "null" and other spellings are foreign.
func (s *Server) originFits(r *http.Request) bool {
	named := r.Header.Values("Origin")
	switch len(named) {
	case 0:
		return true
	case 1:
		own := s.origin(r)
		return named[0] == own.Scheme+"://"+own.Host
	}
	return false
}

// address returns the client's address, for the throttle and the audit.
func (s *Server) address(r *http.Request) string {
	if s.o.TrustProxy {
		// The proxy adds the address it sees at the end; what stands before it is the client's own word.
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(list[len(list)-1]); last != "" {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// tokenOf returns the secret a request shows, in the order of PROTOCOL.md section 2, and whether it came by cookie. Only the
// cookie that this server would set here counts: another's name can be set by a neighbouring site, to sign people in as
// somebody else.
func (s *Server) tokenOf(r *http.Request) (token string, byCookie bool) {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token), false
	}
	for _, list := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(list, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(p), wire.TokenPrefix); ok {
				return token, false
			}
		}
	}
	if c, err := r.Cookie(s.cookieName(r)); err == nil {
		return c.Value, true
	}
	return "", false
}

// readBody decodes a JSON body into v. The error is a *chat.Error, with the HTTP status to answer.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, v any) (int, *chat.Error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return http.StatusUnsupportedMediaType, chat.Invalid("the body must be JSON, with Content-Type application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return http.StatusRequestEntityTooLarge, chat.Invalid("the body is larger than %d KB", limit>>10)
		}
		return http.StatusBadRequest, chat.Invalid("the body did not arrive whole")
	}
	if !utf8.Valid(body) {
		return http.StatusBadRequest, chat.Invalid("the body is not valid UTF-8")
	}
	if chat.JSONDepth(body) > wire.MaxRequestDepth {
		return http.StatusBadRequest, chat.Invalid("the body is nested deeper than %d levels", wire.MaxRequestDepth)
	}
	if err := chat.Decode(body, v); err != nil {
		return http.StatusBadRequest, chat.Invalid("the body is not the JSON object this address needs")
	}
	return 0, nil
}

// answer sends v as JSON.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // only values of this package's own come here
		panic("server: encode an answer: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away misses nothing
}

// refuse sends e as {"error":{...}}.
func refuse(w http.ResponseWriter, status int, e *chat.Error) {
	if e.RetryAfterMs > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt((int64(e.RetryAfterMs)+999)/1000, 10))
	}
	answer(w, status, struct {
		Error *chat.Error `json:"error"`
	}{e})
}

// refuseErr sends err as far as the asker may know it, and logs what they may not.
func (s *Server) refuseErr(w http.ResponseWriter, err error) {
	var known *chat.Error
	if !errors.As(err, &known) {
		s.log.Error("request failed", "err", err)
		known = chat.AsError(err)
	}
	refuse(w, statusOf(known.Code), known)
}

// statusOf is the HTTP status of a code.
func statusOf(c chat.Code) int {
	switch c {
	case chat.CodeDenied:
		return http.StatusForbidden
	case chat.CodeUnknown:
		return http.StatusNotFound
	case chat.CodeInvalid:
		return http.StatusBadRequest
	case chat.CodeConflict:
		return http.StatusConflict
	case chat.CodeBusy, chat.CodeOffline:
		return http.StatusServiceUnavailable
	case chat.CodeSignedOut, chat.CodeSecondFactor, chat.CodeEnrol:
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}
