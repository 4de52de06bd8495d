package folder

import (
	"errors"
	"syscall"
)

// IsFull tells whether err says that there is no room on the disk.
func IsFull(err error) bool {
	const handleDiskFull, diskFull syscall.Errno = 39, 112 // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFull)
}
