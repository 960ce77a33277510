package transport

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

func TestAModelThatCannotBeDecodedIntoIsAFaultOfThisPackage(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() {
		_ = decodeJSON([]byte(`{"a":1}`), &struct {
			A float64 `json:"a"`
		}{})
	})
}

func TestFieldsAreNamedInCodes(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"": "request", "phone": "phone", "items": "items", "items[3]": "items", "items[3].qty": "qty",
		"items[3].price.amount": "price", "price.currency": "price", "name.ko": "name", "name.en": "name",
		"amount": "amount", "Idempotency-Key": "idempotency_key",
	} {
		require.Equal(t, want, nameOf(field), field)
	}
}

func TestHalfACharacterIsRefused(t *testing.T) {
	t.Parallel()
	for text, whole := range map[string]bool{
		`\ud83d\ude00`: true, `\uD83D\uDE00`: true, `\\ud800`: true, `\ufffd`: true, `\u0041`: true, `\"\n\\`: true, `\\\ud83d\ude00`: true,
		`\ud800`: false, `\udc00`: false, `\ude00\ud83d`: false, `\ud83d\ud83d\ude00`: false, `\ud83dx\ude00`: false, `\\\ud800`: false,
		`\ud83d\n`: false, `a\uDBFF`: false,
	} {
		var model spec.OrderRequest
		err := decodeJSON([]byte(`{"items":[{"product":"IceAmericano","qty":1}],"note":"`+text+`"}`), &model)
		if whole {
			require.NoError(t, err, text)
			continue
		}
		require.Equal(t, codeInvalidJSON, order.ErrorCode(err), text)
	}
}

// A text that is let through holds U+FFFD where it was written, and nowhere else.
func FuzzHalfACharacter(f *testing.F) {
	for _, text := range []string{`\ud800`, `\ud83d\ude00`, `\\ud800`, `\ufffd`, "\ufffd", `\ud83d\ud83d\ude00`, `\\\uDC00`, `\ud800\u0041`} {
		f.Add(text)
	}
	written := regexp.MustCompile(`(?i)\\ufffd`)
	f.Fuzz(func(t *testing.T, text string) {
		body := []byte(`"` + text + `"`)
		var decoded string
		if !utf8.Valid(body) || json.Unmarshal(body, &decoded) != nil {
			return
		}
		meant := strings.ReplaceAll(text, `\\`, ``)
		replaced := strings.Count(decoded, "\ufffd") - strings.Count(meant, "\ufffd") - len(written.FindAllString(meant, -1))
		require.Equal(t, replaced > 0, loneSurrogate(body), "%q", text)
	})
}
