package main

import (
	"time"

	"go.temporal.io/server/common/dynamicconfig"
)

// noLimit is a rate that one machine does not reach. The limits protect a
// shared cluster from its users; here they would only distort a load test.
const noLimit = 1_000_000

// dynamicConfig holds what differs from the server's defaults. Updates,
// update-with-start, worker deployments and user metadata are on by default.
func dynamicConfig() dynamicconfig.StaticClient {
	values := dynamicconfig.StaticClient{
		// The server asks its maker for newer versions otherwise.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
		// A namespace and a search attribute can be used soon after they are made.
		dynamicconfig.NamespaceCacheRefreshInterval.Key(): 500 * time.Millisecond,
		// With one node, more partitions only add a hop between task and poller.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Hands an activity to the worker that asked for it in the same answer.
		dynamicconfig.EnableActivityEagerExecution.Key(): true,
		// A worker that stops finishes the tasks it was given: its last polls are
		// answered, not broken off with a task in them, which then would be
		// missing until it times out.
		dynamicconfig.EnableCancelWorkerPollsOnShutdown.Key(): true,
		// A task waits for the next read of its queue on the way to a worker, twice
		// or more for one order; 20 reads per second and shard, the default, are
		// felt as pauses of up to 100 ms by a single user.
		dynamicconfig.TransferProcessorMaxPollRPS.Key(): 1000,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():    1000,
		// Sized for one machine, not for a cluster's host.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 8192,
	}
	for _, setting := range rateLimits {
		values[setting.Key()] = noLimit
	}
	return values
}

var rateLimits = []dynamicconfig.GenericSetting{
	dynamicconfig.FrontendRPS,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance,
	dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance,
	dynamicconfig.FrontendGlobalWorkerDeploymentReadRPS,
	dynamicconfig.FrontendMaxConcurrentLongRunningRequestsPerInstance,
	dynamicconfig.HistoryRPS,
	dynamicconfig.MatchingRPS,
	dynamicconfig.FrontendPersistenceMaxQPS,
	dynamicconfig.HistoryPersistenceMaxQPS,
	dynamicconfig.MatchingPersistenceMaxQPS,
	dynamicconfig.VisibilityPersistenceMaxReadQPS,
	dynamicconfig.VisibilityPersistenceMaxWriteQPS,
}
