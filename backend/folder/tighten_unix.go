//go:build unix

package folder

import (
	"fmt"
	"os"
	"slices"
	"syscall"
)

const (
	forOthers         = 0o077 // the bits of the group and of everybody
	everybodyMayWrite = 0o002
)

// tighten is Private for a folder that is there.
func tighten(dir string, marks []string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the folder: %w", err)
	}
	mode := info.Mode().Perm()
	if mode&forOthers == 0 {
		return nil
	}
	own, err := isOwn(dir, info, marks)
	if err != nil {
		return err
	}
	if own {
		if err = os.Chmod(dir, info.Mode()&^forOthers); err == nil {
			return nil
		}
	}
	if mode&everybodyMayWrite == 0 {
		return nil // nobody can replace its files but whom its owner trusts with them
	}
	if err != nil {
		return fmt.Errorf("everybody may write in %s, and that could not be changed: %w", dir, err)
	}
	return fmt.Errorf("everybody may write in %s, and it is not this program's own to change. Nothing was written; choose another folder, or make this one private (chmod 700)", dir)
}

// isOwn tells whether the folder belongs to who runs the program, and is empty or holds one of marks. The sticky bit says that
// a folder is meant for everybody, as the system's for temporary files is.
func isOwn(dir string, info os.FileInfo, marks []string) (bool, error) {
	system, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(system.Uid) != os.Geteuid() || info.Mode()&os.ModeSticky != 0 {
		return false, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("look into the folder: %w", err)
	}
	marked := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return slices.Contains(marks, e.Name()) })
	return marked || len(entries) == 0, nil
}
