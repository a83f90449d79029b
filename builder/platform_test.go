package builder

import "testing"

func TestPlatform(t *testing.T) {
	dir := testModule(t, hello)
	for _, c := range []struct {
		flags   []string
		env     []string
		os      string
		library string
	}{
		{nil, []string{"GOOS=windows", "GOARCH=amd64"}, "windows", ""},
		{nil, []string{"GOOS=js", "GOARCH=wasm"}, "js", ""},
		{[]string{"-buildmode=c-shared"}, nil, "", "c-shared"},
		{nil, []string{"GOFLAGS=-buildmode=plugin"}, "", "plugin"},
		{[]string{"-buildmode", "pie"}, []string{"GOFLAGS=-buildmode=plugin"}, "", ""}, // the last one counts
		{nil, nil, "", ""},
	} {
		p, err := New().Platform(t.Context(), Request{Dir: dir, Flags: c.flags, Env: goEnviron(c.env...)})
		if c.os == "" {
			c.os = p.HostOS
		}
		if err != nil || p.HostOS == "" || p.HostArch == "" || p.OS != c.os || p.Foreign() != (c.os != p.HostOS) || p.Library != c.library {
			t.Errorf("%q %q: %+v, %v", c.flags, c.env, p, err)
		}
	}
}
