package main

import (
	"errors"
	"fmt"
	"slices"
)

// closers is what has been opened so far. It is closed in reverse order, so
// that nothing loses what it still works with.
type closers []closer

type closer struct {
	name  string
	close func() error
}

// add notes that something has been opened and how it is closed.
func (c *closers) add(name string, closeIt func() error) {
	*c = append(*c, closer{name, closeIt})
}

// close closes everything and returns what went wrong.
func (c *closers) close() error {
	var errs []error
	for _, opened := range slices.Backward(*c) {
		if err := opened.close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", opened.name, err))
		}
	}
	*c = nil
	return errors.Join(errs...)
}
