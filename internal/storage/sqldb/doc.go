// Package sqldb runs SQL on both databases: prepared queries and transactions, what
// their errors mean, page tokens, and how times and tokens are stored. It knows no table.
// Start at [Pool], [Get], [List] and [Exec]; [Wrap] makes of their errors what callers get.
package sqldb
