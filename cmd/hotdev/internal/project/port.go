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

// ports are those that programs and processes are told as PORT. They are one for all
// that run. What is chosen stays, so that a program has its port over restarts.
type ports struct {
	root string

	mu     sync.Mutex // guards what follows
	chosen map[string]int
	said   map[string]config.Port // by the configuration, by name
}

func newPorts(root string) *ports {
	return &ports{root: root, chosen: map[string]int{}, said: map[string]config.Port{}}
}

// read takes what a configuration says of all that it names.
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

// number is the port of what has this name; 0 is none.
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

// The range that ports are chosen from: below those that systems give to clients, and
// above most that servers are known by.
const (
	firstPort = 20000
	portCount = 10000
)

// choose finds a free port, the same for the same project and name as long as nobody
// else has it. The ports are locked.
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

// isFree reports whether a program could listen on a port, on this machine alone and on
// all of its addresses.
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

// withPorts adds what the program is told of ports to its variables: its own as PORT,
// and that of each which it comes after as NAME_PORT. What is set already stays.
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

// portVariable is the variable with the port of what has this name: API_PORT.
func portVariable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name)) + "_PORT"
}
