package document

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// Write returns the catalog as a document. What [Read] makes of it is the same catalog.
func Write(format Format, c catalog.Catalog) ([]byte, error) { return write(format, c, "") }

// Export is [Write] for a file that goes its own ways: it has the version of the catalog.
func Export(format Format, c catalog.Catalog) ([]byte, error) { return write(format, c, Version(c)) }

func write(format Format, c catalog.Catalog, version string) ([]byte, error) {
	if format == CSV {
		return writeCSV(c, version)
	}
	return writeJSON(c, version)
}

func writeJSON(c catalog.Catalog, version string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	whole := struct {
		Version string `json:"version,omitempty"`
		catalog.Catalog
	}{version, Whole(c)}
	if err := encoder.Encode(whole); err != nil {
		return nil, fmt.Errorf("encode the catalog: %w", err)
	}
	return text.Bytes(), nil
}

// Whole returns the catalog with lists where it has none, as JSON has to have them.
func Whole(c catalog.Catalog) catalog.Catalog {
	c.Categories = append([]catalog.Category{}, c.Categories...)
	c.Groups = append([]catalog.Group{}, c.Groups...)
	c.Items = append([]catalog.Item{}, c.Items...)
	return c
}

// writeCSV begins with a mark, and ends lines as spreadsheets do.
func writeCSV(c catalog.Catalog, version string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(byteOrderMark)
	writer := csv.NewWriter(&text)
	writer.UseCRLF = true
	columns, rows := slices.Clone(columns), []map[string]string{}
	if version == "" {
		columns = slices.DeleteFunc(columns, func(column string) bool { return column == columnVersion })
	} else {
		rows = append(rows, map[string]string{"kind": kindCatalog, columnVersion: version})
	}
	for _, category := range c.Categories {
		rows = append(rows, named(map[string]string{"kind": kindCategory, "category": category.Category}, category.Name))
	}
	for _, group := range c.Groups {
		rows = append(rows, groupRows(group)...)
	}
	for _, item := range c.Items {
		rows = append(rows, itemRow(item))
	}
	_ = writer.Write(columns) // a buffer takes everything; Error tells what it does not
	for _, row := range rows {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = row[column]
		}
		_ = writer.Write(cells)
	}
	writer.Flush()
	if err := writer.Error(); err != nil {
		return nil, fmt.Errorf("encode the catalog: %w", err)
	}
	return text.Bytes(), nil
}

// named returns the row with names.
func named(row map[string]string, names order.Names) map[string]string {
	row["name_ko"], row["name_en"] = guarded(names[order.Korean]), guarded(names[order.English])
	return row
}

// groupRows returns the rows of a group and of its options.
func groupRows(group catalog.Group) []map[string]string {
	rows := []map[string]string{named(map[string]string{
		"kind": kindGroup, "group": group.Group, "min": strconv.Itoa(group.Min), "max": strconv.Itoa(group.Max),
	}, group.Name)}
	for _, option := range group.Options {
		rows = append(rows, named(map[string]string{
			"kind": kindOption, "group": group.Group, "option": option.Option, "price": strconv.FormatInt(option.Price, 10),
			"default": strconv.FormatBool(option.Default), "max_qty": strconv.Itoa(option.MaxQty), "available": strconv.FormatBool(option.Available),
		}, option.Name))
	}
	return rows
}

func itemRow(item catalog.Item) map[string]string {
	row := named(map[string]string{
		"kind": kindItem, "product": item.Product, "category": item.Category,
		"description_ko": guarded(item.Description[order.Korean]), "description_en": guarded(item.Description[order.English]),
		"price": strconv.FormatInt(item.Price.Amount, 10), "currency": item.Price.Currency,
		"groups": strings.Join(item.Groups, " "), "available": strconv.FormatBool(item.Available),
		"allergens": strings.Join(item.Allergens, " "), "image": item.Image,
	}, item.Name)
	if item.Calories != nil {
		row["calories"] = strconv.Itoa(*item.Calories)
	}
	periods := make([]string, len(item.Hours))
	for i, period := range item.Hours {
		periods[i] = period[0] + "-" + period[1]
	}
	row["hours"] = strings.Join(periods, " ")
	return row
}

// formula are what spreadsheets take for the beginning of a formula, in both widths, and the
// apostrophe that keeps them from it.
const formula = "=+-@＝＋－＠'"

// guarded returns a text that a spreadsheet shows and does not calculate: texts can come from others
// than who opens the file (https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe
// goes before one that would be a formula, or that [unguarded] would take it from.
func guarded(text string) string {
	if text != "" && strings.ContainsRune(formula, firstRune(text)) {
		return "'" + text
	}
	return text
}

// unguarded returns the text that guarded was given. Other apostrophes stay.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && strings.ContainsRune(formula, firstRune(rest)) {
		return rest
	}
	return cell
}

func firstRune(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}
