package config

import (
	"strconv"
	"strings"
)

// A Port is one that a program is told as PORT: a number, [Auto], or 0 for none.
type Port int

// Auto is a free one that is chosen.
const Auto Port = -1

// String is the port as a file has it.
func (p Port) String() string {
	if p == Auto {
		return `"auto"`
	}
	return strconv.Itoa(int(p))
}

// port reads one.
func (d *document) port(path []string, value any, into *Port) {
	switch v := value.(type) {
	case int64:
		if v >= 0 && v <= 65535 {
			*into = Port(v)
			return
		}
	case string:
		if strings.EqualFold(v, "auto") {
			*into = Auto
			return
		}
	}
	d.wrong(path, `want a number from 1 to 65535, "auto" for a free one, or 0 for none, have %s`, have(value))
}

// checkPort checks that only one says what PORT is, which env would override.
func (d *document) checkPort(at, env []string, p Port, vars map[string]string) {
	if _, set := d.places[id(at)]; !set || p == 0 {
		return
	}
	if _, both := vars["PORT"]; both {
		d.wrong(at, "sets PORT, and so does %s: one is enough", spell(append(env, "PORT")))
	}
}
