package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // the "postgres12" store
	"go.temporal.io/server/temporal"
)

// runService runs some of a cluster's services (frontend, history, matching,
// worker) until it is asked to stop. They find the others in the database.
func runService(ctx context.Context, names []string) error {
	if err := checkServices(names); err != nil {
		return err
	}
	cfg, err := clusterConfigFromEnvironment()
	if err != nil {
		return err
	}
	server, err := newClusterServer(cfg, names)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start %s: %w", strings.Join(names, ", "), err)
	}
	<-ctx.Done()
	return server.Stop()
}

func checkServices(names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("which service? Name one or more of %s", strings.Join(temporal.DefaultServices, ", "))
	}
	for _, name := range names {
		if !slices.Contains(temporal.DefaultServices, name) {
			return fmt.Errorf("%q is not a service, want one of %s", name, strings.Join(temporal.DefaultServices, ", "))
		}
	}
	return nil
}

// newClusterServer does what the server's own command does.
func newClusterServer(cfg *config.Config, names []string) (temporal.Server, error) {
	logger := log.NewZapLogger(log.BuildZapLogger(cfg.Log))
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	claims, claimsErr := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	audience, audienceErr := authorization.GetAudienceMapperFromConfig(&cfg.Global.Authorization)
	if err := errors.Join(err, claimsErr, audienceErr); err != nil {
		return nil, fmt.Errorf("set up the authorization: %w", err)
	}
	server, err := temporal.NewServer(
		temporal.ForServices(names),
		temporal.WithConfig(cfg),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithAudienceGetter(func(*config.Config) authorization.JWTAudienceMapper { return audience }),
	)
	if err != nil {
		return nil, fmt.Errorf("assemble the server: %w", err)
	}
	return server, nil
}
