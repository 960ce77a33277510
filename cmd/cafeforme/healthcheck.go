package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// healthTimeout bounds one look at a process.
const healthTimeout = 5 * time.Second

type healthcheckCommand struct {
	URL string `arg:"" help:"What to fetch, such as http://127.0.0.1:8080/readyz."`
}

// Run fails unless the page is answered with 200.
func (c healthcheckCommand) Run(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", c.URL, response.Status)
	}
	return nil
}
