package main

import (
	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
)

type replayCommand struct {
	Files []string `arg:"" name:"file" help:"Histories as JSON: from the Web UI's Download, or from temporal workflow show --output json."`
}

// Run checks recorded histories against this build's workflow.
func (c replayCommand) Run(env app.Environment) error { return operator.ReplayHistories(env, c.Files) }
