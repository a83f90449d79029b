package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/doctor"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/internal/safe"
)

// doctorCommand returns the command hotdev doctor.
func doctorCommand(t terminal.Terminal, o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Examine the machine and the project for what hotdev needs",
		Long: `hotdev doctor checks Go, cgo and live code, the programs, the configuration and its
keys without effect, the commands of tasks and processes, and ports. To find out
whether the system reports changes, it writes a file into the project's folder, waits
until the change is noticed, and removes the file. Each finding comes with advice. It
exits with 1 if there is a problem. With --json, each finding is a line.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := o.folder()
			if err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			found := doctor.Examine(ctx, doctor.Options{Dir: dir, Config: o.Config})
			for _, f := range found {
				text := []byte(safe.Text(f.Lines()))
				if o.json {
					text, _ = json.Marshal(f) // a finding can always be encoded
					text = append(text, '\n')
				}
				if _, err := t.Stdout.Write(text); err != nil {
					return fmt.Errorf("print: %w", err)
				}
			}
			if ctx.Err() != nil {
				return exit.Killed
			}
			if doctor.Worst(found) == doctor.Problem {
				return exit.Broken
			}
			return nil
		},
	}
}
