package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// readyTimeout is far beyond what a start takes, even on a busy machine.
const readyTimeout = time.Minute

// readyLine tells the parent process that everything can be used, and where.
type readyLine struct {
	Address   string `json:"address"`
	UI        string `json:"ui"`
	Namespace string `json:"namespace"`
}

// run starts the server, writes the ready line, and stops when ctx ends.
func run(ctx context.Context, opts options, ready io.Writer) (err error) {
	if err := opts.claimPorts(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(opts.db), 0o750); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	lock, err := lockDatabase(ctx, opts.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	store, err := prepareStore(ctx, opts)
	if err != nil {
		return err
	}
	return serve(ctx, opts, store, ready)
}

// prepareStore does everything that is done to the file before the server runs.
func prepareStore(ctx context.Context, opts options) (*config.SQL, error) {
	if err := ensureDatabase(opts.db); err != nil {
		return nil, err
	}
	if err := checkWritable(opts.db); err != nil {
		return nil, err
	}
	store := storeConfig(opts.db)
	if err := checkShards(ctx, store, opts.shards); err != nil {
		return nil, fmt.Errorf("%s: %w", opts.db, err)
	}
	if err := ensureNamespace(store, opts); err != nil {
		return nil, err
	}
	return store, ctx.Err()
}

func serve(ctx context.Context, opts options, store *config.SQL, ready io.Writer) (err error) {
	logger, muteLog, err := newLogger(opts.logLevel)
	if err != nil {
		return err
	}
	server, err := newServer(opts, store, logger)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer func() {
		muteLog()
		err = errors.Join(err, server.Stop())
	}()
	if err := waitUntilUsable(ctx, opts); err != nil {
		return err
	}
	if opts.uiPort != 0 {
		ui, err := startUI(ctx, opts, opts.frontend())
		if err != nil {
			return err
		}
		defer ui.Stop()
	}
	line := readyLine{Address: opts.frontend(), UI: opts.ui(), Namespace: opts.namespace}
	if err := json.NewEncoder(ready).Encode(line); err != nil {
		return fmt.Errorf("write the ready line: %w", err)
	}
	<-ctx.Done()
	return nil
}

func newServer(opts options, store *config.SQL, logger log.Logger) (temporal.Server, error) {
	serverOpts, err := serverOptions(opts, store, logger)
	if err != nil {
		return nil, err
	}
	server, err := temporal.NewServer(serverOpts...)
	if err != nil {
		return nil, fmt.Errorf("assemble the server: %w", err)
	}
	return server, nil
}

// waitUntilUsable returns when a client can work with the namespace.
func waitUntilUsable(ctx context.Context, opts options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	conn, err := grpc.NewClient(opts.frontend(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to the frontend: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := waitForFrontend(ctx, conn); err != nil {
		return fmt.Errorf("wait for the frontend: %w", err)
	}
	return reconcileNamespace(ctx, conn, opts)
}

func waitForFrontend(ctx context.Context, conn *grpc.ClientConn) error {
	request := &healthpb.HealthCheckRequest{Service: workflowservice.WorkflowService_ServiceDesc.ServiceName}
	return poll(ctx, func() error {
		response, err := healthpb.NewHealthClient(conn).Check(ctx, request, grpc.WaitForReady(true))
		if err != nil {
			return err
		}
		if response.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			return fmt.Errorf("frontend is %s", response.GetStatus())
		}
		return nil
	})
}
