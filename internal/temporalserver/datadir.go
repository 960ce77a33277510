package temporalserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/internal/retry"
)

// stopPatience is how long a Temporal server that lost its dev may take to stop.
const stopPatience = 8 * time.Second

// DataDir is the folder that holds the state of a dev, locked for this process.
type DataDir struct {
	Path string
	// lock is held by the dev itself.
	lock *os.File
	// serverLock is shared with the Temporal server: it is free again when both
	// are gone, also after a sudden end of the dev.
	serverLock *os.File
}

// OpenDataDir makes the folder if need be and locks it. Of two devs on one
// folder the second is told so.
func OpenDataDir(ctx context.Context, path string) (*DataDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, unusable(path, err)
	}
	d := &DataDir{Path: path}
	var err error
	if d.lock, err = lockFile(d.File("dev.lock")); err != nil {
		return nil, lockError(path, err)
	}
	if d.serverLock, err = waitForLock(ctx, d.File("temporal.lock")); err != nil {
		return nil, errors.Join(lockError(path, err), d.lock.Close())
	}
	return d, nil
}

// waitForLock waits for a predecessor's Temporal server to stop.
func waitForLock(ctx context.Context, path string) (*os.File, error) {
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	for {
		file, err := lockFile(path)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return file, err
		}
		if retry.Sleep(ctx, 50*time.Millisecond) != nil {
			return nil, err
		}
	}
}

// lockFile takes the lock at path, which the kernel drops when the last process
// that holds it ends, however it ends.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func lockError(path string, err error) error {
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("the data folder %s is in use by another cafeforme dev: stop that one, or choose another with --data-dir", path)
	}
	return unusable(path, err)
}

func unusable(path string, err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return fmt.Errorf("the data folder %s cannot be used (%w): make it writable, or choose another with --data-dir", path, err)
}

// File returns the path of a file in the folder.
func (d *DataDir) File(name string) string { return filepath.Join(d.Path, name) }

// Close gives the locks back.
func (d *DataDir) Close() error { return errors.Join(d.serverLock.Close(), d.lock.Close()) }

// StaffToken returns the staff's token.
func (d *DataDir) StaffToken() (string, error) { return d.Token("staff-token") }

// Token returns the token that a file of the folder keeps, and makes one at first.
func (d *DataDir) Token(name string) (string, error) {
	path := d.File(name)
	kept, err := os.ReadFile(path)
	if token := strings.TrimSpace(string(kept)); err == nil && token != "" {
		return token, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", unusable(d.Path, err)
	}
	token := rand.Text()
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", unusable(d.Path, err)
	}
	return token, nil
}
