// Package temporalclient connects to a Temporal server, and makes sure that its
// namespace has the search attributes that the workflows set. Start reading at Dial.
package temporalclient

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
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/workflows"
)

// Dial returns a client that connects when it is first used, so that a
// server that is away delays nothing here. Requests are compressed on their way to
// a server that is reached by TLS, and so may be far away and bill what it is sent;
// to one that is near, compressing takes longer than the way.
func Dial(options client.Options, log *slog.Logger) (client.Client, error) {
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

// SearchKeys are the search attributes that the workflows set.
var SearchKeys = []temporal.SearchAttributeKey{workflows.Store, workflows.OrderStatus, workflows.StuckOn}

// SearchAttributes is what the workflows need of a namespace.
type SearchAttributes struct {
	Client    client.Client
	Namespace string
	Log       *slog.Logger
}

// Ensure waits for the server and makes sure that the namespace has the
// search attributes. Where the server lets nobody add them, the error names
// them and the command that does.
func (s SearchAttributes) Ensure(ctx context.Context) error {
	return retry.Until(ctx, s.Log, "the Temporal server", func(ctx context.Context) error {
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
func (s SearchAttributes) missing(ctx context.Context) ([]temporal.SearchAttributeKey, error) {
	listed, err := s.Client.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: s.Namespace})
	if Forbidden(err) {
		s.Log.Warn("the Temporal server does not say which search attributes it has", "error", err, "unless_there", s.advice())
		return nil, nil
	}
	if err != nil {
		return nil, s.explained(err)
	}
	var missing []temporal.SearchAttributeKey
	for _, wanted := range SearchKeys {
		if _, ok := listed.GetCustomAttributes()[wanted.GetName()]; !ok {
			missing = append(missing, wanted)
		}
	}
	return missing, nil
}

// add adds the attributes to the namespace. Another process may do so at the
// same time.
func (s SearchAttributes) add(ctx context.Context, missing []temporal.SearchAttributeKey) error {
	types := map[string]enums.IndexedValueType{}
	for _, attribute := range missing {
		types[attribute.GetName()] = attribute.GetValueType()
	}
	_, err := s.Client.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: s.Namespace, SearchAttributes: types})
	var exists *serviceerror.AlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	if Forbidden(err) {
		return retry.Permanent(fmt.Errorf("search attributes are missing and cannot be created from here (%w): %s", err, s.advice()))
	}
	return s.explained(err)
}

// usable fails until the server's front has taken in new attributes, whoever
// added them. It looks for a value that no order has, which an index answers: however
// many orders there are, a process starts as soon.
func (s SearchAttributes) usable(ctx context.Context) error {
	for _, attribute := range SearchKeys {
		_, err := s.Client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: s.Namespace, Query: attribute.GetName() + " = 'none'",
		})
		if err != nil && !Forbidden(err) {
			return fmt.Errorf("search attribute %s: %w", attribute.GetName(), err)
		}
	}
	return nil
}

// explained gives an unknown namespace a sentence.
func (s SearchAttributes) explained(err error) error {
	var unknown *serviceerror.NamespaceNotFound
	if errors.As(err, &unknown) {
		return fmt.Errorf("it has no namespace %q (TEMPORAL_NAMESPACE): %w", s.Namespace, err)
	}
	return err
}

// advice names the attributes and the command that creates them.
func (s SearchAttributes) advice() string {
	var command strings.Builder
	fmt.Fprintf(&command, "an administrator creates them with "+
		"`temporal operator search-attribute create --namespace %s", s.Namespace)
	for _, attribute := range SearchKeys {
		fmt.Fprintf(&command, " --name %s --type %s", attribute.GetName(), attribute.GetValueType())
	}
	return command.String() + "`"
}

// Forbidden reports that the server will never do what was asked.
func Forbidden(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}
