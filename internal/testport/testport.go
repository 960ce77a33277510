// Package testport gives test servers ports that stay theirs while they are
// stopped.
package testport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// The ports lie below those that the kernel gives to whoever asks for just any
// port and to outgoing connections (from 32768 on Linux, from 49152 elsewhere:
// RFC 6335, section 6). Of the latter, a stopped server could lose its port to
// the next client that connects to anything.
const (
	lowest  = 15000
	highest = 32767
)

// tries is how many ports are looked at before giving up.
const tries = 200

// claims keeps the files open whose locks say which ports are ours.
var claims struct {
	sync.Mutex
	files map[int]*os.File
}

// Reserve returns a port on 127.0.0.1 that nobody listens on, and that no other
// caller gets, in this process or another, until this process ends.
func Reserve() (int, error) {
	claims.Lock()
	defer claims.Unlock()
	var failed error
	for range tries {
		port := lowest + rand.N(highest-lowest+1) //nolint:gosec // it is no secret
		file, err := claim(port)
		if err != nil {
			failed = err
			continue
		}
		if claims.files == nil {
			claims.files = map[int]*os.File{}
		}
		claims.files[port] = file
		return port, nil
	}
	return 0, fmt.Errorf("testport: no free port in %d tries: %w", tries, failed)
}

// claim takes the port's lock, which ends with the process, and looks whether
// somebody who knows nothing of locks listens there.
func claim(port int) (*os.File, error) {
	locks := filepath.Join(os.TempDir(), fmt.Sprintf("cafeforme-ports-of-%d", os.Getuid()))
	if err := os.MkdirAll(locks, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(locks, strconv.Itoa(port)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("port %d is reserved: %w", port, err), file.Close())
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, listener.Close()
}
