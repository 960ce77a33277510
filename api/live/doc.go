// Package live pushes changes to browsers as server-sent events: of one order, of the
// board, of the menu.
//
// Start at [Feed] in feed.go, which reads each change once for all streams of the
// process. A client's stream (stream.go) sends what waits in its subscription
// (subscription.go); streamlimit.go says how many streams there may be. orderevents.go,
// boardevents.go and menuevents.go are the three resources.
package live
