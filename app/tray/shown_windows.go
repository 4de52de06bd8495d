package tray

const wantsICO = true

// Shown tells whether the desktop shows signs now: this one always does.
func (s *Sign) Shown() bool { return true }
