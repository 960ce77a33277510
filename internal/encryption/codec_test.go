package encryption_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/encryption"
)

const secret = "Mina, +821012345678"

func payload(t testing.TB, value any) *commonpb.Payload {
	t.Helper()
	p, err := converter.GetDefaultDataConverter().ToPayload(value)
	require.NoError(t, err)
	return p
}

func encrypted(t testing.TB, ring *encryption.Ring, p *commonpb.Payload) *commonpb.Payload {
	t.Helper()
	all, err := ring.Encode([]*commonpb.Payload{p})
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

func TestWhatIsEncryptedCanBeReadAgain(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1))
	plain := payload(t, secret)
	hidden := encrypted(t, ring, plain)

	wire, err := proto.Marshal(hidden)
	require.NoError(t, err)
	require.NotContains(t, string(wire), "Mina")
	require.NotContains(t, string(wire), "json/plain", "the metadata is encrypted, too")
	require.Equal(t, "binary/encrypted", string(hidden.GetMetadata()["encoding"]))
	require.Equal(t, ring.IDs()[0], string(hidden.GetMetadata()["encryption-key-id"]))

	read, err := ring.Decode([]*commonpb.Payload{hidden, plain})
	require.NoError(t, err)
	require.True(t, proto.Equal(plain, read[0]))
	require.True(t, proto.Equal(plain, read[1]), "what is not encrypted stays as it is")
	require.NotEqual(t, hidden.GetData(), encrypted(t, ring, plain).GetData(), "equal payloads do not look alike")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before := encrypted(t, parsed(t, entry("a", 1)), payload(t, secret))
	for name, text := range map[string]string{
		"the new key is known":          entry("a", 1) + "," + entry("b", 2),
		"the new key writes":            entry("b", 2) + "," + entry("a", 1),
		"nothing is encrypted any more": "plain," + entry("a", 1),
	} {
		ring := parsed(t, text)
		_, err := ring.Decode([]*commonpb.Payload{before})
		require.NoError(t, err, name)
		after, err := parsed(t, entry("b", 2)+","+entry("a", 1)).Decode([]*commonpb.Payload{encrypted(t, ring, payload(t, secret))})
		require.NoError(t, err, name)
		require.True(t, proto.Equal(payload(t, secret), after[0]), name)
	}
}

func TestAMissingKeyIsNamed(t *testing.T) {
	t.Parallel()
	lost := parsed(t, entry("a", 1))
	hidden := encrypted(t, lost, payload(t, secret))
	for text, have := range map[string]string{
		"":            "it has no key",
		entry("b", 2): "it has b.",
		entry("a", 2): "it has a.", // another key of the same name
	} {
		_, err := parsed(t, text).Decode([]*commonpb.Payload{hidden})
		var missing *encryption.MissingKeyError
		require.ErrorAs(t, err, &missing)
		require.Equal(t, lost.IDs()[0], missing.ID)
		require.ErrorContains(t, err, "encrypted with the key "+lost.IDs()[0])
		require.ErrorContains(t, err, have)
	}
}

func TestWhatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	ring := parsed(t, entry("a", 1)+","+entry("b", 2))
	other := ring.IDs()[1]
	for name, change := range map[string]func(*commonpb.Payload){
		"a flipped bit":       func(p *commonpb.Payload) { p.Data[len(p.Data)/2] ^= 1 },
		"cut off":             func(p *commonpb.Payload) { p.Data = p.Data[:10] },
		"empty":               func(p *commonpb.Payload) { p.Data = nil },
		"another key's id":    func(p *commonpb.Payload) { p.Metadata[encryption.MetadataKeyID] = []byte(other) },
		"no key's id":         func(p *commonpb.Payload) { delete(p.Metadata, encryption.MetadataKeyID) },
		"somebody else's key": func(p *commonpb.Payload) { p.Metadata[encryption.MetadataKeyID] = []byte("theirs") },
	} {
		hidden := encrypted(t, ring, payload(t, secret))
		change(hidden)
		_, err := ring.Decode([]*commonpb.Payload{hidden})
		require.Error(t, err, name)
		var missing *encryption.MissingKeyError
		require.NotErrorAs(t, err, &missing, "%s: no key would help, so nobody is to wait for one", name)
	}
}

// Whatever a payload holds, reading it ends, and what we write is what we read.
func FuzzPayloads(f *testing.F) {
	ring := parsed(f, entry("a", 1))
	good := encrypted(f, ring, payload(f, secret))
	f.Add("json/plain", "", []byte(`{"reason":"too sweet"}`))
	f.Add(encryption.Encoding, ring.IDs()[0], good.GetData())
	f.Add(encryption.Encoding, ring.IDs()[0], good.GetData()[:20])
	f.Add(encryption.Encoding, "b.00000000", []byte{})
	f.Add(encryption.Encoding, "\xff", []byte{0})
	f.Fuzz(func(t *testing.T, encoding, id string, data []byte) {
		p := &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding), encryption.MetadataKeyID: []byte(id)}, Data: data,
		}
		if read, err := ring.Decode([]*commonpb.Payload{p}); err == nil && encoding != encryption.Encoding {
			require.True(t, proto.Equal(p, read[0]))
		}
		read, err := ring.Decode([]*commonpb.Payload{encrypted(t, ring, p)})
		require.NoError(t, err)
		require.True(t, proto.Equal(p, read[0]))
	})
}

// Whatever the variable says, it is a ring or an error that repeats no key.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "plain", "plain,", entry("a", 1), entry("a", 1) + "," + entry("b", 2), "a:b:c", ",,", "a:====", "\xff:\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ring, err := encryption.Parse(text)
		if err != nil {
			return
		}
		read, err := ring.Decode([]*commonpb.Payload{encrypted(t, ring, payload(t, text))})
		require.NoError(t, err)
		require.True(t, proto.Equal(payload(t, text), read[0]))
	})
}
