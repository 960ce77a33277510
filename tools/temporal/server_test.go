package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

var bothAttributes = []string{"--search-attribute", "OrderStatus=Keyword", "--search-attribute", "StuckOn=KeywordList"}

func TestRestartKeepsNamespaceAndWorkflows(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	first, line := start(t, db, append(bothAttributes, "--retention", "72h")...)
	if line.Namespace != "default" || line.UI != "" {
		t.Errorf("ready line %+v", line)
	}
	made := describeNamespace(t, dial(t, line.Address))
	startWorkflow(t, dial(t, line.Address), "order-1", "paid")
	first.stop()
	if rest, err := io.ReadAll(first.stdout); err != nil || len(rest) > 0 {
		t.Errorf("stdout after the ready line: %q, %v", rest, err)
	}

	_, line = start(t, db, append(bothAttributes, "--retention", "96h")...)
	kept := describeNamespace(t, dial(t, line.Address))
	if made.GetNamespaceInfo().GetId() != kept.GetNamespaceInfo().GetId() {
		t.Error("the namespace is another one after a restart")
	}
	if got := kept.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != 96*time.Hour {
		t.Errorf("retention is %s, not what the second start asked for", got)
	}
	awaitListed(t, dial(t, line.Address), `OrderStatus = "paid" AND StuckOn = "printer"`, "order-1")
}

func TestSearchAttributesCanBeAddedLater(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	before, _ := start(t, db)
	before.stop()

	after, line := start(t, db, bothAttributes...)
	startWorkflow(t, dial(t, line.Address), "order-1", "new")
	awaitListed(t, dial(t, line.Address), `OrderStatus = "new"`, "order-1")
	after.stop()

	changed := launch(t, "--db", db, "--port", "0", "--ui-port", "0", "--search-attribute", "OrderStatus=Int")
	wantFailure(t, changed, "OrderStatus is Keyword in this database, not Int")
}

func TestServersRunSideBySide(t *testing.T) {
	t.Parallel()
	const servers = 3
	var processes []*process
	for range servers {
		processes = append(processes, launch(t, append(bothAttributes, "--db", newDB(t), "--port", "0", "--ui-port", "0")...))
	}
	for i, p := range processes {
		conn := dial(t, p.ready().Address)
		id := fmt.Sprintf("order-%d", i)
		startWorkflow(t, conn, id, "new")
		awaitListed(t, conn, `OrderStatus = "new"`, id)
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	port := occupiedPort(t)
	for _, flagName := range []string{"--port", "--ui-port"} {
		t.Run(flagName, func(t *testing.T) {
			t.Parallel()
			p := launch(t, "--db", newDB(t), "--port", "0", flagName, fmt.Sprint(port))
			wantFailure(t, p, fmt.Sprintf("port %d on 127.0.0.1 is already in use; stop what uses it or choose another with %s", port, flagName))
		})
	}
}

func TestOneServerPerFile(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	start(t, db)
	wantFailure(t, launch(t, "--db", db, "--port", "0", "--ui-port", "0"), "in use by another temporal-server")
}

func TestShardCountIsFixed(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	first, _ := start(t, db, "--shards", "2")
	first.stop()
	wantFailure(t, launch(t, "--db", db, "--port", "0", "--ui-port", "0"), "made with 2 history shards, not 4")
}

func TestUI(t *testing.T) {
	t.Parallel()
	port := unusedPort(t)
	p := launch(t, "--db", newDB(t), "--port", "0", "--ui-port", port, "--codec-endpoint", "http://127.0.0.1:9/codec")
	line := p.ready()
	if want := "http://127.0.0.1:" + port; line.UI != want {
		t.Fatalf("UI at %q, want %q", line.UI, want)
	}
	for path, want := range map[string]string{
		"/":                  "<html",
		"/api/v1/namespaces": `"name": "default"`,
		"/api/v1/settings":   "http://127.0.0.1:9/codec",
	} {
		if body := get(t, line.UI+path); !strings.Contains(body, want) {
			t.Errorf("%s has no %s:\n%s", path, want, body)
		}
	}
	p.stop()
}

func TestStopsWithItsParent(t *testing.T) {
	t.Parallel()
	p, _ := start(t, newDB(t), "--exit-with-parent")
	if err := p.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := p.exitCode(); code != 0 {
		t.Errorf("exit code %d, stderr:\n%s", code, p.stderr)
	}
}

// TestKilledWhileStarting kills first starts at moments spread over the whole
// of a start. Whatever is left, the next start must work.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "odd % name?#", "temporal.db")
	for delay := time.Duration(0); delay < 600*time.Millisecond; delay += 40 * time.Millisecond {
		p := launch(t, append(bothAttributes, "--db", db, "--port", "0", "--ui-port", "0")...)
		select { // the delay is the thing tested, not a wait for luck
		case <-p.exited:
			t.Fatalf("ended by itself, stderr:\n%s", p.stderr)
		case <-time.After(delay):
		}
		p.kill()
		if delay%120 == 0 { // the later kills hit a start on what this left
			continue
		}
		if err := os.RemoveAll(filepath.Dir(db)); err != nil {
			t.Fatal(err)
		}
	}
	p, line := start(t, db, bothAttributes...)
	startWorkflow(t, dial(t, line.Address), "order-1", "new")
	awaitListed(t, dial(t, line.Address), `OrderStatus = "new"`, "order-1")
	p.stop()
}

func wantFailure(t *testing.T, p *process, sentence string) {
	t.Helper()
	if code := p.exitCode(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if out := p.stderr.String(); !strings.Contains(out, sentence) {
		t.Errorf("stderr has no %q:\n%s", sentence, out)
	}
}

func describeNamespace(t *testing.T, conn *grpc.ClientConn) *workflowservice.DescribeNamespaceResponse {
	t.Helper()
	described, err := workflowservice.NewWorkflowServiceClient(conn).DescribeNamespace(testContext(t),
		&workflowservice.DescribeNamespaceRequest{Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	return described
}

// startWorkflow starts a workflow that no worker will ever run.
func startWorkflow(t *testing.T, conn *grpc.ClientConn, id, status string) {
	t.Helper()
	_, err := workflowservice.NewWorkflowServiceClient(conn).StartWorkflowExecution(testContext(t), &workflowservice.StartWorkflowExecutionRequest{
		Namespace:    "default",
		WorkflowId:   id,
		WorkflowType: &commonpb.WorkflowType{Name: "Order"},
		TaskQueue:    &taskqueuepb.TaskQueue{Name: "orders"},
		RequestId:    uuid.NewString(),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{
			"OrderStatus": jsonPayload(fmt.Sprintf("%q", status), enums.INDEXED_VALUE_TYPE_KEYWORD),
			"StuckOn":     jsonPayload(`["printer"]`, enums.INDEXED_VALUE_TYPE_KEYWORD_LIST),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func jsonPayload(json string, valueType enums.IndexedValueType) *commonpb.Payload {
	return &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte("json/plain"), "type": []byte(valueType.String())},
		Data:     []byte(json),
	}
}

// awaitListed waits until a query finds exactly the workflow id: visibility
// follows a workflow with a delay.
func awaitListed(t *testing.T, conn *grpc.ClientConn, query, id string) {
	t.Helper()
	ctx := testContext(t)
	err := poll(ctx, func() error {
		list, err := workflowservice.NewWorkflowServiceClient(conn).ListWorkflowExecutions(ctx,
			&workflowservice.ListWorkflowExecutionsRequest{Namespace: "default", Query: query})
		if err != nil {
			return err
		}
		if found := list.GetExecutions(); len(found) != 1 || found[0].GetExecution().GetWorkflowId() != id {
			return fmt.Errorf("%s finds %v, want only %s", query, found, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(testContext(t), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", url, response.Status)
	}
	return string(body)
}
