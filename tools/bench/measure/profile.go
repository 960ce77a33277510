package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// profile keeps profiles of whole orders and of placing, if it is known where to
// get them. Nothing is measured meanwhile: profiling costs time itself.
func (s *session) profile(ctx context.Context) error {
	if len(s.Profiles) == 0 {
		return nil
	}
	for name, do := range map[string]operation{"whole-order": s.wholeOrders().do, "placing": s.placing().do} {
		s.tell("profiles of %s", name)
		if err := s.profileOf(ctx, name, do); err != nil {
			return fmt.Errorf("profiles of %s: %w", name, err)
		}
	}
	return s.clear(ctx)
}

// profileOf has the operation done while every process profiles itself.
func (s *session) profileOf(ctx context.Context, name string, do operation) error {
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	seconds := max(1, int(s.Measure.Seconds()))
	for role, address := range s.Profiles {
		all.Go(func() {
			url := fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", address, seconds)
			err := fetch(ctx, url, filepath.Join(s.Out, "profiles", role+"-"+name+".pprof"))
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
		})
	}
	t := closedLoop(ctx, s.most(), window{measured: time.Duration(seconds) * time.Second}, do, func() {})
	all.Wait()
	if t.failed > 0 {
		failed = errors.Join(failed, t.why)
	}
	return failed
}

// fetch keeps what a URL answers in a file.
func fetch(ctx context.Context, url, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %.200s", url, response.Status, data)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return replace(path, string(data))
}
