package consistency_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/consistency"
)

// chainOf returns the facts of two orders, one at each of two stores, with nothing wrong.
func chainOf() (consistency.Chain, map[string]audit.Facts) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	facts := map[string]audit.Facts{}
	for id, slug := range map[string]string{"ord_1": "main", "ord_2": "brooklyn"} {
		s := order.Snapshot{
			ID: id, Store: slug, Status: order.PickedUp, MembershipNumber: "7766546904", Points: 100,
			Timeline: []order.Entry{{Status: order.Paid, At: at}, {Status: order.PickedUp, At: at.Add(time.Minute)}},
		}.WithPickupNumber("A-1")
		facts[id] = audit.Facts{
			OrderID: id, Workflow: &s, ReadModel: &readmodel.Stored{Snapshot: s, Columns: s},
			Money:  []payment.Movement{{OrderID: id, Kind: payment.KindCharge, Amount: 2000}},
			Points: []order.PointsEntry{{OrderID: id, Points: 100}},
		}
	}
	return consistency.Chain{
		Names:  map[string]string{"main": "강남점", "brooklyn": "브루클린점"},
		Chosen: map[string]string{"ord_1": "main", "ord_2": "brooklyn"},
		Lists: map[string][]consistency.Listed{
			"main": {{ID: "ord_1", Store: "main", Net: 2000, Points: 100}}, "brooklyn": {{ID: "ord_2", Store: "brooklyn", Net: 2000, Points: 100}},
		},
		Texts: map[string][]string{"ord_1": {"카페포미 강남점 A-1"}, "ord_2": {"카페포미 브루클린점 A-1"}},
	}, facts
}

func TestStoresThatKeepToThemselvesAreRight(t *testing.T) {
	t.Parallel()
	chain, facts := chainOf()
	require.Empty(t, chain.Check(facts))
}

func TestWhatCrossesBetweenStoresIsFound(t *testing.T) {
	t.Parallel()
	type all = map[string]audit.Facts
	for name, c := range map[string]struct {
		wrong func(*consistency.Chain, all)
		kind  audit.Kind
	}{
		"another store than was chosen": {func(c *consistency.Chain, _ all) { c.Chosen["ord_1"] = "brooklyn" }, consistency.WrongStore},
		"on two boards": {func(c *consistency.Chain, _ all) {
			c.Lists["brooklyn"] = append(c.Lists["brooklyn"], c.Lists["main"]...)
		}, consistency.WrongStore},
		"on no board":                    {func(c *consistency.Chain, _ all) { c.Lists["main"] = nil }, consistency.WrongStore},
		"another store's in the columns": {func(_ *consistency.Chain, f all) { f["ord_1"].ReadModel.Columns.Store = "brooklyn" }, consistency.WrongStore},
		"a number twice": {func(c *consistency.Chain, f all) {
			f["ord_2"].Workflow.Store, f["ord_2"].ReadModel.Store, f["ord_2"].ReadModel.Columns.Store, c.Chosen["ord_2"] = "main", "main", "main", "main"
		}, consistency.NumberTwice},
		"money that nobody has moved": {func(c *consistency.Chain, _ all) { c.Lists["main"][0].Net = 1000 }, consistency.SalesDiffer},
		"points that nobody has":      {func(c *consistency.Chain, _ all) { c.Lists["main"][0].Points = 7 }, consistency.SalesDiffer},
		"another store's name in a text": {func(c *consistency.Chain, _ all) {
			c.Texts["ord_1"] = append(c.Texts["ord_1"], "카페포미 브루클린점 A-1")
		}, consistency.OthersText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chain, facts := chainOf()
			c.wrong(&chain, facts)
			var kinds []audit.Kind
			for _, d := range chain.Check(facts) {
				kinds = append(kinds, d.Kind)
			}
			require.Contains(t, kinds, c.kind)
		})
	}
}

func TestANumberIsFreeAgainOnceItsOrderHasLeftTheBoard(t *testing.T) {
	t.Parallel()
	chain, facts := chainOf()
	chain.Lists["main"], chain.Lists["brooklyn"] = append(chain.Lists["main"], consistency.Listed{ID: "ord_2", Store: "main", Net: 2000, Points: 100}), nil
	chain.Chosen["ord_2"], chain.Texts["ord_2"] = "main", nil
	later := facts["ord_2"]
	for _, s := range []*order.Snapshot{later.Workflow, &later.ReadModel.Snapshot, &later.ReadModel.Columns} {
		s.Store = "main"
	}
	later.Workflow.Timeline[0].At = later.Workflow.Timeline[1].At
	require.Empty(t, chain.Check(facts))
}
