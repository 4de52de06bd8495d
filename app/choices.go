package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// choices are what somebody has chosen for the program on this computer. They are kept in the profile.
type choices struct {
	// CloseToTray has the program go on among the signs beside the clock when its window is closed.
	CloseToTray bool `json:"closeToTray"`
}

func choicesFile(profile string) string { return filepath.Join(profile, "choices.json") }

// loadChoices returns what was chosen; nothing, if nothing was or the file cannot be read.
func loadChoices(profile string) (c choices, err error) {
	data, err := os.ReadFile(choicesFile(profile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return choices{}, fmt.Errorf("read what was chosen on this computer: %w", err)
	}
	return c, nil
}

// save keeps the choices, whole or not at all.
func (c choices) save(profile string) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep what was chosen on this computer: %w", err)
	}
	file := choicesFile(profile)
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return fmt.Errorf("keep what was chosen on this computer: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("keep what was chosen on this computer: %w", err)
	}
	return nil
}
