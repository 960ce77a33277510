package toss

import (
	"fmt"
	"time"
)

// newKeyEvery is how often a key is changed that answers with an error which passes. It is
// longer than a call takes: only the keys of this time and the last one can be in use.
const newKeyEvery = 10 * time.Second

// anotherKey returns the key to use instead of one that has kept an error, now or so many
// changes from now: the same for all who need one at the same time.
func (g *Gateway) anotherKey(key string, changes int64) string {
	return fmt.Sprintf("%s/%d", key, g.now().Unix()/int64(newKeyEvery.Seconds())+changes)
}
