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
		Long: `hotdev doctor looks at Go, cgo and live code, at the programs, the configuration and
its keys that do nothing, at the commands of tasks and processes, and at ports. It
writes a file into the project's folder, waits until the change is seen, and removes
it again, so it knows whether the system tells of changes. Each finding comes with
what to do. It exits with 1 if there is a problem. With --json, a finding is a line.`,
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
