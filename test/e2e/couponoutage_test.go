package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// While the database is away an order with a coupon is refused with words, and soon; others go on. Under the same
// key it is placed once the database is back.
func TestOutageOfTheDatabaseRefusesCouponsAlone(t *testing.T) {
	needsServers(t)
	t.Parallel()
	f, err := fleet.Launch(within(t), oneOfEach)
	t.Cleanup(func() { tearDown(t, f) })
	require.NoError(t, err)
	c := f.Cafe()
	require.NoError(t, c.Staff(within(t), http.MethodPut, "/store/coupons/SPRING", fields{"amount": 500, "uses": 1}, nil))
	place := func(body fields) (o cafe.Order, err error) {
		header := http.Header{"Idempotency-Key": {"a-key-of-the-coupon-outage"}}
		if body["coupon"] == nil {
			header = nil
		}
		body["items"] = []cafe.Item{{Product: "IceAmericano", Qty: 1}}
		_, err = apiclient.Call(within(t), http.MethodPost, c.Customer+"/orders", header, body, &o)
		return o, err
	}
	_, err = place(fields{})
	require.NoError(t, err, "the menu is known")

	require.NoError(t, f.Postgres.Stop())
	began := time.Now()
	_, err = place(fields{"coupon": "SPRING"})
	var problem *cafe.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, "reservation_unavailable", problem.Code)
	require.Contains(t, problem.Detail, "nothing was charged")
	require.Less(t, time.Since(began), 10*time.Second)
	o, err := place(fields{})
	require.NoError(t, err)
	require.EqualValues(t, 2000, o.Total.Amount)

	require.NoError(t, f.Postgres.Start())
	require.Eventually(t, func() bool {
		o, err = place(fields{"coupon": "SPRING"})
		return err == nil
	}, patience, pollEvery, "the coupon, once the database is back")
	require.EqualValues(t, 1500, o.Total.Amount)
	again, err := place(fields{"coupon": "SPRING"})
	require.NoError(t, err)
	require.Equal(t, o.ID, again.ID)
}
