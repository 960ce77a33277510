package order_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

// mostPieces is how many of one line can be ordered.
const mostPieces = 99

func krw(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }

// latte has options that cost price on top, each once.
func latte(prices ...int64) order.Line {
	line := order.Line{Product: "CafeLatte", Name: order.Names{order.Korean: "카페라떼", order.English: "Cafe Latte"}, Qty: 1, BasePrice: krw(3000)}
	for i, price := range prices {
		line.Options = append(line.Options, order.LineOption{Group: "g", Option: string(rune('a' + i)), Qty: 1, Price: price})
	}
	return line
}

func TestAPieceCostsItsBaseAndItsOptions(t *testing.T) {
	t.Parallel()
	priced, err := latte(500, -300).Priced()
	require.NoError(t, err)
	require.Equal(t, krw(3200), priced.Price)
	require.Equal(t, krw(3000), priced.Base())

	plain, err := latte().Priced()
	require.NoError(t, err)
	require.Equal(t, krw(3000), plain.Price)
	require.Equal(t, krw(3000), plain.Base())
	require.Zero(t, plain.BasePrice, "which the price says already")

	for _, bad := range []order.Line{latte(-3001), latte(math.MaxInt64)} {
		_, err := bad.Priced()
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
	}
	many := latte(math.MaxInt64 / 2)
	many.Options[0].Qty = 3
	_, err = many.Priced()
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
}

func TestALineIsNamedAsWellAsItCanBe(t *testing.T) {
	t.Parallel()
	line := latte()
	require.Equal(t, "카페라떼", line.DisplayName(order.Korean))
	line.Name = order.Names{order.English: "Cafe Latte"}
	require.Equal(t, "Cafe Latte", line.DisplayName(order.Korean))
	line.Name = nil
	require.Equal(t, "CafeLatte", line.DisplayName(order.Korean))
	require.Equal(t, "oat", order.LineOption{Option: "oat"}.DisplayName(order.Korean))
	require.Equal(t, "Oat milk", order.LineOption{Option: "oat", Name: order.Names{order.English: "Oat milk"}}.DisplayName(order.Korean))
}

func TestALineIsDescribedByWhatIsSpecial(t *testing.T) {
	t.Parallel()
	line := latte()
	require.Equal(t, "Cafe Latte", line.Describe(order.English))
	line.Options = []order.LineOption{
		{Option: "whole", Qty: 1, Default: true},
		{Option: "oat", Name: order.Names{order.English: "Oat milk"}, Qty: 1},
		{Option: "extra_shot", Name: order.Names{order.English: "Extra shot"}, Qty: 2},
	}
	require.Equal(t, "Cafe Latte (Oat milk, 2x Extra shot)", line.Describe(order.English))
}

func TestATotalIsThatOfThePiecesAndTheirOptions(t *testing.T) {
	t.Parallel()
	priced, err := latte(500).Priced()
	require.NoError(t, err)
	priced.Qty = 2
	total, err := order.Total([]order.Line{priced})
	require.NoError(t, err)
	require.Equal(t, krw(7000), total)

	for field, spoil := range map[string]func(*order.Line){
		"items[0].price":          func(l *order.Line) { l.Price.Amount-- },
		"items[0].options[0].qty": func(l *order.Line) { l.Options[0].Qty = 0 },
		"items[0].options":        func(l *order.Line) { l.Options[0].Price = math.MaxInt64 },
	} {
		line := priced
		line.Options = append([]order.LineOption(nil), priced.Options...)
		spoil(&line)
		_, err := order.Total([]order.Line{line})
		var invalid *order.Error
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, field, invalid.Field)
	}
}

// However an order is divided into lines, it has the same pieces at the same price once equal
// lines are one, no line has more pieces than it may, and only full lines have others made alike.
func TestMergedLinesAreTheSameOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []order.Line
		for range rapid.IntRange(1, 12).Draw(t, "lines") {
			line := latte(rapid.SliceOfN(rapid.Int64Range(-100, 100), 0, 2).Draw(t, "options")...)
			line.Note = rapid.SampledFrom([]string{"", "hot"}).Draw(t, "note")
			line.Qty = rapid.IntRange(1, 99).Draw(t, "qty")
			// Alike are lines with the same options, which cost the same then.
			for i := range line.Options {
				line.Options[i].Price = 100
			}
			priced, err := line.Priced()
			require.NoError(t, err)
			lines = append(lines, priced)
		}
		before, err := order.Total(lines)
		require.NoError(t, err)
		merged := order.MergeLines(lines, mostPieces)
		after, err := order.Total(merged)
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.Equal(t, merged, order.MergeLines(merged, mostPieces))
		require.LessOrEqual(t, len(merged), len(lines))
		full := map[string]bool{}
		for i, line := range merged {
			require.Equal(t, i+1, line.Number)
			require.LessOrEqual(t, line.Qty, mostPieces)
			alike := fmt.Sprint(line.Note, line.Options)
			before, known := full[alike]
			require.True(t, !known || before, "there was room in an earlier line")
			full[alike] = line.Qty == mostPieces
		}
	})
}

func TestALineThatIsFullIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	line, other := latte(), latte()
	line.Qty, other.Note = 60, "hot"
	merged := order.MergeLines([]order.Line{line, other, line, line}, mostPieces)
	var quantities []int
	for _, m := range merged {
		quantities = append(quantities, m.Qty)
	}
	require.Equal(t, []int{99, 1, 81}, quantities)
}

func TestAnOrdersLinesAreItsOwn(t *testing.T) {
	t.Parallel()
	priced, err := latte(500).Priced()
	require.NoError(t, err)
	p := placement()
	priced.Note = "for Hana"
	p.Items = []order.Line{priced}
	o := placeAs(t, p)
	shown := o.Snapshot()
	shown.Items[0].Options[0].Option = "soy"
	shown.Items[0].Name[order.Korean] = "x"
	require.Equal(t, priced, o.Snapshot().Items[0])
	require.Empty(t, o.Snapshot().WithoutCustomer().Items[0].Note, "it may tell of somebody")
	require.Equal(t, "for Hana", o.Snapshot().Items[0].Note)
}
