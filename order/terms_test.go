package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// An order that lives over a change of clocks shows the times before and after it as the store's
// clock did.
func TestTermsFollowTheStoresClockOverAChange(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	placed := time.Date(2026, 10, 31, 22, 0, 0, 0, newYork) // clocks go back at 02:00 of the next day
	terms := order.Terms{}.InZone(placed, newYork)
	for after := range 30 {
		at := placed.Add(time.Duration(after) * time.Hour)
		require.Equal(t, at.Format(time.DateTime), terms.Local(at.UTC()).Format(time.DateTime))
	}
}

func TestTermsOfAZoneWithoutChangesHaveNone(t *testing.T) {
	t.Parallel()
	seoul, err := time.LoadLocation("Asia/Seoul")
	require.NoError(t, err)
	at := time.Date(2026, 3, 2, 14, 3, 0, 0, time.UTC)
	terms := order.Terms{}.InZone(at, seoul)
	require.Equal(t, order.Terms{UTCOffset: 9 * time.Hour}, terms)
	require.Equal(t, "23:03", terms.Local(at).Format("15:04"))
}
