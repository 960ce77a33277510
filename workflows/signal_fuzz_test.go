package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
)

// Whatever anybody signals is a command within its limits, or is told to be none:
// an order takes it either way.
func FuzzSignals(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `"accept"`, `{"reason":"too sweet"}`, `{"reason":1}`, `{"eta_minutes":-1}`, `{"eta_minutes":1e9}`,
		`{"actor":"Mina","command_id":"1"}`, `{"x":`, "\xff", `{"reason":"\ud800"}`,
	} {
		f.Add(converter.MetadataEncodingJSON, []byte(seed))
	}
	f.Add("binary/encrypted", []byte("x"))
	f.Add("", []byte("{}"))
	f.Fuzz(func(t *testing.T, encoding string, data []byte) {
		raw := converter.NewRawValue(&commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding)}, Data: data,
		})
		command, err := decode[Command](raw)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.NoError(t, command.validate())
		placed, err := order.New(order.Placement{
			ID: "ord_a", Items: []order.Line{{Product: "Tea", Qty: 1, Price: order.Money{Amount: 1, Currency: "KRW"}}},
		}, order.Snapshot{}.PlacedAt)
		require.NoError(t, err)
		for _, name := range order.Commands() {
			_ = placed.Check(command.event(name)) // refused or not, it does not break
		}
	})
}
