package api

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheSpecificationIsValidAndSoAreItsExamples(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(specification)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
}

func TestRoutesAndOperationsAreTheSame(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	customer := routesOf(t, customerRouter(s.customerConfig()))
	store := routesOf(t, storeRouter(s.storeConfig()))
	routes := slices.Concat(customer, store)
	slices.Sort(routes)
	require.Equal(t, operationsOf(), slices.Compact(routes))

	for _, route := range customer {
		require.NotContains(t, route, "/store/")
	}
	for _, route := range store {
		require.NotContains(t, route, "/dev/")
	}
}

// routesOf returns "GET /menu" and its like. HEAD comes with every GET.
func routesOf(t *testing.T, router *mux.Router) []string {
	t.Helper()
	var routes []string
	require.NoError(t, router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		require.NoError(t, err)
		methods, err := route.GetMethods()
		require.NoError(t, err)
		require.Equal(t, slices.Contains(methods, "GET"), slices.Contains(methods, "HEAD"))
		for _, method := range methods {
			if method != http.MethodHead {
				routes = append(routes, method+" "+path)
			}
		}
		return nil
	}))
	return routes
}

// operationsOf returns what is documented. One route serves the webhooks of all providers.
func operationsOf() []string {
	doc, _ := contract()
	var operations []string
	for path, item := range doc.Paths.Map() {
		if strings.HasPrefix(path, "/webhooks/") {
			path = "/webhooks/{provider}"
		}
		for method := range item.Operations() {
			operations = append(operations, method+" "+path)
		}
	}
	slices.Sort(operations)
	return slices.Compact(operations)
}

func TestTheDevelopersRoutesAreOffUnlessThereIsASandbox(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Sandbox = nil })
	s.get("/dev/messages").refuses(http.StatusNotFound, "not_found", "")
	s.get("/dev/payments").refuses(http.StatusNotFound, "not_found", "")
}

func TestEveryProtectedOperationIsClosedWithoutCredentials(t *testing.T) {
	t.Parallel()
	customer, store := newCustomerSurface(t), newStoreSurface(t)
	store.headers = http.Header{}
	doc, _ := contract()
	closed := 0
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Security == nil || len((*operation.Security)[0]) == 0 { // everybody may
				continue
			}
			s := customer
			if strings.HasPrefix(path, "/store/") {
				s = store
			}
			closed++
			target := strings.NewReplacer("{id}", knownID, "{number}", memberNumber, "{session}", memberSession, "{product}", "Tea").Replace(path)
			a := s.do(method, target, "")
			a.refuses(http.StatusUnauthorized, "unauthorized", "")
			require.Contains(t, a.header.Get("WWW-Authenticate"), "Bearer")
		}
	}
	require.GreaterOrEqual(t, closed, 19)
	store.nothingPlaced()
}

func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	doc, _ := contract()
	for code, title := range transport.ProblemTitles() {
		if code == order.CodeInvalid {
			code = "invalid_"
		}
		require.Contains(t, doc.Info.Description, "`"+string(code), code)
		require.NotEmpty(t, title)
	}
}

func TestEveryStatusIsDocumented(t *testing.T) {
	t.Parallel()
	doc, _ := contract()
	var documented []order.Status
	for _, value := range doc.Components.Schemas["OrderStatus"].Value.Enum {
		status, ok := value.(string)
		require.True(t, ok)
		documented = append(documented, order.Status(status))
	}
	require.Equal(t, order.Statuses(), documented)
}

func TestTheStoresPathsAreDocumentedOnItsServer(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(specification)
	require.NoError(t, err)
	for path, item := range doc.Paths.Map() {
		if strings.HasPrefix(path, "/store/") {
			require.Len(t, item.Servers, 1, path)
			require.Contains(t, item.Servers[0].URL, "8084", path)
		}
	}
}

func TestTheSpecificationIsServedOnBothSurfaces(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	for _, s := range []*surface{newCustomerSurface(t), newStoreSurface(t)} {
		a := s.get("/openapi.yaml").wants(http.StatusOK)
		require.Equal(t, string(file), string(a.body))
		require.Equal(t, "application/yaml", a.header.Get("Content-Type"))
	}
}
