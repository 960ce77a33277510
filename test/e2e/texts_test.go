package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// What is over the limit is not sent, is noted, and holds up nothing.
func TestTextsOverTheLimitAreSkippedAndTheOrderGoesOn(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir(), env("CAFEFORME_SMS_LIMIT", "phone=2"))
	const phone = "+821045678901"
	o, err := d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: phone}, "")
	require.NoError(t, err)
	has := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool {
			_, data := withToken(t, "").does(http.MethodGet, d.Customer+"/dev/messages", "")
			return strings.Count(data, `"order_id":"`+o.ID) == n
		}, patience, pollEvery)
	}
	has(1)
	for _, command := range []string{"accept", "ready", "pick-up"} {
		_, err = d.Act(within(t), o.ID, command, nil)
		require.NoError(t, err)
		has(2)
		_, err = d.Await(within(t), o.ID, func(o cafe.Order) bool { return len(o.Notes()) >= map[string]int{"ready": 1, "pick-up": 2}[command] })
		require.NoError(t, err)
	}
	_, err = d.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Status == "picked_up" })
	require.NoError(t, err)
	done, err := d.Shown(within(t), o.ID) // customers do not see the reasons of notes
	require.NoError(t, err)
	var reasons []string
	for _, entry := range done.Timeline {
		if entry.Note == "text_failed" {
			reasons = append(reasons, entry.Reason)
		}
	}
	require.Len(t, reasons, 2)
	for i, kind := range []string{"ready", "picked_up"} {
		require.Equal(t, kind+": this phone has had too many texts in the last hour", reasons[i])
	}
	has(2)
}
