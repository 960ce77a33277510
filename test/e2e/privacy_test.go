package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// What people say of themselves and each other, each word to be found nowhere
// but where docs/security.md says.
const (
	hersName    = "Hyacinth Featherstone"
	hersPhone   = "+821098760001"
	hersNote    = "the parrot is called Ozymandias"
	hersReason  = "my uncle Bartholomew fell ill"
	storeReason = "the machine bit Cornelius"
	storeActor  = "Persephone"
)

func personal() []string {
	return []string{"Featherstone", "098760001", "98760001", "Ozymandias", "Bartholomew", "Cornelius", "Persephone"}
}

const codecToken = "codec-token-of-the-tests"

// discreet is a cluster with encryption and metrics, whose orders hold a lot of
// personal data.
type discreet struct {
	*cafe.Cafe
	t        *testing.T
	dir      string
	temporal *temporaltest.Server
	keys     string
	payloads encryption.Converters
	sandbox  *fleet.Sandbox
	parts    []*process
	metrics  []string
	secrets  []string
}

func startDiscreet(t *testing.T) *discreet {
	t.Helper()
	d := &discreet{t: t, dir: t.TempDir(), secrets: personal()}
	var err error
	d.keys, err = encryption.NewKey("test")
	require.NoError(t, err)
	ring, err := encryption.Parse(d.keys)
	require.NoError(t, err)
	d.payloads = ring.Converters()
	d.temporal, err = temporaltest.Start(filepath.Join(d.dir, "temporal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.temporal.Stop()) })
	database := pgtest.NewDatabase(t)
	run := func(args ...string) *process {
		p := start(t, append(d.environ(), env("DATABASE_URL", database), env("CAFEFORME_METRICS_ADDR", "127.0.0.1:0")), args...)
		metrics, err := p.Metrics(within(t))
		require.NoError(t, err)
		d.parts, d.metrics = append(d.parts, p), append(d.metrics, metrics)
		return p
	}
	run("worker")
	d.Cafe = &cafe.Cafe{Token: "staff-token-of-the-tests"}
	d.Customer = run("api", "--addr", "127.0.0.1:0").address()
	d.Store = run("store", "--addr", "127.0.0.1:0").address()
	awaitReady(t, d.Customer)
	awaitReady(t, d.Store)
	box, err := sqlite.Open(filepath.Join(d.dir, "sandbox.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	d.sandbox = &fleet.Sandbox{DB: box, Path: filepath.Join(d.dir, "sandbox.db")}
	d.Codes = d.sandbox.CodeOf
	return d
}

func (d *discreet) environ() []string {
	return []string{
		env("TEMPORAL_ADDRESS", d.temporal.Address), env("TEMPORAL_NAMESPACE", d.temporal.Namespace),
		env("CAFEFORME_STAFF_TOKEN", "staff-token-of-the-tests"), env("CAFEFORME_RATE_LIMIT", "off"),
		env("CAFEFORME_PAYMENTS", "sandbox"), env("CAFEFORME_SANDBOX", filepath.Join(d.dir, "sandbox.db")),
		env("CAFEFORME_ENCRYPTION_KEYS", d.keys), env("CAFEFORME_CODEC_TOKEN", codecToken),
	}
}

// post makes a request and returns the status and the body, whatever they are.
func (d *discreet) post(url, token string, body any) (int, []byte) {
	d.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(d.t, err)
	request, err := http.NewRequestWithContext(within(d.t), http.MethodPost, url, bytes.NewReader(data))
	require.NoError(d.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	return d.read(request)
}

func (d *discreet) read(request *http.Request) (int, []byte) {
	d.t.Helper()
	response, err := http.DefaultClient.Do(request)
	require.NoError(d.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(d.t, err)
	require.NoError(d.t, response.Body.Close())
	return response.StatusCode, text
}

// order places an order that tells everything.
func (d *discreet) order(member cafe.Member, method string) string {
	d.t.Helper()
	status, body := d.post(d.Customer+"/orders", "", map[string]any{
		"items": []any{map[string]any{"product": "IceAmericano", "qty": 1}}, "phone": hersPhone, "note": hersNote,
		"membership_number": member.MembershipNumber, "payment_method": method,
	})
	require.Contains(d.t, []int{http.StatusCreated, http.StatusAccepted}, status, "%s", body)
	var o cafe.Order
	require.NoError(d.t, json.Unmarshal(body, &o))
	_, err := d.Await(within(d.t), o.ID, func(o cafe.Order) bool { return o.Status == "paid" })
	require.NoError(d.t, err)
	return o.ID
}

func (d *discreet) awaitStatus(id, status string) {
	d.t.Helper()
	_, err := d.Await(within(d.t), id, func(o cafe.Order) bool { return o.Status == status })
	require.NoError(d.t, err)
}

// live lets things happen to orders, and go wrong: failures, refusals, signals.
func (d *discreet) live() (ids []string) {
	t := d.t
	t.Helper()
	member, err := d.SignUp(within(t), hersName, hersPhone)
	require.NoError(t, err)
	d.secrets = append(d.secrets, member.MembershipNumber, member.Token)
	again, err := d.SignUp(within(t), hersName, hersPhone)
	require.NoError(t, err)
	d.secrets = append(d.secrets, again.Token)
	d.post(d.Customer+"/orders", "", map[string]any{"items": []any{}, "phone": hersPhone + "x", "note": hersNote})
	d.post(d.Customer+"/orders", "", map[string]any{"phone": hersPhone, "Ozymandias": hersNote})

	picked := d.order(member, "pm_sandbox_unavailable")
	require.NoError(t, d.sandbox.Break(within(t), fleet.PhoneFault))
	_, err = d.Act(within(t), picked, "accept", nil)
	require.NoError(t, err)
	d.parts[0].awaitSaid("the provider is down")
	require.NoError(t, d.sandbox.Mend(within(t), fleet.PhoneFault))
	temporal := d.client(d.payloads)
	require.NoError(t, temporal.SignalWorkflow(within(t), picked, "", "accept", map[string]string{"actor": storeActor, "reason": storeReason}))
	require.NoError(t, temporal.SignalWorkflow(within(t), picked, "", "ready", storeActor+" signs what cannot be read"))
	require.NoError(t, temporal.SignalWorkflow(within(t), picked, "", "ready", map[string]string{"actor": storeActor}))
	d.awaitStatus(picked, "ready")
	_, err = d.Act(within(t), picked, "pick-up", nil)
	require.NoError(t, err)

	cancelled := d.order(member, "pm_card_visa")
	status, body := d.post(d.Customer+"/orders/"+cancelled+"/cancel", "", map[string]any{"reason": hersReason})
	require.Equal(t, http.StatusOK, status, "%s", body)
	rejected := d.order(member, "pm_sandbox_refund_unavailable")
	_, err = d.Act(within(t), rejected, "reject", map[string]any{"reason": storeReason})
	require.NoError(t, err)
	d.post(d.Customer+"/orders/"+rejected+"/cancel", "", map[string]any{"reason": hersReason})
	return []string{picked, cancelled, rejected}
}

func (d *discreet) client(c encryption.Converters) client.Client {
	d.t.Helper()
	return d.temporal.Client(d.t, client.Options{DataConverter: c.Data, FailureConverter: c.Failure, Logger: quiet})
}

// history returns what Temporal keeps of an order, as it keeps it, once the order
// is over.
func (d *discreet) history(id string) *history.History {
	d.t.Helper()
	raw := d.client(encryption.Converters{})
	require.Eventually(d.t, func() bool {
		description, err := raw.DescribeWorkflowExecution(within(d.t), id, "")
		return err == nil && description.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	}, patience, pollEvery, "order %s does not end", id)
	events := raw.GetWorkflowHistory(within(d.t), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	past := &history.History{}
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(d.t, err)
		past.Events = append(past.Events, event)
	}
	return past
}

// requireNone requires that a text holds nothing personal.
func (d *discreet) requireNone(where, text string) {
	d.t.Helper()
	for _, secret := range d.secrets {
		if at := strings.Index(text, secret); at >= 0 {
			d.t.Errorf("%s: %q is in %q", where, secret, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}

func TestNothingPersonalInTemporalLogsOrMetrics(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDiscreet(t)
	ids := d.live()

	var past *history.History
	for _, id := range ids {
		past = d.history(id)
		d.requireNone("history of "+id, wire(t, past))
		description, err := d.client(encryption.Converters{}).DescribeWorkflowExecution(within(t), id, "")
		require.NoError(t, err)
		d.requireNone("description of "+id, wire(t, description))
	}
	d.requireNothingListed(len(ids))
	d.requireNothingInTemporalsFiles(ids[0])
	d.requireNothingMeasured()
	for _, part := range d.parts {
		d.requireNone("the log of "+part.Name, strings.Join(part.Tail(1<<20), "\n"))
	}
	d.requireReadableWithTheKey(ids[0], past)
}

func wire(t *testing.T, message proto.Message) string {
	t.Helper()
	data, err := proto.Marshal(message)
	require.NoError(t, err)
	return string(data)
}

// requireNothingListed looks at search attributes and memos.
func (d *discreet) requireNothingListed(n int) {
	d.t.Helper()
	var list *workflowservice.ListWorkflowExecutionsResponse
	require.Eventually(d.t, func() bool {
		var err error
		list, err = d.client(encryption.Converters{}).ListWorkflow(within(d.t), &workflowservice.ListWorkflowExecutionsRequest{})
		return err == nil && len(list.GetExecutions()) == n
	}, patience, pollEvery)
	d.requireNone("the list of workflows", wire(d.t, list))
}

// requireNothingInTemporalsFiles looks at what the server keeps on its disk.
func (d *discreet) requireNothingInTemporalsFiles(id string) {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "temporal.db*"))
	require.NoError(d.t, err)
	var all bytes.Buffer
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(d.t, err)
		all.Write(content)
	}
	require.Contains(d.t, all.String(), id, "these are the files")
	for _, secret := range d.secrets {
		require.False(d.t, bytes.Contains(all.Bytes(), []byte(secret)), "%q is in Temporal's files", secret)
	}
}

func (d *discreet) requireNothingMeasured() {
	d.t.Helper()
	for _, url := range d.metrics {
		request, err := http.NewRequestWithContext(within(d.t), http.MethodGet, url+"/metrics", http.NoBody)
		require.NoError(d.t, err)
		status, text := d.read(request)
		require.Equal(d.t, http.StatusOK, status)
		require.Contains(d.t, string(text), "temporal_")
		d.requireNone("metrics", string(text))
	}
}

// requireReadableWithTheKey has the codec server and the operators' commands read
// what nobody else can.
func (d *discreet) requireReadableWithTheKey(id string, past *history.History) {
	t := d.t
	t.Helper()
	codec := start(t, d.environ(), "codec", "--addr", "127.0.0.1:0").address()
	input := past.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetInput()
	status, _ := d.post(codec+"/decode", "guess", input)
	require.Equal(t, http.StatusUnauthorized, status)
	status, body := d.post(codec+"/decode", codecToken, input)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var read struct{ Payloads []*commonpb.Payload }
	require.NoError(t, json.Unmarshal(body, &read))
	require.Contains(t, string(read.Payloads[0].GetData()), hersPhone)
	require.Contains(t, string(read.Payloads[0].GetData()), hersNote)

	exported, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(past)
	require.NoError(t, err)
	file := filepath.Join(d.dir, "history.json")
	require.NoError(t, os.WriteFile(file, exported, 0o600))
	require.Contains(t, d.operate(d.environ(), "replay", file), "history.json: ok")
	require.Regexp(t, `history\.json: FAILED: .*a payload is encrypted with the key test\.`,
		d.operate(append(d.environ(), "CAFEFORME_ENCRYPTION_KEYS="), "replay", file))
	require.Contains(t, d.operate(d.environ(), "orders", "show", id), storeActor)
}

// operate runs an operators' command and returns what it printed, however it ended.
func (d *discreet) operate(environ []string, args ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(within(d.t), binary(d.t), args...)
	cmd.Env = append(os.Environ(), environ...)
	output, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	require.True(d.t, err == nil || errors.As(err, &failed), "%v", err)
	return string(output)
}

func TestDevsWebUIIsToldOfTheCodecServer(t *testing.T) {
	needsServers(t)
	t.Parallel()
	key, err := encryption.NewKey("dev")
	require.NoError(t, err)
	codec, ui, dataDir := freePort(t), freePort(t), t.TempDir()
	p := start(t, []string{env("CAFEFORME_ENCRYPTION_KEYS", key)}, "dev", "--data-dir", dataDir, "--addr", "127.0.0.1:0",
		"--store-addr", "127.0.0.1:0", "--codec-addr", "127.0.0.1:"+codec, "--temporal-port", freePort(t), "--ui-port", ui)
	p.awaitSaid("cafeforme is open.")

	d := &discreet{t: t}
	request, err := http.NewRequestWithContext(within(t), http.MethodGet, "http://127.0.0.1:"+ui+"/api/v1/settings", http.NoBody)
	require.NoError(t, err)
	status, body := d.read(request)
	require.Equal(t, http.StatusOK, status)
	var settings struct {
		Codec struct {
			Endpoint           string
			IncludeCredentials bool
		}
	}
	require.NoError(t, json.Unmarshal(body, &settings))
	require.Equal(t, "http://127.0.0.1:"+codec, settings.Codec.Endpoint)
	require.True(t, settings.Codec.IncludeCredentials, "the browser sends the cookie of the codec server's page")

	token, err := os.ReadFile(filepath.Join(dataDir, "codec-token"))
	require.NoError(t, err)
	status, body = d.post(settings.Codec.Endpoint+"/decode", strings.TrimSpace(string(token)), &commonpb.Payloads{})
	require.Equal(t, http.StatusOK, status, "%s", body)
}
