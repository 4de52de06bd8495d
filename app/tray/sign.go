//go:build linux || windows

package tray

import (
	"log/slog"
	"runtime"
	"sync"

	"fyne.io/systray"
)

// Supported says whether this system has a place for signs at all.
const Supported = true

// Sign is the program's sign. There is one in a process. Its methods may be called by any goroutine and do not wait for the desktop,
// which may never answer.
type Sign struct {
	log      *slog.Logger
	pictures pictures
	ready    chan struct{} // closed when the desktop has the sign
	done     chan struct{} // closed when it is to go
	wake     chan struct{} // holds one signal: something is to be shown

	mu      sync.Mutex
	unread  bool
	tooltip string
	items   []Item
	renewed bool // items are others than those that are shown
}

// Start shows a sign with the icon, a PNG. open is called when it is clicked.
func Start(icon []byte, open func(), log *slog.Logger) (*Sign, error) {
	p, err := newPictures(icon)
	if err != nil {
		return nil, err
	}
	s := &Sign{log: log, pictures: p, tooltip: "Parley", ready: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	go func() {
		// The system sends what happens to the sign to the thread that made it.
		runtime.LockOSThread()
		systray.Run(func() {
			systray.SetOnTapped(func() { go open() })
			close(s.ready)
		}, nil)
	}()
	go s.work()
	s.ring()
	return s, nil
}

// Tell shows whether messages are unread; tooltip is what is shown on hover.
func (s *Sign) Tell(unread bool, tooltip string) {
	s.mu.Lock()
	s.unread, s.tooltip = unread, tooltip
	s.mu.Unlock()
	s.ring()
}

// Menu shows these items.
func (s *Sign) Menu(items []Item) {
	s.mu.Lock()
	s.items, s.renewed = items, true
	s.mu.Unlock()
	s.ring()
}

// Close takes the sign away.
func (s *Sign) Close() {
	close(s.done)
	select {
	case <-s.ready:
		systray.Quit()
	default: // there never was one
	}
}

func (s *Sign) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// work shows what is wanted, once the desktop has the sign.
func (s *Sign) work() {
	select {
	case <-s.ready:
	case <-s.done:
		return
	}
	marked, first := false, true
	menu := make(chan struct{}) // closed when the menu is another one
	for {
		select {
		case <-s.wake:
		case <-s.done:
			close(menu)
			return
		}
		s.mu.Lock()
		unread, tooltip, items, renewed := s.unread, s.tooltip, s.items, s.renewed
		s.renewed = false
		s.mu.Unlock()
		systray.SetTooltip(tooltip)
		if first || unread != marked {
			first, marked = false, unread
			systray.SetIcon(s.picture(unread))
		}
		if renewed {
			close(menu)
			menu = make(chan struct{})
			show(items, menu)
		}
	}
}

func (s *Sign) picture(unread bool) []byte {
	if unread {
		return s.pictures.marked
	}
	return s.pictures.plain
}

// show replaces the menu; over is closed when the next one does.
func show(items []Item, over <-chan struct{}) {
	systray.ResetMenu()
	for _, item := range items {
		if item.Label == "" {
			systray.AddSeparator()
			continue
		}
		line := systray.AddMenuItem(item.Label, "")
		if item.Checked {
			line.Check()
		}
		go follow(line, item.Run, over)
	}
}

// follow runs what an item stands for, as often as it is chosen, until the menu is another one.
func follow(line *systray.MenuItem, run func(), over <-chan struct{}) {
	for {
		select {
		case <-line.ClickedCh:
			run()
		case <-over:
			return
		}
	}
}
