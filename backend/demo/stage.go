package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"parley/backend/chat"
	"parley/backend/wire"
)

// The pace: between what happens before a visitor's eyes there is a pause of this length, and never more than this waits for
// a visitor unanswered.
const (
	shortPause     = 5 * time.Second
	longPause      = 15 * time.Second
	mostWaiting    = 6
	mostUnanswered = 1
)

// Options are what a stage is given.
type Options struct {
	// URL is the server's base address, http://127.0.0.1:PORT.
	URL string
	// IDs are the people's ids, as Populate returned them.
	IDs IDs
	// Seed decides who does what; the same seed gives the same life.
	Seed uint64
	// Sleep waits, and returns ctx's error if it ends first; nil means by the real clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// Log takes what the people could not do; slog.Default if nil.
	Log *slog.Logger
}

// Stage is the demo's people at their desks.
type Stage struct {
	o        Options
	played   []*person
	own      []*person
	visitors []chat.UserID // the ids of own
}

// Open signs the played people in and, the first time, writes the history. The people nobody plays are signed in for their
// part of the history and out again.
func Open(ctx context.Context, o Options) (*Stage, error) {
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Stage{o: o}
	for i, who := range People() {
		p := &person{Person: who, base: o.URL, sleep: o.Sleep, log: o.Log, id: o.IDs[who.Name], bell: make(chan struct{}, 1),
			rand: rand.New(rand.NewPCG(o.Seed, uint64(i)+2))}
		if who.Own {
			s.own = append(s.own, p)
			s.visitors = append(s.visitors, p.id)
		} else {
			s.played = append(s.played, p)
		}
	}
	if err := arrive(ctx, s.played); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.writeHistory(ctx); err != nil {
		s.Close()
		return nil, err
	}
	for _, p := range s.played {
		for _, visitor := range s.visitors {
			p.beginDay(visitor)
		}
	}
	return s, nil
}

// arrive signs people in and connects them, a few at a time: each sign-in is expensive by design.
func arrive(ctx context.Context, people []*person) error {
	slots := make(chan struct{}, 4)
	failed := make(chan error, len(people))
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			err := p.signIn(ctx)
			if err == nil {
				err = p.connect(ctx)
			}
			if err == nil && p.state() != chat.WorkAvailable {
				err = p.request(ctx, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkAvailable})
			}
			if err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// writeHistory posts what has been said before, unless anything has.
func (s *Stage) writeHistory(ctx context.Context) error {
	for _, p := range s.played {
		p.mu.Lock()
		begun := len(p.talks) > 0
		p.mu.Unlock()
		if begun {
			return nil
		}
	}
	if err := arrive(ctx, s.own); err != nil {
		return err
	}
	byName := map[string]*person{}
	for _, p := range append(append([]*person{}, s.played...), s.own...) {
		byName[p.Name] = p
	}
	for _, t := range history {
		writer, reader := byName[t.from], byName[t.to]
		for _, line := range t.lines {
			if err := writer.say(ctx, reader.id, line); err != nil {
				return fmt.Errorf("history of %s and %s: %w", t.from, t.to, err)
			}
			writer, reader = reader, writer
		}
	}
	if err := writeRoom(ctx, byName); err != nil {
		return err
	}
	for _, p := range s.own {
		p.client.Close()
		if err := wire.SignOut(ctx, nil, p.base, p.token); err != nil {
			return fmt.Errorf("demo: %s: %w", p.Name, err)
		}
	}
	return nil
}

// writeRoom makes the room and posts what has been said in it.
func writeRoom(ctx context.Context, byName map[string]*person) error {
	args := chat.RoomCreateArgs{ID: room.id, Name: room.name}
	for _, name := range room.members {
		args.Participants = append(args.Participants, byName[name].id)
	}
	if err := byName[room.members[0]].request(ctx, chat.RoomCreate, args); err != nil {
		return fmt.Errorf("demo: the room: %w", err)
	}
	for _, said := range roomHistory {
		if err := byName[said.from].sayIn(ctx, room.id, said.line); err != nil {
			return fmt.Errorf("history of the room: %w", err)
		}
	}
	return nil
}

// Close disconnects everybody.
func (s *Stage) Close() {
	for _, p := range append(append([]*person{}, s.played...), s.own...) {
		p.mu.Lock()
		c := p.client
		p.mu.Unlock()
		if c != nil {
			c.Close()
		}
	}
}

// Play lets the people live until ctx ends, then disconnects them.
func (s *Stage) Play(ctx context.Context) {
	defer s.Close()
	var all sync.WaitGroup
	defer all.Wait()
	for _, p := range s.played {
		all.Go(func() { p.stay(ctx) })
		all.Go(func() { p.answer(ctx, s.visitors) })
	}
	for i, visitor := range s.visitors {
		all.Go(func() {
			s.repeat(ctx, uint64(i), func(r *rand.Rand) error { return s.attend(ctx, r, visitor) })
		})
	}
	s.repeat(ctx, uint64(len(s.visitors)), func(r *rand.Rand) error { return s.elsewhere(ctx, r, &all) })
}

// repeat lets a scene happen again and again, with a pause before each. Each repeat has random numbers of its own, of which
// stream is the name.
func (s *Stage) repeat(ctx context.Context, stream uint64, scene func(r *rand.Rand) error) {
	r := rand.New(rand.NewPCG(s.o.Seed, 1000+stream))
	for s.o.Sleep(ctx, shortPause+below(r, longPause-shortPause)) == nil {
		if err := scene(r); err != nil && ctx.Err() == nil {
			s.o.Log.Debug("demo scene did not come off", "err", err)
		}
	}
}

// attend lets somebody write to the visitor, or nearly.
func (s *Stage) attend(ctx context.Context, r *rand.Rand, visitor chat.UserID) error {
	if writer, ok := s.writerTo(r, visitor); ok && r.IntN(3) > 0 {
		return writer.write(ctx, visitor, pick(r, openings[writer.Role]))
	}
	return s.hesitate(ctx, r, visitor)
}

// elsewhere lets somebody leave the desk, two talk to each other, or one say something in the room.
func (s *Stage) elsewhere(ctx context.Context, r *rand.Rand, all *sync.WaitGroup) error {
	switch r.IntN(5) {
	case 0, 1:
		return s.chatter(ctx, r)
	case 2:
		return s.inRoom(ctx, r)
	}
	return s.step(ctx, r, all)
}

// inRoom lets one of the room's members say something there.
func (s *Stage) inRoom(ctx context.Context, r *rand.Rand) error {
	var free []*person
	for _, p := range s.played {
		if p.mayIn(room.id) && p.state() == chat.WorkAvailable {
			free = append(free, p)
		}
	}
	if len(free) == 0 {
		return nil
	}
	return pick(r, free).writeIn(ctx, room.id, pick(r, roomLines))
}

// writerTo chooses somebody played who may write to the visitor and is not waiting for an answer; mostly somebody who has
// written before.
func (s *Stage) writerTo(r *rand.Rand, visitor chat.UserID) (*person, bool) {
	waiting := 0
	var free, known []*person
	for _, p := range s.played {
		t := p.talk(visitor)
		waiting += t.unanswered
		if t.unanswered < mostUnanswered && (t.author != visitor || t.settled >= t.lastN) && p.may(visitor) && p.state() == chat.WorkAvailable {
			free = append(free, p)
			if t.lastN > 0 {
				known = append(known, p)
			}
		}
	}
	if len(free) == 0 || waiting >= mostWaiting {
		return nil, false
	}
	if len(known) > 0 && r.IntN(3) > 0 {
		free = known
	}
	return pick(r, free), true
}

// hesitate lets somebody begin to type to the visitor and think better of it.
func (s *Stage) hesitate(ctx context.Context, r *rand.Rand, visitor chat.UserID) error {
	var known []*person
	for _, p := range s.played {
		if p.talk(visitor).lastN > 0 && p.may(visitor) {
			known = append(known, p)
		}
	}
	if len(known) == 0 {
		return nil
	}
	p := pick(r, known)
	return p.compose(ctx, chat.DirectID(p.id, visitor), 2*time.Second+below(r, 3*time.Second))
}

// chatter lets two played people exchange a line and its answer.
func (s *Stage) chatter(ctx context.Context, r *rand.Rand) error {
	writer := pick(r, s.played)
	reader := pick(r, writer.others(s.played))
	if !writer.may(reader.id) {
		return nil
	}
	if err := writer.write(ctx, reader.id, pick(r, openings[writer.Role])); err != nil {
		return err
	}
	if !reader.may(writer.id) {
		return nil
	}
	return reader.write(ctx, writer.id, pick(r, answers[reader.Role]))
}

// step lets somebody leave the desk, and come back after a while.
func (s *Stage) step(ctx context.Context, r *rand.Rand, all *sync.WaitGroup) error {
	p := pick(r, s.played)
	if p.state() != chat.WorkAvailable {
		return nil
	}
	next := pick(r, statuses[p.Role == chat.RoleAgent])
	if err := p.request(ctx, chat.StatusSet, chat.StatusSetArgs{State: next.state, Reason: next.reason}); err != nil {
		return err
	}
	away := 30*time.Second + below(r, 90*time.Second)
	all.Go(func() {
		if s.o.Sleep(ctx, away) != nil {
			return
		}
		err := p.request(ctx, chat.StatusSet, chat.StatusSetArgs{State: chat.WorkAvailable})
		if err != nil && !errors.Is(err, context.Canceled) {
			s.o.Log.Debug("demo person stays away", "name", p.Name, "err", err)
		}
	})
	return nil
}

// sleep waits by the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
