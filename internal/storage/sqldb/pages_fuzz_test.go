package sqldb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// A page token is one that its list gives out, or is refused.
func FuzzPageTokens(f *testing.F) {
	for _, c := range []Cursor{{}, {List: "orders", At: 1, ID: "ord_a"}, {List: "points", ID: "ord_a", Kind: "credit"}} {
		token, err := c.token()
		require.NoError(f, err)
		f.Add(token)
	}
	for _, seed := range []string{"", "e30", "bnVsbA", "W10", "eyJsIjoib3JkZXJzIn17fQ", "\xff", "=", "eyJsIjoib3JkZXJzIiwiaSI6IlwidTAwMDAifQ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		start := Cursor{List: "orders"}
		c, err := ReadToken(token, start)
		if err != nil {
			require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
			require.ErrorContains(t, err, "page_token")
			return
		}
		require.Equal(t, "orders", c.List)
		require.True(t, Storable(c.ID) && Storable(c.Kind))
		again, err := c.token()
		require.NoError(t, err)
		same, err := ReadToken(again, start)
		require.NoError(t, err)
		require.Equal(t, c, same)
	})
}
