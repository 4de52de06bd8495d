package proof

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSimulation_keepsEveryPromise lets seeds happen: the real hub, store, replica and cache under lost, doubled, overtaken and
// cut frames, crashes, failing disks, jumping clocks and changing rights. PARLEY_SEED=N runs that one alone and prints what
// happened.
func TestSimulation_keepsEveryPromise(t *testing.T) {
	if one := os.Getenv("PARLEY_SEED"); one != "" {
		seed, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		trace := newSimTrace()
		broken := simRun(t, seed, simReal{}, trace)
		t.Logf("%s", strings.Join(trace.lines, "\n"))
		for _, b := range broken {
			t.Error(b)
		}
		return
	}
	began := time.Now()
	seeds := size(120, 5000)
	failed := simSeeds(t, seeds, newSimReal, 5)
	for seed, broken := range failed {
		t.Errorf("seed %d (PARLEY_SEED=%d shows it):\n%s", seed, seed, strings.Join(broken, "\n"))
	}
	if t.Failed() {
		return
	}
	report(t, "simulation", seeds, "seeds", seeds*simSteps, "steps", len(failed), "seeds with a broken promise",
		float64(seeds)/time.Since(began).Minutes(), "seeds a minute")
}

// simSeeds runs seeds from 0 on, on all processors, until enough have failed.
func simSeeds(t *testing.T, seeds int, mutant func() simMutant, enough int) map[uint64][]string {
	t.Helper()
	var next atomic.Uint64
	var mu sync.Mutex
	failed := map[uint64][]string{}
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for {
				seed := next.Add(1) - 1
				mu.Lock()
				stop := len(failed) >= enough
				mu.Unlock()
				if seed >= uint64(seeds) || stop || t.Failed() {
					return
				}
				if broken := simRun(seeded{t, seed}, seed, mutant(), nil); len(broken) > 0 {
					mu.Lock()
					failed[seed] = broken
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return failed
}

// seeded names the seed in what ends a test at once: many run beside each other.
type seeded struct {
	testing.TB
	seed uint64
}

// Fatal implements testing.TB.
func (s seeded) Fatal(args ...any) {
	s.Helper()
	s.TB.Fatalf("seed %d: %s", s.seed, fmt.Sprint(args...))
}

// Fatalf implements testing.TB.
func (s seeded) Fatalf(format string, args ...any) {
	s.Helper()
	s.TB.Fatalf("seed %d: %s", s.seed, fmt.Sprintf(format, args...))
}

// TestSimulation_replays runs seeds twice: what happens must be the same, word for word.
func TestSimulation_replays(t *testing.T) {
	for seed := range uint64(size(5, 100)) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			a, b := newSimTrace(), newSimTrace()
			simRun(t, seed, simReal{}, a)
			simRun(t, seed, simReal{}, b)
			if a.sum() == b.sum() {
				return
			}
			for i := range min(len(a.lines), len(b.lines)) {
				if a.lines[i] != b.lines[i] {
					t.Fatalf("the second run differs from line %d on:\n%s\n%s", i, a.lines[i], b.lines[i])
				}
			}
			t.Fatalf("one run has %d lines, the other %d", len(a.lines), len(b.lines))
		})
	}
}
