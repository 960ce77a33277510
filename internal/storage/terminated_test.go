package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheGuestOfATerminatedOrderIsForgottenAndThatOfAnOpenOneIsNot(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821087654321")
		terminated, open := placed(t, "ord_terminated", opening, order.PaymentSucceeded), placed(t, "ord_open", opening, order.PaymentSucceeded)
		own := placedBy(t, "ord_own", number, opening, order.PaymentSucceeded)
		for _, s := range []order.Snapshot{terminated, open, own, rejectedFor(t, "ord_ended", "")} {
			projected(t, d, projection(s))
		}
		claim(t, d, own)
		var asked []string
		forget := func(before time.Time) int {
			asked = nil
			orders, err := d.ForgetTerminated(t.Context(), before, func(_ context.Context, id string) (bool, error) {
				asked = append(asked, id)
				return id == open.ID, nil
			})
			require.NoError(t, err)
			return orders
		}
		require.Zero(t, forget(time.Now().Add(-time.Hour)), "they have changed since")
		require.Empty(t, asked)

		require.Equal(t, 1, forget(later()))
		require.ElementsMatch(t, []string{terminated.ID, open.ID}, asked)
		for _, want := range []order.Snapshot{terminated.Anonymized(), open, own} {
			stored, err := d.Order(t.Context(), want.ID)
			require.NoError(t, err)
			require.Equal(t, want, stored)
		}
		require.Zero(t, forget(later()))
		require.Equal(t, []string{open.ID}, asked, "the others are done with")

		projected(t, d, projection(terminated))
		stored, err := d.Order(t.Context(), terminated.ID)
		require.NoError(t, err)
		require.Equal(t, terminated, stored, "it was brought back")
	})
}

func TestNobodyIsForgottenWhileNobodyKnowsWhetherTheOrderIsOpen(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		whole := placed(t, "ord_1", opening, order.PaymentSucceeded)
		projected(t, d, projection(whole))
		_, err := d.ForgetTerminated(t.Context(), later(), func(context.Context, string) (bool, error) {
			return false, errors.New("Temporal is away")
		})
		require.ErrorContains(t, err, "Temporal is away")
		stored, err := d.Order(t.Context(), whole.ID)
		require.NoError(t, err)
		require.Equal(t, whole, stored)
	})
}

// An order whose row has changed while its workflow was asked for was brought back.
func TestAnOrderThatComesBackMeanwhileIsNotForgotten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		paid := placed(t, "ord_1", opening, order.PaymentSucceeded)
		accepted := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept)
		projected(t, d, projection(paid))
		orders, err := d.ForgetTerminated(t.Context(), later(), func(ctx context.Context, _ string) (bool, error) {
			_, err := d.Project(ctx, projection(accepted))
			return false, err
		})
		require.NoError(t, err)
		require.Zero(t, orders)
		stored, err := d.Order(t.Context(), paid.ID)
		require.NoError(t, err)
		require.Equal(t, accepted, stored)
	})
}
