package encryption_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/encryption"
)

// claiming returns a payload that says it is encrypted with the key of that id.
func claiming(id string, data []byte) *commonpb.Payload {
	return &commonpb.Payload{
		Metadata: map[string][]byte{
			converter.MetadataEncoding: []byte(encryption.Encoding), encryption.MetadataKeyID: []byte(id),
		},
		Data: data,
	}
}

func TestAWorkerIsToldWhatItCannotDecrypt(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1))
	worker := ring.WorkerConverters().Data
	for name, test := range map[string]struct {
		payload    *commonpb.Payload
		reason     string
		keyMissing bool
	}{
		"a key that nobody has":          {claiming("b.00000000", []byte("x")), "encrypted with the key b.00000000", true},
		"a key that is missing, no data": {claiming("b.00000000", nil), "encrypted with the key b.00000000", true},
		"another's key":                  {claiming("theirs", []byte("x")), "not with a key of cafeforme's", false},
		"no key":                         {claiming("", nil), "not with a key of cafeforme's", false},
		"garbage":                        {claiming(ring.IDs()[0], []byte("garbage")), "cannot be decrypted", false},
		"nothing":                        {claiming(ring.IDs()[0], nil), "cannot be decrypted", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var raw converter.RawValue
			require.NoError(t, worker.FromPayloads(&commonpb.Payloads{Payloads: []*commonpb.Payload{test.payload}}, &raw))
			reason, keyMissing := encryption.Undecrypted(raw.Payload())
			require.Contains(t, reason, test.reason)
			require.Equal(t, test.keyMissing, keyMissing)

			var typed string
			read := func() error { return worker.FromPayload(test.payload, &typed) }
			if test.keyMissing {
				require.Panics(t, func() { _ = read() }, "a typed value is waited for")
			} else {
				require.ErrorContains(t, read(), test.reason)
			}
		})
	}
}

func TestAWorkerReceivesRawWhatItCanDecrypt(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1))
	plain := payload(t, secret)
	for name, sent := range map[string]*commonpb.Payload{"encrypted": encrypted(t, ring, plain), "plain": plain} {
		var raw converter.RawValue
		require.NoError(t, ring.WorkerConverters().Data.FromPayloads(&commonpb.Payloads{Payloads: []*commonpb.Payload{sent}}, &raw))
		require.True(t, proto.Equal(plain, raw.Payload()), name)
		reason, keyMissing := encryption.Undecrypted(raw.Payload())
		require.Empty(t, reason, name)
		require.False(t, keyMissing, name)
	}
	for name, sent := range map[string]*commonpb.Payloads{"no input": nil, "an empty one": {}, "nothing": {Payloads: []*commonpb.Payload{nil}}} {
		var raw converter.RawValue
		require.NoError(t, ring.WorkerConverters().Data.FromPayloads(sent, &raw), name)
		require.Nil(t, raw.Payload(), name)
	}
}

func TestAWorkerDecryptsOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	sent := &commonpb.Payloads{Payloads: []*commonpb.Payload{payload(t, secret), claiming("b.00000000", nil)}}
	worker := parsed(t, "").WorkerConverters().Data
	require.NoError(t, worker.FromPayloads(sent), "a handler without input")
	var first string
	require.NoError(t, worker.FromPayloads(sent, &first))
	require.Equal(t, secret, first)
}
