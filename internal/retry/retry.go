// Package retry waits for what is away: Until tries again until it is back, with
// pauses that grow, and says in the log what it waits for.
package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// How often something that is away is looked for.
const (
	FirstPause = 250 * time.Millisecond
	LastPause  = 5 * time.Second
	// sayAgain is how often the log repeats what is being waited for.
	sayAgain = 30 * time.Second
)

// Permanent makes an error one that waiting cannot cure.
func Permanent(err error) error { return permanentError{err} }

type permanentError struct{ error }

func (p permanentError) Unwrap() error { return p.error }

// Until calls try until it succeeds, fails for good, or ctx ends. It logs what
// it waits for when that starts, from time to time, and when it is over.
func Until(ctx context.Context, log *slog.Logger, what string, try func(context.Context) error) error {
	var said time.Time
	waiting := false
	for pause := FirstPause; ; pause = min(2*pause, LastPause) {
		err := try(ctx)
		if err == nil {
			if waiting {
				log.Info("waiting is over", "for", what)
			}
			return nil
		}
		var final permanentError
		if errors.As(err, &final) {
			return final.error
		}
		if ctx.Err() != nil {
			return gaveUp(ctx, what, err)
		}
		if time.Since(said) > sayAgain {
			said, waiting = time.Now(), true
			log.Warn("waiting", "for", what, "error", err)
		}
		if Sleep(ctx, pause) != nil {
			return gaveUp(ctx, what, err)
		}
	}
}

// gaveUp says why the waiting ended, and what the last try came to.
func gaveUp(ctx context.Context, what string, last error) error {
	return fmt.Errorf("waiting for %s: %w: %w", what, context.Cause(ctx), last)
}

// Sleep waits, and fails when ctx ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
