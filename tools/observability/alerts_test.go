package observability_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// expression returns what an alert asks for.
func expression(t *testing.T, name string) string {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	text, err := os.ReadFile(deploy + "prometheus/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	for _, rule := range file.Groups[0].Rules {
		if rule.Alert == name {
			return rule.Expr
		}
	}
	require.Fail(t, "no alert "+name)
	return ""
}

// asked returns what an alert's expression finds half an hour into the series, which
// have a value each minute, in the notation of promtool's tests of rules.
func asked(t *testing.T, name string, descriptions ...string) []string {
	t.Helper()
	language := parser.NewParser(parser.Options{})
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 100_000, Timeout: patient, LookbackDelta: 5 * time.Minute, Parser: language})
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	query, err := engine.NewInstantQuery(t.Context(), stored(t, language, descriptions), nil, expression(t, name), time.Unix(0, 0).Add(30*time.Minute))
	require.NoError(t, err)
	defer query.Close()
	result := query.Exec(t.Context())
	require.NoError(t, result.Err)
	vector, err := result.Vector()
	require.NoError(t, err)
	var found []string
	for _, sample := range vector {
		found = append(found, sample.Metric.String())
	}
	return found
}

// stored makes a database of the described series.
func stored(t *testing.T, language parser.Parser, descriptions []string) storage.Queryable {
	t.Helper()
	var all []promql.Series
	for _, description := range descriptions {
		metric, values, err := language.ParseSeriesDesc(description)
		require.NoError(t, err, description)
		one := promql.Series{Metric: metric}
		for minute, value := range values {
			if !value.Omitted {
				one.Floats = append(one.Floats, promql.FPoint{T: int64(minute) * time.Minute.Milliseconds(), F: value.Value})
			}
		}
		all = append(all, one)
	}
	return &storage.MockQueryable{MockQuerier: &storage.MockQuerier{
		SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
			set := &seriesSet{}
			for _, one := range all {
				if matches(one.Metric, matchers) {
					set.rest = append(set.rest, promql.NewStorageSeries(one))
				}
			}
			return set
		},
	}}
}

func matches(metric labels.Labels, matchers []*labels.Matcher) bool {
	return !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(metric.Get(m.Name)) })
}

// seriesSet goes through series.
type seriesSet struct {
	at   storage.Series
	rest []storage.Series
}

func (s *seriesSet) Next() bool {
	if len(s.rest) == 0 {
		return false
	}
	s.at, s.rest = s.rest[0], s.rest[1:]
	return true
}

func (s *seriesSet) At() storage.Series              { return s.at }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }

func up(component string) string { return `up{job="cafeforme", component="` + component + `"} 1+0x40` }

// requests are so many a minute of one route, with one answer.
func requests(method, route, code, each string) string {
	return `cafeforme_http_request_duration_seconds_count{surface="customer", method="` + method + `", route="` + route +
		`", code="` + code + `"} 0+` + each + `x40`
}

func TestAPartThatIsGoneAlerts(t *testing.T) {
	t.Parallel()
	require.Empty(t, asked(t, "PartGone", up("api"), up("store"), up("worker")))
	// Nobody answers under the name of both: the targets are gone.
	require.Equal(t, []string{`{component="api"}`}, asked(t, "PartGone",
		`up{job="cafeforme", component="api"} 1+0x10 _x30`, up("store"), up("worker")))
	require.Equal(t, []string{`{component="store"}`}, asked(t, "PartGone",
		up("api"), `up{job="cafeforme", component="store"} 0+0x40`, up("worker")))
	require.Empty(t, asked(t, "PartGone", `up{job="cafeforme"} 1+0x40`), "one process of all parts, which dev is")
}

func TestARouteThatFailsAlertsBesideManyOthersThatDoNot(t *testing.T) {
	t.Parallel()
	gets := requests("GET", "/menu", "200", "1000")
	require.Empty(t, asked(t, "RequestsFail", gets, requests("POST", "/orders", "503", "5")), "of the surface it is too little")
	require.Equal(t, []string{`{method="POST", route="/orders", surface="customer"}`},
		asked(t, "RouteFails", gets, requests("POST", "/orders", "503", "5")))
	require.Empty(t, asked(t, "RouteFails", gets, requests("POST", "/orders", "503", "1"), requests("POST", "/orders", "201", "20")))
	require.Empty(t, asked(t, "RouteFails", gets, requests("POST", "/orders", "409", "5")), "a refusal is an answer")
}

func TestOrdersThatAreTakenAndComeToNothingAlert(t *testing.T) {
	t.Parallel()
	moved := func(status, each string) string {
		return `cafeforme_order_transitions_total{status="` + status + `"} 0+` + each + `x40`
	}
	require.Empty(t, asked(t, "OrdersStayOpen", requests("POST", "/orders", "201", "4"), moved("paid", "3"), moved("payment_failed", "1")))
	require.Empty(t, asked(t, "OrdersStayOpen", requests("POST", "/orders", "202", "4"), moved("paid", "3"), moved("payment_failed", "1")),
		"a customer who pays on another page is answered 202")
	require.NotEmpty(t, asked(t, "OrdersStayOpen", requests("POST", "/orders", "202", "4"), moved("paid", "0"), moved("payment_failed", "0")))
	require.NotEmpty(t, asked(t, "OrdersStayOpen", requests("POST", "/orders", "202", "4"),
		requests("POST", "/orders", "201", "1"), moved("paid", "1"), moved("payment_failed", "0")))
	require.Empty(t, asked(t, "OrdersStayOpen", moved("paid", "0"), moved("payment_failed", "0")), "at night nobody orders")
}

// limited are so many texts a minute that a limit keeps back.
func limited(purpose, limit, each string) string {
	return `cafeforme_texts_limited_total{purpose="` + purpose + `", limit="` + limit + `"} 0+` + each + `x40`
}

func TestTextsThatALimitForManyKeepsBackAlert(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"prefix", "country", "total"} {
		for _, purpose := range []string{"order", "code"} {
			require.Equal(t, []string{`{limit="` + limit + `", purpose="` + purpose + `"}`}, asked(t, "TextsLimited", limited(purpose, limit, "1"), limited("order", "phone", "9")))
			require.Empty(t, asked(t, "PhonesTextedTooOften", limited(purpose, limit, "1")))
		}
	}
	require.Empty(t, asked(t, "TextsLimited", limited("order", "total", "0"), limited("code", "phone", "9"), limited("code", "day", "9"), limited("code", "number", "9")))
	require.Empty(t, asked(t, "TextsLimited", `cafeforme_texts_limited_total{purpose="order", limit="total"} 0+1x5 5x35`), "it is over")
}

func TestTextsThatTheLimitOfAPhoneKeepsBackAlert(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"phone", "day", "client", "number"} {
		require.Equal(t, []string{`{limit="` + limit + `", purpose="code"}`}, asked(t, "PhonesTextedTooOften", limited("code", limit, "1"), limited("order", limit, "0")))
	}
	require.Empty(t, asked(t, "PhonesTextedTooOften", limited("order", "phone", "0"), limited("code", "day", "0")))
}

func TestCodesThatFewUseAlert(t *testing.T) {
	t.Parallel()
	codes := func(outcome, values string) string {
		return `cafeforme_codes_total{outcome="` + outcome + `"} ` + values
	}
	require.NotEmpty(t, asked(t, "CodesNotUsed", codes("sent", "0+2x40"), codes("used", "0x40")), "nobody uses one")
	require.NotEmpty(t, asked(t, "CodesNotUsed", codes("sent", "0+10x40"), codes("used", "0+2x40")))
	require.Empty(t, asked(t, "CodesNotUsed", codes("sent", "0+10x40"), codes("used", "0+4x40")))
	require.Empty(t, asked(t, "CodesNotUsed", codes("sent", "0 0+1x10 10x29"), codes("used", "0x40")), "ten codes are too few to tell")
	require.Empty(t, asked(t, "CodesNotUsed", codes("sent", "0x40"), codes("used", "0x40")), "at night nobody signs in")
}
