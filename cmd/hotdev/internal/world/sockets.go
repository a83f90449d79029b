package world

import (
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/hotdev/hotdev/runner"
)

// Sockets listen for the program on addresses of its settings, from its first start
// to hotdev's end or until the settings no longer name them. A connection that arrives
// while there is no program waits for the next one.
type sockets struct {
	mu   sync.Mutex
	open map[string]*os.File // by address
}

// at gives the sockets at these addresses, and closes all others.
func (s *sockets) at(addrs []string) ([]*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for addr, socket := range s.open {
		if !slices.Contains(addrs, addr) {
			socket.Close() // a program that runs has its own descriptor
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
