package observability_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/cafeforme/cafeforme/internal/testport"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

const (
	deploy  = "../../deploy/"
	token   = "staff-token-of-the-tests"
	patient = 2 * time.Minute
)

// exposed are the labels of every metric that a running café exposes, and their
// values.
type exposed map[string]map[string]map[string]bool

// Every metric and label that a panel or an alert uses is exposed by a café that
// has had all kinds of orders.
func TestDashboardAndAlertsUseWhatIsExposed(t *testing.T) {
	t.Parallel()
	expressions := append(alerts(t), panels(t)...)
	require.Greater(t, len(expressions), 20)
	metrics := cafeAfterItsStory(t)
	for _, expression := range expressions {
		parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
		require.NoError(t, err, expression)
		metrics.check(t, parsed)
	}
	for metric, labels := range metrics {
		if metric != "cafeforme_worst_stores" {
			require.Nil(t, labels["store"], "%s has series for each store: a chain has thousands", metric)
		}
	}
}

// check requires that the metrics and labels of the expression exist. "up" and its
// labels are made by Prometheus itself, instance and job as well, and those that the
// expression makes with label_replace by it.
func (e exposed) check(t *testing.T, expression parser.Expr) {
	t.Helper()
	used := map[string]bool{}
	var grouping, made []string
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			used[n.Name] = true
			for _, matcher := range n.LabelMatchers {
				e.requireLabel(t, n.Name, matcher.Name)
				e.requireValues(t, n.Name, matcher)
			}
		case *parser.AggregateExpr:
			grouping = append(grouping, n.Grouping...)
		case *parser.Call:
			if n.Func.Name == "label_replace" {
				made = append(made, n.Args[1].(*parser.StringLiteral).Val)
			}
		}
		return nil
	})
	require.NotEmpty(t, used, "%s uses no metric", expression)
	for name := range used {
		for _, label := range grouping {
			if !slices.Contains(made, label) {
				e.requireLabel(t, name, label)
			}
		}
	}
}

func (e exposed) requireLabel(t *testing.T, metric, label string) {
	t.Helper()
	if metric == "up" || slices.Contains([]string{"__name__", "instance", "job"}, label) {
		require.True(t, metric == "up" || e[metric] != nil, "nothing exposes %s", metric)
		return
	}
	require.NotNil(t, e[metric][label], "%s has no label %s", metric, label)
}

// known are the labels whose values are known from the start, or from the story.
var known = []string{"status", "effect", "outcome", "on", "surface", "method", "route", "trouble"}

// requireValues requires that the values that an expression asks for exist: all
// alternatives of a pattern. What it leaves out by a pattern need not.
func (e exposed) requireValues(t *testing.T, metric string, matcher *labels.Matcher) {
	t.Helper()
	if !slices.Contains(known, matcher.Name) || matcher.Type == labels.MatchNotRegexp {
		return
	}
	for value := range strings.SplitSeq(matcher.Value, "|") {
		if strings.ContainsAny(value, ".*") {
			pattern := regexp.MustCompile("^(?:" + value + ")$")
			require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(e[metric][matcher.Name])), pattern.MatchString), "%s: nothing matches %s", metric, matcher)
			continue
		}
		require.True(t, e[metric][matcher.Name][value], "%s: there is no %s; there are %v", metric, matcher, e[metric][matcher.Name])
	}
}

// alerts returns the expressions of the alert rules.
func alerts(t *testing.T) (expressions []string) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert       string
				Expr        string
				For         string
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	text, err := os.ReadFile(deploy + "prometheus/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	docs, err := os.ReadFile("../../docs/observability.md")
	require.NoError(t, err)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			require.Contains(t, string(docs), "`"+rule.Alert+"`", "docs/observability.md does not say what to do")
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
			require.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
			if rule.For != "" {
				_, err := model.ParseDuration(rule.For)
				require.NoError(t, err, rule.Alert)
			}
			expressions = append(expressions, rule.Expr)
		}
	}
	return expressions
}

// panels returns the expressions of the dashboard's panels, as Grafana asks them.
func panels(t *testing.T) (expressions []string) {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	text, err := os.ReadFile(deploy + "grafana/cafeforme.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &dashboard))
	for _, panel := range dashboard.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			expressions = append(expressions, strings.ReplaceAll(target.Expr, "$__rate_interval", "1m"))
		}
	}
	return expressions
}

// cafeAfterItsStory runs a café, tells it the story of some orders and returns
// what it exposes.
func cafeAfterItsStory(t *testing.T) exposed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	t.Cleanup(cancel)
	binary, err := filepath.Abs("../../bin/cafeforme")
	require.NoError(t, err)
	port, err := testport.Reserve()
	require.NoError(t, err)
	process, err := fleet.Start(binary, t.TempDir(), []string{"CAFEFORME_STAFF_TOKEN=" + token, "CAFEFORME_METRICS_ADDR=127.0.0.1:0"},
		"dev", "--data-dir", t.TempDir(), "--addr", "127.0.0.1:0", "--store-addr", "127.0.0.1:0",
		"--temporal-port", strconv.Itoa(port), "--ui-port", "0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, process.Stop()) })
	c, metrics := addresses(ctx, t, process)
	require.NoError(t, c.Story(ctx, io.Discard))
	var found exposed
	require.Eventually(t, func() bool {
		found = scrape(ctx, t, metrics)
		return found["cafeforme_open_orders"] != nil && found["cafeforme_stuck_orders"] != nil &&
			found["cafeforme_worst_stores"]["store"]["main"] // it has rejected an order
	}, patient, 100*time.Millisecond)
	return found
}

// addresses waits for the café's three addresses, and tells them apart.
func addresses(ctx context.Context, t *testing.T, process *fleet.Process) (c *cafe.Cafe, metrics string) {
	t.Helper()
	var surfaces []string
	for range 3 {
		url, err := process.Address(ctx)
		require.NoError(t, err)
		if status, _ := get(ctx, t, url+"/metrics"); status == http.StatusOK {
			metrics = url + "/metrics"
		} else {
			surfaces = append(surfaces, url)
		}
	}
	require.Len(t, surfaces, 2)
	for _, url := range surfaces {
		require.Eventually(t, func() bool { return fleet.Ready(ctx, url) }, patient, 100*time.Millisecond)
	}
	c = &cafe.Cafe{Customer: surfaces[0], Store: surfaces[1], Token: token}
	if _, err := c.Board(ctx, "paid"); err != nil {
		c.Customer, c.Store = c.Store, c.Customer
	}
	return c, metrics
}

// get returns the status and the body of an answer.
func get(ctx context.Context, t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(data)
}

func scrape(ctx context.Context, t *testing.T, url string) exposed {
	t.Helper()
	textParser := expfmt.NewTextParser(model.UTF8Validation)
	_, text := get(ctx, t, url)
	families, err := textParser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	found := exposed{}
	for name, family := range families {
		for _, metric := range family.GetMetric() {
			names := []string{name}
			if metric.GetHistogram() != nil {
				names = []string{name + "_count", name + "_sum", name + "_bucket"}
			}
			for _, n := range names {
				if found[n] == nil {
					found[n] = map[string]map[string]bool{}
				}
				for _, label := range metric.GetLabel() {
					if found[n][label.GetName()] == nil {
						found[n][label.GetName()] = map[string]bool{}
					}
					found[n][label.GetName()][label.GetValue()] = true
				}
			}
			if metric.GetHistogram() != nil {
				found[name+"_bucket"]["le"] = map[string]bool{}
			}
		}
	}
	return found
}
