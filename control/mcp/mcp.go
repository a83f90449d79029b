// Package mcp speaks the Model Context Protocol, so that agents can use a hotdev as
// they use their other tools. Each tool is a request of package control, and no more
// than that.
package mcp

import (
	"context"
	"fmt"
	"io"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotdev/hotdev/control"
)

// Options are what a server is of.
type Options struct {
	// Version is hotdev's.
	Version string
	// Ask finds the hotdev that is meant, starts it if that is wished, and hands it a
	// request. An error is one that the agent should read.
	Ask func(context.Context, control.Request) (control.Reply, error)
}

// instructions are what an agent reads first.
const instructions = `hotdev builds and runs the Go program of this project, and rebuilds and restarts it (or reloads code into it) by itself when a file is saved. Do not start, build or restart the program yourself.
After editing files, call await_ready once: it returns when everything saved before the call is built and running, or with the compiler errors or the crash, with file, line and source. There is no need to sleep first.
Use logs (with grep) to read what the program printed, and explain to see why a save restarted, reloaded or did nothing.`

// Serve answers an agent until in ends or ctx does. It closes in, if that can be closed.
func Serve(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	reader, ok := in.(io.ReadCloser)
	if !ok {
		reader = io.NopCloser(in)
	}
	err := server(o).Run(ctx, &sdk.IOTransport{Reader: reader, Writer: output{out}})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// output is stdout, whose end is the process's.
type output struct{ io.Writer }

func (output) Close() error { return nil }

// server is one with all tools and resources.
func server(o Options) *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "hotdev", Title: "hotdev", Version: o.Version}, &sdk.ServerOptions{
		Instructions: instructions,
		Capabilities: &sdk.ServerCapabilities{},
	})
	add(s, o, tool{"await_ready", asks, "Wait until everything that was saved before this call is built and the program runs with it. Call it after editing files. " +
		"Returns the errors with their source lines if the build is broken or the program crashed."},
		func(in await) control.Request {
			return control.Request{Verb: "await", Gen: in.Generation, Ready: true, Lenient: !in.Listening, Program: in.Program, Timeout: in.timeout()}
		})
	add(s, o, tool{"status", asks, "What runs now, at which generation (build number), where it listens, and what the last save came to."},
		func(in about) control.Request { return control.Request{Verb: "status", Program: in.Program} })
	add(s, o, tool{"errors", asks, "What is broken now: compiler errors with file, line, column and source lines, panics, data races, mistakes in the configuration."},
		func(in about) control.Request { return control.Request{Verb: "errors", Program: in.Program} })
	add(s, o, tool{"logs", asks, "What the program printed, the newest lines. Search with grep."},
		func(in logs) control.Request {
			return control.Request{Verb: "logs", Since: in.SinceGeneration, Grep: in.Grep, Tail: in.Tail, Program: in.Program}
		})
	add(s, o, tool{"explain", asks, "Why the last save (or a given generation) led to a restart, a reload or nothing, step by step with times."},
		func(in explain) control.Request {
			return control.Request{Verb: "explain", Gen: in.Generation, File: in.File, Program: in.Program}
		})
	add(s, o, tool{"reload", acts, "Build what changed and bring it into the program by the shortest way; wait for the outcome. Starts a program that has ended. Saves do this by themselves."},
		func(in wait) control.Request {
			return control.Request{Verb: "reload", Program: in.Program, Timeout: in.timeout()}
		})
	add(s, o, tool{"restart", acts, "Rebuild and restart the program although nothing changed; wait for the outcome."},
		func(in wait) control.Request {
			return control.Request{Verb: "restart", Program: in.Program, Timeout: in.timeout()}
		})
	add(s, o, tool{"build", acts, "Build without touching the running program; wait for the outcome."},
		func(in wait) control.Request {
			return control.Request{Verb: "build", Program: in.Program, Timeout: in.timeout()}
		})
	add(s, o, tool{"test", acts, "Run Go tests and wait for the outcome: those that saves can have changed, that failed or never ran, else all; or those of packages. " +
		"Returns each failure with its place, the assertion's message and the source. Unaffected packages are not run."},
		func(in test) control.Request {
			return control.Request{Verb: "test", Packages: in.Packages, All: in.All, Only: in.OnlyFailed, Pattern: in.Run, Cover: in.Cover, Timeout: in.timeout()}
		})
	add(s, o, tool{"profile", asks, "Take a profile of the running program and return the functions at its top with their places. Goroutines and heap need no code in the program " +
		"where live code is on; the others need net/http/pprof. Put load on the program while cpu and trace are taken."},
		func(in profile) control.Request {
			return control.Request{Verb: "profile", Kind: in.Kind, Seconds: in.Seconds, Program: in.Program, Timeout: control.ProfileTime(in.Seconds)}
		})
	add(s, o, tool{"pause", acts, "Remember saves without acting on them, for edits of many files; off: true to go on, and to build what was saved."},
		func(in pause) control.Request {
			return control.Request{Verb: "pause", Off: in.Off, Program: in.Program}
		})
	add(s, o, tool{"stop", acts, "Stop the program and hotdev itself."},
		func(in timed) control.Request { return control.Request{Verb: "stop", Timeout: in.timeout()} })
	resource(s, o, "errors", "What is broken now, with source lines", control.Request{Verb: "errors"})
	resource(s, o, "logs", "The last lines that the program printed", control.Request{Verb: "logs"})
	return s
}

// The arguments of tools.
type (
	about struct {
		Program string `json:"program,omitempty" jsonschema:"which program, where hotdev runs several; default: all"`
	}
	timed struct {
		TimeoutSeconds int `json:"timeout_seconds,omitempty" jsonschema:"how long to wait, default 60"`
	}
	wait struct {
		about
		timed
	}
	await struct {
		wait
		Generation int  `json:"generation,omitempty" jsonschema:"wait for this generation (build number) or a newer one; default: the newest"`
		Listening  bool `json:"listening,omitempty" jsonschema:"insist that the program listens on a port; by default a program that never has counts as ready after 5 seconds"`
	}
	logs struct {
		about
		SinceGeneration int    `json:"since_generation,omitempty" jsonschema:"only what this generation and newer ones printed"`
		Grep            string `json:"grep,omitempty" jsonschema:"a regular expression (RE2); (?i) ignores case"`
		Tail            int    `json:"tail,omitempty" jsonschema:"at most this number of lines, the newest; default 200"`
	}
	explain struct {
		about
		Generation int    `json:"generation,omitempty" jsonschema:"default: that of the last save"`
		File       string `json:"file,omitempty" jsonschema:"instead: what a save of this file does, or why it does nothing"`
	}
	test struct { // of the module, whatever program is meant
		timed
		Packages   []string `json:"packages,omitempty" jsonschema:"import paths or absolute folders; with /... at the end also all packages below"`
		Run        string   `json:"run,omitempty" jsonschema:"only tests whose names match this regular expression, as for go test -run; with packages"`
		All        bool     `json:"all,omitempty" jsonschema:"all tests of the module"`
		OnlyFailed bool     `json:"only_failed,omitempty" jsonschema:"only the tests that failed last"`
		Cover      bool     `json:"cover,omitempty" jsonschema:"the tests of the lines changed since the last commit; returns which of these lines they do not cover; not with packages or all"`
	}
	profile struct {
		about
		Kind    string `json:"kind" jsonschema:"cpu, heap, goroutines, leaks, block, mutex or trace"`
		Seconds int    `json:"seconds,omitempty" jsonschema:"how long cpu, block, mutex (default 10) and trace (default 3) observe the program"`
	}
	pause struct {
		about
		Off bool `json:"off,omitempty" jsonschema:"follow saves again"`
	}
)

func (w timed) timeout() control.Duration {
	return control.Duration(time.Duration(w.TimeoutSeconds) * time.Second)
}

// A tool is what an agent is told of one.
type tool struct {
	name string
	kind kind
	does string
}

// kind is whether a tool changes what runs.
type kind bool

const (
	asks kind = false
	acts kind = true
)

// An outcome is the data of an answer.
type outcome struct {
	Outcome string `json:"outcome"`
	control.Report
}

// outcomes are the words for the codes of answers.
var outcomes = map[control.Code]string{
	control.OK: "ok", control.Broken: "broken", control.Usage: "mistake", control.None: "no hotdev", control.Timeout: "timed out",
}

// add gives the server a tool that is a request.
func add[In any](s *sdk.Server, o Options, t tool, request func(In) control.Request) {
	no := false
	about := &sdk.Tool{Name: t.name, Description: t.does, Annotations: &sdk.ToolAnnotations{
		ReadOnlyHint: t.kind == asks, DestructiveHint: &no, OpenWorldHint: &no, IdempotentHint: true,
	}}
	sdk.AddTool(s, about, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		q := request(in)
		r, err := o.Ask(ctx, q)
		if err != nil {
			return nil, nil, err
		}
		// A broken build is an answer like another; it is no failure of the tool.
		result := &sdk.CallToolResult{
			Content: []sdk.Content{&sdk.TextContent{Text: r.Text}},
			IsError: r.Code != control.OK && r.Code != control.Broken,
		}
		if q.Verb == "logs" || q.Verb == "explain" || result.IsError { // the text is all
			return result, nil, nil
		}
		return result, outcome{outcomes[r.Code], r.Report}, nil
	})
}

// resource gives the server what a question answers.
func resource(s *sdk.Server, o Options, name, does string, q control.Request) {
	const kind = "text/plain"
	r := &sdk.Resource{URI: "hotdev://" + name, Name: name, Description: does, MIMEType: kind}
	s.AddResource(r, func(ctx context.Context, _ *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
		reply, err := o.Ask(ctx, q)
		if err != nil {
			return nil, err
		}
		if reply.Code != control.OK && reply.Code != control.Broken {
			return nil, fmt.Errorf("%s", reply.Text)
		}
		return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: r.URI, MIMEType: kind, Text: reply.Text}}}, nil
	})
}
