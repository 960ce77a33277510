package orderclient

import (
	"context"
	"sync/atomic"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// DialOptions lets a [Client] tell a request that never left this process, and
// so can have started nothing, from one whose answer was lost.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithStatsHandler(sendingWatcher{})}
}

// sendingWatcher sets the flag of [trackSending] when a request is written to
// the wire.
type sendingWatcher struct{}

// TagRPC leaves only the update-with-start watched: a client that has just been
// made asks for the server's capabilities first, which starts nothing.
func (sendingWatcher) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if info.FullMethodName == workflowservice.WorkflowService_ExecuteMultiOperation_FullMethodName {
		return ctx
	}
	return context.WithValue(ctx, sendingKey{}, nil)
}

func (sendingWatcher) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if _, sent := event.(*stats.OutPayload); !sent {
		return
	}
	if left, ok := ctx.Value(sendingKey{}).(*atomic.Bool); ok {
		left.Store(true)
	}
}

func (sendingWatcher) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (sendingWatcher) HandleConn(context.Context, stats.ConnStats) {}
