package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/control/lsp"
)

// lspCommand is hotdev lsp.
func lspCommand(t terminal.Terminal, o *options) *cobra.Command {
	var c ctl
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
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			ask := func(ctx context.Context, dir string, q control.Request) (control.Reply, error) {
				place, err := c.find(dir)
				if err != nil {
					return control.Reply{}, err
				}
				return place.Ask(ctx, q)
			}
			return lsp.Serve(ctx, lsp.Options{Version: strings.TrimPrefix(version(), "hotdev "), Dir: dir, Ask: ask}, t.Stdin, t.Stdout)
		},
	}
	cmd.Flags().StringVarP(&c.program, "program", "p", "", "the `name` of the program, where several hotdevs run")
	return cmd
}
