//go:build race

package mirror

// histories is how many the property test invents on each database: SQLite is
// twenty times slower under the race detector.
const histories = 25
