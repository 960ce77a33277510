package main

import (
	"fmt"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger makes the server's log on stderr. Stack traces are off: the server
// attaches sixty lines to the mere cancellation of a request.
//
// The second result mutes the log for the stop, when the services complain in
// turn that the others are gone. A log that was asked to tell more tells that
// too.
func newLogger(levelName string) (logger log.Logger, mute func(), err error) {
	level, err := zap.ParseAtomicLevel(levelName)
	if err != nil {
		return nil, nil, fmt.Errorf("log level: %w", err)
	}
	built := log.BuildZapLogger(log.Config{Level: levelName, Format: "console"})
	adjustable, err := zapcore.NewIncreaseLevelCore(built.Core(), level)
	if err != nil {
		return nil, nil, fmt.Errorf("log level: %w", err)
	}
	built = built.WithOptions(
		zap.WrapCore(func(zapcore.Core) zapcore.Core { return adjustable }),
		zap.AddStacktrace(zapcore.InvalidLevel),
	)
	mute = func() {
		if level.Level() >= zapcore.WarnLevel {
			level.SetLevel(zapcore.FatalLevel)
		}
	}
	return log.NewZapLogger(built), mute, nil
}
