package picture

import (
	"fmt"
	"syscall"
	"time"
)

// limit bounds this process: the memory it writes to, the processor's time, and no file may grow. Its rank is low.
func limit(memory uint64, within time.Duration) error {
	seconds := uint64(within / time.Second)
	for what, most := range map[int]uint64{syscall.RLIMIT_DATA: memory, syscall.RLIMIT_CPU: seconds, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limit %d: %w", what, err)
		}
	}
	const rank = 10
	return syscall.Setpriority(syscall.PRIO_PROCESS, 0, rank)
}
