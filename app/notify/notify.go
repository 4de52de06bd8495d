// Package notify shows toasts of the operating system: the small cards that tell of a message while the window is not looked
// at.
//
// It owns the filter through which every text passes before a system sees it, the pace at which toasts appear, and the way to
// each system: the desktop bus on Linux, where a click comes back, and the library beeep elsewhere, of which it is the only
// importer. On Windows no word of a message leaves the program: the toast there says just that there is one. Whether to
// disturb somebody at all is package attention's decision, sounds are the page's part.
package notify

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// appName is how the systems name the sender of a toast.
	appName = "Parley"
	// constantBody is shown where the text may not be, or where nothing of it is left.
	constantBody = "New message"

	// pace is the least time between two toasts. What comes faster waits, and only the newest of each tag waits.
	pace = 700 * time.Millisecond
	// maxWaiting bounds the toasts that wait; beyond it the oldest is dropped, for nobody reads that many.
	maxWaiting = 5
	// timeLimit is how long a system may take over one toast before it is given up.
	timeLimit = 2 * time.Second
)

// system is one operating system's way to show a toast. Its methods are called by one goroutine, with filtered texts.
type system interface {
	// show shows a toast, in place of the one shown before with this tag where the system can do that.
	show(ctx context.Context, tag, title, body string) error
	// clear takes the toast with this tag away, if it is still there and the system can do that.
	clear(ctx context.Context, tag string)
	close()
}

// Toaster shows toasts one after the other. Its methods never wait for the system, so a message's way never does either.
type Toaster struct {
	system system
	log    *slog.Logger
	// after is time.After, but in tests.
	after func(time.Duration) <-chan time.Time

	mu      sync.Mutex
	waiting []order
	wake    chan struct{} // holds at most one signal
	done    chan struct{}
	ended   sync.WaitGroup
}

// order is what the worker is to do: show a toast, or clear the tag's.
type order struct {
	tag, title, body string
	clear            bool
}

// New starts a toaster for this system. Clicked is called with the tag of a toast that was clicked, where the system tells;
// it must not block.
func New(clicked func(tag string), log *slog.Logger) *Toaster {
	return start(newSystem(clicked), log, time.After)
}

func start(s system, log *slog.Logger, after func(time.Duration) <-chan time.Time) *Toaster {
	t := &Toaster{system: s, log: log, after: after, wake: make(chan struct{}, 1), done: make(chan struct{})}
	t.ended.Go(t.work)
	return t
}

// Show asks for a toast. Title and body may be any text; see Filter for what is shown of them. A later toast with the same
// tag replaces an earlier one.
func (t *Toaster) Show(tag, title, body string) {
	title, body = texts(title, body)
	t.put(order{tag: tag, title: title, body: body})
}

// Clear takes away what was shown, or still waits, with the tag.
func (t *Toaster) Clear(tag string) { t.put(order{tag: tag, clear: true}) }

// Close ends the toaster. Toasts that wait are dropped, those on the screen are left to the system.
func (t *Toaster) Close() {
	close(t.done)
	t.ended.Wait()
}

func (t *Toaster) put(o order) {
	t.mu.Lock()
	t.waiting = slices.DeleteFunc(t.waiting, func(w order) bool { return w.tag == o.tag })
	t.waiting = append(t.waiting, o)
	if len(t.waiting) > maxWaiting {
		t.waiting = slices.Delete(t.waiting, 0, 1)
	}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default: // the signal that is there already stands for this order too
	}
}

func (t *Toaster) next() (o order, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		return order{}, false
	}
	o, t.waiting = t.waiting[0], t.waiting[1:]
	return o, true
}

func (t *Toaster) work() {
	defer t.system.close()
	for {
		o, ok := t.next()
		if !ok {
			select {
			case <-t.wake:
				continue
			case <-t.done:
				return
			}
		}
		t.do(o)
		if o.clear {
			continue
		}
		select {
		case <-t.after(pace):
		case <-t.done:
			return
		}
	}
}

func (t *Toaster) do(o order) {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	if o.clear {
		t.system.clear(ctx, o.tag)
		return
	}
	if err := t.system.show(ctx, o.tag, o.title, o.body); err != nil {
		t.log.Warn("no toast was shown", "err", err)
	}
}
