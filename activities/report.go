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
	// Misconfigured: the provider refuses because of our account or configuration.
	// Every order has the same trouble then, so that one alarm for the provider is
	// enough.
	Misconfigured Outcome = "misconfigured"
	// Failed: it will never succeed by itself.
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
	// Voided: a payment whose outcome was unknown was cancelled, or found.
	Voided Outcome = "voided"
)

// Outcomes returns what attempts of the effect can come to.
func Outcomes(effect string) []Outcome {
	all := []Outcome{OK, Retried, Misconfigured, Failed, Skipped}
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

// report counts an attempt and returns its error as Temporal wants it.
func report(ctx context.Context, effect string, well Outcome, err error) error {
	count(ctx, effect, well, err)
	return failure.Encode(err)
}

// count counts an attempt that came out well unless there is an error, and logs it.
func count(ctx context.Context, effect string, well Outcome, err error) {
	outcome := outcomeOf(well, err)
	activity.GetMetricsHandler(ctx).WithTags(Labels(effect, outcome)).Counter(EffectsMetric).Inc(1)
	fields := []any{"effect", effect, "outcome", string(outcome)}
	switch {
	case outcome == Misconfigured:
		activity.GetLogger(ctx).Error("a provider cannot be used as it is set up", append(fields, "error", err)...)
	case err != nil:
		activity.GetLogger(ctx).Warn("an effect failed", append(fields, "code", string(order.ErrorCode(err)))...)
	default:
		activity.GetLogger(ctx).Debug("an effect came out", fields...)
	}
}

func outcomeOf(well Outcome, err error) Outcome {
	switch {
	case err == nil:
		return well
	case order.ErrorCode(err) == order.CodeMisconfigured:
		return Misconfigured
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
