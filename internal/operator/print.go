package operator

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// asked is how many orders are asked about at the same time.
const asked = 8

// dayAndTime is how operators read times: those of the store, with their zone.
const dayAndTime = "2006-01-02 15:04:05 MST"

// age shows how long something takes, in its two largest units.
func age(d time.Duration) string {
	days, rest := int(d.Hours())/24, d%(24*time.Hour)
	hours, minutes := int(rest.Hours()), int(rest.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd%dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh%dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm%ds", minutes, int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
}

// longestLine is how much of an error a table shows.
const longestLine = 100

// oneLine makes an error fit a table.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestLine {
		return string(runes[:longestLine-1]) + "…"
	}
	return text
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func joined[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
