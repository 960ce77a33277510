package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.temporal.io/server/common/primitives"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// healthTimeout bounds one look at a service.
const healthTimeout = 5 * time.Second

// healthNames are the services' names in gRPC's health protocol.
var healthNames = map[string]string{
	string(primitives.FrontendService): "temporal.api.workflowservice.v1.WorkflowService",
	string(primitives.HistoryService):  "temporal.api.workflowservice.v1.HistoryService",
	string(primitives.MatchingService): "temporal.api.workflowservice.v1.MatchingService",
	string(primitives.WorkerService):   "temporal.api.workflowservice.v1.WorkerService",
}

// runHealth fails unless the service, run with the same environment, or the page
// at the URL can be used. It is for the health checks of images without a shell.
func runHealth(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("health of what? Name a service, or a URL")
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if strings.HasPrefix(args[0], "http://") {
		return getOK(ctx, http.DefaultClient, args[0])
	}
	if err := checkServices(args); err != nil {
		return err
	}
	return serviceHealth(ctx, args[0])
}

func serviceHealth(ctx context.Context, name string) (err error) {
	cfg, err := clusterConfigFromEnvironment()
	if err != nil {
		return err
	}
	rpc := cfg.Services[name].RPC
	address := hostPort(dialable(rpc.BindOnIP), rpc.GRPCPort)
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	response, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: healthNames[name]})
	if err != nil {
		return fmt.Errorf("ask %s at %s: %w", name, address, err)
	}
	if response.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		return fmt.Errorf("%s at %s is %s", name, address, response.GetStatus())
	}
	return nil
}
