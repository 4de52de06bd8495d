// Package bench is the load generator: it starts a fresh server of its own, signs many users in over the real protocol, lets
// them write, and reports what was delivered, how fast, and what it cost the server.
//
// It owns the scenarios, the measuring and the report. It is no test: nothing here fails because something was slow, only
// because something was lost. It speaks to the server as any client does and knows nothing of its insides; it runs on the
// loopback address only, for a bounded time.
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

	"parley/backend/wire"
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
	// Idle is the number of connections of the idle scenario.
	Idle int
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

// scenario is a row of the table: a fresh server is started and run measures it.
type scenario struct {
	name, about string
	run         func(ctx context.Context, b *bed) (Result, error)
}

// scenarios is the one table of them. A new one is a row and a function.
var scenarios = []scenario{
	{"pairs", "users in pairs, 200-byte messages, each direction sends when its last was answered", func(ctx context.Context, b *bed) (Result, error) { return b.closedLoop(ctx, 1) }},
	{"pipelined", "the same with eight unanswered in each direction", func(ctx context.Context, b *bed) (Result, error) { return b.closedLoop(ctx, 8) }},
	{"steady", "the same at a fixed rate, whether answered or not", func(ctx context.Context, b *bed) (Result, error) { return b.openLoop(ctx) }},
	{"idle", "connections that say nothing", func(ctx context.Context, b *bed) (Result, error) { return b.idle(ctx) }},
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
	fmt.Fprintf(o.Progress, "%d users are created and signed in\n", o.Users)
	prepared := filepath.Join(work, "prepared")
	sessions, err := prepare(ctx, o, prepared)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}

	var results []Result
	for _, s := range scenarios {
		if len(o.Scenarios) > 0 && !slices.Contains(o.Scenarios, s.name) {
			continue
		}
		fmt.Fprintf(o.Progress, "%s: %s\n", s.name, s.about)
		data := filepath.Join(work, s.name)
		if err := os.CopyFS(data, os.DirFS(prepared)); err != nil {
			return results, fmt.Errorf("bench: copy the data: %w", err)
		}
		r, err := runOne(ctx, o, s, data, sessions)
		if err != nil {
			return results, fmt.Errorf("bench: %s: %w", s.name, err)
		}
		r.Scenario = s.name
		results = append(results, r)
	}
	return results, nil
}

// prepare makes a data directory with the users, signed in, and returns their sessions. Hashing passwords is slow and takes
// much memory on purpose: it is done once, by a server that is not measured.
func prepare(ctx context.Context, o Options, data string) ([]wire.SignInAnswer, error) {
	if err := importUsers(ctx, o, data); err != nil {
		return nil, err
	}
	p, err := startServer(ctx, o.Program, data)
	if err != nil {
		return nil, err
	}
	sessions, err := signIn(ctx, p, o.Users)
	p.stop()
	if err != nil {
		return nil, p.explain(err)
	}
	return sessions, nil
}

// runOne gives a scenario a fresh server and takes it away again.
func runOne(ctx context.Context, o Options, s scenario, data string, sessions []wire.SignInAnswer) (Result, error) {
	p, err := startServer(ctx, o.Program, data)
	if err != nil {
		return Result{}, err
	}
	defer p.stop()
	b := &bed{o: o, p: p, sessions: sessions}
	r, err := s.run(ctx, b)
	if err != nil {
		return Result{}, p.explain(err)
	}
	r.Users = o.Users
	r.PeakMB = float64(p.memory("VmHWM")) / (1 << 20)
	return r, nil
}
