package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
)

func TestWhatIsActedOnIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"orders", "retry"}, {"orders", "retry", "ord_1", "--on=refund"}, {"orders", "reset"}, {"orders", "reset", "ord_1", "--all"},
		{"orders", "move", "--to=2"},
	} {
		require.ErrorContains(t, run(t.Context(), args, app.Environment{}), "want the IDs of orders, or --")
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"missing flags: --reference":      {"orders", "settle-refund", "ord_1"},
		`--on "coffee" is unknown`:        {"orders", "retry", "--on=coffee"},
		`--status "drunk" is unknown`:     {"orders", "list", "--status=drunk"},
		"--since 0s is not valid":         {"audit", "--since=0s"},
		"--limit is 0, want 1 to":         {"log", "--limit=0"},
		`the name "store" cannot be used`: {"staff", "add", "store"},
		"--temporal-port":                 {"dev", "--temporal-port=web"},
	} {
		require.ErrorContains(t, run(t.Context(), args, app.Environment{}), want)
	}
}

func TestSomeNamesAreNotTheStaffs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"customer", "store", "operator", "Customer", "payment  Gateway", "payment gateway", "clock", "temporal", "", " ", "a\nb", strings.Repeat("a", 41), "\u3164", "\u115f\u1160", "mina\u3164", "store\ufe0f"} {
		require.ErrorContains(t, staffAdd{Name: name}.Validate(), "cannot be used", "%q", name)
	}
	for _, name := range []string{"민아", "Jun O. 2", "counter-1"} {
		require.NoError(t, staffAdd{Name: name}.Validate())
	}
}
