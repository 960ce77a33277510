package operator

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/workflows"
)

// ReplayHistories checks recorded histories against this build's workflow: what differs
// would fail the orders that are under way when this build is deployed.
//
// Encrypted histories need CAFEFORME_ENCRYPTION_KEYS.
func ReplayHistories(env app.Environment, files []string) error {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	failed := 0
	for _, file := range files {
		line := "ok"
		events, err := replayFile(file, cfg.Encryption.WorkerConverters())
		if err != nil {
			failed++
			line = "FAILED: " + strings.Join(strings.Fields(err.Error()), " ")
		} else {
			line += fmt.Sprintf(", %d events", events)
		}
		if _, err := fmt.Fprintf(env.Stdout, "%s: %s\n", file, line); err != nil {
			return fmt.Errorf("print the outcome: %w", err)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d histories do not replay on this build (%s)", failed, len(files), env.Version)
	}
	return nil
}

// replayFile replays one history and returns how many events it has.
func replayFile(file string, converters encryption.Converters) (events int, err error) {
	past, err := readHistory(file)
	if err != nil {
		return 0, err
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: converters.Data, FailureConverter: converters.Failure,
		Interceptors: []interceptor.WorkerInterceptor{workflows.Interceptor()},
	})
	if err != nil {
		return 0, fmt.Errorf("make ready to replay: %w", err)
	}
	workflows.Register(replayer)
	quiet := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	return len(past.GetEvents()), replayer.ReplayWorkflowHistory(quiet, past)
}

// readHistory reads an exported history.
func readHistory(file string) (*history.History, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	// Some versions of the Web UI export the bare list of events.
	if bare := bytes.TrimSpace(text); bytes.HasPrefix(bare, []byte("[")) {
		text = slices.Concat([]byte(`{"events":`), bare, []byte("}"))
	}
	past, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	if err == nil && len(past.GetEvents()) == 0 {
		err = errors.New("it has no events")
	}
	if err != nil {
		return nil, fmt.Errorf("no history as Temporal exports it: %w", err)
	}
	return past, nil
}
