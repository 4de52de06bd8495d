package replica

import (
	"context"
	"errors"

	"parley/app/cache"
	"parley/app/link"
	"parley/backend/wire"
)

// Stepped is a replica for simulations: it has no goroutine, no lock, no listener and no link of its own. One caller is page
// and link at once, and each call does what follows from it before it returns, so the same calls always give the same result.
type Stepped struct {
	*Replica
	connect func(config link.Config, ended func(error)) Link
	running bool
	waiting []func()
}

// OpenStepped opens a profile, whose folder must exist and whose Keys must be given. connect is asked for a link when a session
// begins: it tells the config's Handler what a *link.Link would, and calls ended when Run would return.
func OpenStepped(ctx context.Context, config Config, connect func(config link.Config, ended func(error)) Link) (*Stepped, error) {
	s := &Stepped{Replica: newReplica(config), connect: connect}
	s.steps = s
	var err error
	if s.cache, err = cache.Open(ctx, config.Profile, s.Log); err != nil {
		return nil, err
	}
	s.noteDamage()
	s.resume(ctx)
	return s, nil
}

// do runs job, and then what jobs handed in meanwhile. After Crash it does nothing.
func (s *Stepped) do(job func()) {
	if s.ctx.Err() != nil {
		return
	}
	s.waiting = append(s.waiting, job)
	if s.running {
		return
	}
	s.running = true
	defer func() { s.running = false }()
	for len(s.waiting) > 0 {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		next()
	}
}

// Crash ends the replica as a killed process does: what is on the disk stays, all else is gone.
func (s *Stepped) Crash() error {
	s.stop()
	return s.cache.Close()
}

// SteppedPage is a page without a socket.
type SteppedPage struct{ p *page }

// OpenPage opens a page; it must say hello like any other.
func (s *Stepped) OpenPage() *SteppedPage {
	p := &page{r: s.Replica, out: make(chan []byte, pageQueue), closing: make(chan closing, 1), cut: func() {}}
	s.pages = append(s.pages, p)
	return &SteppedPage{p}
}

// Ask hands a request in. What is answered at once is in Told afterwards.
func (p *SteppedPage) Ask(request wire.Request) { p.p.r.do(func() { p.p.r.handle(p.p, request) }) }

// Told returns the frames since the last call. errors.Is(err, ErrPageClosed) says that the page was sent away after them.
func (p *SteppedPage) Told() (frames [][]byte, err error) {
	for len(p.p.out) > 0 {
		frames = append(frames, <-p.p.out)
	}
	if len(p.p.closing) > 0 {
		p.p.r.leave(p.p)
		err = ErrPageClosed
	}
	return frames, err
}

// ErrPageClosed says that a page was sent away: it comes back by itself as a new one.
var ErrPageClosed = errors.New("the page was closed")
