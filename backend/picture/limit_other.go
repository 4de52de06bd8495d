//go:build !linux

package picture

import "time"

// limit does nothing: here the number of points bounds the memory, and who started this process its time.
func limit(uint64, time.Duration) error { return nil }
