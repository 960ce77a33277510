package orderclient

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cafeforme/cafeforme/workflows"
)

const (
	// workerVersion is set by the server: the worker deployment version that an order
	// is on, as "deployment:build".
	workerVersion = "TemporalWorkerDeploymentVersion"
	// manyBuilds is how many versions are asked for an answer.
	manyBuilds = 30
	// answerTimeout is how long a worker may take to answer for one of its orders.
	answerTimeout = 2 * time.Second
	// lately is how recently a worker that is too busy to answer asks for tasks.
	lately = 10 * time.Second
)

// withoutWorker returns the versions that no worker answers for although orders of
// them are open; empty stands for orders of no version. One order of each is asked
// how it stands. A server remembers for minutes who has asked it for tasks, so that
// alone tells too late.
func (d *Detector) withoutWorker(ctx context.Context) (silent []string, err error) {
	if slices.Contains(d.unsearchable, StuckOnNoWorker) {
		return nil, nil
	}
	var checked []string
	for unversioned := true; len(checked) < manyBuilds; unversioned = false {
		condition := workerVersion + " IS NULL AND " + placedBefore(time.Now().Add(-overdueAfter))
		if !unversioned {
			condition = otherBuilds(checked)
		}
		sample, _, err := d.client.List(ctx, Filter{Open: true, condition: condition}, 1, nil)
		switch {
		case err != nil:
			return nil, err
		case len(sample) == 0 && unversioned:
			continue
		case len(sample) == 0:
			return silent, nil
		}
		checked = append(checked, sample[0].Build)
		answered, err := d.answers(ctx, sample[0])
		if err != nil {
			return nil, err
		}
		if !answered {
			silent = append(silent, sample[0].Build)
		}
	}
	return silent, nil
}

// otherBuilds finds the orders of versions other than these.
func otherBuilds(builds []string) string {
	named := slices.DeleteFunc(slices.Clone(builds), func(build string) bool { return build == "" })
	condition := workerVersion + " IS NOT NULL"
	if len(named) > 0 {
		condition += " AND " + workerVersion + " NOT IN (" + listOf(named) + ")"
	}
	return condition
}

// ofBuilds finds the orders of these versions.
func ofBuilds(builds []string) string {
	either := []string{"RunId = 'none'"}
	for _, build := range builds {
		if build == "" {
			either = append(either, workerVersion+" IS NULL")
		} else {
			either = append(either, workerVersion+" = '"+quoted(build)+"'")
		}
	}
	return strings.Join(either, " OR ")
}

// answers reports whether a worker answers for the order, or has asked for tasks of
// its version lately, being too busy to answer. That a worker fails to answer is an
// answer as well.
func (d *Detector) answers(ctx context.Context, l Listed) (bool, error) {
	asking, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	_, err := d.client.temporal.QueryWorkflow(asking, l.ID, l.RunID, workflows.QueryOrder)
	var away *serviceerror.Unavailable
	var nobody *serviceerror.FailedPrecondition
	var late *serviceerror.DeadlineExceeded
	if err == nil || ctx.Err() != nil {
		return true, ctx.Err()
	}
	if !errors.As(err, &away) && !errors.As(err, &nobody) && !errors.As(err, &late) && asking.Err() == nil {
		return true, nil
	}
	return d.polled(ctx, l.Build)
}

// polled reports whether a worker of the version has asked for tasks lately.
func (d *Detector) polled(ctx context.Context, build string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	queue, err := d.client.temporal.DescribeTaskQueue(ctx, workflows.TaskQueueOrders, enums.TASK_QUEUE_TYPE_WORKFLOW)
	return polledBy(queue, build, time.Now()), asOrderError(err)
}

// polledBy reports whether a worker of the version is among those that have asked a
// queue for tasks lately. Orders of no version go to the current one, if there is any.
func polledBy(queue *workflowservice.DescribeTaskQueueResponse, build string, now time.Time) bool {
	if current := queue.GetVersioningInfo().GetCurrentDeploymentVersion(); build == "" && current != nil {
		build = current.GetDeploymentName() + ":" + current.GetBuildId()
	}
	return slices.ContainsFunc(queue.GetPollers(), func(poller *taskqueue.PollerInfo) bool {
		of := ""
		if version := poller.GetDeploymentOptions(); version.GetWorkerVersioningMode() == enums.WORKER_VERSIONING_MODE_VERSIONED {
			of = version.GetDeploymentName() + ":" + version.GetBuildId()
		}
		return of == build && now.Sub(poller.GetLastAccessTime().AsTime()) < lately
	})
}
