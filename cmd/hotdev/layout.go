package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/hotdev/hotdev/tui"
)

// layoutFile is where the division of the screen is remembered, for all projects:
// it is the user's habit, not the project's.
func layoutFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "hotdev", "layout.json"), nil
}

// recallLayout is the remembered one. What cannot be read is as good as none.
func recallLayout() (split tui.Split) {
	file, err := layoutFile()
	if err != nil {
		return split
	}
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &split) != nil {
		return tui.Split{}
	}
	return split
}

// rememberLayout writes it, whole or not at all.
func rememberLayout(split tui.Split) error {
	file, err := layoutFile()
	if err != nil {
		return err
	}
	text, err := json.Marshal(split)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".layout-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(append(text, '\n'))
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
