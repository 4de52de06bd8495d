package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/backend/rig"
)

func TestMain(m *testing.M) { os.Exit(rig.Main(m)) }

// TestRun_everyScenario runs each for a moment on a real server: what counts is that nothing is lost and all is filled in.
func TestRun_everyScenario(t *testing.T) {
	profiles := filepath.Join(t.TempDir(), "profiles")
	results, err := Run(t.Context(), Options{Profile: profiles, Program: rig.Program(t), Users: 6, Duration: 300 * time.Millisecond, Warmup: 50 * time.Millisecond, Rate: 100,
		Room: 5, RoomLarge: 30, Idle: 12, IdleMany: 70, SignIns: 20, Missed: 300, Others: 2000})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(scenarios) {
		t.Fatalf("%d results of %d scenarios", len(results), len(scenarios))
	}
	for _, r := range results {
		if r.Scenario == "" || r.Seconds <= 0 || r.PeakMB <= 0 {
			t.Errorf("incomplete: %+v", r)
		}
		if !strings.HasPrefix(r.Scenario, "idle") && (r.Delivered == 0 || r.P50Ms <= 0 || r.P99Ms < r.P50Ms) {
			t.Errorf("incomplete: %+v", r)
		}
		if raw, err := os.ReadFile(filepath.Join(profiles, r.Scenario+".pprof")); err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // it is packed
			t.Errorf("the profile of %s: %d bytes, %v", r.Scenario, len(raw), err)
		}
	}
	var table, encoded bytes.Buffer
	if err := WriteTable(&table, results); err != nil || strings.Count(table.String(), "\n") != 1+len(results) {
		t.Errorf("the table is\n%s%v", table.String(), err)
	}
	if err := WriteJSON(&encoded, results); err != nil || !strings.Contains(encoded.String(), `"scenario": "steady"`) {
		t.Errorf("the JSON is\n%s%v", encoded.String(), err)
	}
}

func TestRun_refusesNonsense(t *testing.T) {
	for name, o := range map[string]Options{
		"odd users":        {Users: 3},
		"unknown scenario": {Users: 2, Scenarios: []string{"sprint"}},
		"no program":       {Users: 2, Program: "/nowhere/parley-server"},
	} {
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTake_countsTheOtherSideOnly: events of one's own, and of other kinds, are not deliveries.
func TestTake_countsTheOtherSideOnly(t *testing.T) {
	b := &bed{begin: time.Now(), arrived: make(chan struct{}, 1)}
	b.measured.Store(true)
	w := &writer{mark: "1 at "}
	events := `{"prev":"a","cursor":"b","events":[{"type":"conversation.opened"},` +
		`{"type":"message.posted","message":{"text":"1 at 5 xxx"}},{"type":"message.posted","message":{"text":"0 at 7 xxx"}}]}`
	if !b.take(w, []byte(events)) || b.received.Load() != 1 || len(w.latencies) != 1 {
		t.Errorf("counted %d", b.received.Load())
	}
	if !b.take(w, []byte(`{"prev":"a","cursor":"b","events":[{"type":"message.posted","message":{"text":"hello"}}]}`)) || b.received.Load() != 1 {
		t.Error("a foreign message was counted")
	}
	if b.take(w, []byte(`{"re":7,"ok":{"text":"0 at 7 xxx"}}`)) {
		t.Error("an answer was taken for events")
	}
}

func TestQuantileMs(t *testing.T) {
	times := []int64{5e6, 1e6, 3e6, 2e6, 4e6}
	for q, want := range map[float64]float64{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := quantileMs(times, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if quantileMs(nil, 0.5) != 0 {
		t.Error("the quantile of nothing")
	}
}
