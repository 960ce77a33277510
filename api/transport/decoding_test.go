package transport

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAModelThatCannotBeDecodedIntoIsAFaultOfThisPackage(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() {
		_ = decodeJSON([]byte(`{"a":1}`), &struct {
			A complex64 `json:"a"`
		}{})
	})
}

func TestFieldsAreNamedInCodes(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"": "request", "phone": "phone", "items": "items", "items[3]": "items", "items[3].qty": "qty",
		"items[3].price.amount": "price", "price.currency": "price", "name.ko": "name", "name.en": "name",
		"amount": "amount", "Idempotency-Key": "idempotency_key",
	} {
		require.Equal(t, want, nameOf(field), field)
	}
}
