package storage

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
		parsed, ok := parseNumber(want)
		require.True(t, ok, want)
		require.Equal(t, n, parsed)
	}
}

func TestWhatIsNoPickupNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "A", "A-", "-1", "A-0", "A-100", "A--1", "A-01", "Ä-1", "ord_1", "ABCDE-1"} {
		_, ok := parseNumber(text)
		require.False(t, ok, text)
	}
	n, ok := parseNumber("a-27")
	require.True(t, ok, "as it is typed in a hurry")
	require.EqualValues(t, 27, n)
}
