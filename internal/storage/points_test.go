package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Ledger = (*storage.DB)(nil)

// entryOf is an entry of an order's points, at the opening.
func entryOf(orderID, membershipNumber string, points int64) order.PointsEntry {
	return order.PointsEntry{OrderID: orderID, MembershipNumber: membershipNumber, Points: points, At: opening}
}

// account returns the balance and the entries of a member who has few.
func account(t *testing.T, d *storage.DB, number string) (int64, []order.PointsEntry) {
	t.Helper()
	balance, entries, next, err := d.Account(t.Context(), number, 100, "")
	require.NoError(t, err)
	require.Empty(t, next)
	return balance, entries
}

func TestPointsAreCreditedOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		balance, entries := account(t, d, number)
		require.Zero(t, balance)
		require.NotNil(t, entries)
		require.Empty(t, entries)
		for range 2 {
			require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		}
		require.NoError(t, d.ClaimOrder(t.Context(), number, "ord_1"))
		balance, entries = account(t, d, number)
		require.EqualValues(t, 200, balance)
		credit := entryOf("ord_1", number, 200)
		credit.Kind = order.PointsCredit
		require.Equal(t, []order.PointsEntry{credit}, entries)
	})
}

// What a refund of a part takes back is booked once, beside the credit, and the taking back of
// all takes what is left. Without a credit there is nothing to adjust.
func TestPointsAreAdjustedOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		less := func(orderID string, refund int, points int64) order.PointsEntry {
			entry := entryOf(orderID, number, points)
			entry.Kind = order.PointsAdjust(refund)
			return entry
		}
		require.NoError(t, d.Adjust(t.Context(), less("ord_1", 1, -50)), "nothing was credited")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		for range 2 {
			require.NoError(t, d.Adjust(t.Context(), less("ord_1", 1, -50)))
			require.NoError(t, d.Adjust(t.Context(), less("ord_1", 2, -30)))
		}
		balance, entries := account(t, d, number)
		require.EqualValues(t, 120, balance)
		require.Len(t, entries, 3)
		for range 2 {
			require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_1", number, 0)))
		}
		require.NoError(t, d.Adjust(t.Context(), less("ord_1", 3, -20)), "it was taken back before")
		balance, _ = account(t, d, number)
		require.Zero(t, balance)
		require.NoError(t, d.Adjust(t.Context(), order.PointsEntry{OrderID: "ord_2", MembershipNumber: "unknown", Kind: order.PointsAdjust(1), Points: -1}))
	})
}

func TestPointsAreTakenBackOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_2", number, 300)))
		require.NoError(t, d.ClaimOrder(t.Context(), number, "ord_1"))
		back := entryOf("ord_1", number, 999)
		back.At = minutes(1)
		for range 2 {
			require.NoError(t, d.TakeBack(t.Context(), back))
		}
		balance, entries := account(t, d, number)
		require.EqualValues(t, 300, balance)
		require.Len(t, entries, 3)
		back.Kind, back.Points = order.PointsTakeBack, -200
		require.Equal(t, back, entries[0], "newest first, and what was credited")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		balance, _ = account(t, d, number)
		require.EqualValues(t, 300, balance, "a credit that comes again")
	})
}

func TestPointsTakenBackBeforeTheyCameNeverCome(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_1", number, 200)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_1", number, 200)))
		balance, entries := account(t, d, number)
		require.Zero(t, balance)
		require.Empty(t, entries, "what bars a credit is not shown")
	})
}

func TestPointsOfNobody(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, number := range []string{"", "1111111111", "\x00", "\xff"} {
			requireCode(t, order.CodeNotFound, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
			require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_1", number, 200)))
			_, _, _, err := d.Account(t.Context(), number, 10, "")
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestACreditOfLessThanNothingIsInvalid(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		requireField(t, "points", d.Credit(t.Context(), entryOf("ord_1", number, -1)))
	})
}

func TestPointsCreditedByManyAtOnceAreCreditedOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		together(func(int) { assert.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200))) })
		balance, entries := account(t, d, number)
		require.EqualValues(t, 200, balance)
		require.Len(t, entries, 1)
	})
}

func TestPointsCreditedAndTakenBackAtOnceAreGone(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		one, other := open(t, url), open(t, url)
		number, _ := signUp(t, one, "+821012345678")
		together(func(i int) {
			entry := entryOf(fmt.Sprintf("ord_%d", i/2), number, 200)
			if i%2 == 0 {
				assert.NoError(t, one.Credit(t.Context(), entry))
			} else {
				assert.NoError(t, other.TakeBack(t.Context(), entry))
			}
		})
		balance, _ := account(t, one, number)
		require.Zero(t, balance)
	})
}

func TestAccountGoesThroughAllEntriesPageByPage(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		other, _ := signUp(t, d, "+821087654321")
		for i := range 5 {
			entry := entryOf(fmt.Sprintf("ord_%d", i), number, 100)
			entry.At = minutes(i / 2)
			require.NoError(t, d.Credit(t.Context(), entry))
			require.NoError(t, d.Credit(t.Context(), entryOf(fmt.Sprintf("other_%d", i), other, 1)))
			if i%2 == 0 {
				require.NoError(t, d.TakeBack(t.Context(), entry))
			}
			if i != 3 {
				require.NoError(t, d.ClaimOrder(t.Context(), number, entry.OrderID))
			}
		}
		_, want := account(t, d, number)
		require.Len(t, want, 8)
		for _, size := range []int{1, 3, 8} {
			var found []order.PointsEntry
			token := ""
			for range len(want) + 1 {
				balance, entries, next, err := d.Account(t.Context(), number, size, token)
				require.NoError(t, err)
				require.EqualValues(t, 200, balance, "the whole balance on every page")
				found = append(found, entries...)
				if token = next; token == "" {
					break
				}
			}
			require.Equal(t, want, found, "pages of %d", size)
		}
	})
}

func TestTheBalanceIsTheSumOfTheCreditsThatStand(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		phones := 0
		rapid.Check(t, func(rt *rapid.T) {
			phones++
			number, _ := signUp(t, d, fmt.Sprintf("+8210%08d", phones))
			credited, barred := map[string]int64{}, map[string]bool{}
			for range rapid.IntRange(0, 6).Draw(rt, "calls") {
				id := number + rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "order")
				entry := entryOf(id, number, rapid.Int64Range(0, 1000).Draw(rt, "points"))
				if rapid.Bool().Draw(rt, "take back") {
					require.NoError(rt, d.TakeBack(t.Context(), entry))
					barred[id] = true
				} else {
					require.NoError(rt, d.Credit(t.Context(), entry))
					if _, before := credited[id]; !before && !barred[id] {
						credited[id] = entry.Points
					}
				}
			}
			var want int64
			for id, points := range credited {
				if !barred[id] {
					want += points
				}
			}
			balance, _ := account(t, d, number)
			require.Equal(rt, want, balance)
		})
	})
}
