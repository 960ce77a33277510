package texts

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// longestURL is a public URL of the longest length that is accepted.
const longestURL = "https://order.cafeforme.kr"

// requireOneSegment checks that a text fits one message in its alphabet.
func requireOneSegment(t require.TestingT, text string) {
	require.NotEmpty(t, text)
	require.Equal(t, 1, Segments(text), text)
}

func TestEveryTextFitsOneSegmentWithTheLongestValues(t *testing.T) {
	t.Parallel()
	for language, kinds := range textWriters {
		for kind := range kinds {
			t.Run(fmt.Sprintf("%s in %s", kind, language), func(t *testing.T) {
				t.Parallel()
				for _, name := range longestNames {
					require.Equal(t, limits.BrandName, utf8.RuneCountInString(name))
					requireOneSegment(t, Compose(longestText(language, kind, name), longestURL))
				}
				corner := map[order.Language]string{order.Korean: "모퉁이 커피", order.English: "Corner"}[language]
				require.Contains(t, Compose(order.Text{Kind: kind, Language: language, Brand: corner}, ""), corner)
			})
		}
	}
}

func TestEveryTextFitsOneSegmentWithAnyValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom([]order.Language{order.Korean, order.English}).Draw(t, "language")
		kinds := make([]order.TextKind, 0)
		for _, status := range order.Statuses() {
			if status.Told() {
				kinds = append(kinds, order.TextKind(status))
			}
		}
		text := order.Text{
			OrderID:      rapid.StringMatching(`ord_[0-9a-zA-Z_-]{0,26}`).Draw(t, "id"),
			Kind:         rapid.SampledFrom(append(kinds, order.TextRefunded)).Draw(t, "kind"),
			Language:     language,
			PickupNumber: rapid.StringMatching(`([A-Z]{1,2}-[1-9][0-9]?)?`).Draw(t, "number"),
			ETAMinutes:   rapid.Int().Draw(t, "eta"),
			Brand:        rapid.StringN(0, limits.BrandName, -1).Draw(t, "brand"),
		}
		requireOneSegment(t, Compose(text, longestURL))
	})
}

func TestWhatAnOrderCostsInSegments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kinds []order.TextKind
		cost  int
	}{
		"picked up":                {[]order.TextKind{"paid", "accepted", "ready", "picked_up"}, 4},
		"not picked up":            {[]order.TextKind{"paid", "accepted", "ready", "unclaimed"}, 4},
		"rejected":                 {[]order.TextKind{"paid", "rejected", order.TextRefunded}, 3},
		"rejected after all":       {[]order.TextKind{"paid", "accepted", "rejected", order.TextRefunded}, 4},
		"cancelled":                {[]order.TextKind{"paid", "cancelled", order.TextRefunded}, 3},
		"refunded by an operator":  {[]order.TextKind{"paid", "accepted", "ready", "cancelled", order.TextRefunded}, 5},
		"expired":                  {[]order.TextKind{"paid", "expired", order.TextRefunded}, 3},
		"payment failed":           {nil, 0},
		"money found after it did": {[]order.TextKind{order.TextRefunded}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for language := range textWriters {
				cost := 0
				for _, kind := range test.kinds {
					cost += Segments(Compose(longestText(language, kind, longestNames[0]), longestURL))
				}
				require.Equal(t, test.cost, cost, language)
			}
		})
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1, strings.Repeat("x", 160): 1, strings.Repeat("x", 161): 2, strings.Repeat("x", 2*153+1): 3,
		strings.Repeat("커", 70): 1, strings.Repeat("커", 71): 2, strings.Repeat("커", 2*67+1): 3,
	} {
		require.Equal(t, want, Segments(text), len(text))
	}
}

func TestCodesFitOneSegmentAndSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	for language := range textWriters {
		for _, name := range append(longestNames, "", "모퉁이 커피", "Café Été") {
			const longest = "12345678901234567890"
			text := ComposeCode(member.CodeText{Language: language, Brand: name, Code: longest})
			requireOneSegment(t, text)
			require.Contains(t, text, longest)
			if code := ComposeCode(member.CodeText{Language: language, Brand: name, Code: "123456"}); name != longestNames[2] {
				require.Contains(t, code, nameOf(name, language))
			}
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"", "https://cafe.example", "https://cafe.example/", "http://127.0.0.1:8080", "http://localhost:8080", longestURL,
	} {
		t.Run("is fine: "+good, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, CheckPublicURL(good))
		})
	}
	for bad, why := range map[string]string{
		longestURL + "x":               "too long by 1",
		"https://cafe.example/~~~~~~x": "too long by 2",
		"cafe.example":                 "must be like",
		"ftp://cafe.example":           "must be like",
		"https://":                     "must be like",
		"https://a.kr/ x":              "a path of letters",
		"https://a.kr/%0a":             "a path of letters",
		"https://a.kr/[x]":             "a path of letters",
		"https://cafe.example?x=1":     "must be like",
		"https://cafe.example#x":       "must be like",
		"https://me@cafe.example":      "must be like",
		"https://카페.example":           "plain letters",
		"https://cafe.example:x":       "invalid port",
	} {
		t.Run("is refused: "+bad, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, CheckPublicURL(bad), why)
		})
	}
	t.Run("one that is accepted is as long as a text can take", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, roomLeft(longestURL))
	})
}

func TestGSMLength(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "It's €5~": 10, "ord_{x}": 9, strings.Repeat("é", 3): 3} {
		length, ok := gsmLength(text)
		require.True(t, ok)
		require.Equal(t, want, length, text)
	}
	for _, text := range []string{"’", "`", "커피", "ç", "—", "\x1b"} {
		_, ok := gsmLength(text)
		require.False(t, ok, text)
	}
}

func TestSpareCountsSurrogatePairsTwice(t *testing.T) {
	t.Parallel()
	require.Equal(t, 70-2, spareLength("😀"))
	require.Equal(t, 160-2, spareLength("ok"))
}
