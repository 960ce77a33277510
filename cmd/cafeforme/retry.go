package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// How often something that is away is looked for.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 5 * time.Second
	// sayAgain is how often the log repeats what is being waited for.
	sayAgain = 30 * time.Second
)

// permanent is an error that waiting cannot cure.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// waitFor calls try until it succeeds, fails for good, or ctx ends. It logs what
// it waits for when that starts, from time to time, and when it is over.
func waitFor(ctx context.Context, log *slog.Logger, what string, try func(context.Context) error) error {
	var said time.Time
	waiting := false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := try(ctx)
		if err == nil {
			if waiting {
				log.Info("waiting is over", "for", what)
			}
			return nil
		}
		var final permanent
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
		if sleep(ctx, pause) != nil {
			return gaveUp(ctx, what, err)
		}
	}
}

// gaveUp says why the waiting ended, and what the last try came to.
func gaveUp(ctx context.Context, what string, last error) error {
	return fmt.Errorf("waiting for %s: %w: %w", what, context.Cause(ctx), last)
}

// sleep waits, and fails when ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
