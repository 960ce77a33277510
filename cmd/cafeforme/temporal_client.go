package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/workflows"
)

// dialTemporal returns a client that connects when it is first used, so that a
// server that is away delays nothing here. Requests are compressed on their way to
// a server that is reached by TLS, and so may be far away and bill what it is sent;
// to one that is near, compressing takes longer than the way.
func dialTemporal(options client.Options, log *slog.Logger) (client.Client, error) {
	options.Logger = sdklog.NewStructuredLogger(log)
	options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, orderclient.DialOptions()...)
	if options.ConnectionOptions.TLS == nil {
		options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("the Temporal client: %w", err)
	}
	return c, nil
}

// searchKeys are the search attributes that the workflows set.
var searchKeys = []temporal.SearchAttributeKey{workflows.OrderStatus, workflows.StuckOn}

// searchAttributes is what the workflows need of a namespace.
type searchAttributes struct {
	client    client.Client
	namespace string
	log       *slog.Logger
}

// ensure waits for the server and makes sure that the namespace has the
// search attributes. Where the server lets nobody add them, the error names
// them and the command that does.
func (s searchAttributes) ensure(ctx context.Context) error {
	return waitFor(ctx, s.log, "the Temporal server", func(ctx context.Context) error {
		missing, err := s.missing(ctx)
		if err == nil && len(missing) > 0 {
			err = s.add(ctx, missing)
		}
		if err != nil {
			return err
		}
		return s.usable(ctx)
	})
}

// missing returns the attributes that the namespace lacks. A server that does
// not say which it has is taken to have them.
func (s searchAttributes) missing(ctx context.Context) ([]temporal.SearchAttributeKey, error) {
	listed, err := s.client.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: s.namespace})
	if forbidden(err) {
		s.log.Warn("the Temporal server does not say which search attributes it has", "error", err, "unless_there", s.advice())
		return nil, nil
	}
	if err != nil {
		return nil, s.explained(err)
	}
	var missing []temporal.SearchAttributeKey
	for _, wanted := range searchKeys {
		if _, ok := listed.GetCustomAttributes()[wanted.GetName()]; !ok {
			missing = append(missing, wanted)
		}
	}
	return missing, nil
}

// add adds the attributes to the namespace. Another process may do so at the
// same time.
func (s searchAttributes) add(ctx context.Context, missing []temporal.SearchAttributeKey) error {
	types := map[string]enums.IndexedValueType{}
	for _, attribute := range missing {
		types[attribute.GetName()] = attribute.GetValueType()
	}
	_, err := s.client.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: s.namespace, SearchAttributes: types})
	var exists *serviceerror.AlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	if forbidden(err) {
		return permanent{fmt.Errorf("search attributes are missing and cannot be created from here (%w): %s", err, s.advice())}
	}
	return s.explained(err)
}

// usable fails until the server's front has taken in new attributes, whoever
// added them. It looks for a value that no order has, which an index answers: however
// many orders there are, a process starts as soon.
func (s searchAttributes) usable(ctx context.Context) error {
	for _, attribute := range searchKeys {
		_, err := s.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: s.namespace, Query: attribute.GetName() + " = 'none'",
		})
		if err != nil && !forbidden(err) {
			return fmt.Errorf("search attribute %s: %w", attribute.GetName(), err)
		}
	}
	return nil
}

// explained gives an unknown namespace a sentence.
func (s searchAttributes) explained(err error) error {
	var unknown *serviceerror.NamespaceNotFound
	if errors.As(err, &unknown) {
		return fmt.Errorf("it has no namespace %q (TEMPORAL_NAMESPACE): %w", s.namespace, err)
	}
	return err
}

// advice names the attributes and the command that creates them.
func (s searchAttributes) advice() string {
	var command strings.Builder
	fmt.Fprintf(&command, "an administrator creates them with "+
		"`temporal operator search-attribute create --namespace %s", s.namespace)
	for _, attribute := range searchKeys {
		fmt.Fprintf(&command, " --name %s --type %s", attribute.GetName(), attribute.GetValueType())
	}
	return command.String() + "`"
}

// forbidden reports that the server will never do what was asked.
func forbidden(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}
