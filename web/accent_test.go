package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 21, contrast(black, white), 0.001)
	require.InDelta(t, 4.54, contrast(parseColour("#767676"), white), 0.005)
	require.InDelta(t, 1, contrast(white, white), 0)
}

// Whatever colour an owner likes, what has it can be read, in the light and in the dark.
func TestEveryAccentCanBeRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		accent := fmt.Sprintf("#%06x", rapid.Uint32Range(0, 0xffffff).Draw(t, "accent"))
		for ink, s := range map[string]colourScheme{"#241a12": lightScheme, "#f5ede3": darkScheme} {
			shade := s.shades(parseColour(accent))
			for _, behind := range []colour{s.paper, s.card, s.tint, shade.tint, shade.on} {
				require.GreaterOrEqual(t, contrast(shade.accent, behind), readable, "%s as %s on %s", accent, shade.accent, behind)
			}
			require.GreaterOrEqual(t, contrast(shade.deep, shade.on), readable)
			require.GreaterOrEqual(t, contrast(parseColour(ink), shade.tint), readable, "text on a notice")
		}
	})
}

func TestAnAccentThatCanBeReadIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "#8b1e3f", lightScheme.shades(parseColour("#8b1e3f")).accent.String())
	require.Equal(t, "#ffd54f", darkScheme.shades(parseColour("#ffd54f")).accent.String())
	require.NotEqual(t, "#ffd54f", lightScheme.shades(parseColour("#ffd54f")).accent.String(), "yellow on white is made darker")
}

// The colours that contrast is measured on are those of the pages.
func TestTheThemeHasTheColoursThatAccentsAreReadOn(t *testing.T) {
	t.Parallel()
	light, dark, _ := strings.Cut(string(mustRead("pages/shared/theme.css")), "prefers-color-scheme: dark")
	for css, s := range map[string]colourScheme{light: lightScheme, dark: darkScheme} {
		css = strings.ReplaceAll(css, "#fff;", "#ffffff;")
		for name, value := range map[string]colour{"paper": s.paper, "card": s.card, "tint": s.tint} {
			require.Contains(t, css, fmt.Sprintf("--%s: %s;", name, value))
		}
	}
	require.Contains(t, light, "--ink: #241a12;")
	require.Contains(t, dark, "--ink: #f5ede3;")
}

func TestAnAccentIsAStyleSheetThatFollowsFromItsName(t *testing.T) {
	t.Parallel()
	pages := customerPages()
	answer := get(t, pages, "/assets/x/accent-ff6f61.css")
	require.Equal(t, http.StatusOK, answer.Code)
	require.Contains(t, answer.Header().Get("Content-Type"), "text/css")
	require.Contains(t, answer.Body.String(), "--on-accent:#ffffff")
	for _, bad := range []string{"accent-red.css", "accent-FF6F61.css", "accent-ff6f61.css.js", "accent-.css"} {
		require.Equal(t, http.StatusNotFound, get(t, pages, "/assets/x/"+bad).Code, bad)
	}
}
