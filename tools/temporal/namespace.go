package main

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
)

// ensureNamespace writes the namespace with its search attributes into the
// store unless it is there. Doing so before the server starts spares a first
// start the wait for every service to notice a new namespace.
func ensureNamespace(store *config.SQL, opts options) error {
	namespace, err := sqlite.NewNamespaceConfig(clusterName, opts.namespace, false, opts.searchAttributes)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", opts.namespace, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(opts.retention)
	if err := sqlite.CreateNamespaces(store, namespace); err != nil {
		return fmt.Errorf("namespace %s: %w", opts.namespace, err)
	}
	return nil
}

// reconcileNamespace brings a namespace made by an earlier start to what the
// flags say now. It waits until the namespace can be used.
func reconcileNamespace(ctx context.Context, conn *grpc.ClientConn, opts options) error {
	if err := reconcileRetention(ctx, conn, opts); err != nil {
		return fmt.Errorf("namespace %s: retention: %w", opts.namespace, err)
	}
	if err := reconcileSearchAttributes(ctx, conn, opts); err != nil {
		return fmt.Errorf("namespace %s: search attributes: %w", opts.namespace, err)
	}
	return nil
}

func reconcileRetention(ctx context.Context, conn *grpc.ClientConn, opts options) error {
	client := workflowservice.NewWorkflowServiceClient(conn)
	var described *workflowservice.DescribeNamespaceResponse
	err := poll(ctx, func() (err error) {
		described, err = client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: opts.namespace})
		return err
	})
	if err != nil {
		return err
	}
	if described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() == opts.retention {
		return nil
	}
	_, err = client.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: opts.namespace,
		Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(opts.retention)},
	})
	return err
}

func reconcileSearchAttributes(ctx context.Context, conn *grpc.ClientConn, opts options) error {
	missing, err := missingSearchAttributes(ctx, conn, opts)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = operatorservice.NewOperatorServiceClient(conn).AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: opts.namespace, SearchAttributes: missing})
	if err != nil {
		return err
	}
	return waitUntilSearchable(ctx, conn, opts.namespace, missing)
}

func missingSearchAttributes(ctx context.Context, conn *grpc.ClientConn, opts options) (map[string]enums.IndexedValueType, error) {
	client := operatorservice.NewOperatorServiceClient(conn)
	var listed *operatorservice.ListSearchAttributesResponse
	err := poll(ctx, func() (err error) { // a server with much to catch up with is slow at first
		listed, err = client.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: opts.namespace})
		return err
	})
	if err != nil {
		return nil, err
	}
	missing := map[string]enums.IndexedValueType{}
	for name, want := range opts.searchAttributes {
		have, ok := listed.GetCustomAttributes()[name]
		switch {
		case !ok:
			missing[name] = want
		case have != want:
			return nil, fmt.Errorf("%s is %s in this database, not %s; use another file with --db or another name", name, have, want)
		}
	}
	return missing, nil
}

// waitUntilSearchable waits for the frontend to have taken in new attributes.
func waitUntilSearchable(ctx context.Context, conn *grpc.ClientConn, namespace string, attributes map[string]enums.IndexedValueType) error {
	client := workflowservice.NewWorkflowServiceClient(conn)
	for name := range attributes {
		request := &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: name + " IS NULL"}
		err := poll(ctx, func() error {
			_, err := client.CountWorkflowExecutions(ctx, request)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
