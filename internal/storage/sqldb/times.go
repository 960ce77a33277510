package sqldb

import "time"

// OneDay is a day of 24 hours.
const OneDay = 24 * time.Hour

// Micros returns how a time is stored.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// TimeOf returns the time that is stored as micros.
func TimeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
