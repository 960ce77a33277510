package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.temporal.io/server/common/dynamicconfig"
)

// The server ignores a setting that it does not know: with a warning in a log.
func TestTheClustersDynamicConfigIsKnownToTheServer(t *testing.T) {
	t.Parallel()
	contents, err := os.ReadFile("../../deploy/temporal/dynamicconfig.yaml")
	if err != nil {
		t.Fatal(err)
	}
	result := dynamicconfig.LoadYamlFile(contents)
	if len(result.Errors) > 0 || len(result.Warnings) > 0 {
		t.Errorf("errors %v, warnings %v", result.Errors, result.Warnings)
	}
	if len(result.Map) == 0 {
		t.Error("there is nothing in it")
	}
}

func TestCommandsRefuseWhatTheyDoNotUnderstand(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"which service":             {"service"},
		`"back" is not a service`:   {"service", "back"},
		"health of what":            {"health"},
		`"ui" is not a service`:     {"health", "ui"},
		`unexpected argument "now"`: {"schema", "now"},
		"is not an IP address":      {"ui", "--ip", "localhost"},
		"flag provided but not":     {"namespace", "--retain", "1h"},
		"connection refused":        {"health", "http://127.0.0.1:1/healthz"},
	} {
		command := exec.Command(os.Args[0], args...)
		command.Env = append(os.Environ(), asServer+"=1")
		output, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(output), want) {
			t.Errorf("%v: %v, want %q in\n%s", args, err, want, output)
		}
	}
}
