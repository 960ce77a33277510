package storage_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// erase erases a member and returns how many orders were rewritten.
func erase(t *testing.T, d *storage.DB, number string) int {
	t.Helper()
	orders, err := d.Erase(t.Context(), number, minutes(30))
	require.NoError(t, err)
	return orders
}

func TestAnErasedMemberIsForgottenAndTheLedgerKept(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, token := signUp(t, d, "+821012345678")
		other, otherToken := signUp(t, d, "+821087654321")
		asked := newCode(t, d, "+821012345678", opening)
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		for i := range 3 {
			projected(t, d, projection(placedBy(t, fmt.Sprintf("ord_%d", i), number, opening, order.PaymentSucceeded)))
		}
		projected(t, d, projection(placedBy(t, "ord_other", other, opening)))

		require.Equal(t, 3, erase(t, d, number))
		require.Zero(t, erase(t, d, number), "there is nothing left to erase")

		_, err := d.Member(t.Context(), number)
		requireCode(t, order.CodeNotFound, err)
		requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), number, token, minutes(30)))
		_, _, phone, err := d.NewMemberCode(t.Context(), number, opening)
		require.NoError(t, err)
		require.Empty(t, phone, "it is nobody's number")
		_, err = d.SignIn(t.Context(), asked, opening)
		requireCode(t, order.CodeUnauthorized, err)
		_, _, _, err = d.Account(t.Context(), number, 10, "")
		requireCode(t, order.CodeNotFound, err)

		entries, err := d.PointsOf(t.Context(), []string{"ord_1"})
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, number, entries[0].MembershipNumber)

		stored, err := d.Dump(t.Context(), "members", "member_tokens", "one_time_codes", "orders")
		require.NoError(t, err)
		require.Contains(t, stored, "+821087654321", "others are left alone")
		codes, err := d.Dump(t.Context(), "members", "one_time_codes")
		require.NoError(t, err)
		require.NotContains(t, codes, "+821012345678")
		kept, err := d.Order(t.Context(), "ord_other")
		require.NoError(t, err)
		require.NotEmpty(t, kept.Phone)
		require.NoError(t, d.Authenticate(t.Context(), other, otherToken, minutes(30)))
		for i := range 3 {
			s, err := d.Order(t.Context(), fmt.Sprintf("ord_%d", i))
			require.NoError(t, err)
			require.Equal(t, placedBy(t, s.ID, number, opening, order.PaymentSucceeded).Anonymized(), s)
			require.Empty(t, s.Phone+s.Note)
		}
		_, err = d.Erase(t.Context(), "1111111111", minutes(30))
		requireCode(t, order.CodeNotFound, err)
	})
}

func TestThePhoneOfAnErasedMemberCanSignUpAnew(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		first, _ := signUp(t, d, "+821012345678")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", first, 200)))
		erase(t, d, first)
		second, _ := signUp(t, d, "+821012345678")
		require.NotEqual(t, first, second)
		balance, entries := account(t, d, second)
		require.Zero(t, balance)
		require.Empty(t, entries)
	})
}

func TestTheBooksOfAnErasedMemberStayRight(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		credited := entryOf("ord_1", number, 200)
		require.NoError(t, d.Credit(t.Context(), credited))
		erase(t, d, number)

		require.NoError(t, d.Credit(t.Context(), credited), "it has been made: a repetition is no news")
		requireCode(t, order.CodeNotFound, d.Credit(t.Context(), entryOf("ord_2", number, 300)))
		require.NoError(t, d.TakeBack(t.Context(), credited))
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_3", number, 300)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_3", number, 300)), "it was barred")

		entries, err := d.PointsOf(t.Context(), []string{"ord_1", "ord_2", "ord_3"})
		require.NoError(t, err)
		var sum int64
		for _, entry := range entries {
			sum += entry.Points
		}
		require.Zero(t, sum)
	})
}

func TestALaterProjectionDoesNotBringTheCustomerBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		projected(t, d, projection(placedBy(t, "ord_1", number, opening)))
		erase(t, d, number)
		paid := placedBy(t, "ord_1", number, opening, order.PaymentSucceeded)
		projected(t, d, projection(paid))
		s, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, paid.Anonymized(), s)

		done, err := d.Reproject(t.Context(), paid, numberOf(t, d, paid.ID))
		require.NoError(t, err)
		require.True(t, done)
		s, err = d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, paid.Anonymized(), s)
	})
}

func TestErasingAndProjectingAtOnceLeavesNoCustomer(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		var begin sync.WaitGroup
		begin.Add(1)
		var end sync.WaitGroup
		end.Go(func() {
			begin.Wait()
			_, err := d.Erase(t.Context(), number, minutes(30))
			assert.NoError(t, err)
		})
		together(func(i int) {
			if i == 0 {
				begin.Done()
			}
			projected(t, d, projection(placedBy(t, fmt.Sprintf("ord_%02d", i), number, opening)))
		})
		end.Wait()
		stored, err := d.Dump(t.Context(), "orders")
		require.NoError(t, err)
		require.Contains(t, stored, "ord_49")
		require.NotContains(t, stored, "+821012345678")
		require.NotContains(t, stored, "얼음 적게")
	})
}

// Who asked to be erased must be able to ask again until it is done.
func TestAnErasureThatWasInterruptedIsFinishedByItsMember(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, token := signUp(t, d, "+821012345678")
		for i := range 3 {
			projected(t, d, projection(placedBy(t, fmt.Sprintf("ord_%d", i), number, opening)))
		}
		require.NoError(t, d.Exec(t.Context(), "UPDATE orders SET document = '!' || document WHERE id = 'ord_1'"))
		_, err := d.Erase(t.Context(), number, minutes(30))
		require.Error(t, err)
		require.NoError(t, d.Authenticate(t.Context(), number, token, minutes(30)))
		require.NoError(t, d.ConfirmErasure(t.Context(), member.CodeUse{MembershipNumber: number}, minutes(31)), "there is no phone any more that could get a code")

		require.NoError(t, d.Exec(t.Context(), "UPDATE orders SET document = SUBSTR(document, 2) WHERE id = 'ord_1'"))
		require.Equal(t, 2, erase(t, d, number))
		requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), number, token, minutes(30)))
		stored, err := d.Dump(t.Context(), "members", "orders")
		require.NoError(t, err)
		require.NotContains(t, stored, "+821012345678")
	})
}
