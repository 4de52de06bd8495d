package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"parley/backend/auth"
	"parley/backend/chat"
	"parley/backend/hub"
)

// Paths of the admin endpoint.
const (
	AdminCommandPath = "/v1/command"
	AdminBackupPath  = "/v1/backup"
)

// maxAdminBody bounds the body of an admin request.
const maxAdminBody = 128 << 10

// AdminCommand is the body of POST /v1/command: a command that the console gives.
type AdminCommand struct {
	Do   chat.CommandName `json:"do"`
	Args json.RawMessage  `json:"args"`
}

// AdminBackup is the body of POST /v1/backup. Path is absolute and must not exist yet.
type AdminBackup struct {
	Path string `json:"path"`
}

// AdminAnswer is the body of each answer.
type AdminAnswer struct {
	OK    json.RawMessage `json:"ok,omitempty"`
	Error *chat.Error     `json:"error,omitempty"`
}

// AdminHandler returns the handler of the admin endpoint, over which the program's own subcommands reach the running server
// on the same machine. It answers only requests that show token, and no page of a browser at all. backup writes a copy of
// the database to a path. The endpoint's listener must be on a loopback address.
func (s *Server) AdminHandler(token string, backup func(ctx context.Context, path string) error) http.Handler {
	known := auth.HashToken(token)
	m := http.NewServeMux()
	m.HandleFunc("POST "+AdminCommandPath, func(w http.ResponseWriter, r *http.Request) {
		var cmd AdminCommand
		if status, err := readBody(w, r, maxAdminBody, &cmd); err != nil {
			refuse(w, status, err)
			return
		}
		ok, err := s.o.Hub.Do(r.Context(), hub.Console, cmd.Do, cmd.Args)
		s.log.Info("console command", "command", cmd.Do, "done", err == nil)
		s.adminAnswer(w, ok, err)
	})
	m.HandleFunc("POST "+AdminBackupPath, func(w http.ResponseWriter, r *http.Request) {
		var args AdminBackup
		if status, err := readBody(w, r, maxAdminBody, &args); err != nil {
			refuse(w, status, err)
			return
		}
		err := backup(r.Context(), args.Path)
		s.log.Info("backup", "path", args.Path, "done", err == nil)
		if err != nil { // whoever holds the token owns the server: the cause is theirs to see
			err = &chat.Error{Code: chat.CodeInternal, Text: err.Error()}
		}
		s.adminAnswer(w, json.RawMessage("{}"), err)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !bearer || !known.Matches(shown) || r.Header.Get("Origin") != "" {
			refuse(w, http.StatusUnauthorized, chat.ErrUnknown)
			return
		}
		m.ServeHTTP(w, r)
	})
}

func (s *Server) adminAnswer(w http.ResponseWriter, ok json.RawMessage, err error) {
	if err != nil {
		s.refuseErr(w, err)
		return
	}
	answer(w, http.StatusOK, AdminAnswer{OK: ok})
}
