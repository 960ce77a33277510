package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/encryption"
)

func TestANewKeyIsAKeyRing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"codec", "new-key", "--name", "autumn"}, app.Environment{Stdout: &out, Stderr: io.Discard}))
	ring, err := encryption.Parse(strings.TrimSpace(out.String()))
	require.NoError(t, err)
	require.True(t, ring.Encrypts())
	require.Regexp(t, `^autumn\.`, ring.IDs()[0])

	err = run(t.Context(), []string{"codec", "new-key", "--name", "a:b"}, app.Environment{Stdout: io.Discard, Stderr: io.Discard})
	require.ErrorContains(t, err, "--name: the name")
}

func TestTheCodecServerNeedsATokenAndKeysAndOrigins(t *testing.T) {
	t.Parallel()
	key, err := encryption.NewKey("test")
	require.NoError(t, err)
	keys, token := "CAFEFORME_ENCRYPTION_KEYS="+key, "CAFEFORME_CODEC_TOKEN=token-of-the-tests"
	for name, test := range map[string]struct {
		environ config.Environ
		args    []string
		want    string
	}{
		"a token":                {config.Environ{keys}, nil, "CAFEFORME_CODEC_TOKEN is missing"},
		"keys":                   {config.Environ{token}, nil, "CAFEFORME_ENCRYPTION_KEYS is missing"},
		"origins":                {config.Environ{keys, token}, []string{"--ui-origin", "*"}, `--ui-origin "*" is not an origin`},
		"origins without a path": {config.Environ{keys, token}, []string{"--ui-origin", "http://ui/x"}, `"http://ui/x" is not an origin`},
		"a token off loopback":   {config.Environ{keys}, []string{"--addr", "0.0.0.0:0"}, "CAFEFORME_CODEC_TOKEN is missing"},
	} {
		env := app.Environment{Environ: test.environ, Stdout: io.Discard, Stderr: io.Discard}
		require.ErrorContains(t, run(t.Context(), append([]string{"codec"}, test.args...), env), test.want, name)
	}
}
