package web

import (
	"encoding/json"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// texts are the sentences of the pages in one language, by key. A sentence holds
// {name} where a value goes.
type texts map[string]string

// readTexts reads text/ko.json and text/en.json.
func readTexts() map[order.Language]texts {
	all := map[order.Language]texts{}
	for _, language := range languages.Offered() {
		data := mustRead("text/" + string(language) + ".json")
		var t texts
		if err := json.Unmarshal(data, &t); err != nil {
			panic(fmt.Errorf("web: text/%s.json: %w", language, err))
		}
		all[language] = t
	}
	return all
}

// get returns the sentence of that key, for templates.
func (t texts) get(key string) (string, error) {
	text, ok := t[key]
	if !ok {
		return "", fmt.Errorf("there is no text %q", key)
	}
	return text, nil
}

// module returns the sentences as a module for browsers.
func (t texts) module() []byte {
	data, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Errorf("web: encode the texts: %w", err)) // strings always encode
	}
	return []byte("export default " + string(data) + ";\n")
}

func mustRead(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Errorf("web: %w", err)) // it was embedded when this was built
	}
	return data
}
