package hub

import "context"

// OpenStepped is Open for simulations: nothing happens by itself, so one goroutine can drive everything and the same calls
// always give the same result. Commands wait until Step executes them; Do, SignIn and the like execute what waits before
// them, and themselves. Feeds are asked by Poll. A hub that is simply forgotten leaves nothing behind, as if its process had
// been killed.
func OpenStepped(ctx context.Context, o Options) (*Hub, error) {
	h, err := load(ctx, o)
	if err != nil {
		return nil, err
	}
	h.stepped = true
	return h, nil
}

// Step executes one batch of at most most of the commands that wait, and returns how many it took. untold, if not nil, is
// called between the commit and the telling. Only for a stepped hub.
func (h *Hub) Step(most int, untold func()) int {
	var jobs []*job
	for len(jobs) < min(most, maxBatch) && len(h.jobs) > 0 {
		jobs = append(jobs, <-h.jobs)
	}
	if len(jobs) > 0 {
		h.run(jobs, untold)
	}
	return len(jobs)
}

// stepAll executes all that waits if nobody else will.
func (h *Hub) stepAll() {
	for h.stepped && h.Step(maxBatch, nil) > 0 {
	}
}
