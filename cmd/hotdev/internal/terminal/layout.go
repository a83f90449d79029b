package terminal

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/hotdev/hotdev/internal/atomicfile"
	"github.com/hotdev/hotdev/tui"
)

// layoutFile is the file of the remembered layout. It is the same for all projects,
// because a layout is the user's habit.
func layoutFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "hotdev", "layout.json"), nil
}

// recallLayout returns the remembered layout, or the default if it cannot be read.
func recallLayout() (layout tui.Layout) {
	file, err := layoutFile()
	if err != nil {
		return layout
	}
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &layout) != nil {
		return tui.Layout{}
	}
	return layout
}

// rememberLayout writes the layout atomically.
func rememberLayout(layout tui.Layout) error {
	file, err := layoutFile()
	if err != nil {
		return err
	}
	text, err := json.Marshal(layout)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(file, append(text, '\n'), 0o600)
}
