package world

import (
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/runner"
)

// Sockets listen for the program on the addresses in its settings, from its first start
// until hotdev ends or the settings no longer name them. A connection that arrives
// while there is no program waits for the next one.
type sockets struct {
	mu   sync.Mutex
	open map[string]*os.File // by address
}

// at returns the sockets for these addresses, and closes all others.
func (s *sockets) at(addrs []string) ([]*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for addr, socket := range s.open {
		if !slices.Contains(addrs, addr) {
			socket.Close() // a running program has its own descriptor
			delete(s.open, addr)
		}
	}
	var files []*os.File
	for _, addr := range addrs {
		if s.open[addr] == nil {
			socket, err := runner.Listen(addr)
			if err != nil {
				return nil, fmt.Errorf("run.socket: %w", err)
			}
			if s.open == nil {
				s.open = map[string]*os.File{}
			}
			s.open[addr] = socket
		}
		files = append(files, s.open[addr])
	}
	return files, nil
}
