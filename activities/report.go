package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// EffectsMetric counts the attempts of effects, by effect and outcome.
const EffectsMetric = "cafeforme_effects"

// Outcome is what came of one attempt of an effect.
type Outcome string

// The outcomes of attempts. Skipped is the workflow's to tell: there was no
// attempt.
const (
	OK       Outcome = "ok"
	Declined Outcome = "declined"
	// Unconfirmed: the customer has to confirm the payment first.
	Unconfirmed Outcome = "unconfirmed"
	// Retried: it failed, and is tried again.
	Retried Outcome = "retried"
	// Failed: it will never succeed by itself.
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
	// Voided: a payment whose outcome was unknown was cancelled, or found.
	Voided Outcome = "voided"
)

// Outcomes returns what attempts of the effect can come to.
func Outcomes(effect string) []Outcome {
	all := []Outcome{OK, Retried, Failed, Skipped}
	if effect == order.EffectPayment {
		all = append(all, Declined, Unconfirmed, Voided)
	}
	return all
}

// Labels returns what an outcome is counted under: one of [order.Effects], and
// what came of it.
func Labels(effect string, outcome Outcome) map[string]string {
	return map[string]string{"effect": effect, "outcome": string(outcome)}
}

// report counts an attempt that came out well unless there is an error, logs the
// error, and returns it as Temporal wants it.
func report(ctx context.Context, effect string, well Outcome, err error) error {
	outcome := outcomeOf(well, err)
	activity.GetMetricsHandler(ctx).WithTags(Labels(effect, outcome)).Counter(EffectsMetric).Inc(1)
	if err != nil {
		activity.GetLogger(ctx).Warn("an effect failed", "effect", effect, "outcome", string(outcome), "code", string(order.ErrorCode(err)))
		return failure.Encode(err)
	}
	activity.GetLogger(ctx).Debug("an effect came out", "effect", effect, "outcome", string(outcome))
	return nil
}

func outcomeOf(well Outcome, err error) Outcome {
	switch {
	case err == nil:
		return well
	case failure.Permanent(order.ErrorCode(err)):
		return Failed
	}
	return Retried
}

// outcomeOfCharge returns what a charge without an error came to.
func outcomeOfCharge(result order.ChargeResult) Outcome {
	switch {
	case result.Declined:
		return Declined
	case result.Action != nil:
		return Unconfirmed
	}
	return OK
}
