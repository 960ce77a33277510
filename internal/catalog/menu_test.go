package catalog_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func names(english string) order.Names {
	return order.Names{order.Korean: english + " (ko)", order.English: english}
}

func option(id string, price int64, change ...func(*catalog.Option)) catalog.Option {
	o := catalog.Option{Option: id, Name: names(id), Price: price, MaxQty: 1, Available: true}
	for _, c := range change {
		c(&o)
	}
	return o
}

func usual(o *catalog.Option) { o.Default = true }
func upTo3(o *catalog.Option) { o.MaxQty = 3 }

// cafe sells a latte with a milk that it has to have, shots and a cup that it can have, and a
// tea without options.
func cafe() catalog.State {
	return catalog.State{Catalog: catalog.Catalog{
		Categories: []catalog.Category{{Category: "coffee", Name: names("Coffee")}},
		Groups: []catalog.Group{
			{Group: "milk", Name: names("Milk"), Min: 1, Max: 1, Options: []catalog.Option{option("whole", 0, usual), option("oat", 500)}},
			{Group: "shots", Name: names("Shots"), Max: 3, Options: []catalog.Option{option("extra", 500, upTo3)}},
			{Group: "cup", Name: names("Cup"), Max: 1, Options: []catalog.Option{option("own", -300)}},
		},
		Items: []catalog.Item{
			{
				Product: "Latte", Category: "coffee", Name: names("Latte"), Price: order.Money{Amount: 3000, Currency: "KRW"},
				Groups: []string{"milk", "shots", "cup"}, Available: true,
			},
			{Product: "Tea", Name: names("Tea"), Price: order.Money{Amount: 200, Currency: "KRW"}, Groups: []string{"cup"}, Available: true},
		},
	}}
}

func want(product string, qty int, options ...string) catalog.WantedLine {
	line := catalog.WantedLine{Product: product, Qty: qty}
	for _, text := range options {
		o := catalog.WantedOption{Qty: 1}
		_, err := fmt.Sscanf(text, "%s %s %d", &o.Group, &o.Option, &o.Qty)
		if err != nil && o.Option == "" {
			panic(text)
		}
		line.Options = append(line.Options, o)
	}
	return line
}

func TestALineHasItsOptionsInTheCatalogsOrder(t *testing.T) {
	t.Parallel()
	lines, err := cafe().Menu(noon).Lines([]catalog.WantedLine{want("Latte", 2, "shots extra 2", "milk oat 1")})
	require.NoError(t, err)
	require.Equal(t, []order.Line{{
		Number: 1, Product: "Latte", Name: names("Latte"), Qty: 2,
		Options: []order.LineOption{
			{Group: "milk", Option: "oat", Name: names("oat"), Qty: 1, Price: 500},
			{Group: "shots", Option: "extra", Name: names("extra"), Qty: 2, Price: 500},
		},
		BasePrice: order.Money{Amount: 3000, Currency: "KRW"}, Price: order.Money{Amount: 4500, Currency: "KRW"},
	}}, lines)
}

func TestARequiredGroupHasItsDefaultWhenNothingIsChosen(t *testing.T) {
	t.Parallel()
	lines, err := cafe().Menu(noon).Lines([]catalog.WantedLine{want("Latte", 1)})
	require.NoError(t, err)
	require.Equal(t, []order.LineOption{{Group: "milk", Option: "whole", Name: names("whole"), Qty: 1, Default: true}}, lines[0].Options)
	require.Equal(t, order.Money{Amount: 3000, Currency: "KRW"}, lines[0].Price)
}

func TestLinesThatAreMadeAlikeAreOne(t *testing.T) {
	t.Parallel()
	noted := want("Latte", 1)
	noted.Note = "less foam"
	lines, err := cafe().Menu(noon).Lines([]catalog.WantedLine{
		want("Latte", 1), want("Latte", 1, "milk oat 1"), want("Latte", 2, "milk whole 1"), noted, want("Latte", 1, "shots extra 1", "milk oat 1"),
	})
	require.NoError(t, err)
	require.Len(t, lines, 4)
	require.Equal(t, 3, lines[0].Qty, "the default is the same whether it is chosen or not")
	for i, line := range lines {
		require.Equal(t, i+1, line.Number)
	}
	lines, err = cafe().Menu(noon).Lines([]catalog.WantedLine{want("Tea", 99), want("Tea", 99)})
	require.NoError(t, err)
	require.Equal(t, []int{99, 99}, []int{lines[0].Qty, lines[1].Qty}, "what was asked for is made, and no line has more than it may")
}

func TestWhatCannotBeOrderedIsNamed(t *testing.T) {
	t.Parallel()
	seen := order.Money{Amount: 3500, Currency: "KRW"}
	dear := want("Latte", 1, "milk whole 1")
	dear.Price = &seen
	for name, c := range map[string]struct {
		change func(*catalog.State)
		want   []catalog.WantedLine
		code   order.Code
		field  string
	}{
		"a product that is not on the menu": {nil, []catalog.WantedLine{want("Tea", 1), want("Wine", 1)}, order.CodeInvalid, "items[1].product"},
		"an unknown group":                  {nil, []catalog.WantedLine{want("Latte", 1, "milk oat 1", "colour red 1")}, order.CodeInvalid, "items[0].options[1].group"},
		"a group of another item":           {nil, []catalog.WantedLine{want("Tea", 1, "milk oat 1")}, order.CodeInvalid, "items[0].options[0].group"},
		"an unknown option":                 {nil, []catalog.WantedLine{want("Latte", 1, "milk goat 1")}, order.CodeInvalid, "items[0].options[0].option"},
		"an option twice":                   {nil, []catalog.WantedLine{want("Latte", 1, "shots extra 1", "shots extra 1")}, order.CodeInvalid, "items[0].options[1].option"},
		"too many of a group":               {nil, []catalog.WantedLine{want("Latte", 1, "milk oat 1", "milk whole 1")}, order.CodeInvalid, "items[0].options"},
		"too many of an option":             {nil, []catalog.WantedLine{want("Latte", 1, "shots extra 4")}, order.CodeInvalid, "items[0].options[0].qty"},
		"a sum below zero":                  {nil, []catalog.WantedLine{want("Tea", 1, "cup own 1")}, order.CodeInvalid, "items[0].options"},
		"a price that is another one":       {nil, []catalog.WantedLine{want("Tea", 1), dear}, catalog.CodePriceChanged, "items[1].price"},
		"a store that is closed":            {func(s *catalog.State) { s.Store.Pause.Paused = true }, []catalog.WantedLine{want("Tea", 1)}, catalog.CodeStoreClosed, ""},
		"a wrong option in a store that is closed": {func(s *catalog.State) { s.Store.Pause.Paused = true }, []catalog.WantedLine{want("Latte", 1, "milk goat 1")},
			order.CodeInvalid, "items[0].options[0].option"},
		"an option that is sold out": {func(s *catalog.State) { s.Catalog.Groups[0].Options[1].Available = false },
			[]catalog.WantedLine{want("Latte", 1, "milk oat 1")}, catalog.CodeSoldOut, "items[0].options[0].option"},
		"a default that is sold out": {func(s *catalog.State) { s.Catalog.Groups[0].Options[0].Available = false },
			[]catalog.WantedLine{want("Latte", 1)}, catalog.CodeSoldOut, "items[0].options"},
		"an item that is sold out": {func(s *catalog.State) { s.Overrides = s.Overrides.WithItem("Tea", catalog.Availability{}) },
			[]catalog.WantedLine{want("Tea", 1)}, catalog.CodeSoldOut, "items[0].product"},
		"too few of a group": {func(s *catalog.State) {
			s.Catalog.Groups[1].Min = 2
			s.Catalog.Groups[1].Options[0].Default = true
		}, []catalog.WantedLine{want("Latte", 1, "shots extra 1")}, order.CodeInvalid, "items[0].options"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := cafe()
			if c.change != nil {
				c.change(&state)
			}
			_, err := state.Menu(noon).Lines(c.want)
			requireRefused(t, err, c.code, c.field)
		})
	}
}

func requireRefused(t *testing.T, err error, code order.Code, field string) {
	t.Helper()
	var refused *order.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code, refused.Message)
	require.Equal(t, field, refused.Field)
	require.NotEmpty(t, refused.Message)
}

// Whatever is wanted is refused, or costs the sum of what was asked for: nothing of the order is
// more or less than what the catalog says.
func TestTheMoneyOfLinesWithOptions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state, wanted := anyState(t), []catalog.WantedLine{}
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			wanted = append(wanted, anyWant(t, state.Catalog))
		}
		lines, err := state.Menu(noon).Lines(wanted)
		var refused *order.Error
		if errors.As(err, &refused) {
			return
		}
		require.NoError(t, err)
		total, err := order.Total(lines)
		require.NoError(t, err)
		require.Equal(t, sumOf(state.Catalog, wanted), total.Amount)
		pieces := 0
		for _, line := range lines {
			require.GreaterOrEqual(t, line.Price.Amount, int64(0))
			requireAllowed(t, state, line)
			pieces += line.Qty
		}
		for _, line := range wanted {
			pieces -= line.Qty
		}
		require.Zero(t, pieces, "nothing is dropped and nothing added")
	})
}

// requireAllowed fails unless the line has of every group what it may have, and nothing sold out.
func requireAllowed(t *rapid.T, state catalog.State, line order.Line) {
	item, _ := state.Catalog.FindItem(line.Product)
	count := map[string]int{}
	for _, o := range line.Options {
		group, _ := state.Catalog.FindGroup(o.Group)
		known, ok := group.FindOption(o.Option)
		require.True(t, ok && known.Available)
		count[o.Group] += o.Qty
	}
	for _, id := range item.Groups {
		group, _ := state.Catalog.FindGroup(id)
		require.True(t, count[id] >= group.Min && count[id] <= group.Max)
	}
}

// sumOf is what the wanted lines cost, reckoned plainly.
func sumOf(c catalog.Catalog, wanted []catalog.WantedLine) (sum int64) {
	for _, line := range wanted {
		item, _ := c.FindItem(line.Product)
		piece := item.Price.Amount
		chosen := map[string]bool{}
		for _, o := range line.Options {
			group, _ := c.FindGroup(o.Group)
			known, _ := group.FindOption(o.Option)
			piece += known.Price * int64(o.Qty)
			chosen[o.Group] = true
		}
		for _, id := range item.Groups {
			group, _ := c.FindGroup(id)
			for _, o := range group.Options {
				if o.Default && group.Min > 0 && !chosen[id] {
					piece += o.Price
				}
			}
		}
		sum += piece * int64(line.Qty)
	}
	return sum
}

func anyState(t *rapid.T) catalog.State {
	state := catalog.State{}
	for i := range 3 {
		group := catalog.Group{Group: fmt.Sprintf("g%d", i), Max: rapid.IntRange(1, 4).Draw(t, "max")}
		group.Min = rapid.IntRange(0, group.Max).Draw(t, "min")
		for j := range rapid.IntRange(max(1, group.Min), 4).Draw(t, "options") {
			o := option(fmt.Sprintf("o%d", j), rapid.Int64Range(-500, 900).Draw(t, "price"))
			o.MaxQty = rapid.IntRange(1, group.Max).Draw(t, "max_qty")
			o.Default = j < group.Min
			o.Available = rapid.IntRange(0, 9).Draw(t, "available") > 0
			group.Options = append(group.Options, o)
		}
		state.Catalog.Groups = append(state.Catalog.Groups, group)
	}
	for i := range 3 {
		item := catalog.Item{Product: fmt.Sprintf("P%d", i), Available: true, Price: order.Money{
			Amount: rapid.Int64Range(0, 5000).Draw(t, "base"), Currency: "KRW",
		}}
		for _, group := range state.Catalog.Groups {
			if rapid.Bool().Draw(t, "has") {
				item.Groups = append(item.Groups, group.Group)
			}
		}
		state.Catalog.Items = append(state.Catalog.Items, item)
	}
	return state
}

func anyWant(t *rapid.T, c catalog.Catalog) catalog.WantedLine {
	item := rapid.SampledFrom(c.Items).Draw(t, "item")
	line := catalog.WantedLine{Product: item.Product, Qty: rapid.IntRange(1, 5).Draw(t, "qty")}
	for _, id := range item.Groups {
		group, _ := c.FindGroup(id)
		for _, o := range group.Options {
			if rapid.Bool().Draw(t, "wants") {
				line.Options = append(line.Options, catalog.WantedOption{Group: id, Option: o.Option, Qty: rapid.IntRange(1, o.MaxQty).Draw(t, "of it")})
			}
		}
	}
	return line
}

func TestANewPriceIsToldForMachines(t *testing.T) {
	t.Parallel()
	dear := want("Latte", 2, "milk oat 1")
	dear.Price = &order.Money{Amount: 3000, Currency: "KRW"}
	_, err := cafe().Menu(noon).Lines([]catalog.WantedLine{want("Tea", 1), dear, dear})
	var changed *catalog.PriceChangedError
	require.ErrorAs(t, err, &changed)
	require.Equal(t, 2, changed.Line)
	require.Equal(t, order.Money{Amount: 3500, Currency: "KRW"}, changed.Price)
	require.Equal(t, catalog.CodePriceChanged, order.ErrorCode(err))
	require.Equal(t, "the price of Latte is 3500 KRW now", err.Error())
}
