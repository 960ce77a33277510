package main

import (
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/nexus-rpc/sdk-go/nexus"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

var update = flag.Bool("update", false, "write testdata/wire.golden instead of comparing it")

const goldenFile = "testdata/wire.golden"

// What is on the wire keeps its name: clients, dashboards, scripts and the recorded
// histories of orders rely on it. What is new may be added.
func TestNamesOnTheWireStay(t *testing.T) {
	t.Parallel()
	w := &wire{}
	w.temporal(t)
	w.documents()
	w.commandLine(t)
	w.literals(t)
	got := w.String()
	if *update {
		require.NoError(t, os.WriteFile(goldenFile, []byte(got), 0o600))
	}
	want, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	require.Equal(t, string(want), got,
		"a name on the wire has changed: clients and recorded histories rely on these. For a name that is only added: go test ./cmd/cafeforme -run Wire -update")
}

// wire collects the names, a section after the other.
type wire struct{ strings.Builder }

func (w *wire) section(title string, names ...string) {
	fmt.Fprintf(w, "# %s\n%s\n\n", title, strings.Join(names, "\n"))
}

// temporal adds what Temporal knows by name.
func (w *wire) temporal(t *testing.T) {
	t.Helper()
	notifications, orders, retention := &registry{}, &registry{}, &registry{}
	worker.RegisterNotifications(notifications, nil)
	worker.RegisterOrders(orders, worker.Dependencies{})
	worker.RegisterRetention(retention, nil)
	for _, queue := range []struct {
		name string
		*registry
	}{{workflows.TaskQueueNotifications, notifications}, {workflows.TaskQueueOrders, orders}, {workflows.TaskQueueRetention, retention}} {
		slices.Sort(queue.names)
		w.section("task queue "+queue.name+": workflows and activities, with the fields of what goes in and out", queue.names...)
	}
	metadata := orderMetadata(t)
	w.section("task queues", workflows.TaskQueueNotifications, workflows.TaskQueueOrders, workflows.TaskQueueRetention)
	w.section("schedules", workflows.RetentionScheduleID)
	w.section("queries of an order", definitions(metadata.GetDefinition().GetQueryDefinitions())...)
	w.section("signals of an order", definitions(metadata.GetDefinition().GetSignalDefinitions())...)
	w.section("updates of an order", definitions(metadata.GetDefinition().GetUpdateDefinitions())...)
	w.section("search attributes", workflows.OrderStatus.GetName()+" "+workflows.OrderStatus.GetValueType().String(),
		workflows.StuckOn.GetName()+" "+workflows.StuckOn.GetValueType().String())
	values := []string{workflows.StatusOpen}
	for _, status := range order.Statuses() {
		values = append(values, string(status))
	}
	w.section("values of OrderStatus", values...)
	w.section("values of StuckOn", orderclient.StuckOnValues()...)
}

// documents adds the fields of the messages, by their paths.
func (w *wire) documents() {
	w.section("fields of a command", fields[workflows.Command]()...)
	w.section("fields of an operation", fields[workflows.Operation]()...)
	w.section("fields of an order, as the query answers", fields[order.Snapshot]()...)
	w.section("fields of a placement, the workflow's input", fields[order.Placement]()...)
	w.section("fields of the signal payment-event", fields[order.PaymentEvent]()...)
}

// commandLine adds the commands with their arguments and flags.
func (w *wire) commandLine(t *testing.T) {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.Name("cafeforme"), kong.Vars{"effects": ""})
	require.NoError(t, err)
	var all []string
	require.NoError(t, kong.Visit(parser.Model.Node, func(node kong.Visitable, next kong.Next) error {
		if n, ok := node.(*kong.Node); ok && n.Leaf() {
			line := n.Path()
			for _, flags := range n.AllFlags(false) {
				for _, f := range flags {
					line += " --" + f.Name
				}
			}
			all = append(all, line)
		}
		return next(nil)
	}))
	slices.Sort(all)
	w.section("commands, with their flags", all...)
}

// literals adds the names that are in the sources as they are on the wire.
func (w *wire) literals(t *testing.T) {
	t.Helper()
	variables, prefixed := map[string]bool{}, map[string]bool{}
	variable := regexp.MustCompile(`"((?:CAFEFORME|TEMPORAL|DATABASE|STRIPE|TWILIO|OTEL)_[A-Z_]+)"`)
	name := regexp.MustCompile(`"(cafeforme_[a-z_]+)"`)
	for _, room := range []string{"activities", "api", "cmd", "internal", "web", "worker", "workflows"} {
		sources := os.DirFS(filepath.Join("../..", room))
		require.NoError(t, fs.WalkDir(sources, ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "pgtest") {
				return err
			}
			source, err := fs.ReadFile(sources, path)
			for _, match := range variable.FindAllSubmatch(source, -1) {
				variables[string(match[1])] = true
			}
			for _, match := range name.FindAllSubmatch(source, -1) {
				prefixed[string(match[1])] = true
			}
			return err
		}))
	}
	w.section("environment variables", slices.Sorted(maps.Keys(variables))...)
	w.section("metrics, before OpenTelemetry's endings, and cookies", slices.Sorted(maps.Keys(prefixed))...)
}

// registry writes down what is registered with a worker.
type registry struct{ names []string }

func (r *registry) RegisterWorkflow(any) { panic("a workflow is registered with its name") }

func (r *registry) RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions) {
	r.names = append(r.names, "workflow "+options.Name+signature(reflect.TypeOf(w)))
}

func (r *registry) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {}

func (r *registry) RegisterActivity(a any) {
	methods := reflect.TypeOf(a)
	for method := range methods.NumMethod() {
		m := methods.Method(method)
		r.names = append(r.names, "activity "+m.Name+signature(m.Type))
	}
}

func (r *registry) RegisterActivityWithOptions(any, activity.RegisterOptions) {
	panic("an activity is registered under its method's name")
}

func (r *registry) RegisterDynamicActivity(any, activity.DynamicRegisterOptions) {}
func (r *registry) RegisterNexusService(*nexus.Service)                          {}

// signature returns the fields of the last thing that goes in and the first that comes out.
func signature(f reflect.Type) string {
	out := "nothing"
	if f.NumOut() > 1 {
		out = strings.Join(fieldsOf(f.Out(0), "", nil), " ")
	}
	return fmt.Sprintf("\n    in: %s\n    out: %s", strings.Join(fieldsOf(f.In(f.NumIn()-1), "", nil), " "), out)
}

func fields[T any]() []string { return fieldsOf(reflect.TypeFor[T](), "", nil) }

// fieldsOf returns the paths of the JSON fields of a type. One that contains itself is
// not entered again.
func fieldsOf(t reflect.Type, path string, within []reflect.Type) (all []string) {
	switch {
	case t.Kind() == reflect.Pointer:
		return fieldsOf(t.Elem(), path, within)
	case t.Kind() == reflect.Slice:
		return fieldsOf(t.Elem(), path+"[]", within)
	case t == reflect.TypeFor[time.Time]():
		return []string{path + ":time"}
	case t.Kind() != reflect.Struct || slices.Contains(within, t):
		return []string{strings.TrimSpace(path + ":" + t.Kind().String())}
	}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case field.Anonymous && name == "":
			all = append(all, fieldsOf(field.Type, path, append(within, t))...)
		default:
			if name == "" {
				name = field.Name
			}
			all = append(all, fieldsOf(field.Type, strings.TrimPrefix(path+"."+name, "."), append(within, t))...)
		}
	}
	return all
}

// orderMetadata runs an order whose card is declined, and returns what its workflow says
// that it understands.
func orderMetadata(t *testing.T) *sdkpb.WorkflowMetadata {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: time.Minute})
	worker.RegisterOrders(env, worker.Dependencies{})
	var payments *activities.Payments
	env.OnActivity(payments.Charge, mock.Anything, mock.Anything).Return(order.ChargeResult{Declined: true}, nil)
	var projection *activities.Projection
	env.OnActivity(projection.ProjectOrder, mock.Anything, mock.Anything).Return("", nil)
	env.ExecuteWorkflow(workflows.OrderWorkflow, order.Placement{
		ID:    "default-test-workflow-id",
		Items: []order.Line{{Product: "IceAmericano", Qty: 1, Price: order.Money{Amount: 1000, Currency: "KRW"}}},
		Terms: order.Terms{PayWithin: time.Minute},
	})
	require.True(t, env.IsWorkflowCompleted())
	value, err := env.QueryWorkflow("__temporal_workflow_metadata")
	require.NoError(t, err)
	var raw converter.RawValue
	require.NoError(t, value.Get(&raw))
	metadata := &sdkpb.WorkflowMetadata{}
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(raw.Payload(), metadata))
	return metadata
}

func definitions(all []*sdkpb.WorkflowInteractionDefinition) (names []string) {
	for _, definition := range all {
		names = append(names, definition.GetName())
	}
	slices.Sort(names)
	return names
}
