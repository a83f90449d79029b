package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/agents"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/client"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/initialize"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/control/lsp"
	"github.com/hotdev/hotdev/control/mcp"
	"github.com/hotdev/hotdev/internal/safe"
)

// mcpCommand returns the command hotdev mcp.
func mcpCommand(t terminal.Terminal, o *options) *cobra.Command {
	start := false
	cmd := &cobra.Command{
		Use:   "mcp [--start] [package | file.go ...] [-- program arguments]",
		Short: "Serve an agent over the Model Context Protocol, on stdin and stdout",
		Long: `hotdev mcp gives an agent the verbs of hotdev ctl as tools, await_ready first of
all, and the errors and logs as resources. It connects to the hotdev that runs in
this project. With --start it starts one in the background if none is running, with
the given package and arguments; that one ends with hotdev mcp.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.positional(cmd, args); err != nil {
				return err
			}
			var with []string
			if start {
				with = o.CommandLine()
			}
			agent := client.NewAgent(o.Dir, with)
			defer agent.Close()
			ctx, stop := interruptible(cmd)
			defer stop()
			return mcp.Serve(ctx, mcp.Options{Version: version(), Ask: agent.Ask}, t.Stdin, t.Stdout)
		},
	}
	cmd.Flags().BoolVar(&start, "start", false, "start a hotdev in the background if none is running")
	return cmd
}

// lspCommand returns the command hotdev lsp.
func lspCommand(t terminal.Terminal, o *options) *cobra.Command {
	program := ""
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Publish errors and crashes to an editor, over the Language Server Protocol",
		Long: `hotdev lsp is a language server that only publishes diagnostics: the build's errors,
panics, data races and mistakes in the configuration, as the hotdev that runs in
the editor's folder finds them. An editor starts it, on stdin and stdout.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := o.folder()
			if err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			ask := func(ctx context.Context, dir string, q control.Request) (control.Reply, error) {
				place, err := client.Client{Dir: dir, Program: program}.Find()
				if err != nil {
					return control.Reply{}, err
				}
				return place.Ask(ctx, q)
			}
			return lsp.Serve(ctx, lsp.Options{Version: version(), Dir: dir, Ask: ask}, t.Stdin, t.Stdout)
		},
	}
	cmd.Flags().StringVarP(&program, "program", "p", "", "the `name` of the program, if several hotdevs are running")
	return cmd
}

// initCommand returns the command hotdev init.
func initCommand(t terminal.Terminal, o *options) *cobra.Command {
	forAgents := false
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first configuration for what is found in this project",
		Long: `hotdev needs no configuration for one program. hotdev init writes a short
.air-like.toml for a project that has more: several main packages, generators (templ,
sqlc, buf, Tailwind), an .air.toml, a Procfile, a process-compose.yaml, scripts in a
package.json. It asks nothing, overwrites nothing, starts nothing, and prints what it
found and what it made of it.

hotdev init --agents writes an entry for hotdev mcp into the configuration of the
agents whose files it finds in the project's folder (Claude Code, Cursor, VS Code,
Gemini CLI, opencode, Codex), and a section on hotdev into AGENTS.md. It does not
change existing entries, and prints which files it wrote.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := o.folder()
			if err != nil {
				return err
			}
			ctx, stop := interruptible(cmd)
			defer stop()
			var did []string
			if forAgents {
				_, root, _ := config.Find(dir)
				did, err = agents.Init(root)
			} else {
				did, err = initialize.Write(ctx, dir)
			}
			for _, line := range did {
				fmt.Fprint(t.Stdout, safe.Text(line+"\n"))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&forAgents, "agents", false, "add hotdev to the files of coding agents in this project")
	return cmd
}
