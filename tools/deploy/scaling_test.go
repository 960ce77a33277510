package deploy_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// table returns the rows of the page on scaling by their first cell, without thousands' commas.
func table(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/scaling.md")
	require.NoError(t, err)
	rows := map[string][]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if cells := strings.Split(strings.Trim(line, "|"), "|"); len(cells) > 2 {
			for i := range cells {
				cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), ",", "")
			}
			rows[cells[0]] = cells
		}
	}
	return rows
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// What docs/scaling.md says comes out is what comes out of what it says goes in.
func TestTheSumsOfScaling(t *testing.T) {
	t.Parallel()
	rows := table(t)
	in := func(name string) float64 {
		require.Contains(t, rows, name)
		value, err := strconv.ParseFloat(number.FindString(rows[name][1]), 64)
		require.NoError(t, err, name)
		return value
	}
	for column, times := range map[int]float64{2: 1, 3: 10} {
		for name, want := range sums(in, times) {
			require.Contains(t, rows, name)
			said := number.FindString(rows[name][column])
			_, decimals, _ := strings.Cut(said, ".")
			require.Equal(t, strconv.FormatFloat(want, 'f', len(decimals), 64), said, fmt.Sprint(name, " times ", times))
		}
	}
}

func sums(in func(string) float64, times float64) map[string]float64 {
	stores := in("stores") * times
	hour := stores * in("orders per store in the peak hour") / 3600
	peak := hour * in("busiest minute over the hour's average")
	server := peak * in("server CPU per order") / 1000
	all := server / (in("the server's part of all CPU") / 100)
	writes := peak * in("writes of the server per order")
	announced := peak * in("announced writes per order")
	orders := stores * in("orders per store and day") * in("days per month")
	actions := orders * in("Temporal actions per order")
	// Dollars, and 744 hours a month, as Temporal Cloud's documentation has them.
	gigabytes := in("history bytes per order") / 1e9
	forActions := tiers(in) + (actions/1e6-200)*25
	retained := orders / in("days per month") * in("retention") / 24 * gigabytes * 744 * 0.00105
	active := orders * in("open time of an order") * gigabytes * 0.042
	plan := math.Max(500, (forActions+retained+active)/10)
	return map[string]float64{
		"orders per second peak hour":              hour,
		"orders per second busiest minute":         peak,
		"cores for Temporal's server":              server,
		"cores for all of it":                      all,
		"cores to have":                            all / (in("use of a core to plan for") / 100),
		"writes of the server per second":          writes,
		"history shards kept busy without a pause": writes * in("commit") / 1000,
		"announced writes per second":              announced,
		"actions per second":                       peak * in("Temporal actions per order"),
		"orders per month":                         orders,
		"actions per month":                        actions,
		"text segments per month":                  orders * in("text segments per order"),

		"share of what was measured of one PostgreSQL": announced / in("announced writes that one PostgreSQL commits per second") * 100,

		"actions":          forActions,
		"retained storage": retained,
		"active storage":   active,
		"plan":             plan,
		"together":         forActions + retained + active + plan,
	}
}

// tiers returns the dollars for the first 200 million actions.
func tiers(in func(string) float64) float64 {
	sum := 0.0
	for _, tier := range []string{"first 5", "next 5", "next 10", "next 30", "next 50", "next 100"} {
		millions, err := strconv.ParseFloat(number.FindString(tier), 64)
		if err != nil {
			panic(err)
		}
		sum += millions * in(tier)
	}
	return sum
}
