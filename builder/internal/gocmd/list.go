package gocmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// List runs a command that prints JSON values, as go list -json does, and returns them.
// It sets the command's Stdout. If the command ran and failed (see [Failed]), what it
// printed until then is returned with the error.
func List[T any](ctx context.Context, c Command) ([]T, error) {
	var out Values[T]
	c.Stdout = out.Line
	err := c.Run(ctx)
	if err != nil && !Failed(err) {
		return nil, err
	}
	found, broken := out.All()
	if broken != nil {
		return nil, broken
	}
	return found, err
}

// Values collects the lines of JSON values.
type Values[T any] struct{ text bytes.Buffer }

// Line adds a line, without its line end.
func (v *Values[T]) Line(l string) {
	v.text.WriteString(l)
	v.text.WriteByte('\n')
}

// All returns the values of the lines so far. It is called once.
func (v *Values[T]) All() (all []T, err error) {
	for dec := json.NewDecoder(&v.text); ; {
		var one T
		if err := dec.Decode(&one); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("its answer makes no sense: %w", err)
		}
		all = append(all, one)
	}
}
