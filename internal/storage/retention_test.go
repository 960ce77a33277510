package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// later is after everything that these tests store.
func later() time.Time { return time.Now().Add(time.Hour) }

// rejectedFor returns a guest's order that the store has rejected for a reason in its
// own words, and whose refund an operator has settled.
func rejectedFor(t *testing.T, id, membershipNumber string) order.Snapshot {
	t.Helper()
	o := order.Restore(placedBy(t, id, membershipNumber, opening, order.PaymentSucceeded), 0)
	require.NoError(t, o.Apply(order.Event{Name: order.Reject, Actor: "Mina", Reason: "Mr Kim never comes"}, opening))
	o.Record(order.Entry{Note: order.NoteOperator, Actor: "Jun", Reason: "retry: Mr Kim has called"}, opening)
	o.Record(order.Entry{Note: order.NoteOperator, Actor: "Jun", Reason: "settle-refund: bank 77"}, opening)
	require.NoError(t, o.Apply(order.Event{Name: order.SettleRefund}, opening))
	return o.Snapshot()
}

// forgetGuests forgets the guests whose orders have ended before that time.
func forgetGuests(t *testing.T, d *storage.DB, before time.Time) int {
	t.Helper()
	orders, err := d.ForgetGuests(t.Context(), before, func(int) {})
	require.NoError(t, err)
	return orders
}

func TestAGuestIsForgottenAfterTheEndAndThePaymentKept(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		whole := rejectedFor(t, "ord_1", "")
		projected(t, d, projection(whole))
		_, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		require.Zero(t, forgetGuests(t, d, time.Now().Add(-time.Hour)), "it has not been over for so long")

		require.Equal(t, 1, forgetGuests(t, d, later()))
		require.Zero(t, forgetGuests(t, d, later()), "there is nothing left to forget")

		stored, err := d.Dump(t.Context(), "orders", "texts")
		require.NoError(t, err)
		for _, personal := range []string{"+821012345678", "얼음 적게", "pm_card_visa", "Mr Kim", "Paid."} {
			require.NotContains(t, stored, personal)
		}
		kept, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.True(t, kept.Erased)
		require.Equal(t, whole.Total, kept.Total)
		require.Equal(t, whole.Charged, kept.Charged)
		require.Equal(t, whole.Refund, kept.Refund)
		require.Equal(t, whole.Items, kept.Items)
		require.Equal(t, whole.Version, kept.Version)
		require.Equal(t, "settle-refund: bank 77", kept.Timeline[len(kept.Timeline)-1].Reason, "it is the proof of a payment")
	})
}

func TestOpenOrdersAndThoseThatTheirMembersHaveClaimedAreNotForgotten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821087654321")
		kept := []order.Snapshot{
			placed(t, "ord_pending", opening), placed(t, "ord_paid", opening, order.PaymentSucceeded),
			placed(t, "ord_ready", opening, order.PaymentSucceeded, order.Accept, order.MarkReady),
			placedBy(t, "ord_open", number, opening, order.PaymentSucceeded), rejectedFor(t, "ord_members", number),
		}
		for _, s := range kept {
			projected(t, d, projection(s))
		}
		claim(t, d, kept[4])
		for range 2 {
			require.Zero(t, forgetGuests(t, d, later()))
			for _, s := range kept {
				stored, err := d.Order(t.Context(), s.ID)
				require.NoError(t, err)
				require.Equal(t, s, stored)
			}
		}
		require.Equal(t, 2, erase(t, d, number), "a member's order can be erased after it was passed over")
	})
}

// Anybody can type a membership number: only the member's token makes an order theirs.
func TestAnOrderUnderAMembershipNumberWithoutItsTokenIsForgottenAsAGuests(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821087654321")
		other, _ := signUp(t, d, "+821087654322")
		own, typed, claimedByOther := rejectedFor(t, "ord_own", number), rejectedFor(t, "ord_typed", number), rejectedFor(t, "ord_other", number)
		unknown := rejectedFor(t, "ord_unknown", "1111111111")
		for _, s := range []order.Snapshot{own, typed, claimedByOther, unknown} {
			projected(t, d, projection(s))
		}
		claim(t, d, own)
		require.NoError(t, d.ClaimOrder(t.Context(), other, claimedByOther.ID))
		_, _, err := d.ClaimText(t.Context(), textlog.TextRecord{OrderID: typed.ID, Kind: "paid", Words: "Paid.", Segments: 1, ClaimedAt: opening, ResendAt: opening})
		require.NoError(t, err)

		require.Equal(t, 3, forgetGuests(t, d, later()))
		require.Zero(t, forgetGuests(t, d, later()))
		for _, whole := range []order.Snapshot{typed, claimedByOther, unknown} {
			stored, err := d.Order(t.Context(), whole.ID)
			require.NoError(t, err)
			require.Equal(t, whole.Anonymized(), stored)
			require.Equal(t, whole.MembershipNumber, stored.MembershipNumber, "the points ledger goes by it")
		}
		stored, err := d.Order(t.Context(), own.ID)
		require.NoError(t, err)
		require.Equal(t, own, stored)
		texts, err := d.Dump(t.Context(), "texts")
		require.NoError(t, err)
		require.NotContains(t, texts, "Paid.")

		projected(t, d, projection(own))
		projected(t, d, projection(typed))
		require.Equal(t, 1, forgetGuests(t, d, later()), "projected again")
	})
}

func TestGuestsOfEveryEndAreForgottenInBatches(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ended := 0
		for _, status := range order.Statuses() {
			for i := range 40 {
				s := placed(t, fmt.Sprintf("ord_%s_%d", status, i), opening)
				s.Status = status
				projected(t, d, projection(s))
			}
			if status.Terminal() {
				ended += 40
			}
		}
		var told []int
		orders, err := d.ForgetGuests(t.Context(), later(), func(orders int) { told = append(told, orders) })
		require.NoError(t, err)
		require.Equal(t, ended, orders)
		require.Equal(t, []int{100, 200, ended}, told)
	})
}

func TestAGuestWhoComesBackWithALaterProjectionIsForgottenAgain(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		whole := rejectedFor(t, "ord_1", "")
		projected(t, d, projection(whole))
		require.Equal(t, 1, forgetGuests(t, d, later()))
		projected(t, d, projection(whole))
		require.Equal(t, 1, forgetGuests(t, d, later()))

		done, err := d.Reproject(t.Context(), whole, numberOf(t, d, whole.ID))
		require.NoError(t, err)
		require.True(t, done)
		require.Equal(t, 1, forgetGuests(t, d, later()))
	})
}

func TestAnOrderThatCannotBeReadKeepsNoOtherFromBeingForgotten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i := range 3 {
			projected(t, d, projection(rejectedFor(t, fmt.Sprintf("ord_%d", i), "")))
		}
		require.NoError(t, d.Exec(t.Context(), "UPDATE orders SET document = '!' || document WHERE id = 'ord_1'"))
		orders, err := d.ForgetGuests(t.Context(), later(), func(int) {})
		require.ErrorContains(t, err, "ord_1")
		require.NotContains(t, err.Error(), "+8210")
		require.Equal(t, 2, orders)
	})
}

func TestAnErasedMembersTextsLoseTheirWords(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		projected(t, d, projection(rejectedFor(t, "ord_1", number)))
		_, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		require.Equal(t, 1, erase(t, d, number))
		stored, err := d.Dump(t.Context(), "orders", "texts")
		require.NoError(t, err)
		require.NotContains(t, stored, "Paid.")
		require.NotContains(t, stored, "Mr Kim")
	})
}

func TestAQuarantineThatIsOverIsForgottenAndAnOptOutStays(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.NoError(t, d.QuarantinePhone(t.Context(), "+821000000001", textlog.Quarantine{Code: 30003, Since: opening, Until: minutes(5)}))
		require.NoError(t, d.QuarantinePhone(t.Context(), "+821000000002", textlog.Quarantine{Code: 21610, OptedOut: true, Since: opening}))
		require.NoError(t, d.QuarantinePhone(t.Context(), "+821000000003", textlog.Quarantine{Code: 30006, Since: opening}))
		forgetGuests(t, d, minutes(4))
		stored, err := d.Dump(t.Context(), "quarantined_phones")
		require.NoError(t, err)
		require.Contains(t, stored, "+821000000001")
		forgetGuests(t, d, minutes(6))
		stored, err = d.Dump(t.Context(), "quarantined_phones")
		require.NoError(t, err)
		require.NotContains(t, stored, "+821000000001")
		require.Contains(t, stored, "+821000000002")
		require.Contains(t, stored, "+821000000003", "a number that never gets texts")
	})
}

func TestWhoIsToBeForgottenIsFoundByAnIndex(t *testing.T) {
	t.Parallel()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		d := filledPostgres(t, fill, "orders")
		require.NoError(t, d.Exec(t.Context(), "UPDATE orders SET forgotten_at = 1 WHERE updated_at > 100"))
		require.NoError(t, d.Exec(t.Context(), "ANALYZE orders"))
		plan, err := d.ExplainToForget(t.Context(), "EXPLAIN")
		require.NoError(t, err)
		require.Contains(t, plan, "orders_to_forget", plan)
		require.NotContains(t, plan, "Seq Scan", plan)
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		d := filledSQLite(t, fill)
		plan, err := d.ExplainToForget(t.Context(), "EXPLAIN QUERY PLAN")
		require.NoError(t, err)
		require.Contains(t, plan, "SEARCH orders USING INDEX orders_to_forget", plan)
	})
}
