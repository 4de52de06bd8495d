package link

import "time"

// The bounds of waiting between tries.
const (
	minBackoff = 500 * time.Millisecond
	maxBackoff = 30 * time.Second
)

// Backoff returns how long to wait after failures tries in a row: evenly spread from zero to a bound that doubles with each
// failure from 0.5 s to 30 s ("full jitter"), so that many clients do not return at once. random gives [0, 1).
func Backoff(failures int, random func() float64) time.Duration {
	bound := minBackoff
	for i := 1; i < failures && bound < maxBackoff; i++ {
		bound *= 2
	}
	return time.Duration(random() * float64(min(bound, maxBackoff)))
}
