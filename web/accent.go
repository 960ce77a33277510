package web

import (
	"fmt"
	"math"
	"strconv"
)

// colour is red, green and blue, from 0 to 255.
type colour [3]float64

func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0])), int(math.Round(c[1])), int(math.Round(c[2])))
}

// parseColour reads "#rrggbb".
func parseColour(hex string) colour {
	var c colour
	for i := range c {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(fmt.Errorf("web: %q is no colour: %w", hex, err)) // brands are checked when they are set
		}
		c[i] = float64(n)
	}
	return c
}

// mixed returns so much of the other colour in this one, from 0 to 1, as browsers show it.
func (c colour) mixed(other colour, part float64) colour {
	for i := range c {
		c[i] = math.Round(c[i] + (other[i]-c[i])*part)
	}
	return c
}

// luminance is WCAG's relative luminance.
func (c colour) luminance() float64 {
	var linear colour
	for i, value := range c {
		value /= 255
		if linear[i] = value / 12.92; value > 0.04045 {
			linear[i] = math.Pow((value+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

// contrast is WCAG's contrast ratio, from 1 to 21.
func contrast(a, b colour) float64 {
	lighter, darker := max(a.luminance(), b.luminance()), min(a.luminance(), b.luminance())
	return (lighter + 0.05) / (darker + 0.05)
}

// readable is the contrast that text has to have (WCAG 2.2, success criterion 1.4.3).
const readable = 4.5

// colourScheme is what pages look like in the light or in the dark, as shared/theme.css has it.
type colourScheme struct {
	// paper, card and tint are what the accent is a text on.
	paper, card, tint colour
	// on is the colour of text on the accent.
	on colour
	// away is the direction in which the accent is easier to read.
	away colour
	// tinted is how much of the accent the background of a notice has.
	tinted float64
}

var (
	black, white = parseColour("#000000"), parseColour("#ffffff")
	lightScheme  = colourScheme{
		paper: parseColour("#fbf8f3"), card: white, tint: parseColour("#f3ece2"), on: white, away: black, tinted: 0.12,
	}
	darkScheme = colourScheme{
		paper: parseColour("#16120e"), card: parseColour("#211b16"), tint: parseColour("#2c251e"), on: parseColour("#16120e"), away: white, tinted: 0.14,
	}
)

// accentShades are the colours that pages make of an accent.
type accentShades struct{ accent, deep, on, tint colour }

// shades returns those of the accent: the accent itself, if it can be read as text and text on it
// can, or else the nearest shade of it.
func (s colourScheme) shades(accent colour) accentShades {
	const steps = 256
	for step := range steps {
		shade := s.shadesOf(accent.mixed(s.away, float64(step)/steps))
		if s.readable(shade) {
			return shade
		}
	}
	return s.shadesOf(s.away) // which can be read on everything
}

func (s colourScheme) shadesOf(accent colour) accentShades {
	const deeper = 0.25
	return accentShades{accent: accent, deep: accent.mixed(s.away, deeper), on: s.on, tint: s.card.mixed(accent, s.tinted)}
}

func (s colourScheme) readable(shade accentShades) bool {
	for _, behind := range []colour{s.paper, s.card, s.tint, shade.tint, shade.on} {
		if contrast(shade.accent, behind) < readable {
			return false
		}
	}
	return true
}

// accentStyles returns the style sheet that gives pages the accent.
func accentStyles(accent string) []byte {
	rule := func(s colourScheme) string {
		shade := s.shades(parseColour(accent))
		return fmt.Sprintf(":root{--accent:%s;--accent-deep:%s;--on-accent:%s;--accent-tint:%s}", shade.accent, shade.deep, shade.on, shade.tint)
	}
	return fmt.Appendf(nil, "%s\n@media (prefers-color-scheme: dark){%s}\n", rule(lightScheme), rule(darkScheme))
}
