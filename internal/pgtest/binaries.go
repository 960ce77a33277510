package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// errNoBinaries says what to do when PostgreSQL is not installed.
var errNoBinaries = errors.New(`pgtest: these tests need the PostgreSQL server (initdb and postgres), 13 or later, and found none: ` +
	`install it with "apt-get install postgresql" or "brew install postgresql", or put its bin directory into PATH`)

// places are where packages install PostgreSQL's binaries, a directory for
// every version.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// findBinaries returns the directory of initdb and postgres: the one that PATH
// or pg_config names, or else that of the newest version installed.
func findBinaries() (string, error) { return firstWithServer(candidates()) }

// firstWithServer returns the first directory that has all of the server.
func firstWithServer(dirs []string) (string, error) {
	for _, dir := range dirs {
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

func candidates() []string {
	var dirs []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(initdb))
	}
	if output, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(output)))
	}
	for _, place := range places {
		found, err := filepath.Glob(place)
		if err != nil {
			panic("pgtest: bad pattern " + place)
		}
		slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

// version returns the number in the path of a version's directory.
func version(dir string) int {
	digits := strings.Trim(filepath.Base(filepath.Dir(dir)), "abcdefghijklmnopqrstuvwxyz-@")
	major, _, _ := strings.Cut(digits, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
