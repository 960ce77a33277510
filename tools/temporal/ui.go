package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

// startUI serves the Web UI of the cluster at frontend and returns when it
// answers.
func startUI(ctx context.Context, opts options, frontend string) (*uiserver.Server, error) {
	ui := uiserver.NewServer(uioptions.WithConfigProvider(uiConfig(opts, frontend)))
	// Start ends the process itself when it cannot listen, and returns nil
	// otherwise; claimPorts has made the first case unlikely.
	go func() { _ = ui.Start() }()
	if err := waitForUI(ctx, opts.ui()+"/healthz"); err != nil {
		ui.Stop()
		return nil, fmt.Errorf("start the UI: %w", err)
	}
	return ui, nil
}

// uiConfig leaves every workflow action on, and keeps the browser from fetching
// news from outside. The CSRF cookie has to work without TLS.
func uiConfig(opts options, frontend string) *uiconfig.Config {
	return &uiconfig.Config{
		TemporalGRPCAddress: frontend,
		Host:                bracketed(opts.ip),
		Port:                opts.uiPort,
		EnableUI:            true,
		DefaultNamespace:    opts.namespace,
		DisableNewsFetch:    true,
		HideLogs:            true,
		// The browser signs in at the codec server itself and keeps a cookie.
		Codec: uiconfig.Codec{Endpoint: opts.codecEndpoint, IncludeCredentials: opts.codecEndpoint != ""},
		CORS: uiconfig.CORS{
			AllowOrigins:   []string{opts.ui(), fmt.Sprintf("http://localhost:%d", opts.uiPort)},
			CookieInsecure: true,
		},
	}
}

func waitForUI(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	return poll(ctx, func() error { return getOK(ctx, client, url) })
}

// getOK fetches a page, and fails unless it is there.
func getOK(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return errors.Join(err, response.Body.Close())
}

// runUI serves the Web UI of a cluster until it is asked to stop.
func runUI(ctx context.Context, args []string) error {
	var opts options
	flags := flag.NewFlagSet("ui", flag.ContinueOnError)
	address := flags.String("address", "127.0.0.1:7233", "`host:port` of the frontend")
	flags.StringVar(&opts.ip, "ip", loopback, "`address` to listen on")
	flags.IntVar(&opts.uiPort, "ui-port", 8233, "`port` to listen on")
	flags.StringVar(&opts.namespace, "namespace", "default", "`name` of the namespace to show first")
	flags.StringVar(&opts.codecEndpoint, "codec-endpoint", "", "`URL` of a codec server")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if net.ParseIP(opts.ip) == nil {
		return fmt.Errorf("--ip %q is not an IP address", opts.ip)
	}
	if err := checkPort(opts.ip, opts.uiPort, "--ui-port"); err != nil {
		return err
	}
	ui, err := startUI(ctx, opts, *address)
	if err != nil {
		return err
	}
	defer ui.Stop()
	<-ctx.Done()
	return nil
}

// ui is the address of the UI for a browser, empty without a UI.
func (o options) ui() string {
	if o.uiPort == 0 {
		return ""
	}
	return "http://" + hostPort(dialable(o.ip), o.uiPort)
}

// bracketed writes an IPv6 address the way it stands before a port.
func bracketed(ip string) string {
	address := hostPort(ip, 0)
	return address[:len(address)-len(":0")]
}
