package workflows_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestASignalThatCannotBeReadIsNotedAndChangesNothing(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]any{
		"a string":              "now",
		"an array":              []int{1, 2},
		"a number":              42,
		"a wrong type":          map[string]any{"eta_minutes": "five"},
		"an eta out of range":   workflows.Command{ETAMinutes: 1000},
		"a negative eta":        workflows.Command{ETAMinutes: -1},
		"an endless reason":     workflows.Command{Reason: strings.Repeat("가", 201)},
		"an endless actor":      workflows.Command{Actor: strings.Repeat("a", 81)},
		"an endless command_id": workflows.Command{CommandID: strings.Repeat("a", 129)},
		"raw bytes":             []byte{0xff, 0xfe},
		"broken JSON": converter.NewRawValue(&commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
			Data:     []byte(`{"actor":`),
		}),
		"an unknown encoding": converter.NewRawValue(&commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte("text/klingon")}, Data: []byte("{}"),
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.signal(30*time.Second, order.Accept, input)
			b.look(40*time.Second, func(s order.Snapshot) {
				require.Equal(t, order.Paid, s.Status)
				require.Equal(t, []string{order.NoteUnreadable}, notes(s))
			})
			b.happyEnding(time.Minute)

			s := b.run()

			require.Equal(t, order.PickedUp, s.Status)
		})
	}
}

func TestASignalWithoutInputIsTheBareCommand(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]any{"nothing": nil, "an empty object": map[string]any{}, "a field of the future": map[string]any{"mood": "good"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.signal(time.Minute, order.Reject, input)

			s := b.run()

			require.Equal(t, order.Rejected, s.Status)
			require.Empty(t, notes(s))
		})
	}
}

func TestALateSignalIsNotedAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happyEnding(time.Minute)
	b.signal(90*time.Second, order.Cancel, workflows.Command{Actor: "kiosk"})

	s := b.run()

	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, []string{order.NoteRefused}, notes(s))
	require.Equal(t, "kiosk", s.Timeline[2].Actor)
}

func TestAFloodOfUnreadableSignalsFillsNoTimeline(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at(30*time.Second, func() {
		for range 200 {
			b.env.SignalWorkflow(string(order.Accept), "nonsense")
		}
	})
	b.happyEnding(time.Minute)

	s := b.run()

	require.Len(t, notes(s), order.MaxNotes)
	require.Equal(t, order.PickedUp, s.Status)
}

func TestAnUpdateWithInputOutOfBoundsNamesTheField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.update(30*time.Second, "bad", order.Accept, workflows.Command{ETAMinutes: 1000})
	b.happyEnding(time.Minute)

	b.run()

	require.True(t, b.answers["bad"].rejected)
	var e *order.Error
	require.ErrorAs(t, b.answers["bad"].err, &e)
	require.Equal(t, order.CodeInvalid, e.Code)
	require.Equal(t, "eta_minutes", e.Field)
}

// lostKey is a codec that cannot read what was encrypted with a key it lacks.
type lostKey struct{}

func (lostKey) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return payloads, nil
}

func (lostKey) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	for _, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) == "binary/encrypted" {
			return nil, errors.New("the key is lost")
		}
	}
	return payloads, nil
}

func TestASignalThatTheCodecCannotReadDeafensNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.env.SetDataConverter(converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), lostKey{}))
	b.signal(30*time.Second, order.Accept, converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte("binary/encrypted")}, Data: []byte("x"),
	}))
	b.signal(time.Minute, order.Reject, nil)

	s := b.run()

	require.Equal(t, order.Rejected, s.Status)
	require.Equal(t, []string{order.NoteUnreadable}, notes(s))
}
