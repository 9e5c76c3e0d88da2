//go:build !race

package crmsync

// histories is how many the property test invents on each database.
const histories = 100
