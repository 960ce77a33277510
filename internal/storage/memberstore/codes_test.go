package memberstore

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever tries each of a phone's codes as often as they can comes in with less than
// one chance in 10^6 a day, however many codes they ask for.
func TestGuessingAtAMembersCodesStaysBelowOneChanceInAMillion(t *testing.T) {
	t.Parallel()
	const tries = 5
	chance, one := 0.0, 1.0
	for codes := range int64(30_000_000) {
		if codes == 0 || digitsAfter(codes) != digitsAfter(codes-1) {
			one = tries / math.Pow10(int(digitsAfter(codes)))
		}
		chance += one
	}
	require.Greater(t, chance, 4e-7)
	require.Less(t, chance, 1e-6)
	require.EqualValues(t, 16, digitsAfter(30_000_000))
}
