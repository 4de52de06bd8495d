package app

import (
	"fmt"
	"log/slog"
	"sync"

	"parley/app/bring"
	"parley/app/notify"
	"parley/app/taskbar"
	"parley/app/tray"
	"parley/backend/chat"
)

// replicaPeer is what the shell asks of the replica.
type replicaPeer interface {
	// Endpoint returns the socket's address and the token of this launch.
	Endpoint() (url, token string)
	// OpenConversation asks the page to show a conversation: its toast was clicked.
	OpenConversation(id chat.ConversationID)
	// Server is the address that this computer is signed in to; empty while it is not.
	Server() string
	// Ask gives a command of the user's own that no page asked for: from the tray.
	Ask(do chat.CommandName, args any)
	// Save fetches a file to a path, StopSaving gives that up.
	Save(id chat.FileID, path string)
	StopSaving(id chat.FileID)
	Close() error
}

// opener starts the replica of a profile. The notifier is what it calls to disturb.
type opener func(c config, n *notifier, log *slog.Logger) (replicaPeer, error)

// desktop is the program's state: one window, one replica.
//
//	start (a window exists) -> ready (replica open, or failure) -> stop
type desktop struct {
	config config
	log    *slog.Logger
	open   opener

	// window is set by start, before anything else can ask for it: Wails calls start first and the page loads after.
	window window
	// ready is closed when peer or failure is set.
	ready   chan struct{}
	peer    replicaPeer
	failure error

	toasts  *notify.Toaster
	trial   *trial
	bar     *taskbar.Bar
	brought *brought
	// watchBrought begins to listen to what is brought to the window, once there is a page.
	watchBrought func()

	icon []byte
	// mu guards what follows: the page, the tray and the window's end come from goroutines of their own.
	mu       sync.Mutex
	choices  choices
	sign     *tray.Sign // nil where the system has none, or before start
	words    trayWords
	unread   int
	quitting bool // the program was asked to end, not just its window to go
}

func newDesktop(c config, log *slog.Logger, icon []byte, open opener) *desktop {
	given := newBrought()
	return &desktop{config: c, log: log, icon: icon, open: open, ready: make(chan struct{}), trial: newTrial(c, log), brought: given,
		watchBrought: sync.OnceFunc(func() { bring.Watch(given) })}
}

// start puts the window where it was and opens the replica, while the page loads.
func (d *desktop) start(w window, p place) {
	d.window = w
	if p.known && !p.Maximised {
		w.moveTo(p)
	}
	d.bar = taskbar.New(d.log)
	d.startTray()
	d.toasts = notify.New(func(tag string) { go d.openConversation(chat.ConversationID(tag)) }, d.log)
	d.peer, d.failure = d.open(d.config, &notifier{desktop: d}, d.log)
	close(d.ready)
	if server := d.trial.server(); d.failure == nil && server != "" && d.peer.Server() == server {
		go d.goOnTrying()
	}
}

// goOnTrying starts the trial again that somebody has signed in to.
func (d *desktop) goOnTrying() {
	if _, err := d.trial.start(); err != nil {
		d.log.Error("the trial could not go on", "err", err)
	}
}

// started waits until the replica is open and returns it, or why it could not be opened.
func (d *desktop) started() (replicaPeer, error) {
	<-d.ready
	return d.peer, d.failure
}

// reportFailure shows why the replica could not start, and ends the program. It does nothing when all is well.
func (d *desktop) reportFailure() {
	_, err := d.started()
	if err == nil {
		return
	}
	d.log.Error("the profile could not be opened", "profile", d.config.profile, "err", err)
	d.window.fail(fmt.Sprintf("Parley could not open its data in %s.\n\n%v\n\nMore is in parley.log there.", d.config.profile, err))
	d.quit()
}

// openConversation brings the window to the front with the conversation in it.
func (d *desktop) openConversation(id chat.ConversationID) {
	peer, err := d.started()
	if err != nil {
		return // the failure is on the screen already
	}
	d.window.show()
	peer.OpenConversation(id)
}

// show brings the window to the front. A second instance may ask before this one has its window.
func (d *desktop) show() {
	<-d.ready
	d.window.show()
}

func (d *desktop) badge(unread int) {
	d.window.setTitle(title(unread))
	d.bar.Badge(unread)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unread = unread
	d.tellTray()
}

// title is the window's title with the number of unread messages.
func title(unread int) string {
	switch {
	case unread <= 0:
		return "Parley"
	case unread > 99:
		return "(99+) Parley"
	}
	return fmt.Sprintf("(%d) Parley", unread)
}

func (d *desktop) keepPlace() {
	if err := d.window.place().save(d.config.profile); err != nil {
		d.log.Warn("the window's place was not kept", "err", err)
	}
}

// stop closes what start opened.
func (d *desktop) stop() {
	defer d.trial.stop()
	d.toasts.Close()
	d.bar.Close()
	d.stopTray()
	peer, err := d.started()
	if err != nil {
		return
	}
	if err := peer.Close(); err != nil {
		d.log.Error("the replica did not close in order; nothing that was on disk is lost", "err", err)
	}
}

// notifier is the desktop as the replica's attention sees it.
type notifier struct{ desktop *desktop }

// Toast shows a toast; a click on it opens the conversation.
func (n *notifier) Toast(id chat.ConversationID, title, body string) {
	n.desktop.toasts.Show(string(id), title, body)
}

// Clear takes the conversation's toast away: it has been read.
func (n *notifier) Clear(id chat.ConversationID) { n.desktop.toasts.Clear(string(id)) }

// Badge shows how many messages are unread.
func (n *notifier) Badge(unread int) { n.desktop.badge(unread) }

// Flash calls for attention where the system shows its windows.
func (n *notifier) Flash() { n.desktop.bar.Flash() }
