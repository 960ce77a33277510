package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// What a store has yet to make is what the next customer waits for, and sees before paying.
func TestTheWaitFollowsWhatIsOpen(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.customer("en")
	customer.sees("#wait", "about 10 min")
	owner := s.backOffice("en")
	owner.visit("#stores")
	owner.fill(field("prep_minutes"), "7")
	owner.fill(field("cups_per_slot"), "1")
	owner.click(saveButton)
	customer.sees("#wait", "about 7 min")
	customer.click(firstAdd)
	customer.sees("#cart-wait", "7 min")
	staff := s.staff("en")
	staff.sees("#wait", "about 7 min")

	first, second := s.orderOne(), s.orderOne()
	customer.sees("#wait", "about 17 min")
	customer.sees("#cart-wait", "17 min")
	staff.sees("#wait", "about 17 min")
	for _, command := range []string{"accept", "ready"} {
		_, err := s.Act(within(t), first, command, nil)
		require.NoError(t, err)
	}
	customer.sees("#wait", "about 12 min")
	staff.sees("#wait", "about 12 min")
	_, err := s.Act(within(t), second, "reject", map[string]any{"reason": "Sold out"})
	require.NoError(t, err)
	customer.sees("#wait", "about 7 min")
	customer.sees("#cart-wait", "7 min")
	customer.accessible()
	staff.accessible()

	customer.beforeLoad(controls)
	customer.click("#order")
	id := customer.orderID()
	customer.sees("#expected", "about 12 min")
	_, err = s.Act(within(t), id, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(t, err)
	customer.sees("#headline", "about 5 min")
	customer.seesNo("#expected")
	// Ten minutes later, by the server's clock: both of the browser's go on alike.
	customer.do(`const [date, since] = [Date.now.bind(Date), performance.now.bind(performance)];
		Date.now = () => date() + 600_000; performance.now = () => since() + 600_000;
		globalThis.tamper = (path) => path.startsWith("/stores/") &&
			Response.json({ wait_minutes: 12 }, { headers: { Date: new Date(Date.now()).toUTCString() } })`)
	customer.sees("#headline", "longer than planned")
	customer.sees("#expected", "expected by")
	customer.accessible()
	_, err = s.Act(within(t), id, "ready", nil)
	require.NoError(t, err)
	customer.sees("#headline", "Come and get it")
}

// orderOne places an order of one drink, and returns its ID.
func (s *site) orderOne() string {
	s.t.Helper()
	o, err := s.PlaceOrder(within(s.t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(s.t, err)
	return o.ID
}
