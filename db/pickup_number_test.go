package db

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPickupNumberFormat(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		1: "A-1", 27: "A-27", 99: "A-99", 100: "B-1", 26 * 99: "Z-99", 26*99 + 1: "AA-1",
		52*99 + 1: "BA-1", 702 * 99: "ZZ-99", 702*99 + 1: "AAA-1",
	} {
		require.Equal(t, want, pickupNumber(n), n)
	}
}
