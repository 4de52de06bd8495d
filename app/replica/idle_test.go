package replica

import (
	"errors"
	"testing"
	"time"

	"parley/backend/chat"
)

// idles returns what the hub was told of idleness so far.
func (h *fakeHub) idles() []chat.IdleSetArgs {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.IdleSetArgs{}, h.idle...)
}

// told waits until the hub was told of idleness this often, and returns the last time.
func (d *desk) told(times int) chat.IdleSetArgs {
	d.t.Helper()
	awaitCond(d.t, d.hub.changed, "the hub is told of idleness", func() bool { return len(d.hub.idle) == times })
	return d.hub.idles()[times-1]
}

// system has the operating system say something of its user.
func (d *desk) system(u Usage, err error) {
	d.t.Helper()
	if err := d.r.call(func() error { d.r.takeUsage(u, err); return nil }); err != nil {
		d.t.Fatal(err)
	}
}

func TestIdle_followsTheSystem(t *testing.T) {
	d := newDesk(t)
	v := d.ready()
	d.system(Usage{Idle: idleAfter - time.Second}, nil)
	v.do(chat.IdleSet, chat.IdleSetArgs{Idle: true}, nil) // the window sees less than the system
	d.system(Usage{Idle: idleAfter}, nil)
	if got := d.told(1); got != (chat.IdleSetArgs{Idle: true, ForMs: chat.Millis(idleAfter / time.Millisecond)}) {
		t.Errorf("told %+v", got)
	}
	d.system(Usage{}, nil)
	if got := d.told(2); got.Idle {
		t.Errorf("told %+v", got)
	}
	d.system(Usage{Locked: true}, nil)
	d.system(Usage{Locked: true, Idle: time.Minute}, nil)
	if got := d.told(3); !got.Idle {
		t.Errorf("told %+v of a locked computer", got)
	}
	// A new connection knows nothing of it.
	d.hub.cutAll()
	d.comeBack()
	if got := d.told(4); !got.Idle {
		t.Errorf("told %+v after coming back", got)
	}
	// From now on the system says nothing: what the window sees counts.
	d.system(Usage{}, errors.New("no idea"))
	v.do(chat.IdleSet, chat.IdleSetArgs{}, nil)
	if got := d.told(5); got.Idle {
		t.Errorf("told %+v", got)
	}
}

func TestIdle_followsAllPages(t *testing.T) {
	d := newDesk(t)
	first := d.ready()
	second := d.page()
	first.do(chat.IdleSet, chat.IdleSetArgs{Idle: true, ForMs: 90_000}, nil)
	if told := d.hub.idles(); len(told) != 0 {
		t.Errorf("one of two pages is idle, and the hub is told %+v", told)
	}
	d.clock.Advance(time.Second)
	second.do(chat.IdleSet, chat.IdleSetArgs{Idle: true, ForMs: 30_000}, nil)
	if got := d.told(1); got != (chat.IdleSetArgs{Idle: true, ForMs: 30_000}) {
		t.Errorf("told %+v", got)
	}
	first.do(chat.IdleSet, chat.IdleSetArgs{}, nil)
	if got := d.told(2); got.Idle {
		t.Errorf("told %+v", got)
	}
	first.refused(chat.CodeInvalid, chat.IdleSet, chat.IdleSetArgs{ForMs: 5})
	first.client.Cut() // the one in use goes
	if got := d.told(3); !got.Idle {
		t.Errorf("told %+v", got)
	}
}

// TestIdle_asksTheSystem again and again, beside the owner: an answer may take a while.
func TestIdle_asksTheSystem(t *testing.T) {
	d := newDesk(t)
	d.stop()
	asked := make(chan struct{})
	config := d.config()
	config.Usage = func() (Usage, error) {
		asked <- struct{}{}
		return Usage{}, nil
	}
	var err error
	if d.r, err = Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		d.r.SignedIn() // the owner goes on meanwhile
		<-asked
		d.clock.AwaitTimer(usageEvery)
		d.clock.Advance(usageEvery)
	}
	<-asked
}
