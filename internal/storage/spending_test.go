package storage_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// ledgerModel is what the ledger of one member's points has to say, by order.
type ledgerModel struct {
	earned   map[string]int64 // what an order has earned, as things stand
	gone     map[string]bool  // its points were taken back
	spent    map[string]int64 // what is spent on an order, less what went back
	released map[string]bool
	booked   map[string]bool // kinds that an order has
}

func (m *ledgerModel) balance() (points int64) {
	for _, earned := range m.earned {
		points += earned
	}
	for _, spent := range m.spent {
		points -= spent
	}
	return points
}

// once reports whether the kind is new for the order.
func (m *ledgerModel) once(id string, kind order.PointsKind) bool {
	key := id + string(kind)
	defer func() { m.booked[key] = true }()
	return !m.booked[key]
}

// Whatever is booked, however often: a member's balance is what was earned, less what was spent, with what
// went back; nobody spends more than there is at that moment, nothing comes back twice or more than was
// spent, and a balance below zero stays as it is.
func TestTheBalanceIsWhatIsEarnedLessWhatIsSpentWithWhatWentBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		lives := 0
		rapid.Check(t, func(r *rapid.T) {
			lives++
			number, _ := signUp(t, d, fmt.Sprintf("+8210%08d", lives))
			m := ledgerModel{
				earned: map[string]int64{}, gone: map[string]bool{}, spent: map[string]int64{},
				released: map[string]bool{}, booked: map[string]bool{},
			}
			for range rapid.IntRange(1, 25).Draw(r, "entries") {
				id := fmt.Sprintf("ord_%d_%d", lives, rapid.IntRange(1, 3).Draw(r, "order"))
				entry := entryOf(id, number, rapid.Int64Range(1, 500).Draw(r, "points"))
				refund := rapid.IntRange(1, 3).Draw(r, "refund")
				switch rapid.IntRange(0, 5).Draw(r, "what") {
				case 0:
					require.NoError(r, d.Credit(t.Context(), entry))
					if m.once(id, order.PointsCredit) && !m.gone[id] {
						m.earned[id] = entry.Points
					}
				case 1:
					entry.Kind, entry.Points = order.PointsAdjust(refund), -entry.Points
					fits := m.earned[id] >= -entry.Points // none were credited, or they were taken back
					require.NoError(r, d.Adjust(t.Context(), entry))
					if fits && m.once(id, entry.Kind) {
						m.earned[id] += entry.Points
					}
				case 2:
					require.NoError(r, d.TakeBack(t.Context(), entry))
					m.booked[id+string(order.PointsCredit)], m.gone[id], m.earned[id] = true, true, 0
				case 3:
					refused := reserve(t, d, reservationOf(id, number, entry.Points))
					switch {
					case m.released[id]:
						require.Equal(r, order.RefusedReleased, refused)
					case m.booked[id+string(order.PointsSpend)]:
						require.Empty(r, refused)
					case m.balance() < entry.Points:
						require.Equal(r, order.RefusedPoints, refused)
					default:
						require.Empty(r, refused)
						m.once(id, order.PointsSpend)
						m.spent[id] = entry.Points
					}
				case 4:
					entry.Kind = order.PointsReturn(refund)
					require.NoError(r, d.ReturnPoints(t.Context(), entry))
					if m.spent[id] > 0 && m.once(id, entry.Kind) {
						m.spent[id] -= min(m.spent[id], entry.Points)
					}
				case 5:
					require.NoError(r, d.Release(t.Context(), reservationOf(id, number, 0)))
					m.released[id], m.spent[id] = true, 0
				}
				require.Equal(r, m.balance(), balanceOf(t, d, number))
			}
			_, entries := account(t, d, number)
			sum := int64(0)
			for _, entry := range entries {
				sum += entry.Points
			}
			require.Equal(r, m.balance(), sum, "the balance is the sum of the entries")
		})
	})
}
