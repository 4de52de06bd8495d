//go:build unix

package folder

import (
	"errors"
	"syscall"
)

// IsFull tells whether err says that there is no room on the disk, or none left for this user.
func IsFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
