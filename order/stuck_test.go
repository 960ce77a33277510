package order_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestStuckAfter(t *testing.T) {
	t.Parallel()

	t.Run("is the default for what the terms leave open", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, order.DefaultStuckAfter, order.Terms{}.StuckAfter.Of(order.EffectSMS))
		terms := order.Terms{StuckAfter: order.StuckAfter{order.EffectSMS: time.Hour, order.EffectRefund: 0}}
		require.Equal(t, time.Hour, terms.StuckAfter.Of(order.EffectSMS))
		require.Equal(t, order.DefaultStuckAfter, terms.StuckAfter.Of(order.EffectRefund))
		require.Equal(t, order.DefaultStuckAfter, terms.StuckAfter.Of(order.EffectPoints))
	})

	t.Run("leaves no trace in terms that do not name it", func(t *testing.T) {
		t.Parallel()
		text, err := json.Marshal(order.Terms{})
		require.NoError(t, err)
		require.NotContains(t, string(text), "stuck")
	})
}
