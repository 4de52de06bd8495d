package transfer

import "os"

// markForeign tells Windows that a file came from outside, so that it warns before it runs one that is a program. On a disk that cannot
// keep the mark the file is saved without.
func markForeign(path string) error {
	_ = os.WriteFile(path+":Zone.Identifier", []byte("[ZoneTransfer]\r\nZoneId=3\r\n"), 0o600)
	return nil
}
