package deploy_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// script writes a shell script that can be executed.
func script(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
}

// run runs a script of the repository in a folder, and returns what it says.
func run(t *testing.T, dir string, environ []string, name string, args ...string) (string, error) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, "scripts", name))
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), "sh", append([]string{path}, args...)...)
	command.Dir, command.Env = dir, append(os.Environ(), environ...)
	output, err := command.CombinedOutput()
	return string(output), err
}

// released makes a release with a compiler that takes the binary that is there for each
// platform: compiling all of it four times takes minutes.
func released(t *testing.T, version string) (dir string) {
	t.Helper()
	require.FileExists(t, root+"/bin/cafeforme", "run 'make build' first")
	require.FileExists(t, root+"/bin/cyclonedx-gomod", "run 'make bin/cyclonedx-gomod' first")
	compiler, err := exec.LookPath("go")
	require.NoError(t, err)
	fakes := t.TempDir()
	script(t, filepath.Join(fakes, "go"), fmt.Sprintf(`
[ "$1" = build ] || exec %q "$@"
while [ "$1" != -o ]; do shift; done
cp bin/cafeforme "$2"
`, compiler))
	dir = filepath.Join(t.TempDir(), "dist")
	output, err := run(t, root, []string{"PATH=" + fakes + ":" + os.Getenv("PATH")}, "release", version, dir)
	require.NoError(t, err, output)
	return dir
}

var platforms = []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"}

func TestAReleaseCanBeChecked(t *testing.T) {
	t.Parallel()
	dir := released(t, "v1.2.3")
	t.Run("it has a checksum of every file", func(t *testing.T) {
		t.Parallel()
		requireChecksums(t, dir)
	})
	t.Run("it says what is in each binary", func(t *testing.T) {
		t.Parallel()
		requireContents(t, dir)
	})
}

func requireChecksums(t *testing.T, dir string) {
	t.Helper()
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	var names []string
	for _, line := range lines {
		sum, name, found := strings.Cut(line, "  ")
		require.True(t, found, line)
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		want := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(want[:]), sum, name)
		names = append(names, name)
	}
	var want []string
	for _, platform := range platforms {
		want = append(want, "cafeforme-v1.2.3-"+platform, "cafeforme-v1.2.3-"+platform+".cdx.json")
	}
	require.ElementsMatch(t, want, names)
}

// requireContents requires that the bill of each binary names each module with its
// version, the standard library too, and nothing that differs between builds.
func requireContents(t *testing.T, dir string) {
	t.Helper()
	modules := []string{"go.temporal.io/sdk", "github.com/lib/pq", "github.com/gorilla/mux", "github.com/twilio/twilio-go"}
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}}"}, modules...)...)
	list.Dir = root
	required, err := list.Output()
	require.NoError(t, err)
	for _, platform := range platforms {
		text, err := os.ReadFile(filepath.Join(dir, "cafeforme-v1.2.3-"+platform+".cdx.json"))
		require.NoError(t, err)
		require.False(t, bytes.Contains(text, []byte(`"serialNumber"`)) || bytes.Contains(text, []byte(`"timestamp"`)))
		var bill struct {
			BOMFormat string
			Metadata  struct {
				Component struct{ Name, Version string }
			}
			Components []struct{ Name, Version string }
		}
		require.NoError(t, json.Unmarshal(text, &bill))
		require.Equal(t, "CycloneDX", bill.BOMFormat)
		require.Equal(t, "github.com/cafeforme/cafeforme", bill.Metadata.Component.Name)
		require.Equal(t, "v1.2.3", bill.Metadata.Component.Version)
		var found []string
		for _, component := range bill.Components {
			found = append(found, component.Name+" "+component.Version)
		}
		require.Subset(t, found, strings.Split(strings.TrimSpace(string(required)), "\n"))
		require.True(t, slices.ContainsFunc(found, func(one string) bool { return strings.HasPrefix(one, "std ") }))
	}
}

func TestVulncheckFailsUnlessItKnowsOrCannotKnow(t *testing.T) {
	t.Parallel()
	const unreachable = "govulncheck: fetching vulnerabilities: Get https://vuln.example: no such host"
	for name, c := range map[string]struct {
		says     string
		status   int
		required bool
		fails    bool
	}{
		"nothing is known":                        {says: "No vulnerabilities found.", status: 0},
		"something is called":                     {says: "Vulnerability #1", status: 3, fails: true},
		"the database is out of reach":            {says: unreachable, status: 1},
		"the database is out of reach and needed": {says: unreachable, status: 1, required: true, fails: true},
		"the code does not compile":               {says: "govulncheck: loading packages: there are errors", status: 1, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			script(t, filepath.Join(dir, "bin", "govulncheck"), fmt.Sprintf("echo asked: \"$@\"\necho %q >&2\nexit %d\n", c.says, c.status))
			environ := []string{"VULN_DB=", "VULN_REQUIRED="}
			if c.required {
				environ = append(environ, "VULN_REQUIRED=1")
			}
			output, err := run(t, dir, environ, "vulncheck", "tools/temporal", "./...")
			require.Contains(t, output, "asked: -C tools/temporal ./...\n")
			require.Contains(t, output, c.says)
			require.Equal(t, c.fails, err != nil, output)
		})
	}
}
