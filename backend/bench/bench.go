// Package bench is the load generator: it starts a fresh server of its own, signs many users in over the real protocol, lets
// them write, and reports what was delivered, how fast, and what it cost the server.
//
// It owns the scenarios, the measuring and the report. It is no test: nothing here fails because something was slow, only
// because something was lost. What is measured is a process of its own that is spoken to as any client does; only what must be
// there before, users with sessions and a history of a million messages, is written by hub and store themselves while no
// server runs. It stays on the loopback address, for a bounded time.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Options say what to run.
type Options struct {
	// Program is the server's executable.
	Program string
	// Scenarios are the names to run, in the table's order; none means all.
	Scenarios []string
	// Users write in pairs; an even number of at least two.
	Users int
	// Duration is how long each scenario is measured, after Warmup which is not.
	Duration, Warmup time.Duration
	// Rate is the messages per second of the open loop, by all users together.
	Rate int
	// Room and RoomLarge are the numbers of members of the rooms.
	Room, RoomLarge int
	// Idle and IdleMany are the numbers of connections of the idle scenarios.
	Idle, IdleMany int
	// SignIns is the number of clients that come at once in the scenario signins.
	SignIns int
	// Missed is how many messages somebody catches up with, among Others of other people.
	Missed, Others int
	// Profile is the directory for a CPU profile of each scenario's server, named SCENARIO.pprof; none if empty. One that is
	// started again is profiled from then on.
	Profile string
	// Progress takes a line for each step; the server's own log goes there too if it fails.
	Progress io.Writer
}

// Result is what one scenario measured. What a scenario does not measure is zero.
type Result struct {
	Scenario string `json:"scenario"`
	Users    int    `json:"users"`
	// Seconds is how long was measured, Delivered how many messages reached the other side in that time.
	Seconds   float64 `json:"seconds"`
	Delivered int     `json:"delivered"`
	PerSecond float64 `json:"perSecond"`
	// P50Ms and P99Ms are the time from before sending to receipt at the other side, in milliseconds.
	P50Ms float64 `json:"p50Ms"`
	P99Ms float64 `json:"p99Ms"`
	// CPUPer1000 is the server's processor time in seconds for 1,000 delivered messages.
	CPUPer1000 float64 `json:"cpuPer1000"`
	// PeakMB is the server's largest resident memory so far, PerConnectionKB what one idle connection takes of it.
	PeakMB          float64 `json:"peakMB"`
	PerConnectionKB float64 `json:"perConnectionKB"`
}

// scenario is a row of the table: a fresh server with so many users is started and run measures it.
type scenario struct {
	name, about string
	users       func(o Options) int
	run         func(ctx context.Context, b *bed) (Result, error)
}

// perUser is how many connections of one user the idle scenarios open; the server admits a few more.
const perUser = 30

func inPairs(o Options) int { return o.Users }

func forIdle(connections int) int { return max(2, 2*((connections+2*perUser-1)/(2*perUser))) }

// scenarios is the one table of them. A new one is a row and a function.
var scenarios = []scenario{
	{"pairs", "users in pairs, 200-byte messages, each direction sends when its last was answered", inPairs,
		func(ctx context.Context, b *bed) (Result, error) { return b.closedLoop(ctx, 1) }},
	{"pipelined", "the same with eight unanswered in each direction", inPairs,
		func(ctx context.Context, b *bed) (Result, error) { return b.closedLoop(ctx, 8) }},
	{"steady", "the same at a fixed rate, whether answered or not", inPairs,
		func(ctx context.Context, b *bed) (Result, error) { return b.openLoop(ctx) }},
	{"room", "a room in which ten members write and all read", func(o Options) int { return 2 * o.Room },
		func(ctx context.Context, b *bed) (Result, error) { return b.room(ctx, b.o.Room) }},
	{"room-large", "the same in a large room", func(o Options) int { return 2 * o.RoomLarge },
		func(ctx context.Context, b *bed) (Result, error) { return b.room(ctx, b.o.RoomLarge) }},
	{"idle", "connections that say nothing", func(o Options) int { return forIdle(o.Idle) },
		func(ctx context.Context, b *bed) (Result, error) { return b.idle(ctx, b.o.Idle) }},
	{"idle-many", "very many connections that say nothing", func(o Options) int { return forIdle(o.IdleMany) },
		func(ctx context.Context, b *bed) (Result, error) { return b.idle(ctx, b.o.IdleMany) }},
	{"signins", "clients that come at once, each with a session, until each has its snapshot", func(o Options) int { return o.SignIns },
		func(ctx context.Context, b *bed) (Result, error) { return b.signIns(ctx) }},
	{"catchup", "somebody comes back, until all that was missed is there", inPairs,
		func(ctx context.Context, b *bed) (Result, error) { return b.catchUp(ctx) }},
}

// Names returns the names of all scenarios with what each is about.
func Names() [][2]string {
	var names [][2]string
	for _, s := range scenarios {
		names = append(names, [2]string{s.name, s.about})
	}
	return names
}

// Run runs the scenarios one after the other and returns their results. With an error it returns what was measured before.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if o.Users < 2 || o.Users%2 != 0 {
		return nil, errors.New("bench: users come in pairs: give an even number of at least 2")
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	known := map[string]bool{}
	for _, s := range scenarios {
		known[s.name] = true
	}
	for _, name := range o.Scenarios {
		if !known[name] {
			return nil, fmt.Errorf("bench: there is no scenario %q", name)
		}
	}
	work, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(work)
	var results []Result
	for _, s := range scenarios {
		if len(o.Scenarios) > 0 && !slices.Contains(o.Scenarios, s.name) {
			continue
		}
		fmt.Fprintf(o.Progress, "%s: %s\n", s.name, s.about)
		r, err := runOne(ctx, o, s, filepath.Join(work, s.name))
		if err != nil {
			return results, fmt.Errorf("bench: %s: %w", s.name, err)
		}
		r.Scenario = s.name
		results = append(results, r)
		if err := os.RemoveAll(filepath.Join(work, s.name)); err != nil { // a million messages take room
			return results, fmt.Errorf("bench: %w", err)
		}
	}
	return results, nil
}

// runOne gives a scenario a fresh server and takes it away again.
func runOne(ctx context.Context, o Options, s scenario, data string) (_ Result, err error) {
	users := s.users(o)
	sessions, err := prepare(ctx, data, users)
	if err != nil {
		return Result{}, fmt.Errorf("prepare: %w", err)
	}
	b := &bed{o: o, data: data, sessions: sessions}
	if o.Profile != "" {
		if err := os.MkdirAll(o.Profile, 0o700); err != nil {
			return Result{}, err
		}
		b.args = []string{"--cpu-profile", filepath.Join(o.Profile, s.name+".pprof")}
	}
	if b.p, err = startServer(ctx, o.Program, data, b.args...); err != nil {
		return Result{}, err
	}
	defer func() { b.p.stop() }() // the one that runs in the end
	r, err := s.run(ctx, b)
	if err != nil {
		return Result{}, b.p.explain(err)
	}
	r.Users = users
	r.PeakMB = float64(b.p.memory("VmHWM")) / (1 << 20)
	return r, nil
}
