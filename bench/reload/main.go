// Command reload measures what a developer waits for when code is reloaded: from the
// save until the running program answers with the new code over HTTP. For comparison it
// measures go build -buildmode=plugin with default flags, for the same edit and without
// loading. Interleaved in one run; medians and ratios.
//
//	go run ./bench/reload
//
// It runs in the folder of this module, which the measured programs import.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const program = `package main

import (
	"fmt"
	"net"
	"net/http"

	"example.com/bench/rules"
	"github.com/hotdev/hotdev/reload"
)

var answer = reload.Func(rules.Answer)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("address", l.Addr())
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answer.Get()()) }))
}
`

// The reloadable package, small and large, with its version at %d.
var packages = []struct{ name, rules string }{
	{"hello", "package rules\n\nimport \"fmt\"\n\nfunc Answer() string { return fmt.Sprint(\"version \", %d) }\n"},
	{"net/http", "package rules\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n)\n\nvar Client = http.DefaultClient\n\nfunc Answer() string { return fmt.Sprint(\"version \", %d) }\n"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 15, "saves that count")
	flag.Parse()
	if err := run(ctx, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "reload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) error {
	module, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/hotdev/hotdev").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	tmp, err := os.MkdirTemp("", "hotdev-reload")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	hotdev := filepath.Join(tmp, "hotdev")
	if text, err := exec.CommandContext(ctx, "go", "build", "-o", hotdev, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("build hotdev: %w\n%s", err, text)
	}
	fmt.Printf("%-10s %24s %24s %7s %16s\n", "package", "go build -buildmode=plugin", "save → new code answers", "ratio", "load and swap")
	for i, p := range packages {
		m := &measurement{dir: filepath.Join(tmp, fmt.Sprint(i)), rules: p.rules, hotdev: hotdev}
		if err := m.run(ctx, strings.TrimSpace(string(module)), rounds); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		slow, quick := median(m.plugin), median(m.reload)
		fmt.Printf("%-10s %24v %24v %6.2f× %16v\n", p.name, slow.Round(time.Millisecond), quick.Round(time.Millisecond), float64(quick)/float64(slow), median(m.load).Round(100*time.Microsecond))
	}
	return nil
}

type measurement struct {
	dir, rules, hotdev   string
	plugin, reload, load []time.Duration
	version              int
}

func (m *measurement) save() error {
	m.version++
	file := filepath.Join(m.dir, "rules", "rules.go")
	if err := os.WriteFile(file+".tmp", fmt.Appendf(nil, m.rules, m.version), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".tmp", file)
}

// An event is an event of hotdev's, as far as it matters here.
type event struct {
	Time    time.Time
	Event   string
	Outcome string
	Road    string
	Took    time.Duration `json:"took_ns"`
	Lines   []struct{ Text string }
}

func (m *measurement) run(ctx context.Context, module string, rounds int) (err error) {
	for name, text := range map[string]string{
		"go.mod":       "module example.com/bench\n\ngo 1.26.0\n\nrequire github.com/hotdev/hotdev v0.0.0\n\nreplace github.com/hotdev/hotdev => " + module + "\n",
		"main.go":      program,
		"plug/main.go": "package main\n\nimport \"example.com/bench/rules\"\n\nvar Answer = rules.Answer\n\nfunc main() {}\n",
		"rules/x.go":   "package rules\n",
	} {
		file := filepath.Join(m.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := m.save(); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, m.hotdev, "--json", ".")
	cmd.Dir, cmd.Env, cmd.Stderr = m.dir, append(os.Environ(), "XDG_CACHE_HOME="+m.dir+"/cache", "GOFLAGS="), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	events := make(chan event)
	go func() { // ends with hotdev
		defer close(events)
		s := bufio.NewScanner(out)
		s.Buffer(nil, 64<<20)
		for s.Scan() {
			var e event
			if json.Unmarshal(s.Bytes(), &e) == nil {
				events <- e
			}
		}
	}()
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		for range events {
		}
		err = errors.Join(err, cmd.Wait())
	}()
	address := ""
	await := func(name string) (event, error) {
		for e := range events {
			for _, l := range e.Lines {
				if a, ok := strings.CutPrefix(l.Text, "address "); ok {
					address = a
				}
			}
			if e.Event == "cycle" && !slices.Contains([]string{"started", "reloaded"}, e.Outcome) {
				return event{}, fmt.Errorf("%s: %s", e.Outcome, e.Road)
			}
			if e.Event == name {
				return e, nil
			}
		}
		return event{}, errors.New("hotdev ended")
	}
	if _, err := await("prepared"); err != nil {
		return err
	}
	const warm = 2
	for round := range rounds + warm {
		if err := m.save(); err != nil {
			return err
		}
		saved := time.Now()
		loaded, err := await("reloaded")
		if err != nil {
			return err
		}
		if err := m.answers(ctx, address); err != nil {
			return err
		}
		took := time.Since(saved)
		plugin := exec.CommandContext(ctx, "go", "build", "-buildmode=plugin", "-o", filepath.Join(m.dir, "plain.so"), "./plug")
		plugin.Dir = m.dir
		began := time.Now()
		if text, err := plugin.CombinedOutput(); err != nil {
			return fmt.Errorf("go build -buildmode=plugin: %w\n%s", err, text)
		}
		if round >= warm {
			m.plugin = append(m.plugin, time.Since(began))
			m.reload = append(m.reload, took)
			m.load = append(m.load, loaded.Took)
		}
	}
	return nil
}

// answers asks the program for the version that was saved.
func (m *measurement) answers(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, nil)
	if err != nil {
		return err
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if want := fmt.Sprint("version ", m.version); string(text) != want {
		return fmt.Errorf("the program answers %q, want %q", text, want)
	}
	return nil
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}
