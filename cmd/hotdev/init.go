package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/agents"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/internal/safe"
)

// initCommand is hotdev init.
func initCommand(t terminal.Terminal, o *options) *cobra.Command {
	forAgents := false
	cmd := &cobra.Command{
		Use:   "init --agents",
		Short: "Tell coding agents of hotdev, in the files of this project",
		Long: `hotdev init --agents writes an entry for hotdev mcp into the configuration of the
agents whose files it finds in the project's folder (Claude Code, Cursor, VS Code,
Gemini CLI, opencode, Codex), and a section on hotdev into AGENTS.md. What is there
already stays as it is. It says which files it wrote.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !forAgents {
				return project.Usage(errors.New("hotdev needs no set-up; hotdev init --agents tells coding agents of it"))
			}
			dir, err := o.folder()
			if err != nil {
				return err
			}
			_, root, _ := config.Find(dir)
			did, err := agents.Init(root)
			for _, line := range did {
				fmt.Fprint(t.Stdout, safe.Text(line+"\n"))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&forAgents, "agents", false, "for coding agents")
	return cmd
}
