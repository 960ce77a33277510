package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// scarce has what orders reserve: it remembers the reservations, and refuses for a reason.
type scarce struct {
	activities.Reservations
	refused  string
	reserved []order.Reservation
}

func (s *scarce) Reserve(_ context.Context, r order.Reservation) (order.ReservationResult, error) {
	s.reserved = append(s.reserved, r)
	return order.ReservationResult{Refused: s.refused}, nil
}

// An order that is charged later than its reservation lasts may have lost it to somebody else: it is
// looked at, and lasts again.
func TestALateChargeLooksForItsReservation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		expiresAt time.Time
		reset     bool
		refused   string
		asked     bool
	}{
		"in time":                 {expiresAt: now.Add(time.Hour)},
		"late":                    {expiresAt: now.Add(-time.Second), asked: true},
		"late and released":       {expiresAt: now.Add(-time.Second), refused: order.RefusedReleased, asked: true},
		"after a reset":           {expiresAt: now.Add(time.Hour), reset: true, asked: true},
		"released before a reset": {expiresAt: now.Add(time.Hour), reset: true, refused: order.RefusedReleased, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, reservations := &outside{}, &scarce{refused: c.refused}
			payments := &activities.Payments{Gateway: gateway, Reservations: reservations}
			env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
			env.RegisterActivity(payments)
			charge := order.Charge{
				OrderID: "ord_1", Reset: c.reset, Amount: order.Money{Amount: 1000, Currency: "KRW"},
				Reservation: &order.Reservation{OrderID: "ord_1", Points: 100, At: now.Add(-time.Hour), ExpiresAt: c.expiresAt},
			}

			_, err := env.ExecuteActivity(payments.Charge, charge)

			require.Equal(t, c.asked, len(reservations.reserved) == 1)
			if c.asked {
				require.False(t, reservations.reserved[0].ExpiresAt.Before(now.Add(time.Hour)))
			}
			if c.refused == "" {
				require.NoError(t, err)
				require.NotNil(t, gateway.called)
				return
			}
			require.Equal(t, order.CodeUncertain, order.ErrorCode(failure.Decode(err)))
			require.Nil(t, gateway.called, "nothing is charged")
		})
	}
}
