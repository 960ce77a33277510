package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/money"
)

// What a browser knows of currencies is what is in use, not what ISO 4217 says:
// the pages are given the server's table.
func TestPagesAreGivenTheDecimalsOfEveryCurrency(t *testing.T) {
	t.Parallel()
	pages := customerPages()
	answer := get(t, pages, "/assets/x/currencies.js")
	require.Equal(t, http.StatusOK, answer.Code)
	require.Contains(t, answer.Header().Get("Content-Type"), "javascript")
	module := answer.Body.String()
	require.True(t, strings.HasPrefix(module, "export default {"), module)
	var given map[string]int
	require.NoError(t, json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(module, "export default "), ";\n")), &given))
	for _, currency := range money.Currencies() {
		want, _ := money.Exponent(currency)
		got, named := given[currency]
		if !named {
			got = usualDecimals
		}
		require.Equal(t, want, got, currency)
	}
	require.Less(t, len(module), 300, "every page loads it")
}

func TestPagesWriteMoneyByTheServersTable(t *testing.T) {
	t.Parallel()
	scripts := scriptSources(t)
	core := scripts["core.js"]
	require.Contains(t, core, `import decimals from "./currencies.js";`)
	require.NotContains(t, core, "resolvedOptions", "what a browser makes of a currency is not asked")
	require.Contains(t, core, fmt.Sprintf("decimals[currency] ?? %d;", usualDecimals))
	for name, script := range scripts {
		if name != "core.js" {
			require.NotContains(t, script, "NumberFormat", "%s writes numbers by itself", name)
		}
	}
	for path, handler := range map[string]http.Handler{"/": customerPages(), "/store": serve(Store(nil))} {
		require.Regexp(t, `<link rel="modulepreload" href="/assets/[0-9a-f]+/currencies.js">`, get(t, handler, path).Body.String())
	}
}
