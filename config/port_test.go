package config

import "testing"

func TestPort(t *testing.T) {
	c, err := parse("f", "/", []byte(`
run.port = 8080
[[program]]
name = "api"
build.package = "."
run.port = "auto"
[[program]]
name = "worker"
build.package = "."
[[process]]
name = "db"
cmd = "db"
port = 5433
`))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []Port{c.Programs[0].Run.Port, c.Programs[1].Run.Port, c.Processes[0].Port}, []Port{Auto, 8080, 5433})
	_, err = parse("f", "/", []byte(`
[run]
port = "atuo"
[[process]]
name = "a"
cmd = "a"
port = 70000
[[process]]
name = "b"
cmd = "b"
port = "auto"
env.PORT = "1"
`))
	if err == nil {
		t.Fatal("no error")
	}
	equal(t, "\n"+err.Error(), `
f:3:8: run.port: want a number from 1 to 65535, "auto" for a free one, or 0 for none, have "atuo"
f:7:8: process[0].port: want a number from 1 to 65535, "auto" for a free one, or 0 for none, have 70000
f:11:8: process[1].port: sets PORT, and so does process[1].env.PORT: one is enough`)
}
