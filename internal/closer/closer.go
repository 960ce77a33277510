// Package closer remembers what has been opened, and closes it in reverse order.
package closer

import (
	"errors"
	"fmt"
	"slices"
)

// Stack is what has been opened so far. It is closed in reverse order, so
// that nothing loses what it still works with.
type Stack []closer

type closer struct {
	name  string
	close func() error
}

// Add notes that something has been opened and how it is closed.
func (c *Stack) Add(name string, closeIt func() error) {
	*c = append(*c, closer{name, closeIt})
}

// Close closes everything and returns what went wrong.
func (c *Stack) Close() error {
	var errs []error
	for _, opened := range slices.Backward(*c) {
		if err := opened.close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", opened.name, err))
		}
	}
	*c = nil
	return errors.Join(errs...)
}
