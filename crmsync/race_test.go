//go:build race

package crmsync

// histories is how many the property test invents on each database: SQLite is
// twenty times slower under the race detector.
const histories = 25
