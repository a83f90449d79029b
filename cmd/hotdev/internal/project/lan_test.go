package project

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hotdev/hotdev/builder"
)

// --lan is about the web address that the configuration gives, else about --web's, and
// about nothing that is no web program.
func TestLAN(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	const process = "[[process]]\nname = \"db\"\ncmd = \"sleep 1\"\n"
	two := "[[program]]\nname = \"a\"\nbuild.package = \".\"\n[[program]]\nname = \"b\"\nbuild.package = \".\"\nbuild.flags = [\"-tags=b\"]\n"
	for config, want := range map[string][]int{ // ports in the local network
		"":                        {7777},
		process:                   {7777, 0},
		"[web]\nport = 8080\n":    {8080},
		two:                       nil,
		two + "web.port = 8080\n": {0, 8080},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.24\n", "main.go": "package main\n\nfunc main() {}\n", ".air-like.toml": config} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		programs, folder, err := Prepare(t.Context(), Options{Dir: dir, LAN: true, CheckKeys: func(map[string][]string) (action, why string) { return "", "" }}, builder.New(), nil)
		if want == nil {
			if !errors.As(err, new(UsageError)) {
				t.Errorf("%s: %v", config, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", config, err)
		}
		var got []int
		for _, p := range programs {
			web := p.Configure(t.Context()).Settings.Web
			port := 0
			if web.LAN {
				port = web.Port
				if !slices.Contains(web.Hosts, name) || !slices.Contains(web.Hosts, name+".local") {
					t.Errorf("%s: the hosts are %q", config, web.Hosts)
				}
			}
			got = append(got, port)
		}
		folder.Close()
		if !slices.Equal(got, want) {
			t.Errorf("%s: served to the network at %v, want %v", config, got, want)
		}
	}
}
