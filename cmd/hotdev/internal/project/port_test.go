package project

import (
	"net"
	"strconv"
	"testing"

	"github.com/hotdev/hotdev/config"
)

// A port that is chosen is free, another one for each program, and the same again: in
// this hotdev always, in the next one if nobody has taken it.
func TestPorts(t *testing.T) {
	of := func(ps *ports, name string) int {
		t.Helper()
		n, err := ps.number(name, config.Auto)
		if err != nil || n < firstPort || n >= firstPort+portCount {
			t.Fatalf("%s has port %d, %v", name, n, err)
		}
		return n
	}
	root := t.TempDir()
	ps := newPorts(root)
	api, worker := of(ps, "api"), of(ps, "worker")
	if api == worker {
		t.Errorf("two have port %d", api)
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(api)))
	if err != nil {
		t.Fatalf("it is not free: %v", err)
	}
	defer l.Close() // the program
	if again := of(ps, "api"); again != api {
		t.Errorf("port %d, then %d", api, again)
	}
	next := newPorts(root)
	if n := of(next, "api"); n == api {
		t.Errorf("port %d is chosen, which is taken", n)
	}
	if n := of(next, "worker"); n != worker {
		t.Errorf("worker had %d, and has %d in the next hotdev", worker, n)
	}
}

// A program is told its port, and those of what it comes after; what is set stays.
func TestPortVariables(t *testing.T) {
	p := &Project{name: "web", ports: newPorts("/p")}
	p.ports.read(config.Config{Processes: []config.Process{{Name: "my-db", Port: 5433}, {Name: "none"}}})
	got, err := p.withPorts(map[string]string{"A": "a"}, 8080, []string{"my-db:ready", "none:ready"})
	if err != nil || len(got) != 3 || got["PORT"] != "8080" || got["MY_DB_PORT"] != "5433" || got["A"] != "a" {
		t.Errorf("%v, %v", got, err)
	}
	got, err = p.withPorts(map[string]string{"MY_DB_PORT": "1"}, 0, []string{"my-db:ready"})
	if err != nil || len(got) != 1 || got["MY_DB_PORT"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
}
