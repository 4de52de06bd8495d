package app

import (
	"encoding/json"
	"fmt"

	"parley/app/bring"
	"parley/app/tray"
	"parley/backend/chat"
)

// Shell is all that the page can ask of the program around it: window.go.app.Shell, backend/PROTOCOL.md section 5. Bindings
// become JavaScript source and do not keep order, so they carry only words and numbers that belong to the window or the
// operating system; everything else goes over the replica's socket. A script that got into the page could call these, so
// their arguments are judged as hostile. A test holds the list of methods.
type Shell struct{ desktop *desktop }

// Endpoint returns where the page finds the replica, as JSON text: url; token; profile, a word under which the page can keep
// what is this profile's alone; server, the address that the sign-in page offers; trial, whether Try can be called; tray, whether this system has
// one; closeToTray, whether closing the window leaves the program there; and brings, whether Brought has what is dropped and pasted. It waits until the replica has started and
// fails if it could not.
func (s *Shell) Endpoint() (string, error) {
	peer, err := s.desktop.started()
	if err != nil {
		return "", err
	}
	url, token := peer.Endpoint()
	text, err := json.Marshal(struct {
		URL     string `json:"url"`
		Token   string `json:"token"`
		Profile string `json:"profile"`
		Server  string `json:"server"`
		Trial   bool   `json:"trial"`
		Tray    bool   `json:"tray"`
		Close   bool   `json:"closeToTray"`
		Brings  bool   `json:"brings"`
	}{url, token, s.desktop.config.profileID(), s.desktop.config.server, s.desktop.trial.program != "", tray.Supported, s.desktop.closesToTray(), bring.Supported})
	if err != nil {
		return "", fmt.Errorf("encode the endpoint: %w", err)
	}
	return string(text), nil
}

// Try starts a server with an invented organisation on this computer, for loopback alone, and returns its address and whom one may sign in
// as, as JSON text: url; people, each with name, password, displayName and role. It takes some seconds, and fails if the server could not
// start.
func (s *Shell) Try() (string, error) { return s.desktop.trial.start() }

// OpenLink opens a web page, a mail to write or a call in the system's own program; see openable. Anything else is logged,
// without the address, and nothing happens.
func (s *Shell) OpenLink(address string) {
	safe, err := openable(address)
	if err != nil {
		s.desktop.log.Warn("a link was not opened", "err", err)
		return
	}
	s.desktop.window.open(safe)
}

// SaveFile asks by the system's own dialogue where a file of a message is to be saved, offers name, and begins to save it there. How far it
// is the page is told by the signal saving. It answers once a place was chosen, or none. Nothing is ever opened.
func (s *Shell) SaveFile(id, name string) error {
	peer, err := s.desktop.started()
	if err != nil {
		return err
	}
	if !chat.ValidUUID(id) {
		return chat.ErrUnknown
	}
	path, err := s.desktop.window.saveAs(chat.CleanFileName(name))
	if err != nil {
		return fmt.Errorf("ask where to save a file: %w", err)
	}
	if path != "" {
		peer.Save(chat.FileID(id), path)
	}
	return nil
}

// StopSaving gives up a file that is being saved.
func (s *Shell) StopSaving(id string) {
	if peer, err := s.desktop.started(); err == nil {
		peer.StopSaving(chat.FileID(id))
	}
}

// SetBadge shows how many messages are unread in the window's title; 0 shows none.
func (s *Shell) SetBadge(count int) { s.desktop.badge(count) }

// Focus brings the window to the front.
func (s *Shell) Focus() { s.desktop.window.show() }

// Quit ends the program.
func (s *Shell) Quit() { s.desktop.quit() }

// SetTray says what stands in the tray, as JSON text: see trayWords. What cannot be read is logged, and the tray stays as it is.
func (s *Shell) SetTray(text string) {
	if err := s.desktop.setTray(text); err != nil {
		s.desktop.log.Warn("the tray stays as it is", "err", err)
	}
}

// SetCloseToTray says whether closing the window leaves the program in the tray.
func (s *Shell) SetCloseToTray(on bool) { s.desktop.setCloseToTray(on) }
