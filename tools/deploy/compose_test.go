package deploy_test

import (
	"bytes"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/compose"
)

// root is the checkout.
const root = "../.."

const composeFile = root + "/docker-compose.yml"

// variables are the three that a person has to set, and one that has a default.
var variables = []string{
	"CAFEFORME_STAFF_TOKEN=a-token-of-the-tests", "POSTGRES_PASSWORD=a-password-of-the-tests", "CAFEFORME_PAYMENTS=sandbox",
	"NUM_HISTORY_SHARDS=7",
}

func load(t *testing.T, environ ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{composeFile}, cli.WithEnv(environ), cli.WithResolvedPaths(true))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, variables...)
	require.NoError(t, err)
	return p
}

func TestTheComposeFileIsValid(t *testing.T) {
	t.Parallel()
	p := project(t)
	require.NoError(t, p.CheckContainerNameUnicity())
	require.ElementsMatch(t, []string{
		"postgres", "temporal-schema", "temporal-frontend", "temporal-history", "temporal-matching", "temporal-worker",
		"temporal-namespace", "temporal-ui", "migrate", "api", "store", "worker",
	}, p.ServiceNames())
	// Every service can be reached along depends_on, in an order that exists.
	require.NoError(t, p.ForEachService(p.ServiceNames(), func(string, *types.ServiceConfig) error { return nil }))
}

// "make cluster" runs what our own reader finds in the file: it has to be what
// Docker would.
func TestOurReaderSeesWhatDockerSees(t *testing.T) {
	t.Parallel()
	ours, err := compose.Load(composeFile, func(name string) (string, bool) {
		for _, variable := range variables {
			if key, value, _ := strings.Cut(variable, "="); key == name {
				return value, true
			}
		}
		return "", false
	})
	require.NoError(t, err)
	p := project(t)
	require.ElementsMatch(t, p.ServiceNames(), slices.Collect(maps.Keys(ours.Services)))
	for name, service := range p.Services {
		require.Equal(t, []string(service.Command), ours.Services[name].Command, name)
		environment := map[string]string{}
		for key, value := range service.Environment {
			require.NotNil(t, value, "%s: %s", name, key)
			environment[key] = *value
		}
		// .env is for people; ours has none.
		require.Subset(t, environment, ours.Services[name].Environment, name)
		if service.Build != nil {
			require.Equal(t, service.Build.Target, ours.Services[name].Build.Target, name)
		}
		if service.HealthCheck != nil {
			require.Equal(t, []string(service.HealthCheck.Test), ours.Services[name].Healthcheck.Test, name)
		}
	}
}

func TestServicesAreRunWithCare(t *testing.T) {
	t.Parallel()
	for name, service := range project(t).Services {
		require.Empty(t, service.NetworkMode, "%s: no host network", name)
		require.False(t, service.Privileged, name)
		require.NotEmpty(t, service.Restart, name)
		if service.Restart == "unless-stopped" {
			require.NotNil(t, service.HealthCheck, "%s has a health check", name)
		}
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s is published on loopback alone", name)
		}
		if name == "postgres" {
			require.Empty(t, service.Ports)
		}
		require.True(t, service.ReadOnly, name)
		require.Contains(t, service.Tmpfs, "/tmp", name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, name)
		require.Empty(t, service.CapAdd, name)
		require.Equal(t, []string{"no-new-privileges:true"}, service.SecurityOpt, name)
	}
}

// Every address that a service is told of is a service, and the port one that it
// listens on or is asked at.
func TestHealthChecksAskWhereTheServiceListens(t *testing.T) {
	t.Parallel()
	for name, service := range project(t).Services {
		if service.HealthCheck == nil || name == "postgres" {
			continue
		}
		test := service.HealthCheck.Test
		require.Equal(t, "CMD", test[0], "%s: there is no shell in the image", name)
		u, err := url.Parse(test[len(test)-1])
		require.NoError(t, err)
		if u.Port() == "" {
			continue
		}
		_, metrics, err := net.SplitHostPort(valueOr(service.Environment["CAFEFORME_METRICS_ADDR"], ":0"))
		require.NoError(t, err)
		listens := strings.Join(service.Command, " ") + " :" + metrics
		require.Regexp(t, "[:=]"+u.Port()+`\b`, listens, name)
	}
}

func valueOr(value *string, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return *value
}

// stages returns the Dockerfile's stages by name, with the entry point of each.
func stages(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open(root + "/Dockerfile")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	parsed, err := parser.Parse(file)
	require.NoError(t, err)
	all, _, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{}))
	require.NoError(t, err)
	found := map[string][]string{}
	for _, stage := range all {
		found[stage.Name] = nil
		for _, command := range stage.Commands {
			if entry, ok := command.(*instructions.EntrypointCommand); ok {
				found[stage.Name] = entry.CmdLine
			}
		}
	}
	return found
}

// binaries are what the images' entry points are called in bin.
var binaries = map[string]string{"/cafeforme": "bin/cafeforme", "/temporal-server": "bin/temporal-server"}

// An image's command is what its binary understands: each is parsed by the real
// one, which "--help" keeps from doing anything.
func TestCommandsAreWhatTheBinariesUnderstand(t *testing.T) {
	t.Parallel()
	images := stages(t)
	for name, service := range project(t).Services {
		if service.Build == nil {
			continue
		}
		entry := images[service.Build.Target]
		require.Len(t, entry, 1, "%s: stage %s of the Dockerfile has an entry point", name, service.Build.Target)
		binary := filepath.Join(root, binaries[entry[0]])
		require.FileExists(t, binary, "run 'make build' first")
		if test := service.HealthCheck; test != nil {
			require.Equal(t, entry[0], test.Test[1], name)
			requireUnderstood(t, binary, test.Test[2:])
		}
		requireUnderstood(t, binary, service.Command)
	}
}

func requireUnderstood(t *testing.T, binary string, args []string) {
	t.Helper()
	if args[0] == "service" || (args[0] == "health" && strings.HasSuffix(binary, "temporal-server")) {
		return // no flags; "make cluster" runs them as they are
	}
	output, err := exec.CommandContext(t.Context(), binary, append(slices.Clone(args), "--help")...).CombinedOutput()
	require.NoError(t, err, "%s %v\n%s", binary, args, output)
	wrong, err := exec.CommandContext(t.Context(), binary, args[0], "--no-such-flag").CombinedOutput()
	require.Error(t, err, "%s\n%s", args[0], wrong)
}

// What the binaries are built from reaches the build: .dockerignore lets nothing
// but what it names through.
func TestTheBuildSeesAllSources(t *testing.T) {
	t.Parallel()
	ignore, err := os.ReadFile(root + "/.dockerignore")
	require.NoError(t, err)
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.Dir}}{{end}}", "./cmd/cafeforme")
	list.Dir = root
	output, err := list.Output()
	require.NoError(t, err)
	top, err := filepath.Abs(root)
	require.NoError(t, err)
	for dir := range strings.FieldsSeq(string(output)) {
		inside, err := filepath.Rel(top, dir)
		require.NoError(t, err)
		if strings.HasPrefix(inside, "..") {
			continue
		}
		first, _, _ := strings.Cut(filepath.ToSlash(inside), "/")
		require.True(t, bytes.Contains(ignore, []byte("\n!"+first+"\n")), "%s is not let through", first)
	}
}
