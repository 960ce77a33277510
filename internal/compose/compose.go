// Package compose reads what this project uses of a Compose file: commands,
// environments and health checks of services. tools/deploy holds it against the
// reference implementation.
package compose

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// Project is a Compose file, with its variables filled in.
type Project struct {
	Services map[string]Service `yaml:"services"`
}

// Service is one of its services.
type Service struct {
	Image       string            `yaml:"image"`
	Build       Build             `yaml:"build"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Healthcheck Healthcheck       `yaml:"healthcheck"`
}

// Build names the stage of the Dockerfile that makes the service's image; none
// for an image that is only fetched.
type Build struct {
	Target string `yaml:"target"`
}

// Healthcheck is the check's test: "CMD", and a command.
type Healthcheck struct {
	Test []string `yaml:"test"`
}

// Load reads the file. Variables have the values that lookup knows, and else
// their defaults. One that is required and has no value is an error.
func Load(path string, lookup func(name string) (value string, ok bool)) (Project, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Project{}, err
	}
	filled, err := fill(string(text), lookup)
	if err != nil {
		return Project{}, fmt.Errorf("%s: %w", path, err)
	}
	var p Project
	if err := yaml.Unmarshal([]byte(filled), &p); err != nil {
		return Project{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// variable matches ${NAME}, ${NAME:-default} and ${NAME:?message}.
var variable = regexp.MustCompile(`\$\{([A-Z_0-9]+)(?::([-?])([^}]*))?\}`)

// fill replaces the variables in text: Compose's "Interpolation", as far as our
// file goes.
func fill(text string, lookup func(string) (string, bool)) (string, error) {
	var missing error
	filled := variable.ReplaceAllStringFunc(text, func(found string) string {
		parts := variable.FindStringSubmatch(found)
		name, kind, rest := parts[1], parts[2], parts[3]
		value, ok := lookup(name)
		switch {
		case ok && value != "":
			return value
		case kind == "?":
			missing = errors.Join(missing, fmt.Errorf("%s %s", name, rest))
		}
		if kind == "-" {
			return rest
		}
		return ""
	})
	return filled, missing
}
