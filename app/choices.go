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
	if err := replaceFile(choicesFile(profile), data); err != nil {
		return fmt.Errorf("keep what was chosen on this computer: %w", err)
	}
	return nil
}

// replaceFile writes a file beside the one of that name and renames it, so a crash leaves the old one or the new one.
func replaceFile(file string, data []byte) error {
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
