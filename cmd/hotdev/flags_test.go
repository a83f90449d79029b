package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

// A flag that is none of hotdev's is named as it was written, with what to write
// instead.
func TestForeignFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("dev", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	const after = "flags for the program go after --: "
	for _, c := range []struct {
		args string
		want string // within what is said; empty if the flags are right
	}{
		{"./cmd/api -port 80", "unknown flag: -port (see hotdev --help)\n\t" + after + "hotdev ./cmd/api -- -port 80\n"},
		{"./cmd/api --port=80", "unknown flag: --port (see hotdev --help)\n\t" + after + "hotdev ./cmd/api -- --port=80\n"},
		{"./cmd/api -addr :80 -- -v", "unknown flag: -addr (see hotdev --help)\n\t" + after + "hotdev ./cmd/api -- -addr :80 -v\n"},
		{"--json ./a -x=1", "unknown flag: -x (see hotdev --help)\n\t" + after + "hotdev --json ./a -- -x=1\n"},
		{"-C . ./a -v", "unknown flag: -v (see hotdev --help)\n\t" + after + "hotdev -C . ./a -- -v\n"},
		{"./a -name a&b", after + "hotdev ./a -- -name 'a&b'\n"},
		{"./a -host :80", "unknown flag: -host (see hotdev --help)\n\t" + after}, // not the help
		{"./a -cpu 4", "unknown flag: -cpu (see hotdev --help)\n"},               // not the configuration "pu"
		{"-config dev", "unknown flag: -config (see hotdev --help)\n\twrite --config\n"},
		{"-dir=x", "unknown flag: -dir (see hotdev --help)\n\twrite --dir\n"},
		{"-plain", "unknown flag: -plain (see hotdev --help)\n\twrite --plain\n"},
		{"--confg x", "unknown flag: --confg (see hotdev --help)\n\tdid you mean --config?\n\t" + after},
		{"--plian", "did you mean --plain?"},
		{"-race ./a", "flags of go build go into --build-flags: --build-flags -race\n"},
		{"-tags=x,y ./a", "--build-flags -tags=x,y\n"},
		{"build --plain", "unknown flag: --plain (see hotdev build --help)\n"},
		{"build -port 80", "unknown flag: -port (see hotdev build --help)\n"},
		{"build --verfy", "--verfy (see hotdev build --help)\n\tdid you mean --verify?\n"},
		{"build ./a -- -port 80", "hotdev build runs nothing"},
		{"version --josn", "did you mean --json?"},

		{"-h", ""},
		{"build --help", ""},
		{"help build", ""},
		{"version", ""},
		{"version --json", ""},
		{"-cdev -C. version", ""},
		{"-cmissing.toml version", ""},
		{"--build-flags -tags=x version", ""},
		{"--debug-log -port version", ""}, // a value
		{"completion bash --no-descriptions", ""},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), strings.Fields(c.args), strings.NewReader(""), &out, &errs, func(string) string { return "" })
		want := int(exit.Usage)
		if c.want == "" {
			want = int(exit.OK)
		}
		if code != want || !strings.Contains(errs.String(), c.want) || c.want == "" && errs.Len() > 0 {
			t.Errorf("hotdev %s: exit code %d, want %d with %q\n%s", c.args, code, want, c.want, errs.String())
		}
	}
}
