package workflows

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/failure/v1"
	"go.temporal.io/api/history/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflow/v1"

	"github.com/cafeforme/cafeforme/internal/encryption"
)

// queryMetadata is answered by the SDK itself.
const queryMetadata = "__temporal_workflow_metadata"

// Pending is an effect that is under way, as Temporal sees it.
type Pending struct {
	// Activity is the activity's type.
	Activity string `json:"activity"`
	// Attempt counts from 1 in each window of retries.
	Attempt int32 `json:"attempt"`
	// Since is when this window of retries began.
	Since time.Time `json:"since"`
	// NextAt is when it is tried again; zero while an attempt is under way.
	NextAt time.Time `json:"next_at,omitzero"`
	// LastFailure is what the last attempt failed with; empty when none has.
	LastFailure string `json:"last_failure,omitempty"`
}

// Work is what an order's workflow is busy with.
type Work struct {
	Open bool `json:"open"`
	// Details is a sentence on what the order waits for.
	Details string    `json:"details"`
	Pending []Pending `json:"pending"`
	// LastFailure is what the effects under way last failed with, or what the
	// order is stuck on although nothing is under way.
	LastFailure string `json:"last_failure,omitempty"`
}

// Work returns what the order's workflow is busy with, by asking Temporal alone:
// it needs no worker, but for Details, which are empty when none answers. It
// fails with CodeNotFound and CodeUnavailable.
func (c *Client) Work(ctx context.Context, id string) (Work, error) {
	w, err := c.PendingWork(ctx, id)
	if err != nil {
		return Work{}, err
	}
	w.Details = c.details(ctx, id)
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
		Open:    description.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Pending: []Pending{},
	}
	for _, activity := range description.GetPendingActivities() {
		w.Pending = append(w.Pending, c.pending(activity))
	}
	w.LastFailure = failures(w.Pending)
	stuck := len(listed(description.GetWorkflowExecutionInfo()).StuckOn) > 0
	if w.Open && stuck && w.LastFailure == "" {
		w.LastFailure, err = c.lastFailure(ctx, id)
	}
	return w, asOrderError(err)
}

// failures tells what the effects under way last failed with: by name when there
// are several.
func failures(all []Pending) string {
	var texts []string
	for _, p := range all {
		if p.LastFailure != "" {
			texts = append(texts, p.Activity+": "+p.LastFailure)
		}
	}
	if len(texts) == 1 {
		_, text, _ := strings.Cut(texts[0], ": ")
		return text
	}
	return strings.Join(texts, "; ")
}

func (c *Client) pending(activity *workflow.PendingActivityInfo) Pending {
	p := Pending{
		Activity:    activity.GetActivityType().GetName(),
		Attempt:     max(activity.GetAttempt(), 1),
		Since:       activity.GetScheduledTime().AsTime(),
		LastFailure: failureText(c.readable(activity.GetLastFailure())),
	}
	if activity.GetState() != enums.PENDING_ACTIVITY_STATE_STARTED && activity.GetNextAttemptScheduleTime() != nil {
		p.NextAt = activity.GetNextAttemptScheduleTime().AsTime()
	}
	return p
}

// lastFailure searches a history for the last effect that failed: one that is
// refused for good is pending no longer, but waits for an operator.
func (c *Client) lastFailure(ctx context.Context, id string) (last string, err error) {
	events := c.temporal.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return "", err
		}
		if text := c.failureOf(event); text != "" {
			last = text
		}
	}
	return last, nil
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
