package main

import (
	"fmt"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	// clusterName is written into the file when it is made and must not change.
	clusterName = "active"
	storeName   = "sqlite"

	frontendName = string(primitives.FrontendService)
)

// serverOptions assembles all four services of one server in this process.
func serverOptions(opts options, store *config.SQL, logger log.Logger) ([]temporal.ServerOption, error) {
	services, err := serviceConfigs(opts)
	if err != nil {
		return nil, err
	}
	return []temporal.ServerOption{
		temporal.WithConfig(serverConfig(opts, store, services)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(services)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(dynamicConfig()),
	}, nil
}

// serverConfig leaves metrics out, and pprof unless it was asked for, so that
// neither opens a port, and archival off: there is nowhere to archive to.
func serverConfig(opts options, store *config.SQL, services map[string]config.Service) *config.Config {
	off := config.Archival{
		History:    config.HistoryArchival{State: "disabled"},
		Visibility: config.VisibilityArchival{State: "disabled"},
	}
	return &config.Config{
		Services:            services,
		Persistence:         persistenceConfig(opts, store),
		ClusterMetadata:     clusterConfig(opts, services[frontendName].RPC.HTTPPort),
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: opts.frontend()},
		Archival:            off,
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback},
			PProf:      config.PProf{Host: loopback, Port: opts.pprofPort},
		},
	}
}

func persistenceConfig(opts options, store *config.SQL) config.Persistence {
	return config.Persistence{
		DefaultStore:     storeName,
		VisibilityStore:  storeName,
		NumHistoryShards: int32(opts.shards), //nolint:gosec // at most maxShards
		DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
	}
}

func clusterConfig(opts options, httpPort int) *cluster.Config {
	return &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {
				Enabled:                true,
				InitialFailoverVersion: 1,
				RPCAddress:             opts.frontend(),
				HTTPAddress:            hostPort(dialable(opts.ip), httpPort),
			},
		},
	}
}

// serviceConfigs gives the frontend the port that was asked for, and every
// other service a free one on loopback, so that servers can run side by side.
// The frontend's HTTP port is only there for the server's own Nexus callbacks.
func serviceConfigs(opts options) (map[string]config.Service, error) {
	httpPort, err := freePort(opts.ip)
	if err != nil {
		return nil, fmt.Errorf("frontend over HTTP: %w", err)
	}
	services := map[string]config.Service{
		frontendName: {RPC: config.RPC{GRPCPort: opts.port, HTTPPort: httpPort, BindOnIP: opts.ip}},
	}
	for _, name := range []primitives.ServiceName{primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		port, err := freePort(loopback)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", name, err)
		}
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return services, nil
}

// staticHosts tells the services where the others are. This replaces the gossip
// between servers, its ports, and the seconds that joining takes.
func staticHosts(services map[string]config.Service) map[primitives.ServiceName]static.Hosts {
	hosts := make(map[primitives.ServiceName]static.Hosts, len(services))
	for name, service := range services {
		address := hostPort(dialable(service.RPC.BindOnIP), service.RPC.GRPCPort)
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(address)
	}
	return hosts
}

// frontend is the address clients connect to.
func (o options) frontend() string {
	return hostPort(dialable(o.ip), o.port)
}
