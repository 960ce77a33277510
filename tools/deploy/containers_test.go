package deploy_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/cafeforme/cafeforme/internal/config"
)

// Nothing that has to be chosen has a default that works: not in the file, and not in
// the example that people copy.
func TestWithoutWhatHasToBeChosenNothingStarts(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(root + "/.env.example")
	require.NoError(t, err)
	for _, required := range variables[:3] {
		name, _, _ := strings.Cut(required, "=")
		require.Regexp(t, `(?m)^`+name+`=$`, string(example))
		others := slices.DeleteFunc(slices.Clone(variables), func(one string) bool { return one == required })
		for _, environ := range [][]string{others, append(slices.Clone(others), name+"=")} {
			_, err := load(t, environ...)
			require.ErrorContains(t, err, name)
			require.ErrorContains(t, err, ".env.example")
		}
	}
}

// given returns the project with a value for every secret that tells which one it is.
func given(t *testing.T) *types.Project {
	t.Helper()
	environ := append(slices.Clone(variables), "POSTGRES_PASSWORD=the-POSTGRES_PASSWORD", "STRIPE_PUBLISHABLE_KEY=pk_test_1")
	for _, name := range config.SecretNames() {
		environ = append(environ, name+"=the-"+name+"-")
	}
	p, err := load(t, environ...)
	require.NoError(t, err)
	return p
}

func TestEachContainerHasTheSecretsItNeedsAndNoOthers(t *testing.T) {
	t.Parallel()
	const database = "POSTGRES_PASSWORD"
	running := []string{database, "CAFEFORME_ENCRYPTION_KEYS-"}
	providers := []string{"STRIPE_API_KEY-", "TOSS_SECRET_KEY-", "TWILIO_AUTH_TOKEN-"}
	needed := map[string][]string{
		"postgres": {database}, "temporal-schema": {database}, "migrate": {database},
		"temporal-frontend": {database}, "temporal-history": {database}, "temporal-matching": {database}, "temporal-worker": {database},
		"temporal-namespace": nil, "temporal-ui": nil,
		"api":    slices.Concat(running, providers, []string{"STRIPE_WEBHOOK_SECRET-", "CAFEFORME_ID_SECRET-"}),
		"store":  slices.Concat(running, []string{"CAFEFORME_STAFF_TOKEN-"}),
		"worker": slices.Concat(running, providers),
	}
	secret := regexp.MustCompile(`the-([A-Z_]+-?)`)
	for name, service := range given(t).Services {
		require.Empty(t, service.EnvFiles, "%s: a file of all variables is more than it needs", name)
		text, err := yaml.Marshal(service)
		require.NoError(t, err)
		found := map[string]bool{}
		for _, match := range secret.FindAllStringSubmatch(string(text), -1) {
			found[match[1]] = true
		}
		require.Contains(t, needed, name)
		require.ElementsMatch(t, needed[name], slices.Collect(maps.Keys(found)), name)
	}
}

// What cafeforme's processes are started with is what they accept, and says who takes
// the payments.
func TestContainersStartWithWhatTheBinaryUnderstands(t *testing.T) {
	t.Parallel()
	for _, process := range []config.Process{config.API, config.Store, config.Worker, config.Migrate} {
		service := project(t).Services[string(process)]
		var environ config.Environ
		for name, value := range service.Environment {
			environ = append(environ, name+"="+*value)
		}
		cfg, err := config.Load(environ, process)
		require.NoError(t, err, process)
		require.NotContains(t, strings.Join(cfg.Warnings, " "), "means nothing", process)
		if process != config.Migrate {
			require.Contains(t, environ, "CAFEFORME_PAYMENTS=sandbox", process)
		}
	}
}

// fixed are the variables that docker-compose.yml sets itself.
var fixed = []string{"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "CAFEFORME_SANDBOX", "CAFEFORME_METRICS_ADDR"}

// elsewhere are for what is not among the services: a Temporal server of others', and
// the codec server.
var elsewhere = []string{"TEMPORAL_API_KEY", "TEMPORAL_TLS", "CAFEFORME_CODEC_TOKEN"}

// Who sets a variable of the README's table in .env finds it in a container.
func TestEveryVariableOfTheReadmeReachesAContainer(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(readme), "## Configuration")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	count := 0
	for line := range strings.SplitSeq(table, "\n") {
		first, _, isRow := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !isRow {
			continue
		}
		for _, match := range regexp.MustCompile("`([A-Z][A-Z_]+)").FindAllStringSubmatch(first, -1) {
			name := match[1]
			if slices.Contains(fixed, name) || slices.Contains(elsewhere, name) || name == "NAME_FILE" {
				continue
			}
			count++
			p, err := load(t, append(slices.Clone(variables), name+"=as-it-was-set")...)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(p.Services)), func(service types.ServiceConfig) bool {
				value := service.Environment[name]
				return value != nil && *value == "as-it-was-set"
			}), "no container is handed %s", name)
		}
	}
	require.Greater(t, count, 20)
}

func TestTheReadmeNamesEverySecretThatMayComeFromAFile(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	for _, name := range config.SecretNames() {
		require.Contains(t, string(readme), "`"+name+"_FILE`")
	}
}
