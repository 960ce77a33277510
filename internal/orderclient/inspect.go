package orderclient

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/failure/v1"
	"go.temporal.io/api/history/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflow/v1"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// queryMetadata is answered by the SDK itself.
const queryMetadata = "__temporal_workflow_metadata"

// Pending is an effect that is under way, as Temporal sees it.
type Pending struct {
	// Activity is the activity's type.
	Activity string `json:"activity"`
	// Attempt counts from 1 in each window of retries.
	Attempt int32 `json:"attempt"`
	// StartedAt is when the attempt that is under way was started; zero between
	// attempts.
	StartedAt time.Time `json:"started_at,omitzero"`
	// Since is how long an attempt that is due has been waiting for a worker; zero
	// while none is.
	Since time.Time `json:"waiting_since,omitzero"`
	// FailedAt is when the last attempt ended; zero before.
	FailedAt time.Time `json:"failed_at,omitzero"`
	// NextAt is when it is tried again; zero unless it waits for that.
	NextAt time.Time `json:"next_at,omitzero"`
	// PausedAt is when somebody paused the activity; zero unless it is paused.
	PausedAt time.Time `json:"paused_at,omitzero"`
	// Paused says who paused it, and why; empty unless it is paused.
	Paused string `json:"paused,omitempty"`
	// LastFailure is what the last attempt failed with; empty when none has.
	LastFailure string `json:"last_failure,omitempty"`
}

// Work is what an order's workflow is busy with.
type Work struct {
	Open bool `json:"open"`
	// Details is a sentence on what the order waits for.
	Details string    `json:"details"`
	Pending []Pending `json:"pending"`
	// LastFailure is what the effects under way, and those that the order is stuck
	// on, last failed with.
	LastFailure string `json:"last_failure,omitempty"`
	// Failing is what the workflow task fails with; empty unless workers cannot go
	// on with the order.
	Failing string `json:"failing,omitempty"`
	// Ended says how the workflow was ended from outside, or that it has failed;
	// empty when it is open or has ended by itself.
	Ended string `json:"ended,omitempty"`
	// Listed is the order as a list has it.
	Listed Listed `json:"-"`
	// failed and since tell, by what the order is stuck on or what effect is under
	// way, what has last failed and since when the order is stuck.
	failed map[string]string
	since  map[string]time.Time
}

// FailureOf returns why the order is stuck on this, or what the effect under way
// last failed with; empty when that is not known.
func (w Work) FailureOf(on string) string { return w.failed[on] }

// StuckSince returns since when the order is stuck on this; zero when that is not
// known.
func (w Work) StuckSince(on string) time.Time { return w.since[on] }

// Work returns what the order's workflow is busy with, by asking Temporal alone:
// it needs no worker, but for Details, which are empty when none answers, and
// for an order that is over. It
// fails with CodeNotFound and CodeUnavailable.
func (c *Client) Work(ctx context.Context, id string) (Work, error) {
	w, err := c.PendingWork(ctx, id)
	if err != nil {
		return Work{}, err
	}
	if w.Open && w.Failing == "" {
		w.Details = c.details(ctx, id)
	}
	return w, nil
}

// PendingWork is [Client.Work] without the details.
func (c *Client) PendingWork(ctx context.Context, id string) (Work, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	description, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return Work{}, asOrderError(err)
	}
	w := Work{
		Listed: listed(description.GetWorkflowExecutionInfo()), Pending: []Pending{},
		failed: map[string]string{}, since: map[string]time.Time{},
	}
	w.Open = w.Listed.Open
	for _, activity := range description.GetPendingActivities() {
		w.addPending(c.pending(activity))
	}
	if err := c.addStuckEffects(ctx, id, w); err != nil {
		return Work{}, asOrderError(err)
	}
	w.LastFailure = failures(w.failed)
	failing, err := c.failing(ctx, description)
	if err != nil {
		return Work{}, err
	}
	if failing != nil {
		w.Failing = failing.Reason
		w.failed[StuckOnWorkflow], w.since[StuckOnWorkflow] = failing.Reason, failing.Since
	}
	if !w.Open {
		w.Ended, err = c.howEnded(ctx, id)
		w.failed[StuckOnTerminated], w.since[StuckOnTerminated] = w.Ended, w.Listed.EndedAt
	}
	return w, asOrderError(err)
}

// addPending adds an activity.
func (w *Work) addPending(p Pending) {
	w.Pending = append(w.Pending, p)
	if p.LastFailure != "" {
		w.failed[effectOf[p.Activity]] = p.LastFailure
	}
	if p.Paused != "" {
		w.failed[StuckOnPaused], w.since[StuckOnPaused] = p.Activity+" is "+p.Paused, p.PausedAt
	}
}

// effectOf says which effect an activity is of.
var effectOf = map[string]string{
	chargeActivity: workflows.StuckOnPayment, "VoidPayment": workflows.StuckOnPayment, "Refund": workflows.StuckOnRefund,
	"Reserve": workflows.StuckOnReservation, "Release": workflows.StuckOnReservation, "ReturnPoints": workflows.StuckOnReservation,
	"CreditPoints": workflows.StuckOnPoints, "AdjustPoints": workflows.StuckOnPoints, "TakeBackPoints": workflows.StuckOnPoints,
	"SendText": workflows.StuckOnSMS, "ProjectOrder": workflows.StuckOnReadModel,
}

// failures tells what the effects last failed with: by name when there are
// several.
func failures(failed map[string]string) string {
	var texts []string
	for _, effect := range order.Effects() {
		switch text := failed[effect]; {
		case text == "":
		case len(failed) == 1:
			return text
		default:
			texts = append(texts, effect+": "+text)
		}
	}
	return strings.Join(texts, "; ")
}

func (c *Client) pending(activity *workflow.PendingActivityInfo) Pending {
	p := Pending{
		Activity:    activity.GetActivityType().GetName(),
		Attempt:     max(activity.GetAttempt(), 1),
		LastFailure: failureText(c.readable(activity.GetLastFailure())),
	}
	if activity.GetPaused() {
		by := activity.GetPauseInfo().GetManual()
		p.PausedAt = activity.GetPauseInfo().GetPauseTime().AsTime()
		p.Paused = because(strings.TrimSuffix("paused by "+by.GetIdentity(), " by "), by.GetReason())
	}
	if ended := activity.GetLastAttemptCompleteTime(); ended != nil {
		p.FailedAt = ended.AsTime()
	}
	switch next := activity.GetNextAttemptScheduleTime(); {
	case activity.GetState() == enums.PENDING_ACTIVITY_STATE_STARTED:
		p.StartedAt = activity.GetLastStartedTime().AsTime()
	case next != nil:
		p.NextAt = next.AsTime()
	default:
		p.Since = activity.GetScheduledTime().AsTime()
	}
	return p
}

// addStuckEffects adds since when an open order is stuck on its effects, and what
// those failed with of which nothing is under way: one that is refused for good waits
// for an operator. Only the history remembers.
func (c *Client) addStuckEffects(ctx context.Context, id string, w Work) error {
	effects := slices.DeleteFunc(slices.Clone(w.Listed.StuckOn), func(on string) bool {
		return !slices.Contains(order.Effects(), on)
	})
	if !w.Open || len(effects) == 0 {
		return nil
	}
	underWay := maps.Clone(w.failed)
	scheduled := map[int64]string{}
	for event, err := range c.events(ctx, id, "", enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT) {
		if err != nil {
			return err
		}
		w.addSince(event)
		if asked := event.GetActivityTaskScheduledEventAttributes(); asked != nil {
			scheduled[event.GetEventId()] = effectOf[asked.GetActivityType().GetName()]
		}
		effect := scheduled[askedBy(event)]
		if text := c.failureOf(event); text != "" && slices.Contains(effects, effect) && underWay[effect] == "" {
			w.failed[effect] = text
		}
	}
	return nil
}

// addSince follows what the order is stuck on through its history.
func (w Work) addSince(event *history.HistoryEvent) {
	upserted := event.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()
	payload, told := upserted[workflows.StuckOn.GetName()]
	if !told {
		return
	}
	var stuck []string
	readAttribute(payload, &stuck)
	for _, effect := range order.Effects() {
		switch _, known := w.since[effect]; {
		case !slices.Contains(stuck, effect):
			delete(w.since, effect)
		case !known:
			w.since[effect] = event.GetEventTime().AsTime()
		}
	}
}

// askedBy returns the event that scheduled the activity which this one ends.
func askedBy(event *history.HistoryEvent) int64 {
	if failed := event.GetActivityTaskFailedEventAttributes(); failed != nil {
		return failed.GetScheduledEventId()
	}
	return event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId()
}

func (c *Client) failureOf(event *history.HistoryEvent) string {
	if text := failureText(c.readable(event.GetActivityTaskFailedEventAttributes().GetFailure())); text != "" {
		return text
	}
	return failureText(c.readable(event.GetActivityTaskTimedOutEventAttributes().GetFailure()))
}

// readable returns a failure with its messages decrypted, or saying why they
// cannot be.
func (c *Client) readable(f *failure.Failure) *failure.Failure {
	if f == nil {
		return nil
	}
	message, err := encryption.Message(c.payloads, f)
	if err != nil {
		message = err.Error()
	}
	plain := &failure.Failure{Message: message, Cause: c.readable(f.GetCause())}
	if info := f.GetTimeoutFailureInfo(); info != nil {
		plain.FailureInfo = &failure.Failure_TimeoutFailureInfo{TimeoutFailureInfo: info}
	}
	return plain
}

// failureText returns what went wrong: the sentence, and its technical cause
// where there is one. That a window of retries is over says nothing: what its
// last attempt failed with does.
func failureText(f *failure.Failure) string {
	cause := f.GetCause()
	switch {
	case f == nil:
		return ""
	case f.GetTimeoutFailureInfo() != nil && cause != nil:
		return failureText(cause)
	case cause.GetMessage() == "":
		return f.GetMessage()
	default:
		return f.GetMessage() + ": " + cause.GetMessage()
	}
}

// details returns the workflow's current details; empty when no worker answers.
func (c *Client) details(ctx context.Context, id string) string {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var metadata sdkpb.WorkflowMetadata
	value, err := c.temporal.QueryWorkflow(ctx, id, "", queryMetadata)
	if err != nil || value.Get(&metadata) != nil {
		return ""
	}
	return metadata.GetCurrentDetails()
}
