package storage_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.ReadModel = (*storage.DB)(nil)

// project stores snapshots.
func project(t *testing.T, d *storage.DB, snapshots ...order.Snapshot) {
	t.Helper()
	for _, snapshot := range snapshots {
		projected(t, d, projection(snapshot))
	}
}

// projected writes the projection, and returns the order's pick-up number.
func projected(t *testing.T, d *storage.DB, p order.Projection) (number string) {
	t.Helper()
	number, err := d.Project(t.Context(), p)
	assert.NoError(t, err)
	return number
}

// projection is of a run whose history grows with the order's versions.
func projection(s order.Snapshot) order.Projection {
	return order.Projection{Snapshot: s, RunID: "run", HistoryLength: 10 * int(s.Version)}
}

// ids returns the IDs of the orders.
func ids(page []order.Snapshot) []string {
	found := []string{}
	for _, snapshot := range page {
		found = append(found, snapshot.ID)
	}
	return found
}

func TestOrderReturnsWhatWasProjected(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		snapshot := placedBy(t, "ord_1", "0123456789", opening, order.PaymentSucceeded, order.Accept, order.Reject)
		snapshot.PickupNumber = new("A-27")
		snapshot.StuckOn = []string{"refund", "sms"}
		project(t, d, snapshot)
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, snapshot, found)
	})
}

func TestOrderFailsWhenThereIsNone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, id := range []string{"", "ord_1", "ord_\x00", "ord_\xff"} {
			_, err := d.Order(t.Context(), id)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestProjectRefusesToGoBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		older := placed(t, "ord_1", opening, order.PaymentSucceeded)
		newer := placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept)
		project(t, d, older, newer, older)
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, newer, found)
		page, _, err := d.List(t.Context(), order.MainStore, []order.Status{order.Paid}, 10, "")
		require.NoError(t, err)
		require.Empty(t, page)
	})
}

// A worker can die between projecting changes and making them last. What happens
// in their place is later in the history, or at the same place, whatever its
// version; what the dead worker still had under way is not.
func TestWhatNeverHappenedIsReplacedByWhatDid(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		neverHappened := order.Projection{
			Snapshot: placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept, order.MarkReady), RunID: "run", HistoryLength: 20,
		}
		happened := order.Projection{
			Snapshot: placed(t, "ord_1", opening, order.PaymentSucceeded, order.Cancel), RunID: "run", HistoryLength: 20,
		}
		later := happened
		later.HistoryLength = 23
		require.Less(t, happened.Version, neverHappened.Version)
		for _, p := range []order.Projection{neverHappened, happened, neverHappened, later, neverHappened} {
			projected(t, d, p)
		}
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, happened.Snapshot, found)
	})
}

// A worker that was frozen goes on with its write when its task was done again by another, in
// the same place of the history: a task that is lost may leave nothing there.
func TestWhatALostTaskWritesLateChangesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		lost := order.Projection{
			Snapshot: placed(t, "ord_1", opening, order.PaymentSucceeded, order.Cancel), RunID: "run", HistoryLength: 20, TakenAt: minutes(1),
		}
		done := order.Projection{
			Snapshot: placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept), RunID: "run", HistoryLength: 20, TakenAt: minutes(2),
		}
		for _, p := range []order.Projection{lost, done, lost} {
			projected(t, d, p)
		}
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, done.Snapshot, found)
	})
}

// The run that an operator's reset has begun has the history up to that point.
func TestAResetOrderGoesBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		reset := projection(placed(t, "ord_1", opening, order.PaymentSucceeded))
		reset.RunID = "another run"
		project(t, d, placed(t, "ord_1", opening, order.PaymentSucceeded, order.Accept))
		projected(t, d, reset)
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.Equal(t, reset.Snapshot, found)
	})
}

func TestVersionsProjectedAtOnceEndWithTheNewest(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		base := placed(t, "ord_1", opening)
		together(func(i int) {
			snapshot := base
			snapshot.Version = int64(i + 1)
			projected(t, d, projection(snapshot))
		})
		found, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		require.EqualValues(t, concurrency, found.Version)
	})
}

func TestListReturnsTheOrdersOfTheStatusesOldestFirst(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		project(t, d,
			placed(t, "ord_c", minutes(2), order.PaymentSucceeded),
			placed(t, "ord_b", minutes(1), order.PaymentSucceeded, order.Accept),
			placed(t, "ord_d", minutes(3), order.PaymentRefused),
			placed(t, "ord_a", minutes(0), order.PaymentSucceeded, order.Cancel),
			placed(t, "ord_f", minutes(4), order.PaymentSucceeded),
			placed(t, "ord_e", minutes(4), order.PaymentSucceeded, order.Accept),
		)
		for _, test := range []struct {
			statuses []order.Status
			want     []string
		}{
			{[]order.Status{order.Paid}, []string{"ord_c", "ord_f"}},
			{[]order.Status{order.Paid, order.Accepted}, []string{"ord_b", "ord_c", "ord_e", "ord_f"}},
			{[]order.Status{order.Paid, order.Paid}, []string{"ord_c", "ord_f"}},
			{[]order.Status{order.Ready}, []string{}},
			{[]order.Status{"nonsense"}, []string{}},
			{nil, []string{"ord_a", "ord_b", "ord_c", "ord_d", "ord_e", "ord_f"}},
		} {
			page, next, err := d.List(t.Context(), order.MainStore, test.statuses, 10, "")
			require.NoError(t, err)
			require.Equal(t, test.want, ids(page), test.statuses)
			require.Empty(t, next)
		}
	})
}

func TestListGoesThroughAllOrdersPageByPage(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var want []string
		for i := range 12 {
			// Three orders share each minute, and statuses alternate.
			events := []order.EventName{order.PaymentSucceeded, order.Accept}[:1+i%2]
			want = append(want, fmt.Sprintf("ord_%02d", i))
			project(t, d, placed(t, want[i], minutes(i/3), events...))
		}
		for _, size := range []int{1, 5, 6, 12, 13} {
			var found []string
			token := ""
			for range len(want) + 1 {
				page, next, err := d.List(t.Context(), order.MainStore, []order.Status{order.Paid, order.Accepted}, size, token)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), size)
				found = append(found, ids(page)...)
				if token = next; token == "" {
					break
				}
			}
			require.Equal(t, want, found, "pages of %d", size)
		}
	})
}

func TestListLimitsThePageSize(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i := range 201 {
			project(t, d, placed(t, fmt.Sprintf("ord_%03d", i), opening, order.PaymentSucceeded))
		}
		for asked, want := range map[int]int{-1: 50, 0: 50, 1000: 200} {
			page, next, err := d.List(t.Context(), order.MainStore, []order.Status{order.Paid}, asked, "")
			require.NoError(t, err)
			require.Len(t, page, want)
			require.NotEmpty(t, next)
		}
	})
}

func TestMemberOrdersAreNewestFirst(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var want []string
		for i := range 7 {
			want = append(want, fmt.Sprintf("ord_%d", i))
			hers := placedBy(t, want[i], "0123456789", minutes(i/2), order.PaymentSucceeded)
			others := placedBy(t, "other_"+want[i], "9876543210", minutes(i))
			project(t, d, hers, others, placed(t, "nobodys_"+want[i], minutes(i)))
			claim(t, d, hers, others)
		}
		slices.Reverse(want)
		for _, size := range []int{1, 3, 7, 10} {
			var found []string
			token := ""
			for range len(want) + 1 {
				page, next, err := d.MemberOrders(t.Context(), "0123456789", size, token)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page), size)
				found = append(found, ids(page)...)
				if token = next; token == "" {
					break
				}
			}
			require.Equal(t, want, found, "pages of %d", size)
		}
	})
}

// Anybody can order under anybody's number.
func TestOrdersThatAMemberHasNotPlacedAreNotTheirs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		other, _ := signUp(t, d, "+821087654321")
		hers, strangers := placedBy(t, "ord_hers", number, opening), placedBy(t, "ord_strangers", number, minutes(1))
		project(t, d, hers, strangers)
		claim(t, d, hers)
		require.NoError(t, d.ClaimOrder(t.Context(), other, strangers.ID), "of another member: to no effect")
		require.NoError(t, d.ClaimOrder(t.Context(), other, hers.ID))
		for _, id := range []string{hers.ID, strangers.ID} {
			require.NoError(t, d.Credit(t.Context(), entryOf(id, number, 100)))
		}
		page, _, err := d.MemberOrders(t.Context(), number, 10, "")
		require.NoError(t, err)
		require.Equal(t, []string{hers.ID}, ids(page))
		page, _, err = d.MemberOrders(t.Context(), other, 10, "")
		require.NoError(t, err)
		require.Empty(t, page)

		balance, entries := account(t, d, number)
		require.EqualValues(t, 200, balance, "they earn points")
		require.ElementsMatch(t, []string{hers.ID, ""}, []string{entries[0].OrderID, entries[1].OrderID})
		for token := ""; ; {
			_, _, next, err := d.Account(t.Context(), number, 1, token)
			require.NoError(t, err)
			if token = next; token == "" {
				break
			}
			told, err := base64.RawURLEncoding.DecodeString(token)
			require.NoError(t, err)
			require.NotContains(t, string(told), "ord_", "a page token does not tell the ID either")
		}
	})
}

func TestWhoIsNoMemberHasNoOrders(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		// Customers make membership numbers up; such an order is stored too.
		project(t, d, placed(t, "ord_1", opening), placedBy(t, "ord_2", "\x00", opening))
		for _, number := range []string{"", "1111111111", "\x00"} {
			page, next, err := d.MemberOrders(t.Context(), number, 10, "")
			require.NoError(t, err)
			require.Empty(t, page)
			require.Empty(t, next)
		}
		found, err := d.Order(t.Context(), "ord_2")
		require.NoError(t, err)
		require.Equal(t, "\x00", found.MembershipNumber)
	})
}

func TestPageTokensOfOthersAreInvalid(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		for i := range 2 {
			hers := placedBy(t, fmt.Sprintf("ord_%d", i), number, opening, order.PaymentSucceeded)
			project(t, d, hers)
			claim(t, d, hers)
			require.NoError(t, d.Credit(t.Context(), entryOf(fmt.Sprintf("ord_%d", i), number, 100)))
		}
		_, ofList, err := d.List(t.Context(), order.MainStore, nil, 1, "")
		require.NoError(t, err)
		_, ofMember, err := d.MemberOrders(t.Context(), number, 1, "")
		require.NoError(t, err)
		_, _, ofAccount, err := d.Account(t.Context(), number, 1, "")
		require.NoError(t, err)
		require.NotEmpty(t, ofAccount)
		another, _ := signUp(t, d, "+821087654321")
		_, _, _, err = d.Account(t.Context(), another, 10, ofAccount)
		requireField(t, "page_token", err)

		madeUp := []string{"1", "!", "e30", "bnVsbA", "eyJsIjoib3JkZXJzIiwidCI6IngifQ", ofList + "x", ofList[:8], ofList + ofList}
		for _, token := range append(madeUp, ofMember, ofAccount) {
			_, _, err := d.List(t.Context(), order.MainStore, nil, 10, token)
			requireField(t, "page_token", err)
		}
		for _, token := range append(madeUp, ofList, ofAccount) {
			_, _, err := d.MemberOrders(t.Context(), number, 10, token)
			requireField(t, "page_token", err)
		}
		for _, token := range append(madeUp, ofList, ofMember) {
			_, _, _, err := d.Account(t.Context(), number, 10, token)
			requireField(t, "page_token", err)
		}
	})
}
