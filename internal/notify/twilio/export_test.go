package twilio

import (
	"maps"
	"slices"
)

// KnownCodes returns Twilio's error codes whose meaning is known, in order.
func KnownCodes() []int {
	return slices.Sorted(maps.Keys(knownErrors))
}
