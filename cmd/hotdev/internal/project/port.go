package project

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/config"
)

// ports are the ports that programs and processes get as PORT. All of them share one
// value. A chosen port stays, so that a program keeps it over restarts.
type ports struct {
	root string

	mu     sync.Mutex // guards the fields below
	chosen map[string]int
	said   map[string]config.Port // in the configuration, by name
}

func newPorts(root string) *ports {
	return &ports{root: root, chosen: map[string]int{}, said: map[string]config.Port{}}
}

// read takes the ports from a configuration, for all names in it.
func (ps *ports) read(cfg config.Config) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	clear(ps.said)
	for _, p := range cfg.Programs {
		ps.said[p.Name] = p.Run.Port
	}
	for _, p := range cfg.Processes {
		ps.said[p.Name] = p.Port
	}
}

// number returns the port for a name; 0 if it has none.
func (ps *ports) number(name string, p config.Port) (int, error) {
	if p != config.Auto {
		return int(p), nil
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if n := ps.chosen[name]; n > 0 {
		return n, nil
	}
	n, err := ps.choose(name)
	ps.chosen[name] = n
	return n, err
}

// The range that ports are chosen from: below the ports that systems assign to clients,
// and above those of most well-known servers.
const (
	firstPort = 20000
	portCount = 10000
)

// choose finds a free port. It is the same for the same project and name as long as no
// other process has it. The caller holds mu.
func (ps *ports) choose(name string) (int, error) {
	h := fnv.New32a()
	h.Write([]byte(ps.root + "\x00" + name))
	first := int(h.Sum32() % portCount)
	for i := range 100 {
		n := firstPort + (first+i)%portCount
		if !ps.isTaken(n) && isFree(n) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("port of %s: a hundred ports from %d on are taken: give it a number", name, firstPort+first)
}

func (ps *ports) isTaken(n int) bool {
	for _, other := range ps.chosen {
		if other == n {
			return true
		}
	}
	for _, p := range ps.said {
		if int(p) == n {
			return true
		}
	}
	return false
}

// isFree reports whether a program could listen on a port, both on localhost and on all
// addresses.
func isFree(n int) bool {
	for _, host := range []string{"127.0.0.1", ""} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n)))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// withPorts adds the variables for ports to a program's: its own port as PORT, and as
// NAME_PORT the port of each program that it comes after. Variables that are set
// already stay.
func (p *Project) withPorts(table map[string]string, own config.Port, after []string) (map[string]string, error) {
	out := map[string]string{}
	n, err := p.ports.number(p.name, own)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		out["PORT"] = strconv.Itoa(n)
	}
	for _, a := range after {
		name, _ := config.SplitAfter(a)
		p.ports.mu.Lock()
		said := p.ports.said[name]
		p.ports.mu.Unlock()
		if n, err = p.ports.number(name, said); err != nil {
			return nil, err
		}
		if n > 0 {
			out[portVariable(name)] = strconv.Itoa(n)
		}
	}
	maps.Copy(out, table)
	return out, nil
}

// portVariable returns the variable for a port of that name: API_PORT.
func portVariable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name)) + "_PORT"
}
