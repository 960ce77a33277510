// Package docs_test holds what the documents say against the code.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
	table, _, _ = strings.Cut(table, "\n## ")
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

var (
	fenced = regexp.MustCompile("(?ms)^ *```.*?\n *```$")
	// unbroken is what one line has to hold.
	unbroken = regexp.MustCompile("`[^`]*`|\\[[^]]*\\]\\([^)]*\\)")
	// generated is what a tool writes.
	generated = regexp.MustCompile(`(?s)<!-- bench:begin -->.*<!-- bench:end -->`)
	linked    = regexp.MustCompile(`\]\(([^)\s:]*?)(#[^)\s]*)?\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noSlug    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Every link to a file, and to a heading of a page, leads there.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages := files(t, ".md")
	anchors := map[string]map[string]bool{}
	for path, text := range pages {
		anchors[path] = map[string]bool{}
		for _, match := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			slug := noSlug.ReplaceAllString(strings.ToLower(match[1]), "")
			anchors[path]["#"+strings.ReplaceAll(slug, " ", "-")] = true
		}
	}
	for from, text := range pages {
		for _, match := range linked.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			to := from
			if match[1] != "" {
				to = path.Join(path.Dir(from), match[1])
				_, err := os.Stat("../" + to)
				require.NoError(t, err, "%s has a link to %s", from, match[1])
			}
			if match[2] != "" && strings.HasSuffix(to, ".md") {
				require.True(t, anchors[to][match[2]], "%s has a link to %s%s", from, match[1], match[2])
			}
		}
	}
}

// Prose is read side by side with its changes: no line is longer than 120 characters,
// but for tables, which cannot be broken.
func TestLinesOfProseAreShort(t *testing.T) {
	t.Parallel()
	for path, text := range files(t, ".md") {
		if !strings.HasPrefix(path, "docs/") || strings.HasPrefix(path, "docs/bench/") {
			continue
		}
		text = generated.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
		for line := range strings.SplitSeq(text, "\n") {
			prose := unbroken.ReplaceAllString(line, "")
			short := utf8.RuneCountInString(line) <= 120 || strings.HasPrefix(strings.TrimSpace(line), "|") || utf8.RuneCountInString(prose) < 10
			require.True(t, short, "%s: %s", path, line)
		}
		tests := regexp.MustCompile(`(?m)^## Tests$`).FindAllString(text, -1)
		require.LessOrEqual(t, len(tests), 1, "%s speaks of its tests in one place", path)
	}
}

func TestTermsAreInAlphabeticalOrder(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("glossary.md")
	require.NoError(t, err)
	var terms []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|.*\|$`).FindAllStringSubmatch(string(text), -1) {
		terms = append(terms, strings.ToLower(row[1]))
	}
	terms = terms[2:] // without the heading
	require.Greater(t, len(terms), 50)
	require.True(t, slices.IsSorted(terms), "%v", terms)
	require.Len(t, slices.Compact(slices.Clone(terms)), len(terms), "a term has one meaning")
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
