package books_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/e2e/books"
	"github.com/cafeforme/cafeforme/order"
)

// rejected returns the facts of an order that was accepted, rejected and
// refunded, with nothing wrong.
func rejected() books.Facts {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	workflow := order.Snapshot{
		ID: "ord_1", Status: order.Rejected, Charged: 2000, Phone: "+821012345678",
		Refund: &order.Refund{Status: order.Refunded, Amount: 2000, Currency: "KRW"},
		Timeline: []order.Entry{
			{Status: order.Paid, At: at}, {Status: order.Accepted, At: at}, {Status: order.Rejected, At: at},
			{Status: order.Rejected, At: at, Note: order.NoteTextSkipped, Reason: "paid"},
		},
	}
	readModel := workflow
	return books.Facts{
		ID: "ord_1", Told: order.Rejected, Workflow: &workflow, Closed: true, ReadModel: &readModel,
		Charges: []int64{2000}, Refunds: []int64{2000}, Points: []int64{100, -100},
		Texts: []string{"accepted", "rejected", "refunded"},
	}
}

func TestAnOrderThatIsRightHasNoFindings(t *testing.T) {
	t.Parallel()
	require.Empty(t, books.Check(rejected()))
}

func TestASkippedTextThatWentOutAllTheSameIsRight(t *testing.T) {
	t.Parallel()
	f := rejected()
	f.Texts = []string{"paid", "accepted", "rejected", "refunded"}
	require.Empty(t, books.Check(f))
}

func TestEveryWrongIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong func(*books.Facts)
		kind  books.Kind
	}{
		"no workflow":              {func(f *books.Facts) { f.Workflow = nil }, books.Lost},
		"another end":              {func(f *books.Facts) { f.Told = order.PickedUp }, books.WrongEnd},
		"an open workflow":         {func(f *books.Facts) { f.Closed = false }, books.Unfinished},
		"stuck":                    {func(f *books.Facts) { f.Workflow.StuckOn = []string{"sms"} }, books.Unfinished},
		"two charges":              {func(f *books.Facts) { f.Charges = []int64{2000, 2000} }, books.DoubleCharged},
		"a charge unheard of":      {func(f *books.Facts) { f.Workflow.Charged = 0 }, books.WrongMoney},
		"no refund":                {func(f *books.Facts) { f.Refunds = nil }, books.Unrefunded},
		"two refunds":              {func(f *books.Facts) { f.Refunds = []int64{2000, 2000} }, books.WrongMoney},
		"a text twice":             {func(f *books.Facts) { f.Texts = append(f.Texts, "accepted") }, books.DuplicatedText},
		"no text":                  {func(f *books.Facts) { f.Texts = f.Texts[:2] }, books.WrongTexts},
		"texts out of order":       {func(f *books.Facts) { f.Texts = []string{"rejected", "accepted", "refunded"} }, books.WrongTexts},
		"points kept":              {func(f *books.Facts) { f.Points = f.Points[:1] }, books.WrongPoints},
		"unknown to the readers":   {func(f *books.Facts) { f.ReadModel = nil }, books.StaleReadModel},
		"shown to them as another": {func(f *books.Facts) { f.ReadModel.Status = order.Accepted }, books.StaleReadModel},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rejected()
			c.wrong(&f)
			findings := books.Check(f)
			require.NotEmpty(t, findings)
			require.Equal(t, c.kind, findings[0].Kind, "%v", findings)
		})
	}
}
