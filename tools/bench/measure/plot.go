package measure

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The size of a plot, in pixels.
const (
	plotWidth  = 900
	rowHeight  = 26
	plotTop    = 64
	labelWidth = 430
	valueWidth = 80
)

// palette is told apart by people who do not see all colours (Okabe and Ito).
var palette = []string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"}

// bar is a row of a plot: the parts are beside each other.
type bar struct {
	label string
	parts []float64
}

func (b bar) sum() (all float64) {
	for _, part := range b.parts {
		all += part
	}
	return all
}

// plots returns the pictures of the report by their file names; empty where there is
// nothing to draw.
func (r *Report) plots() map[string]string {
	return map[string]string{"cpu.svg": r.cpuPlot(), "latency.svg": r.latencyPlot(), "growth.svg": r.growthPlot()}
}

// cpuPlot shows what one operation costs, by process.
func (r *Report) cpuPlot() string {
	roles := slices.DeleteFunc(r.roles(), func(role string) bool { return role == clientsRole })
	var bars []bar
	for _, l := range r.Loads {
		if l.closed() && l.CPU != nil && l.Name != loadTrack && l.Name != loadMenu && l.Name != loadBoard {
			b := bar{label: besideOpen(l)}
			for _, role := range roles {
				b.parts = append(b.parts, l.CPU[role])
			}
			bars = append(bars, b)
		}
	}
	return barPlot("Processor time of one, in milliseconds", roles, bars)
}

// latencyPlot shows the median and what is above it up to the slowest hundredth.
func (r *Report) latencyPlot() string {
	var bars []bar
	for _, l := range r.Loads {
		if !l.closed() {
			label := fmt.Sprintf("%s, %d × %.0f/s", besideOpen(l), l.Clients, l.Offered)
			bars = append(bars, bar{label: label, parts: []float64{l.Latency.P50, l.Latency.P99 - l.Latency.P50}})
		}
	}
	return barPlot("Latency from when it was due, in milliseconds", []string{"p50", "p99"}, bars)
}

func (r *Report) growthPlot() string {
	var bars []bar
	for _, g := range r.Growth {
		bars = append(bars, bar{label: fmt.Sprintf("%d open orders", g.Open), parts: []float64{g.CPU}})
	}
	return barPlot("Processor time of a whole order by open orders, in milliseconds", nil, bars)
}

func besideOpen(l Load) string {
	if l.Open == 0 {
		return l.Name
	}
	return fmt.Sprintf("%s, %d open", l.Name, l.Open)
}

// barPlot draws bars from left to right as SVG 1.1; nothing without any.
func barPlot(title string, parts []string, bars []bar) string {
	longest := 0.0
	for _, b := range bars {
		longest = max(longest, b.sum())
	}
	if longest <= 0 || math.IsInf(longest, 0) || math.IsNaN(longest) {
		return ""
	}
	var svg strings.Builder
	height := plotTop + rowHeight*len(bars) + 12
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		plotWidth, height, plotWidth, height)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="#ffffff"/>`+"\n")
	fmt.Fprintf(&svg, `<text x="12" y="22" font-size="15">%s</text>`+"\n", escapeXML(title))
	legend(&svg, parts)
	scale := (plotWidth - labelWidth - valueWidth) / longest
	for i, b := range bars {
		drawBar(&svg, b, plotTop+rowHeight*i, scale)
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

func legend(svg *strings.Builder, parts []string) {
	x := 12
	for i, part := range parts {
		fmt.Fprintf(svg, `<rect x="%d" y="36" width="12" height="12" fill="%s"/><text x="%d" y="46">%s</text>`+"\n",
			x, palette[i%len(palette)], x+16, escapeXML(part))
		x += 36 + 8*len(part)
	}
}

func drawBar(svg *strings.Builder, b bar, y int, scale float64) {
	fmt.Fprintf(svg, `<text x="%d" y="%d" text-anchor="end" font-size="11">%s</text>`+"\n", labelWidth-8, y+14, escapeXML(b.label))
	x := float64(labelWidth)
	for i, part := range b.parts {
		width := max(0, part) * scale
		fmt.Fprintf(svg, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, y, width, rowHeight-8, palette[i%len(palette)])
		x += width
	}
	fmt.Fprintf(svg, `<text x="%.1f" y="%d" font-size="11">%.1f</text>`+"\n", x+6, y+14, b.sum())
}

func escapeXML(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a strings.Builder takes everything
	return out.String()
}
