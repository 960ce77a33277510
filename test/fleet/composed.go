package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/compose"
	"github.com/cafeforme/cafeforme/internal/testport"
)

// Cluster is a Temporal cluster on PostgreSQL, as docker-compose.yml describes
// it: the frontend, history, matching and worker service, each a process.
type Cluster struct {
	// Address is the frontend's host and port.
	Address string
	// UI is the Web UI's URL.
	UI string
	// Services are the four.
	Services []*Service

	ui *Service
}

// services are the names of a cluster's services, in the order that they start.
var services = []string{"frontend", "history", "matching", "worker"}

// composed runs services of docker-compose.yml without Docker: with their
// commands and their environments, in which only hosts, ports and paths are
// replaced by what stands for them on this machine.
type composed struct {
	project  compose.Project
	fleet    *Fleet
	temporal string
	// local is applied to every command and every variable.
	local *strings.Replacer
	// ports are what all services of Temporal have on top: on one machine they
	// share an address.
	ports  map[string]string
	uiPort string
}

// newComposed reads docker-compose.yml, and finds ports for what it describes.
func newComposed(f *Fleet) (*composed, error) {
	root := checkout()
	temporal, err := temporalBinary()
	if err != nil {
		return nil, err
	}
	c := &composed{fleet: f, temporal: temporal, ports: map[string]string{"BIND_ON_IP": "127.0.0.1"}}
	variables := map[string]string{
		"CAFEFORME_STAFF_TOKEN": token, "POSTGRES_PASSWORD": "any", "CAFEFORME_PAYMENTS": "sandbox",
		"NUM_HISTORY_SHARDS": strconv.Itoa(f.plan.shards()),
	}
	c.project, err = compose.Load(filepath.Join(root, "docker-compose.yml"), func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	})
	if err != nil {
		return nil, err
	}
	if err := c.reservePorts(); err != nil {
		return nil, err
	}
	c.local = strings.NewReplacer(
		"@postgres:5432", "@"+f.Postgres.Address(),
		"temporal-frontend:7233", c.frontend(),
		"/etc/temporal/dynamicconfig.yaml", filepath.Join(root, "deploy", "temporal", "dynamicconfig.yaml"),
		"/var/lib/cafeforme/sandbox.db", f.Sandbox.Path,
		"127.0.0.1:8233", "127.0.0.1:"+c.uiPort, "--ui-port=8233", "--ui-port="+c.uiPort,
		"0.0.0.0:8080", "127.0.0.1:0", "0.0.0.0:8084", "127.0.0.1:0", "0.0.0.0:9464", "", // nobody collects metrics here
		"0.0.0.0", "127.0.0.1",
	)
	return c, nil
}

// checkout is the folder that docker-compose.yml is in.
func checkout() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// reservePorts finds ports that survive restarts, for the services and the UI.
func (c *composed) reservePorts() error {
	names := []string{"FRONTEND_HTTP_PORT", "UI"}
	for _, service := range services {
		upper := strings.ToUpper(service)
		names = append(names, upper+"_GRPC_PORT", upper+"_MEMBERSHIP_PORT")
	}
	for _, name := range names {
		port, err := testport.Reserve()
		if err != nil {
			return err
		}
		c.ports[name] = strconv.Itoa(port)
	}
	c.uiPort = c.ports["UI"]
	delete(c.ports, "UI")
	return nil
}

func (c *composed) frontend() string { return "127.0.0.1:" + c.ports["FRONTEND_GRPC_PORT"] }

// environ returns a service's environment.
func (c *composed) environ(service string) []string {
	variables := maps.Clone(c.project.Services[service].Environment)
	for name, value := range variables {
		variables[name] = c.local.Replace(value)
	}
	if _, onDatabase := variables["POSTGRES_SEEDS"]; onDatabase {
		variables["POSTGRES_SEEDS"], variables["DB_PORT"], _ = strings.Cut(c.fleet.Postgres.Address(), ":")
		maps.Copy(variables, c.ports)
	}
	environ := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		environ = append(environ, name+"="+variables[name])
	}
	return environ
}

// localized returns arguments as they are on this machine.
func (c *composed) localized(args []string) []string {
	local := make([]string, len(args))
	for i, arg := range args {
		local[i] = c.local.Replace(arg)
	}
	return local
}

// service returns what runs a service of Temporal.
func (c *composed) service(name string) (*Service, error) {
	described, ok := c.project.Services[name]
	// CMD, the binary, and its arguments.
	if !ok || len(described.Command) == 0 || len(described.Healthcheck.Test) < 3 {
		return nil, fmt.Errorf("docker-compose.yml has no service %s with a command and a health check", name)
	}
	return &Service{
		Name: name, binary: c.temporal, dir: c.fleet.dir, environ: c.environ(name),
		args: c.localized(described.Command), health: c.localized(described.Healthcheck.Test[2:]),
	}, nil
}

// once runs a service that ends.
func (c *composed) once(ctx context.Context, name string) error {
	described := c.project.Services[name]
	binary := c.temporal
	if described.Build.Target == "cafeforme" {
		binary = c.fleet.plan.Binary
	}
	process, err := Start(binary, c.fleet.dir, c.environ(name), c.localized(described.Command)...)
	if err != nil {
		return err
	}
	if err := process.Wait(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w\n%v", name, err, process.Tail(20)), process.Stop())
	}
	return nil
}

// launch brings the cluster up in the order that depends_on describes. What has
// been started is in the fleet, also when this fails.
func (c *composed) launch(ctx context.Context) (err error) {
	cluster := &Cluster{Address: c.frontend()}
	c.fleet.Cluster = cluster
	for _, once := range []string{"temporal-schema", "migrate"} {
		if err := c.once(ctx, once); err != nil {
			return err
		}
	}
	for _, name := range services {
		s, err := c.service("temporal-" + name)
		if err != nil {
			return err
		}
		cluster.Services = append(cluster.Services, s)
	}
	if err := startAll(ctx, cluster.Services); err != nil {
		return err
	}
	if err := c.once(ctx, "temporal-namespace"); err != nil || !c.fleet.plan.UI {
		return err
	}
	if cluster.ui, err = c.service("temporal-ui"); err != nil {
		return err
	}
	cluster.UI = "http://127.0.0.1:" + c.uiPort
	return cluster.ui.Restart(ctx)
}

func (c *Cluster) stop() error {
	all := c.Services
	if c.ui != nil {
		all = append([]*Service{c.ui}, all...)
	}
	return stopAll(all)
}
