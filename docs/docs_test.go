// Package docs_test holds what the documents say against the code.
package docs_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	named    = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9_]*)`")
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9_]*)\(`)
)

// Who reads that a test shows something can find the test.
func TestTheTestsThatTheDocumentsNameExist(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	for _, source := range files(t, "_test.go") {
		for _, match := range declared.FindAllStringSubmatch(source, -1) {
			there[match[1]] = true
		}
	}
	count := 0
	for path, text := range files(t, ".md") {
		for _, match := range named.FindAllStringSubmatch(text, -1) {
			count++
			require.True(t, there[match[1]], "%s names %s, which does not exist", path, match[1])
		}
	}
	require.Greater(t, count, 30, "the documents name tests")
}

// Every threat names an asset, an attack, a defence and, but for the build's, a
// test.
func TestTheThreatTableIsWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("security.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "## Threats")
	require.True(t, found)
	rows := 0
	for line := range strings.SplitSeq(table, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| asset") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		require.Len(t, cells, 4, line)
		for i, cell := range cells {
			require.True(t, strings.TrimSpace(cell) != "" || (i == 3 && strings.Contains(line, "the build")), "an empty cell in %s", line)
		}
		require.True(t, named.MatchString(cells[3]) || strings.Contains(line, "the build"), "no test in %s", line)
	}
	require.Greater(t, rows, 10)
}

// files returns the text of the repository's files with the ending.
func files(t *testing.T, ending string) map[string]string {
	t.Helper()
	all := map[string]string{}
	repository := os.DirFS("..")
	require.NoError(t, fs.WalkDir(repository, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bin" || entry.Name() == "node_modules" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ending) {
			text, err := fs.ReadFile(repository, path)
			all[path] = string(text)
			return err
		}
		return nil
	}))
	return all
}
