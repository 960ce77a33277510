package store

import (
	"fmt"
	"sync"
	"time"

	// Zones must load on machines without a zone database.
	_ "time/tzdata"
)

// zones are those that were loaded before, by their names.
var zones sync.Map

// LoadZone returns the time zone with the IANA name, such as "Asia/Seoul".
func LoadZone(name string) (*time.Location, error) {
	known, _ := zones.Load(name)
	if zone, ok := known.(*time.Location); ok {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not a time zone such as Asia/Seoul", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

// Zone returns the store's time zone; fallback for a store that names none.
func (s Store) Zone(fallback *time.Location) *time.Location {
	if zone, err := LoadZone(s.TimeZone); err == nil {
		return zone
	}
	return fallback
}
