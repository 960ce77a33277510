package temporalclient

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// namespaceServer is a Temporal server that knows search attributes and little
// else.
type namespaceServer struct {
	operatorservice.UnimplementedOperatorServiceServer
	workflowservice.UnimplementedWorkflowServiceServer
	// listing and adding fail with these, if set.
	listing, adding error

	mu    sync.Mutex
	has   map[string]enums.IndexedValueType
	added map[string]enums.IndexedValueType
	// queries are by what someone looked whether an attribute can be used; the first
	// time it cannot.
	queries []string
}

func (s *namespaceServer) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (s *namespaceServer) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: maps.Clone(s.has)}, asStatus(s.listing)
}

func (s *namespaceServer) AddSearchAttributes(_ context.Context, r *operatorservice.AddSearchAttributesRequest) (*operatorservice.AddSearchAttributesResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.adding == nil {
		s.added = r.GetSearchAttributes()
		maps.Copy(s.has, s.added)
	}
	return &operatorservice.AddSearchAttributesResponse{}, asStatus(s.adding)
}

func (s *namespaceServer) CountWorkflowExecutions(_ context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, r.GetQuery())
	if len(s.queries) == 1 {
		return nil, status.Error(codes.InvalidArgument, "no such search attribute")
	}
	return &workflowservice.CountWorkflowExecutionsResponse{}, nil
}

// asStatus returns the error as it crosses the wire.
func asStatus(err error) error {
	if err == nil {
		return nil
	}
	return serviceerror.ToStatus(err).Err()
}

// start serves s, and returns what makes its search attributes complete.
func (s *namespaceServer) start(t *testing.T) SearchAttributes {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	operatorservice.RegisterOperatorServiceServer(server, s)
	workflowservice.RegisterWorkflowServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	discard := slog.New(slog.DiscardHandler)
	c, err := Dial(client.Options{HostPort: listener.Addr().String(), Namespace: "cafe"}, discard)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return SearchAttributes{Client: c, Namespace: "cafe", Log: discard}
}

func TestSearchAttributes(t *testing.T) {
	t.Parallel()
	const keyword, keywordList = enums.INDEXED_VALUE_TYPE_KEYWORD, enums.INDEXED_VALUE_TYPE_KEYWORD_LIST
	none := map[string]enums.IndexedValueType{}
	const command = "`temporal operator search-attribute create --namespace cafe --name Store --type Keyword --name OrderStatus --type Keyword --name StuckOn --type KeywordList`"

	t.Run("are created where they are missing, and usable then", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{has: map[string]enums.IndexedValueType{"Store": keyword, "OrderStatus": keyword}}
		require.NoError(t, server.start(t).Ensure(t.Context()))
		require.Equal(t, map[string]enums.IndexedValueType{"StuckOn": keywordList}, server.added)
		require.Greater(t, len(server.queries), 1)
	})

	t.Run("are left alone where they are", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{has: map[string]enums.IndexedValueType{"Store": keyword, "OrderStatus": keyword, "StuckOn": keywordList}}
		require.NoError(t, server.start(t).Ensure(t.Context()))
		require.Empty(t, server.added)
		for _, query := range server.queries {
			require.Contains(t, query, " = ", "which an index answers, however many orders there are")
		}
	})

	t.Run("are named, with the command, where nobody may create them", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{has: none, adding: serviceerror.NewPermissionDenied("no", "")}
		require.ErrorContains(t, server.start(t).Ensure(t.Context()), command)
	})

	t.Run("are taken to be there where the server does not tell", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{has: none, listing: serviceerror.NewUnimplemented("no")}
		require.NoError(t, server.start(t).Ensure(t.Context()))
	})

	t.Run("may be created by another process meanwhile", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{has: none, adding: serviceerror.NewAlreadyExists("there")}
		require.NoError(t, server.start(t).Ensure(t.Context()))
	})

	t.Run("need a namespace", func(t *testing.T) {
		t.Parallel()
		server := &namespaceServer{listing: serviceerror.NewNamespaceNotFound("cafe")}
		_, err := server.start(t).missing(t.Context())
		require.ErrorContains(t, err, `it has no namespace "cafe" (TEMPORAL_NAMESPACE)`)
	})
}
