package encryption_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/encryption"
)

// entry returns an entry whose key is made of one byte.
func entry(name string, fill byte) string {
	return name + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), encryption.KeySize)))
}

func parsed(t testing.TB, text string) *encryption.Ring {
	t.Helper()
	ring, err := encryption.Parse(text)
	require.NoError(t, err)
	return ring
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		encrypts bool
		keys     int
	}{
		"":                                   {false, 0},
		" ":                                  {false, 0},
		"plain":                              {false, 0},
		entry("a", 1):                        {true, 1},
		"plain," + entry("a", 1):             {false, 1},
		entry("b", 2) + ", " + entry("a", 1): {true, 2},
	} {
		ring := parsed(t, text)
		require.Equal(t, test.encrypts, ring.Encrypts(), text)
		require.Len(t, ring.IDs(), test.keys, text)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	short := base64.StdEncoding.EncodeToString([]byte("sixteen bytes ok"))
	for text, want := range map[string]string{
		"k1":                                "entry 1 is no NAME:KEY",
		entry("a", 1) + ",":                 "entry 2 is no NAME:KEY",
		"k1:not-base64!":                    "entry 1 (k1) has a key that is not base64",
		"k1:" + short:                       "entry 1 (k1) has a key of 16 bytes, want 32",
		"k1:":                               "entry 1 (k1) has a key of 0 bytes, want 32",
		entry("k 1", 1):                     "entry 1 has a name that is not",
		entry("plain", 1):                   "entry 1 has a name that is not",
		entry("a", 1) + ",plain":            `entry 2 is "plain", which may only be the first`,
		entry("a", 1) + "," + entry("a", 2): `names two keys "a"`,
	} {
		_, err := encryption.Parse(text)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), short, "a key must not reach the log")
		require.NotContains(t, err.Error(), "not-base64!", "a key must not reach the log")
	}
}

func TestAKeysIdTellsKeysOfOneNameApart(t *testing.T) {
	t.Parallel()
	one, two := parsed(t, entry("a", 1)).IDs()[0], parsed(t, entry("a", 2)).IDs()[0]
	require.NotEqual(t, one, two)
	require.Regexp(t, `^a\.[0-9a-f]{8}$`, one)
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	one, err := encryption.NewKey("2026-11")
	require.NoError(t, err)
	two, err := encryption.NewKey("2026-12")
	require.NoError(t, err)
	require.Len(t, parsed(t, two+","+one).IDs(), 2)
	require.NotEqual(t, strings.TrimPrefix(one, "2026-11:"), strings.TrimPrefix(two, "2026-12:"))
	_, err = encryption.NewKey("a,b")
	require.ErrorContains(t, err, `the name "a,b" is not`)
}
