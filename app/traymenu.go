package app

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"parley/app/notify"
	"parley/app/tray"
	"parley/backend/chat"
)

// trayWords are what the page says of the tray, in the language that was chosen there: it knows the statuses that one may choose,
// and which counts.
type trayWords struct {
	Tooltip  string       `json:"tooltip"`
	Open     string       `json:"open"`
	Quit     string       `json:"quit"`
	Statuses []trayStatus `json:"statuses"`
	// DoNotDisturb is empty while nobody is signed in; On says whether it counts now.
	DoNotDisturb   string `json:"doNotDisturb"`
	DoNotDisturbOn bool   `json:"doNotDisturbOn"`
}

// trayStatus is a status that can be chosen.
type trayStatus struct {
	Label   string         `json:"label"`
	State   chat.WorkState `json:"state"`
	Reason  string         `json:"reason"`
	Current bool           `json:"current"`
}

// The bounds of what the page may put into the tray.
const (
	maxTrayText     = 16 << 10
	maxTrayStatuses = 20
	maxTrayLabel    = 60
)

// parseTrayWords reads what the page says, and leaves of each word what is safe to show.
func parseTrayWords(text string) (w trayWords, err error) {
	if len(text) > maxTrayText {
		return w, fmt.Errorf("the words for the tray are longer than %d bytes", maxTrayText)
	}
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return w, fmt.Errorf("read the words for the tray: %w", err)
	}
	if len(w.Statuses) > maxTrayStatuses {
		return w, fmt.Errorf("%d statuses are more than a menu holds", len(w.Statuses))
	}
	for _, word := range []*string{&w.Tooltip, &w.Open, &w.Quit, &w.DoNotDisturb} {
		*word = notify.Filter(*word, maxTrayLabel)
	}
	for i := range w.Statuses {
		s := &w.Statuses[i]
		if !s.State.Valid() {
			return w, fmt.Errorf("%.40q is not a work state", string(s.State))
		}
		s.Label = notify.Filter(s.Label, maxTrayLabel)
	}
	return w, nil
}

// startTray shows the sign, where the system has a place for one. Without it the program goes on.
func (d *desktop) startTray() {
	if !tray.Supported {
		return
	}
	choices, err := loadChoices(d.config.profile)
	if err != nil {
		d.log.Warn("what was chosen on this computer is not known", "err", err)
	}
	sign, err := tray.Start(d.icon, d.show, d.log)
	if err != nil {
		d.log.Warn("there is no sign in the tray", "err", err)
		sign = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.choices, d.sign = choices, sign
	if sign != nil {
		sign.Menu(d.trayItems(trayWords{}))
	}
}

// tellTray shows how things are. The caller holds mu.
func (d *desktop) tellTray() {
	if d.sign != nil {
		d.sign.Tell(d.unread > 0, orElse(d.words.Tooltip, title(d.unread)))
	}
}

// setTray shows what the page says.
func (d *desktop) setTray(text string) error {
	w, err := parseTrayWords(text)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.words = w
	if d.sign != nil {
		d.sign.Menu(d.trayItems(w))
	}
	d.tellTray()
	return nil
}

func (d *desktop) stopTray() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sign != nil {
		d.sign.Close()
		d.sign = nil
	}
}

func (d *desktop) closesToTray() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.choices.CloseToTray
}

func (d *desktop) setCloseToTray(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.choices.CloseToTray = on
	if err := d.choices.save(d.config.profile); err != nil {
		d.log.Warn("what was chosen holds until the program ends", "err", err)
	}
}

// quit ends the program, whatever closing its window alone would do.
func (d *desktop) quit() {
	d.mu.Lock()
	d.quitting = true
	d.mu.Unlock()
	d.window.quit()
}

// quitOnSignal ends the program when the system asks it to, which is more than closing its window. It returns what undoes it.
func (d *desktop) quitOnSignal() (stop func()) {
	asked := make(chan os.Signal, 1)
	over := make(chan struct{})
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-asked:
			<-d.ready // there is a window to end
			d.quit()
		case <-over:
		}
	}()
	return func() {
		signal.Stop(asked)
		close(over)
	}
}

// closing is asked when the window is closed, or the program is to end; true keeps both. The window hides instead, if that was chosen and
// there is a sign by which it is found again.
func (d *desktop) closing() (keep bool) {
	d.keepPlace()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quitting || !d.choices.CloseToTray || d.sign == nil || !d.sign.Shown() {
		return false
	}
	d.window.hide()
	return true
}

// trayItems are the tray's menu.
func (d *desktop) trayItems(w trayWords) []tray.Item {
	ask := func(do chat.CommandName, args any) func() {
		return func() {
			if peer, err := d.started(); err == nil {
				peer.Ask(do, args)
			}
		}
	}
	items := []tray.Item{{Label: orElse(w.Open, "Parley"), Run: d.show}}
	if len(w.Statuses) > 0 {
		items = append(items, tray.Item{})
	}
	for _, s := range w.Statuses {
		if s.Label != "" {
			items = append(items, tray.Item{Label: s.Label, Checked: s.Current, Run: ask(chat.StatusSet, chat.StatusSetArgs{State: s.State, Reason: s.Reason})})
		}
	}
	if w.DoNotDisturb != "" {
		items = append(items, tray.Item{}, tray.Item{Label: w.DoNotDisturb, Checked: w.DoNotDisturbOn,
			Run: ask(chat.AttentionUpdate, chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{On: !w.DoNotDisturbOn}})})
	}
	return append(items, tray.Item{}, tray.Item{Label: orElse(w.Quit, "Quit"), Run: d.quit})
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
