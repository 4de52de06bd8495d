package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// quantileMs returns the q-quantile of times in nanoseconds, in milliseconds; 0 of nothing. It sorts its argument.
func quantileMs(times []int64, q float64) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[min(int(q*float64(len(times))), len(times)-1)]) / 1e6
}

// WriteTable writes results for people.
func WriteTable(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\tusers\tdelivered/s\tp50 ms\tp99 ms\tserver CPU s/1,000\tpeak MB\tKB/connection\t")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%.0f\t%s\t\n", r.Scenario, r.Users, figure("%.0f", r.PerSecond), figure("%.2f", r.P50Ms),
			figure("%.2f", r.P99Ms), figure("%.3f", r.CPUPer1000), r.PeakMB, figure("%.1f", r.PerConnectionKB))
	}
	return t.Flush()
}

// figure formats a figure that a scenario measured, and a sign for one it did not.
func figure(format string, v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf(format, v)
}

// WriteJSON writes results for programs.
func WriteJSON(w io.Writer, results []Result) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(results)
}
