// Package folder makes the folders in which programs keep people's data, and keeps them to whoever runs the program.
//
// It owns who may look into such a folder. What lies in it, and the modes of those files, are the matter of who writes them.
package folder

import (
	"fmt"
	"os"
)

// Private makes dir if it is missing, with its parents, and takes away what others than its owner may do in one that is there:
// its files are readable by their owner alone, but whoever may write in a folder can replace them.
//
// Marks are names of files that show the folder to be the program's own. A folder that is somebody else's, or holds only other
// things, is not changed, since it may be one that others need (a mistyped path, the system's own); one in which everybody may
// write is then refused, and nothing is written there.
func Private(dir string, marks ...string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	return tighten(dir, marks)
}
