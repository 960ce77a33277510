package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// pageTexts are the sentences of the pages in one language, by key. A sentence holds
// {name} where a value goes.
type pageTexts map[string]string

// readTexts reads text/ko.json and text/en.json.
func readTexts() map[order.Language]pageTexts {
	all := map[order.Language]pageTexts{}
	for _, language := range languages.Offered() {
		data := mustRead("text/" + string(language) + ".json")
		var t pageTexts
		if err := json.Unmarshal(data, &t); err != nil {
			panic(fmt.Errorf("web: text/%s.json: %w", language, err))
		}
		all[language] = t
	}
	return all
}

// get returns the sentence of that key, for templates.
func (t pageTexts) get(key string) (string, error) {
	text, ok := t[key]
	if !ok {
		return "", fmt.Errorf("text %q was not found", key)
	}
	return text, nil
}

// partsOf names the parts of the texts that each page's scripts use: the words
// before the first dot of their keys. Templates use any.
var partsOf = map[string][]string{
	"menu":       {"bill", "connection", "menu", "cart", "seller", "status", "problem"},
	"sheet":      {"sheet", "allergen"}, // of the menu page, loaded with the sheet
	"hours":      {"hours"},             // of a store that is closed, or soon will be
	"stores":     {"hours", "store"},    // of whoever has several
	"order":      {"bill", "connection", "order", "seller", "status", "timeline", "note", "reason", "money", "problem"},
	"member":     {"member", "points", "status", "problem"},
	"board":      {"bill", "connection", "menu", "board", "hours", "signin", "reason", "status", "won", "problem"},
	"manage":     {"allergen", "bill", "board", "coupons", "hours", "manage", "menu", "optional", "orders", "problem", "reason", "signin", "staff", "status"},
	"dev":        {"connection", "dev"},
	"pay":        {"pay", "seller", "problem"},
	"sandboxpay": {"sandboxpay", "problem"},
}

// module returns the sentences of these parts as a module for browsers.
func (t pageTexts) module(parts []string) []byte {
	some := pageTexts{}
	for key, text := range t {
		part, _, _ := strings.Cut(key, ".")
		if slices.Contains(parts, part) {
			some[key] = text
		}
	}
	return jsModule(some)
}

// jsModule returns a module for browsers whose default export is the value.
func jsModule(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("web: encode a module: %w", err)) // strings and numbers always encode
	}
	return []byte("export default " + string(data) + ";\n")
}

func mustRead(name string) []byte {
	data, err := embeddedFiles.ReadFile(name)
	if err != nil {
		panic(fmt.Errorf("web: %w", err)) // it was embedded when this was built
	}
	return data
}
