package deploy_test

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

var (
	// digest ends the name of an image whose bytes are certain, as the tag before it is
	// not: whoever owns the registry can put another image under it.
	digest = regexp.MustCompile(`:[a-zA-Z0-9._-]+@sha256:[0-9a-f]{64}$`)
	// commit is an action at a commit, with the release that it is for people.
	commit = regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$`)
	// fetched is what a Dockerfile names: its syntax, and what a stage begins with.
	fetched = regexp.MustCompile(`(?m)^(?:# syntax=|FROM )(\S+)(?: AS (\S+))?`)
	uses    = regexp.MustCompile(`uses: (.+)`)
)

// baseImages returns the images that the Dockerfile fetches, without its own stages.
func baseImages(t *testing.T) (images []string) {
	t.Helper()
	text, err := os.ReadFile(root + "/Dockerfile")
	require.NoError(t, err)
	var stages []string
	for _, match := range fetched.FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(stages, match[1]) {
			images = append(images, match[1])
		}
		stages = append(stages, match[2])
	}
	require.Len(t, images, 4)
	return images
}

func TestEveryImageThatIsFetchedIsFixedByItsDigest(t *testing.T) {
	t.Parallel()
	for _, image := range baseImages(t) {
		require.Regexp(t, digest, image)
	}
	for name, service := range project(t).Services {
		if service.Build == nil {
			require.Regexp(t, digest, service.Image, name)
		}
	}
}

// workflowFiles returns the texts of the workflows, by their paths.
func workflowFiles(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(root + "/.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		files[path] = string(text)
	}
	return files
}

func TestEveryActionIsFixedByItsCommit(t *testing.T) {
	t.Parallel()
	count := 0
	for path, text := range workflowFiles(t) {
		for _, match := range uses.FindAllStringSubmatch(text, -1) {
			require.Regexp(t, commit, match[1], path)
			count++
		}
	}
	require.Positive(t, count)
}

// The image's compiler is not allowed to fetch another (GOTOOLCHAIN=local): it is new
// enough for the modules that are built with it.
func TestTheCompilersImageIsNewEnough(t *testing.T) {
	t.Parallel()
	image := regexp.MustCompile(`^golang:([0-9.]+)-`)
	i := slices.IndexFunc(baseImages(t), image.MatchString)
	require.GreaterOrEqual(t, i, 0)
	has := "go" + image.FindStringSubmatch(baseImages(t)[i])[1]
	for _, module := range []string{"go.mod", "tools/temporal/go.mod"} {
		text, err := os.ReadFile(filepath.Join(root, module))
		require.NoError(t, err)
		needs := "go" + regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(text))[1]
		require.GreaterOrEqual(t, compareVersions(has, needs), 0, "%s needs %s, and the image has %s", module, needs, has)
	}
}

// compareVersions compares versions of numbers with dots between them.
func compareVersions(a, b string) int {
	number := regexp.MustCompile(`[0-9]+`)
	return slices.CompareFunc(number.FindAllString(a, -1), number.FindAllString(b, -1), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
}

// What is fixed grows old: every kind of it, and every module, is looked after.
func TestWhatIsFixedIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/.github/dependabot.yml")
	require.NoError(t, err)
	var updater struct {
		Updates []struct {
			Ecosystem   string   `json:"package-ecosystem"`
			Directories []string `json:"directories"`
		} `json:"updates"`
	}
	require.NoError(t, yaml.Unmarshal(text, &updater))
	var kinds, modules []string
	for _, update := range updater.Updates {
		kinds = append(kinds, update.Ecosystem)
		if update.Ecosystem == "gomod" {
			modules = update.Directories
		}
	}
	require.ElementsMatch(t, []string{"docker", "docker-compose", "github-actions", "gomod", "npm"}, kinds)
	require.ElementsMatch(t, modulesOf(t), modules)
}

// modulesOf returns the folders of the repository's modules, from its top.
func modulesOf(t *testing.T) (folders []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bin" || entry.Name() == "node_modules" || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.Name() == "go.mod":
			folders = append(folders, filepath.Join("/", filepath.Dir(path)))
		}
		return nil
	}))
	return folders
}

// CI looks for known vulnerabilities, also when nothing is changed, and does not go on
// when it cannot know.
func TestVulnerabilitiesAreLookedForEveryWeek(t *testing.T) {
	t.Parallel()
	var workflow struct {
		On   map[string]any `json:"on"`
		Jobs map[string]struct {
			Strategy struct {
				Matrix struct{ Target []string } `json:"matrix"`
			} `json:"strategy"`
			Steps []struct {
				Run string            `json:"run"`
				Env map[string]string `json:"env"`
			} `json:"steps"`
		} `json:"jobs"`
	}
	text := workflowFiles(t)[root+"/.github/workflows/ci.yml"]
	// In YAML 1.1 the key "on" is a truth.
	require.NoError(t, yaml.Unmarshal([]byte(strings.Replace(text, "\non:\n", "\n\"on\":\n", 1)), &workflow))
	require.Contains(t, workflow.On, "schedule")
	check := workflow.Jobs["check"]
	require.Contains(t, check.Strategy.Matrix.Target, "vuln")
	i := slices.IndexFunc(check.Steps, func(step struct {
		Run string            `json:"run"`
		Env map[string]string `json:"env"`
	}) bool {
		return step.Run == "make ${{ matrix.target }}"
	})
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, "1", check.Steps[i].Env["VULN_REQUIRED"])
	makefile, err := os.ReadFile(root + "/Makefile")
	require.NoError(t, err)
	for _, module := range []string{".", "tools/temporal"} { // what runs in production
		require.Contains(t, string(makefile), "\t@sh scripts/vulncheck "+module+" ./...\n")
	}
}
