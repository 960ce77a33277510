package order_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestClosed(t *testing.T) {
	t.Parallel()
	table := expectations()
	for situation, journey := range situations {
		for _, command := range order.Commands() {
			stands := table[situation][command] == repeats
			t.Run(fmt.Sprintf("%s in %s succeeds: %t", command, situation, stands), func(t *testing.T) {
				t.Parallel()
				s := place(t, journey...).Snapshot()
				err := order.Closed(s, command)
				if stands {
					require.NoError(t, err)
					return
				}
				requireCode(t, err, order.CodeTooLate, s.Status)
			})
		}
	}
}
