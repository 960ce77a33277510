package catalog

import (
	"reflect"
	"slices"
)

// Change is one entry of a catalog that differs from another one's.
type Change struct {
	// Path names the entry by its identifier: "items/CafeLatte", "groups/milk", "categories/coffee";
	// "items" and its like alone when their order is another one.
	Path string
	// Before and After are the entries, of type [Category], [Group] or [Item]; nil for one that
	// is new or gone. Of an order they are the identifiers.
	Before, After any
}

// Diff returns what has to be changed of before to have after, in the order of the document.
func Diff(before, after Catalog) []Change {
	return slices.Concat(
		diff("categories", before.Categories, after.Categories, func(c Category) string { return c.Category }),
		diff("groups", before.Groups, after.Groups, func(g Group) string { return g.Group }),
		diff("items", before.Items, after.Items, func(i Item) string { return i.Product }),
	)
}

func diff[T any](list string, before, after []T, id func(T) string) (changes []Change) {
	was := byID(before, id)
	for _, entry := range after {
		old, known := was[id(entry)]
		switch {
		case !known:
			changes = append(changes, Change{Path: list + "/" + id(entry), After: entry})
		case !reflect.DeepEqual(old, entry):
			changes = append(changes, Change{Path: list + "/" + id(entry), Before: old, After: entry})
		}
	}
	is := byID(after, id)
	for _, entry := range before {
		if _, stays := is[id(entry)]; !stays {
			changes = append(changes, Change{Path: list + "/" + id(entry), Before: entry})
		}
	}
	if from, to := common(before, is, id), common(after, was, id); !slices.Equal(from, to) {
		changes = append(changes, Change{Path: list, Before: from, After: to})
	}
	return changes
}

func byID[T any](entries []T, id func(T) string) map[string]T {
	index := map[string]T{}
	for _, entry := range entries {
		index[id(entry)] = entry
	}
	return index
}

// common returns the identifiers of the entries that are in the other list too, in order.
func common[T any](entries []T, other map[string]T, id func(T) string) (ids []string) {
	for _, entry := range entries {
		if _, both := other[id(entry)]; both {
			ids = append(ids, id(entry))
		}
	}
	return ids
}
