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

// rejected returns the facts of an order that was accepted, rejected and
// refunded, with nothing wrong.
func rejected() audit.Facts {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	total := order.Money{Amount: 2000, Currency: "KRW"}
	workflow := order.Snapshot{
		ID: "ord_1", Status: order.Rejected, Version: 9, Total: total, Charged: 2000, Phone: "+821012345678", MembershipNumber: "7766546904",
		Refund: &order.RefundSum{Status: order.Refunded, Amount: 2000, Currency: "KRW"},
		Timeline: []order.Entry{
			{Status: order.Paid, At: at}, {Status: order.Accepted, At: at}, {Status: order.Rejected, At: at},
			{Status: order.Rejected, At: at, Note: order.NoteTextSkipped, Reason: "paid"},
		},
	}
	return audit.Facts{
		OrderID: "ord_1", Workflow: &workflow, ReadModel: &readmodel.Stored{Snapshot: workflow, Columns: workflow},
		Money: []payment.Movement{
			{OrderID: "ord_1", Kind: payment.KindCharge, Amount: 2000, Currency: "KRW"},
			{OrderID: "ord_1", Kind: payment.KindRefund, Amount: 2000, Currency: "KRW"},
		},
		Points: []order.PointsEntry{{OrderID: "ord_1", Points: 100}, {OrderID: "ord_1", Points: -100}},
		Texts:  texts("accepted", "rejected", "refunded"),
	}
}

// everywhere changes the order in its workflow and in the read model.
func everywhere(change func(*order.Snapshot)) func(*audit.Facts) {
	return func(f *audit.Facts) {
		change(f.Workflow)
		f.ReadModel = &readmodel.Stored{Snapshot: *f.Workflow, Columns: *f.Workflow}
	}
}

func texts(kinds ...order.TextKind) (all []audit.Text) {
	for _, kind := range kinds {
		all = append(all, audit.Text{OrderID: "ord_1", Kind: kind})
	}
	return all
}

func TestAnOrderThatIsRightHasNoFindings(t *testing.T) {
	t.Parallel()
	require.Empty(t, consistency.Check(rejected(), order.Rejected))
	require.Empty(t, consistency.Check(rejected(), ""), "nobody has to know of it")
}

func TestASkippedTextThatWentOutAllTheSameIsRight(t *testing.T) {
	t.Parallel()
	f := rejected()
	f.Texts = texts("paid", "accepted", "rejected", "refunded")
	require.Empty(t, consistency.Check(f, order.Rejected))
}

func TestEveryWrongIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong func(*audit.Facts)
		kind  audit.Kind
	}{
		"no workflow": {func(f *audit.Facts) { f.Workflow = nil; f.ReadModel.Status = order.Paid }, audit.Lost},
		"no trace at all": {func(f *audit.Facts) {
			*f = audit.Facts{OrderID: f.OrderID}
		}, audit.Lost},
		"another end":              {everywhere(func(s *order.Snapshot) { s.Status = order.Expired }), consistency.WrongEnd},
		"an open workflow":         {func(f *audit.Facts) { f.Open = true }, consistency.Unfinished},
		"stuck":                    {func(f *audit.Facts) { everywhere(stuck)(f); f.Open = true }, consistency.Unfinished},
		"two charges":              {func(f *audit.Facts) { f.Money = append(f.Money, f.Money[0]) }, audit.DoubleCharged},
		"a charge unheard of":      {everywhere(func(s *order.Snapshot) { s.Charged = 0 }), audit.ChargedNotDue},
		"no refund":                {func(f *audit.Facts) { f.Money = f.Money[:1] }, audit.Unrefunded},
		"two refunds":              {func(f *audit.Facts) { f.Money = append(f.Money, f.Money[1]) }, audit.DoubleRefunded},
		"another worth":            {everywhere(func(s *order.Snapshot) { s.Items = []order.Line{{Number: 1, Qty: 1, Price: s.Total}} }), consistency.NotItsWorth},
		"a text twice":             {func(f *audit.Facts) { f.Texts = append(f.Texts, texts("accepted")...) }, audit.DuplicatedText},
		"no text":                  {func(f *audit.Facts) { f.Texts = f.Texts[:2] }, audit.TextMissing},
		"texts out of order":       {func(f *audit.Facts) { f.Texts = texts("rejected", "accepted", "refunded") }, consistency.TextsOutOfOrder},
		"the refund's text first":  {func(f *audit.Facts) { f.Texts = texts("refunded", "accepted", "rejected") }, consistency.TextsOutOfOrder},
		"points kept":              {func(f *audit.Facts) { f.Points = f.Points[:1] }, audit.PointsNotDue},
		"unknown to the readers":   {func(f *audit.Facts) { f.ReadModel = nil }, audit.ReadModelMissing},
		"shown to them as another": {func(f *audit.Facts) { f.ReadModel.Status = order.Accepted }, audit.ReadModelDiffers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rejected()
			c.wrong(&f)
			var kinds []audit.Kind
			for _, d := range consistency.Check(f, order.Rejected) {
				kinds = append(kinds, d.Kind)
			}
			require.Contains(t, kinds, c.kind)
		})
	}
}

func stuck(s *order.Snapshot) { s.StuckOn = []string{"sms"} }
