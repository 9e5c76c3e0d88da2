//go:build !race

package crmsync

// histories is how many histories the property test draws on each database.
const histories = 100
