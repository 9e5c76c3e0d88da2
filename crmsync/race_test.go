//go:build race

package crmsync

// histories is how many histories the property test draws on each database: SQLite is twenty times slower
// under the race detector.
const histories = 25
