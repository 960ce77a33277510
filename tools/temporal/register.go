package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// registerPatience is how long the registration waits for a cluster that is
// starting.
const registerPatience = 3 * time.Minute

// runNamespace makes sure that a cluster has the namespace, with the retention
// and the search attributes, and that they can be used.
func runNamespace(ctx context.Context, args []string) (err error) {
	opts := options{searchAttributes: searchAttributes{}}
	flags := flag.NewFlagSet("namespace", flag.ContinueOnError)
	address := flags.String("address", "127.0.0.1:7233", "`host:port` of the frontend")
	flags.StringVar(&opts.namespace, "namespace", "default", "`name` of the namespace to have")
	flags.DurationVar(&opts.retention, "retention", 7*24*time.Hour, "how long closed workflows are kept")
	flags.Var(opts.searchAttributes, "search-attribute", "`Name=Type` of a search attribute to have; may be repeated")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, registerPatience)
	defer cancel()
	conn, err := grpc.NewClient(*address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", *address, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := waitForFrontend(ctx, conn); err != nil {
		return fmt.Errorf("wait for %s: %w", *address, err)
	}
	if err := registerNamespace(ctx, conn, opts); err != nil {
		return fmt.Errorf("namespace %s: %w", opts.namespace, err)
	}
	return reconcileNamespace(ctx, conn, opts)
}

// registerNamespace tries until it is done: a frontend serves before the rest of
// its cluster does.
func registerNamespace(ctx context.Context, conn *grpc.ClientConn, opts options) error {
	request := &workflowservice.RegisterNamespaceRequest{
		Namespace: opts.namespace, WorkflowExecutionRetentionPeriod: durationpb.New(opts.retention),
	}
	return poll(ctx, func() error {
		_, err := workflowservice.NewWorkflowServiceClient(conn).RegisterNamespace(ctx, request)
		var exists *serviceerror.NamespaceAlreadyExists
		if errors.As(serviceerror.FromStatus(status.Convert(err)), &exists) {
			return nil
		}
		return err
	})
}
