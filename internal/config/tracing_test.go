package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

func TestTracing(t *testing.T) {
	t.Parallel()
	const all, traces = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces"

	for name, test := range map[string]struct {
		environ config.Environ
		want    bool
	}{
		"is off without an endpoint":                   {nil, false},
		"is off with an empty endpoint":                {config.Environ{"OTEL_EXPORTER_OTLP_ENDPOINT="}, false},
		"is on with an endpoint for everything":        {config.Environ{all}, true},
		"is on with an endpoint for traces":            {config.Environ{traces}, true},
		"is on with the protocol spans are sent in":    {config.Environ{all, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}, true},
		"is off where the SDK is switched off":         {config.Environ{all, "OTEL_SDK_DISABLED=True"}, false},
		"asks the protocol of traces before the other": {config.Environ{all, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Load(test.environ, config.Dev)
			require.NoError(t, err)
			require.Equal(t, test.want, c.Tracing)
		})
	}

	for _, variable := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		t.Run("refuses another protocol in "+variable, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Environ{all, variable + "=grpc"}, config.Dev)
			require.ErrorContains(t, err, variable)
			require.ErrorContains(t, err, `"grpc"`)
		})
	}
}
