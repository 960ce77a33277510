package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// withPoints is the order of two Americanos, for 4,000 won, on which the member spends points.
func withPoints(points int64) string {
	return fmt.Sprintf(`%s,"membership_number":%q,"points":%d}`, strings.TrimSuffix(twoAmericanos, "}"), memberNumber, points)
}

var asMember = []string{authorization, "Bearer " + memberToken}

func TestAMemberPaysWithPoints(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.balance = 2500
	quote := decodeAs[spec.Quote](s.post("/orders/quote", withPoints(1500), asMember...).wants(http.StatusOK))
	require.Equal(t, spec.Money{Amount: 4000, Currency: "KRW"}, quote.Subtotal)
	require.Equal(t, spec.Money{Amount: 2500, Currency: "KRW"}, quote.Total)
	require.Equal(t, []spec.Discount{{Kind: "points", Amount: 1500, Currency: "KRW", Points: new(int64(1500))}}, quote.Discounts)
	require.EqualValues(t, 125, quote.Points, "points are earned on money")
	require.EqualValues(t, 4000, quote.SpendablePoints, "however many are spent")

	placed := s.post("/orders", withPoints(1500), asMember...).wants(http.StatusCreated).order()
	require.Equal(t, quote.Total, placed.Total)
	require.Equal(t, quote.Discounts, placed.Discounts)
	require.Equal(t, order.BasisPoints(10_000), s.orders.placed[0].Terms.PointValue)
	require.EqualValues(t, 1500, s.orders.placed[0].Reservation().Points)
	require.Equal(t, memberNumber, s.orders.placed[0].Reservation().MembershipNumber)
}

func TestAnOrderCanBePaidWithPointsAlone(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.balance = 4000
	body := strings.TrimSuffix(withPoints(4000), "}") + `,"payment_method":"redirect"}`
	placed := s.post("/orders", body, asMember...).wants(http.StatusCreated).order()
	require.EqualValues(t, "paid", placed.Status)
	require.Zero(t, placed.Total.Amount)
	require.Nil(t, placed.PaymentAction)
}

func TestPointsAreWorthWhatIsConfigured(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.PointValues = order.PointValues{"KRW": 100_000} })
	s.members.balance = 1000
	quote := decodeAs[spec.Quote](s.post("/orders/quote", withPoints(300), asMember...).wants(http.StatusOK))
	require.EqualValues(t, 1000, quote.Total.Amount)
	require.EqualValues(t, 400, quote.SpendablePoints)
	account := decodeAs[spec.Account](s.get("/members/"+memberNumber, asMember...).wants(http.StatusOK))
	require.Equal(t, spec.PointsSpending{Points: 100, Worth: []spec.Money{{Amount: 1000, Currency: "KRW"}}}, account.Spending)
}

func TestPointsThatCannotBeSpentAreRefusedBeforeAnythingIsStarted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body    string
		headers []string
		spoil   func(*fakeMembers)
		status  int
		code    string
		field   string
		says    string
	}{
		"without the token":      {withPoints(1500), nil, nil, http.StatusUnauthorized, "unauthorized", "points", "token"},
		"with another's token":   {withPoints(1500), []string{authorization, "Bearer other"}, nil, http.StatusUnauthorized, "unauthorized", "points", "token"},
		"without a number":       {strings.TrimSuffix(twoAmericanos, "}") + `,"points":1500}`, asMember, nil, http.StatusUnauthorized, "unauthorized", "points", "number"},
		"too few":                {withPoints(99), asMember, nil, http.StatusUnprocessableEntity, "invalid_points", "points", "at least 100"},
		"below zero":             {withPoints(-1), asMember, nil, http.StatusUnprocessableEntity, "invalid_points", "points", "negative"},
		"more than is due":       {withPoints(4001), asMember, nil, http.StatusUnprocessableEntity, "invalid_points", "points", "at most 4000"},
		"more than there can be": {withPoints(1<<63 - 1), asMember, nil, http.StatusUnprocessableEntity, "invalid_points", "points", "at most 4000"},
		"more than the member has": {withPoints(1500), asMember, func(m *fakeMembers) { m.balance = 1499 },
			http.StatusConflict, "points_short", "points", "more than the member has"},
		"while nobody can tell who the member is": {withPoints(1500), asMember, func(m *fakeMembers) { m.err = errDown },
			http.StatusConflict, "reservation_unavailable", "", "at the moment"},
		"while nobody can tell how many there are": {withPoints(1500), asMember, func(m *fakeMembers) { m.balanceErr = errDown },
			http.StatusConflict, "reservation_unavailable", "", "at the moment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.members.balance = 5000
			if c.spoil != nil {
				c.spoil(s.members)
			}
			for _, path := range []string{"/orders/quote", "/orders"} {
				problem := s.post(path, c.body, c.headers...).refuses(c.status, c.code, c.field)
				require.Contains(t, problem.Detail, c.says)
			}
			require.Empty(t, s.orders.placed)
			s.post("/orders", twoAmericanos).wants(http.StatusCreated)
		})
	}
}

// Somebody else may have been faster than the look before: then the order has ended, and says so.
func TestPointsThatAreGoneWhenTheyAreReservedAreSaid(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.balance = 5000
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: order.RefusedPoints}
	problem := s.post("/orders", withPoints(1500), asMember...).refuses(http.StatusConflict, "points_short", "points")
	require.NotEmpty(t, *problem.OrderID)
}

// Of two requests under one key at once, one is told that the points are gone: they are its own order's.
func TestPointsThatTheSameRequestHasSpentAreNotMissing(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.balance = 1500
	request := append([]string{"Idempotency-Key", "0123456789abcdef"}, asMember...)
	s.members.meanwhile = func() {
		s.post("/orders", withPoints(1500), request...).wants(http.StatusCreated)
		s.members.balance = 0
	}
	s.post("/orders", withPoints(1500), request...).wants(http.StatusCreated)
	require.Len(t, s.orders.placed, 1)
	s.post("/orders", withPoints(1400), append([]string{"Idempotency-Key", "another-request-1"}, asMember...)...).
		refuses(http.StatusConflict, "points_short", "points")
}
