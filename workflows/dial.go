package workflows

import (
	"context"
	"sync/atomic"

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

func (sendingWatcher) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

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
