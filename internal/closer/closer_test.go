package closer

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("broken")

func TestClosersCloseInReverseOrder(t *testing.T) {
	t.Parallel()
	var order []string
	var opened Stack
	for _, name := range []string{"first", "second", "third"} {
		opened.Add(name, func() error { order = append(order, name); return errBroken })
	}
	require.EqualError(t, opened.Close(), "close third: broken\nclose second: broken\nclose first: broken")
	require.Equal(t, []string{"third", "second", "first"}, order)
	require.NoError(t, opened.Close(), "only once")
}
