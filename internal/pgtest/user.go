package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// unprivileged are the users that PostgreSQL may run as when the tests are run
// by root, whom it refuses.
var unprivileged = []string{"postgres", "nobody"}

// owner returns who PostgreSQL runs as, and nil for whoever runs the tests.
func owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var failed error
	for _, name := range unprivileged {
		found, err := user.Lookup(name)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		return credential(found)
	}
	return nil, fmt.Errorf("pgtest: PostgreSQL does not run as root, and there is nobody else: %w", failed)
}

func credential(u *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: the ID of user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: the group of user %s: %w", u.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// giveAway makes the directory PostgreSQL's.
func giveAway(dir string) error {
	credential, err := owner()
	if err != nil || credential == nil {
		return err
	}
	if err := os.Chown(dir, int(credential.Uid), int(credential.Gid)); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// processAttributes makes a process run as PostgreSQL's user, in a group of its
// own that no interrupt from the terminal reaches.
func processAttributes() (*syscall.SysProcAttr, error) {
	credential, err := owner()
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: credential, Setpgid: true}, nil
}
