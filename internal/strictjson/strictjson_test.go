package strictjson

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestEverythingKnowsItsLine(t *testing.T) {
	t.Parallel()
	value, err := Parse([]byte("\n{\"a\": [1,\n 2, {\"b\":\n\n\"x\"}],\n\"c\": null, \"d\": true}\n"))
	require.NoError(t, err)
	require.Equal(t, Value{2, Object{
		Names: []string{"a", "c", "d"},
		Fields: map[string]Value{
			"a": {2, []Value{{2, json.Number("1")}, {3, json.Number("2")}, {3, Object{[]string{"b"}, map[string]Value{"b": {5, "x"}}}}}},
			"c": {6, nil},
			"d": {6, true},
		},
	}}, value)
}

func TestWhatIsRefusedIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Error{
		"":                              {1, "", "must be valid JSON: unexpected end of JSON input"},
		"{\n\"a\": 1,\n}":               {3, "", "must be valid JSON: invalid character '}' looking for beginning of object key string"},
		"{}\n{}":                        {2, "", "must be valid JSON: invalid character '{' after top-level value"},
		"\n\"a\xff\"":                   {2, "", "must be in UTF-8"},
		"\n[\"\\ud800\"]":               {2, "", `has an unpaired surrogate: \ud800 to \udfff come in pairs`},
		"{\"a\":[{\"b\":1,\n\"b\":2}]}": {2, "a[0].b", "appears twice"},
		strings.Repeat("[", 18) + strings.Repeat("]", 18): {1, "", "is nested too deeply"},
	} {
		_, err := Parse([]byte(text))
		var refused *Error
		require.ErrorAs(t, err, &refused, "%q", text)
		require.Equal(t, want, *refused, "%q", text)
	}
}

func TestALongMadeUpNameIsShortened(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a."+strings.Repeat("가", 80)+"…", Join("a", strings.Repeat("가", 81)))
}

func TestHalfACharacterIsRefused(t *testing.T) {
	t.Parallel()
	for text, whole := range map[string]bool{
		`\ud83d\ude00`: true, `\uD83D\uDE00`: true, `\\ud800`: true, `\ufffd`: true, `\u0041`: true, `\"\n\\`: true, `\\\ud83d\ude00`: true,
		`\ud800`: false, `\udc00`: false, `\ude00\ud83d`: false, `\ud83d\ud83d\ude00`: false, `\ud83dx\ude00`: false, `\\\ud800`: false,
		`\ud83d\n`: false, `a\uDBFF`: false,
	} {
		_, err := Parse([]byte(`{"note":"` + text + `"}`))
		require.Equal(t, whole, err == nil, text)
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
		require.Equal(t, replaced > 0, loneSurrogate(body) >= 0, "%q", text)
	})
}
