// Package live pushes changes to browsers as server-sent events: of one order, of a
// store's board, of its menu.
//
// Start at [Feed] in feed.go, which hears of changes. watched.go has what the streams of
// this process show, by store; catchup.go reads what has changed of that, once for all
// streams, and menufeed.go the menus. A client's stream (stream.go) sends what waits in its
// subscription (subscription.go); streamlimit.go says how many streams there may be.
// orderevents.go, boardevents.go and menuevents.go are the three resources.
package live
