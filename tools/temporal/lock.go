package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockDatabase makes this process the only server on the file at path. Two
// servers on one file would take the history shards from each other without
// end. The lock is a file of its own because SQLite's locks on the database are
// lost as soon as anything in the process closes it; the kernel drops ours when
// the process ends, however it ends.
//
// It waits as long as a predecessor may need to stop, so that a quick restart
// works.
func lockDatabase(ctx context.Context, path string) (*os.File, error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of %s: %w", path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	err = poll(ctx, func() error {
		return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	})
	if errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%s is in use by another temporal-server; stop that one or choose another file with --db", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// poll calls try until it succeeds or ctx ends, and then returns try's last
// error together with the reason.
func poll(ctx context.Context, try func() error) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}
