package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/internal/sqlite/sqlitetest"
)

// The variables that make a process of these tests one of the children below,
// which works on a file, instead of one that tests.
const (
	childRole = "SQLITE_TEST_CHILD"
	childFile = "SQLITE_TEST_FILE"
)

// children are what other processes do with a database file.
var children = map[string]func(path string) error{
	"counts":                            countAndLeave,
	"has the file open once":            countUntilKilled(openOnce),
	"has the file open in two parts":    countUntilKilled(openTwice),
	"opens the file under another name": countUntilKilled(openThroughLink),
	"has closed the file in one part":   countUntilKilled(openTwiceAndClose),
}

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		if err := children[role](os.Getenv(childFile)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child returns the command of another process that does with the file what the
// role says.
func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childRole+"="+role, childFile+"="+path)
	return cmd
}

// countAndLeave counts and closes the file.
func countAndLeave(path string) error {
	database, err := sqlite.OpenWith(path, schema)
	if err != nil {
		return err
	}
	for range increments {
		if err := increment(context.Background(), database); err != nil {
			return errors.Join(err, database.Close())
		}
	}
	return database.Close()
}

// countUntilKilled counts once before its first line of output, once more for
// each line of its input, and says each time that it has committed.
func countUntilKilled(open func(path string) (*sqlite.DB, error)) func(path string) error {
	return func(path string) error {
		database, err := open(path)
		if err != nil {
			return err
		}
		input := bufio.NewScanner(os.Stdin)
		for more := true; more; more = input.Scan() {
			if err := increment(context.Background(), database); err != nil {
				return err
			}
			fmt.Println("committed")
		}
		return input.Err()
	}
}

func openOnce(path string) (*sqlite.DB, error) { return sqlite.OpenWith(path, schema) }

func openTwice(path string) (*sqlite.DB, error) {
	database, err := openOnce(path)
	if err != nil {
		return nil, err
	}
	_, err = openOnce(path)
	return database, err
}

func openThroughLink(path string) (*sqlite.DB, error) {
	database, err := openOnce(path)
	if err != nil {
		return nil, err
	}
	link := filepath.Join(filepath.Dir(path), "link.db")
	if err := os.Symlink(path, link); err != nil {
		return nil, err
	}
	_, err = openOnce(link)
	return database, err
}

func openTwiceAndClose(path string) (*sqlite.DB, error) {
	database, err := openOnce(path)
	if err != nil {
		return nil, err
	}
	other, err := openOnce(path)
	if err != nil {
		return nil, err
	}
	return database, other.Close()
}

// SQLite keeps a process's lock on a file for as long as it is open, and the last
// one to close it removes the log of what was committed. A process that lost its
// lock goes on writing into a log that nobody will ever read.
func TestWhatIsCommittedSurvivesAReaderAndASuddenEnd(t *testing.T) {
	t.Parallel()
	for _, role := range []string{
		"has the file open once", "has the file open in two parts",
		"opens the file under another name", "has closed the file in one part",
	} {
		t.Run("of a process that "+role, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			writer := child(t, role, path)
			input, err := writer.StdinPipe()
			require.NoError(t, err)
			output, err := writer.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, writer.Start())
			committed := bufio.NewReader(output)
			said := func() {
				line, err := committed.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, "committed\n", line)
			}
			said()
			sqlitetest.Visit(t, path)
			_, err = io.WriteString(input, "once more\n")
			require.NoError(t, err)
			said()
			require.NoError(t, writer.Process.Kill())
			require.Error(t, writer.Wait(), "it was killed")

			require.Equal(t, 2, count(t, open(t, path)))
		})
	}
}
