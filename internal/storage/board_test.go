package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// seoul is nine hours ahead of UTC.
var seoul = time.FixedZone("Asia/Seoul", 9*60*60)

func TestPickupNumbersAreGivenInTurn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		for i := range 30 {
			number, err := board.Place(t.Context(), fmt.Sprintf("ord_%d", i), minutes(i))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("A-%d", i+1), number)
		}
	})
}

func TestAnOrderKeepsItsPickupNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		for range 2 {
			number, err := board.Place(t.Context(), "ord_1", opening)
			require.NoError(t, err)
			require.Equal(t, "A-1", number)
		}
		number, err := board.Place(t.Context(), "ord_1", opening.AddDate(0, 0, 1))
		require.NoError(t, err)
		require.Equal(t, "A-1", number, "also on another day")
		number, err = board.Place(t.Context(), "ord_2", opening)
		require.NoError(t, err)
		require.Equal(t, "A-2", number)
	})
}

func TestAnOrderIsFoundByItsPickupNumberOfTheDay(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		number, err := board.Place(t.Context(), "ord_1", opening)
		require.NoError(t, err)
		id, err := board.OrderOf(t.Context(), number, opening)
		require.NoError(t, err)
		require.Equal(t, "ord_1", id)
		for _, unknown := range []string{"A-2", "ord_1", "A-2147483648"} {
			_, err = board.OrderOf(t.Context(), unknown, opening)
			require.Equal(t, order.CodeNotFound, order.ErrorCode(err), unknown)
		}
		_, err = board.OrderOf(t.Context(), number, opening.AddDate(0, 0, 1))
		require.Equal(t, order.CodeNotFound, order.ErrorCode(err), "it was another day's")
	})
}

func TestPickupNumbersBeginAgainAtTheStoresMidnight(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		midnight := time.Date(2025, time.March, 4, 0, 0, 0, 0, seoul)
		for i, want := range map[time.Duration]string{-time.Second: "A-1", 0: "A-1"} {
			number, err := board.Place(t.Context(), fmt.Sprintf("ord_%s", i), midnight.Add(i).UTC())
			require.NoError(t, err)
			require.Equal(t, want, number)
		}
	})
}

func TestOneOrderPlacedByManyAtOnceHasOneNumber(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		together(func(int) {
			number, err := board.Place(t.Context(), "ord_1", opening)
			assert.NoError(t, err)
			assert.Equal(t, "A-1", number)
		})
		number, err := board.Place(t.Context(), "ord_2", opening)
		require.NoError(t, err)
		require.Equal(t, "A-2", number, "no number is wasted")
	})
}

func TestManyOrdersPlacedAtOnceHaveDifferentNumbers(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		// Two processes serve the store.
		boards := [2]*storage.Board{storage.NewBoard(open(t, url), seoul), storage.NewBoard(open(t, url), seoul)}
		var numbers [crowd]string
		together(func(i int) {
			number, err := boards[i%2].Place(t.Context(), fmt.Sprintf("ord_%d", i), opening)
			assert.NoError(t, err)
			numbers[i] = number
		})
		var want []string
		for i := range crowd {
			want = append(want, fmt.Sprintf("A-%d", i+1))
		}
		require.ElementsMatch(t, want, numbers[:])
	})
}

// A day whose count was lost, as in a database that was mended by hand, is a fault
// that somebody has to see: its next order gets no number that another one has.
func TestANumberOfAnotherOrderIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		board := storage.NewBoard(d, seoul)
		_, err := board.Place(t.Context(), "ord_1", opening)
		require.NoError(t, err)
		require.NoError(t, d.Exec(t.Context(), "DELETE FROM pickup_days"))

		_, err = board.Place(t.Context(), "ord_2", opening)

		require.ErrorContains(t, err, "pickup_numbers")
	})
}
